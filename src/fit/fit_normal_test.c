// SPDX-License-Identifier: Apache-2.0
#include "fit/fit_normal.h"

#include <math.h>

#include "check.h"

static struct sw_error err;

/* One engine alone, whose TPOT depends on two coefficients and whose TTFT was not measured: by hand. */
struct fixture {
	struct sw_mix mix;
	struct sw__case_engine engine;
	struct sw__case one;
	size_t entry[2];
	double ttft_slope[2], tpot_slope[2], value[2], prior[2], scanned[2];
	struct sw__cases cases;
};

/* Deviation of a mean TPOT of one run without chance in the play, and no doubt in its steps. */
static const double NOISE = 0.015;

static void fixture_make(struct fixture *f)
{
	*f = (struct fixture){.mix = {.n = 1}, .entry = {0, 1}};
	f->tpot_slope[0] = 1;
	f->tpot_slope[1] = 0.5;
	f->prior[0] = 0.1;
	f->prior[1] = 0.2;
	f->engine.mean[SW_TTFT] = NAN;
	f->engine.mean[SW_TPOT] = log(11);
	f->engine.played.at[SW_TPOT][SW_MEAN] = log(10.9);
	f->engine.slope[SW_TTFT] = f->ttft_slope;
	f->engine.slope[SW_TPOT] = f->tpot_slope;
	f->one = (struct sw__case){.mix = &f->mix,
				   .repeats = 1,
				   .n_entries = 2,
				   .entry = f->entry,
				   .engine = &f->engine};
	f->cases = (struct sw__cases){.n = 1, .at = &f->one};
	f->cases.vector = (struct sw__vector){
		.n = 2, .value = f->value, .prior = f->prior, .scanned = f->scanned};
}

TEST(the_step_is_that_of_least_squares_by_hand)
{
	struct fixture f;
	struct sw__normal s;
	double r = log(11) - log(10.9), w = 1 / (NOISE * NOISE);
	/* (S^-1 + w a a') x = w a r has x = S a r / (a' S a + 1 / w): one equation, two priors. */
	double s0 = 0.1 * 0.1 * 1, s1 = 0.2 * 0.2 * 0.5;
	double under = s0 * 1 + s1 * 0.5 + 1 / w;
	double *covariance = NULL;

	fixture_make(&f);
	CHECK_INT(sw__normal_make(2, &s, &err), SW_OK);
	sw__normal_set(&f.cases, &s);
	CHECK_INT(sw__normal_solve(&s, &err), SW_OK);
	CHECK_NEAR(gsl_vector_get(s.step, 0), s0 * r / under, 1e-9);
	CHECK_NEAR(gsl_vector_get(s.step, 1), s1 * r / under, 1e-9);
	CHECK_NEAR(sw__case_change(&f.one, 0, SW_TPOT, s.step), (s0 + 0.5 * s1) * r / under, 1e-9);
	CHECK_INT(sw__normal_invert(&s, &covariance, &err), SW_OK);
	CHECK_NEAR(covariance[0], 0.01 - s0 * s0 / under, 1e-9);
	CHECK_NEAR(covariance[1], -s0 * s1 / under, 1e-9);
	free(covariance);
	/* Without the case nothing is left but priors, which are where they should be. */
	sw__normal_without(&f.one, &s);
	CHECK_INT(sw__normal_solve(&s, &err), SW_OK);
	CHECK_NEAR(1 + gsl_vector_get(s.step, 0), 1, 1e-9);
	sw__normal_clear(&s);
}

TEST(what_is_far_off_counts_by_its_size)
{
	struct fixture f;
	double off = log(11.0 / 10.9) / NOISE;

	fixture_make(&f);
	CHECK_NEAR(sw__cases_objective(&f.cases), off * off, 1e-9);
	f.engine.played.at[SW_TPOT][SW_MEAN] = log(10);
	off = log(1.1) / NOISE;
	CHECK_NEAR(sw__cases_objective(&f.cases), 2 * (2 * off - 2), 1e-9);
	f.value[1] = 0.2; /* a prior's deviation away */
	CHECK_NEAR(sw__cases_objective(&f.cases), 2 * (2 * off - 2) + 1, 1e-9);
	CHECK_NEAR(sw__group_objective(&f.cases, 0, NULL), 2 * (2 * off - 2), 1e-9);
	CHECK_NEAR(1 + sw__group_objective(&f.cases, 1, NULL), 1, 0);
}

/* It would be cheap otherwise to make everything so slow that nothing can be compared. */
TEST(overload_where_none_was_costs)
{
	struct fixture f;

	fixture_make(&f);
	f.engine.played.at[SW_TPOT][SW_MEAN] = NAN;
	CHECK_NEAR(1 + sw__cases_objective(&f.cases), 1, 0);
	f.engine.overload = true;
	CHECK(sw__cases_objective(&f.cases) > 4);
}

TEST(nothing_pulls_at_what_was_scanned)
{
	struct fixture f;
	struct sw__normal s;
	double *covariance = NULL;

	fixture_make(&f);
	f.tpot_slope[1] = 0;
	f.value[1] = -0.7;
	f.scanned[1] = 0.06;
	CHECK_INT(sw__normal_make(2, &s, &err), SW_OK);
	sw__normal_set(&f.cases, &s);
	CHECK_INT(sw__normal_solve(&s, &err), SW_OK);
	CHECK_NEAR(1 + gsl_vector_get(s.step, 1), 1, 1e-12);
	CHECK_INT(sw__normal_invert(&s, &covariance, &err), SW_OK);
	CHECK_NEAR(covariance[3], 0.06 * 0.06, 1e-9);
	free(covariance);
	sw__normal_clear(&s);
}

TEST_MAIN()

// SPDX-License-Identifier: Apache-2.0
#include "fit/fit_few.h"

#include "fit/fit_fixture.h"

static struct sw_error err;

/* Two runs of one engine each, predicted with slopes. */
struct two {
	struct sw_runs runs;
	struct sw__cases cases;
	struct sw__normal normal;
	struct sw__descent how;
};

static void two_open(struct two *t)
{
	const struct truth truth = {1.2, 1.1, 1, 1, 1, 0, 0};

	memset(t, 0, sizeof(*t));
	for (int k = 0; k < 2; k++) {
		struct played_fixture p;
		char name[16];

		(void)snprintf(name, sizeof(name), "mix-%d", k);
		played_open(&p, "a100-sxm4-80gb", SW_MPS);
		played_add(&p, "qwen3-1.7b", 0.5, 2 + 6 * k);
		add_run(&t->runs, &p, &truth, name, 1);
		played_close(&p);
	}
	CHECK_INT(sw__cases_make(&t->runs, &t->cases, &err), SW_OK);
	CHECK_INT(sw__normal_make(t->cases.vector.n, &t->normal, &err), SW_OK);
	t->how = (struct sw__descent){.predicting = {.requests = 60,
						     .chance = 0.05,
						     .part = 1,
						     .threads = 1,
						     .slopes = true,
						     .slopes_part = 0.5},
				      .normal = &t->normal};
	CHECK_INT(sw__cases_predict_now(&t->cases, &t->how.predicting, &err), SW_OK);
	t->how.predicting.slopes = false;
}

static void two_close(struct two *t)
{
	sw__normal_clear(&t->normal);
	sw__cases_clear(&t->cases);
	sw_runs_clear(&t->runs);
}

/* Decodes that are slower than the calibration's leave less where they are so predicted; the cases themselves stay as they were. */
TEST(the_value_of_the_truth_leaves_least)
{
	struct two t;
	struct sw__cases few;
	struct sw__few_best best = {0, INFINITY};
	struct sw__few_entry entry;
	double before;

	two_open(&t);
	entry = (struct sw__few_entry){t.cases.at[0].group,
				       (int)t.cases.vector.gpu[0].at + SW__MODEL_decode};
	before = t.cases.at[0].engine[0].played.at[SW_TPOT][SW_MEAN];
	CHECK_INT(sw__few_make(&t.cases, &few, &err), SW_OK);
	for (size_t i = 0; i < t.cases.n; i++)
		CHECK_INT(sw__few_add(&t.cases.at[i], &few, &err), SW_OK);
	/* A step may go on from each: what is tried is far enough from the truth that a linear one leaves something. */
	for (int k = -1; k <= 1; k++)
		CHECK_INT(sw__few_left_at(&few, &entry, &t.how, log(1.1) + k * 0.9, &best, &err),
			  SW_OK);
	CHECK_NEAR(best.at, log(1.1), 1e-12);
	CHECK(isfinite(best.left));
	CHECK_NEAR(t.cases.at[0].engine[0].played.at[SW_TPOT][SW_MEAN], before, 0);
	CHECK_NEAR(t.cases.vector.value[entry.at], 0, 0);
	sw__few_clear(&few);
	two_close(&t);
}

TEST(nothing_is_less_than_what_left_nothing)
{
	struct two t;
	struct sw__cases few;
	struct sw__few_best least = {5, 0};
	struct sw__few_entry entry;

	two_open(&t);
	entry = (struct sw__few_entry){t.cases.at[0].group,
				       (int)t.cases.vector.gpu[0].at + SW__MODEL_decode};
	CHECK_INT(sw__few_make(&t.cases, &few, &err), SW_OK);
	CHECK_INT(sw__few_add(&t.cases.at[1], &few, &err), SW_OK);
	CHECK_INT(sw__few_left_at(&few, &entry, &t.how, 2, &least, &err), SW_OK);
	CHECK_NEAR(least.at, 5, 0);
	CHECK_NEAR(least.left, 0, 0);
	sw__few_clear(&few);
	two_close(&t);
}

TEST_MAIN()

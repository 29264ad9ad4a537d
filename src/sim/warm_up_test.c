// SPDX-License-Identifier: Apache-2.0
#include "sim/warm_up.h"

#include "base/random.h"
#include "check.h"

enum { LONGEST = 400 };

/* The squared standard error of the mean of all whole batches from `from` on, by the book. */
static double error_from(const double *x, size_t batches, size_t from)
{
	double means[LONGEST / 5], mean = 0, squares = 0, kept = (double)(batches - from);

	for (size_t b = from; b < batches; b++) {
		means[b] =
			(x[5 * b] + x[5 * b + 1] + x[5 * b + 2] + x[5 * b + 3] + x[5 * b + 4]) / 5;
		mean += means[b] / kept;
	}
	for (size_t b = from; b < batches; b++)
		squares += (means[b] - mean) * (means[b] - mean);
	return squares / (kept * kept);
}

static size_t brute_force(const double *x, size_t n)
{
	size_t batches = n / 5, best = 0;

	for (size_t from = 1; n >= 20 && from <= batches / 2; from++)
		if (error_from(x, batches, from) < error_from(x, batches, best))
			best = from;
	return 5 * best;
}

TEST(as_by_brute_force)
{
	struct sw__random random = sw__random_make(7, 1);
	size_t cut_ones = 0;

	for (size_t trial = 0; trial < 500; trial++) {
		double x[LONGEST], decay = 1 + 60 * sw__random_uniform(&random);
		double start = 20 * sw__random_normal(&random);
		size_t n = sw__random_below(&random, LONGEST + 1);

		for (size_t i = 0; i < n; i++)
			x[i] = 100 + start * exp(-(double)i / decay) + sw__random_normal(&random);
		CHECK_INT(sw__warm_up(x, n), brute_force(x, n));
		cut_ones += brute_force(x, n) > 0;
	}
	CHECK(cut_ones > 100 && cut_ones < 500);
}

TEST(a_step_at_the_start_is_found)
{
	struct sw__random random = sw__random_make(3, 1);
	double x[200];

	for (size_t i = 0; i < 200; i++)
		x[i] = (i < 40 ? 30 : 10) + 0.1 * sw__random_normal(&random);
	/* Never less than the step; a batch more where chance would have it. */
	CHECK(sw__warm_up(x, 200) >= 40 && sw__warm_up(x, 200) <= 100);
	for (size_t i = 40; i < 200; i++)
		x[i] = i % 5 == 0 ? 12 : 10; /* all batches alike */
	CHECK_INT(sw__warm_up(x, 200), 40);
}

TEST(at_most_half)
{
	double x[103];

	for (size_t i = 0; i < 103; i++)
		x[i] = -(double)i; /* it never settles */
	CHECK_INT(sw__warm_up(x, 103), brute_force(x, 103));
	for (size_t i = 0; i < 103; i++)
		x[i] = i < 55 ? 10 : 1; /* half is all that may go */
	CHECK_INT(sw__warm_up(x, 103), 50);
}

/* Of which each is as good as the other: nothing is left out, whatever the number's binary fraction. */
TEST(constant_series)
{
	static const double values[] = {0, 1, 0.1, 1.0 / 3, 12.3456789e3, 1e-9, -7.7};
	double x[300];

	for (size_t v = 0; v < sizeof(values) / sizeof(values[0]); v++) {
		for (size_t i = 0; i < 300; i++)
			x[i] = values[v];
		for (size_t n = 20; n <= 300; n++)
			if (!CHECK(sw__warm_up(x, n) == 0))
				break;
	}
}

/* A variation that is small beside the mean: what a sum of squares would lose. */
TEST(far_from_zero)
{
	struct sw__random random = sw__random_make(5, 1);
	double x[200], moved[200];

	for (size_t i = 0; i < 200; i++) {
		x[i] = (i < 30 ? 3 : 0) + floor(8 * sw__random_uniform(&random));
		moved[i] = x[i] + 0x1p30;
	}
	CHECK_INT(sw__warm_up(moved, 200), sw__warm_up(x, 200));
	CHECK(sw__warm_up(x, 200) >= 30);
}

TEST(fewer_than_twenty)
{
	double x[20] = {100, 100, 100, 100, 100};

	CHECK_INT(sw__warm_up(NULL, 0), 0);
	CHECK_INT(sw__warm_up(x, 19), 0);
	CHECK_INT(sw__warm_up(x, 20), 5);
}

/* Runs that all begin high, in a noise in which no single one shows it. */
TEST(what_runs_have_in_common)
{
	struct sw__random random = sw__random_make(2, 1);
	struct sw__onset onset = {0};
	double x[LONGEST];

	for (int run = 0; run < 64; run++) {
		for (size_t i = 0; i < LONGEST; i++)
			x[i] = 10 + (i < 60 ? 3 : 0) + 8 * sw__random_normal(&random);
		CHECK(sw__onset_add(&onset, x, LONGEST));
	}
	CHECK_INT(onset.runs, 64);
	CHECK(sw__onset_warm_up(&onset) >= 55 && sw__onset_warm_up(&onset) <= 70);
	sw__samples_free(&onset.sum);
}

TEST(runs_of_different_lengths)
{
	static const double first[] = {1, 2, 3, 4}, second[] = {10, 20}, third[] = {5, 5, 5};
	struct sw__onset onset = {0};

	CHECK_INT(sw__onset_warm_up(&onset), 0);
	CHECK(sw__onset_add(&onset, first, 4) && onset.sum.n == 4);
	CHECK(sw__onset_add(&onset, second, 2) && onset.sum.n == 2);
	CHECK(sw__onset_add(&onset, third, 3) && onset.sum.n == 2);
	CHECK_NEAR(onset.sum.x[0], 16, 0);
	CHECK_NEAR(onset.sum.x[1], 27, 0);
	CHECK(sw__onset_add(&onset, NULL, 0) && onset.sum.n == 0); /* one without an answer */
	CHECK(sw__onset_add(&onset, first, 4) && onset.sum.n == 0);
	sw__samples_free(&onset.sum);
}

TEST_MAIN()

// SPDX-License-Identifier: Apache-2.0
#include "predict/played_statistics.h"

#include <math.h>

#include "check.h"

enum { VALUES = 400, TRIALS = 600 };

/* An engine whose TTFT are exponential, in runs of `alike` equal ones after another. */
static void ask_exponential(struct sw__random *random, size_t alike, double *room,
			    struct sw__played_engine *e)
{
	double value = 0;

	*e = (struct sw__played_engine){.ttft_ms = room, .n_ttft = VALUES};
	for (size_t i = 0; i < VALUES; i++) {
		struct sw__played_part *part = &e->part[i * SW__PLAYED_PARTS / VALUES];

		if (i % alike == 0)
			value = -100 * log(1 - sw__random_uniform(random));
		room[i] = value;
		part->sum[SW_TTFT] += value;
		part->n[SW_TTFT]++;
	}
}

struct seen {
	double sum, squares,
		chance; /* over trials: of the latency and of its logarithm's deviation as told */
};

static double deviation(const struct seen *s)
{
	double mean = s->sum / TRIALS;

	return sqrt(s->squares / TRIALS - mean * mean) / mean;
}

static void try_often(size_t alike, struct seen *seen)
{
	struct sw__random random = sw__random_make(3, alike);
	static double room[VALUES];
	struct sw__played_engine e;
	struct sw__played out;

	for (int trial = 0; trial < TRIALS; trial++) {
		ask_exponential(&random, alike, room, &e);
		sw__played_sum_up(&e, &out);
		for (int s = 0; s < SW_STATISTIC_COUNT; s++) {
			double x = out.ms[SW_TTFT][s];

			seen[s].sum += x;
			seen[s].squares += x * x;
			seen[s].chance += out.chance_at[SW_TTFT][s] / TRIALS;
		}
	}
}

/* The deviation that 600 plays have is what each of them says of itself. */
TEST(chance_is_what_repeats_differ_by)
{
	struct seen seen[SW_STATISTIC_COUNT] = {0};

	try_often(1, seen);
	CHECK_NEAR(seen[SW_MEAN].sum / TRIALS, 100, 0.02);
	CHECK_NEAR(seen[SW_P95].sum / TRIALS, 299.6, 0.03);
	CHECK_NEAR(seen[SW_MEAN].chance, deviation(&seen[SW_MEAN]), 0.12);
	CHECK_NEAR(seen[SW_P50].chance, deviation(&seen[SW_P50]), 0.25);
	CHECK_NEAR(seen[SW_P95].chance, deviation(&seen[SW_P95]), 0.25);
	CHECK(seen[SW_P99].chance > seen[SW_P95].chance);
}

/* Nine after another alike: as if there were a ninth of them. */
TEST(chance_is_larger_where_values_depend_on_each_other)
{
	struct seen seen[SW_STATISTIC_COUNT] = {0};

	try_often(9, seen);
	CHECK_NEAR(seen[SW_MEAN].chance, deviation(&seen[SW_MEAN]), 0.15);
	CHECK_NEAR(seen[SW_P50].chance, deviation(&seen[SW_P50]), 0.35);
	CHECK_NEAR(seen[SW_P95].chance, deviation(&seen[SW_P95]), 0.35);
}

TEST(nobody_knows_the_chance_in_two)
{
	double room[2] = {3, 5};
	struct sw__played_engine e = {.ttft_ms = room, .n_ttft = 2};
	struct sw__played out;

	sw__played_sum_up(&e, &out);
	CHECK_NEAR(out.ms[SW_TTFT][SW_MEAN], 4, 1e-12);
	CHECK(isnan(out.chance[SW_TTFT]) && isnan(out.chance_at[SW_TTFT][SW_P95]));
	CHECK(isnan(out.ms[SW_TPOT][SW_P50]));
}

TEST_MAIN()

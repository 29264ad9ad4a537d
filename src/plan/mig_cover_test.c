// SPDX-License-Identifier: Apache-2.0
#include "plan/mig_cover.h"

#include "check.h"
#include "plan/fake_oracle.h"
#include "plan/greedy.h"

enum { KINDS = 3, CUTS = 4, DEMANDS_MAX = 3, MOST_GPUS = 4 };

static struct sw_error err;

/* Slices of 1, 2 and 4 quarters of a GPU that can be cut as one likes: 1111, 112, 22, 4. */
static const struct sw__cut cuts[CUTS] = {
	{.price = 1, .count = {4, 0, 0}},
	{.price = 1, .count = {2, 1, 0}},
	{.price = 1, .count = {0, 2, 0}},
	{.price = 1, .count = {0, 0, 1}},
};
static const double share[KINDS] = {0.25, 0.5, 1};
static double group_count[1] = {INFINITY};
static double rate[DEMANDS_MAX], capacity[DEMANDS_MAX * KINDS];
static unsigned exactly[DEMANDS_MAX];
static bool spread[DEMANDS_MAX];

static struct sw__covering covering_of(size_t demands)
{
	return (struct sw__covering){
		.n_kinds = KINDS,
		.share = share,
		.n_cuts = CUTS,
		.cuts = cuts,
		.n_groups = 1,
		.group_count = group_count,
		.n_demands = demands,
		.rate = rate,
		.exactly = exactly,
		.spread = spread,
		.capacity = capacity,
		.nodes = 2000,
	};
}

/* Whether n GPUs serve everything: every cut of each, and all that its slices may be given to. */
static bool give(const double *left, size_t demands, const unsigned *slices)
{
	bool done = true;

	for (size_t d = 0; d < demands; d++)
		done = done && left[d] <= 1e-9;
	if (done)
		return true;
	for (size_t k = 0; k < KINDS; k++)
		for (size_t d = 0; d < demands && slices[k]; d++) {
			double after[DEMANDS_MAX];
			unsigned fewer[KINDS];

			if (left[d] <= 1e-9 || capacity[d * KINDS + k] <= 0)
				continue;
			memcpy(after, left, sizeof(after));
			memcpy(fewer, slices, sizeof(fewer));
			after[d] -= capacity[d * KINDS + k];
			fewer[k]--;
			if (give(after, demands, fewer))
				return true;
		}
	return false;
}

static bool suffice(size_t demands, unsigned n, size_t from, unsigned *slices)
{
	if (n == 0)
		return give(rate, demands, slices);
	for (size_t i = from; i < CUTS; i++) {
		bool ok;

		for (size_t k = 0; k < KINDS; k++)
			slices[k] += cuts[i].count[k];
		ok = suffice(demands, n - 1, i, slices);
		for (size_t k = 0; k < KINDS; k++)
			slices[k] -= cuts[i].count[k];
		if (ok)
			return true;
	}
	return false;
}

static double fraction(uint64_t *random)
{
	return (double)(sw__random(random) % 1000) / 1000;
}

static void draw(size_t demands, uint64_t *random)
{
	for (size_t d = 0; d < demands; d++) {
		rate[d] = 1 + 5 * fraction(random);
		exactly[d] = 0;
		spread[d] = false;
		for (size_t k = 0; k < KINDS; k++)
			capacity[d * KINDS + k] =
				fraction(random) < 0.2 ? 0 : share[k] * (2 + 6 * fraction(random));
	}
}

TEST(as_few_gpus_as_brute_force)
{
	uint64_t random = 7;
	unsigned compared = 0;

	group_count[0] = INFINITY;
	for (int i = 0; i < 60; i++) {
		struct sw__covering in = covering_of(2);
		struct sw__covered out;
		unsigned n = 0, slices[KINDS] = {0};

		draw(2, &random);
		while (n <= MOST_GPUS && !suffice(2, n, 0, slices))
			n++;
		CHECK_INT(sw__mig_cover(&in, &out, &err), SW_OK);
		if (n <= MOST_GPUS) {
			CHECK_NEAR(out.per_hour, n, 1e-9);
			CHECK_NEAR(out.bound_per_hour, n, 1e-6);
			CHECK(out.served[0] && out.served[1]);
			compared++;
		}
		sw__covered_free(&out);
	}
	CHECK(compared > 30);
}

/* What is chosen fits the cuts, and serves what is asked. */
TEST(slices_are_there_and_rates_are_served)
{
	uint64_t random = 11;

	for (int i = 0; i < 20; i++) {
		struct sw__covering in = covering_of(3);
		struct sw__covered out;

		draw(3, &random);
		CHECK_INT(sw__mig_cover(&in, &out, &err), SW_OK);
		for (size_t k = 0; k < KINDS; k++) {
			unsigned there = 0, used = 0;

			for (size_t c = 0; c < CUTS; c++)
				there += out.times[c] * cuts[c].count[k];
			for (size_t d = 0; d < 3; d++)
				used += out.engines[d * KINDS + k];
			CHECK(used <= there);
		}
		for (size_t d = 0; d < 3; d++) {
			double served = 0;

			for (size_t k = 0; k < KINDS; k++)
				served += out.engines[d * KINDS + k] * capacity[d * KINDS + k];
			CHECK(served >= rate[d] * (1 - 1e-6) || !out.served[d]);
		}
		sw__covered_free(&out);
	}
}

TEST(wishes_and_counts)
{
	struct sw__covering in = covering_of(2);
	struct sw__covered out;

	for (size_t k = 0; k < KINDS; k++)
		capacity[k] = capacity[KINDS + k] = 4 * share[k];
	rate[0] = 1;
	rate[1] = 3;
	exactly[0] = 2; /* though one would do */
	spread[0] = true;
	exactly[1] = 0;
	spread[1] = false;
	CHECK_INT(sw__mig_cover(&in, &out, &err), SW_OK);
	CHECK_NEAR(out.per_hour, 2, 1e-9);
	CHECK_INT(out.engines[0] + out.engines[1] + out.engines[2], 2);
	sw__covered_free(&out);
	spread[0] = false;
	exactly[0] = 1;
	CHECK_INT(sw__mig_cover(&in, &out, &err), SW_OK);
	CHECK_NEAR(out.per_hour, 1, 1e-9);
	sw__covered_free(&out);
	rate[1] = 4; /* the larger one fills the only GPU: the other is left */
	group_count[0] = 1;
	CHECK_INT(sw__mig_cover(&in, &out, &err), SW_OK);
	CHECK_INT(out.served[0] + out.served[1], 1);
	CHECK_NEAR(out.per_hour, 1, 1e-9);
	sw__covered_free(&out);
	group_count[0] = INFINITY;
}

TEST_MAIN()

// SPDX-License-Identifier: Apache-2.0
#include "sim/overlap.h"

#include "check.h"
#include "slicewise/predict.h"

static struct sw__sim_constants constants;

/* Reads as fast as DRAM allows on half of the SMs; computes nothing to speak of. */
static const struct sw__sim_kernel reader = {
	.sms = 0.5, .dram = 0.9, .traffic = 0.9, .compute = 0.01, .tensor = 0.005};
/* A product of a long prompt on half of the SMs. */
static const struct sw__sim_kernel product = {
	.sms = 0.5, .tensor = 0.35, .compute = 0.7, .dram = 0.05, .traffic = 0.05};
/* Launches, norms: waits for nothing that others have. */
static const struct sw__sim_kernel waiter = {.sms = 0.1, .dram = 0.01, .traffic = 0.01};

struct outcome {
	double rate[SW_TENANTS_MAX];
	struct sw__sim_use use;
};

static struct outcome run(const struct sw__sim_kernel *const *kernels, size_t n, bool isolated)
{
	struct outcome o = {.rate = {0}};

	sw__sim_constants(0, &constants);
	sw__sim_overlap(&constants, kernels, n, isolated, o.rate, &o.use);
	return o;
}

static struct outcome together(const struct sw__sim_kernel *a, const struct sw__sim_kernel *b)
{
	const struct sw__sim_kernel *both[] = {a, b};

	return run(both, 2, false);
}

TEST(a_kernel_alone_runs_at_its_own_speed)
{
	const struct sw__sim_kernel *each[] = {&reader, &product, &waiter};

	for (int i = 0; i < 3; i++)
		CHECK_NEAR(run(&each[i], 1, false).rate[0], 1, 1e-12);
	CHECK_NEAR(run(each, 0, false).use.power, constants.power_idle, 0);
	CHECK_NEAR(run(each, 1, false).use.dram, 0.9, 1e-12);
}

TEST(two_readers_share_what_dram_gives_them_together)
{
	struct outcome o = together(&reader, &reader);

	CHECK_NEAR(o.rate[0], o.rate[1], 1e-12);
	/* 0.83 of the bandwidth for two that ask for 0.9 each: 46 % of their speed, give or take L2 and the knee. */
	CHECK_NEAR(o.rate[0], 0.83 / 1.8, 0.03);
	CHECK_NEAR(o.use.dram, constants.dram_together, 0.03);
}

TEST(a_reader_hardly_feels_a_product_nor_the_product_it)
{
	struct outcome o = together(&reader, &product);

	CHECK(o.rate[0] > 0.8 && o.rate[1] > 0.9);
	CHECK(o.rate[0] > together(&reader, &reader).rate[0] + 0.2);
}

TEST(what_waits_for_nothing_shared_is_left_alone)
{
	CHECK(together(&waiter, &reader).rate[0] > 0.95);
	CHECK(together(&waiter, &reader).rate[1] > 0.9);
}

TEST(launches_of_mps_clients_wait_for_each_other)
{
	struct sw__sim_kernel small = waiter;
	const struct sw__sim_kernel *alone = &small, *two[] = {&small, &reader};

	small.launches_per_ms = 50; /* of 20 us */
	CHECK_NEAR(run(&alone, 1, false).rate[0], 1, 1e-12);
	/* 7 us each are 35 % of its time. */
	CHECK_NEAR(run(two, 2, false).rate[0], together(&waiter, &reader).rate[0] / 1.35, 0.02);
	CHECK_NEAR(run(two, 2, true).rate[0], 1, 1e-12);
}

TEST(caps_that_sum_to_more_than_the_gpu_share_its_sms)
{
	struct sw__sim_kernel whole = product;
	struct outcome o;

	whole.sms = 1;
	whole.tensor = 0.3; /* so that power does not interfere */
	o = together(&whole, &whole);
	CHECK_NEAR(o.rate[0], 0.5, 0.03);
}

TEST(instances_of_mig_share_power_alone)
{
	const struct sw__sim_kernel *readers[] = {&reader, &reader};

	CHECK_NEAR(run(readers, 2, true).rate[0], 1, 1e-9);
}

TEST(clocks_drop_where_power_passes_the_limit_and_slow_what_computes)
{
	struct sw__sim_kernel hot = product;
	const struct sw__sim_kernel *two[] = {&hot, &hot};
	struct outcome o;

	hot.tensor = 0.5;
	o = run(two, 2, true);
	/* 0.22 + 0.75 of the limit on top of idling, 0.8 allowed: (0.8 / 1)^(1 / 2.4). */
	CHECK_NEAR(o.use.clock, pow(0.8 / (0.22 + 0.75 + 0.3 * 0.1), 1 / 2.4), 1e-3);
	CHECK(o.rate[0] < 0.95);
	CHECK_NEAR(o.use.power, 1, 1e-12);
}

TEST(nobody_gains_from_a_neighbour_and_everybody_from_its_absence)
{
	const struct sw__sim_kernel *all[] = {&reader, &product, &waiter, &reader};

	for (size_t n = 2; n <= 4; n++) {
		struct outcome more = run(all, n, false), fewer = run(all, n - 1, false);

		for (size_t i = 0; i < n; i++)
			CHECK(more.rate[i] > 0 && more.rate[i] <= 1);
		for (size_t i = 0; i + 1 < n; i++)
			CHECK(more.rate[i] <= fewer.rate[i] + 1e-12);
	}
}

/* In every world, with any kernels: rates in (0, 1], DRAM within its bandwidth. */
TEST(rates_are_rates_in_all_worlds)
{
	const struct sw__sim_kernel *all[] = {&reader, &product, &waiter, &reader};
	struct sw__sim_use use;
	double rate[4];

	for (uint64_t world = 1; world <= 300; world++) {
		sw__sim_constants(world, &constants);
		sw__sim_overlap(&constants, all, 4, false, rate, &use);
		for (int i = 0; i < 4; i++)
			CHECK(rate[i] > 0 && rate[i] <= 1);
		CHECK(use.dram <= 1 && use.clock <= 1 && use.clock >= constants.clock_floor);
	}
}

TEST_MAIN()

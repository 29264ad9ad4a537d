// SPDX-License-Identifier: Apache-2.0
#include "predict/played_cores.h"

#include "check.h"

TEST(cores_are_filled_like_water)
{
	const double wanted[] = {1, 0.2, 1, 0.5};
	double got[4];

	sw__fill_cores(wanted, 4, 1, got); /* 0.2 is wanted, 0.8 are divided among three */
	CHECK_NEAR(got[1], 0.2, 1e-12);
	CHECK_NEAR(got[0], 0.8 / 3, 1e-12);
	CHECK_NEAR(got[3], 0.8 / 3, 1e-12);
	sw__fill_cores(wanted, 4, 2, got); /* 0.7 are wanted, 1.3 divided among two */
	CHECK_NEAR(got[2], 0.65, 1e-12);
	CHECK_NEAR(got[3], 0.5, 1e-12);
	sw__fill_cores(wanted, 4, INFINITY, got);
	for (int i = 0; i < 4; i++)
		CHECK_NEAR(got[i], wanted[i], 0);
}

TEST(nobody_gets_more_than_the_cores_have_nor_than_it_wants)
{
	const double wanted[] = {0.05, 0.3, 0.3, 0.35, 0.9};

	for (double cores = 0.1; cores < 3; cores += 0.1) {
		double got[5], sum = 0;

		sw__fill_cores(wanted, 5, cores, got);
		for (int i = 0; i < 5; i++) {
			CHECK(got[i] <= wanted[i]);
			sum += got[i];
		}
		CHECK_NEAR(sum, cores < 1.9 ? cores : 1.9, 1e-12);
	}
}

static struct sw_tenant tenant_of(double share, double cores)
{
	return (struct sw_tenant){.slice = {SW_CPU_QUOTA, share, NAN}, .engine = {.cores = cores}};
}

TEST(only_who_computes_takes_a_part_and_rests_cool_the_caches)
{
	const struct sw_tenant full = tenant_of(1, 1), held = tenant_of(0.3, 1);
	struct sw__played_engine engines[3] = {
		{.tenant = &full, .state = SW__PLAYED_GPU, .step.dram_bound = 1},
		{.tenant = &held, .state = SW__PLAYED_GPU, .step.dram_bound = 0.5},
		{.tenant = &full, .state = SW__PLAYED_IDLE},
	};
	struct sw__shared_values shared = sw__shared_unmeasured();

	shared.at[SW__SHARED_cold_caches] = 0.1;
	sw__played_cores(engines, 3, &shared);
	CHECK_NEAR(engines[0].rate, 0.7 / (1 + 0.1 * 0.3), 1e-12);
	CHECK_NEAR(engines[1].rate, 0.3 / (1 + 0.1 * 0.5 * 0.7), 1e-12);
	CHECK_NEAR(engines[2].rate, 0, 0);
	sw__played_cores(engines, 1, &shared);
	CHECK_NEAR(engines[0].rate, 1, 0);
}

TEST(who_answers_goes_first)
{
	const struct sw_tenant full = tenant_of(1, 1), held = tenant_of(0.3, 1);
	struct sw__played_engine engines[2] = {
		{.tenant = &full, .state = SW__PLAYED_GPU, .step.pieces = 2, .piece = 1},
		{.tenant = &held, .state = SW__PLAYED_GPU, .step.pieces = 2, .piece = 2},
	};
	struct sw__shared_values shared = sw__shared_unmeasured();

	shared.at[SW__SHARED_cold_caches] = 0;
	sw__played_cores(engines, 2, &shared);
	CHECK_NEAR(engines[1].rate, 0.3, 1e-12);
	CHECK_NEAR(engines[0].rate, 0.7, 1e-12);
	engines[0].piece = 2;
	engines[1].piece = 1;
	sw__played_cores(engines, 2, &shared);
	CHECK_NEAR(engines[0].rate, 1, 1e-12);
	CHECK_NEAR(engines[1].rate, 0, 1e-12);
}

TEST(engines_on_cores_of_their_own_do_not_meet)
{
	const struct sw_tenant full = tenant_of(1, NAN), held = tenant_of(0.3, NAN);
	struct sw__played_engine engines[2] = {{.tenant = &full, .state = SW__PLAYED_GPU},
					       {.tenant = &held, .state = SW__PLAYED_GPU}};
	struct sw__shared_values shared = sw__shared_unmeasured();

	sw__played_cores(engines, 2, &shared);
	CHECK_NEAR(engines[0].rate, 1, 0);
	CHECK_NEAR(engines[1].rate, 0.3, 0);
}

TEST_MAIN()

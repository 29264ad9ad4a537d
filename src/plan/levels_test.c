// SPDX-License-Identifier: Apache-2.0
#include "plan/levels.h"

#include <stdlib.h>

#include "check.h"
#include "sharing/mechanism.h"

TEST(mps_levels_have_distinct_sms_and_the_smallest_share_for_each)
{
	struct sw_fleet_entry entry = {.gpu = {.id = "g", .sms = 108}, .mechanism = SW_MPS};
	struct sw__levels levels;

	sw__levels_of(&entry, &levels);
	CHECK_INT(levels.n, 55); /* a single SM, then 54 pairs */
	CHECK_NEAR(levels.level[0].share, 0.01, 0);
	CHECK_NEAR(levels.level[54].share, 1, 0);
	for (size_t i = 1; i < levels.n; i++) {
		double share = levels.level[i].share;

		CHECK(sw__mechanism_sms(SW_MPS, &entry.gpu, share) >
		      sw__mechanism_sms(SW_MPS, &entry.gpu, share - 0.01));
	}
	entry.gpu.sms = 10;
	sw__levels_of(&entry, &levels);
	CHECK_NEAR(levels.level[0].share, 0.1, 1e-12);
}

TEST(other_mechanisms)
{
	struct sw_fleet_entry entry = {.gpu = {.id = "g", .sms = 108}, .mechanism = SW_HAMI};
	struct sw__levels levels;

	sw__levels_of(&entry, &levels);
	CHECK_INT(levels.n, 100);
	CHECK_INT(sw__level_for(&levels, 0.305), 30);
	CHECK_INT(sw__level_for(&levels, 0.3), 29);
	CHECK_INT(sw__level_for(&levels, 2), 99);
	entry.mechanism = SW_TIMESLICE;
	sw__levels_of(&entry, &levels);
	CHECK_INT(levels.n, 1);
	CHECK_NEAR(levels.level[0].share, 1, 0);
	entry.mechanism = SW_EXCLUSIVE;
	sw__levels_of(&entry, &levels);
	CHECK_INT(levels.n, 1);
}

TEST(mig_levels_are_profiles_by_size)
{
	struct sw_fleet_entry entry = {
		.gpu = {.id = "g",
			.sms = 108,
			.mig_compute_slices = 7,
			.mig_memory_slices = 8,
			.n_mig = 3,
			.mig = {{.name = "7g", .compute_slices = 7, .memory_gib = 79},
				{.name = "1g+", .compute_slices = 1, .memory_gib = 19},
				{.name = "1g", .compute_slices = 1, .memory_gib = 9}}},
		.mechanism = SW_MIG,
	};
	struct sw__levels levels;

	sw__levels_of(&entry, &levels);
	CHECK_INT(levels.n, 3);
	CHECK_STR(levels.level[0].profile->name, "1g");
	CHECK_STR(levels.level[1].profile->name, "1g+");
	CHECK_NEAR(levels.level[2].share, 1, 1e-12);
	CHECK_NEAR(levels.level[1].memory_gib, 19, 0);
}

TEST_MAIN()

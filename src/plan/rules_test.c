// SPDX-License-Identifier: Apache-2.0
#include "plan/rules.h"

#include "check.h"
#include "plan/fake_oracle.h"

static struct sw_error err;
static struct sw__sizing sizing;

static bool allowed(const size_t *workloads, size_t n)
{
	struct sw__size *sizes[8] = {NULL};

	for (size_t i = 0; i < n; i++)
		CHECK_INT(sw__size_get(&sizing, workloads[i], 0, 1, &sizes[i], &err), SW_OK);
	return sw__rules_allow(&sizing, 0, sizes, n);
}

static struct sw_fleet_entry *start(enum sw_mechanism mechanism)
{
	struct sw_fleet_entry *entry;

	fake_reset();
	entry = fake_add_gpu(mechanism, 100, 15, 1, 2);
	for (int i = 0; i < 4; i++)
		fake_add_workload((struct fake_workload){5, 0.01, 0, 3}, 10, 12);
	return entry;
}

static void open_sizing(void)
{
	CHECK_INT(sw__sizing_open(&fake_problem, &fake_oracle, &sizing, &err), SW_OK);
}

#define TWO   ((size_t[]){0, 1}), 2
#define THREE ((size_t[]){0, 1, 2}), 3
#define SAME  ((size_t[]){0, 0}), 2
#define ONE   ((size_t[]){0}), 1

TEST(shares_and_memory)
{
	(void)start(SW_MPS); /* share 0.4 and 4 GiB each */
	open_sizing();
	CHECK(allowed(TWO));
	CHECK(!allowed(THREE));
	sw__sizing_close(&sizing);
	start(SW_MPS)->gpu.visible_gib = 7.9;
	open_sizing();
	CHECK(!allowed(TWO));
	sw__sizing_close(&sizing);
	(void)start(SW_TIMESLICE); /* no sum of shares, but 16 GiB do not go into 15 */
	open_sizing();
	CHECK(allowed(THREE));
	CHECK(!allowed((size_t[]){0, 1, 2, 3}, 4));
	sw__sizing_close(&sizing);
}

TEST(wishes)
{
	(void)start(SW_MPS);
	fake_asked[0].isolation = SW_ISOLATION_PROCESS;
	open_sizing();
	CHECK(allowed(ONE));
	CHECK(!allowed(TWO));
	sw__sizing_close(&sizing);
	(void)start(SW_TIMESLICE);
	fake_asked[0].isolation = SW_ISOLATION_PROCESS;
	open_sizing();
	CHECK(allowed(TWO));
	fake_asked[0].isolation = SW_ISOLATION_HARDWARE;
	CHECK(!allowed(TWO));
	fake_asked[0].isolation = SW_ISOLATION_SHARED;
	CHECK(allowed(SAME));
	fake_asked[0].spread = true;
	CHECK(!allowed(SAME));
	fake_fleet[0].gpus_per_node = 4;
	fake_fleet[0].cores_per_node = 16;
	CHECK(allowed(TWO));
	CHECK(!allowed(THREE));
	fake_fleet[0].cores_per_node = 2;
	CHECK(allowed(ONE)); /* alone it makes do with what there is */
	sw__sizing_close(&sizing);
}

TEST(mig_slices)
{
	static const struct sw_mig_profile profiles[] = {
		{"3g", 3, 4, 7, 42, 2, 1 | 1 << 4},
		{"4g", 4, 4, 7, 56, 1, 1},
		{"7g", 7, 8, 15, 98, 1, 1},
	};
	struct sw_fleet_entry *entry = start(SW_MIG);
	struct sw__size *sizes[2];
	unsigned char three_and_three[] = {0, 0}, three_and_four[] = {0, 1},
		      four_and_four[] = {1, 1}, all[] = {2, 0};

	entry->gpu.mig_compute_slices = 7;
	entry->gpu.mig_memory_slices = 8;
	entry->gpu.n_mig = 3;
	memcpy(entry->gpu.mig, profiles, sizeof(profiles));
	open_sizing();
	for (size_t i = 0; i < 2; i++)
		CHECK_INT(sw__size_get(&sizing, i, 0, 1, &sizes[i], &err), SW_OK);
	CHECK(sw__rules_allow_levels(&sizing, 0, sizes, three_and_three, 2));
	CHECK(sw__rules_allow_levels(&sizing, 0, sizes, three_and_four, 2));
	CHECK(!sw__rules_allow_levels(&sizing, 0, sizes, four_and_four, 2));
	CHECK(!sw__rules_allow_levels(&sizing, 0, sizes, all, 2));
	sw__sizing_close(&sizing);
}

TEST_MAIN()

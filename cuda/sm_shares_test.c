// SPDX-License-Identifier: Apache-2.0
#include "sm_shares.h"

#include "check.h"

static const struct sm_units h100 = {132, 8, 16}, a100 = {108, 4, 27};

TEST(whole_units_are_given_as_asked_for)
{
	const uint32_t wanted[] = {64, 32, 32};
	uint32_t units[3];

	CHECK_INT(sm_shares(&h100, wanted, 3, units, NULL), SW_OK);
	CHECK_INT(units[0], 8);
	CHECK_INT(units[1], 4);
	CHECK_INT(units[2], 4);
}

TEST(halves_of_a_gpu_fit_though_some_sms_belong_to_no_unit)
{
	const uint32_t wanted[] = {66, 66};
	uint32_t units[2];

	CHECK_INT(sm_shares(&h100, wanted, 2, units, NULL), SW_OK);
	CHECK_INT(units[0], 8);
	CHECK_INT(units[1], 8);
}

TEST(a_unit_that_is_left_goes_to_who_misses_most)
{
	const uint32_t wanted[] = {70, 61}, small[] = {6, 11, 7};
	uint32_t units[3];

	CHECK_INT(sm_shares(&h100, wanted, 2, units, NULL), SW_OK);
	CHECK_INT(units[0], 9); /* 6 were missing; of the other, 5 */
	CHECK_INT(units[1], 7);
	/* Half a unit is not worth another; more than half is, while there are any. */
	CHECK_INT(sm_shares(&a100, small, 3, units, NULL), SW_OK);
	CHECK_INT(units[0], 1);
	CHECK_INT(units[1], 3);
	CHECK_INT(units[2], 2);
}

TEST(what_cannot_be_given_is_refused)
{
	const uint32_t low[] = {64, 7}, many[] = {100, 40}, cut[] = {64, 64};
	const struct sm_units uneven = {132, 8, 15};
	struct sw_error err;
	uint32_t units[2];

	CHECK_INT(sm_shares(&h100, low, 2, units, &err), SW_BAD_INPUT);
	CHECK_STR(err.message, "engine 2: found 7 SMs, expected at least 8, the smallest share of "
			       "this GPU");
	CHECK_INT(sm_shares(&h100, many, 2, units, &err), SW_INFEASIBLE);
	CHECK_STR(err.message, "the engines want 140 SMs, the GPU has 132");
	CHECK_INT(sm_shares(&uneven, cut, 2, units, &err), SW_INFEASIBLE);
	CHECK_STR(err.message, "the engines want 16 units of 8 SMs, the GPU can be cut into 15");
}

TEST_MAIN()

// SPDX-License-Identifier: Apache-2.0
#include "sharing/mechanism.h"

#include <string.h>

#include "check.h"
#include "slicewise/catalog.h"

static const struct sw_gpu a100 = {.id = "a100", .sms = 108};

TEST(a_share_becomes_whole_pairs_of_sms)
{
	CHECK_NEAR(sw__mechanism_sms(SW_MPS, &a100, 1.0), 108, 0);
	CHECK_NEAR(sw__mechanism_sms(SW_MPS, &a100, 0.5), 54, 0);
	CHECK_NEAR(sw__mechanism_sms(SW_MPS, &a100, 0.3), 32, 0);
	CHECK_NEAR(sw__mechanism_sms(SW_MPS, &a100, 0.001), 1, 0);
	CHECK_NEAR(sw__mechanism_sms(SW_TIMESLICE, &a100, 0.3), 108, 0);
	CHECK_NEAR(sw__mechanism_sms(SW_HAMI, &a100, 0.3), 108, 0);
	CHECK_NEAR(sw__mechanism_sms(SW_CPU_QUOTA, &(struct sw_gpu){.id = "host"}, 0.3), 1, 0);
	for (int percent = 2; percent <= 100; percent += 2) {
		double sms =
			sw__mechanism_sms(SW_MPS, &(struct sw_gpu){.sms = 100}, percent / 100.0);

		CHECK_NEAR(sms, percent, 0);
	}
}

TEST(a_launch_limit_binds_only_eager_engines)
{
	CHECK_NEAR(sw__mechanism_duty_stretch(SW_HAMI, 0.25, false), 4, 0);
	CHECK_NEAR(sw__mechanism_duty_stretch(SW_HAMI, 0.25, true), 1, 0);
	CHECK_NEAR(sw__mechanism_duty_stretch(SW_MPS, 0.25, false), 1, 0);
	CHECK_NEAR(sw__mechanism_duty_stretch(SW_CPU_QUOTA, 0.25, true), 4, 0);
}

TEST(a_limiter_holds_eager_engines_below_all_of_a_gpu)
{
	CHECK(sw__mechanism_holds(SW_HAMI, 0.99, false));
	CHECK(!sw__mechanism_holds(SW_HAMI, 1, false));
	CHECK(!sw__mechanism_holds(SW_HAMI, 0.5, true));
	CHECK(!sw__mechanism_holds(SW_MPS, 0.5, false));
	CHECK(!sw__mechanism_holds(SW_CPU_QUOTA, 0.5, false));
}

TEST(impossible_slices_are_refused_in_words)
{
	struct sw_error err;

	CHECK_INT(sw__mechanism_check(SW_MPS, &a100, 0.5, &err), SW_OK);
	CHECK_INT(sw__mechanism_check(SW_MPS, &a100, 0, &err), SW_BAD_INPUT);
	CHECK_INT(sw__mechanism_check(SW_MPS, &a100, NAN, &err), SW_BAD_INPUT);
	CHECK_INT(sw__mechanism_check(SW_MPS, &a100, 1.5, &err), SW_BAD_INPUT);
	CHECK_INT(sw__mechanism_check(SW_MPS, &a100, 0.009, &err), SW_BAD_INPUT);
	CHECK(strstr(err.message, "at least one of the 108 SMs"));
	CHECK_INT(sw__mechanism_check(SW_EXCLUSIVE, &a100, 0.5, &err), SW_BAD_INPUT);
	CHECK_INT(sw__mechanism_check(SW_MIG, &a100, 0.5, &err), SW_BAD_INPUT);
}

TEST(every_mechanism_has_its_row)
{
	for (int i = 0; i < SW_MECHANISM_COUNT; i++)
		CHECK_STR(sw__mechanism((enum sw_mechanism)i)->id,
			  sw_mechanism_name((enum sw_mechanism)i));
}

TEST_MAIN()

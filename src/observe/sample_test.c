// SPDX-License-Identifier: Apache-2.0
#include "observe/sample.h"

#include "check.h"

TEST(a_new_sample_knows_nothing)
{
	struct sw_device_sample s = sw__sample_unknown(5);

	CHECK_NEAR(s.time_s, 5, 0);
	CHECK_INT(s.known, 0);
	CHECK(isnan(s.sm_percent) && isnan(s.memory_total_mib));
}

TEST(a_field_has_value_bit_and_name)
{
	struct sw_device_sample s = sw__sample_unknown(0);

	sw__sample_set(&s, SW_DEVICE_POWER, 0);
	CHECK(sw_device_knows(&s, SW_DEVICE_POWER));
	CHECK(!sw_device_knows(&s, SW_DEVICE_POWER_LIMIT));
	CHECK_NEAR(s.power_w, 0, 0);
	CHECK(isnan(s.power_limit_w));
	CHECK_STR(sw__field_name(SW_DEVICE_POWER), "power_w");
	CHECK_NEAR(sw__sample_value(&s, SW_DEVICE_POWER), 0, 0);
}

TEST(a_window_has_the_same_fields)
{
	struct sw_device_window w;

	CHECK(sw__window_field(&w, SW_DEVICE_SM_PERCENT) == &w.sm_percent);
	CHECK(sw__window_field(&w, SW_DEVICE_MEMORY_TOTAL) == &w.memory_total_mib);
}

TEST_MAIN()

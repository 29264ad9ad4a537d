// SPDX-License-Identifier: Apache-2.0
#include "check.h"
#include "slicewise/observe.h"

TEST(power_and_temperature_hold_clocks_back)
{
	CHECK(sw_clocks_held_back(SW_CLOCKS_POWER_CAP));
	CHECK(sw_clocks_held_back(SW_CLOCKS_HW_SLOWDOWN));
	CHECK(sw_clocks_held_back(SW_CLOCKS_SW_THERMAL | SW_CLOCKS_IDLE));
	CHECK(sw_clocks_held_back(SW_CLOCKS_HW_THERMAL));
	CHECK(sw_clocks_held_back(SW_CLOCKS_POWER_BRAKE));
	CHECK(sw_clocks_held_back(SW_CLOCKS_SYNC_BOOST));
}

TEST(idling_and_settings_do_not)
{
	CHECK(!sw_clocks_held_back(0));
	CHECK(!sw_clocks_held_back(SW_CLOCKS_IDLE | SW_CLOCKS_SETTING | SW_CLOCKS_DISPLAY));
	CHECK(!sw_clocks_held_back(1ULL << 40));
}

TEST(reasons_have_words)
{
	char out[200];

	CHECK_STR(sw_clocks_words(0, out, sizeof(out)), "none");
	CHECK_STR(sw_clocks_words(SW_CLOCKS_IDLE, out, sizeof(out)), "idle");
	CHECK_STR(sw_clocks_words(SW_CLOCKS_SW_THERMAL | SW_CLOCKS_POWER_CAP, out, sizeof(out)),
		  "power cap, temperature (software)");
	CHECK_STR(sw_clocks_words(SW_CLOCKS_POWER_CAP | 0x800, out, sizeof(out)),
		  "power cap, unnamed reason 0x800");
}

TEST(words_are_cut_to_their_array)
{
	char out[16];

	for (size_t capacity = 1; capacity <= sizeof(out); capacity++) {
		memset(out, '#', sizeof(out));
		(void)sw_clocks_words(~0ULL, out, capacity);
		CHECK_INT(strlen(out), capacity - 1);
		CHECK(capacity == sizeof(out) || out[capacity] == '#');
	}
}

TEST_MAIN()

// SPDX-License-Identifier: Apache-2.0
#include "plan/slot_memo.h"

#include "check.h"

enum { KEYS = 2000 };

static struct sw__memo_key key_of(size_t i)
{
	struct sw__memo_key key = {.fleet = i % 3, .running = i % 7, .n = 2};

	key.want[0] = (struct sw__want){i, i + 1};
	key.want[1] = (struct sw__want){i / 2, SW__NONE};
	key.replicas[0] = 1 + (unsigned)(i % 5);
	key.replicas[1] = 1;
	return key;
}

TEST(every_key_keeps_its_own)
{
	struct sw__memo memo = {0};
	struct sw__slot slot = {0};
	bool fits;

	for (size_t i = 0; i < KEYS; i++) {
		struct sw__memo_key key = key_of(i);

		CHECK(!sw__memo_find(&memo, &key, &fits, &slot));
		slot.price = (double)i;
		CHECK_INT(sw__memo_add(&memo, &key, i % 4 > 0, &slot, NULL), SW_OK);
	}
	for (size_t i = 0; i < KEYS; i++) {
		struct sw__memo_key key = key_of(i);

		CHECK(sw__memo_find(&memo, &key, &fits, &slot));
		CHECK(fits == (i % 4 > 0));
		if (fits)
			CHECK_NEAR(slot.price, (double)i, 0);
		key.replicas[0]++;
		CHECK(!sw__memo_find(&memo, &key, &fits, &slot));
	}
	sw__memo_close(&memo);
}

TEST_MAIN()

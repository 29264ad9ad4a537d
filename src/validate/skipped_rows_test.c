// SPDX-License-Identifier: Apache-2.0
#include "validate/skipped_rows.h"

#include "check.h"

TEST(rows_are_counted_by_reason_in_the_order_of_the_reasons)
{
	struct sw_validation v = {0};

	CHECK_INT(sw__skip_rows(&v, 2, "b", NULL), SW_OK);
	CHECK_INT(sw__skip_rows(&v, 1, "a", NULL), SW_OK);
	CHECK_INT(sw__skip_rows(&v, 3, "b", NULL), SW_OK);
	CHECK_INT(sw__skip_rows(&v, 0, "c", NULL), SW_OK);
	CHECK_INT(v.n_skipped, 2);
	CHECK_STR(v.skipped[0].why, "b");
	CHECK_INT(v.skipped[0].rows, 5);
	CHECK_STR(v.skipped[1].why, "a");
	CHECK_INT(v.skipped[1].rows, 1);
	sw__skipped_rows_free(&v);
	CHECK(!v.skipped && v.n_skipped == 0);
}

TEST_MAIN()

// SPDX-License-Identifier: Apache-2.0
#include "plan/tolerance.h"

#include <stdlib.h>

#include "check.h"

static struct sw_error err;

TEST(what_missed_a_limit_misses_it_beside_more_and_nothing_else_is_known)
{
	struct sw__size size = {0};

	CHECK_NEAR(sw__tolerance_miss(&size, 3, 5), 0, 0);
	CHECK_INT(sw__tolerance_learn(&size, 3, 1.2, 1.5, &err), SW_OK);
	CHECK_NEAR(sw__tolerance_miss(&size, 3, 1.3), 1.5, 0);
	CHECK_NEAR(sw__tolerance_miss(&size, 3, 1.1), 0, 0);
	CHECK_NEAR(sw__tolerance_miss(&size, 4, 1.3), 0, 0);
	CHECK_NEAR(sw__tolerance_miss(&size, 3, NAN), 0, 0);
	CHECK_INT(sw__tolerance_learn(&size, 3, 1.1, 1.05, &err), SW_OK);
	CHECK_NEAR(sw__tolerance_miss(&size, 3, 1.15), 1.05, 0);
	free(size.tolerance);
}

TEST(who_holds_or_is_not_one_number_teaches_nothing)
{
	struct sw__size size = {0};

	CHECK_INT(sw__tolerance_learn(&size, 0, 1.2, 0, &err), SW_OK);
	CHECK_INT(sw__tolerance_learn(&size, 0, NAN, 2, &err), SW_OK);
	CHECK_NEAR(sw__tolerance_miss(&size, 0, 9), 0, 0);
	CHECK_INT(sw__tolerance_learn(&size, 0, 1.2, INFINITY, &err), SW_OK);
	CHECK_INT(sw__tolerance_learn(&size, 0, 1.4, 1.1, &err), SW_OK);
	CHECK(isinf(sw__tolerance_miss(&size, 0, 1.5)));
	free(size.tolerance);
}

TEST_MAIN()

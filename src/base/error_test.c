// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"

#include <string.h>

#include "check.h"

TEST(every_status_has_a_name_and_the_exit_status_of_the_contract)
{
	CHECK_STR(sw_status_name(SW_OK), "SW_OK");
	CHECK_INT(sw_status_exit(SW_OK), 0);
	CHECK_INT(sw_status_exit(SW_USAGE), 1);
	CHECK_INT(sw_status_exit(SW_BAD_INPUT), 2);
	CHECK_INT(sw_status_exit(SW_INFEASIBLE), 3);
	CHECK_INT(sw_status_exit(SW_IO), 4);
	CHECK_STR(sw_status_meaning((enum sw_status)99), "unknown status");
}

TEST(fail_fills_the_error_and_returns_the_status)
{
	struct sw_error err = {SW_OK, ""};

	CHECK_INT(sw_fail(&err, SW_BAD_INPUT, "%s:%d", "a.yaml", 3), SW_BAD_INPUT);
	CHECK_STR(err.message, "a.yaml:3");
	CHECK_INT(err.status, SW_BAD_INPUT);
	CHECK_INT(sw_fail(NULL, SW_IO, "nobody listens"), SW_IO);
}

TEST(a_prefix_keeps_the_first_message)
{
	struct sw_error err;

	sw_fail(&err, SW_IO, "no such file");
	CHECK_INT(sw_fail_in(&err, err.status, "model %s", "x"), SW_IO);
	CHECK_STR(err.message, "model x: no such file");
}

TEST(a_long_message_is_cut_not_overrun)
{
	struct sw_error err;
	char word[3000];

	memset(word, 'x', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	sw_fail(&err, SW_IO, "%s", word);
	CHECK_INT(strlen(err.message), sizeof(err.message) - 1);
	sw_fail_in(&err, SW_IO, "%s", word);
	CHECK_INT(strlen(err.message), sizeof(err.message) - 1);
}

TEST_MAIN()

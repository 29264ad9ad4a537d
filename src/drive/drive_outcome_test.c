// SPDX-License-Identifier: Apache-2.0
#include "drive/drive_outcome.h"

#include "check.h"

/* One letter each: p pieces, f finish_reason, d [DONE], b bytes. */
static struct sw__answer answer_of(const char *letters, enum sw__answer_fault fault)
{
	return (struct sw__answer){
		.pieces = strchr(letters, 'p') != NULL,
		.finished = strchr(letters, 'f') != NULL,
		.done = strchr(letters, 'd') != NULL,
		.bytes = *letters != '\0',
		.fault = fault,
	};
}

TEST(every_way_to_end_has_its_outcome)
{
	static const struct {
		enum sw__http_fate fate;
		int status;
		const char *answer;
		enum sw__answer_fault fault;
		enum sw_drive_outcome outcome;
	} cases[] = {
		{SW__HTTP_ANSWERED, 200, "pfd", 0, SW_DRIVE_OK},
		{SW__HTTP_ANSWERED, 200, "pd", 0, SW_DRIVE_OK},
		{SW__HTTP_ANSWERED, 200, "pf", 0, SW_DRIVE_OK},
		{SW__HTTP_ANSWERED, 200, "p", 0, SW_DRIVE_CUT},
		{SW__HTTP_ANSWERED, 200, "d", 0, SW_DRIVE_GARBAGE},
		{SW__HTTP_ANSWERED, 200, "b", 0, SW_DRIVE_GARBAGE},
		{SW__HTTP_ANSWERED, 200, "", 0, SW_DRIVE_CUT},
		{SW__HTTP_ANSWERED, 307, "", 0, SW_DRIVE_HTTP_3XX},
		{SW__HTTP_ANSWERED, 404, "b", 0, SW_DRIVE_HTTP_4XX},
		{SW__HTTP_ENOUGH, 503, "b", 0, SW_DRIVE_HTTP_5XX},
		{SW__HTTP_CUT, 500, "b", 0, SW_DRIVE_HTTP_5XX},
		{SW__HTTP_ANSWERED, 600, "b", 0, SW_DRIVE_GARBAGE},
		{SW__HTTP_UNREACHABLE, 0, "", 0, SW_DRIVE_REFUSED},
		{SW__HTTP_CUT, 0, "", 0, SW_DRIVE_CUT},
		{SW__HTTP_CUT, 200, "p", 0, SW_DRIVE_CUT},
		{SW__HTTP_CUT, 200, "pf", 0, SW_DRIVE_CUT},
		{SW__HTTP_CUT, 200, "pd", 0, SW_DRIVE_OK},
		{SW__HTTP_MALFORMED, 0, "", 0, SW_DRIVE_GARBAGE},
		{SW__HTTP_MALFORMED, 200, "p", 0, SW_DRIVE_GARBAGE},
		{SW__HTTP_TIMED_OUT, 0, "", 0, SW_DRIVE_TIMED_OUT},
		{SW__HTTP_TIMED_OUT, 200, "b", 0, SW_DRIVE_TIMED_OUT},
		{SW__HTTP_TIMED_OUT, 200, "p", 0, SW_DRIVE_TOO_SLOW},
		{SW__HTTP_TIMED_OUT, 200, "pd", 0, SW_DRIVE_OK},
		{SW__HTTP_ENOUGH, 200, "b", SW__ANSWER_NOT_EVENTS, SW_DRIVE_GARBAGE},
		{SW__HTTP_ENOUGH, 200, "p", SW__ANSWER_NOT_JSON, SW_DRIVE_GARBAGE},
		{SW__HTTP_ENOUGH, 200, "p", SW__ANSWER_ERROR, SW_DRIVE_ERROR},
		{SW__HTTP_ENOUGH, 200, "p", SW__ANSWER_TOO_LONG, SW_DRIVE_ENDLESS},
		{SW__HTTP_ENOUGH, 200, "p", SW__ANSWER_NO_MEMORY, SW_DRIVE_UNSENT},
		{SW__HTTP_OWN_FAULT, 0, "", 0, SW_DRIVE_UNSENT},
		{SW__HTTP_CANCELLED, 200, "p", 0, SW_DRIVE_STOPPED},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sw__http_end end = {.fate = cases[i].fate, .status = cases[i].status};
		struct sw__answer answer = answer_of(cases[i].answer, cases[i].fault);

		CHECK_STR(sw_drive_outcome_id(sw__drive_outcome(&end, &answer)),
			  sw_drive_outcome_id(cases[i].outcome));
	}
}

TEST(failures_are_the_servers)
{
	CHECK(!sw_drive_failed(SW_DRIVE_OK));
	CHECK(sw_drive_failed(SW_DRIVE_REFUSED));
	CHECK(sw_drive_failed(SW_DRIVE_ENDLESS));
	CHECK(!sw_drive_failed(SW_DRIVE_UNSENT));
	CHECK(!sw_drive_failed(SW_DRIVE_STOPPED));
	for (int i = 0; i < SW_DRIVE_OUTCOME_COUNT; i++)
		CHECK(*sw_drive_outcome_meaning(i));
}

TEST_MAIN()

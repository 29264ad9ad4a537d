// SPDX-License-Identifier: Apache-2.0
#include "net/sse.h"

#include <stdlib.h>

#include "check.h"

/* Events as one text: "type|data;" each. */
static bool note(void *self, const struct sw__sse_event *event)
{
	struct sw_text *out = self;

	CHECK_INT(strlen(event->data), event->size);
	sw_text_addf(out, "%s|%s;", event->type, event->data);
	return strcmp(event->data, "STOP") != 0;
}

struct case_ {
	const char *bytes, *events;
};

static const struct case_ cases[] = {
	{"data: a\n\n", "|a;"},
	{"data:a\n\ndata:  b\n\n", "|a;| b;"},
	{"data: a\r\n\r\ndata: b\r\n\r\n", "|a;|b;"},
	{"data: a\r\rdata: b\r\r", "|a;|b;"},
	{"data: a\r\n\ndata: b\n\r\n", "|a;|b;"},
	{"data: a\ndata: b\n\n", "|a\nb;"},
	{"data\n\n", "|;"},
	{"data:\ndata:\n\n", "|\n;"},
	{"event: error\ndata: x\n\n", "error|x;"},
	{"event: one\nevent: two\ndata: x\n\ndata: y\n\n", "two|x;|y;"},
	{"event: lost\n\ndata: y\n\n", "|y;"},
	{": comment\n\nid: 7\nretry: 10\ndata: a\n\n", "|a;"},
	{"unknown: 1\ndata: a\n\n", "|a;"},
	{"\xEF\xBB\xBF"
	 "data: a\n\n",
	 "|a;"},
	{"\n\n\r\r\r\n\r\ndata: a\n\n\n\n", "|a;"},
	{"data: unfinished", ""},
	{"data: unfinished\n", ""},
	{"data: a:b: c\n\n", "|a:b: c;"},
	{"data: {\"x\": 1}\n\ndata: [DONE]\n\n", "|{\"x\": 1};|[DONE];"},
	{"", ""},
};

/* In pieces that end at the bits of `cuts`, or every `step` bytes where cuts is 0. */
static void feed(const char *bytes, size_t n, unsigned long cuts, size_t step, struct sw_text *out)
{
	struct sw__sse sse = {.size_max = 100};
	size_t from = 0;

	for (size_t i = 1; i <= n; i++) {
		bool cut = cuts ? (cuts >> (i - 1) & 1) != 0 : i % step == 0;

		if (!cut && i < n)
			continue;
		CHECK_INT(sw__sse_feed(&sse, bytes + from, i - from, note, out), SW__SSE_OK);
		from = i;
	}
	sw__sse_free(&sse);
}

TEST(events_are_the_same_in_one_piece_and_byte_by_byte)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t n = strlen(cases[i].bytes);

		for (size_t step = 1; step <= n + 1; step++) {
			struct sw_text out = {0};

			feed(cases[i].bytes, n, 0, step, &out);
			CHECK_STR(sw_text_string(&out), cases[i].events);
			sw_text_free(&out);
		}
	}
}

TEST(every_split_of_short_streams_gives_the_same)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t n = strlen(cases[i].bytes);

		bool same = true;

		if (n > 14)
			continue;
		for (unsigned long cuts = 1; cuts < 1UL << n; cuts++) {
			struct sw_text out = {0};

			feed(cases[i].bytes, n, cuts, 0, &out);
			same = same && strcmp(sw_text_string(&out), cases[i].events) == 0;
			sw_text_free(&out);
		}
		CHECK(same);
	}
}

TEST(lines_no_server_of_events_sends_are_counted)
{
	struct sw__sse sse = {.size_max = 100};
	struct sw_text out = {0};
	static const char bytes[] = "<html>\n: fine\ndata: x\nid: 1\n\nnonsense\n";

	CHECK_INT(sw__sse_feed(&sse, bytes, sizeof(bytes) - 1, note, &out), SW__SSE_OK);
	CHECK_INT(sse.foreign_lines, 2);
	sw__sse_free(&sse);
	sw_text_free(&out);
}

TEST(a_line_without_an_end_is_given_up_before_it_takes_memory)
{
	struct sw__sse sse = {.size_max = 1000};
	struct sw_text out = {0};
	enum sw__sse_status st = SW__SSE_OK;
	size_t fed = 0;

	for (; st == SW__SSE_OK && fed < 100000; fed++)
		st = sw__sse_feed(&sse, "x", 1, note, &out);
	CHECK_INT(st, SW__SSE_TOO_LONG);
	CHECK_INT(fed, 1001);
	CHECK(sse.line.capacity < 4096);
	sw__sse_free(&sse);
	sw_text_free(&out);
}

TEST(an_event_without_an_end_is_given_up_too)
{
	struct sw__sse sse = {.size_max = 1000};
	struct sw_text out = {0};
	enum sw__sse_status st = SW__SSE_OK;

	for (size_t i = 0; st == SW__SSE_OK && i < 100000; i++)
		st = sw__sse_feed(&sse, "data: 0123456789\n", 17, note, &out);
	CHECK_INT(st, SW__SSE_TOO_LONG);
	CHECK(sse.data.size <= 1000);
	sw__sse_free(&sse);
	sw_text_free(&out);
}

TEST(nothing_is_read_beyond_what_the_taker_wants)
{
	struct sw__sse sse = {.size_max = 1000};
	struct sw_text out = {0};
	static const char bytes[] = "data: STOP\n\ndata: more\n\n";

	CHECK_INT(sw__sse_feed(&sse, bytes, sizeof(bytes) - 1, note, &out), SW__SSE_ENOUGH);
	CHECK_STR(sw_text_string(&out), "|STOP;");
	sw__sse_free(&sse);
	sw_text_free(&out);
}

TEST_MAIN()

// SPDX-License-Identifier: Apache-2.0
#include "formats/trace.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "check.h"

static struct sw_error err;

static struct sw_trace *load(const char *text)
{
	char path[] = "/tmp/slicewise-trace-XXXXXX";
	struct sw_trace *trace = NULL;
	int fd = mkstemp(path);

	err.message[0] = '\0';
	if (fd < 0)
		return NULL;
	(void)close(fd);
	if (sw_file_write(path, text, strlen(text), &err) == SW_OK)
		(void)sw__trace_load(path, &trace, &err);
	(void)unlink(path);
	return trace;
}

TEST(milliseconds_become_seconds_from_the_first_arrival)
{
	struct sw_trace *trace = load("timestamp_ms,input_tokens,output_tokens\n"
				      "3000,10,20\n1000,30,0\n1500.5,50,60\n3000,70,80\n");

	CHECK_INT(trace->n, 4);
	CHECK_NEAR(trace->arrival_s[0], 0, 0);
	CHECK_NEAR(trace->arrival_s[1], 0.5005, 1e-12);
	CHECK_NEAR(trace->prompt_tokens[0], 30, 0);
	CHECK_NEAR(trace->output_tokens[0], 1, 0);
	CHECK_NEAR(trace->prompt_tokens[2], 10, 0);
	CHECK_NEAR(trace->prompt_tokens[3], 70, 0);
	CHECK_NEAR(sw__trace_rate(trace), 1.5, 1e-12);
	sw__trace_free(trace);
}

TEST(points_in_time_keep_seven_digits_and_cross_midnight_and_leap_days)
{
	struct sw_trace *trace = load("TIMESTAMP,ContextTokens,GeneratedTokens\r\n"
				      "2023-12-31 23:59:59.9999999,374,44\r\n"
				      "2024-01-01 00:00:00.0000001,396,109\r\n"
				      "2024-02-29T00:00:00Z,1,1\r\n"
				      "2024-03-01 00:00:00.5+00:00,1,1\r\n");

	CHECK_NEAR(trace->arrival_s[1], 2e-7, 1e-9);
	CHECK_NEAR(trace->arrival_s[2], 59 * 86400 + 1e-7, 1e-15);
	CHECK_NEAR(trace->arrival_s[3], 60 * 86400 + 0.5 + 1e-7, 1e-15);
	sw__trace_free(trace);
}

TEST(statistics_of_even_and_uneven_gaps)
{
	struct sw_trace *trace = load("timestamp_ms,input_tokens,output_tokens\n"
				      "0,1,7\n100,2,7\n200,3,7\n300,4,7\n400,5,7\n");
	struct sw_length length;

	CHECK(sw__trace_burstiness(trace) < 1e-12);
	CHECK_INT(sw__trace_lengths(trace->prompt_tokens, trace->n, &length, &err), SW_OK);
	CHECK_NEAR(length.mean, 3, 1e-12);
	CHECK_NEAR(length.p95, 4.8, 1e-12);
	CHECK_INT(sw__trace_lengths(trace->output_tokens, trace->n, &length, &err), SW_OK);
	CHECK(isnan(length.p95));
	sw__trace_free(trace);
	trace = load("timestamp_ms,input_tokens,output_tokens\n0,1,7\n0,2,7\n200,3,7\n");
	CHECK_NEAR(sw__trace_burstiness(trace), 1, 1e-12);
	sw__trace_free(trace);
}

#define MS    "timestamp_ms,input_tokens,output_tokens\n"
#define AZURE "TIMESTAMP,ContextTokens,GeneratedTokens\n"

TEST(broken_traces_are_refused)
{
	static const char *const cases[][2] = {
		{"a,b\n", ":1: expected the header timestamp_ms"},
		{MS, "found 0 requests"},
		{MS "1,1,1\n", "found 1 requests"},
		{MS "1,1,1\n1,2,2\n", "found 2 requests at one time"},
		{MS "1,1,1\n-1,2,2\n", ":3: timestamp_ms: found \"-1\""},
		{MS "1,1,1\n2,2.5,2\n", ":3: input_tokens: found \"2.5\""},
		{MS "1,1,1\n2,2,1e8\n", ":3: output_tokens: found \"1e8\""},
		{MS "1,1,1\n2,,1\n", ":3: input_tokens: found nothing"},
		{MS "1,1,1\nnan,2,2\n", ":3: timestamp_ms: found \"nan\""},
		{AZURE "2023-11-16 18:15:46,1,1\n5,2,2\n", ":3: TIMESTAMP: found \"5\""},
		{AZURE "2023-02-29 18:15:46,1,1\n", "requests, expected"},
		{AZURE "2023-02-29 18:15:46,1,1\n2023-03-29 18:15:46,1,1\n", ":2: TIMESTAMP"},
		{AZURE "2023-02-28 24:15:46,1,1\n2023-03-29 18:15:46,1,1\n", ":2: TIMESTAMP"},
		{AZURE "2023-02-28 4:15:46,1,1\n2023-03-29 18:15:46,1,1\n", ":2: TIMESTAMP"},
		{AZURE "2023-02-28 04:15:46.,1,1\n2023-03-29 18:15:46,1,1\n", ":2: TIMESTAMP"},
		{AZURE "2023-02-28 04:15:46+02,1,1\n2023-03-29 18:15:46,1,1\n", ":2: TIMESTAMP"},
		{AZURE "9999-02-28 04:15:46,1,1\n2023-03-29 18:15:46,1,1\n", ":2: TIMESTAMP"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK(!load(cases[i][0]));
		if (!CHECK(strstr(err.message, cases[i][1])))
			printf("    %zu: %s\n", i, err.message);
	}
}

/* README of the measured data: 19 366 requests in about an hour. */
TEST(the_azure_trace_reads_whole)
{
	struct sw_trace *trace;
	struct sw_length length;

	if (sw__trace_load(SW_MEASURED_DIR "/traces/azure-2023-conv.csv", &trace, &err) != SW_OK)
		SKIP("no measured data beside the repository");
	CHECK_INT(trace->n, 19366);
	CHECK_NEAR(sw__trace_rate(trace), 5.53, 1e-3);
	CHECK_NEAR(sw__trace_burstiness(trace), 1.094, 1e-3);
	CHECK_INT(sw__trace_lengths(trace->prompt_tokens, trace->n, &length, &err), SW_OK);
	CHECK_NEAR(length.mean, 1154.7, 1e-4);
	CHECK_NEAR(length.p95, 4083, 1e-4);
	sw__trace_free(trace);
}

TEST_MAIN()

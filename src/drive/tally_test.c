// SPDX-License-Identifier: Apache-2.0
#include "drive/tally.h"

#include <stdlib.h>

#include "check.h"

static struct sw_drive_request ok_request(double ttft_ms, double tpot_ms)
{
	return (struct sw_drive_request){
		.prompt_tokens = 10,
		.prompt_tokens_asked = 9,
		.output_tokens = 5,
		.output_tokens_asked = 6,
		.cached_tokens = NAN,
		.ttft_ms = ttft_ms,
		.tpot_ms = tpot_ms,
		.e2e_ms = ttft_ms + 4 * tpot_ms,
		.send_lag_ms = 0.1,
		.outcome = SW_DRIVE_OK,
		.counted = true,
	};
}

TEST(percentiles_are_interpolated_between_sorted_values)
{
	double values[101 + 1];
	struct sw_drive_summary s;

	for (size_t i = 0; i < 101; i++)
		values[i] = (double)((i * 37) % 101);
	values[101] = NAN; /* not known: not counted */
	s = sw__tally_summary(values, 102);
	CHECK_INT(s.n, 101);
	CHECK_NEAR(s.mean, 50, 1e-12);
	CHECK_NEAR(s.p50, 50, 1e-12);
	CHECK_NEAR(s.p95, 95, 1e-12);
	CHECK_NEAR(s.p99, 99, 1e-12);
	CHECK_NEAR(s.max, 100, 0);
	s = sw__tally_summary(values, 2);
	CHECK_NEAR(s.p50, 0.5, 1e-12);
	CHECK_NEAR(s.p95, 0.95, 1e-12);
}

TEST(nothing_known_is_not_zero)
{
	double values[2] = {NAN, INFINITY};
	struct sw_drive_summary s = sw__tally_summary(values, 2);

	CHECK_INT(s.n, 0);
	CHECK(isnan(s.mean) && isnan(s.p50) && isnan(s.max));
}

TEST(latencies_count_from_due)
{
	struct sw__answer answer = {.first_ns = 30000000,
				    .last_ns = 70000000,
				    .pieces = 5,
				    .prompt_tokens = 12,
				    .output_tokens = 9,
				    .cached_tokens = NAN,
				    .server_prompt_ms = NAN,
				    .server_output_ms = NAN};
	struct sw_drive_request r = {.ttft_ms = NAN, .tpot_ms = NAN, .e2e_ms = NAN};

	r.outcome = SW_DRIVE_OK;
	sw__tally_answer(&r, &answer, 10000000);
	CHECK_NEAR(r.ttft_ms, 20, 1e-12);
	CHECK_NEAR(r.e2e_ms, 60, 1e-12);
	CHECK_NEAR(r.tpot_ms, 40.0 / 8, 1e-12);
	CHECK_NEAR(r.prompt_tokens, 12, 0);

	/* Where the server does not count, pieces are tokens. */
	answer.output_tokens = NAN;
	sw__tally_answer(&r, &answer, 10000000);
	CHECK_NEAR(r.output_tokens, 5, 0);
	CHECK_NEAR(r.tpot_ms, 10, 1e-12);
}

TEST(one_piece_has_no_time_per_token_and_a_failure_no_latency)
{
	struct sw__answer answer = {.first_ns = 30, .last_ns = 30, .pieces = 1, .output_tokens = 8};
	struct sw_drive_request r = {.ttft_ms = NAN, .tpot_ms = NAN, .e2e_ms = NAN};

	r.outcome = SW_DRIVE_OK;
	sw__tally_answer(&r, &answer, 10);
	CHECK(sw_known(r.ttft_ms) && isnan(r.tpot_ms));
	r = (struct sw_drive_request){.ttft_ms = NAN, .tpot_ms = NAN, .e2e_ms = NAN};
	r.outcome = SW_DRIVE_CUT;
	sw__tally_answer(&r, &answer, 10);
	CHECK(isnan(r.ttft_ms) && isnan(r.e2e_ms));
}

TEST(late_is_what_breaks_a_limit_or_fails)
{
	struct sw_drive_request r = ok_request(100, 20);

	CHECK(!sw__tally_is_late(&r, NAN, NAN));
	CHECK(!sw__tally_is_late(&r, 100, 20));
	CHECK(sw__tally_is_late(&r, 99, NAN));
	CHECK(sw__tally_is_late(&r, NAN, 19));
	r.tpot_ms = NAN;
	CHECK(!sw__tally_is_late(&r, NAN, 19));
	r.outcome = SW_DRIVE_REFUSED;
	CHECK(sw__tally_is_late(&r, 1000, NAN));
	CHECK(!sw__tally_is_late(&r, NAN, NAN));
	r.outcome = SW_DRIVE_STOPPED;
	CHECK(!sw__tally_is_late(&r, 1000, NAN));
}

TEST(only_counted_requests_count_and_only_good_ones_have_latencies)
{
	struct sw_drive_request requests[5];
	struct sw_drive_result result = {.has_limits = true, .n = 5, .requests = requests};
	static struct sw__histogram gaps;

	for (size_t i = 0; i < 5; i++)
		requests[i] = ok_request(100 + (double)i, 20);
	requests[0].counted = false;
	requests[1].outcome = SW_DRIVE_HTTP_5XX;
	requests[1].ttft_ms = NAN;
	requests[1].is_late = true;
	requests[2].outcome = SW_DRIVE_UNSENT;
	requests[2].send_lag_ms = NAN;
	requests[3].cached_tokens = 5;
	CHECK_INT(sw__tally(&result, &gaps, NULL), SW_OK);
	CHECK_INT(result.outcomes[SW_DRIVE_OK], 2);
	CHECK_INT(result.outcomes[SW_DRIVE_HTTP_5XX], 1);
	CHECK_INT(result.outcomes[SW_DRIVE_UNSENT], 1);
	CHECK_INT(result.summary[SW_DRIVE_TTFT].n, 2);
	CHECK_NEAR(result.summary[SW_DRIVE_TTFT].mean, 103.5, 1e-12);
	CHECK_INT(result.summary[SW_DRIVE_SEND_LAG].n, 3);
	CHECK_INT(result.summary[SW_DRIVE_ITL].n, 0);
	CHECK_INT(result.short_outputs, 2);
	CHECK_NEAR(result.late_fraction, 1.0 / 3, 1e-12);
	CHECK_NEAR(result.cached_fraction, 5.0 / 20, 1e-12);
	CHECK_NEAR(result.prompt_tokens_asked.mean, 9, 1e-12);
}

TEST_MAIN()

// SPDX-License-Identifier: Apache-2.0
#include "observe/engine_window.h"

#include <math.h>
#include <stdlib.h>

#include "base/random.h"
#include "check.h"

static struct sw__engine_reading before, after;
static struct sw__engine_window window;

static void read_both(const char *first, const char *second)
{
	char copy[2048];

	(void)snprintf(copy, sizeof(copy), "%s", first);
	sw__engine_read(copy, &before);
	(void)snprintf(copy, sizeof(copy), "%s", second);
	sw__engine_read(copy, &after);
	sw__engine_window(&before, &after, 10, &window);
}

/* 20 ended, and of those that are there 3 more than before: 23 came. */
TEST(requests_that_came_are_those_that_ended_and_those_more_that_are_there)
{
	read_both("vllm:request_success_total 100\nvllm:num_requests_running 2\n"
		  "vllm:num_requests_waiting 0\nvllm:generation_tokens_total 1000\n",
		  "vllm:request_success_total 120\nvllm:num_requests_running 4\n"
		  "vllm:num_requests_waiting 1\nvllm:generation_tokens_total 3000\n");
	CHECK_NEAR(window.rate, 2.3, 1e-12);
	CHECK_NEAR(window.finished_s, 2, 1e-12);
	CHECK_NEAR(window.output_tok_s, 200, 1e-12);
	CHECK_NEAR(window.running, 4, 0);
	CHECK(isnan(window.prompt_tok_s));
	CHECK(!window.restarted);
}

TEST(an_engine_that_started_anew_is_known_by_its_counters_or_its_start)
{
	read_both("vllm:request_success_total 100\n", "vllm:request_success_total 3\n"
						      "vllm:num_requests_running 2\n");
	CHECK(window.restarted && isnan(window.rate) && isnan(window.finished_s));
	CHECK_NEAR(window.running, 2, 0);
	read_both("process_start_time_seconds 1000\nvllm:request_success_total 1\n",
		  "process_start_time_seconds 2000\nvllm:request_success_total 5\n");
	CHECK(window.restarted && isnan(window.rate));
	read_both("process_start_time_seconds 1000\nvllm:request_success_total 1\n",
		  "process_start_time_seconds 1000\nvllm:request_success_total 5\n");
	CHECK(!window.restarted);
	CHECK_NEAR(window.rate, 0.4, 1e-12);
}

/* An answer that was cut knows less, and what it does not know is not zero. */
TEST(half_an_answer_is_half_known)
{
	read_both("vllm:request_success_total 100\nvllm:time_to_first_token_seconds_count 5\n",
		  "vllm:num_requests_running 2\n");
	CHECK(!window.restarted);
	CHECK(isnan(window.rate) && isnan(window.seen[SW__SEEN_TTFT_S].count));
	CHECK(isnan(sw__seen_latency(&window, SW_TTFT).mean_ms));
	CHECK(isnan(sw__seen_latency(&window, SW_TTFT).at_ms[SW_P95].low));
}

TEST(a_mean_without_a_histogram)
{
	read_both(
		"llamacpp:tokens_predicted_total 100\nllamacpp:tokens_predicted_seconds_total 4\n",
		"llamacpp:tokens_predicted_total 300\n"
		"llamacpp:tokens_predicted_seconds_total 9\n");
	CHECK_NEAR(sw__seen_latency(&window, SW_TPOT).mean_ms, 25, 1e-9);
	CHECK(isnan(sw__seen_latency(&window, SW_TPOT).at_ms[SW_P50].high));
	CHECK(isnan(window.rate));
}

static const double bounds[] = {0.01, 0.025, 0.05, 0.1, 0.25};
enum { BOUNDS = sizeof(bounds) / sizeof(bounds[0]), VALUES = 200 };

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Against the values themselves: the percentile lies where the buckets say, and so does the part that is late. */
TEST(percentiles_and_parts_lie_within_what_buckets_tell)
{
	struct sw__random random = sw__random_make(1, 0);

	for (int round = 0; round < 300; round++) {
		struct sw__seen_histogram h = {.n = BOUNDS, .count = 1 + round % VALUES};
		size_t n = (size_t)h.count, late = 0;
		double values[VALUES], q = sw__random_uniform(&random), limit, exact;
		struct sw__interval at, above;

		for (size_t i = 0; i < BOUNDS; i++)
			h.bound[i] = bounds[i];
		limit = round % 3 ? 0.3 * sw__random_uniform(&random) : bounds[round % BOUNDS];
		for (size_t k = 0; k < n; k++) {
			values[k] = 0.05 * sw__random_exponential(&random);
			late += values[k] > limit;
			for (size_t i = 0; i < BOUNDS; i++)
				h.below[i] += values[k] <= bounds[i];
		}
		qsort(values, n, sizeof(values[0]), ascending);
		exact = values[(size_t)fmax(0, ceil(q * h.count) - 1)];
		at = sw__seen_percentile(&h, q);
		CHECK(at.low < exact && exact <= at.high);
		above = sw__seen_above(&h, limit);
		CHECK(above.low <= (double)late / h.count + 1e-12);
		CHECK((double)late / h.count <= above.high + 1e-12);
		if (round % 3 == 0)
			CHECK_NEAR(above.low, above.high, 1e-12);
	}
}

TEST(nobody_came)
{
	static const char *const text =
		"vllm:request_success_total 7\nvllm:time_to_first_token_seconds_count 7\n"
		"vllm:time_to_first_token_seconds_sum 1\n"
		"vllm:time_to_first_token_seconds_bucket{le=\"0.1\"} 7\n";

	read_both(text, text);
	CHECK_NEAR(window.rate, 0, 0);
	CHECK_NEAR(window.seen[SW__SEEN_TTFT_S].count, 0, 0);
	CHECK(isnan(window.seen[SW__SEEN_TTFT_S].mean));
	CHECK(isnan(sw__seen_latency(&window, SW_TTFT).at_ms[SW_P50].low));
}

TEST_MAIN()

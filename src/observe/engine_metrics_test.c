// SPDX-License-Identifier: Apache-2.0
#include "observe/engine_metrics.h"

#include <math.h>
#include <string.h>

#include "check.h"
#include "observe/engine_window.h"

static struct sw__engine_reading reading;

static void read_text(const char *text)
{
	char copy[4096];

	(void)snprintf(copy, sizeof(copy), "%s", text);
	sw__engine_read(copy, &reading);
}

TEST(vllm_by_its_names)
{
	read_text("# TYPE vllm:num_requests_running gauge\n"
		  "process_start_time_seconds 1700000000.25\n"
		  "vllm:num_requests_running{engine=\"0\",model_name=\"m\"} 3.0\n"
		  "vllm:num_requests_waiting{engine=\"0\",model_name=\"m\"} 1.0\n"
		  "vllm:kv_cache_usage_perc{engine=\"0\",model_name=\"m\"} 0.25\n"
		  "vllm:request_success_total{finished_reason=\"stop\"} 40\n"
		  "vllm:request_success_total{finished_reason=\"length\"} 2\n"
		  "vllm:cache_config_info{block_size=\"16\",num_gpu_blocks=\"2048\"} 1.0\n"
		  "vllm:time_to_first_token_seconds_bucket{le=\"0.1\"} 5\n"
		  "vllm:time_to_first_token_seconds_bucket{le=\"0.25\"} 8\n"
		  "vllm:time_to_first_token_seconds_bucket{le=\"+Inf\"} 9\n"
		  "vllm:time_to_first_token_seconds_count 9\n"
		  "vllm:time_to_first_token_seconds_sum 1.5\n"
		  "vllm:time_to_first_token_seconds_created 77\n");
	CHECK_STR(sw__engine_family_name(reading.family), "vllm");
	CHECK_NEAR(reading.number[SW__SEEN_RUNNING], 3, 0);
	CHECK_NEAR(reading.number[SW__SEEN_WAITING], 1, 0);
	CHECK_NEAR(reading.number[SW__SEEN_KV_USED], 0.25, 0);
	CHECK_NEAR(reading.number[SW__SEEN_REQUESTS], 42, 0);
	CHECK_NEAR(reading.number[SW__SEEN_KV_BLOCKS], 2048, 0);
	CHECK_NEAR(reading.number[SW__SEEN_KV_BLOCK_TOKENS], 16, 0);
	CHECK_NEAR(reading.number[SW__SEEN_STARTED_S], 1700000000.25, 0);
	CHECK_INT(reading.histogram[SW__SEEN_TTFT_S].n, 2);
	CHECK_NEAR(reading.histogram[SW__SEEN_TTFT_S].below[1], 8, 0);
	CHECK_NEAR(reading.histogram[SW__SEEN_TTFT_S].count, 9, 0);
	CHECK_NEAR(reading.histogram[SW__SEEN_TTFT_S].sum, 1.5, 0);
	CHECK(isnan(reading.number[SW__SEEN_PROMPTS]));
	CHECK(isnan(reading.histogram[SW__SEEN_TPOT_S].count));
	CHECK_INT(reading.malformed, 0);
}

/* Whichever comes first. */
TEST(a_former_name_gives_way_to_the_present_one)
{
	static const char *const texts[] = {"vllm:time_per_output_token_seconds_count 7\n"
					    "vllm:inter_token_latency_seconds_count 9\n",
					    "vllm:inter_token_latency_seconds_count 9\n"
					    "vllm:time_per_output_token_seconds_count 7\n"};

	for (size_t i = 0; i < 2; i++) {
		read_text(texts[i]);
		CHECK_NEAR(reading.histogram[SW__SEEN_ITL_S].count, 9, 0);
	}
	read_text("vllm:time_per_output_token_seconds_count 7\nvllm:gpu_cache_usage_perc 0.5\n");
	CHECK_NEAR(reading.histogram[SW__SEEN_ITL_S].count, 7, 0);
	CHECK_NEAR(reading.number[SW__SEEN_KV_USED], 0.5, 0);
}

TEST(several_engines_behind_one_endpoint_are_added)
{
	read_text("vllm:num_requests_running{engine=\"0\"} 3\n"
		  "vllm:num_requests_running{engine=\"1\"} 4\n"
		  "vllm:kv_cache_usage_perc{engine=\"0\"} 0.9\n"
		  "vllm:kv_cache_usage_perc{engine=\"1\"} 0.1\n"
		  "vllm:inter_token_latency_seconds_bucket{engine=\"0\",le=\"0.01\"} 1\n"
		  "vllm:inter_token_latency_seconds_bucket{engine=\"0\",le=\"0.025\"} 3\n"
		  "vllm:inter_token_latency_seconds_count{engine=\"0\"} 3\n"
		  "vllm:inter_token_latency_seconds_bucket{engine=\"1\",le=\"0.01\"} 10\n"
		  "vllm:inter_token_latency_seconds_bucket{engine=\"1\",le=\"0.025\"} 20\n"
		  "vllm:inter_token_latency_seconds_count{engine=\"1\"} 21\n");
	CHECK_NEAR(reading.number[SW__SEEN_RUNNING], 7, 0);
	CHECK_NEAR(reading.number[SW__SEEN_KV_USED], 0.9, 0);
	CHECK_INT(reading.histogram[SW__SEEN_ITL_S].n, 2);
	CHECK_NEAR(reading.histogram[SW__SEEN_ITL_S].below[0], 11, 0);
	CHECK_NEAR(reading.histogram[SW__SEEN_ITL_S].below[1], 23, 0);
	CHECK_NEAR(reading.histogram[SW__SEEN_ITL_S].count, 24, 0);
}

TEST(of_ranks_of_one_engine_the_first_is_taken)
{
	read_text("sglang:num_running_reqs{tp_rank=\"0\",pp_rank=\"0\"} 5\n"
		  "sglang:num_running_reqs{tp_rank=\"1\",pp_rank=\"0\"} 5\n"
		  "sglang:num_queue_reqs{tp_rank=\"0\"} 2\n"
		  "sglang:token_usage{model_name=\"m\"} 0.28\n"
		  "sglang:num_requests_total{model_name=\"m\"} 100\n"
		  "sglang:generation_tokens_total{model_name=\"m\"} 7.5e+03\n");
	CHECK_STR(sw__engine_family_name(reading.family), "sglang");
	CHECK_NEAR(reading.number[SW__SEEN_RUNNING], 5, 0);
	CHECK_NEAR(reading.number[SW__SEEN_WAITING], 2, 0);
	CHECK_NEAR(reading.number[SW__SEEN_REQUESTS], 100, 0);
	CHECK_NEAR(reading.number[SW__SEEN_OUTPUTS], 7500, 0);
}

TEST(llama_cpp_has_no_histograms)
{
	read_text("llamacpp:prompt_tokens_total 6886\n"
		  "llamacpp:tokens_predicted_total 3469\n"
		  "llamacpp:tokens_predicted_seconds_total 35.4\n"
		  "llamacpp:predicted_tokens_seconds 97.9\n"
		  "llamacpp:requests_processing 1\n"
		  "llamacpp:requests_deferred 4\n");
	CHECK_STR(sw__engine_family_name(reading.family), "llama.cpp");
	CHECK_NEAR(reading.number[SW__SEEN_PROMPTS], 6886, 0);
	CHECK_NEAR(reading.number[SW__SEEN_OUTPUTS_S], 35.4, 0);
	CHECK_NEAR(reading.number[SW__SEEN_WAITING], 4, 0);
	CHECK(isnan(reading.number[SW__SEEN_REQUESTS]));
	CHECK(isnan(reading.histogram[SW__SEEN_TTFT_S].count));
}

TEST(what_is_no_engine_and_what_is_no_number)
{
	read_text("go_goroutines 8\nup 1\n<html>\n");
	CHECK_STR(sw__engine_family_name(reading.family), "unknown");
	CHECK(reading.malformed > 0);
	read_text("vllm:num_requests_running NaN\nvllm:num_requests_waiting 2\n");
	CHECK(isnan(reading.number[SW__SEEN_RUNNING]));
	CHECK_NEAR(reading.number[SW__SEEN_WAITING], 2, 0);
	read_text("");
	CHECK_STR(sw__engine_family_name(reading.family), "unknown");
}

/* More bounds than there is room for: those that fit are right, and nothing is written beyond. */
TEST(buckets_without_end)
{
	char text[16384];
	size_t used = 0;

	for (int i = 1; i <= 200; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
					 "vllm:time_to_first_token_seconds_bucket{le=\"%d\"} %d\n",
					 i, i);
	sw__engine_read(text, &reading);
	CHECK_INT(reading.histogram[SW__SEEN_TTFT_S].n, SW__SEEN_BOUNDS_MAX);
	CHECK_NEAR(reading.histogram[SW__SEEN_TTFT_S].below[SW__SEEN_BOUNDS_MAX - 1],
		   SW__SEEN_BOUNDS_MAX, 0);
}

TEST_MAIN()

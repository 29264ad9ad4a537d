// SPDX-License-Identifier: Apache-2.0
#include "emulate/vllm_metrics.h"

#include "check.h"

static double bounds[SW__TOKEN_BOUNDS_MAX];

static struct sw__vllm_metrics fresh(void)
{
	struct sw__vllm_metrics m;

	sw__vllm_reset(&m, bounds, sw__vllm_token_bounds(8192, bounds));
	return m;
}

TEST(token_bounds_are_one_two_five)
{
	double b[SW__TOKEN_BOUNDS_MAX];

	CHECK_INT(sw__vllm_token_bounds(100, b), 7);
	CHECK_NEAR(b[0], 1, 0);
	CHECK_NEAR(b[2], 5, 0);
	CHECK_NEAR(b[6], 100, 0);
	CHECK_INT(sw__vllm_token_bounds(99, b), 6);
	CHECK_INT(sw__vllm_token_bounds(131072, b), 16);
	CHECK_NEAR(b[15], 100000, 0);
	CHECK_INT(sw__vllm_token_bounds(4000000000u, b), SW__TOKEN_BOUNDS_MAX);
}

TEST(a_request_is_counted_token_by_token_and_at_its_end)
{
	struct sw__vllm_metrics m = fresh();
	const struct sw__vllm_times times = {1.0, 1.25, 1.5, 1.75};

	sw__vllm_token(&m, 1, 100, 1.0, 0, 1.5);
	sw__vllm_token(&m, 2, 100, 1.0, 1.5, 1.625);
	sw__vllm_token(&m, 3, 100, 1.0, 1.625, 1.75);
	sw__vllm_finished(&m, SW__FINISH_LENGTH, &times, 100, 3);
	CHECK_NEAR(m.ttft.sum, 0.5, 0);
	CHECK_INT(sw__histogram_count(&m.itl), 2);
	CHECK_NEAR(m.itl.sum, 0.25, 0);
	CHECK_NEAR(m.tpot.sum, 0.125, 0);
	CHECK_NEAR(m.e2e.sum, 0.75, 0);
	CHECK_NEAR(m.queue.sum, 0.25, 0);
	CHECK_NEAR(m.prefill.sum, 0.25, 0);
	CHECK_NEAR(m.decode.sum, 0.25, 0);
	CHECK_NEAR(m.inference.sum, 0.5, 0);
	CHECK_INT(m.prompt_tokens, 100);
	CHECK_INT(m.generation_tokens, 3);
	CHECK_INT(m.finished[SW__FINISH_LENGTH], 1);
	CHECK_NEAR(m.prompt.sum, 100, 0);
	CHECK_NEAR(m.generation.sum, 3, 0);
}

TEST(tokens_of_one_moment_are_one_step)
{
	struct sw__vllm_metrics m = fresh();
	const struct sw_engine settings = {.gpu_memory_utilization = 0.9};
	const struct sw__vllm_engine engine = {"m", &settings, {0}};
	struct sw_text text = {0};

	sw__vllm_token(&m, 1, 50, 0, 0, 1);
	sw__vllm_token(&m, 2, 9, 0, 0.5, 1);
	sw__vllm_token(&m, 2, 50, 0, 1, 2);
	CHECK_INT(sw__histogram_count(&m.iteration), 1);
	CHECK_NEAR(m.iteration.sum, 52, 0);
	sw__vllm_write(&text, &m, &engine);
	CHECK(strstr(sw_text_string(&text),
		     "vllm:iteration_tokens_total_count{engine=\"0\",model_name=\"m\"} 2.0\n"));
	CHECK_INT(sw__histogram_count(&m.iteration), 1);
	sw_text_free(&text);
}

TEST(names_types_labels_and_buckets_are_vllms)
{
	static const char *const lines[] = {
		"# TYPE vllm:time_to_first_token_seconds histogram\n",
		"vllm:time_to_first_token_seconds_bucket{engine=\"0\",model_name=\"m\",le=\"0."
		"001\"} 0.0\n",
		"vllm:time_to_first_token_seconds_bucket{engine=\"0\",model_name=\"m\",le=\"2560."
		"0\"} 0.0\n",
		"vllm:inter_token_latency_seconds_bucket{engine=\"0\",model_name=\"m\",le=\"0."
		"075\"} 0.0\n",
		"vllm:e2e_request_latency_seconds_bucket{engine=\"0\",model_name=\"m\",le=\"7680."
		"0\"} 0.0\n",
		"vllm:request_prompt_tokens_bucket{engine=\"0\",model_name=\"m\",le=\"5000.0\"} "
		"0.0\n",
		"vllm:iteration_tokens_total_bucket{engine=\"0\",model_name=\"m\",le=\"16384.0\"} "
		"0.0\n",
		"# TYPE vllm:prompt_tokens_total counter\n",
		"vllm:request_success_total{engine=\"0\",model_name=\"m\",finished_reason=\"stop\"}"
		" 0.0\n",
		"# TYPE vllm:kv_cache_usage_perc gauge\n",
		"vllm:kv_cache_usage_perc{engine=\"0\",model_name=\"m\"} 0.25\n",
		"vllm:num_requests_running{engine=\"0\",model_name=\"m\"} 3.0\n",
		"vllm:cache_config_info{block_size=\"16\",cache_dtype=\"auto\",enable_prefix_"
		"caching="
		"\"True\",engine=\"0\",gpu_memory_utilization=\"0.9\",num_gpu_blocks=\"1000\"} "
		"1.0\n",
	};
	struct sw__vllm_metrics m = fresh();
	const struct sw_engine settings = {.gpu_memory_utilization = 0.9, .prefix_caching = true};
	const struct sw__vllm_engine engine = {
		"m",
		&settings,
		{.running = 3, .kv_blocks = 1000, .kv_blocks_free = 750, .kv_block_tokens = 16}};
	struct sw_text text = {0};

	sw__vllm_write(&text, &m, &engine);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (!CHECK(strstr(sw_text_string(&text), lines[i])))
			printf("    %s", lines[i]);
	}
	CHECK(!strstr(sw_text_string(&text),
		      "request_prompt_tokens_bucket{engine=\"0\",model_name=\"m\","
		      "le=\"10000.0\"}"));
	sw_text_free(&text);
}

TEST_MAIN()

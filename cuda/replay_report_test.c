// SPDX-License-Identifier: Apache-2.0
#include "replay_report.h"

#include <jansson.h>

#include "check.h"

static struct engine_request_record request(uint64_t id, double arrival, double first, double last,
					    uint32_t output)
{
	return (struct engine_request_record){id, arrival, first, last, 100, output, 0, 0};
}

TEST(lines_are_json_and_whole)
{
	struct engine_request_record r = request(7, 0.5, 0.75, 1.25, 6);
	struct engine_step_record s = {.start_s = 1,
				       .decodes = 3,
				       .prompts = 1,
				       .decode_context = 300,
				       .prompt_tokens = 64,
				       .device_ms = 8.5,
				       .wall_ms = NAN};
	char text[2048] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");
	json_t *line;
	char *second;

	CHECK_INT(replay_write_request(out, "a \"b\"", &r, NULL), SW_OK);
	CHECK_INT(replay_write_step(out, "a", &s, NULL), SW_OK);
	(void)fclose(out);
	second = strchr(text, '\n');
	*second++ = '\0';
	line = json_loads(text, 0, NULL);
	CHECK_STR(json_string_value(json_object_get(line, "tenant")), "a \"b\"");
	CHECK_NEAR(json_number_value(json_object_get(line, "first_token_s")), 0.75, 0);
	CHECK_INT(json_integer_value(json_object_get(line, "output_tokens")), 6);
	json_decref(line);
	line = json_loads(second, 0, NULL);
	CHECK_STR(json_string_value(json_object_get(line, "phase")), "mixed");
	CHECK_NEAR(json_number_value(json_object_get(line, "device_ms")), 8.5, 0);
	CHECK(json_is_null(json_object_get(line, "wall_ms")));
	json_decref(line);
}

static json_t *gpu_line(const struct replay_gpu *gpu)
{
	char text[512] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	CHECK_INT(replay_write_gpu(out, "a", gpu, NULL), SW_OK);
	(void)fclose(out);
	return json_loads(text, 0, NULL);
}

TEST(clocks_are_in_words_and_unknown_ones_null)
{
	json_t *known = gpu_line(&(struct replay_gpu){3, 5, 1755, NAN, 0.25, 5});
	json_t *unknown = gpu_line(&(struct replay_gpu){3, 5, NAN, NAN, NAN, 0});

	CHECK_NEAR(json_number_value(json_object_get(known, "to_s")), 5, 0);
	CHECK(json_is_null(json_object_get(known, "power_w")));
	CHECK_STR(json_string_value(json_object_get(known, "clock_reasons")), "idle, power cap");
	CHECK(json_is_null(json_object_get(unknown, "throttled_fraction")));
	CHECK(json_is_null(json_object_get(unknown, "clock_reasons")));
	json_decref(known);
	json_decref(unknown);
}

TEST(a_full_disk_is_said)
{
	struct engine_request_record r = request(7, 0.5, 0.75, 1.25, 6);
	FILE *out = fopen("/dev/full", "w");

	if (!out)
		SKIP("no /dev/full here");
	CHECK_INT(replay_write_request(out, "a", &r, NULL), SW_IO);
	(void)fclose(out);
}

TEST(latencies_are_counted_by_hand)
{
	struct engine_request_record early = request(1, 0.5, 9, 9, 1),
				     a = request(2, 1, 1.2, 2.2, 11), b = request(3, 2, 2.4, 3, 1),
				     c = request(4, 2, 2.6, 5, 5);
	struct replay_statistics s;
	replay_tally *t;

	CHECK_INT(replay_tally_new(1, &t, NULL), SW_OK);
	replay_tally_statistics(t, &s);
	CHECK(s.requests == 0 && isnan(s.ttft_ms[0]) && isnan(s.output_tok_s));
	replay_tally_add(t, &early, NULL);
	replay_tally_add(t, &a, NULL);
	replay_tally_add(t, &b, NULL);
	replay_tally_add(t, &c, NULL);
	replay_tally_statistics(t, &s);
	CHECK_INT(s.requests, 3);
	CHECK_NEAR(s.ttft_ms[0], 400, 1e-9);
	CHECK_NEAR(s.ttft_ms[1], 400, 1e-9);
	CHECK_NEAR(s.ttft_ms[2], 580, 1e-9);
	CHECK_NEAR(s.tpot_ms[0], 0.5 * (100 + 600),
		   1e-9); /* b has one token and no time per token */
	CHECK_NEAR(s.output_tok_s, 17.0 / 4, 1e-12);
	replay_tally_free(t);
}

TEST_MAIN()

// SPDX-License-Identifier: Apache-2.0
#include "replay_row.h"

#include "check.h"

TEST(a_row_by_hand)
{
	struct sw_tenant t = {
		.name = "a,b",
		.model = {.id = "qwen3-4b"},
		.slice = {.memory_gib = 19.5},
		.engine = {.max_num_seqs = 32, .max_num_batched_tokens = 2048, .cuda_graphs = true},
		.load = {.rate = NAN,
			 .concurrency = 8,
			 .prompt_tokens = {2048, NAN},
			 .output_tokens = {256, NAN}}};
	struct replay_statistics s = {3, {1, 2, 3, 4}, {NAN, NAN, NAN, NAN}, 100.5};
	struct replay_gpu gpu = {0, 1, 1755, NAN, 0.25, 4};
	struct replay_row row = {"pairs", 2, "h100-sxm", "mps", &t, 0.5, &s, &gpu};
	char text[1024] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	CHECK_INT(replay_write_row(out, &row, NULL), SW_OK);
	(void)fclose(out);
	CHECK_STR(text, "pairs,2,h100-sxm,mps,\"a,b\",qwen3-4b,0.5,19.5,32,2048,true,,8,2048,256,"
			"1,2,3,4,,,,,100.5,1755,,0.25\n");
}

TEST(as_many_columns_as_the_header_names)
{
	struct sw_tenant t = {.name = "a", .model = {.id = "m"}};
	struct replay_statistics s = {0};
	struct replay_gpu gpu = {0};
	struct replay_row row = {"e", 0, "g", "mps", &t, 1, &s, &gpu};
	char text[2048] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");
	int header = 0, line = 0;
	const char *c = text;

	CHECK_INT(replay_write_row_header(out, NULL), SW_OK);
	CHECK_INT(replay_write_row(out, &row, NULL), SW_OK);
	(void)fclose(out);
	for (; *c != '\n'; c++)
		header += *c == ',';
	for (c++; *c; c++)
		line += *c == ',';
	CHECK_INT(header, 26);
	CHECK_INT(line, header);
}

TEST_MAIN()

// SPDX-License-Identifier: Apache-2.0
#include "replay_speed.h"

#include "check.h"
#include "slicewise/catalog.h"
#include "tiny_fixture.h"

/*
 * The tiny model by hand, in elements. A layer: 64 x (2 + 2 x 1) x 64 of q, k and v, 128 x 64 of the output, 3 x 64 x 64 of the
 * MLP. Output matrix: 64 x 64. K and V of a token: 2 x 64.
 */
enum { LAYER = 16384 + 8192 + 12288, MATRIX = 4096, TOKEN = 128 };

TEST(bytes_of_a_decode_by_hand)
{
	struct sw_model m = tiny_model();

	/* Three sequences of ten tokens: ten read and one written each. */
	CHECK_NEAR(replay_decode_bytes(&m, 3, 10),
		   2 * (LAYER + MATRIX + 3 * 64 + 3 * (10 + 1) * TOKEN), 0);
	m.layers = 2;
	CHECK_NEAR(replay_decode_bytes(&m, 3, 10),
		   2 * (2 * LAYER + MATRIX + 3 * 64 + 2 * 3 * (10 + 1) * TOKEN), 0);
	m.tied_embeddings = true;
	CHECK_NEAR(replay_decode_bytes(&m, 3, 10),
		   2 * (2 * LAYER + MATRIX + 2 * 3 * (10 + 1) * TOKEN), 0);
}

TEST(operations_of_a_prompt_by_hand)
{
	struct sw_model m = tiny_model();

	/* Four tokens see 1 + 2 + 3 + 4 tokens, in two heads of 64, once for scores and once for values. */
	CHECK_NEAR(replay_prompt_flop(&m, 4),
		   2 * LAYER * 4 + 2 * 2 * 2 * 64 * (1 + 2 + 3 + 4) + 2 * MATRIX, 0);
	m.layers = 3;
	m.tied_embeddings = true;
	CHECK_NEAR(replay_prompt_flop(&m, 4),
		   3 * (2 * LAYER * 4 + 2 * 2 * 2 * 64 * 10) + 2 * MATRIX, 0);
}

TEST(llama_7b_is_in_the_catalogue_and_as_large_as_published)
{
	struct sw_model m;
	sw_catalog *catalog;

	CHECK_INT(sw_catalog_open(&catalog, NULL), SW_OK);
	CHECK_INT(sw_catalog_model(catalog, "llama-7b", &m, NULL), SW_OK);
	sw_catalog_free(catalog);
	/* 6 607 077 376 weights without norms and embedding; half a MiB of K and V a token. */
	CHECK_NEAR(replay_decode_bytes(&m, 1, 511), 2 * (6607077376.0 + 4096) + 512 * 524288.0,
		   1e-15);
	CHECK_NEAR(replay_prompt_flop(&m, 2048) / 1e12, 2 * 6476005376.0 * 2048 / 1e12 + 1.1,
		   0.001);
}

TEST(shares_are_of_the_ceilings)
{
	const struct device_ceilings c = {.copy_gbps = 2, .read_gbps = 3, .bf16_tflops = 0.5};
	const struct step_shape decode = {3, 10, 1}, prompt = {1, 4, 4};
	struct sw_model m = tiny_model();
	double gb = replay_decode_bytes(&m, 3, 10) / 1e9;
	double tflop = replay_prompt_flop(&m, 4) / 1e12;
	/* 1 GB/s of 2; the time in which a decode reaches 70 % and a prompt 50 %. */
	struct replay_speed half = replay_speed_of(&m, &c, &decode, gb * 1e3);

	CHECK_NEAR(half.rate, 1, 1e-12);
	CHECK_NEAR(half.share, 0.5, 1e-12);
	CHECK(!half.reached);
	CHECK(replay_speed_of(&m, &c, &decode, gb / 1.41 * 1e3).reached);
	CHECK(!replay_speed_of(&m, &c, &decode, gb / 1.39 * 1e3).reached);
	CHECK_NEAR(replay_speed_of(&m, &c, &prompt, tflop / 0.3 * 1e3).rate, 0.3, 1e-12);
	CHECK_NEAR(replay_speed_of(&m, &c, &prompt, tflop / 0.3 * 1e3).share, 0.6, 1e-12);
	CHECK(replay_speed_of(&m, &c, &prompt, tflop / 0.251 * 1e3).reached);
	CHECK(!replay_speed_of(&m, &c, &prompt, tflop / 0.249 * 1e3).reached);
}

TEST(an_unknown_ceiling_is_not_reached)
{
	const struct device_ceilings none = {0};
	const struct step_shape decode = {1, 10, 1};
	struct sw_model m = tiny_model();
	struct replay_speed speed = replay_speed_of(&m, &none, &decode, 1);

	CHECK(speed.rate > 0 && isnan(speed.share) && !speed.reached);
}

TEST(a_line_says_what_is_reached)
{
	const struct step_shape decode = {32, 512, 1}, prompt = {1, 2048, 2048};
	const struct replay_speed near = {460.1, 0.664, true}, far = {1650.04, 0.5893, false};
	char text[512] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	replay_speed_print(&decode, 12.3456, &far, out);
	replay_speed_print(&prompt, 58.0123, &near, out);
	(void)fclose(out);
	CHECK_STR(text, "decode   32 x 512      12.346 ms    1650.0 GB/s     58.9 % of copy     "
			"below 70 %\n"
			"prefill   1 x 2048     58.012 ms     460.1 TFLOPS   66.4 % of product  "
			"reached\n");
}

static enum sw_status speed_of(uint64_t free_bytes, char *text, size_t size, struct sw_error *err)
{
	const struct device_ceilings c = {.copy_gbps = 1e-9, .bf16_tflops = 1e9};
	struct sw_model m = tiny_model();
	struct replay_speed_ask ask = {
		.model = &m, .ceilings = &c, .context = 20, .batch_max = 4, .prompt = 48};
	FILE *out = fmemopen(text, size, "w");
	enum sw_status st;

	CHECK_INT(device_open_emulated(&ask.device, NULL), SW_OK);
	ask.device->info.free_bytes = free_bytes;
	st = replay_speed(&ask, out, err);
	(void)fclose(out);
	ask.device->operations->close(ask.device);
	return st;
}

TEST(decodes_and_a_prompt_are_measured)
{
	struct sw_error err = {0};
	char text[2048] = "";
	unsigned lines = 0;

	CHECK_INT(speed_of(1 << 30, text, sizeof(text), &err), SW_OK);
	CHECK_STR(err.message, "");
	for (const char *c = text; *c; c++)
		lines += *c == '\n';
	CHECK_INT(lines, 2 + 3 + 1);
	CHECK(strstr(text, "\ntiny, ") == text);
	CHECK(strstr(text, "\ndecode    1 x 20 ") && strstr(text, "\ndecode    2 x 20 ") &&
	      strstr(text, "\ndecode    4 x 20 ") && strstr(text, "\nprefill   1 x 48 "));
	/* Of a memory that slow every decode is fast enough, and of products that fast no prompt is. */
	CHECK(strstr(text, "of copy     reached\n") && !strstr(text, "below 70 %"));
	CHECK(strstr(text, " 0.0 % of product  below 50 %\n"));
}

TEST(what_does_not_fit_is_named_and_not_tried)
{
	struct sw_error err = {0};
	char text[64] = "";

	CHECK_INT(speed_of(4096, text, sizeof(text), &err), SW_INFEASIBLE);
	CHECK(strstr(err.message, "tiny takes 0.0 GiB of GPU memory, found 0.0 free"));
	CHECK_STR(text, "");
}

TEST_MAIN()

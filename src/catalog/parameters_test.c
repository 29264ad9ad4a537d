// SPDX-License-Identifier: Apache-2.0
#include "check.h"
#include "slicewise/catalog.h"

static struct sw_error err;

/*
 * Counts as published with the checkpoints, typed in here once more; the files' own figure is
 * compared in catalog_test.c.
 */
TEST(counts_match_the_published_ones_exactly)
{
	static const struct {
		const char *id;
		unsigned long long parameters;
	} published[] = {
		{"llama-7b", 6738415616},     {"llama-13b", 13015864320},
		{"llama-3.1-8b", 8030261248}, {"llama-3.2-1b", 1235814400},
		{"llama-3.2-3b", 3212749824}, {"qwen3-0.6b", 596049920},
		{"qwen3-1.7b", 1720574976},   {"qwen3-4b", 4022468096},
		{"qwen3-8b", 8190735360},     {"qwen3-32b", 32762123264},
		{"qwen2.5-0.5b", 494032768},  {"qwen2.5-1.5b", 1543714304},
		{"qwen2.5-3b", 3085938688},   {"qwen2.5-7b", 7615616512},
		{"qwen2.5-14b", 14770033664}, {"deepseek-r1-distill-qwen-1.5b", 1777088000},
		{"mistral-7b", 7241732096},   {"deepseek-r1-distill-qwen-7b", 7615616512},
		{"phi-2", 2779683840},        {"deepseek-r1-distill-llama-8b", 8030261248},
	};
	sw_catalog *catalog;
	struct sw_model model;

	CHECK_INT(sw_catalog_open(&catalog, &err), SW_OK);
	for (size_t i = 0; i < sizeof(published) / sizeof(*published); i++) {
		CHECK_INT(sw_catalog_model(catalog, published[i].id, &model, &err), SW_OK);
		CHECK_INT(sw_model_parameters(&model), published[i].parameters);
	}
	sw_catalog_free(catalog);
}

/*
 * One layer small enough to count by hand: hidden 4, 2 heads of 3 with 1 KV head, inner 5,
 * vocabulary 7.
 */
TEST(each_flag_adds_what_it_should)
{
	struct sw_model m = {.layers = 1,
			     .hidden = 4,
			     .heads = 2,
			     .kv_heads = 1,
			     .head_dim = 3,
			     .intermediate = 5,
			     .vocab = 7,
			     .gated_mlp = true};
	struct sw_parameters p = sw_model_parameters_by_kind(&m);

	/* q 4x6, k and v 4x3 each, o 6x4; gate, up, down 4x5 each */
	CHECK_INT(p.linear, 24 + 12 + 12 + 24 + 60);
	CHECK_INT(p.embedding, 28);
	CHECK_INT(p.lm_head, 28);
	CHECK_INT(p.vector, 4 + 4 + 4);
	m.tied_embeddings = true;
	CHECK_INT(sw_model_parameters_by_kind(&m).lm_head, 0);
	m.qkv_bias = true; /* 6 + 3 + 3 */
	CHECK_INT(sw_model_parameters_by_kind(&m).vector, 12 + 12);
	m.o_bias = true; /* 4 */
	CHECK_INT(sw_model_parameters_by_kind(&m).vector, 12 + 12 + 4);
	m.mlp_bias = true; /* 5 + 5 + 4 */
	CHECK_INT(sw_model_parameters_by_kind(&m).vector, 28 + 14);
	m.qk_norm = true; /* 3 + 3 */
	CHECK_INT(sw_model_parameters_by_kind(&m).vector, 42 + 6);
	m.lm_head_bias = true; /* 7 */
	CHECK_INT(sw_model_parameters_by_kind(&m).vector, 48 + 7);
	m.norm_bias = true; /* 3 norms of 4, and the two of 3 */
	CHECK_INT(sw_model_parameters_by_kind(&m).vector, 55 + 12 + 6);
	m.parallel_block = true; /* one norm of 4 + 4 less */
	CHECK_INT(sw_model_parameters_by_kind(&m).vector, 73 - 8);
	m.gated_mlp = false; /* up and down; bias 5 + 4 */
	CHECK_INT(sw_model_parameters_by_kind(&m).linear, 72 + 40);
	CHECK_INT(sw_model_parameters_by_kind(&m).vector, 65 - 5);
}

TEST(shapes_beyond_32_bits_are_counted)
{
	struct sw_model m = {.layers = 1000,
			     .hidden = 1 << 16,
			     .heads = 512,
			     .kv_heads = 512,
			     .head_dim = 128,
			     .intermediate = 1 << 18,
			     .vocab = 1 << 20,
			     .tied_embeddings = true};

	/* 4 h^2 + 2 h i per layer */
	CHECK_INT(sw_model_parameters_by_kind(&m).linear,
		  1000ULL * (4ULL * 65536 * 65536 + 2ULL * 65536 * 262144));
}

TEST_MAIN()

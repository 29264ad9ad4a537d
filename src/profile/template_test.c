// SPDX-License-Identifier: Apache-2.0
#include "profile/template.h"

#include <stdlib.h>
#include <unistd.h>

#include "check.h"

static struct sw_error err;

static struct sw_mix *one_tenant(double memory_gib)
{
	static struct sw_tenant tenant;
	static struct sw_mix mix;

	tenant = (struct sw_tenant){
		.name = "a",
		.engine = {.max_num_seqs = 8,
			   .max_model_len = 4096,
			   .max_num_batched_tokens = 512,
			   .gpu_memory_utilization = 0.9},
		.slice = {.share = 0.35, .memory_gib = memory_gib},
	};
	mix = (struct sw_mix){.n = 1, .tenants = &tenant};
	mix.gpu.dram_gib = mix.gpu.visible_gib = NAN;
	return &mix;
}

static char gguf[] = "gguf", file[] = "x y.gguf", name[] = "name", own[] = "own", id[] = "qwen3-4b";
static struct sw__pair own_pairs[] = {{gguf, file}, {name, own}};
static const struct sw__campaign_model model = {.model_text = id, .variables = {2, own_pairs}};

static const char *expanded(const char *text, double memory_gib)
{
	static char out[512];
	struct sw__template words;
	char *got = NULL;

	*out = '\0';
	if (!CHECK(sw__template_make(one_tenant(memory_gib), 0, &model, 8123, &words, &err) ==
		   SW_OK))
		return out;
	if (sw__template_expand(&words, text, &got, &err) == SW_OK)
		(void)snprintf(out, sizeof(out), "%s", got);
	else
		(void)snprintf(out, sizeof(out), "refused: %s", err.message);
	free(got);
	sw__template_free(&words);
	return out;
}

TEST(words_stand_for_what_they_name)
{
	CHECK_STR(expanded("{model} {port} {share} {share_percent}%", 20),
		  "qwen3-4b 8123 0.35 35%");
	CHECK_STR(expanded("{memory_mib}m {memory_gib}", 20.5), "20992m 20.5");
	CHECK_STR(expanded("{max_num_seqs},{max_model_len},{max_num_batched_tokens}", 1),
		  "8,4096,512");
	CHECK_STR(expanded("{gpu_memory_utilization}{index}", 1), "0.90");
	CHECK_STR(expanded("", 1), "");
	CHECK_STR(expanded("plain", 1), "plain");
}

TEST(a_models_own_words_come_first)
{
	CHECK_STR(expanded("{gguf} {name}", 1), "x y.gguf own");
}

TEST(double_braces_are_braces)
{
	CHECK_STR(expanded("{{\"a\": {{\"b\": {port}}}}}", 1), "{\"a\": {\"b\": 8123}}");
}

TEST(slips_are_refused)
{
	CHECK(strstr(expanded("{prot}", 1), "refused: {prot}: no such word"));
	CHECK(strstr(expanded("{port", 1), "refused: a brace alone"));
	CHECK(strstr(expanded("port}", 1), "refused: a brace alone"));
	CHECK(strstr(expanded("{memory_mib}", NAN), "refused: {memory_mib}: not known"));
	CHECK_INT(sw__template_check(&model.variables, "{gguf} {port} {memory_mib}", &err), SW_OK);
	CHECK_INT(sw__template_check(&model.variables, "{other}", &err), SW_BAD_INPUT);
}

TEST(an_environment_is_ours_with_what_differs)
{
	char set_name[] = "SW_TEST_SET", unset_name[] = "SW_TEST_UNSET", text[] = "{share}";
	struct sw__pair pairs[] = {{set_name, text}, {unset_name, NULL}};
	const struct sw__pairs asked = {2, pairs};
	struct sw__template words;
	bool set = false, unset = true, kept = false;
	char **list;

	CHECK(setenv("SW_TEST_UNSET", "x", 1) == 0 && setenv("SW_TEST_KEPT", "y", 1) == 0 &&
	      setenv("SW_TEST_SET", "old", 1) == 0);
	CHECK_INT(sw__template_make(one_tenant(1), 0, &model, 1, &words, &err), SW_OK);
	if (!CHECK(sw__template_environment(&words, &asked, &list, &err) == SW_OK))
		return;
	for (char **at = list; *at; at++) {
		set |= strcmp(*at, "SW_TEST_SET=0.35") == 0;
		unset &= strncmp(*at, "SW_TEST_UNSET", 13) != 0;
		kept |= strcmp(*at, "SW_TEST_KEPT=y") == 0;
		CHECK(strcmp(*at, "SW_TEST_SET=old") != 0);
	}
	CHECK(set && unset && kept);
	sw__list_free(list);
	sw__template_free(&words);
}

TEST_MAIN()

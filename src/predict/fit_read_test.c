// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "check.h"
#include "predict/fit_known.h"

static struct sw_error err;

static enum sw_status read_text(const char *text, sw_fit **fit)
{
	char path[] = "/tmp/slicewise-fit-XXXXXX";
	int file = mkstemp(path);
	enum sw_status st;

	CHECK(file >= 0);
	(void)close(file);
	CHECK_INT(sw_file_write(path, text, strlen(text), &err), SW_OK);
	st = sw_fit_open(path, fit, &err);
	(void)unlink(path);
	return st;
}

#define BOUNDS_OF(BOUND)                                                            \
	"{\"ttft_mean\": " BOUND ", \"ttft_p50\": " BOUND ", \"ttft_p95\": " BOUND  \
	", \"ttft_p99\": " BOUND ", \"tpot_mean\": " BOUND ", \"tpot_p50\": " BOUND \
	", \"tpot_p95\": " BOUND ", \"tpot_p99\": " BOUND "}"
#define BOUNDS       BOUNDS_OF("{\"upper\": 1.5, \"lower\": 2}")
#define WIDER_BOUNDS BOUNDS_OF("{\"upper\": 3.5, \"lower\": 4}")
#define SEEN         "{\"low\": 1, \"high\": 4}"
#define RANGE                                                             \
	"{\"engines\": " SEEN ", \"share\": " SEEN ", \"running\": " SEEN \
	", \"prompt_tokens\": " SEEN ", \"output_tokens\": " SEEN "}"
#define GROUP(gpu, coefficients)                                                                \
	"{\"gpu\": " gpu ", \"mechanism\": \"mps\", \"runs\": 12, \"mixes\": 4, "               \
	"\"coefficients\": " coefficients ", \"bounds\": " BOUNDS ", \"quick_bounds\": " BOUNDS \
	", \"bound_rows\": 20, \"range\": " RANGE "}"
#define MODEL(model, value)                                                       \
	"{\"gpu\": \"l4\", \"model\": " model ", \"runs\": 3, \"coefficients\": " \
	"{\"decode\": {\"value\": " value ", \"doubt\": 0.02}}}"
#define FIT(groups, models)                                                        \
	"{\"format\": \"slicewise-fit-1\", \"origin\": \"a test\", \"runs\": 12, " \
	"\"mixes\": 4,\n\"groups\": [" groups "],\n\"models\": [" models "]}"

/* Of engines that a limiter holds: as all others where nothing is said, else what is said. */
TEST(held_engines_have_bounds_of_their_own_where_the_file_says_so)
{
	static const char plain[] = FIT(GROUP("\"l4\"", "{}"), MODEL("null", "1"));
	char text[sizeof(plain) + 4096];
	const char *after = strstr(plain, "\"bound_rows\"");
	const struct sw__fit_group *g;
	sw_fit *fit;

	CHECK_INT(read_text(plain, &fit), SW_OK);
	g = sw__fit_group(fit, "l4", SW_MPS);
	CHECK_NEAR(g->bound[SW__BOUND_HELD][SW_TTFT][SW_P99].upper, 1.5, 0);
	CHECK_NEAR(g->quick_bound[SW__BOUND_HELD][SW_TPOT][SW_MEAN].lower, 2, 0);
	sw_fit_free(fit);
	(void)snprintf(text, sizeof(text), "%.*s\"held_quick_bounds\": %s, %s",
		       (int)(after - plain), plain, WIDER_BOUNDS, after);
	CHECK_INT(read_text(text, &fit), SW_OK);
	g = sw__fit_group(fit, "l4", SW_MPS);
	CHECK_NEAR(g->quick_bound[SW__BOUND_HELD][SW_TTFT][SW_P99].upper, 3.5, 0);
	CHECK_NEAR(g->quick_bound[SW__BOUND_FREE][SW_TTFT][SW_P99].upper, 1.5, 0);
	CHECK_NEAR(g->bound[SW__BOUND_HELD][SW_TTFT][SW_P99].upper, 1.5, 0);
	sw_fit_free(fit);
}

TEST(what_stands_in_the_file_is_found_again)
{
	sw_fit *fit;
	const struct sw__fit_group *g;

	CHECK_INT(read_text(FIT(GROUP("\"l4\"", "{\"dram_together\": {\"value\": 0.7, \"doubt\": "
						"0.05}}") "," GROUP("null", "{}"),
				MODEL("\"qwen3-4b\"", "1.1") "," MODEL("null", "1.05")),
			    &fit),
		  SW_OK);
	g = sw__fit_group(fit, "l4", SW_MPS);
	CHECK_NEAR(sw__fit_shared(g).at[SW__SHARED_dram_together], 0.7, 0);
	/* What the file leaves out is as without measurement. */
	CHECK_NEAR(sw__fit_shared(g).at[SW__SHARED_switch_ms],
		   sw__shared_unmeasured().at[SW__SHARED_switch_ms], 0);
	CHECK_NEAR(g->bound[SW__BOUND_FREE][SW_TPOT][SW_P95].lower, 2, 0);
	CHECK_NEAR(g->range[SW__RANGE_share].high, 4, 0);
	CHECK(sw__fit_group(fit, "h100-sxm", SW_MPS) == &fit->groups[1]);
	CHECK(!sw__fit_group(fit, "l4", SW_HAMI));
	CHECK_NEAR(sw__fit_values(sw__fit_model(fit, "l4", "qwen3-4b")).at[SW__MODEL_decode], 1.1,
		   0);
	CHECK_NEAR(sw__fit_values(sw__fit_model(fit, "l4", "another")).at[SW__MODEL_decode], 1.05,
		   0);
	CHECK(!sw__fit_model(fit, "h100-sxm", "qwen3-4b"));
	sw_fit_free(fit);
}

static void refuse(const char *text, const char *message)
{
	sw_fit *fit;

	CHECK_INT(read_text(text, &fit), SW_BAD_INPUT);
	CHECK(!fit);
	CHECK(strstr(err.message, message) != NULL);
	if (!strstr(err.message, message))
		CHECK_STR(err.message, message);
}

TEST(what_cannot_be_is_refused_with_line_and_key)
{
	refuse("{\"format\": \"slicewise-fit-9\"}", "format");
	refuse(FIT(GROUP("\"l4\"", "{\"dram\": {\"value\": 1, \"doubt\": 0}}"), ""),
	       "no such coefficient");
	refuse(FIT(GROUP("\"l4\"", "{\"dram_together\": {\"value\": 7, \"doubt\": 0}}"), ""),
	       ":2: groups[0].coefficients.dram_together.value: found 7");
	refuse(FIT("", MODEL("\"a\"", "1e9")), ":3: models[0].coefficients.decode.value");
	refuse(FIT("{}", ""), "groups[0]");
	refuse("[]", "found");
}

TEST(the_shipped_fit_knows_every_mechanism_and_no_model)
{
	static const enum sw_mechanism all[] = {SW_EXCLUSIVE, SW_MPS, SW_TIMESLICE, SW_HAMI,
						SW_MIG};
	sw_fit *fit;

	CHECK_INT(sw_fit_open(NULL, &fit, &err), SW_OK);
	for (size_t i = 0; i < 5; i++)
		CHECK(sw__fit_group(fit, "h100-sxm", all[i]) != NULL);
	CHECK_INT(fit->n_models, 0);
	sw_fit_free(fit);
	CHECK_INT(sw_fit_open("/nowhere/fit.json", &fit, &err), SW_IO);
}

TEST_MAIN()

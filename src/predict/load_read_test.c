// SPDX-License-Identifier: Apache-2.0
/* What loads are refused is in mix_read_test.c, with the places that messages name. */
#include <string.h>

#include "check.h"
#include "predict/tenant_read.h"

static struct sw_error err;

static enum sw_status read_load(const char *text, struct sw_load *load)
{
	struct sw__source source = {.path = "loads.yaml"};
	struct sw_document *document = NULL;
	enum sw_status st = sw_document_parse(text, strlen(text), "loads.yaml", SW_FORMAT_YAML,
					      &document, &err);

	if (st == SW_OK)
		st = sw__read_load(sw_document_root(document), load, &source, &err);
	sw_document_free(document);
	sw__source_free(&source);
	return st;
}

TEST(open_and_closed_loops)
{
	struct sw_load load = {.rate = NAN};

	CHECK_INT(read_load("{rate: 2.5, prompt_tokens: 100, output_tokens: {mean: 50, p95: 120}}",
			    &load),
		  SW_OK);
	CHECK_NEAR(load.rate, 2.5, 0);
	CHECK(isnan(load.concurrency));
	CHECK_NEAR(load.burstiness, 1, 0);
	CHECK_NEAR(load.prefix_hit_ratio, 0, 0);
	CHECK(isnan(load.prompt_tokens.p95));
	CHECK_NEAR(load.output_tokens.p95, 120, 0);
	CHECK(!load.trace && !load.trace_once);
	CHECK_INT(read_load("{concurrency: 8, prompt_tokens: 100, output_tokens: 1}", &load),
		  SW_OK);
	CHECK(isnan(load.rate));
	CHECK_NEAR(load.concurrency, 8, 0);
}

/* The form of design: p95 / mean up to 3.86, where no lognormal exists beyond. */
TEST(lognormal_lengths_end_where_no_lognormal_exists)
{
	struct sw_load load = {.rate = NAN};

	CHECK_INT(read_load("{rate: 1, prompt_tokens: {mean: 100, p95: 386}, output_tokens: 1}",
			    &load),
		  SW_OK);
	CHECK_INT(read_load("{rate: 1, prompt_tokens: {mean: 100, p95: 387}, output_tokens: 1}",
			    &load),
		  SW_BAD_INPUT);
	CHECK_INT(read_load("{rate: 1, prompt_tokens: {mean: 100, p95: 100}, output_tokens: 1}",
			    &load),
		  SW_BAD_INPUT);
	CHECK(strstr(err.message, "loads.yaml:1: prompt_tokens: "));
}

TEST(a_measured_trace_gives_rate_lengths_and_burstiness)
{
	struct sw_load load = {.rate = NAN};

	if (read_load("{trace: " SW_MEASURED_DIR "/traces/azure-2023-code.csv, rate: 2.0}",
		      &load) != SW_OK)
		SKIP("no measured data beside the repository");
	CHECK_NEAR(load.rate, 2, 0);
	CHECK_NEAR(load.prompt_tokens.mean, 2047.8, 1e-4);
	CHECK_NEAR(load.output_tokens.p95, 90, 1e-6);
	CHECK(load.burstiness > 10);
	CHECK(!load.trace_once);
}

TEST_MAIN()

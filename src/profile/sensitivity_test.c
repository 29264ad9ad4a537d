// SPDX-License-Identifier: Apache-2.0
#include "profile/information.h"

#include "profile/profile_fixture.h"

enum { PREFILL, LINEAR, KV_READING, HOST, SHARE, FIRST_MODEL, COEFFICIENTS = FIRST_MODEL + 2 };

#define CAMPAIGN(mechanism)                                                          \
	"gpu: a100-sxm4-80gb\nmechanism: " mechanism                                 \
	"\nengine: {max_model_len: 4096, cuda_graphs: false}\nprompt_tokens: 1024\n" \
	"output_tokens: 64\nmodels: [llama-3.1-8b, qwen3-0.6b]\nalone: {concurrency: 1}\n"

/* The rows of one experiment: [engine][metric][coefficient]. */
static bool rows_of(const char *text, const struct sw__pick *picks, size_t n, double *rows)
{
	sw_campaign *c = campaign_of(text);
	struct sw__sensitivity s = {0};
	struct sw__workbench bench;
	struct sw_experiment e;
	bool ok;

	if (!c || !CHECK(sw__workbench_open(c, NULL, &bench, &err) == SW_OK))
		return false;
	ok = CHECK(sw__experiment_make(&bench, picks, n, &e, &err) == SW_OK) &&
	     CHECK(sw__sensitivity_open(&bench, &s, &err) == SW_OK) && CHECK(s.n == COEFFICIENTS) &&
	     CHECK(s.rows(s.self, e.mix, rows, &err) == SW_OK);
	sw__sensitivity_close(&s);
	sw_mix_free(e.mix);
	sw__workbench_close(&bench);
	sw_campaign_free(c);
	return ok;
}

TEST(a_step_that_is_slower_by_one_per_cent_makes_tokens_slower_by_one)
{
	const struct sw__pick pick = {0, 1, SW__CONCURRENCY, 1};
	double row[2 * COEFFICIENTS], *tpot = row + COEFFICIENTS;

	if (!rows_of(CAMPAIGN("mps"), &pick, 1, row))
		return;
	/* One sequence alone: its time per token is a step of decodes, and nothing else. */
	CHECK_NEAR(tpot[FIRST_MODEL], 1, 0.02);
	CHECK_NEAR(tpot[LINEAR] + tpot[KV_READING] + tpot[HOST] + tpot[PREFILL], 1, 0.02);
	CHECK_NEAR(tpot[PREFILL], 0, 1e-6);
	CHECK(tpot[LINEAR] > 0.5); /* reading weights */
	CHECK_NEAR(tpot[FIRST_MODEL + 1], 0, 0); /* the model that is not there */
	/* Its time to first token is a step of 1024 prompt tokens. */
	CHECK(row[PREFILL] > 0.5);
}

TEST(a_neighbour_is_felt)
{
	const struct sw__pick both[] = {{0, 0.5, SW__RATE, 0.5}, {1, 0.5, SW__RATE, 1}};
	double rows[4 * COEFFICIENTS];

	if (!rows_of(CAMPAIGN("timeslice"), both, 2, rows))
		return;
	CHECK(rows[COEFFICIENTS + FIRST_MODEL] > 0.3);
	/* The slower the large engine, the more of its time the small one has to share the GPU. */
	CHECK(rows[3 * COEFFICIENTS + FIRST_MODEL] > 0.01);
}

TEST(a_share_matters_where_it_binds)
{
	const struct sw__pick pick = {0, 0.5, SW__CONCURRENCY, 8};
	double hami[2 * COEFFICIENTS], slice[2 * COEFFICIENTS];

	if (!rows_of(CAMPAIGN("hami"), &pick, 1, hami) ||
	    !rows_of(CAMPAIGN("timeslice"), &pick, 1, slice))
		return;
	CHECK(hami[COEFFICIENTS + SHARE] > 0.5);
	CHECK_NEAR(slice[COEFFICIENTS + SHARE], 0, 0);
}

TEST(a_host_has_no_prediction_and_no_budget)
{
	sw_campaign *c = campaign_of("gpu: h\nmechanism: cpu-quota\nprompt_tokens: 1\n"
				     "output_tokens: 1\nmodels: [qwen3-0.6b]\nbudget: {runs: 1}\n"
				     "alone: {concurrency: 1}\nprocesses: {command: x}\n");
	struct sw_design *design;

	if (!c)
		return;
	CHECK_INT(sw_design_make(c, NULL, &design, &err), SW_BAD_INPUT);
	CHECK(strstr(err.message, "budget: nothing predicts cpu-quota"));
	sw_campaign_free(c);
	(void)rmdir(folder);
}

TEST_MAIN()

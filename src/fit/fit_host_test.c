// SPDX-License-Identifier: Apache-2.0
/* Engines on CPU cores: runs of a host that is known to the digit are fitted, and mixes predicted that no run is of. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/described.h"
#include "check.h"
#include "predict/fit_known.h"
#include "slicewise/fit.h"

enum { MODELS = 2, RUNS = 11 };

/* The host: three times slower than nominal in one respect, faster in another. */
static const double truth_at[MODELS][SW__MODEL_COUNT] = {{3.0, 0.5, 2.0}, {2.5, 0.8, 1.8}};
static const double truth_cold = 0.9, truth_reread = 1.2;

struct pick {
	int model;
	double share, concurrency;
};

static struct sw_tenant tenant_of(const struct pick *pick, size_t place)
{
	struct sw_tenant t = {
		.model = {.layers = pick->model ? 10 : 8,
			  .hidden = pick->model ? 384 : 256,
			  .intermediate = pick->model ? 1152 : 768,
			  .heads = 8,
			  .kv_heads = 8,
			  .head_dim = pick->model ? 48 : 32,
			  .vocab = 97,
			  .max_position = 8192,
			  .gated_mlp = true,
			  .weight_bits = 16},
		.engine = {.kind = SW_LLAMA_CPP,
			   .max_model_len = 2048,
			   .max_num_seqs = 4,
			   .max_num_batched_tokens = 2048,
			   .dtype = SW_FP16,
			   .kv_cache_dtype = SW_FP16,
			   .cuda_graphs = true,
			   .gpu_memory_utilization = 0.9,
			   .kv_cache_tokens = NAN,
			   .cores = 1},
		.slice = {SW_CPU_QUOTA, pick->share, NAN},
		.load = {.rate = NAN,
			 .concurrency = pick->concurrency,
			 .prompt_tokens = {60, NAN},
			 .output_tokens = {20, NAN},
			 .burstiness = 1},
	};

	(void)snprintf(t.name, sizeof(t.name), "t%zu", place);
	(void)snprintf(t.model.id, sizeof(t.model.id), "model-%d", pick->model);
	for (int i = 0; i < SW_METRIC_COUNT * SW_STATISTIC_COUNT; i++)
		t.slo.bound_ms[i / SW_STATISTIC_COUNT][i % SW_STATISTIC_COUNT] = NAN;
	return t;
}

static struct sw_mix *mix_of(const struct pick *picks, size_t n)
{
	struct sw_mix *mix = calloc(1, sizeof(*mix));

	mix->gpu = sw__host("box");
	mix->mechanism = SW_CPU_QUOTA;
	mix->n = n;
	mix->tenants = calloc(n, sizeof(*mix->tenants));
	for (size_t i = 0; i < n; i++)
		mix->tenants[i] = tenant_of(&picks[i], i);
	return mix;
}

/* The host as a fit. */
static struct sw_fit *truth(void)
{
	struct sw_fit *fit = calloc(1, sizeof(*fit));

	fit->n_groups = 1;
	fit->groups = calloc(1, sizeof(*fit->groups));
	fit->groups[0] = (struct sw__fit_group){.gpu = "box", .mechanism = SW_CPU_QUOTA};
	for (int k = 0; k < SW__SHARED_COUNT; k++)
		fit->groups[0].shared[k].value = sw__shared_coefficients[k].value;
	fit->groups[0].shared[SW__SHARED_cold_caches].value = truth_cold;
	fit->groups[0].shared[SW__SHARED_reread].value = truth_reread;
	fit->n_models = MODELS;
	fit->models = calloc(MODELS, sizeof(*fit->models));
	for (int i = 0; i < MODELS; i++) {
		struct sw__fit_model *m = &fit->models[i];

		(void)snprintf(m->gpu, sizeof(m->gpu), "box");
		(void)snprintf(m->model, sizeof(m->model), "model-%d", i);
		for (int k = 0; k < SW__MODEL_COUNT; k++)
			m->at[k].value = truth_at[i][k];
	}
	return fit;
}

static void measure(const struct sw_fit *fit, struct sw_mix *mix, size_t i, struct sw_run *run)
{
	struct sw_prediction p[SW_TENANTS_MAX];
	struct sw_error err = {SW_OK, ""};

	*run = (struct sw_run){.repeat = 1, .mix = mix};
	(void)snprintf(run->experiment, sizeof(run->experiment), "e%02zu", i);
	run->measured = calloc(mix->n, sizeof(*run->measured));
	CHECK_INT(sw_predict_mix(mix, fit, p, &err), SW_OK);
	CHECK_STR(err.message, "");
	for (size_t t = 0; t < mix->n; t++)
		for (int m = 0; m < SW_METRIC_COUNT; m++)
			memcpy(run->measured[t].ms[m], p[t].latency[m].at,
			       sizeof(run->measured[t].ms[m]));
}

static const struct {
	size_t n;
	struct pick pick[2];
} experiments[RUNS] = {
	{1, {{0, 1, 1}}},
	{1, {{0, 0.5, 4}}},
	{1, {{0, 0.3, 1}}},
	{1, {{1, 1, 4}}},
	{1, {{1, 0.5, 1}}},
	{1, {{1, 0.3, 4}}},
	{2, {{0, 1, 1}, {1, 1, 4}}},
	{2, {{0, 1, 4}, {1, 1, 1}}},
	{2, {{0, 1, 2}, {0, 1, 4}}},
	{2, {{0, 0.5, 2}, {1, 0.5, 2}}},
	{2, {{1, 1, 2}, {1, 0.4, 3}}},
};

static struct sw_runs runs_of(const struct sw_fit *fit)
{
	struct sw_runs runs = {RUNS, calloc(RUNS, sizeof(*runs.run))};

	for (size_t i = 0; i < RUNS; i++)
		measure(fit, mix_of(experiments[i].pick, experiments[i].n), i, &runs.run[i]);
	return runs;
}

/* Of three engines that no run had together, at other shares and loads. */
static double worst_of_unseen(const struct sw_fit *found, const struct sw_fit *true_one)
{
	static const struct pick picks[] = {{0, 0.4, 3}, {1, 1, 2}, {0, 1, 1}};
	struct sw_mix *mix = mix_of(picks, 3);
	struct sw_prediction p[3], q[3];
	double worst = 0;

	CHECK_INT(sw_predict_mix(mix, found, p, NULL), SW_OK);
	CHECK_INT(sw_predict_mix(mix, true_one, q, NULL), SW_OK);
	for (int t = 0; t < 3; t++)
		for (int m = 0; m < SW_METRIC_COUNT; m++)
			worst = fmax(worst, fabs(log(p[t].latency[m].at[SW_MEAN] /
						     q[t].latency[m].at[SW_MEAN])));
	sw_mix_free(mix);
	return worst;
}

TEST(a_host_is_found_from_runs_alone_and_in_pairs)
{
	struct sw_fit *true_one = truth(), *found = NULL;
	struct sw_runs runs = runs_of(true_one);
	struct sw_fit_settings settings = sw_fit_settings_default();
	struct sw_fit_report report = {0};
	struct sw_error err = {SW_OK, ""};

	settings.requests = 150;
	CHECK_INT(sw_fit_make(&runs, &settings, &found, &report, &err), SW_OK);
	CHECK_STR(err.message, "");
	CHECK_INT(report.unpredictable, 0);
	CHECK_INT(report.n_found, 1);
	if (found) {
		for (int i = 0; i < MODELS; i++)
			for (int k = 0; k < SW__MODEL_host; k++)
				CHECK(fabs(log(found->models[i].at[k].value / truth_at[i][k])) <
				      0.15);
		CHECK(fabs(log(found->groups[0].shared[SW__SHARED_cold_caches].value /
			       truth_cold)) < 0.3);
		CHECK(fabs(log(found->groups[0].shared[SW__SHARED_reread].value / truth_reread)) <
		      0.15);
		CHECK(report.found[0].held_out[SW_TPOT][SW_MEAN].mape < 0.05);
		CHECK(worst_of_unseen(found, true_one) < 0.05);
		CHECK(worst_of_unseen(NULL, true_one) > 0.5);
	}
	sw_fit_report_clear(&report);
	sw_runs_clear(&runs);
	sw_fit_free(found);
	sw_fit_free(true_one);
}

TEST(the_same_runs_make_the_same_fit)
{
	struct sw_fit *true_one = truth(), *found[2] = {NULL, NULL};
	struct sw_runs runs = runs_of(true_one);
	struct sw_fit_settings settings = sw_fit_settings_default();
	char *text[2] = {NULL, NULL};

	settings.rounds = 1;
	settings.requests = 40;
	for (unsigned i = 0; i < 2; i++) {
		settings.threads = 1 + i;
		CHECK_INT(sw_fit_make(&runs, &settings, &found[i], NULL, NULL), SW_OK);
		CHECK_INT(sw_fit_text(found[i], &text[i], NULL), SW_OK);
	}
	CHECK_STR(text[0], text[1]);
	for (int i = 0; i < 2; i++) {
		free(text[i]);
		sw_fit_free(found[i]);
	}
	sw_runs_clear(&runs);
	sw_fit_free(true_one);
}

TEST_MAIN()

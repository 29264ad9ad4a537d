// SPDX-License-Identifier: Apache-2.0
#include "latency/judgement.h"

#include <math.h>

static const double error_max = 5; /* a single row counts as 500 % at most */
static const double preempted_share =
	1e-3; /* of the requests: beyond, a row is one of KV pressure */
static const double answer_tokens = 20; /* mean output from which a workload is one of answers */

bool judgement_predict(const struct scenario *s, struct sw__latency *latency, double *max_rate)
{
	bool loop = s->kind == SCENARIO_LOOP;
	struct sw__traffic_ask ask = {
		.prompt = &s->prompt,
		.output = &s->output,
		.prefix_hit_ratio = s->prefix_hit_ratio,
		.rate_per_s = loop ? NAN : s->rate_per_s,
		.concurrency = loop ? (double)s->concurrency : NAN,
		.burstiness = s->burstiness,
		.trace = s->trace,
		.trace_stretch = s->trace_stretch,
	};
	struct sw__traffic traffic;

	if (sw__traffic_prepare(&ask, &traffic, NULL) != SW_OK)
		return false;
	*latency = sw__queue_latency(&s->curve, &s->batching, &traffic);
	*max_rate = sw__queue_max_rate(&s->curve, &s->batching, &traffic);
	return true;
}

bool judgement_make(unsigned index, double load, size_t requests, struct judgement *out)
{
	struct scenario *s = &out->scenario;

	out->index = index;
	scenario_draw(index, s);
	if (!scenario_set_load(s, load) ||
	    !scenario_run(s, requests, index * 17u + 5, &out->truth) ||
	    !judgement_predict(s, &out->predicted, &out->predicted_max_rate))
		return false;
	for (int k = 0; k < 4; k++) {
		out->error[k] = out->predicted.ttft_ms[k] / out->truth.ttft[k] - 1;
		out->error[4 + k] = out->predicted.tpot_ms[k] / out->truth.tpot[k] - 1;
	}
	return true;
}

void judgement_csv_header(FILE *out)
{
	fputs("index,kind,policy,schedule_ahead,load,rate,concurrency,burstiness,prompt_mean,"
	      "prompt_p95,"
	      "output_mean,output_p95,prefix_hit_ratio,max_num_seqs,max_num_batched_tokens,kv_"
	      "cache_tokens,"
	      "capacity,predicted_capacity,preemptions,utilisation,predicted_utilisation",
	      out);
	for (int metric = 0; metric < 2; metric++) {
		for (int k = 0; k < 4; k++) {
			static const char *const names[] = {"mean", "p50", "p95", "p99"};
			const char *what = metric == 0 ? "ttft" : "tpot";

			fprintf(out, ",%s_%s_ms,predicted_%s_%s_ms", what, names[k], what,
				names[k]);
		}
	}
	fputc('\n', out);
}

static void csv_number(double x, FILE *out)
{
	if (isfinite(x))
		fprintf(out, ",%.6g", x);
	else
		fputc(',', out);
}

void judgement_csv(const struct judgement *j, FILE *out)
{
	static const char *const kinds[] = {"poisson", "bursty", "loop"};
	const struct scenario *s = &j->scenario;
	const double numbers[] = {
		s->load,
		s->rate_per_s,
		s->kind == SCENARIO_LOOP ? (double)s->concurrency : NAN,
		s->burstiness,
		s->prompt.mean,
		s->prompt.p95,
		s->output.mean,
		s->output.p95,
		s->prefix_hit_ratio,
		s->batching.max_num_seqs,
		s->batching.max_num_batched_tokens,
		s->batching.kv_cache_tokens,
		s->capacity_per_s,
		j->predicted_max_rate,
		(double)j->truth.preemptions,
		j->truth.utilisation,
		j->predicted.utilisation,
	};

	fprintf(out, "%u,%s,%s,%d", j->index, kinds[s->kind],
		s->batching.policy == SW__MIXED_STEPS ? "mixed" : "prefill-first",
		(int)s->batching.schedule_ahead);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		csv_number(numbers[i], out);
	for (int k = 0; k < 4; k++) {
		csv_number(j->truth.ttft[k], out);
		csv_number(j->predicted.ttft_ms[k], out);
	}
	for (int k = 0; k < 4; k++) {
		csv_number(j->truth.tpot[k], out);
		csv_number(j->predicted.tpot_ms[k], out);
	}
	fputc('\n', out);
}

/* A group of rows; negative and 0 mean "any". */
struct group {
	const char *name;
	int kind, policy; /* scenario_kind and sw__batching_policy, -1: any */
	double load_min, load_max;
	int answers; /* 1: mean output of at least answer_tokens, 0: below, -1: any */
	int pressure; /* 1: the KV cache preempts, 0: it does not, -1: any */
};

static const struct group groups[] = {
	{"everything up to 0.8 of capacity", -1, -1, 0, 0.85, -1, -1},
	{"mixed steps, Poisson, KV suffices", SCENARIO_POISSON, SW__MIXED_STEPS, 0, 0.85, -1, 0},
	{"  answers of 20 tokens and more", SCENARIO_POISSON, SW__MIXED_STEPS, 0, 0.85, 1, 0},
	{"    load 0.1", SCENARIO_POISSON, SW__MIXED_STEPS, 0.05, 0.15, 1, 0},
	{"    load 0.3", SCENARIO_POISSON, SW__MIXED_STEPS, 0.25, 0.35, 1, 0},
	{"    load 0.5", SCENARIO_POISSON, SW__MIXED_STEPS, 0.45, 0.55, 1, 0},
	{"    load 0.7", SCENARIO_POISSON, SW__MIXED_STEPS, 0.65, 0.75, 1, 0},
	{"    load 0.8", SCENARIO_POISSON, SW__MIXED_STEPS, 0.75, 0.85, 1, 0},
	{"    load 0.9", SCENARIO_POISSON, SW__MIXED_STEPS, 0.85, 0.95, 1, 0},
	{"  shorter answers", SCENARIO_POISSON, SW__MIXED_STEPS, 0, 0.85, 0, 0},
	{"mixed steps, bursts, KV suffices", SCENARIO_BURSTY, SW__MIXED_STEPS, 0, 0.85, -1, 0},
	{"mixed steps, closed loop, KV suffices", SCENARIO_LOOP, SW__MIXED_STEPS, 0, 0.95, -1, 0},
	{"  answers of 20 tokens and more", SCENARIO_LOOP, SW__MIXED_STEPS, 0, 0.95, 1, 0},
	{"prefill first, Poisson, KV suffices", SCENARIO_POISSON, SW__PREFILL_FIRST, 0, 0.85, -1,
	 0},
	{"  answers of 20 tokens and more", SCENARIO_POISSON, SW__PREFILL_FIRST, 0, 0.85, 1, 0},
	{"the KV cache preempts, any load", -1, -1, 0, 1, -1, 1},
};

static bool belongs(const struct judgement *j, const struct group *g, size_t requests)
{
	const struct scenario *s = &j->scenario;
	bool answers = s->output.mean >= answer_tokens;
	bool pressure = (double)j->truth.preemptions > preempted_share * (double)requests;

	return (g->kind < 0 || (int)s->kind == g->kind) &&
	       (g->policy < 0 || (int)s->batching.policy == g->policy) && s->load > g->load_min &&
	       s->load < g->load_max && (g->answers < 0 || g->answers == answers) &&
	       (g->pressure < 0 || g->pressure == pressure) && !j->predicted.overload;
}

static void group_line(const struct judgement *rows, size_t n, const struct group *g, FILE *out)
{
	double error[JUDGED_METRICS] = {0}, bias[JUDGED_METRICS] = {0};
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		if (!belongs(&rows[i], g, rows[i].truth.requests))
			continue;
		count++;
		for (int k = 0; k < JUDGED_METRICS; k++) {
			error[k] += fmin(error_max, fabs(rows[i].error[k]));
			bias[k] += fmin(error_max, rows[i].error[k]);
		}
	}
	fprintf(out, "%-38s %4zu ", g->name, count);
	for (int k = 0; k < JUDGED_METRICS && count > 0; k++)
		fprintf(out, " %5.1f %+6.1f", 100 * error[k] / (double)count,
			100 * bias[k] / (double)count);
	fputc('\n', out);
}

static void capacity_line(const struct judgement *rows, size_t n, FILE *out)
{
	double error = 0;
	size_t count = 0, refused = 0;

	for (size_t i = 0; i < n; i++) {
		refused += rows[i].predicted.overload ? 1 : 0;
		if (rows[i].scenario.kind == SCENARIO_LOOP)
			continue;
		error += fabs(rows[i].predicted_max_rate / rows[i].scenario.capacity_per_s - 1);
		count++;
	}
	fprintf(out,
		"\nLargest sustained rate: %.1f %% over %zu engines; called overload although "
		"sustained: %zu\n",
		100 * error / (double)count, count, refused);
}

void judgement_summary(const struct judgement *rows, size_t n, FILE *out)
{
	fputs("Mean absolute error and bias of the closed form against the simulator, per cent\n\n",
	      out);
	fprintf(out, "%-38s %4s  %-12s %-12s %-12s %-12s %-12s %-12s %-12s %s\n", "", "rows",
		"TTFT mean", "p50", "p95", "p99", "TPOT mean", "p50", "p95", "p99");
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		group_line(rows, n, &groups[i], out);
	capacity_line(rows, n, out);
}

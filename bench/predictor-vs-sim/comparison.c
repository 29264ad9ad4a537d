// SPDX-License-Identifier: Apache-2.0
#include "predictor-vs-sim/comparison.h"

#include <math.h>
#include <string.h>

/* A simulation in all, at one to two million a second; a first look that says how many a second of the mix has. */
static const double EVENTS = 8e6, LOOK_S = 15;
static const double REQUESTS = 2000, LEAST_S = 60, MOST_S = 3600;
enum { REPETITIONS = 4, FEW_REQUESTS = 400 };

bool comparison_overload_predicted(const struct comparison *c)
{
	return c->predicted.binds == SW_BINDS_OVERLOAD;
}

bool comparison_overload_simulated(const struct comparison *c)
{
	return c->simulated.binds == SW_BINDS_OVERLOAD;
}

bool comparison_counts(const struct comparison *c)
{
	return !comparison_overload_predicted(c) && !comparison_overload_simulated(c) &&
	       c->simulated.requests >= FEW_REQUESTS;
}

double comparison_error(const struct comparison *c, int metric, int statistic)
{
	return c->predicted.latency[metric].at[statistic] /
		       c->simulated.latency[metric].at[statistic] -
	       1;
}

/* As long as its slowest engine needs for enough requests, or as the events allow. */
static double duration_of(const struct sw_mix *mix, const struct sw_prediction *predictions,
			  double events_per_s)
{
	double slowest = INFINITY, wanted;

	for (size_t i = 0; i < mix->n; i++) {
		double rate = mix->tenants[i].load.rate;

		if (isnan(rate))
			rate = predictions[i].requests_per_s;
		slowest = fmin(slowest, rate);
	}
	wanted = fmin(MOST_S, fmax(LEAST_S, REQUESTS / slowest / REPETITIONS));
	return fmax(LEAST_S, fmin(wanted, EVENTS / REPETITIONS / events_per_s));
}

static enum sw_status simulate(const struct sw_mix *mix, const struct sw_prediction *predictions,
			       unsigned seed, struct sw_simulated **out, struct sw_error *err)
{
	struct sw_simulate_settings settings = sw_simulate_defaults();
	enum sw_status st;
	double events_per_s;

	settings.seed = seed;
	settings.alone = false;
	settings.repetitions = 1;
	settings.duration_s = LOOK_S;
	st = sw_simulate(mix, &settings, out, err);
	if (st != SW_OK)
		return st;
	events_per_s = (double)(*out)->events / LOOK_S;
	sw_simulated_free(*out);
	settings.repetitions = REPETITIONS;
	settings.duration_s = duration_of(mix, predictions, events_per_s);
	return sw_simulate(mix, &settings, out, err);
}

enum sw_status compare_mix(const struct random_mix *mix, struct comparison *rows,
			   struct sw_error *err)
{
	const struct sw_mix *m = &mix->made.mix;
	struct sw_prediction predictions[SW_TENANTS_MAX];
	struct sw_simulated *simulated = NULL;
	enum sw_status st = sw_predict_quick(m, NULL, predictions, err);

	if (st == SW_OK)
		st = simulate(m, predictions, mix->index + 1, &simulated, err);
	for (size_t i = 0; i < m->n && st == SW_OK; i++) {
		rows[i] = (struct comparison){
			.index = mix->index,
			.mechanism = m->mechanism,
			.n = m->n,
			.engine = i + 1,
			.load = mix->load,
			.duration_s = simulated->duration_s,
			.open = !isnan(m->tenants[i].load.rate),
			.tenant = m->tenants[i],
			.predicted = predictions[i],
			.simulated = simulated->tenants[i],
		};
		memcpy(rows[i].gpu, m->gpu.id, sizeof(rows[i].gpu));
	}
	sw_simulated_free(simulated);
	return st;
}

#define COLUMNS_OF(metric, statistic)                                                      \
	"," metric "_" statistic "_ms,predicted_" metric "_" statistic "_ms,bound_" metric \
	"_" statistic "_ms"
#define COLUMNS_OF_METRIC(metric)  \
	COLUMNS_OF(metric, "mean") \
	COLUMNS_OF(metric, "p50") COLUMNS_OF(metric, "p95") COLUMNS_OF(metric, "p99")

const char comparison_columns[] =
	"mechanism,mix,engines,engine,gpu,model,share,memory_gib,cuda_graphs,max_num_seqs,max_num_"
	"batched_tokens,kv_cache_tokens,load,rate,concurrency,prompt_mean,prompt_p95,output_mean,"
	"output_p95,requests,duration_s,predicted_overload,simulated_overload,predicted_running,"
	"running,preemptions_per_request" COLUMNS_OF_METRIC("ttft")
		COLUMNS_OF_METRIC("tpot") ",output_tok_s,predicted_output_tok_s";

static void number(double x, FILE *out)
{
	if (isfinite(x))
		(void)fprintf(out, ",%.5g", x);
	else
		(void)fputc(',', out);
}

void comparison_csv(const struct comparison *c, FILE *out)
{
	const struct sw_tenant *t = &c->tenant;
	const double drawn[] = {t->slice.share,
				t->slice.memory_gib,
				t->engine.cuda_graphs,
				t->engine.max_num_seqs,
				t->engine.max_num_batched_tokens,
				c->simulated.kv_cache_tokens,
				c->load,
				t->load.rate,
				t->load.concurrency,
				t->load.prompt_tokens.mean,
				t->load.prompt_tokens.p95,
				t->load.output_tokens.mean,
				t->load.output_tokens.p95,
				(double)c->simulated.requests,
				c->duration_s,
				comparison_overload_predicted(c),
				comparison_overload_simulated(c),
				c->predicted.running,
				c->simulated.running,
				c->simulated.preemptions_per_request};

	(void)fprintf(out, "%s,%u,%zu,%zu,%s,%s", sw_mechanism_name(c->mechanism), c->index, c->n,
		      c->engine, c->gpu, t->model.id);
	for (size_t i = 0; i < sizeof(drawn) / sizeof(drawn[0]); i++)
		number(drawn[i], out);
	for (int m = 0; m < SW_METRIC_COUNT; m++)
		for (int s = 0; s < SW_STATISTIC_COUNT; s++) {
			number(c->simulated.latency[m].at[s], out);
			number(c->predicted.latency[m].at[s], out);
			number(c->predicted.latency[m].hi[s], out);
		}
	number(c->simulated.output_tokens_per_s, out);
	number(c->predicted.output_tokens_per_s, out);
	(void)fputc('\n', out);
}

void comparison_words(const struct comparison *c, char *out, size_t size)
{
	const struct sw_tenant *t = &c->tenant;

	(void)snprintf(out, size,
		       "%s mix %u engine %zu of %zu: %s, %s, share %.2f%s, seqs %u, tokens %u, %s "
		       "%.3g, load "
		       "%.1f, %.0f in, %.0f out, %.0f running (%.0f)",
		       sw_mechanism_name(c->mechanism), c->index, c->engine, c->n, c->gpu,
		       t->model.id, t->slice.share, t->engine.cuda_graphs ? "" : ", eager",
		       t->engine.max_num_seqs, t->engine.max_num_batched_tokens,
		       c->open ? "rate" : "in flight", c->open ? t->load.rate : t->load.concurrency,
		       c->load, t->load.prompt_tokens.mean, t->load.output_tokens.mean,
		       c->predicted.running, c->simulated.running);
}

// SPDX-License-Identifier: Apache-2.0
/* The planner's questions, answered by the catalogue, the calibrations and the predictor. */
#include "plan/oracle.h"

#include <stdlib.h>

#include "base/error.h"
#include "catalog/memory_addends.h"
#include "plan/demand.h"
#include "plan/product_book.h"
#include "predict/contention.h"
#include "predict/predict_mix.h"
#include "predict/prepared.h"
#include "sharing/mechanism.h"

/* Memory is handed out in steps that HAMi's MiB and a person's reading can both express. */
static const double memory_step_gib = 1.0 / 16;
/* Blocks of the KV cache are whole: what a sequence holds is rounded up by half a block on the mean. */
static const double blocks_of_slack = 0.5;
static const double bytes_per_gib = 1024.0 * 1024 * 1024;

/* Bounds are calibrated on loads up to this part of what engines sustain beside their neighbours (bench/shipped-fit). */
static const double most_of_capacity = 0.8;
/* Of an engine that a launch limiter holds, whose bursts are a capacity that comes and goes. */
static const double most_of_held_capacity = 0.7;

/* Of so many workloads plays are thought of. */
enum { CORRECTED_MOST = 64 };

/* What arrives depends on nothing but this, and a trace takes longer to look at than a slice. */
struct known_traffic {
	bool known;
	double rate, concurrency, burstiness;
	unsigned max_model_len;
	struct sw__traffic traffic;
};

struct real {
	const struct sw_problem *problem;
	struct sw__demand *demands; /* per workload */
	struct known_traffic *traffics; /* per workload: the last that was asked for */
	sw_calibration **calibrations; /* per fleet entry */
	struct sw__product_book *book;
	struct sw__prepared_pool pool;
	struct sw__play_book plays;
	struct sw__correction *
		corrections; /* per workload, fleet entry, without and with graphs; NULL: too many */
};

static double high_gib(const struct sw_memory_fit *fit)
{
	double sum = 0;

	for (size_t i = 0; i < fit->n_addends; i++)
		sum += fit->addends[i].high_gib;
	return sum;
}

static double kv_gib(const struct sw__demand *demand, const struct sw_tenant *tenant,
		     const struct sw_memory_fit *fit)
{
	double sequences = tenant->engine.max_num_seqs;
	double tokens;

	if (sw_known(tenant->load.concurrency))
		sequences = fmin(sequences, tenant->load.concurrency);
	tokens = sw__demand_tokens(demand, sequences) +
		 sequences * blocks_of_slack * fit->block_tokens;
	if (sw_known(tenant->engine.kv_cache_tokens))
		tokens = tenant->engine.kv_cache_tokens;
	return fmax(fit->request_gib, tokens * fit->kv_bytes_per_token / bytes_per_gib);
}

static double largest_slice_gib(const struct sw_fleet_entry *entry)
{
	double largest = 0;

	if (entry->mechanism != SW_MIG)
		return sw_gpu_visible_gib(&entry->gpu);
	for (size_t i = 0; i < entry->gpu.n_mig; i++)
		largest = fmax(largest, entry->gpu.mig[i].memory_gib);
	return largest;
}

static enum sw_status choose_memory(const struct real *real, size_t workload,
				    const struct sw_fleet_entry *entry, struct sw_tenant *tenant,
				    struct sw_error *err)
{
	struct sw_slice whole = {.mechanism = entry->mechanism, .share = 1, .memory_gib = NAN};
	double largest = largest_slice_gib(entry);
	struct sw_memory_fit fit;
	double needed;
	enum sw_status st =
		sw__memory_fit(&entry->gpu, &tenant->model, &tenant->engine, &whole, &fit, err);

	if (st != SW_OK && st != SW_INFEASIBLE)
		return st;
	needed = (high_gib(&fit) + kv_gib(&real->demands[workload], tenant, &fit)) /
		 tenant->engine.gpu_memory_utilization;
	needed = ceil(needed / memory_step_gib) * memory_step_gib;
	if (needed > largest)
		return sw_fail(
			err, SW_INFEASIBLE,
			"%s needs %.2f GiB for weights, workspace and the KV cache of %u sequences "
			"(max_model_len %u); %s has %.2f",
			tenant->model.id, needed, tenant->engine.max_num_seqs,
			tenant->engine.max_model_len, entry->gpu.id, largest);
	tenant->slice.memory_gib = entry->mechanism == SW_EXCLUSIVE ? largest : needed;
	return SW_OK;
}

static enum sw_status settle(void *context, size_t workload, size_t fleet, struct sw_tenant *tenant,
			     struct sw_error *err)
{
	const struct real *real = context;
	const struct sw_fleet_entry *entry = &real->problem->fleet[fleet];
	struct sw_engine *engine = &tenant->engine;
	enum sw_status st;

	if (!(engine->given & SW_KEY_MAX_MODEL_LEN)) {
		engine->max_model_len =
			sw__demand_model_len(&real->demands[workload], &tenant->model);
		engine->given |= SW_KEY_MAX_MODEL_LEN;
	}
	st = sw_engine_resolve(engine, &entry->gpu, &tenant->model, NULL, err);
	return st == SW_OK ? choose_memory(real, workload, entry, tenant, err) : st;
}

static enum sw_status check_memory(void *context, size_t fleet, const struct sw_tenant *tenant,
				   struct sw_error *err)
{
	const struct real *real = context;
	struct sw_memory_fit fit;

	return sw__memory_fit(&real->problem->fleet[fleet].gpu, &tenant->model, &tenant->engine,
			      &tenant->slice, &fit, err);
}

static bool same(double a, double b)
{
	return a == b || (isnan(a) && isnan(b));
}

/* As it is known but for how much comes. Of a trace the pace depends on that. */
static bool is_more_or_less(const struct known_traffic *k, const struct sw_tenant *tenant)
{
	const struct sw_load *load = &tenant->load;

	return k->known && !load->trace && k->max_model_len == tenant->engine.max_model_len &&
	       isnan(k->concurrency) && isnan(load->concurrency) && load->rate > 0;
}

static enum sw_status know_traffic(struct known_traffic *k, const struct sw_tenant *tenant,
				   struct sw_error *err)
{
	const struct sw_load *load = &tenant->load;
	enum sw_status st = SW_OK;

	if (k->known && same(k->rate, load->rate) && same(k->concurrency, load->concurrency) &&
	    same(k->burstiness, load->burstiness) &&
	    k->max_model_len == tenant->engine.max_model_len)
		return SW_OK;
	if (is_more_or_less(k, tenant)) {
		k->traffic.rate_per_s = load->rate;
		k->traffic.burstiness = load->burstiness;
	} else {
		st = sw__traffic_of(tenant, &k->traffic, err);
	}
	k->known = st == SW_OK;
	k->rate = load->rate;
	k->concurrency = load->concurrency;
	k->burstiness = load->burstiness;
	k->max_model_len = tenant->engine.max_model_len;
	return st;
}

/* Nothing where the slice is one that sw__prepare() will refuse. */
static struct sw__steps_known known_of(const struct real *real, size_t fleet,
				       const struct sw_tenant *tenant)
{
	const struct sw_calibration *calibration = real->calibrations[fleet];
	struct sw__step_setting setting;

	if (sw__mechanism_check(tenant->slice.mechanism, &calibration->gpu, tenant->slice.share,
				NULL) != SW_OK)
		return (struct sw__steps_known){0};
	setting = sw__step_setting(calibration, &tenant->engine, &tenant->slice);
	return sw__product_book_get(real->book, fleet, &tenant->model, &setting);
}

static struct sw__correction *correction(void *context, size_t workload, size_t fleet,
					 bool cuda_graphs)
{
	const struct real *real = context;

	return real->corrections
		       ? &real->corrections[(workload * real->problem->n_fleet + fleet) * 2 +
					    (cuda_graphs ? 1 : 0)]
		       : NULL;
}

static struct sw__playing playing_of(const struct real *real)
{
	return (struct sw__playing){real->problem, most_of_capacity, most_of_held_capacity};
}

static enum sw_status play(void *context, const struct sw__play_job *job, struct sw_prediction *out,
			   struct sw_error *err)
{
	struct real *real = context;
	const struct sw__playing playing = playing_of(real);

	return sw__play_book_get(&real->plays, &playing, job, out, err);
}

static enum sw_status play_ahead(void *context, const struct sw__play_job *jobs, size_t n,
				 struct sw_error *err)
{
	struct real *real = context;
	const struct sw__playing playing = playing_of(real);

	return sw__play_book_fetch(&real->plays, &playing, jobs, n, err);
}

static enum sw_status prepare(void *context, size_t workload, size_t fleet,
			      const struct sw_tenant *tenant, sw_prepared **out,
			      struct sw_error *err)
{
	struct real *real = context;
	struct known_traffic *known = &real->traffics[workload];
	enum sw_status st = know_traffic(known, tenant, err);

	*out = NULL;
	if (st == SW_OK)
		st = sw__prepare(real->calibrations[fleet], &real->problem->fleet[fleet].gpu,
				 tenant, &known->traffic, known_of(real, fleet, tenant),
				 &real->pool, out, err);
	if (st != SW_OK)
		return st;
	(*out)->most_of_capacity = sw__mechanism_holds(tenant->slice.mechanism, tenant->slice.share,
						       tenant->engine.cuda_graphs)
					   ? most_of_held_capacity
					   : most_of_capacity;
	(*out)->correction = correction(context, workload, fleet, tenant->engine.cuda_graphs);
	if (real->problem->fit)
		sw__prepared_take_fit(*out, real->problem->fit, real->problem->fleet[fleet].gpu.id,
				      tenant);
	else
		sw__prepared_measure(*out);
	return SW_OK;
}

/* Of the two stretches mostly one is 1. */
static void stretches(enum sw_mechanism mechanism, const sw_prepared *const *tenants, size_t n,
		      double *out)
{
	struct sw__stretch stretch[SW_TENANTS_MAX];

	sw__contend(mechanism, tenants, n, stretch, NULL);
	for (size_t i = 0; i < n; i++)
		out[i] = stretch[i].whole == 1  ? stretch[i].dram
			 : stretch[i].dram == 1 ? stretch[i].whole
						: (double)NAN;
}

static enum sw_status fill(struct real *real, struct sw_error *err)
{
	const struct sw_problem *problem = real->problem;
	enum sw_status st = SW_OK;

	real->demands = calloc(problem->n_workloads + 1, sizeof(*real->demands));
	real->traffics = calloc(problem->n_workloads + 1, sizeof(*real->traffics));
	real->calibrations = calloc(problem->n_fleet + 1, sizeof(sw_calibration *));
	real->book = calloc(1, sizeof(*real->book));
	if (problem->n_workloads <= CORRECTED_MOST)
		real->corrections = calloc(2 * problem->n_workloads * problem->n_fleet + 1,
					   sizeof(*real->corrections));
	if (!real->demands || !real->traffics || !real->calibrations || !real->book ||
	    (!real->corrections && problem->n_workloads <= CORRECTED_MOST))
		return sw_fail(err, SW_NO_MEMORY, "%zu workloads", problem->n_workloads);
	for (size_t i = 0; st == SW_OK && i < problem->n_workloads; i++)
		if (!problem->workloads[i].table)
			st = sw__demand_of(&problem->workloads[i].load, &real->demands[i], err);
	for (size_t i = 0; st == SW_OK && i < problem->n_fleet; i++)
		st = sw_calibration_open(&problem->fleet[i].gpu, NULL, &real->calibrations[i], err);
	return st;
}

enum sw_status sw__oracle_open(const struct sw_problem *problem, struct sw__oracle *out,
			       struct sw_error *err)
{
	struct real *real = calloc(1, sizeof(*real));
	enum sw_status st;

	if (!real)
		return sw_fail(err, SW_NO_MEMORY, "out of memory");
	real->problem = problem;
	*out = (struct sw__oracle){
		.context = real,
		.settle = settle,
		.check_memory = check_memory,
		.prepare = prepare,
		.release = sw_prepared_free,
		.set_rate = sw_prepared_set_rate,
		.predict = sw_predict,
		.predict_one = sw__predict_one,
		.stretches = stretches,
		.pressure = sw__pressure,
		.pressure_beside = sw__pressure_beside,
		.predict_pressed = sw__predict_pressed,
		.play = play,
		.play_ahead = play_ahead,
		.correction = correction,
		.max_rates = sw_predict_max_rates,
	};
	st = fill(real, err);
	if (st != SW_OK)
		sw__oracle_close(out);
	return st;
}

void sw__oracle_close(struct sw__oracle *oracle)
{
	struct real *real = oracle->context;

	if (!real)
		return;
	for (size_t i = 0; real->calibrations && i < real->problem->n_fleet; i++)
		sw_calibration_free(real->calibrations[i]);
	free((void *)real->calibrations);
	if (real->book)
		sw__product_book_clear(real->book);
	free(real->book);
	sw__prepared_pool_clear(&real->pool);
	sw__play_book_clear(&real->plays);
	free(real->corrections);
	free(real->demands);
	free(real->traffics);
	free(real);
	oracle->context = NULL;
}

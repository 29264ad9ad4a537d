/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fake_oracle.h
 * For tests: engines whose latencies follow from a line of arithmetic, so that a brute force can judge the planner.
 *
 * A workload is called "w0", "w1", ...; fake_workloads[] says how it behaves. On GPU f, with share s and load x:
 *
 *     busy = x * work / (s * speed_f)       overloaded from 1 on; where turns are taken that of all engines together
 *     TPOT = base / (s^0.7 * speed_f) * (1 + 0.3 busy) * (1 + sum over neighbours of push_j * share_j)
 *     TTFT = 10 TPOT / (1 - busy)
 *
 * and every bound is 10 % above its value. Under hami an engine with CUDA graphs takes turns with all others; one without them has
 * its share, and base and work are a quarter more. Memory is weights + max_num_seqs / 32 GiB.
 *
 * An engine with a crowd of c (fake_crowd[]) runs n requests at once, at most 32 of which are felt: its push is 1 - c (1 - n / 32) of what it is, its
 * own base 1 - c / 2 (1 - n / 32), and in TTFT and for overload its work 1 + c (sqrt(32 / n) - 1).
 */
#ifndef SLICEWISE_PLAN_FAKE_ORACLE_H
#define SLICEWISE_PLAN_FAKE_ORACLE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "catalog/at_once.h"
#include "plan/oracle.h"

enum { FAKE_WORKLOADS = 256, FAKE_FLEET = 8 };

struct fake_workload {
	double base_ms, work, push, weights_gib;
};

struct sw_prepared {
	double share, speed, load;
	bool turns;
	struct fake_workload w;
	double waits; /* what a limit of requests at once adds to its load, for those who wait */
};

static struct fake_workload fake_workloads[FAKE_WORKLOADS];
static double fake_crowd[FAKE_WORKLOADS]; /* what it is to them how many requests run at once */
static double fake_speed[FAKE_FLEET];
static struct sw_problem fake_problem;
static struct sw_fleet_entry fake_fleet[FAKE_FLEET];
static struct sw_workload fake_asked[FAKE_WORKLOADS];
static size_t fake_prepared; /* alive */
static double fake_gpu_part = 1; /* of the time of a busy engine */

static inline size_t fake_index(const char *name)
{
	return (size_t)strtoul(name + 1, NULL, 10);
}

static inline enum sw_status fake_settle(void *context, size_t workload, size_t fleet,
					 struct sw_tenant *tenant, struct sw_error *err)
{
	double gib = fake_workloads[workload].weights_gib + tenant->engine.max_num_seqs / 32.0;

	(void)context;
	if (gib > fake_fleet[fleet].gpu.visible_gib)
		return sw_fail(err, SW_INFEASIBLE, "%s needs %.2f GiB", tenant->name, gib);
	tenant->slice.memory_gib = fake_fleet[fleet].mechanism == SW_EXCLUSIVE
					   ? fake_fleet[fleet].gpu.visible_gib
					   : gib;
	tenant->engine.max_model_len = 1024;
	return SW_OK;
}

static inline enum sw_status fake_check_memory(void *context, size_t fleet,
					       const struct sw_tenant *tenant, struct sw_error *err)
{
	struct sw_tenant settled = *tenant;
	enum sw_status st = fake_settle(context, fake_index(tenant->name), fleet, &settled, err);

	if (st == SW_OK && settled.slice.memory_gib > tenant->slice.memory_gib + 1e-9)
		return sw_fail(err, SW_INFEASIBLE, "%s has %g GiB", tenant->name,
			       tenant->slice.memory_gib);
	return st;
}

/* When engines are lost and the load has grown; of a workload whose number of engines is given. */
static inline double fake_load_to_hold(size_t workload)
{
	const struct sw_workload *w = &fake_asked[workload];

	return w->load.rate * (1 + w->room) / (fmax(1, w->replicas) - w->survive.gpus);
}

/* `eager`: under hami, without CUDA graphs. */
static inline struct sw_prepared fake_engine(size_t fleet, size_t workload, double share,
					     bool eager)
{
	enum sw_mechanism mechanism = fake_fleet[fleet].mechanism;
	struct sw_prepared p = {
		.share = mechanism == SW_MPS || mechanism == SW_MIG || eager ? share : 1,
		.speed = fake_speed[fleet],
		.load = fake_load_to_hold(workload),
		.turns = mechanism == SW_TIMESLICE || (mechanism == SW_HAMI && !eager),
		.w = fake_workloads[workload],
	};

	if (eager) {
		p.w.base_ms *= 1.25;
		p.w.work *= 1.25;
	}
	return p;
}

/* With so many requests at once. */
static inline void fake_let_in(struct sw_prepared *p, double crowd, unsigned at_once)
{
	double part = fmin(at_once, 32) / 32;

	p->w.push *= 1 - crowd * (1 - part);
	p->w.base_ms *= 1 - crowd / 2 * (1 - part);
	p->waits = crowd * (sqrt(1 / part) - 1);
}

static inline enum sw_status fake_prepare(void *context, size_t workload, size_t fleet,
					  const struct sw_tenant *tenant, sw_prepared **out,
					  struct sw_error *err)
{
	struct sw_prepared *p = calloc(1, sizeof(*p));
	enum sw_mechanism mechanism = tenant->slice.mechanism;

	(void)context, (void)workload;
	if (!p)
		return sw_fail(err, SW_NO_MEMORY, "out of memory");
	*p = fake_engine(fleet, fake_index(tenant->name), tenant->slice.share,
			 mechanism == SW_HAMI && !tenant->engine.cuda_graphs);
	if (fake_crowd[fake_index(tenant->name)] > 0)
		fake_let_in(p, fake_crowd[fake_index(tenant->name)], sw__at_once(tenant));
	p->load = sw_known(tenant->load.rate) ? tenant->load.rate : tenant->load.concurrency;
	fake_prepared++;
	*out = p;
	return SW_OK;
}

static inline void fake_release(sw_prepared *p)
{
	fake_prepared--;
	free(p);
}

static inline double fake_busy(const sw_prepared *p)
{
	return p->load * p->w.work / (p->share * p->speed);
}

static inline void fake_predict(enum sw_mechanism mechanism, const sw_prepared *const *p, size_t n,
				struct sw_prediction *out)
{
	for (size_t i = 0; i < n; i++) {
		double busy = fake_busy(p[i]), push = 0, tpot, full;

		for (size_t j = 0; j < n; j++) {
			if (j != i && mechanism != SW_MIG)
				push += p[j]->w.push * p[j]->share;
			if (j != i && p[i]->turns)
				busy += fake_busy(p[j]) * p[j]->share;
		}
		full = busy * (1 + p[i]->waits);
		tpot = p[i]->w.base_ms / (pow(p[i]->share, 0.7) * p[i]->speed) * (1 + 0.3 * busy) *
		       (1 + push);
		out[i] = (struct sw_prediction){
			.slowdown = 1 + push,
			.busy = fmin(1, fake_busy(p[i])),
			.gpu_busy = fmin(1, fake_busy(p[i])) * fake_gpu_part,
			.binds = full >= 1         ? SW_BINDS_OVERLOAD
				 : p[i]->waits > 0 ? SW_BINDS_SEQS
						   : SW_BINDS_NOTHING,
		};
		for (int s = 0; s < SW_STATISTIC_COUNT; s++) {
			double ttft = full >= 1 ? NAN : 10 * tpot / (1 - full);

			out[i].latency[SW_TPOT].at[s] = full >= 1 ? NAN : tpot;
			out[i].latency[SW_TPOT].hi[s] = full >= 1 ? NAN : 1.1 * tpot;
			out[i].latency[SW_TTFT].at[s] = ttft;
			out[i].latency[SW_TTFT].hi[s] = 1.1 * ttft;
		}
	}
}

/* Under mps pushes add up, so what neighbours of a sum do at the least is what they do. */
static inline double fake_pressure(enum sw_mechanism mechanism, const sw_prepared *p)
{
	return mechanism == SW_MPS ? p->w.push * p->share : 0;
}

static inline double fake_pressure_beside(enum sw_mechanism mechanism, const sw_prepared *p,
					  double others)
{
	(void)others;
	return fake_pressure(mechanism, p);
}

static inline void fake_predict_pressed(enum sw_mechanism mechanism, const sw_prepared *p,
					double pressure, struct sw_prediction *out)
{
	struct sw_prepared neighbour = {.share = 1, .speed = 1, .w = {1, 0, pressure, 0}};
	const sw_prepared *both[] = {p, &neighbour};
	struct sw_prediction predicted[2];

	fake_predict(mechanism, both, 2, predicted);
	*out = predicted[0];
}

static inline void fake_set_rate(sw_prepared *p, double rate)
{
	p->load = rate;
}

static inline void fake_max_rates(enum sw_mechanism mechanism, const sw_prepared *const *p,
				  size_t n, struct sw_prediction *out)
{
	(void)mechanism;
	for (size_t i = 0; i < n; i++)
		out[i].max_rate_per_s = p[i]->share * p[i]->speed / p[i]->w.work;
}

static const struct sw__oracle fake_oracle = {
	.settle = fake_settle,
	.check_memory = fake_check_memory,
	.prepare = fake_prepare,
	.release = fake_release,
	.set_rate = fake_set_rate,
	.predict = fake_predict,
	.pressure = fake_pressure,
	.pressure_beside = fake_pressure_beside,
	.predict_pressed = fake_predict_pressed,
	.max_rates = fake_max_rates,
};

/** An empty problem; add to it with fake_add_gpu() and fake_add_workload(). */
static inline void fake_reset(void)
{
	memset(fake_crowd, 0, sizeof(fake_crowd));
	fake_problem = (struct sw_problem){.fleet = fake_fleet, .workloads = fake_asked};
}

static inline struct sw_fleet_entry *fake_add_gpu(enum sw_mechanism mechanism, unsigned sms,
						  double gib, double speed, double price)
{
	size_t f = fake_problem.n_fleet++;
	struct sw_fleet_entry *entry = &fake_fleet[f];

	*entry = (struct sw_fleet_entry){
		.gpu = {.sms = sms, .dram_gib = gib, .visible_gib = gib},
		.mechanism = mechanism,
		.count = INFINITY,
		.price_per_hour = price,
		.gpus_per_node = NAN,
		.cores_per_node = NAN,
		.max_tenants = mechanism == SW_EXCLUSIVE ? 1 : 8,
	};
	(void)snprintf(entry->gpu.id, sizeof(entry->gpu.id), "g%zu", f);
	fake_speed[f] = speed;
	return entry;
}

/** A workload with a rate and a limit on the p95 of TPOT; batch limits given, so that memory is weights + 1 GiB. */
static inline struct sw_workload *fake_add_workload(struct fake_workload w, double rate,
						    double tpot_p95_ms)
{
	size_t i = fake_problem.n_workloads++;
	struct sw_workload *asked = &fake_asked[i];

	fake_workloads[i] = w;
	*asked = (struct sw_workload){
		.engine = {.given = SW_KEY_MAX_NUM_SEQS | SW_KEY_MAX_NUM_BATCHED_TOKENS,
			   .max_num_seqs = 32,
			   .max_num_batched_tokens = 2048,
			   .kv_cache_tokens = NAN,
			   .cores = NAN,
			   .gpu_memory_utilization = 0.9},
		.load = {.rate = rate,
			 .concurrency = NAN,
			 .burstiness = 1,
			 .prompt_tokens = {100, NAN},
			 .output_tokens = {100, NAN}},
	};
	for (int m = 0; m < SW_METRIC_COUNT; m++) {
		for (int s = 0; s < SW_STATISTIC_COUNT; s++)
			asked->slo.bound_ms[m][s] = NAN;
	}
	asked->slo.bound_ms[SW_TPOT][SW_P95] = tpot_p95_ms;
	(void)snprintf(asked->name, sizeof(asked->name), "w%zu", i);
	return asked;
}

/** An engine whose limit needs just `share` of a GPU of speed 1, whoever is beside it. */
static inline struct sw_workload *fake_add_share(double share, double weights_gib)
{
	return fake_add_workload((struct fake_workload){5, 1e-9, 0, weights_gib}, 1,
				 5.5 / pow(share, 0.7) * 1.0001);
}

#endif

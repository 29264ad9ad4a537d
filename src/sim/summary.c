// SPDX-License-Identifier: Apache-2.0
#include "sim/summary.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "math/ordered.h"
#include "math/student.h"
#include "sharing/mechanism.h"
#include "sim/moments.h"

/* Growth of the backlog, over what arrives, from which an engine is overloaded; the second half of a repetition is looked at. Below a
 * hundredth, a hundred times as long a run would be needed to tell. */
static const double GROWTH = 0.01, GROWTH_OF_ONE = 0.05, GROWTH_REQUESTS = 3;
static const double TWO_SIDED = 0.975, ONE_SIDED = 0.95;
/* An engine that keeps up has more in flight at the end than before as often as less: in one of forty runs "not by chance"
 * by the usual level, which for mixes of many engines is not seldom. Only where a line waits nearly always is that enough. */
static const double SURELY = 0.999, ALWAYS = 0.9;
/* Parts of the time from which a limit is what binds, and a slowdown. */
static const double OFTEN = 0.1, NEIGHBOURS_BIND = 1.15, MOSTLY = 0.5;

void sw__run_start(struct sw__run *run, size_t n_tenants)
{
	*run = (struct sw__run){.n_tenants = n_tenants};
}

void sw__run_clear(struct sw__run *run)
{
	for (size_t i = 0; i < run->n_tenants; i++) {
		struct sw__run_tenant *t = &run->tenant[i];

		sw__samples_free(&t->growth);
		for (int m = 0; m < SW_METRIC_COUNT; m++) {
			sw__samples_free(&t->pooled[m]);
			for (int s = 0; s < SW_STATISTIC_COUNT; s++)
				sw__samples_free(&t->each[m][s]);
		}
	}
	run->n_tenants = 0;
}

/* Numbers that are added up over repetitions. */
#define SUMMED(X)              \
	X(requests_per_s)      \
	X(asked_per_s)         \
	X(asked_tokens_per_s)  \
	X(output_tokens_per_s) \
	X(running)             \
	X(busy)                \
	X(gpu_busy)            \
	X(kv_used)             \
	X(seats_full)          \
	X(kv_full)             \
	X(compute)             \
	X(traffic)             \
	X(preemptions)         \
	X(counted)             \
	X(unanswered)          \
	X(arrivals)            \
	X(growth)              \
	X(queued)

static void add_sums(const struct sw__repetition_tenant *from, struct sw__repetition_tenant *sum)
{
#define ADD(member) sum->member += from->member;
	SUMMED(ADD)
#undef ADD
	sum->warm_up_s = fmax(sum->warm_up_s, from->warm_up_s);
	sum->lateness.requests += from->lateness.requests;
	sum->lateness.late += from->lateness.late;
	sum->lateness.excess += from->lateness.excess;
}

static bool add_tenant(const struct sw__repetition_tenant *from, struct sw__run_tenant *t)
{
	bool ok = sw__samples_add(&t->growth, from->growth / fmax(1, from->arrivals));

	add_sums(from, &t->sum);
	for (int m = 0; m < SW_METRIC_COUNT && ok; m++) {
		for (size_t i = 0; i < from->latency[m].n && ok; i++)
			ok = sw__samples_add(&t->pooled[m], from->latency[m].x[i]);
		for (int s = 0; s < SW_STATISTIC_COUNT && ok; s++)
			if (from->latency[m].n > 0)
				ok = sw__samples_add(&t->each[m][s], from->at[m][s]);
	}
	return ok;
}

enum sw_status sw__run_add(struct sw__run *run, const struct sw__repetition *repetition,
			   struct sw_error *err)
{
	for (size_t i = 0; i < run->n_tenants; i++)
		if (!add_tenant(&repetition->tenant[i], &run->tenant[i]))
			return sw_fail(err, SW_NO_MEMORY, "latencies");
	run->n++;
	return SW_OK;
}

/* Half of the interval around the mean of one statistic over the repetitions. */
static double half_of(const struct sw__samples *each, double level)
{
	double mean, deviation;

	sw__mean_deviation(each->x, each->n, &mean, &deviation);
	return each->n < 2 ? NAN
			   : sw__student_quantile(level, (double)each->n - 1) * deviation /
				     sqrt((double)each->n);
}

bool sw__run_overloaded(const struct sw__run *run, size_t tenant)
{
	const struct sw__run_tenant *t = &run->tenant[tenant];
	double mean, deviation, level = t->sum.queued > ALWAYS * run->n ? TWO_SIDED : SURELY;

	sw__mean_deviation(t->growth.x, t->growth.n, &mean, &deviation);
	if (t->sum.growth < GROWTH_REQUESTS * run->n)
		return false;
	if (t->growth.n < 2)
		return mean > GROWTH_OF_ONE + 3 / sqrt(fmax(1, t->sum.arrivals));
	return mean > GROWTH && mean > half_of(&t->growth, level);
}

/* Nothing is known of a mean that fewer than two repetitions have. */
static double relative_half(const struct sw__samples *each)
{
	double mean, deviation;

	sw__mean_deviation(each->x, each->n, &mean, &deviation);
	return each->n < 2 ? INFINITY : half_of(each, TWO_SIDED) / mean;
}

double sw__run_half_width(const struct sw__run *run)
{
	double widest = run->n < 2 ? INFINITY : 0;

	for (size_t i = 0; i < run->n_tenants; i++) {
		const struct sw__run_tenant *t = &run->tenant[i];

		if (sw__run_overloaded(run, i))
			continue;
		widest = fmax(widest, relative_half(&t->each[SW_TTFT][SW_MEAN]));
		if (t->each[SW_TPOT][SW_MEAN].n > 0) /* some answers have more than one token */
			widest = fmax(widest, relative_half(&t->each[SW_TPOT][SW_MEAN]));
	}
	return widest;
}

double sw__run_pace(const struct sw__run *run, size_t tenant)
{
	const struct sw__run_tenant *t = &run->tenant[tenant];
	double mean, deviation;
	int metric = t->pooled[SW_TPOT].n > 0 ? SW_TPOT : SW_TTFT;

	sw__mean_deviation(t->pooled[metric].x, t->pooled[metric].n, &mean, &deviation);
	return mean;
}

static void no_latency(struct sw_latency *latency)
{
	latency->lo = NAN;
	for (int s = 0; s < SW_STATISTIC_COUNT; s++)
		latency->at[s] = latency->hi[s] = NAN;
}

static void summarize_latency(struct sw__run_tenant *t, int metric, struct sw_latency *out)
{
	sw__samples_describe(&t->pooled[metric], out->at);
	for (int s = 0; s < SW_STATISTIC_COUNT; s++)
		out->hi[s] = out->at[s] + half_of(&t->each[metric][s], ONE_SIDED);
	out->lo = out->at[SW_MEAN] - half_of(&t->each[metric][SW_MEAN], ONE_SIDED);
	if (out->lo < 0) /* few repetitions of a wild load */
		out->lo = 0;
}

static bool has_limit(const struct sw_slo *slo)
{
	const double none[SW_METRIC_COUNT] = {0};

	return sw__late(slo, none) >= 0;
}

/* Who serves all that comes serves it at the rate at which it comes. What ended within a run that began empty is less, by those who
 * are there at its end. In a closed loop the clients are there from the beginning. */
static void set_throughput(const struct sw__run_tenant *t, const struct sw_load *load, double n,
			   struct sw_simulated_tenant *out)
{
	if (!sw_known(load->rate))
		return;
	out->requests_per_s = t->sum.asked_per_s / n;
	out->output_tokens_per_s = t->sum.asked_tokens_per_s / n;
}

static void summarize_tenant(struct sw__run *run, size_t index, const struct sw_tenant *tenant,
			     struct sw_simulated_tenant *out)
{
	struct sw__run_tenant *t = &run->tenant[index];
	double n = run->n;

	*out = (struct sw_simulated_tenant){
		.requests_per_s = t->sum.requests_per_s / n,
		.output_tokens_per_s = t->sum.output_tokens_per_s / n,
		.slowdown = NAN,
		.running = t->sum.running / n,
		.busy = t->sum.busy / n,
		.gpu_busy = t->sum.gpu_busy / n,
		.kv_used = t->sum.kv_used / n,
		.preemptions_per_request = t->sum.preemptions / fmax(1, t->sum.counted),
		.warm_up_s = t->sum.warm_up_s,
		.requests = (size_t)t->sum.counted,
		.late_fraction = NAN,
		.excess_late = NAN,
	};
	if (has_limit(&tenant->slo)) {
		out->late_fraction = t->sum.lateness.late / fmax(1, t->sum.lateness.requests);
		out->excess_late = t->sum.lateness.excess / fmax(1, t->sum.lateness.requests);
	}
	for (int m = 0; m < SW_METRIC_COUNT; m++)
		summarize_latency(t, m, &out->latency[m]);
	if (!sw__run_overloaded(run, index)) {
		set_throughput(t, &tenant->load, n, out);
		return;
	}
	out->binds = SW_BINDS_OVERLOAD;
	no_latency(&out->latency[SW_TTFT]);
	no_latency(&out->latency[SW_TPOT]);
}

static void summarize_gpu(const struct sw__repetition *first, double duration_s,
			  struct sw_simulated *out)
{
	const struct sw_sim_gpu *end = &first->gpu[SW_MOMENTS];

	out->busy = end->busy_s / duration_s;
	out->sms = end->sm_s / duration_s;
	out->dram = end->dram_s / duration_s;
	out->power_w = end->energy_j / duration_s;
	out->clock = end->clock_s / duration_s;
}

enum sw_status sw__run_summarize(struct sw__run *run, const struct sw__repetition_ask *ask,
				 const struct sw__repetition *first, bool timeline,
				 struct sw_simulated *out, struct sw_error *err)
{
	out->repetitions = run->n;
	out->duration_s = ask->duration_s;
	for (size_t i = 0; i < run->n_tenants; i++) {
		const struct sw_sim_engine *e = &first->moment[i].engine;

		summarize_tenant(run, i, &ask->mix->tenants[i], &out->tenants[i]);
		out->tenants[i].kv_cache_tokens = (double)e->kv_blocks * e->kv_block_tokens;
	}
	summarize_gpu(first, ask->duration_s, out);
	return sw__moments_of(ask->mix, first, ask->duration_s, timeline, out, err);
}

/* The GPU works for less than half of the time in which it may: a launch limiter's pauses are not the host's. */
static bool waits_for_host(const struct sw_mix *mix, size_t index,
			   const struct sw_simulated_tenant *t)
{
	const struct sw_tenant *tenant = &mix->tenants[index];
	double stretch = sw__mechanism_duty_stretch(mix->mechanism, tenant->slice.share,
						    tenant->engine.cuda_graphs);

	return t->gpu_busy * stretch < MOSTLY * t->busy;
}

static enum sw_binds what_binds(const struct sw__run *run, size_t index, const struct sw_mix *mix,
				const struct sw_simulated *all)
{
	const struct sw__repetition_tenant *sum = &run->tenant[index].sum;
	const struct sw_simulated_tenant *t = &all->tenants[index];
	bool turns = sw__mechanism(mix->mechanism)->takes_turns;

	if (sum->kv_full > OFTEN * run->n)
		return SW_BINDS_KV;
	if (sum->seats_full > OFTEN * run->n)
		return SW_BINDS_SEQS;
	if (t->slowdown >= NEIGHBOURS_BIND)
		return turns ? SW_BINDS_TURNS : SW_BINDS_NEIGHBOURS;
	if (waits_for_host(mix, index, t)) {
		/* Without slowdowns: on a GPU that works most of the time it waits for others' turns. */
		bool others = turns && isnan(t->slowdown) && all->busy >= MOSTLY;

		return others && mix->n > 1 ? SW_BINDS_TURNS : SW_BINDS_HOST;
	}
	return sum->traffic >= sum->compute ? SW_BINDS_DRAM : SW_BINDS_COMPUTE;
}

void sw__run_bind(const struct sw__run *run, const struct sw_mix *mix, struct sw_simulated *out)
{
	for (size_t i = 0; i < out->n; i++)
		if (out->tenants[i].binds != SW_BINDS_OVERLOAD)
			out->tenants[i].binds = what_binds(run, i, mix, out);
}

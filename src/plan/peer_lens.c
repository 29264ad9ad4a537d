// SPDX-License-Identifier: Apache-2.0
#include "plan/peer_lens.h"

#include <stdlib.h>

#include "base/error.h"

/* What the planner takes for a prepared engine. */
struct seen {
	struct sw__lens *lens;
	sw_prepared *inner;
	double rate; /* of its load; NAN: a closed loop */
	double set_rate; /* that `inner` is at */
	bool has_traits;
	struct sw__traits traits;
};

static struct seen *seen_of(const sw_prepared *prepared)
{
	return (struct seen *)(const void *)prepared;
}

static enum sw_status settle(void *context, size_t workload, size_t fleet, struct sw_tenant *tenant,
			     struct sw_error *err)
{
	const struct sw__lens *lens = context;

	return lens->inner->settle(lens->inner->context, workload, fleet, tenant, err);
}

static enum sw_status check_memory(void *context, size_t fleet, const struct sw_tenant *tenant,
				   struct sw_error *err)
{
	const struct sw__lens *lens = context;

	return lens->inner->check_memory(lens->inner->context, fleet, tenant, err);
}

static enum sw_status prepare(void *context, size_t workload, size_t fleet,
			      const struct sw_tenant *tenant, sw_prepared **out,
			      struct sw_error *err)
{
	struct sw__lens *lens = context;
	struct seen *seen = calloc(1, sizeof(*seen));
	enum sw_status st;

	*out = NULL;
	if (!seen)
		return sw_fail(err, SW_NO_MEMORY, "out of memory");
	*seen = (struct seen){.lens = lens,
			      .rate = tenant->load.rate,
			      .set_rate = tenant->load.rate,
			      .traits = {.workload = workload,
					 .fleet = fleet,
					 .share = tenant->slice.share,
					 .layers = tenant->model.layers}};
	st = lens->inner->prepare(lens->inner->context, workload, fleet, tenant, &seen->inner, err);
	if (st != SW_OK) {
		free(seen);
		return st;
	}
	*out = (sw_prepared *)(void *)seen;
	return SW_OK;
}

static void release(sw_prepared *prepared)
{
	struct seen *seen = seen_of(prepared);

	seen->lens->inner->release(seen->inner);
	free(seen);
}

static void to_rate(struct seen *seen, double rate)
{
	if (!sw_known(seen->rate) || seen->set_rate == rate)
		return;
	seen->lens->inner->set_rate(seen->inner, rate);
	seen->set_rate = rate;
}

static void set_rate(sw_prepared *prepared, double rate)
{
	struct seen *seen = seen_of(prepared);

	seen->rate = rate;
	to_rate(seen, rate);
	seen->has_traits = false;
}

static double pressure(enum sw_mechanism mechanism, const sw_prepared *prepared)
{
	struct seen *seen = seen_of(prepared);

	to_rate(seen, seen->rate);
	return seen->lens->inner->pressure(mechanism, seen->inner);
}

static void points_for_bounds(struct sw_prediction *predicted, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (int m = 0; m < SW_METRIC_COUNT; m++) {
			struct sw_latency *latency = &predicted[i].latency[m];

			for (int s = 0; s < SW_STATISTIC_COUNT; s++)
				latency->hi[s] = latency->at[s];
		}
	}
}

static double pressure_beside(enum sw_mechanism mechanism, const sw_prepared *prepared,
			      double others)
{
	const struct seen *seen = (const void *)prepared;

	return seen->lens->inner->pressure_beside(mechanism, seen->inner, others);
}

static void predict_pressed(enum sw_mechanism mechanism, const sw_prepared *prepared,
			    double pressure, struct sw_prediction *out)
{
	struct seen *seen = seen_of(prepared);

	to_rate(seen, seen->rate);
	seen->lens->inner->predict_pressed(mechanism, seen->inner, pressure, out);
	if (seen->lens->points && !seen->lens->clear)
		points_for_bounds(out, 1);
}

void sw__traits_of(const struct sw__oracle *oracle, enum sw_mechanism mechanism,
		   const sw_prepared *prepared, struct sw__traits *out)
{
	struct sw_prediction alone;

	oracle->predict(mechanism, &prepared, 1, &alone);
	out->latency_ms = alone.latency[SW_TPOT].at[SW_MEAN];
	if (!sw_known(out->latency_ms))
		out->latency_ms = alone.latency[SW_TTFT].at[SW_MEAN];
	out->gpu = alone.gpu_busy;
	out->gpu_ms = alone.busy > 0 ? out->latency_ms * fmin(1, alone.gpu_busy / alone.busy)
				     : out->latency_ms;
	out->pressure = oracle->pressure ? oracle->pressure(mechanism, prepared) : 0;
}

static const struct sw__traits *traits_of(struct seen *seen, enum sw_mechanism mechanism)
{
	if (!seen->has_traits) {
		to_rate(seen, seen->rate);
		sw__traits_of(seen->lens->inner, mechanism, seen->inner, &seen->traits);
		seen->has_traits = true;
	}
	return &seen->traits;
}

static void stretch(struct sw_latency *latency, double slowdown)
{
	for (int s = 0; s < SW_STATISTIC_COUNT; s++) {
		latency->at[s] *= slowdown;
		latency->hi[s] *= slowdown;
	}
	latency->lo *= slowdown;
}

/* As slow as the form says: README in the header. */
static void predict_slowed(enum sw_mechanism mechanism, struct seen *seen, double slowdown,
			   struct sw_prediction *out)
{
	const sw_prepared *inner = seen->inner;

	to_rate(seen, seen->rate * slowdown);
	seen->lens->inner->predict(mechanism, &inner, 1, out);
	for (int m = 0; m < SW_METRIC_COUNT; m++)
		stretch(&out->latency[m], slowdown);
	out->requests_per_s /= slowdown;
	out->output_tokens_per_s /= slowdown;
	out->slowdown *= slowdown;
}

static void predict_by_form(enum sw_mechanism mechanism, const sw_prepared *const *tenants,
			    size_t n, struct sw_prediction *out)
{
	const struct sw__lens *lens = seen_of(tenants[0])->lens;
	const struct sw__traits *traits[SW_TENANTS_MAX];

	for (size_t i = 0; i < n; i++)
		traits[i] = traits_of(seen_of(tenants[i]), mechanism);
	for (size_t i = 0; i < n; i++) {
		double slowdown = lens->form(lens->form_context, traits, n, i);

		/* Of an engine that is overloaded alone nothing is known; it stays so. */
		predict_slowed(mechanism, seen_of(tenants[i]), slowdown > 1 ? slowdown : 1,
			       &out[i]);
	}
}

static void open_up(const sw_prepared *const *tenants, size_t n, const sw_prepared **inner)
{
	for (size_t i = 0; i < n; i++) {
		struct seen *seen = seen_of(tenants[i]);

		to_rate(seen, seen->rate);
		inner[i] = seen->inner;
	}
}

static void predict(enum sw_mechanism mechanism, const sw_prepared *const *tenants, size_t n,
		    struct sw_prediction *out)
{
	const sw_prepared *inner[SW_TENANTS_MAX];
	const struct sw__lens *lens = seen_of(tenants[0])->lens;

	if (lens->form && n > 1 && !lens->clear) {
		predict_by_form(mechanism, tenants, n, out);
	} else {
		open_up(tenants, n, inner);
		lens->inner->predict(mechanism, inner, n, out);
	}
	if (lens->points && !lens->clear)
		points_for_bounds(out, n);
}

/* For those who read a plan: never by a form. */
static void max_rates(enum sw_mechanism mechanism, const sw_prepared *const *tenants, size_t n,
		      struct sw_prediction *out)
{
	const sw_prepared *inner[SW_TENANTS_MAX];

	open_up(tenants, n, inner);
	seen_of(tenants[0])->lens->inner->max_rates(mechanism, inner, n, out);
}

void sw__lens_open(const struct sw__oracle *inner, struct sw__lens *lens)
{
	lens->inner = inner;
	lens->oracle = (struct sw__oracle){
		.context = lens,
		.settle = settle,
		.check_memory = check_memory,
		.prepare = prepare,
		.release = release,
		.set_rate = set_rate,
		.predict = predict,
		.max_rates = max_rates,
		/* A form of its own says who feels whom. */
		.pressure = inner->pressure && !lens->form ? pressure : NULL,
		.pressure_beside = inner->pressure_beside && !lens->form ? pressure_beside : NULL,
		.predict_pressed = inner->predict_pressed && !lens->form ? predict_pressed : NULL,
	};
}

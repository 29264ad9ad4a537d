// SPDX-License-Identifier: Apache-2.0
#include "plan/peer_profile.h"

#include "plan/rules.h"
#include "plan/together.h"

/* The engines there are to run. */
struct bench {
	const struct sw__profile *profile;
	struct sw__sizing *sizing;
	size_t fleet, n;
	struct sw__size *engine[SW__PROFILE_MODELS];
	struct sw__traits traits[SW__PROFILE_MODELS];
};

static enum sw_status run_alone(struct bench *b, struct sw__size *engine, struct sw_error *err)
{
	struct sw__traits *traits = &b->traits[b->n];
	const sw_prepared *prepared;
	enum sw_status st = sw__size_prepared(b->sizing, engine, engine->alone, &prepared, err);

	if (st != SW_OK)
		return st;
	*traits = (struct sw__traits){
		.workload = engine->workload,
		.fleet = engine->fleet,
		.share = sw__size_share(b->sizing, engine, engine->alone),
		.layers = engine->tenant.model.layers,
	};
	sw__traits_of(b->sizing->oracle, b->sizing->problem->fleet[b->fleet].mechanism, prepared,
		      traits);
	b->engine[b->n++] = engine;
	return SW_OK;
}

static enum sw_status choose_engines(struct bench *b, struct sw_error *err)
{
	size_t of = b->sizing->problem->n_workloads, most = b->profile->models;
	size_t n = most < of ? most : of;
	enum sw_status st = SW_OK;

	for (size_t i = 0; i < n && st == SW_OK; i++) {
		struct sw__size *engine;

		st = sw__size_fewest(b->sizing, i * of / n, b->fleet, &engine, err);
		if (st == SW_OK && engine->possible)
			st = run_alone(b, engine, err);
	}
	return st;
}

static double mean_latency(const struct sw_prediction *predicted)
{
	double tpot = predicted->latency[SW_TPOT].at[SW_MEAN];

	return sw_known(tpot) ? tpot : predicted->latency[SW_TTFT].at[SW_MEAN];
}

/* The engines with these numbers together. */
static enum sw_status run_mix(struct bench *b, const size_t *which, struct sw_error *err)
{
	struct sw__profile_run run = {.n = b->profile->together};
	struct sw_prediction predicted[SW__PROFILE_TOGETHER];
	struct sw__size *engine[SW__PROFILE_TOGETHER];
	unsigned char level[SW__PROFILE_TOGETHER];
	bool known = true;
	enum sw_status st;

	for (size_t i = 0; i < run.n; i++) {
		engine[i] = b->engine[which[i]];
		level[i] = (unsigned char)engine[i]->alone;
		run.alone[i] = &b->traits[which[i]];
	}
	if (!sw__rules_allow_levels(b->sizing, b->fleet, engine, level, run.n))
		return SW_OK;
	st = sw__together_predict(b->sizing, b->fleet, engine, level, run.n, predicted, err);
	for (size_t i = 0; st == SW_OK && i < run.n; i++) {
		run.slowdown[i] = mean_latency(&predicted[i]) / run.alone[i]->latency_ms;
		known = known && isfinite(run.slowdown[i]);
	}
	if (st == SW_OK && known)
		b->profile->take(b->profile->context, &run);
	return st;
}

/* The next of all mixes in order, equal numbers allowed: 00 01 02 11 12 22. */
static bool next_mix(size_t *which, size_t together, size_t n)
{
	size_t at = together;

	while (at > 0 && which[at - 1] + 1 >= n)
		at--;
	if (at == 0)
		return false;
	which[at - 1]++;
	for (; at < together; at++)
		which[at] = which[at - 1];
	return true;
}

enum sw_status sw__profile(const struct sw__profile *profile, struct sw__sizing *sizing,
			   size_t fleet, struct sw_error *err)
{
	struct bench b = {.profile = profile, .sizing = sizing, .fleet = fleet};
	size_t which[SW__PROFILE_TOGETHER] = {0};
	enum sw_status st = choose_engines(&b, err);

	if (b.n == 0)
		return st;
	do {
		if (st == SW_OK)
			st = run_mix(&b, which, err);
	} while (st == SW_OK && next_mix(which, profile->together, b.n));
	return st;
}

// SPDX-License-Identifier: Apache-2.0
/*
 * iGniter (Xu et al., TPDS'23). Latency of a workload beside others:
 *
 *     t_inf = t_load + t_gpu + t_feedback        t_gpu = (t_sch + t_act) F / f
 *     t_sch = (k_sch + Δ) n_k,                   Δ = 0 alone, else α_sch N + β_sch
 *     t_act = k_act (1 + α_cache Σ_others c)     f = F + α_f max(0, p_idle + Σp - P)
 *
 * Adapted to engines: t_inf is the mean TPOT. Alone it is as our predictor has it on every slice, where iGniter draws a
 * curve in batch and share through some runs; so are the batch and what it is on that slice, hence also its lower bound of
 * the share, which is the smallest slice that holds the limits alone. k_act is the GPU's part of t_inf alone, n_k the
 * layers of the model (kernels per layer are in the α), N the engines on the GPU, and c what an engine asks of DRAM
 * alone on its slice (of the GPU's time, where turns are taken), which iGniter has linear in batch / k_act. α_sch, β_sch and α_cache come from few runs:
 * up to six workloads by twos and by threes on each kind of GPU, our predictor standing for the GPU. It has no clock that falls
 * with power, so such runs show α_f = 0, and F / f is 1.
 *
 * Latencies stay within half the limit (a number after the name: another part), by point predictions: there are no bounds.
 * The half is iGniter's room for waiting; ours is in the queueing model, and the best part may well be larger.
 */
#include <stdlib.h>

#include "base/error.h"
#include "math/linear_fit.h"
#include "plan/peer.h"
#include "plan/peer_packer.h"
#include "plan/peer_profile.h"
#include "plan/peers.h"

static const double usual_part = 0.5; /* of every limit */
static const double unit = 0.025; /* shares are in steps of this */

enum { TERMS = 3, PROFILED = 6, PROFILED_TOGETHER = 3 };

/* Of one kind of GPU: α_sch, β_sch, ms per layer; α_cache. */
struct coefficients {
	double alpha[TERMS];
};

static void terms_of(const struct sw__traits *const *engines, size_t n, size_t i, double *out)
{
	double others = 0;

	for (size_t j = 0; j < n; j++)
		others += j == i ? 0 : engines[j]->pressure;
	out[0] = (double)n * engines[i]->layers;
	out[1] = engines[i]->layers;
	out[2] = engines[i]->gpu_ms * others;
}

/* In parts of the latency alone, so that a large model's milliseconds do not outweigh a small one's. */
static void take(void *context, const struct sw__profile_run *run)
{
	for (size_t i = 0; i < run->n; i++) {
		double terms[TERMS];

		terms_of(run->alone, run->n, i, terms);
		for (size_t k = 0; k < TERMS; k++)
			terms[k] /= run->alone[i]->latency_ms;
		sw__linear_fit_add(context, terms, run->slowdown[i] - 1);
	}
}

static enum sw_status fit_kind(struct sw__sizing *sizing, size_t fleet, struct coefficients *out,
			       struct sw_error *err)
{
	struct sw__linear_fit fit;
	struct sw__profile profile = {.models = PROFILED, .take = take, .context = &fit};
	enum sw_status st = SW_OK;

	sw__linear_fit_start(&fit, TERMS);
	for (profile.together = 2; profile.together <= PROFILED_TOGETHER && st == SW_OK;
	     profile.together++)
		st = sw__profile(&profile, sizing, fleet, err);
	sw__linear_fit_solve(&fit, out->alpha);
	return st;
}

static double slowdown(const void *context, const struct sw__traits *const *engines, size_t n,
		       size_t i)
{
	const struct coefficients *kind = (const struct coefficients *)context + engines[i]->fleet;
	double terms[TERMS], more_ms = 0;

	terms_of(engines, n, i, terms);
	for (size_t k = 0; k < TERMS; k++)
		more_ms += kind->alpha[k] * terms[k];
	return 1 + more_ms / engines[i]->latency_ms;
}

/* The first whole number of units that is no less than level `at`. */
static size_t unit_level(const struct sw__sizing *sizing, const struct sw__size *size, size_t at)
{
	const struct sw__levels *levels = &sizing->levels[size->fleet];
	double units = 1;

	while (units * unit < 1 && sw__level_within(levels, units * unit) < at)
		units++;
	return size->share_matters ? sw__level_within(levels, fmin(1, units * unit)) : 0;
}

static size_t first_level(const struct sw__packer *packer, const struct sw__sizing *sizing,
			  const struct sw__size *size)
{
	(void)packer;
	return unit_level(sizing, size, size->alone);
}

static enum sw_status need(const struct sw__packer *packer, struct sw__board *board,
			   struct sw__size *size, double *out, struct sw_error *err)
{
	(void)err;
	*out = sw__size_share(board->sizing, size, first_level(packer, board->sizing, size));
	return SW_OK;
}

/* One unit more for everyone who is late; whether anybody was, and whether all of them could be given one. */
static bool raise_late(const struct sw__seating *seating, const struct sw_prediction *predicted,
		       bool *late)
{
	const struct sw__sizing *sizing = seating->board->sizing;
	struct sw__board_gpu *gpu = seating->gpu;
	bool raised = true;

	*late = false;
	for (size_t i = 0; i < gpu->n; i++) {
		const struct sw__size *size = gpu->engine[i];

		if (sw_prediction_meets(&predicted[i], &size->tenant.slo))
			continue;
		*late = true;
		if (!size->share_matters || gpu->level[i] + 1U >= sizing->levels[gpu->fleet].n)
			raised = false;
		else
			gpu->level[i] = (unsigned char)unit_level(sizing, size, gpu->level[i] + 1U);
	}
	return raised;
}

/* Of all who were there; the newcomer's first slice is its own affair. */
static double extra_share(const struct sw__seating *seating)
{
	const struct sw__sizing *sizing = seating->board->sizing;
	const struct sw__size *newcomer = seating->newcomer;
	size_t own = first_level(NULL, sizing, newcomer);
	double sum = -sw__size_share(sizing, newcomer, own);

	for (size_t i = 0; i < seating->gpu->n; i++)
		sum += sw__size_share(sizing, seating->gpu->engine[i], seating->gpu->level[i]);
	for (size_t i = 0; i < seating->before->n; i++)
		sum -= sw__size_share(sizing, seating->before->engine[i],
				      seating->before->level[i]);
	return sum;
}

static enum sw_status settle(const struct sw__packer *packer, struct sw__seating *seating,
			     bool *stays, double *dislike, struct sw_error *err)
{
	bool late = true;

	(void)packer;
	*stays = false;
	while (late && sw__board_allows(seating->board, seating->gpu)) {
		struct sw_prediction predicted[SW__TOGETHER_MAX];
		enum sw_status st = sw__board_predict(seating->board, seating->gpu, predicted, err);

		if (st != SW_OK)
			return st;
		if (!raise_late(seating, predicted, &late))
			return SW_OK;
		*stays = !late;
	}
	*dislike = extra_share(seating);
	return SW_OK;
}

static enum sw_status fit_kinds(struct sw__sizing *sizing, struct coefficients **out,
				struct sw_error *err)
{
	size_t n = sizing->problem->n_fleet;
	enum sw_status st = SW_OK;

	*out = calloc(n + 1, sizeof(**out));
	if (!*out)
		return sw_fail(err, SW_NO_MEMORY, "%zu kinds of GPU", n);
	for (size_t f = 0; f < n && st == SW_OK; f++)
		st = fit_kind(sizing, f, &(*out)[f], err);
	return st;
}

enum sw_status sw__peer_igniter(struct sw__planning *planning, struct sw__state *out,
				struct sw_error *err)
{
	const struct sw__packer packer = {
		.need = need, .first_level = first_level, .settle = settle};
	struct sw__view view = {
		.points = true,
		.part_of_limits = sw_known(planning->parameter) ? planning->parameter : usual_part,
		.form = slowdown};
	struct coefficients *kinds;
	enum sw_status st = fit_kinds(planning->sizing, &kinds, err);

	view.form_context = kinds;
	if (st == SW_OK)
		st = sw__peer_open(planning, &view, err);
	if (st == SW_OK)
		st = sw__pack_into(&packer, &planning->peer->sizing, &planning->made, out, err);
	if (planning->peer)
		sw__peer_look_clear(planning->peer);
	free(kinds);
	return st;
}

// SPDX-License-Identifier: Apache-2.0
/*
 * gpu-lets (Choi et al., USENIX ATC'22): slices from a short list, two engines on a GPU at most; the smallest slice that does,
 * on the GPU that it fills best; how much slower engine 1 is beside engine 2 by a line through profiled pairs,
 *
 *     c1 l2_1 + c2 l2_2 + c3 dram_1 + c4 dram_2 + c5
 *
 * Adapted: "does" is that all limits hold, by our queueing model with that slowdown (peer_lens.h). Our predictor runs the
 * pairs, all of up to 24 workloads on the slices that they need alone; a line for each kind of GPU. It has no L2: that an
 * engine's kernels run at all, the part of the time, stands for what it does to L2. What it asks of DRAM is as profiled; where
 * turns are taken, what it asks of the GPU's time.
 */
#include <stdlib.h>

#include "base/error.h"
#include "math/linear_fit.h"
#include "plan/miss.h"
#include "plan/peer.h"
#include "plan/peer_packer.h"
#include "plan/peer_profile.h"
#include "plan/peers.h"

static const double slices[] = {0.2, 0.4, 0.5, 0.6, 0.8, 1};

enum { SLICES = sizeof(slices) / sizeof(slices[0]), TERMS = 5, ENGINES_MAX = 2 };

/* The line of one kind of GPU. */
struct line {
	double c[TERMS];
};

static void terms_of(const struct sw__traits *self, const struct sw__traits *other, double *out)
{
	out[0] = self->gpu;
	out[1] = other->gpu;
	out[2] = self->pressure;
	out[3] = other->pressure;
	out[4] = 1;
}

static void take(void *context, const struct sw__profile_run *run)
{
	for (size_t i = 0; i < ENGINES_MAX; i++) {
		double terms[TERMS];

		terms_of(run->alone[i], run->alone[1 - i], terms);
		sw__linear_fit_add(context, terms, run->slowdown[i]);
	}
}

static enum sw_status fit_line(struct sw__sizing *sizing, size_t fleet, struct line *out,
			       struct sw_error *err)
{
	struct sw__linear_fit fit;
	const struct sw__profile profile = {.models = SW__PROFILE_MODELS,
					    .together = ENGINES_MAX,
					    .take = take,
					    .context = &fit};
	enum sw_status st;

	sw__linear_fit_start(&fit, TERMS);
	fit.intercept = true;
	st = sw__profile(&profile, sizing, fleet, err);
	sw__linear_fit_solve(&fit, out->c);
	return st;
}

static double slowdown(const void *context, const struct sw__traits *const *engines, size_t n,
		       size_t i)
{
	const struct line *line = (const struct line *)context + engines[i]->fleet;
	double terms[TERMS], sum = 0;

	if (n != ENGINES_MAX)
		return 1;
	terms_of(engines[i], engines[1 - i], terms);
	for (size_t k = 0; k < TERMS; k++)
		sum += line->c[k] * terms[k];
	return sum;
}

/*
 * The smallest slice of the list that is no less than level `at`. 40 % of a GPU has the SMs of some share below, where SMs come in
 * pairs; the slice is that one, since two of 20 and 80 % are to fill a GPU.
 */
static size_t slice_level(const struct sw__sizing *sizing, const struct sw__size *size, size_t at)
{
	const struct sw__levels *levels = &sizing->levels[size->fleet];
	size_t k = 0;

	while (k + 1 < SLICES && sw__level_within(levels, slices[k]) < at)
		k++;
	return size->share_matters ? sw__level_within(levels, slices[k]) : 0;
}

static size_t first_level(const struct sw__packer *packer, const struct sw__sizing *sizing,
			  const struct sw__size *size)
{
	(void)packer;
	return slice_level(sizing, size, size->alone);
}

static enum sw_status need(const struct sw__packer *packer, struct sw__board *board,
			   struct sw__size *size, double *out, struct sw_error *err)
{
	(void)err;
	*out = sw__size_share(board->sizing, size, first_level(packer, board->sizing, size));
	return SW_OK;
}

static enum sw_status all_hold(const struct sw__seating *seating, bool *hold, struct sw_error *err)
{
	struct sw_prediction predicted[SW__TOGETHER_MAX];
	enum sw_status st = sw__board_predict(seating->board, seating->gpu, predicted, err);

	*hold = st == SW_OK;
	for (size_t i = 0; *hold && i < seating->gpu->n; i++)
		*hold = sw_prediction_meets(&predicted[i], &seating->gpu->engine[i]->tenant.slo);
	return st;
}

static size_t newcomer_of(const struct sw__seating *seating)
{
	const struct sw__board_gpu *before = seating->before;

	return before->engine[0] == seating->gpu->engine[0] ? 1 : 0;
}

/* The newcomer takes the smallest slice with which both hold their limits; the other's slice stays. */
static enum sw_status settle(const struct sw__packer *packer, struct sw__seating *seating,
			     bool *stays, double *dislike, struct sw_error *err)
{
	struct sw__sizing *sizing = seating->board->sizing;
	struct sw__board_gpu *gpu = seating->gpu;
	size_t i = newcomer_of(seating);
	enum sw_status st = SW_OK;

	(void)packer;
	*stays = false;
	if (gpu->n > ENGINES_MAX)
		return SW_OK;
	while (st == SW_OK && sw__board_allows(seating->board, gpu)) {
		size_t level = gpu->level[i];

		st = all_hold(seating, stays, err);
		if (*stays || !gpu->engine[i]->share_matters ||
		    level + 1 >= sizing->levels[gpu->fleet].n)
			break;
		gpu->level[i] = (unsigned char)slice_level(sizing, gpu->engine[i], level + 1);
	}
	*dislike = 1 - sw__board_share(seating->board, gpu); /* best fit */
	return st;
}

static enum sw_status fit_lines(struct sw__sizing *sizing, struct line **out, struct sw_error *err)
{
	size_t n = sizing->problem->n_fleet;
	enum sw_status st = SW_OK;

	*out = calloc(n + 1, sizeof(**out));
	if (!*out)
		return sw_fail(err, SW_NO_MEMORY, "%zu kinds of GPU", n);
	for (size_t f = 0; f < n && st == SW_OK; f++)
		st = fit_line(sizing, f, &(*out)[f], err);
	return st;
}

enum sw_status sw__peer_gpu_lets(struct sw__planning *planning, struct sw__state *out,
				 struct sw_error *err)
{
	const struct sw__packer packer = {
		.need = need, .first_level = first_level, .settle = settle};
	struct sw__view view = {.form = slowdown};
	struct line *lines;
	enum sw_status st = fit_lines(planning->sizing, &lines, err);

	view.form_context = lines;
	if (st == SW_OK)
		st = sw__peer_open(planning, &view, err);
	if (st == SW_OK)
		st = sw__pack_into(&packer, &planning->peer->sizing, &planning->made, out, err);
	if (planning->peer)
		sw__peer_look_clear(planning->peer);
	free(lines);
	return st;
}

// SPDX-License-Identifier: Apache-2.0
/*
 * Ours with a part taken out, to see what that part is worth.
 *
 * constant-slowdown: whoever shares a GPU is slower by one constant, whoever the others are: the mean over all pairs of up to 24
 * workloads by our predictor, for each kind of GPU (a number after the name: that one for all). Search and bounds stay.
 * no-bounds: limits are held against the predictions themselves. Search and interference stay.
 * ffd-predicted: interference and bounds stay; the larger first, each on the first GPU that takes it, as ffd does it.
 */
#include <stdlib.h>

#include "base/error.h"
#include "plan/greedy.h"
#include "plan/peer.h"
#include "plan/peer_profile.h"
#include "plan/peers.h"

enum { PAIR = 2 };

struct mean {
	double sum, n;
};

static void take(void *context, const struct sw__profile_run *run)
{
	struct mean *mean = context;

	for (size_t i = 0; i < run->n; i++)
		mean->sum += run->slowdown[i];
	mean->n += (double)run->n;
}

/* No pair fits on a GPU: then whatever is said of pairs there is not asked for. */
static enum sw_status mean_slowdown(struct sw__sizing *sizing, size_t fleet, double *out,
				    struct sw_error *err)
{
	struct mean mean = {0};
	const struct sw__profile profile = {
		.models = SW__PROFILE_MODELS, .together = PAIR, .take = take, .context = &mean};
	enum sw_status st = sw__profile(&profile, sizing, fleet, err);

	*out = mean.n > 0 ? mean.sum / mean.n : 1;
	return st;
}

static enum sw_status constants_of(const struct sw__planning *planning, double **out,
				   struct sw_error *err)
{
	size_t n = planning->sizing->problem->n_fleet;
	enum sw_status st = SW_OK;

	*out = calloc(n + 1, sizeof(**out));
	if (!*out)
		return sw_fail(err, SW_NO_MEMORY, "%zu kinds of GPU", n);
	for (size_t f = 0; f < n && st == SW_OK; f++) {
		(*out)[f] = planning->parameter;
		if (!sw_known(planning->parameter))
			st = mean_slowdown(planning->sizing, f, &(*out)[f], err);
	}
	return st;
}

static double constant(const void *context, const struct sw__traits *const *engines, size_t n,
		       size_t i)
{
	const double *constants = context;

	(void)n;
	return constants[engines[i]->fleet];
}

enum sw_status sw__peer_constant_slowdown(struct sw__planning *planning, struct sw__state *out,
					  struct sw_error *err)
{
	struct sw__view view = {.form = constant};
	double *constants;
	enum sw_status st = constants_of(planning, &constants, err);

	view.form_context = constants;
	if (st == SW_OK)
		st = sw__peer_search(planning, &view, sw__strategy_slicewise, out, err);
	free(constants);
	return st;
}

enum sw_status sw__peer_no_bounds(struct sw__planning *planning, struct sw__state *out,
				  struct sw_error *err)
{
	const struct sw__view view = {.points = true};

	return sw__peer_search(planning, &view, sw__strategy_slicewise, out, err);
}

enum sw_status sw__peer_ffd_predicted(struct sw__planning *planning, struct sw__state *out,
				      struct sw_error *err)
{
	const struct sw__rule first_fit = {.joining = SW__JOIN_FIRST};

	return sw__strategy_best_kind(&planning->groups, &first_fit, out, err);
}

// SPDX-License-Identifier: Apache-2.0
#include "predict/crowd.h"

#include <math.h>

#include "math/ordered.h"
#include "sharing/mechanism.h"

/* What switching between two contexts' turns costs, of the GPU time. Origin: the time-sliced pairs of the study that
 * DRAM_TOGETHER is from (contention.c); doubt: 0.05, and the driver's slice length is not known to us. */
static const double SWITCH_COST = 0.14;

enum { ROUNDS = 10, SUBSETS_OTHERS_MAX = 5 };
/* Relative change at which a fixed point is reached: a tenth of the smallest effect anyone measures. */
static const double SETTLED = 1e-3;
/* All of the way each round: answers grow with what they answer to, so the rounds climb and do not swing. */
static const double DAMPING = 1;

/* What everybody on the GPU does at the moment: when they have work, when they decode, and what they then ask for (1: all
 * that DRAM gives). `prompts` is what those with prompts ask for on average. */
struct scene {
	size_t n;
	double active[SW_TENANTS_MAX], decoding[SW_TENANTS_MAX];
	double demand[SW_TENANTS_MAX], share[SW_TENANTS_MAX], prompts[SW_TENANTS_MAX];
};

static void set_scene(const struct sw__crowd *crowd, struct scene *out)
{
	out->n = crowd->n;
	for (size_t j = 0; j < crowd->n; j++) {
		const struct sw__presence *p = crowd->presence[j];
		const struct sw__activity *now = &crowd->now[j];

		/* Whom a limiter holds back leaves the GPU to others meanwhile. */
		out->active[j] = sw__smaller(1, now->gpu) * p->there_most;
		out->decoding[j] = sw__larger(0, out->active[j] - now->prefill);
		out->demand[j] = p->decode_demand;
		out->share[j] = p->share;
		out->prompts[j] = now->prefill * p->prefill_demand;
	}
}

/* Mean of max(1, own + demands of those active) over which of the others than `i` are active, each by itself. */
static double expected_excess(double own, const double *demand, const double *active, size_t n,
			      size_t i)
{
	double probability[1 << SUBSETS_OTHERS_MAX], together[1 << SUBSETS_OTHERS_MAX];
	double most = own, mean = own, sum = 0;
	size_t sets = 1;

	for (size_t j = 0; j < n; j++) {
		most += j == i ? 0 : demand[j];
		mean += j == i ? 0 : active[j] * demand[j];
	}
	if (most <= 1)
		return 1;
	if (own >= 1 || n > SUBSETS_OTHERS_MAX + 1) /* many neighbours are near their mean */
		return sw__larger(1, mean);
	probability[0] = 1;
	together[0] = own;
	for (size_t j = 0; j < n; j++) {
		if (j == i)
			continue;
		for (size_t s = 0; s < sets; s++) {
			together[sets + s] = together[s] + demand[j];
			probability[sets + s] = probability[s] * active[j];
			probability[s] *= 1 - active[j];
		}
		sets *= 2;
	}
	for (size_t s = 0; s < sets; s++)
		sum += probability[s] * sw__larger(1, together[s]);
	return sum;
}

static struct sw__stretch overlap_stretch(const struct scene *scene, size_t i)
{
	/* Demand is asked as if the neighbours were not there: it does not fall because they slow it down. */
	double own = scene->demand[i], prompts = 0;

	for (size_t j = 0; j < scene->n; j++)
		prompts += j == i ? 0 : scene->prompts[j];
	return (struct sw__stretch){
		.dram = expected_excess(own + prompts, scene->demand, scene->decoding, scene->n,
					i) /
			sw__larger(1, own),
		.whole = expected_excess(scene->share[i], scene->share, scene->active, scene->n, i),
	};
}

/* An engine that a limiter holds to `duty` of the time rests while others have their turns: it waits for the longer of the two. */
static struct sw__stretch turns_stretch(double duty, const struct scene *scene, size_t i)
{
	double turns = 1, nobody = 1, whole;

	for (size_t j = 0; j < scene->n; j++) {
		turns += j == i ? 0 : scene->active[j];
		nobody *= j == i ? 1 : 1 - scene->active[j];
	}
	whole = turns * (1 + SWITCH_COST * (1 - nobody));
	return (struct sw__stretch){.dram = 1, .whole = sw__larger(1, whole * duty)};
}

struct sw__stretch sw__least_stretch(enum sw_mechanism mechanism,
				     const struct sw__presence *presence, double pressure)
{
	const struct sw__mechanism *row = sw__mechanism(mechanism);
	double own = presence->decode_demand;
	struct sw__stretch out = {1, 1};

	if (row->takes_turns)
		out.whole = sw__larger(1, (1 + pressure) * presence->duty *
						  (1 + SWITCH_COST * -expm1(-pressure)));
	else if (row->shares_dram)
		out.dram = sw__larger(1, own + pressure) / sw__larger(1, own);
	return out;
}

/* Move towards `target`; the relative change. */
static double blend(struct sw__stretch *stretch, const struct sw__stretch *target)
{
	double dram = DAMPING * (target->dram - stretch->dram);
	double whole = DAMPING * (target->whole - stretch->whole);

	stretch->dram += dram;
	stretch->whole += whole;
	return sw__larger(fabs(dram) / stretch->dram, fabs(whole) / stretch->whole);
}

/* One round: every engine answers to where the others stood. The largest relative change. */
static double answer(bool turns, const struct sw__crowd *crowd, struct sw__stretch *stretches)
{
	struct scene scene;
	double change = 0;

	set_scene(crowd, &scene);
	for (size_t i = 0; i < crowd->n; i++) {
		struct sw__stretch target =
			turns ? turns_stretch(crowd->presence[i]->duty, &scene, i)
			      : overlap_stretch(&scene, i);

		change = sw__larger(change, blend(&stretches[i], &target));
	}
	return change;
}

void sw__crowd_settle(enum sw_mechanism mechanism, struct sw__crowd *crowd,
		      struct sw__stretch *stretches)
{
	const struct sw__mechanism *row = sw__mechanism(mechanism);
	bool touched = crowd->n > 1 && (row->takes_turns || row->shares_dram);

	for (size_t i = 0; i < crowd->n; i++)
		stretches[i] = (struct sw__stretch){1, 1};
	for (int round = 0; touched && round < ROUNDS; round++) {
		if (answer(row->takes_turns, crowd, stretches) < SETTLED)
			break;
		for (size_t i = 0; i < crowd->n; i++)
			crowd->now[i] = crowd->stand_anew(crowd->context, i, &stretches[i]);
	}
}

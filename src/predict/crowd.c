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
	double alone[SW_TENANTS_MAX]; /* what one reaches of what several do */
};

static void set_scene(const struct sw__crowd *crowd, struct scene *out)
{
	out->n = crowd->n;
	for (size_t j = 0; j < crowd->n; j++) {
		const struct sw__presence *p = crowd->presence[j];
		const struct sw__activity *now = &crowd->now[j];

		/* Whom a limiter holds back leaves the GPU to others meanwhile. */
		out->active[j] = sw__smaller(1, now->gpu) * p->there_most;
		out->decoding[j] = sw__larger(0, out->active[j] - now->prefill) * p->reads;
		out->alone[j] = p->alone;
		out->demand[j] = p->decode_demand;
		out->share[j] = p->share;
		out->prompts[j] = now->prefill * p->prefill_demand;
	}
}

/* How sharply DRAM saturates: waiting begins before it is full. The eighth power and root, without them where they say 1. */
static double saturated(double load)
{
	double x = load * load;

	if (load < 0.5)
		return 1;
	x *= x;
	return sqrt(sqrt(sqrt(1 + x * x)));
}

/* What is asked for at a moment: `own`, and of the others than `i` those that are there, each by itself. */
struct asked {
	size_t n; /* sets of others */
	double mean; /* beyond these sets, of engines that are near their mean */
	double probability[1 << SUBSETS_OTHERS_MAX], load[1 << SUBSETS_OTHERS_MAX];
};

static void ask(double own, const double *demand, const double *there, size_t n, size_t i,
		struct asked *out)
{
	out->probability[0] = 1;
	out->load[0] = own;
	out->mean = 0;
	out->n = 1;
	for (size_t j = 0; j < n; j++) {
		if (j == i)
			continue;
		if (out->n == 1 << SUBSETS_OTHERS_MAX) {
			out->mean += there[j] * demand[j];
			continue;
		}
		for (size_t s = 0; s < out->n; s++) {
			out->load[out->n + s] = out->load[s] + demand[j];
			out->probability[out->n + s] = out->probability[s] * there[j];
			out->probability[s] *= 1 - there[j];
		}
		out->n *= 2;
	}
}

/* How much longer reads take: E[max(1, sat(all) / sat(own as one stream))]. */
static double reads_stretch(double own, double alone, const struct asked *asked)
{
	double mine = saturated(own / alone), sum = 0;

	for (size_t s = 0; s < asked->n; s++) {
		double load = asked->load[s] + asked->mean;

		sum += asked->probability[s] *
		       (load > own ? sw__larger(1, saturated(load) / mine) : 1);
	}
	return sum;
}

/* Mean of max(1, all shares of those that are there), less 1. */
static double crowding(const struct scene *scene, size_t i)
{
	struct asked asked;
	double all = 0, sum = 0;

	for (size_t j = 0; j < scene->n; j++)
		all += scene->share[j];
	if (all <= 1)
		return 0;
	ask(scene->share[i], scene->share, scene->active, scene->n, i, &asked);
	for (size_t s = 0; s < asked.n; s++)
		sum += asked.probability[s] * sw__larger(1, asked.load[s] + asked.mean);
	return sum - 1;
}

static struct sw__stretch overlap_stretch(const struct scene *scene, size_t i)
{
	/* Demand is asked as if the neighbours were not there: it does not fall because they slow it down. */
	double own = scene->demand[i], prompts = 0;
	struct asked asked;

	for (size_t j = 0; j < scene->n; j++)
		prompts += j == i ? 0 : scene->prompts[j];
	ask(own, scene->demand, scene->decoding, scene->n, i, &asked);
	asked.mean += prompts;
	return (struct sw__stretch){
		.dram = reads_stretch(own, scene->alone[i], &asked),
		.whole = 1,
		.crowding = crowding(scene, i),
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
	/* Limits overshoot: on a full GPU the turns that are left are fewer than a share promises, but never fewer than everybody's. */
	if (duty < 1)
		turns = sw__larger(turns,
				   sw__smaller((double)scene->n, 1 / sw__larger(0.01, 2 - turns)));
	whole = turns * (1 + SWITCH_COST * (1 - nobody));
	return (struct sw__stretch){.dram = 1, .whole = sw__larger(1, whole * duty)};
}

struct sw__stretch sw__least_stretch(enum sw_mechanism mechanism,
				     const struct sw__presence *presence, double pressure)
{
	const struct sw__mechanism *row = sw__mechanism(mechanism);
	double own = presence->decode_demand;
	struct sw__stretch out = {.dram = 1, .whole = 1};

	if (row->takes_turns)
		out.whole = sw__larger(1, (1 + pressure) * presence->duty *
						  (1 + SWITCH_COST * -expm1(-pressure)));
	else if (row->shares_dram)
		out.dram = saturated(own + pressure) / saturated(own);
	return out;
}

/* Move towards `target`; the relative change. */
static double blend(struct sw__stretch *stretch, const struct sw__stretch *target)
{
	double dram = DAMPING * (target->dram - stretch->dram);
	double whole = DAMPING * (target->whole - stretch->whole);
	double crowding = DAMPING * (target->crowding - stretch->crowding);

	stretch->dram += dram;
	stretch->whole += whole;
	stretch->crowding += crowding;
	return sw__larger(sw__larger(fabs(dram) / stretch->dram, fabs(whole) / stretch->whole),
			  fabs(crowding) / (1 + stretch->crowding));
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
		stretches[i] = (struct sw__stretch){.dram = 1, .whole = 1};
	for (int round = 0; touched && round < ROUNDS; round++) {
		if (answer(row->takes_turns, crowd, stretches) < SETTLED)
			break;
		for (size_t i = 0; i < crowd->n; i++)
			crowd->now[i] = crowd->stand_anew(crowd->context, i, &stretches[i]);
	}
}

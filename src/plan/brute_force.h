/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file brute_force.h
 * For tests: the optimum of small fake problems, by all partitions of their engines over GPUs and all slices.
 */
#ifndef SLICEWISE_PLAN_BRUTE_FORCE_H
#define SLICEWISE_PLAN_BRUTE_FORCE_H

#include "plan/fake_oracle.h"
#include "plan/levels.h"

enum { BRUTE_WORKLOADS = 5, BRUTE_ENGINES = 6 };

/* The engines of all workloads, by workload; each workload's number of them is given. */
static size_t brute_engines[BRUTE_ENGINES], brute_n;

struct brute {
	double cheapest
		[1 << BRUTE_ENGINES]; /* price of one GPU that holds the set; INFINITY: none does */
};

/* Whether some levels let all limits hold: all combinations are tried. */
static inline bool brute_levels(size_t fleet, const size_t *who, size_t n)
{
	struct sw__levels levels;
	size_t at[BRUTE_ENGINES] = {0};
	struct sw_prediction predicted[BRUTE_ENGINES];
	struct sw_prepared engines[BRUTE_ENGINES];
	const sw_prepared *prepared[BRUTE_ENGINES];

	sw__levels_of(&fake_fleet[fleet], &levels);
	for (;;) {
		double share = 0;
		bool holds;
		size_t i;

		for (i = 0; i < n; i++) {
			engines[i] = fake_engine(fleet, who[i], levels.level[at[i]].share, false);
			prepared[i] = &engines[i];
			share += levels.level[at[i]].share;
		}
		holds = share <= 1 + 1e-9 || fake_fleet[fleet].mechanism != SW_MPS;
		if (holds)
			fake_predict(fake_fleet[fleet].mechanism, prepared, n, predicted);
		for (i = 0; i < n && holds; i++)
			holds = sw_prediction_meets(&predicted[i], &fake_asked[who[i]].slo);
		if (holds)
			return true;
		for (i = 0; i < n && ++at[i] == levels.n; i++)
			at[i] = 0;
		if (i == n)
			return false;
	}
}

/*
 * Under hami those of `eager` without CUDA graphs, the others by turns. There are a hundred levels: raising whoever misses by one
 * ends at the smallest that hold, since a neighbour's larger share never helps.
 */
static inline bool brute_hami_levels(size_t fleet, const size_t *who, size_t n, unsigned eager)
{
	struct sw__levels levels;
	size_t at[BRUTE_ENGINES] = {0};
	struct sw_prediction predicted[BRUTE_ENGINES];
	struct sw_prepared engines[BRUTE_ENGINES];
	const sw_prepared *prepared[BRUTE_ENGINES];

	sw__levels_of(&fake_fleet[fleet], &levels);
	for (;;) {
		double share = 0;
		size_t i;

		for (i = 0; i < n; i++) {
			bool is_eager = eager >> i & 1;

			engines[i] =
				fake_engine(fleet, who[i], levels.level[at[i]].share, is_eager);
			prepared[i] = &engines[i];
			share += is_eager ? levels.level[at[i]].share : 0.01;
		}
		if (share > 1 + 1e-9)
			return false;
		fake_predict(SW_HAMI, prepared, n, predicted);
		for (i = 0; i < n; i++)
			if (!sw_prediction_meets(&predicted[i], &fake_asked[who[i]].slo))
				break;
		if (i == n)
			return true;
		if (!(eager >> i & 1) || ++at[i] == levels.n)
			return false;
	}
}

/* Whether those that are told to have CUDA graphs or none are so. */
static inline bool brute_graphs_as_told(const size_t *who, size_t n, unsigned eager)
{
	for (size_t i = 0; i < n; i++) {
		const struct sw_engine *engine = &fake_asked[who[i]].engine;

		if (engine->given & SW_KEY_CUDA_GRAPHS && engine->cuda_graphs == (eager >> i & 1))
			return false;
	}
	return true;
}

static inline bool brute_holds(size_t fleet, const size_t *who, size_t n)
{
	if (fake_fleet[fleet].mechanism != SW_HAMI)
		return brute_levels(fleet, who, n);
	for (unsigned eager = 0; eager < 1u << n; eager++)
		if (brute_graphs_as_told(who, n, eager) && brute_hami_levels(fleet, who, n, eager))
			return true;
	return false;
}

/* Two engines that the file keeps from each other. */
static inline bool brute_must_part(const size_t *who, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < i; j++) {
			const struct sw_workload *w = &fake_asked[who[i]];

			if (who[i] == who[j] && (w->spread || w->survive.gpus))
				return true;
			for (size_t k = 0; k < w->n_not_with; k++)
				if (fake_index(w->not_with[k]) == who[j])
					return true;
		}
	}
	return false;
}

static inline double brute_gpu(unsigned set)
{
	size_t who[BRUTE_ENGINES], n = 0;
	double best = INFINITY, memory = 0;

	for (size_t i = 0; i < brute_n; i++) {
		if (set >> i & 1) {
			who[n++] = brute_engines[i];
			memory += fake_workloads[brute_engines[i]].weights_gib + 1;
		}
	}
	if (brute_must_part(who, n))
		return INFINITY;
	for (size_t f = 0; f < fake_problem.n_fleet; f++) {
		if (memory <= fake_fleet[f].gpu.visible_gib + 1e-9 &&
		    n <= fake_fleet[f].max_tenants && fake_fleet[f].price_per_hour < best &&
		    brute_holds(f, who, n))
			best = fake_fleet[f].price_per_hour;
	}
	return best;
}

/* The cheapest partition: the set that holds the first workload, and the rest. */
static inline double brute_partition(const struct brute *b, unsigned rest)
{
	double best = INFINITY;
	unsigned first = rest & -rest;

	if (!rest)
		return 0;
	for (unsigned set = rest; set; set = (set - 1) & rest) {
		if ((set & first) && isfinite(b->cheapest[set]))
			best = fmin(best, b->cheapest[set] + brute_partition(b, rest & ~set));
	}
	return best;
}

/** What the cheapest plan of the fake problem costs; INFINITY: there is none. */
static inline double brute_cost(void)
{
	unsigned all;
	struct brute b;

	brute_n = 0;
	for (size_t w = 0; w < fake_problem.n_workloads; w++)
		for (unsigned r = 0; r < fake_asked[w].replicas; r++)
			brute_engines[brute_n++] = w;
	all = (1u << brute_n) - 1;
	for (unsigned set = 1; set <= all; set++)
		b.cheapest[set] = brute_gpu(set);
	return brute_partition(&b, all);
}

static unsigned random_state;

static inline double random_between(double low, double high)
{
	random_state = random_state * 1664525u + 1013904223u;
	return low + (high - low) * ((random_state >> 8) / 16777216.0);
}

/* Numbers one after another: the order in which arguments are worked out is the compiler's. */
static inline void random_second_gpu(double least_gib)
{
	double price = random_between(0.6, 1.4), speed = random_between(0.4, 0.8);

	fake_add_gpu(SW_MPS, 8, random_between(least_gib, 20), speed, price);
}

static inline void random_workload(double least_ms, double most_rate, double most_push,
				   double most_gib)
{
	double tpot_ms = random_between(least_ms, 40), rate = random_between(1, most_rate);
	double base_ms = random_between(3, 8), push = random_between(0, most_push);
	double gib = random_between(1, most_gib);

	fake_add_workload((struct fake_workload){base_ms, 0.01, push, gib}, rate, tpot_ms)
		->replicas = 1;
}

/** Two to five workloads on one or two kinds of GPU. */
static inline void random_problem(unsigned seed)
{
	double gib;
	size_t n;

	random_state = seed * 2654435761u + 1;
	fake_reset();
	gib = random_between(20, 40);
	fake_add_gpu(random_between(0, 1) < 0.8 ? SW_MPS : SW_TIMESLICE, 10, gib, 1, 2);
	if (random_between(0, 1) < 0.7)
		random_second_gpu(10);
	n = 2 + (size_t)random_between(0, BRUTE_WORKLOADS - 1.001);
	for (size_t i = 0; i < n; i++)
		random_workload(12, 30, 0.8, 10);
}

/** The same with wishes: engines that survive the loss of a GPU, are spread, have room to grow, or must not meet. */
static inline void random_wishes_problem(unsigned seed)
{
	static char not_with[2][1][SW_NAME_MAX] = {{"w1"}, {"w0"}};
	size_t engines;

	random_problem(seed);
	engines = fake_problem.n_workloads;
	for (size_t w = 0; w < fake_problem.n_workloads; w++) {
		struct sw_workload *asked = &fake_asked[w];

		asked->room = random_between(0, 1) < 0.3 ? 0.2 : 0;
		if (engines == BRUTE_ENGINES || random_between(0, 1) < 0.4)
			continue;
		asked->replicas = 2;
		asked->spread = random_between(0, 1) < 0.3;
		asked->survive.gpus = random_between(0, 1) < 0.7;
		engines++;
	}
	for (size_t w = 0; w < 2 && seed % 3 == 0; w++) {
		fake_asked[w].n_not_with = 1;
		fake_asked[w].not_with = not_with[w];
	}
}

/** The same with the first kind of GPU under hami, where all may be with CUDA graphs or without. */
static inline void random_hami_problem(unsigned seed)
{
	random_problem(seed);
	fake_fleet[0].mechanism = SW_HAMI;
	/* HAMi is told whole MiB. */
	for (size_t w = 0; w < fake_problem.n_workloads; w++)
		fake_workloads[w].weights_gib = ceil(16 * fake_workloads[w].weights_gib) / 16;
}

/** The same with some told to have CUDA graphs and some to have none. */
static inline void random_graphs_problem(unsigned seed)
{
	random_hami_problem(seed);
	for (size_t w = 0; w < fake_problem.n_workloads; w++) {
		double draw = random_between(0, 1);

		fake_asked[w].engine.cuda_graphs = draw < 0.35;
		if (draw < 0.75)
			fake_asked[w].engine.given |= SW_KEY_CUDA_GRAPHS;
	}
}

#endif

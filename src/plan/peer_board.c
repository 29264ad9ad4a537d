// SPDX-License-Identifier: Apache-2.0
#include "plan/peer_board.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "plan/places.h"
#include "plan/rules.h"

enum { FIRST_GPUS = 16 };

enum sw_status sw__board_open(struct sw__sizing *sizing, bool uncapped, struct sw__board *out,
			      struct sw_error *err)
{
	const struct sw_problem *problem = sizing->problem;

	*out = (struct sw__board){.sizing = sizing,
				  .uncapped = uncapped,
				  .places_matter = sw__places_matter(problem),
				  .capacity = FIRST_GPUS};
	out->gpu = calloc(out->capacity, sizeof(*out->gpu));
	out->used = calloc(problem->n_fleet + 1, sizeof(*out->used));
	out->replicas = calloc(problem->n_workloads + 1, sizeof(*out->replicas));
	out->unplaced = calloc(problem->n_workloads + 1, sizeof(*out->unplaced));
	if (out->gpu && out->used && out->replicas && out->unplaced)
		return SW_OK;
	sw__board_close(out);
	return sw_fail(err, SW_NO_MEMORY, "%zu workloads", problem->n_workloads);
}

void sw__board_close(struct sw__board *board)
{
	free(board->gpu);
	free(board->used);
	free(board->replicas);
	free(board->unplaced);
	free(board->busy);
	*board = (struct sw__board){0};
}

static bool before(const struct sw__size *a, const struct sw__size *b)
{
	return a->workload != b->workload ? a->workload < b->workload : a->id < b->id;
}

bool sw__board_seat(struct sw__board_gpu *gpu, struct sw__size *engine, size_t level)
{
	size_t at = gpu->n;

	if (gpu->n == SW__TOGETHER_MAX)
		return false;
	for (; at > 0 && before(engine, gpu->engine[at - 1]); at--) {
		gpu->engine[at] = gpu->engine[at - 1];
		gpu->level[at] = gpu->level[at - 1];
	}
	gpu->engine[at] = engine;
	gpu->level[at] = (unsigned char)level;
	gpu->n++;
	return true;
}

static bool memory_suffices(const struct sw__board *board, const struct sw__board_gpu *gpu)
{
	double gib = 0;

	for (size_t i = 0; i < gpu->n; i++)
		gib += sw__size_memory_gib(board->sizing, gpu->engine[i], gpu->level[i]);
	return gib <= sw_gpu_visible_gib(&board->sizing->problem->fleet[gpu->fleet].gpu) +
			      SW__SUM_ROUNDING;
}

/* A level may bring memory with it (mig), and it must be what the engine starts with. */
static bool levels_have_memory(const struct sw__board *board, const struct sw__board_gpu *gpu)
{
	for (size_t i = 0; i < gpu->n; i++) {
		const struct sw__size *size = gpu->engine[i];

		if (sw__size_memory_gib(board->sizing, size, gpu->level[i]) <
		    size->tenant.slice.memory_gib - SW__SUM_ROUNDING)
			return false;
	}
	return true;
}

bool sw__board_allows(const struct sw__board *board, const struct sw__board_gpu *gpu)
{
	bool mig = board->sizing->problem->fleet[gpu->fleet].mechanism == SW_MIG;

	if (!sw__rules_allow_company(board->sizing, gpu->fleet, gpu->engine, gpu->n) ||
	    !levels_have_memory(board, gpu))
		return false;
	return board->uncapped && !mig ? memory_suffices(board, gpu)
				       : sw__rules_allow_levels(board->sizing, gpu->fleet,
								gpu->engine, gpu->level, gpu->n);
}

/* A GPU of the board as a set, which borrows from it. */
static struct sw__together set_of(const struct sw__board *board, struct sw__board_gpu *gpu)
{
	struct sw__together set = {.fits = true,
				   .fleet = gpu->fleet,
				   .n = gpu->n,
				   .engines = gpu->engine,
				   .level = gpu->level,
				   .share = sw__board_share(board, gpu)};

	for (size_t i = 0; i < gpu->n; i++)
		set.memory_gib += sw__size_memory_gib(board->sizing, gpu->engine[i], gpu->level[i]);
	return set;
}

/* The GPUs of one kind as sets, `gpu` instead of GPU `at` or behind them. */
static enum sw_status find_places(const struct sw__board *board, size_t at,
				  struct sw__board_gpu *gpu, struct sw__together *sets,
				  const struct sw__together **kind, bool *takes,
				  struct sw_error *err)
{
	size_t n = 0;

	for (size_t i = 0; i < board->n; i++) {
		if (i == at || board->gpu[i].fleet != gpu->fleet)
			continue;
		sets[n] = set_of(board, &board->gpu[i]);
		kind[n] = &sets[n];
		n++;
	}
	sets[n] = set_of(board, gpu);
	kind[n] = &sets[n];
	return sw__places_find(board->sizing->problem, gpu->fleet, kind, n + 1, NULL, takes, err);
}

enum sw_status sw__board_takes(const struct sw__board *board, size_t at,
			       const struct sw__board_gpu *gpu, bool *takes, struct sw_error *err)
{
	struct sw__board_gpu with = *gpu;
	struct sw__together *sets;
	const struct sw__together **kind;
	enum sw_status st;

	*takes = true;
	if (!board->places_matter)
		return SW_OK;
	sets = calloc(board->n + 1, sizeof(*sets));
	kind = calloc(board->n + 1, sizeof(struct sw__together *));
	st = sets && kind ? find_places(board, at, &with, sets, kind, takes, err)
			  : sw_fail(err, SW_NO_MEMORY, "%zu GPUs", board->n + 1);
	free(sets);
	free((void *)kind);
	return st;
}

enum sw_status sw__board_predict(const struct sw__board *board, const struct sw__board_gpu *gpu,
				 struct sw_prediction *out, struct sw_error *err)
{
	return sw__together_predict(board->sizing, gpu->fleet, gpu->engine, gpu->level, gpu->n, out,
				    err);
}

static enum sw_status reserve_busy(struct sw__board *board, size_t n, struct sw_error *err)
{
	double *more;

	if (n <= board->n_busy)
		return SW_OK;
	more = realloc(board->busy, 2 * n * sizeof(*more));
	if (!more)
		return sw_fail(err, SW_NO_MEMORY, "%zu sizes", n);
	board->busy = more;
	while (board->n_busy < 2 * n)
		board->busy[board->n_busy++] = NAN;
	return SW_OK;
}

enum sw_status sw__board_busy(struct sw__board *board, struct sw__size *size, double *out,
			      struct sw_error *err)
{
	size_t levels = board->sizing->levels[size->fleet].n;
	unsigned char top = size->share_matters ? (unsigned char)(levels - 1) : 0;
	struct sw_prediction alone;
	enum sw_status st = reserve_busy(board, size->id + (size_t)1, err);

	*out = 0;
	if (st != SW_OK)
		return st;
	if (isnan(board->busy[size->id])) {
		st = sw__together_predict(board->sizing, size->fleet, &size, &top, 1, &alone, err);
		if (st != SW_OK)
			return st;
		board->busy[size->id] = alone.gpu_busy;
	}
	*out = board->busy[size->id];
	return SW_OK;
}

double sw__board_share(const struct sw__board *board, const struct sw__board_gpu *gpu)
{
	double share = 0;

	for (size_t i = 0; i < gpu->n; i++)
		share += sw__size_share(board->sizing, gpu->engine[i], gpu->level[i]);
	return fmin(1, share);
}

enum sw_status sw__board_add(struct sw__board *board, const struct sw__board_gpu *gpu,
			     struct sw_error *err)
{
	if (board->n == board->capacity) {
		struct sw__board_gpu *more =
			realloc(board->gpu, 2 * board->capacity * sizeof(*more));

		if (!more)
			return sw_fail(err, SW_NO_MEMORY, "%zu GPUs", board->n + 1);
		board->gpu = more;
		board->capacity *= 2;
	}
	board->gpu[board->n++] = *gpu;
	board->used[gpu->fleet]++;
	return SW_OK;
}

struct sw__cost sw__board_cost(const struct sw__board *board)
{
	const struct sw_problem *problem = board->sizing->problem;
	struct sw__cost cost = {.gpus = (double)board->n};

	for (size_t w = 0; w < problem->n_workloads; w++)
		cost.unplaced += board->unplaced[w];
	for (size_t i = 0; i < board->n; i++) {
		cost.per_hour += problem->fleet[board->gpu[i].fleet].price_per_hour;
		cost.share += sw__board_share(board, &board->gpu[i]);
	}
	return cost;
}

static void free_set(struct sw__together *set)
{
	free((void *)set->engines);
	free(set->level);
	free(set);
}

void sw__made_free(struct sw__made *made)
{
	for (size_t i = 0; i < made->n; i++)
		free_set(made->set[i]);
	free((void *)made->set);
	*made = (struct sw__made){0};
}

static enum sw_status reserve(struct sw__made *made, size_t n, struct sw_error *err)
{
	struct sw__together **more;

	if (made->n + n <= made->capacity)
		return SW_OK;
	more = realloc((void *)made->set, (made->n + n) * sizeof(struct sw__together *));
	if (!more)
		return sw_fail(err, SW_NO_MEMORY, "%zu GPUs", made->n + n);
	made->set = more;
	made->capacity = made->n + n;
	return SW_OK;
}

static enum sw_status make_set(const struct sw__board *board, const struct sw__board_gpu *gpu,
			       struct sw__together **out, struct sw_error *err)
{
	struct sw__together *set = calloc(1, sizeof(*set));

	if (set) {
		*set = (struct sw__together){.fits = true, .fleet = gpu->fleet, .n = gpu->n};
		set->engines = calloc(gpu->n, sizeof(struct sw__size *));
		set->level = calloc(gpu->n, sizeof(*set->level));
	}
	if (!set || !set->engines || !set->level) {
		if (set)
			free_set(set);
		return sw_fail(err, SW_NO_MEMORY, "%zu engines on a GPU", gpu->n);
	}
	(void)memcpy((void *)set->engines, (const void *)gpu->engine,
		     gpu->n * sizeof(gpu->engine[0]));
	(void)memcpy(set->level, gpu->level, gpu->n);
	set->share = sw__board_share(board, gpu);
	for (size_t i = 0; i < gpu->n; i++)
		set->memory_gib +=
			sw__size_memory_gib(board->sizing, gpu->engine[i], gpu->level[i]);
	*out = set;
	return SW_OK;
}

enum sw_status sw__board_hand_over(const struct sw__board *board, struct sw__made *made,
				   struct sw__state *state, struct sw_error *err)
{
	size_t n_workloads = board->sizing->problem->n_workloads;
	enum sw_status st = reserve(made, board->n, err);

	(void)memcpy(state->replicas, board->replicas, n_workloads * sizeof(*board->replicas));
	(void)memcpy(state->unplaced, board->unplaced, n_workloads * sizeof(*board->unplaced));
	for (size_t i = 0; i < board->n && st == SW_OK; i++) {
		struct sw__together *set = NULL;

		st = make_set(board, &board->gpu[i], &set, err);
		if (st != SW_OK)
			break;
		made->set[made->n++] = set;
		st = sw__state_open(state, set, err);
	}
	return st;
}

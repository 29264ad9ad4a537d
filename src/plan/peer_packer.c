// SPDX-License-Identifier: Apache-2.0
#include "plan/peer_packer.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "plan/parts.h"

enum { ANY_FLEET = -1 };

/* One way of packing. */
struct way {
	long only_fleet; /* or ANY_FLEET */
	bool by_price; /* what is opened: the cheapest GPU; else the cheapest for what is needed of it */
};

struct packing {
	const struct sw__packer *packer;
	struct way way;
	struct sw__board *board;
};

static bool allowed(const struct packing *p, size_t fleet)
{
	return p->way.only_fleet == ANY_FLEET || p->way.only_fleet == (long)fleet;
}

/* What opening a GPU for an engine is worth to the way. */
static enum sw_status price_of(const struct packing *p, struct sw__size *size, double *out,
			       struct sw_error *err)
{
	struct sw__sizing *sizing = p->board->sizing;
	double need = 1;
	enum sw_status st = SW_OK;

	if (!p->way.by_price)
		st = p->packer->need(p->packer, p->board, size, &need, err);
	*out = need * sizing->problem->fleet[size->fleet].price_per_hour;
	return st;
}

/* The number of replicas, none more than needed, that the cheapest kind of GPU wants. */
static enum sw_status choose_replicas(struct packing *p, size_t workload, struct sw_error *err)
{
	struct sw__sizing *sizing = p->board->sizing;
	const struct sw_workload *asked = &sizing->problem->workloads[workload];
	double best = INFINITY;

	p->board->replicas[workload] =
		asked->replicas ? asked->replicas : sw__least_replicas(asked);
	for (size_t f = 0; f < sizing->problem->n_fleet; f++) {
		struct sw__size *size;
		double price = INFINITY;
		enum sw_status st;

		if (!allowed(p, f))
			continue;
		st = sw__size_fewest(sizing, workload, f, &size, err);
		if (st == SW_OK && size->possible)
			st = price_of(p, size, &price, err);
		if (st != SW_OK)
			return st;
		if (price * size->replicas < best) {
			best = price * size->replicas;
			p->board->replicas[workload] = size->replicas;
		}
	}
	return SW_OK;
}

static enum sw_status size_of(const struct packing *p, size_t workload, size_t fleet,
			      struct sw__size **out, struct sw_error *err)
{
	return sw__size_get(p->board->sizing, workload, fleet, p->board->replicas[workload], out,
			    err);
}

static bool seat(const struct packing *p, struct sw__size *size, struct sw__board_gpu *gpu)
{
	size_t level = p->packer->first_level(p->packer, p->board->sizing, size);

	return sw__board_seat(gpu, size, level) && sw__board_allows(p->board, gpu);
}

/* Join the open GPU that the strategy dislikes least. */
static enum sw_status join(struct packing *p, size_t workload, bool *done, struct sw_error *err)
{
	double least = INFINITY;
	struct sw__board_gpu chosen = {0};
	size_t at = 0;

	for (size_t i = 0; i < p->board->n; i++) {
		struct sw__board_gpu gpu = p->board->gpu[i];
		struct sw__seating seating = {.board = p->board, .before = &p->board->gpu[i]};
		double dislike = 0;
		bool stays = false;
		enum sw_status st = size_of(p, workload, gpu.fleet, &seating.newcomer, err);

		seating.gpu = &gpu;
		if (st == SW_OK && seating.newcomer->possible && seat(p, seating.newcomer, &gpu))
			st = p->packer->settle(p->packer, &seating, &stays, &dislike, err);
		if (st == SW_OK && stays)
			st = sw__board_takes(p->board, i, &gpu, &stays, err);
		if (st != SW_OK)
			return st;
		if (!stays || dislike >= least || !sw__board_allows(p->board, &gpu))
			continue;
		least = dislike;
		chosen = gpu;
		at = i;
	}
	*done = isfinite(least);
	if (*done)
		p->board->gpu[at] = chosen;
	return SW_OK;
}

static bool has_another(const struct packing *p, size_t fleet)
{
	return (double)p->board->used[fleet] + 1 <= p->board->sizing->problem->fleet[fleet].count;
}

static enum sw_status open_another(struct packing *p, size_t workload, bool *done,
				   struct sw_error *err)
{
	double best = INFINITY;
	struct sw__board_gpu chosen = {0};

	for (size_t f = 0; f < p->board->sizing->problem->n_fleet; f++) {
		struct sw__board_gpu gpu = {.fleet = f};
		struct sw__size *size;
		double price = INFINITY;
		bool takes = false;
		enum sw_status st;

		if (!allowed(p, f) || !has_another(p, f))
			continue;
		st = size_of(p, workload, f, &size, err);
		if (st == SW_OK && size->possible && seat(p, size, &gpu))
			st = sw__board_takes(p->board, SW__NEW_GPU, &gpu, &takes, err);
		if (st == SW_OK && takes)
			st = price_of(p, size, &price, err);
		if (st != SW_OK)
			return st;
		if (price < best) {
			best = price;
			chosen = gpu;
		}
	}
	*done = isfinite(best);
	return *done ? sw__board_add(p->board, &chosen, err) : SW_OK;
}

size_t sw__level_alone(const struct sw__packer *packer, const struct sw__sizing *sizing,
		       const struct sw__size *size)
{
	(void)packer, (void)sizing;
	return size->alone;
}

enum sw_status sw__need_alone(const struct sw__packer *packer, struct sw__board *board,
			      struct sw__size *size, double *out, struct sw_error *err)
{
	(void)packer;
	*out = sw__size_share(board->sizing, size, size->alone);
	return size->share_matters ? SW_OK : sw__board_busy(board, size, out, err);
}

enum sw_status sw__load_alone(const struct sw__seating *seating, double *out, struct sw_error *err)
{
	const struct sw__board_gpu *gpu = seating->gpu;
	enum sw_status st = SW_OK;

	*out = 0;
	for (size_t i = 0; i < gpu->n && st == SW_OK; i++) {
		double one;

		st = sw__need_alone(NULL, seating->board, gpu->engine[i], &one, err);
		*out += one;
	}
	return st;
}

struct item {
	size_t workload;
	double need;
};

static int by_need(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (x->need != y->need)
		return x->need > y->need ? -1 : 1;
	return x->workload < y->workload ? -1 : x->workload > y->workload;
}

/* Of the kinds of GPU where it may end up, the one on which it needs most. */
static enum sw_status set_need(struct packing *p, struct item *item, struct sw_error *err)
{
	for (size_t f = 0; f < p->board->sizing->problem->n_fleet; f++) {
		struct sw__size *size;
		double need = 0;
		enum sw_status st;

		if (!allowed(p, f))
			continue;
		st = size_of(p, item->workload, f, &size, err);
		if (st == SW_OK && size->possible)
			st = p->packer->need(p->packer, p->board, size, &need, err);
		if (st != SW_OK)
			return st;
		item->need = fmax(item->need, need);
	}
	return SW_OK;
}

static enum sw_status place(struct packing *p, size_t workload, struct sw_error *err)
{
	bool done;
	enum sw_status st = join(p, workload, &done, err);

	if (st == SW_OK && !done)
		st = open_another(p, workload, &done, err);
	if (st == SW_OK && !done)
		p->board->unplaced[workload]++;
	return st;
}

static enum sw_status place_all(struct packing *p, struct item *items, struct sw_error *err)
{
	size_t n = p->board->sizing->problem->n_workloads;
	enum sw_status st = SW_OK;

	for (size_t w = 0; w < n && st == SW_OK; w++) {
		items[w].workload = w;
		st = choose_replicas(p, w, err);
		if (st == SW_OK)
			st = set_need(p, &items[w], err);
	}
	if (st == SW_OK && n)
		qsort(items, n, sizeof(*items), by_need);
	for (size_t i = 0; i < n && st == SW_OK; i++) {
		for (unsigned r = 0; r < p->board->replicas[items[i].workload] && st == SW_OK; r++)
			st = place(p, items[i].workload, err);
	}
	return st;
}

static enum sw_status pack_one_way(const struct sw__packer *packer, struct sw__sizing *sizing,
				   const struct way *way, struct sw__board *out,
				   struct sw_error *err)
{
	struct packing p = {packer, *way, out};
	struct item *items = calloc(sizing->problem->n_workloads + 1, sizeof(*items));
	enum sw_status st =
		items ? sw__board_open(sizing, packer->uncapped, out, err)
		      : sw_fail(err, SW_NO_MEMORY, "%zu workloads", sizing->problem->n_workloads);

	if (st == SW_OK) {
		st = place_all(&p, items, err);
		if (st != SW_OK)
			sw__board_close(out);
	}
	free(items);
	return st;
}

/* Keep the better of two boards, close the other. */
static void keep_better(struct sw__board *best, struct sw__board *board)
{
	struct sw__cost was = {0}, now = sw__board_cost(board);

	if (best->gpu) {
		was = sw__board_cost(best);
		if (!sw__cost_less(&now, &was)) {
			sw__board_close(board);
			return;
		}
		sw__board_close(best);
	}
	*best = *board;
}

enum sw_status sw__pack(const struct sw__packer *packer, struct sw__sizing *sizing,
			struct sw__board *out, struct sw_error *err)
{
	/* With one kind of GPU the others would be the same again. */
	long n_fleet = sizing->problem->n_fleet > 1 ? (long)sizing->problem->n_fleet : 0;
	struct way way = {.only_fleet = ANY_FLEET};
	enum sw_status st = SW_OK;

	*out = (struct sw__board){0};
	sizing->economical = false; /* every kind for itself has to serve all */
	for (; way.only_fleet < n_fleet && st == SW_OK; way.only_fleet++) {
		for (int by_price = 0; by_price < 2 && st == SW_OK; by_price++) {
			struct sw__board board;

			way.by_price = by_price;
			if (by_price && (way.only_fleet != ANY_FLEET || n_fleet == 0))
				continue;
			st = pack_one_way(packer, sizing, &way, &board, err);
			if (st == SW_OK)
				keep_better(out, &board);
		}
	}
	if (st != SW_OK)
		sw__board_close(out);
	return st;
}

enum sw_status sw__pack_into(const struct sw__packer *packer, struct sw__sizing *sizing,
			     struct sw__made *made, struct sw__state *out, struct sw_error *err)
{
	struct sw__board board;
	enum sw_status st = sw__pack(packer, sizing, &board, err);

	if (st != SW_OK)
		return st;
	st = sw__board_hand_over(&board, made, out, err);
	sw__board_close(&board);
	return st;
}

// SPDX-License-Identifier: Apache-2.0
#include "plan/table_replan_settle.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "plan/assemble.h"
#include "plan/table_place.h"
#include "plan/table_seats.h"

enum { ID_ROOM = 24 };

/* A slice with its engine: one that goes on, or one that is started there. */
struct seat {
	size_t engine; /* of the board, which goes on; SW__NONE */
	size_t kind; /* else of slice */
	bool again; /* started anew where it ran */
};

struct settling {
	const struct sw__keep *keep;
	const struct sw__covered *covered;
	struct sw_plan *plan;
	size_t *board_gpu; /* per GPU of the plan; SW__NONE: new */
	size_t n, room;
	struct sw__seat *seats; /* by GPU of the plan */
	struct seat *seat; /* of each */
	bool *taken; /* per engine of the board: it is in the plan */
	struct sw_error *err;
};

static enum sw_status out_of_memory(const struct settling *s)
{
	return sw_fail(s->err, SW_NO_MEMORY, "%zu slices", s->room);
}

/* The cut that is made of a group, from `at` on; n_cuts: none. */
static size_t cut_of(const struct settling *s, size_t group, size_t at)
{
	const struct sw__covering *in = &s->keep->covering;

	while (at < in->n_cuts && (in->cuts[at].group != group || s->covered->times[at] == 0))
		at++;
	return at;
}

static unsigned slices_of(const struct sw__cut *cut)
{
	unsigned n = 0;

	for (size_t k = 0; k < SW_MIG_PROFILES_MAX; k++)
		n += cut->count[k];
	return n;
}

static enum sw_status allocate(struct settling *s)
{
	const struct sw__covering *in = &s->keep->covering;
	size_t gpus = s->plan->n_gpus;
	struct sw_plan_gpu *more;

	for (size_t i = 0; i < in->n_cuts; i++) {
		gpus += s->covered->times[i];
		s->room += s->covered->times[i] * (slices_of(&in->cuts[i]) + in->cuts[i].n_stay);
	}
	more = realloc(s->plan->gpus, (gpus + 1) * sizeof(*more));
	s->plan->gpus = more ? more : s->plan->gpus;
	s->board_gpu = calloc(gpus + 1, sizeof(*s->board_gpu));
	s->seats = calloc(s->room + 1, sizeof(*s->seats));
	s->seat = calloc(s->room + 1, sizeof(*s->seat));
	s->taken = calloc(s->keep->board->n_engines + 1, sizeof(*s->taken));
	return more && s->board_gpu && s->seats && s->seat && s->taken ? SW_OK : out_of_memory(s);
}

/* What has its place gets a kind of its own, so that nobody changes with it. */
static void add_seat(struct settling *s, size_t gpu, size_t demand, struct seat seat)
{
	bool fixed = seat.engine != SW__NONE || seat.again;
	size_t kind = fixed ? s->keep->covering.n_kinds + s->n : seat.kind;

	s->seat[s->n] = seat;
	s->seats[s->n++] = (struct sw__seat){gpu, kind, demand};
}

/* The engines that go on under a cut. */
static void add_staying(struct settling *s, size_t gpu, size_t board_gpu, size_t cut)
{
	const struct sw__table_board *board = s->keep->board;
	const struct sw__table_board_gpu *on = &board->gpus[board_gpu];

	for (size_t i = 0; i < on->n; i++) {
		size_t e = on->first + i;

		if (!(s->keep->stays[cut] >> i & 1))
			continue;
		s->taken[e] = true;
		add_seat(s, gpu, s->keep->demand_of[board->engines[e].workload],
			 (struct seat){.engine = e});
	}
}

/* Slices of a kind: those that are started anew there first, the others are anybody's. */
static void add_slices(struct settling *s, size_t gpu, const struct sw__cut *cut, size_t profile)
{
	const struct sw__covering *in = &s->keep->covering;
	size_t kind = cut->first_kind + profile;
	unsigned left = cut->count[profile];

	/* A GPU without so many profiles has no kinds for the others. */
	for (size_t i = 0; left > 0 && i < in->n_again; i++) {
		unsigned n = s->covered->again[i * in->n_kinds + kind];

		for (; in->again[i].group == cut->group && n > 0 && left > 0; n--, left--)
			add_seat(s, gpu, in->again[i].demand,
				 (struct seat){.engine = SW__NONE, .kind = kind, .again = true});
	}
	for (; left > 0; left--)
		add_seat(s, gpu, SIZE_MAX, (struct seat){.engine = SW__NONE, .kind = kind});
}

static void add_seats(struct settling *s, size_t gpu, size_t board_gpu, size_t cut)
{
	if (board_gpu != SW__NONE)
		add_staying(s, gpu, board_gpu, cut);
	for (size_t p = 0; p < SW_MIG_PROFILES_MAX; p++)
		add_slices(s, gpu, &s->keep->covering.cuts[cut], p);
}

static bool is_id_taken(const struct settling *s, const char *id)
{
	const struct sw__table_board *board = s->keep->board;

	for (size_t g = 0; g < board->n_gpus; g++)
		if (board->gpus[g].planned && strcmp(board->gpus[g].planned->id, id) == 0)
			return true;
	for (size_t g = 0; g < s->plan->n_gpus; g++)
		if (strcmp(s->plan->gpus[g].id, id) == 0)
			return true;
	return false;
}

static size_t open_gpu(struct settling *s, size_t fleet, size_t board_gpu)
{
	const struct sw_problem *problem = s->keep->board->problem;
	struct sw_plan_gpu *gpu = &s->plan->gpus[s->plan->n_gpus];

	*gpu = (struct sw_plan_gpu){.fleet = fleet};
	if (board_gpu != SW__NONE)
		(void)memcpy(gpu->id, s->keep->board->gpus[board_gpu].planned->id, sizeof(gpu->id));
	for (size_t number = 0; board_gpu == SW__NONE; number++) {
		char id[SW_NAME_MAX];

		(void)snprintf(id, sizeof(id), "%.*s/%zu", SW_NAME_MAX - ID_ROOM,
			       problem->fleet[fleet].gpu.id, number);
		if (is_id_taken(s, id))
			continue;
		(void)memcpy(gpu->id, id, sizeof(id));
		break;
	}
	gpu->node = sw__plan_node(problem, gpu);
	s->board_gpu[s->plan->n_gpus] = board_gpu;
	return s->plan->n_gpus++;
}

/* All GPUs with their seats: those of the language models, those that run, new ones. */
static void cut_gpus(struct settling *s)
{
	const struct sw__table_board *board = s->keep->board;
	size_t n_cuts = s->keep->covering.n_cuts, models = s->plan->n_gpus;

	for (size_t i = 0; i < models; i++) {
		size_t g = 0, cut;

		while (board->gpus[g].in_plan != i)
			g++;
		s->board_gpu[i] = g;
		cut = cut_of(s, sw__keep_group(s->keep, g), 0);
		if (cut < n_cuts)
			add_seats(s, i, g, cut);
	}
	for (size_t g = 0; g < board->n_gpus; g++) {
		size_t cut = cut_of(s, sw__keep_group(s->keep, g), 0);

		if (board->gpus[g].in_plan == SW__NONE && cut < n_cuts)
			add_seats(s, open_gpu(s, board->gpus[g].fleet, g), g, cut);
	}
	for (size_t f = 0; f < board->problem->n_fleet; f++)
		for (size_t cut = cut_of(s, f, 0); cut < n_cuts; cut = cut_of(s, f, cut + 1))
			for (unsigned n = 0; n < s->covered->times[cut]; n++)
				add_seats(s, open_gpu(s, f, SW__NONE), SW__NONE, cut);
}

/* Give the slices that are anybody's out in order. False: a demand has more engines than there are slices. */
static bool seat_new(struct settling *s)
{
	size_t kinds = s->keep->covering.n_kinds;
	bool all = true;

	for (size_t kind = 0; kind < kinds; kind++) {
		size_t at = 0;

		for (size_t d = 0; d < s->keep->covering.n_demands; d++)
			for (unsigned n = s->covered->engines[d * kinds + kind]; n > 0; n--) {
				while (at < s->n && s->seats[at].kind != kind)
					at++;
				all = all && at < s->n;
				if (at < s->n)
					s->seats[at++].demand = d;
			}
	}
	return all;
}

/* Whether another engine of a demand that must be apart, earlier or at home, is on its GPU. */
static bool is_double(const struct settling *s, size_t i)
{
	const struct sw__seat *seat = &s->seats[i];

	if (!s->keep->cover.spread[seat->demand])
		return false;
	for (size_t j = 0; j < s->n; j++)
		if (j != i && s->seats[j].gpu == seat->gpu && s->seats[j].demand == seat->demand &&
		    (j < i || s->seat[j].engine != SW__NONE))
			return s->seat[i].engine == SW__NONE;
	return false;
}

static struct sw_placement placement_of(const struct settling *s, size_t i)
{
	const struct sw__keep *keep = s->keep;
	const struct sw__table_board_engine *e =
		s->seat[i].engine == SW__NONE ? NULL : &keep->board->engines[s->seat[i].engine];
	size_t demand = s->seats[i].demand, kind = s->seat[i].kind;
	struct sw_placement p = {
		.workload = keep->cover.workload[demand],
		.engine = {.kv_cache_tokens = NAN, .cores = NAN, .gpu_memory_utilization = NAN},
		.replica = UINT32_MAX,
	};

	if (e) {
		p.replica = e->planned->replica;
		p.mig_start = e->planned->mig_start;
		p.share = e->planned->share;
		p.memory_gib = e->planned->memory_gib;
		p.row = e->row;
	} else {
		p.share = keep->cover.kinds[kind].share;
		p.memory_gib = keep->cover.kinds[kind].memory_gib;
		p.row = keep->cover.row[demand * keep->covering.n_kinds + kind];
	}
	return p;
}

static enum sw_status put_all(struct settling *s, bool *all)
{
	*all = seat_new(s);
	(void)sw__seats_apart(s->seats, s->n, s->keep->cover.spread);
	for (size_t d = 0; d < s->keep->covering.n_demands; d++)
		s->plan->workloads[s->keep->cover.workload[d]].met = *all && s->covered->served[d];
	for (size_t i = 0; i < s->n; i++) {
		struct sw_plan_gpu *gpu = &s->plan->gpus[s->seats[i].gpu];
		struct sw_placement *more;

		if (s->seats[i].demand == SIZE_MAX)
			continue;
		if (is_double(s, i)) {
			s->plan->workloads[s->keep->cover.workload[s->seats[i].demand]].met = false;
			*all = false;
			continue;
		}
		more = realloc(gpu->tenants, (gpu->n + 1) * sizeof(*more));
		if (!more)
			return out_of_memory(s);
		gpu->tenants = more;
		gpu->tenants[gpu->n++] = placement_of(s, i);
	}
	return SW_OK;
}

static bool is_new(const struct sw_placement *p)
{
	return p->row && p->replica == UINT32_MAX;
}

/* New instances beside those that stay where they are. */
static void place_new(const struct settling *s, struct sw_plan_gpu *gpu)
{
	const struct sw_fleet_entry *entry = &s->keep->board->problem->fleet[gpu->fleet];
	struct sw__mig_place there[SW_TENANTS_MAX];
	const struct sw_mig_profile *wanted[SW_TENANTS_MAX];
	unsigned starts[SW_TENANTS_MAX] = {0};
	size_t n_there = 0, n = 0;

	if (entry->mechanism != SW_MIG || gpu->n > SW_TENANTS_MAX)
		return;
	for (size_t k = 0; k < gpu->n; k++) {
		const struct sw_placement *p = &gpu->tenants[k];
		const struct sw_mig_profile *profile =
			sw_gpu_mig_profile(&entry->gpu, p->share, p->memory_gib);

		if (is_new(p))
			wanted[n++] = profile;
		else
			there[n_there++] = (struct sw__mig_place){profile, p->mig_start};
	}
	(void)sw__mig_beside(&entry->gpu, there, n_there, wanted, n, starts);
	n = 0;
	for (size_t k = 0; k < gpu->n; k++)
		if (is_new(&gpu->tenants[k]))
			gpu->tenants[k].mig_start = starts[n++];
}

/* A running engine of the workload that has no place yet: at home, and there on the same slice if there is such a one. */
static size_t find_home(const struct settling *s, const struct sw_placement *p, size_t board_gpu)
{
	const struct sw__table_board *board = s->keep->board;
	size_t found = SW__NONE;

	for (size_t e = 0; e < board->n_engines; e++) {
		const struct sw__table_board_engine *is = &board->engines[e];

		if (s->taken[e] || is->workload != p->workload || is->gpu != board_gpu)
			continue;
		if (is->planned->mig_start == p->mig_start &&
		    sw__same_number(is->planned->share, p->share))
			return e;
		if (found == SW__NONE)
			found = e;
	}
	return found;
}

/* For a larger slice to be started where its engine ran saves more. */
static int by_share(const void *a, const void *b)
{
	const struct sw_placement *x = a, *y = b;

	if (x->share != y->share)
		return x->share > y->share ? -1 : 1;
	return (x->mig_start > y->mig_start) - (x->mig_start < y->mig_start);
}

static void name_from(struct settling *s, struct sw_placement *p, size_t engine)
{
	if (engine == SW__NONE)
		return;
	s->taken[engine] = true;
	p->replica = s->keep->board->engines[engine].planned->replica;
}

static bool is_number_taken(const struct sw_plan *plan, size_t workload, unsigned replica)
{
	for (size_t g = 0; g < plan->n_gpus; g++)
		for (size_t k = 0; k < plan->gpus[g].n; k++)
			if (plan->gpus[g].tenants[k].workload == workload &&
			    plan->gpus[g].tenants[k].replica == replica)
				return true;
	return false;
}

/* Those that are started anew at home, then those that move, then new numbers. */
static void name_engines(struct settling *s)
{
	enum { AT_HOME, MOVED, ANEW, TURNS };
	const struct sw__table_board *board = s->keep->board;

	for (int turn = AT_HOME; turn < TURNS; turn++)
		for (size_t g = 0; g < s->plan->n_gpus; g++)
			for (size_t k = 0; k < s->plan->gpus[g].n; k++) {
				struct sw_placement *p = &s->plan->gpus[g].tenants[k];
				size_t e = 0;
				unsigned number = 0;

				if (!is_new(p))
					continue;
				if (turn == AT_HOME)
					name_from(s, p, find_home(s, p, s->board_gpu[g]));
				while (turn == MOVED && e < board->n_engines &&
				       (s->taken[e] || board->engines[e].workload != p->workload))
					e++;
				if (turn == MOVED && e < board->n_engines)
					name_from(s, p, e);
				while (turn == ANEW &&
				       is_number_taken(s->plan, p->workload, number))
					number++;
				if (turn == ANEW)
					p->replica = number;
			}
}

static int by_workload(const void *a, const void *b)
{
	const struct sw_placement *x = a, *y = b;

	if (x->workload != y->workload)
		return x->workload < y->workload ? -1 : 1;
	return (x->replica > y->replica) - (x->replica < y->replica);
}

/* A GPU on its way to its place in the plan. */
struct placed_gpu {
	struct sw_plan_gpu gpu;
	size_t at; /* on the board; SW__NONE comes last */
};

static int by_fleet_and_board(const void *a, const void *b)
{
	const struct placed_gpu *x = a, *y = b;

	if (x->gpu.fleet != y->gpu.fleet)
		return x->gpu.fleet < y->gpu.fleet ? -1 : 1;
	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return 0;
}

/* Without those that are empty. */
static enum sw_status order_gpus(struct settling *s)
{
	struct sw_plan *plan = s->plan;
	struct placed_gpu *all = calloc(plan->n_gpus + 1, sizeof(*all));
	size_t n = 0;

	if (!all)
		return out_of_memory(s);
	for (size_t g = 0; g < plan->n_gpus; g++)
		if (plan->gpus[g].n)
			all[n++] = (struct placed_gpu){plan->gpus[g],
						       s->board_gpu[g] == SW__NONE
							       ? s->keep->board->n_gpus + g
							       : s->board_gpu[g]};
	if (n)
		qsort(all, n, sizeof(*all), by_fleet_and_board);
	for (size_t g = 0; g < n; g++) {
		plan->gpus[g] = all[g].gpu;
		qsort(plan->gpus[g].tenants, plan->gpus[g].n, sizeof(*plan->gpus[g].tenants),
		      by_workload);
	}
	plan->n_gpus = n;
	free(all);
	return SW_OK;
}

static void add_up(const struct settling *s)
{
	const struct sw__keep *keep = s->keep;
	struct sw_plan *plan = s->plan;

	for (size_t d = 0; d < keep->covering.n_demands; d++) {
		size_t w = keep->cover.workload[d];

		plan->workloads[w].replicas = 0;
		sw__table_share_rate(plan, &keep->board->problem->workloads[w], w);
	}
	for (size_t g = 0; g < plan->n_gpus; g++)
		for (size_t k = 0; k < plan->gpus[g].n; k++)
			plan->workloads[plan->gpus[g].tenants[k].workload].replicas +=
				plan->gpus[g].tenants[k].row != NULL;
	sw__plan_add_up(keep->board->problem, plan);
}

enum sw_status sw__tables_settle(const struct sw__keep *keep, const struct sw__covered *covered,
				 struct sw_plan *plan, bool *all, struct sw_error *err)
{
	struct settling s = {.keep = keep, .covered = covered, .plan = plan, .err = err};
	enum sw_status st = allocate(&s);

	if (st == SW_OK) {
		cut_gpus(&s);
		st = put_all(&s, all);
	}
	for (size_t g = 0; st == SW_OK && g < plan->n_gpus; g++) {
		place_new(&s, &plan->gpus[g]);
		if (plan->gpus[g].n)
			qsort(plan->gpus[g].tenants, plan->gpus[g].n,
			      sizeof(*plan->gpus[g].tenants), by_share);
	}
	if (st == SW_OK) {
		name_engines(&s);
		st = order_gpus(&s);
	}
	if (st == SW_OK)
		add_up(&s);
	free(s.board_gpu);
	free(s.seats);
	free(s.seat);
	free(s.taken);
	return st;
}

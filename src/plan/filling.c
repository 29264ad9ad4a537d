// SPDX-License-Identifier: Apache-2.0
#include "plan/filling.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "plan/greedy.h"
#include "plan/kind_prices.h"
#include "plan/parts.h"
#include "plan/rules.h"

/* Engines that did not fit on top of a full GPU, after which it is left as it is; each time smaller ones are tried. */
enum { REFUSALS_MAX = 6 };
static const double smaller = 0.7;
/* Passes that learn from the one before what a kind's GPUs really cost. */
enum { PASSES = 4, PASSES_MANY = 1 };
/* What neighbours make of the share that engines need alone: where it starts, and how it follows what was found. */
static const double first_growths[] = {1, 1.1}, least_growth = 1, most_growth = 4;
static const double growth_after_refusal = 1.04, growth_after_room = 0.98;
/* How much engines press on a GPU that are together at the most; by what limits hold in plans of random engines, 1 to 1.3. */
static const double most_pressure = 1.3;
/* How strongly those come first that a kind of GPU suits better than all others. */
static const double suit_power = 4;
/* Workloads that a GPU is filled from at the most: engines for what room there is are among these, and the time for ten times as many
 * workloads is ten times as long. */
enum { POOL_MOST = 1000 };

/* A GPU that is being filled. */
struct filled {
	size_t fleet, n;
	struct sw__size *engines[SW__TOGETHER_MAX];
	double room[SW__PARTS];
	const struct sw__together *together; /* NULL: to be filled */
	double worth; /* of its engines, over its price */
};

/* One engine of a workload on a kind of GPU. */
struct choice {
	struct sw__size *size;
	double part[SW__PARTS];
	double suits; /* what its parts cost at the least over what they cost here; 0: not possible here */
	double preference; /* suits ^ suit_power */
};

struct filling {
	struct sw__groups *groups;
	struct sw__state *state;
	struct choice *choice; /* per workload and kind */
	double *worth; /* per workload: of all its engines */
	double *factor; /* per kind: what its GPUs cost over what their engines' parts do */
	unsigned *placed; /* per workload: engines with a place */
	size_t *pool,
		n_pool; /* workloads that have engines without one, of those that were reached */
	size_t reached; /* workloads that came into the pool */
	double *growth; /* per kind */
	struct filled *next; /* per kind: a GPU that could be taken */
	struct sw_error *err;
};

static struct choice *choice_of(const struct filling *f, size_t workload, size_t fleet)
{
	return &f->choice[workload * f->state->problem->n_fleet + fleet];
}

/* Of a size that is possible, on one GPU when alone there. */
static void measure_parts(const struct sw__sizing *sizing, const struct sw__size *size,
			  double part[SW__PARTS])
{
	const struct sw_fleet_entry *entry = &sizing->problem->fleet[size->fleet];

	part[0] = entry->mechanism == SW_EXCLUSIVE ? 1
		  : size->share_matters            ? sw__size_share(sizing, size, size->alone)
						   : size->least_work;
	part[1] = sw__size_memory_gib(sizing, size, size->alone) / sw_gpu_visible_gib(&entry->gpu);
	part[2] = 1.0 / entry->max_tenants;
	part[3] = 0;
	if (sizing->oracle->pressure && size->prepared[size->alone] && size->share_matters)
		part[3] = sizing->oracle->pressure(entry->mechanism, size->prepared[size->alone]) /
			  most_pressure;
}

static enum sw_status look_at_choice(struct filling *f, size_t workload, size_t fleet,
				     struct sw__parts *parts)
{
	struct choice *choice = choice_of(f, workload, fleet);
	enum sw_status st =
		sw__size_fewest(f->groups->sizing, workload, fleet, &choice->size, f->err);

	*parts = (struct sw__parts){{INFINITY, INFINITY, INFINITY, INFINITY}};
	if (st != SW_OK || !choice->size->possible)
		return st;
	measure_parts(f->groups->sizing, choice->size, choice->part);
	for (int r = 0; r < SW__PARTS; r++)
		parts->of[r] = choice->size->replicas * choice->part[r];
	return SW_OK;
}

static void set_suits(struct choice *choice, double suits)
{
	choice->suits = suits;
	choice->preference = pow(suits, suit_power);
}

static void set_worth(struct filling *f, const struct sw__part_table *table, const double *price,
		      const struct sw__kind_weight *weight, size_t w)
{
	double least = INFINITY;

	for (size_t k = 0; k < table->n_fleet; k++)
		least = fmin(least, sw__price_of_parts(table, w, k, price[k], &weight[k]));
	f->worth[w] = isinf(least) ? 0 : least;
	for (size_t k = 0; k < table->n_fleet; k++)
		set_suits(choice_of(f, w, k),
			  f->worth[w] / sw__price_of_parts(table, w, k, price[k], &weight[k]));
}

/* What every workload is worth: its parts at the prices that prove most. */
static enum sw_status set_worths(struct filling *f, struct sw__part_table *table)
{
	const struct sw_problem *problem = f->state->problem;
	struct sw__kind_weight *weight = calloc(problem->n_fleet + 1, sizeof(*weight));
	double *price = calloc(problem->n_fleet + 1, sizeof(*price)), bound;
	enum sw_status st = weight && price ? SW_OK
					    : sw_fail(f->err, SW_NO_MEMORY, "%zu kinds of GPU",
						      problem->n_fleet);

	for (size_t k = 0; st == SW_OK && k < problem->n_fleet; k++)
		price[k] = problem->fleet[k].price_per_hour * f->factor[k];
	if (st == SW_OK)
		st = sw__kind_prices(table, price, weight, &bound, f->err);

	for (size_t w = 0; st == SW_OK && w < problem->n_workloads; w++)
		set_worth(f, table, price, weight, w);
	free(weight);
	free(price);
	return st;
}

static enum sw_status look_at_choices(struct filling *f)
{
	const struct sw_problem *problem = f->state->problem;
	size_t n = problem->n_workloads * problem->n_fleet;
	struct sw__parts *parts = calloc(n + 1, sizeof(*parts));
	struct sw__part_table table = {problem->n_workloads, problem->n_fleet, parts};
	enum sw_status st =
		parts ? SW_OK : sw_fail(f->err, SW_NO_MEMORY, "%zu workloads", table.n_workloads);

	for (size_t i = 0; i < n && st == SW_OK; i++)
		st = look_at_choice(f, i / problem->n_fleet, i % problem->n_fleet, &parts[i]);
	if (st == SW_OK)
		st = set_worths(f, &table);
	free(parts);
	return st;
}

static bool has_room(const struct filled *gpu, const double part[SW__PARTS], double growth)
{
	return part[0] * growth <= gpu->room[0] + SW__SUM_ROUNDING &&
	       part[1] <= gpu->room[1] + SW__SUM_ROUNDING &&
	       part[2] <= gpu->room[2] + SW__SUM_ROUNDING &&
	       part[3] <= gpu->room[3] + SW__SUM_ROUNDING;
}

static unsigned engines_there(const struct filled *gpu, size_t workload)
{
	unsigned n = 0;

	for (size_t i = 0; i < gpu->n; i++)
		n += gpu->engines[i]->workload == workload;
	return n;
}

static bool may_come(const struct filling *f, const struct filled *gpu, const struct sw__size *size)
{
	const struct sw_workload *w = &f->state->problem->workloads[size->workload];

	for (size_t i = 0; (sw__apart(w) || w->n_not_with > 0) && i < gpu->n; i++) {
		if (!sw__may_meet(f->state->problem, size->workload, gpu->engines[i]->workload))
			return false;
	}
	return f->placed[size->workload] + engines_there(gpu, size->workload) < size->replicas;
}

/*
 * The engine that makes most of the room: what it takes of each resource, weighed by what is left of that. Large engines come
 * before small ones so, and such as ask for what nobody there does before others. NULL: none has room.
 */
static struct sw__size *best_for(const struct filling *f, const struct filled *gpu, double growth,
				 double below, double *found)
{
	struct sw__size *best = NULL;
	double best_use = 0;

	for (size_t i = 0; i < f->n_pool; i++) {
		const struct choice *c = choice_of(f, f->pool[i], gpu->fleet);
		double use = 0;

		if (!(c->suits > 0) || !has_room(gpu, c->part, growth))
			continue;
		for (int r = 0; r < SW__PARTS; r++)
			use += c->part[r] * gpu->room[r];
		if (use >= below)
			continue;
		use *= c->preference;
		if (use > best_use && may_come(f, gpu, c->size)) {
			best = c->size;
			best_use = use;
		}
	}
	*found = best_use;
	return best;
}

static void put(const struct filling *f, struct filled *gpu, struct sw__size *size)
{
	const struct choice *c = choice_of(f, size->workload, gpu->fleet);

	gpu->room[0] -= c->part[0] * f->growth[gpu->fleet];
	gpu->room[1] -= c->part[1];
	gpu->room[2] -= c->part[2];
	gpu->room[3] -= c->part[3];
	gpu->engines[gpu->n++] = size;
}

/* Believing that neighbours make every share grow alike. */
static void fill_by_sums(const struct filling *f, struct filled *gpu)
{
	double use;

	while (gpu->n < SW__TOGETHER_MAX) {
		struct sw__size *size =
			best_for(f, gpu, gpu->n ? f->growth[gpu->fleet] : 1, INFINITY, &use);

		if (!size)
			break;
		put(f, gpu, size);
	}
}

static void take_order(struct filled *gpu)
{
	(void)memcpy((void *)gpu->engines, (const void *)gpu->together->engines,
		     gpu->n * sizeof(gpu->engines[0]));
}

/* The last ones out until the limits hold. */
static enum sw_status drop_what_fails(struct filling *f, struct filled *gpu)
{
	double *growth = &f->growth[gpu->fleet];

	for (; gpu->n > 0; gpu->n--) {
		enum sw_status st = sw__together_get(f->groups, gpu->fleet, gpu->engines, gpu->n,
						     &gpu->together, f->err);

		if (st != SW_OK || (gpu->together && gpu->together->fits))
			return st;
		*growth = fmin(most_growth, *growth * growth_after_refusal);
	}
	gpu->together = NULL;
	return SW_OK;
}

/* What room there is by the slices that were found. */
static void measure_room(const struct filling *f, struct filled *gpu)
{
	const struct sw__sizing *sizing = f->groups->sizing;
	const struct sw_fleet_entry *entry = &sizing->problem->fleet[gpu->fleet];

	gpu->room[0] = gpu->room[1] = gpu->room[2] = 1;
	gpu->room[3] = 1;
	for (size_t i = 0; i < gpu->n; i++) {
		const struct sw__size *size = gpu->engines[i];
		const struct choice *c = choice_of(f, size->workload, gpu->fleet);

		gpu->room[0] -= size->share_matters
					? sw__size_share(sizing, size, gpu->together->level[i])
					: c->part[0];
		gpu->room[2] -= c->part[2];
		gpu->room[3] -= c->part[3];
	}
	gpu->room[1] -= gpu->together->memory_gib / sw_gpu_visible_gib(&entry->gpu);
}

/* One after another on top of what is there, as long as limits hold. */
static enum sw_status top_up(struct filling *f, struct filled *gpu)
{
	double *growth = &f->growth[gpu->fleet];
	double below = INFINITY, use;
	size_t refused = 0;

	while (gpu->n < SW__TOGETHER_MAX && refused < REFUSALS_MAX) {
		const struct sw__together *with;
		struct sw__size *size;
		enum sw_status st;

		measure_room(f, gpu);
		size = best_for(f, gpu, 1, below, &use);
		if (!size)
			break;
		st = sw__together_add(f->groups, gpu->together, size, &with, f->err);
		if (st != SW_OK)
			return st;
		if (!with || !with->fits) {
			refused++;
			below = use * smaller;
			continue;
		}
		*growth = fmax(least_growth, *growth * growth_after_room);
		gpu->together = with;
		gpu->n = with->n;
		take_order(gpu);
	}
	return SW_OK;
}

static void set_gpu_worth(const struct filling *f, struct filled *gpu)
{
	gpu->worth = 0;
	for (size_t i = 0; i < gpu->n; i++)
		gpu->worth += f->worth[gpu->engines[i]->workload] / gpu->engines[i]->replicas;
	gpu->worth /= f->state->problem->fleet[gpu->fleet].price_per_hour;
}

/* The next GPU of a kind; it stays empty where nothing is left that holds its limits there. */
static enum sw_status fill_next(struct filling *f, size_t fleet)
{
	struct filled *gpu = &f->next[fleet];
	enum sw_status st;

	*gpu = (struct filled){.fleet = fleet, .room = {1, 1, 1, 1}};
	fill_by_sums(f, gpu);
	st = drop_what_fails(f, gpu);
	if (st != SW_OK || !gpu->together)
		return st;
	take_order(gpu);
	st = top_up(f, gpu);
	set_gpu_worth(f, gpu);
	return st;
}

/* Whether its engines are still without a place, each divided as it was then. */
static bool still_there(const struct filling *f, const struct filled *gpu)
{
	for (size_t i = 0; i < gpu->n; i++) {
		const struct sw__size *size = gpu->engines[i];

		if (choice_of(f, size->workload, gpu->fleet)->size != size ||
		    f->placed[size->workload] + engines_there(gpu, size->workload) > size->replicas)
			return false;
	}
	return true;
}

/* A workload's first engine decides into how many its load is divided, on all kinds. */
static enum sw_status settle_replicas(struct filling *f, const struct sw__size *size)
{
	enum sw_status st = SW_OK;

	f->state->replicas[size->workload] = size->replicas;
	for (size_t k = 0; k < f->state->problem->n_fleet && st == SW_OK; k++) {
		struct choice *c = choice_of(f, size->workload, k);
		double before = c->size->replicas;

		if (c->size->replicas == size->replicas)
			continue;
		st = sw__size_get(f->groups->sizing, size->workload, k, size->replicas, &c->size,
				  f->err);
		if (st != SW_OK || !c->size->possible) {
			c->suits = 0;
			continue;
		}
		/* About as much per request; engines more, weights more. */
		set_suits(c, c->suits * fmin(1, before / size->replicas));
		measure_parts(f->groups->sizing, c->size, c->part);
	}
	return st;
}

static size_t common_divisor(size_t a, size_t b)
{
	return b ? common_divisor(b, a % b) : a;
}

/* The i-th workload that comes into the pool. Of more than a pool holds neighbours in the file, which are often alike, come far apart. */
static size_t ith_workload(const struct filling *f, size_t i)
{
	static const double golden = 0.6180339887498949;
	size_t n = f->state->problem->n_workloads, step = (size_t)((double)n * golden);

	if (n <= POOL_MOST)
		return i;
	while (common_divisor(n, step) != 1)
		step++;
	return i * step % n;
}

static void add_to_pool(struct filling *f, size_t most)
{
	for (; f->n_pool < most && f->reached < f->state->problem->n_workloads; f->reached++)
		f->pool[f->n_pool++] = ith_workload(f, f->reached);
}

static enum sw_status take(struct filling *f, struct filled *gpu)
{
	enum sw_status st = sw__state_open(f->state, gpu->together, f->err);
	size_t kept = 0;

	for (size_t i = 0; i < gpu->n && st == SW_OK; i++) {
		if (f->placed[gpu->engines[i]->workload]++ == 0)
			st = settle_replicas(f, gpu->engines[i]);
	}
	for (size_t i = 0; i < f->n_pool; i++) {
		size_t w = f->pool[i];

		if (f->placed[w] == 0 || f->placed[w] < f->state->replicas[w])
			f->pool[kept++] = w;
	}
	f->n_pool = kept;
	add_to_pool(f, POOL_MOST);
	gpu->together = NULL;
	return st;
}

/* Of the next GPUs of all kinds the one that is worth most for its price; NULL: none can be filled. */
static enum sw_status best_next(struct filling *f, struct filled **best)
{
	enum sw_status st = SW_OK;

	*best = NULL;
	for (size_t k = 0; k < f->state->problem->n_fleet && st == SW_OK; k++) {
		struct filled *gpu = &f->next[k];
		bool takes = false;

		if (!sw__state_has_another(f->state, k))
			continue;
		if (!gpu->together || !still_there(f, gpu))
			st = fill_next(f, k);
		if (st == SW_OK && gpu->together)
			st = sw__state_takes(f->state, SW__NEW_GPU, gpu->together, &takes, f->err);
		if (gpu->together && takes && (!*best || gpu->worth > (*best)->worth))
			*best = gpu;
	}
	return st;
}

/* What no kind had a GPU for, wherever there is room. */
static enum sw_status place_rest(struct filling *f)
{
	const struct sw__rule rule = {.joining = SW__JOIN_LEAST_EXTRA,
				      .opening = SW__OPEN_EFFICIENT,
				      .only_fleet = SW__ANY_FLEET};
	enum sw_status st = SW_OK;

	for (size_t i = 0; i < f->n_pool && st == SW_OK; i++) {
		size_t w = f->pool[i];
		unsigned fixed = f->state->problem->workloads[w].replicas;

		if (f->placed[w] == 0)
			f->state->replicas[w] =
				fixed ? fixed
				      : sw__least_replicas(&f->state->problem->workloads[w]);
		for (; f->placed[w] < f->state->replicas[w] && st == SW_OK; f->placed[w]++)
			st = sw__place(f->groups, f->state, w, &rule, f->err);
	}
	return st;
}

static void start_anew(struct filling *f, double growth)
{
	const struct sw_problem *problem = f->state->problem;

	f->n_pool = f->reached = 0;
	for (size_t w = 0; w < problem->n_workloads; w++)
		f->placed[w] = f->state->replicas[w] = f->state->unplaced[w] = 0;
	add_to_pool(f, POOL_MOST);
	f->state->n = 0;
	for (size_t k = 0; k < problem->n_fleet; k++) {
		f->growth[k] = growth;
		f->next[k].together = NULL;
		f->state->used[k] = 0;
	}
}

static enum sw_status fill_all(struct filling *f, double growth)
{
	struct filled *best = NULL;
	enum sw_status st;

	start_anew(f, growth);
	st = look_at_choices(f);
	while (st == SW_OK && f->n_pool > 0) {
		size_t reached = f->reached;

		st = best_next(f, &best);
		if (st == SW_OK && !best)
			add_to_pool(f,
				    f->n_pool +
					    POOL_MOST); /* those who wait take the room of none */
		if (st != SW_OK || (!best && f->reached == reached))
			break;
		if (best)
			st = take(f, best);
	}
	return st == SW_OK ? place_rest(f) : st;
}

/* What the engines' parts on the GPUs of a kind cost. */
static double price_of_parts_on(const struct filling *f, size_t fleet)
{
	double sum = 0;

	for (size_t i = 0; i < f->state->n; i++) {
		const struct sw__together *t = f->state->gpu[i];

		for (size_t j = 0; t->fleet == fleet && j < t->n; j++) {
			size_t w = t->engines[j]->workload;
			const struct choice *c = choice_of(f, w, fleet);

			if (c->suits > 0)
				sum += f->worth[w] / c->suits / t->engines[j]->replicas;
		}
	}
	return sum;
}

/* What the GPUs of each kind cost over what the parts of their engines do, half of the way to how it came out. */
static void learn_factors(struct filling *f)
{
	for (size_t k = 0; k < f->state->problem->n_fleet; k++) {
		double paid =
			(double)f->state->used[k] * f->state->problem->fleet[k].price_per_hour;
		double parts = price_of_parts_on(f, k) / f->factor[k];

		if (parts > 0)
			f->factor[k] = sqrt(f->factor[k] * paid / parts);
	}
}

static enum sw_status fill_often(struct filling *f, struct sw__state *best, struct sw_error *err)
{
	int passes = f->groups->sizing->economical ? PASSES_MANY : PASSES;
	enum sw_status st = SW_OK;

	for (size_t k = 0; k < best->problem->n_fleet; k++)
		f->factor[k] = 1;
	for (int pass = 0; pass < passes && st == SW_OK; pass++) {
		struct sw__cost was = sw__state_cost(best), is;

		st = fill_all(f, first_growths[pass % 2]);
		is = sw__state_cost(f->state);
		if (st == SW_OK && (pass == 0 || sw__cost_less(&is, &was)))
			st = sw__state_copy(best, f->state, err);
		learn_factors(f);
	}
	return st;
}

enum sw_status sw__fill(struct sw__groups *groups, struct sw__state *state, struct sw_error *err)
{
	size_t n = state->problem->n_workloads, n_fleet = state->problem->n_fleet;
	struct sw__state now = {0};
	struct filling f = {.groups = groups, .state = &now, .err = err};
	enum sw_status st = sw__state_new(state->problem, &now, err);

	f.choice = calloc(n * n_fleet + 1, sizeof(*f.choice));
	f.worth = calloc(n + 1, sizeof(*f.worth));
	f.placed = calloc(n + 1, sizeof(*f.placed));
	f.pool = calloc(n + 1, sizeof(*f.pool));
	f.growth = calloc(n_fleet + 1, sizeof(*f.growth));
	f.factor = calloc(n_fleet + 1, sizeof(*f.factor));
	f.next = calloc(n_fleet + 1, sizeof(*f.next));
	if (st == SW_OK)
		st = f.choice && f.worth && f.placed && f.pool && f.growth && f.factor && f.next
			     ? fill_often(&f, state, err)
			     : sw_fail(err, SW_NO_MEMORY, "%zu workloads", n);
	sw__state_free(&now);
	free(f.choice);
	free(f.worth);
	free(f.placed);
	free(f.pool);
	free(f.growth);
	free(f.factor);
	free(f.next);
	return st;
}

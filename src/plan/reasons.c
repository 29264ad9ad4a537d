// SPDX-License-Identifier: Apache-2.0
#include "plan/reasons.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "plan/obstacle.h"

/* Of many GPUs the least loaded are asked to take one more engine, and fewer of them to move to another kind with it. */
enum { ASKED_MAX = 12, ASKED_ON_OTHER_KINDS = 4, NAMED_NEIGHBOURS = 3 };

struct writing {
	struct sw__groups *groups;
	const struct sw_problem *problem;
	const struct sw__together *const *sets;
	struct sw_plan *plan;
	size_t capacity;
};

static size_t engines_of(const struct sw_plan *plan)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->n_gpus; i++)
		n += plan->gpus[i].n;
	return n;
}

static enum sw_status add(struct writing *w, const struct sw_reason *reason, struct sw_text *words,
			  struct sw_error *err)
{
	struct sw_plan *plan = w->plan;
	enum sw_status st = SW_OK;

	if (plan->n_reasons == w->capacity) {
		size_t capacity = w->capacity ? 2 * w->capacity : 32;
		struct sw_reason *more = realloc(plan->reasons, capacity * sizeof(*more));

		if (!more)
			st = sw_fail(err, SW_NO_MEMORY, "%zu reasons", capacity);
		else
			plan->reasons = more;
		w->capacity = more ? capacity : w->capacity;
	}
	if (st == SW_OK && !sw_text_ok(words))
		st = sw_fail(err, SW_NO_MEMORY, "out of memory");
	if (st == SW_OK) {
		struct sw_reason *into = &plan->reasons[plan->n_reasons++];

		*into = *reason;
		(void)sw_copy_name(into->words, sizeof(into->words), sw_text_string(words));
	}
	sw_text_free(words);
	return st;
}

static struct sw_reason reason_of(enum sw_instead instead, size_t gpu, size_t tenant,
				  size_t workload, const char *where)
{
	struct sw_reason reason = {
		.instead = instead,
		.gpu = gpu,
		.tenant = tenant,
		.workload = workload,
		.share = NAN,
	};

	(void)sw_copy_name(reason.where, sizeof(reason.where), where);
	return reason;
}

static const struct sw_fleet_entry *entry_of(const struct writing *w, size_t gpu)
{
	return &w->problem->fleet[w->sets[gpu]->fleet];
}

/* "a100/1 beside a, b and 2 more". */
static void say_beside(const struct writing *w, size_t gpu, struct sw_text *text)
{
	const struct sw__together *t = w->sets[gpu];

	sw_text_addf(text, "%s beside ", w->plan->gpus[gpu].id);
	for (size_t i = 0; i < t->n && i < NAMED_NEIGHBOURS; i++)
		sw_text_addf(text, "%s%s", i ? ", " : "",
			     w->problem->workloads[t->engines[i]->workload].name);
	if (t->n > NAMED_NEIGHBOURS)
		sw_text_addf(text, " and %zu more", t->n - NAMED_NEIGHBOURS);
}

/* It would hold, and the plan cost what it costs. */
static struct sw_obstacle same_price(const struct writing *w)
{
	return (struct sw_obstacle){.kind = SW_OBSTACLE_PRICE,
				    .workload = SW_NONE,
				    .found = w->plan->cost_per_hour,
				    .allowed = w->plan->cost_per_hour};
}

/* A profile has its memory: whether the engine starts in one, and what it needs where it does not. */
static enum sw_status starts_in(const struct writing *w, const struct sw__size *engine,
				size_t level, bool *out, struct sw_obstacle *obstacle)
{
	struct sw__sizing *sizing = w->groups->sizing;
	struct sw_tenant tenant = sw__size_tenant(sizing, engine, level);
	struct sw_error why;
	enum sw_status st = SW_OK;

	if (sizing->levels[engine->fleet].level[level].profile)
		st = sizing->oracle->check_memory(sizing->oracle->context, engine->fleet, &tenant,
						  &why);
	*out = st == SW_OK;
	*obstacle = (struct sw_obstacle){.kind = SW_OBSTACLE_MEMORY,
					 .workload = engine->workload,
					 .found = engine->tenant.slice.memory_gib,
					 .allowed = tenant.slice.memory_gib};
	return st == SW_NO_MEMORY ? st : SW_OK;
}

/* Whoever breaks a limit with engine `tenant` at a level that it starts at, itself first. */
static enum sw_status who_breaks(const struct writing *w, const struct sw__together *t,
				 size_t tenant, size_t level, struct sw_obstacle *out,
				 struct sw_error *err)
{
	struct sw_prediction predicted[SW__TOGETHER_MAX];
	unsigned char levels[SW__TOGETHER_MAX];
	enum sw_status st;

	(void)memcpy(levels, t->level, t->n);
	levels[tenant] = (unsigned char)level;
	st = sw__together_predict(w->groups->sizing, t->fleet, t->engines, levels, t->n, predicted,
				  err);
	for (size_t k = 0; st == SW_OK && k < t->n; k++) {
		size_t who = (tenant + k) % t->n;

		*out = sw__obstacle_of_prediction(&predicted[who], &t->engines[who]->tenant.slo,
						  t->engines[who]->workload);
		if (out->kind != SW_OBSTACLE_NONE)
			break;
	}
	return st;
}

static void say_slice(const struct sw__level *level, struct sw_text *text)
{
	if (level->profile)
		sw_text_addf(text, "as %s ", level->profile->name);
	else
		sw_text_addf(text, "at share %.2f ", level->share);
}

/* One engine a level lower. */
static enum sw_status smaller_slice(struct writing *w, size_t gpu, size_t tenant,
				    struct sw_error *err)
{
	const struct sw__together *t = w->sets[gpu];
	const struct sw__size *engine = t->engines[tenant];
	struct sw_reason reason =
		reason_of(SW_INSTEAD_SMALLER, gpu, tenant, engine->workload, w->plan->gpus[gpu].id);
	size_t level = t->level[tenant];
	struct sw_text words = {0};
	bool starts;
	enum sw_status st;

	if (!engine->share_matters || level == 0 || w->problem->workloads[engine->workload].table)
		return SW_OK;
	level--;
	reason.share = sw__size_share(w->groups->sizing, engine, level);
	st = starts_in(w, engine, level, &starts, &reason.obstacle);
	if (st == SW_OK && starts)
		st = who_breaks(w, t, tenant, level, &reason.obstacle, err);
	if (st != SW_OK)
		return st == SW_NO_MEMORY ? sw_fail(err, st, "out of memory") : st;
	say_slice(&w->groups->sizing->levels[t->fleet].level[level], &words);
	if (reason.obstacle.kind == SW_OBSTACLE_NONE) {
		reason.obstacle = same_price(w);
		sw_text_puts(&words, "it would hold too, and free no GPU");
	} else {
		sw__obstacle_say(w->problem, &reason.obstacle, reason.workload, &words);
	}
	return add(w, &reason, &words, err);
}

/* An engine that its gateway limits, without that. */
static enum sw_status unlimited(struct writing *w, size_t gpu, size_t tenant, struct sw_error *err)
{
	const struct sw__together *t = w->sets[gpu];
	const struct sw__oracle *oracle = w->groups->sizing->oracle;
	struct sw__size engine = *t->engines[tenant];
	struct sw__size *engines[SW__TOGETHER_MAX];
	struct sw__together all = *t;
	struct sw_reason reason = reason_of(SW_INSTEAD_UNLIMITED, gpu, tenant, engine.workload,
					    w->plan->gpus[gpu].id);
	struct sw_text words = {0};
	enum sw_status st;

	if (!engine.tenant.max_in_flight)
		return SW_OK;
	(void)memset((void *)engine.prepared, 0, sizeof(engine.prepared));
	engine.tenant.max_in_flight = 0;
	(void)memcpy((void *)engines, (const void *)t->engines, t->n * sizeof(engines[0]));
	engines[tenant] = &engine;
	all.engines = engines;
	st = who_breaks(w, &all, tenant, t->level[tenant], &reason.obstacle, err);
	if (engine.prepared[t->level[tenant]])
		oracle->release(engine.prepared[t->level[tenant]]);
	if (st != SW_OK)
		return st;
	sw_text_addf(&words, "without its limit of %u requests in flight: ",
		     t->engines[tenant]->tenant.max_in_flight);
	if (reason.obstacle.kind == SW_OBSTACLE_NONE) {
		reason.obstacle = same_price(w);
		sw_text_puts(&words, "it would hold too, and it hardly feels it");
	} else {
		sw__obstacle_say(w->problem, &reason.obstacle, reason.workload, &words);
	}
	return add(w, &reason, &words, err);
}

/* The sizes of a set's engines on another kind of GPU. */
static enum sw_status sizes_on(struct writing *w, const struct sw__together *t, size_t fleet,
			       struct sw__size **out, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (size_t i = 0; i < t->n && st == SW_OK; i++)
		st = sw__size_like(w->groups->sizing, t->engines[i], fleet, &out[i], err);
	return st;
}

static double used_of(const struct writing *w, size_t fleet)
{
	double used = 0;

	for (size_t i = 0; i < w->plan->n_gpus; i++)
		used += w->sets[i]->fleet == fleet;
	return used;
}

/* The dearest kind that is cheaper; SW_NONE where this is the cheapest. */
static size_t next_cheaper(const struct sw_problem *problem, size_t fleet)
{
	size_t best = SW_NONE;

	for (size_t f = 0; f < problem->n_fleet; f++) {
		double price = problem->fleet[f].price_per_hour;

		if (price < problem->fleet[fleet].price_per_hour &&
		    (best == SW_NONE || price > problem->fleet[best].price_per_hour))
			best = f;
	}
	return best;
}

/* All that is on a GPU, on the next cheaper kind. */
static enum sw_status cheaper_gpu(struct writing *w, size_t gpu, struct sw_error *err)
{
	const struct sw__together *t = w->sets[gpu], *set;
	size_t f = next_cheaper(w->problem, t->fleet);
	struct sw__size *engines[SW__TOGETHER_MAX];
	struct sw_text words = {0};
	struct sw_reason reason;
	enum sw_status st;

	if (f == SW_NONE)
		return SW_OK;
	reason = reason_of(SW_INSTEAD_CHEAPER, gpu, t->n == 1 ? 0 : SW_NONE,
			   t->n == 1 ? t->engines[0]->workload : SW_NONE,
			   w->problem->fleet[f].gpu.id);
	st = sizes_on(w, t, f, engines, err);
	if (st == SW_OK)
		st = sw__obstacle_of_set(w->groups, f, engines, t->n, &reason.obstacle, &set, err);
	if (st != SW_OK)
		return st;
	if (reason.obstacle.kind == SW_OBSTACLE_NONE &&
	    used_of(w, f) + 1 > w->problem->fleet[f].count)
		reason.obstacle = (struct sw_obstacle){.kind = SW_OBSTACLE_FLEET,
						       .workload = SW_NONE,
						       .found = used_of(w, f) + 1,
						       .allowed = w->problem->fleet[f].count};
	sw_text_addf(&words, "on a %s at %.4g per hour: ", reason.where,
		     w->problem->fleet[f].price_per_hour);
	sw__obstacle_say(w->problem, &reason.obstacle, reason.workload, &words);
	return add(w, &reason, &words, err);
}

/* An engine of GPU `from` on GPU `to`, beside those that are there. */
static enum sw_status beside(struct writing *w, const struct sw__size *engine, size_t to,
			     struct sw_obstacle *out, const struct sw__together **set,
			     struct sw_error *err)
{
	const struct sw__together *there = w->sets[to];
	struct sw__size *engines[SW__TOGETHER_MAX + 1];
	enum sw_status st;

	(void)memcpy((void *)engines, (const void *)there->engines, there->n * sizeof(engines[0]));
	st = sw__size_like(w->groups->sizing, engine, there->fleet, &engines[there->n], err);
	return st == SW_OK ? sw__obstacle_of_set(w->groups, there->fleet, engines, there->n + 1,
						 out, set, err)
			   : st;
}

static bool less_loaded(const struct sw__together *a, const struct sw__together *b)
{
	return a->share != b->share ? a->share < b->share : a->memory_gib < b->memory_gib;
}

/* The other GPUs of the plan, the least loaded first; at most ASKED_MAX of them. */
static size_t others_of(const struct writing *w, size_t gpu, size_t *out)
{
	size_t n = 0;

	for (size_t i = 0; i < w->plan->n_gpus; i++) {
		size_t at = n;

		if (i == gpu)
			continue;
		for (; at > 0 && less_loaded(w->sets[i], w->sets[out[at - 1]]); at--) {
			if (at < ASKED_MAX)
				out[at] = out[at - 1];
		}
		if (at < ASKED_MAX)
			out[at] = i;
		n += n < ASKED_MAX;
	}
	return n;
}

/* An engine that has neighbours, on the least loaded of the other GPUs. */
static enum sw_status moved(struct writing *w, size_t gpu, size_t tenant, struct sw_error *err)
{
	const struct sw__together *t = w->sets[gpu], *set;
	size_t others[ASKED_MAX];
	struct sw_text words = {0};
	struct sw_reason reason;
	enum sw_status st;

	if (t->n == 1 || others_of(w, gpu, others) == 0)
		return SW_OK;
	reason = reason_of(SW_INSTEAD_MOVED, gpu, tenant, t->engines[tenant]->workload,
			   w->plan->gpus[others[0]].id);
	st = beside(w, t->engines[tenant], others[0], &reason.obstacle, &set, err);
	if (st != SW_OK)
		return st;
	sw_text_puts(&words, "on ");
	say_beside(w, others[0], &words);
	if (reason.obstacle.kind == SW_OBSTACLE_NONE) {
		reason.obstacle = same_price(w);
		sw_text_addf(&words, " it would hold too, and free no GPU: %s stays for others",
			     w->plan->gpus[gpu].id);
	} else {
		sw_text_puts(&words, ": ");
		sw__obstacle_say(w->problem, &reason.obstacle, reason.workload, &words);
	}
	return add(w, &reason, &words, err);
}

/* Who is alone, beside the engines of each other GPU: the attempt that comes nearest. */
static enum sw_status shared_there(struct writing *w, size_t gpu, const size_t *others, size_t n,
				   struct sw_error *err)
{
	const struct sw__size *engine = w->sets[gpu]->engines[0];
	struct sw_reason best = {.gpu = SW_NONE};
	size_t nearest = 0;
	struct sw_text words = {0};

	for (size_t i = 0; i < n; i++) {
		struct sw_reason reason = reason_of(SW_INSTEAD_SHARED, gpu, 0, engine->workload,
						    w->plan->gpus[others[i]].id);
		const struct sw__together *set;
		enum sw_status st = beside(w, engine, others[i], &reason.obstacle, &set, err);

		if (st != SW_OK)
			return st;
		if (best.gpu == SW_NONE ||
		    sw__obstacle_ratio(&reason.obstacle) < sw__obstacle_ratio(&best.obstacle)) {
			best = reason;
			nearest = others[i];
		}
	}
	sw_text_puts(&words, "on ");
	say_beside(w, nearest, &words);
	sw_text_puts(&words, best.obstacle.kind == SW_OBSTACLE_LIMIT ? ": at best " : ": ");
	sw__obstacle_say(w->problem, &best.obstacle, best.workload, &words);
	return add(w, &best, &words, err);
}

/* It and all of another GPU on one of a third kind. */
static enum sw_status on_one(struct writing *w, size_t gpu, size_t other, size_t fleet, bool *fits,
			     struct sw_error *err)
{
	struct sw__size *engines[SW__TOGETHER_MAX + 1];
	const struct sw__together *there = w->sets[other], *set;
	enum sw_status st = sizes_on(w, there, fleet, engines, err);

	*fits = false;
	if (st == SW_OK)
		st = sizes_on(w, w->sets[gpu], fleet, engines + there->n, err);
	if (st == SW_OK)
		st = sw__together_get(w->groups, fleet, engines, there->n + 1, &set, err);
	if (st == SW_OK)
		*fits = set && set->fits;
	return st;
}

/* Whether a GPU of another kind would hold it and all of one of the others: what that costs beside the two. */
static enum sw_status shared_elsewhere(struct writing *w, size_t gpu, const size_t *others,
				       size_t n, struct sw_error *err)
{
	double own = entry_of(w, gpu)->price_per_hour, least = INFINITY;
	struct sw_reason best;
	struct sw_text words = {0};
	size_t with = 0;

	for (size_t i = 0; i < n && i < ASKED_ON_OTHER_KINDS; i++) {
		double both = own + entry_of(w, others[i])->price_per_hour;

		for (size_t f = 0; f < w->problem->n_fleet; f++) {
			double price = w->problem->fleet[f].price_per_hour;
			bool fits;
			enum sw_status st;

			if (f == w->sets[others[i]]->fleet || price - both >= least)
				continue;
			st = on_one(w, gpu, others[i], f, &fits, err);
			if (st != SW_OK)
				return st;
			if (!fits)
				continue;
			least = price - both;
			with = others[i];
			best = reason_of(SW_INSTEAD_SHARED, gpu, 0,
					 w->sets[gpu]->engines[0]->workload,
					 w->problem->fleet[f].gpu.id);
			best.obstacle = (struct sw_obstacle){.kind = SW_OBSTACLE_PRICE,
							     .workload = SW_NONE,
							     .found = price,
							     .allowed = both};
		}
	}
	if (isinf(least))
		return SW_OK;
	sw_text_addf(&words, "together with all of %s on one %s all would hold, for ",
		     w->plan->gpus[with].id, best.where);
	sw_text_addf(&words, "%.4g instead of %.4g per hour", best.obstacle.found,
		     best.obstacle.allowed);
	return add(w, &best, &words, err);
}

static enum sw_status not_alone(struct writing *w, size_t gpu, struct sw_error *err)
{
	size_t others[ASKED_MAX], n = others_of(w, gpu, others);
	enum sw_status st;

	if (w->sets[gpu]->n > 1 || n == 0)
		return SW_OK;
	st = shared_there(w, gpu, others, n, err);
	return st == SW_OK ? shared_elsewhere(w, gpu, others, n, err) : st;
}

/* One engine fewer for a workload whose number the planner chose, on the kind of GPU where the first of them is. */
static enum sw_status fewer(struct writing *w, size_t gpu, size_t tenant, struct sw_error *err)
{
	const struct sw__size *engine = w->sets[gpu]->engines[tenant];
	struct sw_reason reason = reason_of(SW_INSTEAD_FEWER, gpu, tenant, engine->workload,
					    entry_of(w, gpu)->gpu.id);
	struct sw__sizing *sizing = w->groups->sizing;
	const struct sw__together *set;
	struct sw__size *size;
	struct sw_text words = {0};
	enum sw_status st;

	if (engine->replicas < 2 || engine->times > 1 ||
	    w->problem->workloads[engine->workload].replicas ||
	    w->plan->gpus[gpu].tenants[tenant].replica > 0)
		return SW_OK;
	reason.replicas = engine->replicas - 1;
	st = sw__size_get(sizing, engine->workload, engine->fleet, reason.replicas, &size, err);
	if (st == SW_OK)
		st = sw__obstacle_of_set(w->groups, engine->fleet, &size, 1, &reason.obstacle, &set,
					 err);
	if (st != SW_OK)
		return st;
	sw_text_addf(&words, "%u instead of %u engines, each alone on a %s: ", reason.replicas,
		     engine->replicas, reason.where);
	if (reason.obstacle.kind == SW_OBSTACLE_NONE)
		sw_text_addf(&words, "share %.2f instead of %.2f each",
			     sw__size_share(sizing, size, size->alone),
			     sw__size_share(sizing, engine, engine->alone));
	else
		sw__obstacle_say(w->problem, &reason.obstacle, reason.workload, &words);
	if (reason.obstacle.kind == SW_OBSTACLE_NONE)
		reason.obstacle = same_price(w);
	return add(w, &reason, &words, err);
}

static enum sw_status of_tenant(struct writing *w, size_t gpu, size_t tenant, struct sw_error *err)
{
	enum sw_status st = smaller_slice(w, gpu, tenant, err);

	if (st == SW_OK)
		st = unlimited(w, gpu, tenant, err);
	if (st == SW_OK)
		st = moved(w, gpu, tenant, err);
	return st == SW_OK ? fewer(w, gpu, tenant, err) : st;
}

enum sw_status sw__reasons(struct sw__groups *groups, const struct sw__together *const *sets,
			   struct sw_plan *plan, struct sw_error *err)
{
	const struct sw_problem *problem = groups->sizing->problem;
	struct writing w = {groups, problem, sets, plan, 0};
	size_t most = problem->explain_engines ? problem->explain_engines : SW_EXPLAIN_ENGINES;
	enum sw_status st = SW_OK;

	if (engines_of(plan) > most)
		return SW_OK;
	for (size_t i = 0; i < plan->n_gpus && st == SW_OK; i++) {
		for (size_t k = 0; k < sets[i]->n && st == SW_OK; k++)
			st = of_tenant(&w, i, k, err);
		if (st == SW_OK)
			st = cheaper_gpu(&w, i, err);
		if (st == SW_OK)
			st = not_alone(&w, i, err);
	}
	return st;
}

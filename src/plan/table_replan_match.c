// SPDX-License-Identifier: Apache-2.0
#include "plan/table_replan_match.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/* A GPU of the board cut as the covering says. */
struct pair {
	size_t gpu, cut;
	sw__staying_set stays;
	unsigned char count[SW_MIG_PROFILES_MAX]; /* slices beside those that stay */
	double common; /* shares that go on */
};

struct matching {
	const struct sw__table_board *board;
	const struct sw__table_cover *cover;
	struct sw__keep *keep;
	unsigned *times, *engines; /* of the covering: not paired yet */
	bool *used; /* per GPU of the board */
	size_t n;
	struct pair *pairs;
};

/* Whether a GPU of the board may be cut so. */
static bool may_be(const struct matching *m, size_t gpu, size_t cut)
{
	const struct sw__table_board_gpu *is = &m->board->gpus[gpu];
	const struct sw__gpu_group *group = &m->cover->groups[m->cover->covering.cuts[cut].group];

	if (m->times[cut] == 0 || is->fleet != group->fleet)
		return false;
	if (group->is_new)
		return is->planned && is->in_plan == SW__NONE;
	for (size_t i = 0; i < group->n; i++)
		if (group->gpu[i] == is->in_plan)
			return true;
	return false;
}

/* Whether these slices lie beside the language models' and those that stay. */
static bool lies(const struct matching *m, const struct pair *p)
{
	const struct sw__table_board_gpu *gpu = &m->board->gpus[p->gpu];
	const struct sw_fleet_entry *entry = &m->board->problem->fleet[gpu->fleet];
	struct sw__mig_place there[2 * SW_TENANTS_MAX];
	const struct sw_mig_profile *wanted[SW_TENANTS_MAX];
	unsigned starts[SW_TENANTS_MAX];
	size_t n_there = gpu->n_models, n = 0;

	if (entry->mechanism != SW_MIG)
		return true;
	if (n_there > SW_TENANTS_MAX)
		return false;
	(void)memcpy(there, gpu->models, n_there * sizeof(*there));
	for (size_t i = 0; i < gpu->n && n_there < 2 * SW_TENANTS_MAX; i++)
		if (p->stays >> i & 1)
			there[n_there++] = m->board->engines[gpu->first + i].place;
	for (size_t k = 0; k < SW_MIG_PROFILES_MAX; k++)
		for (unsigned i = 0; i < p->count[k]; i++) {
			if (n == SW_TENANTS_MAX)
				return false;
			wanted[n++] = &entry->gpu.mig[k];
		}
	return sw__mig_beside(&entry->gpu, there, n_there, wanted, n, starts);
}

static unsigned staying_of(const struct matching *m, const struct pair *p, size_t workload,
			   size_t profile)
{
	const struct sw__table_board_gpu *gpu = &m->board->gpus[p->gpu];
	unsigned n = 0;

	for (size_t i = 0; i < gpu->n; i++) {
		const struct sw__table_board_engine *e = &m->board->engines[gpu->first + i];

		n += (p->stays >> i & 1) && e->workload == workload &&
		     (!e->place.profile ||
		      e->place.profile - m->board->problem->fleet[gpu->fleet].gpu.mig ==
			      (long)profile);
	}
	return n;
}

/* Let one more engine go on if the cut has such a slice, and the covering such an engine on it. */
static void try_stay(const struct matching *m, struct pair *p, size_t i)
{
	const struct sw__table_board_gpu *gpu = &m->board->gpus[p->gpu];
	const struct sw__table_board_engine *e = &m->board->engines[gpu->first + i];
	const struct sw__covering *in = &m->cover->covering;
	size_t profile = 0, demand, kind;

	if (!sw__table_board_may_stay(m->board, gpu->first + i))
		return;
	if (e->place.profile)
		profile = (size_t)(e->place.profile - m->board->problem->fleet[gpu->fleet].gpu.mig);
	demand = m->keep->demand_of[e->workload];
	kind = m->cover->first_kind[gpu->fleet] + profile;
	if (p->count[profile] == 0 ||
	    m->engines[demand * in->n_kinds + kind] <= staying_of(m, p, e->workload, profile) ||
	    e->row->throughput < in->capacity[demand * in->n_kinds + kind])
		return;
	if (m->cover->spread[demand])
		for (size_t j = 0; j < i; j++)
			if ((p->stays >> j & 1) &&
			    m->board->engines[gpu->first + j].workload == e->workload)
				return;
	p->stays |= (sw__staying_set)1 << i;
	p->count[profile]--;
	if (lies(m, p)) {
		p->common += e->planned->share;
		return;
	}
	p->stays &= ~((sw__staying_set)1 << i);
	p->count[profile]++;
}

static struct pair pair_of(const struct matching *m, size_t gpu, size_t cut)
{
	struct pair p = {.gpu = gpu, .cut = cut};

	(void)memcpy(p.count, m->cover->covering.cuts[cut].count, sizeof(p.count));
	if (!lies(m, &p))
		p.common = -1;
	for (size_t i = 0; i < m->board->gpus[gpu].n && p.common >= 0; i++)
		try_stay(m, &p, i);
	return p;
}

static void take(struct matching *m, const struct pair *p)
{
	const struct sw__table_board_gpu *gpu = &m->board->gpus[p->gpu];
	size_t first = m->cover->first_kind[gpu->fleet], kinds = m->cover->covering.n_kinds;

	m->used[p->gpu] = true;
	m->times[p->cut]--;
	m->pairs[m->n++] = *p;
	for (size_t i = 0; i < gpu->n; i++) {
		const struct sw__table_board_engine *e = &m->board->engines[gpu->first + i];
		size_t profile = 0;

		if (!(p->stays >> i & 1))
			continue;
		if (e->place.profile)
			profile = (size_t)(e->place.profile -
					   m->board->problem->fleet[gpu->fleet].gpu.mig);
		m->engines[m->keep->demand_of[e->workload] * kinds + first + profile]--;
	}
}

/* Those with most in common first; what has nothing in common takes any that runs. */
static void pair_up(struct matching *m)
{
	for (;;) {
		struct pair best = {.common = -1};

		for (size_t g = 0; g < m->board->n_gpus; g++)
			for (size_t c = 0; c < m->cover->covering.n_cuts && !m->used[g]; c++) {
				struct pair p;

				if (!may_be(m, g, c))
					continue;
				p = pair_of(m, g, c);
				if (p.common > best.common)
					best = p;
			}
		if (best.common < 0)
			return;
		take(m, &best);
	}
}

/* Engines that are started anew where they ran, larger slices first. */
static void start_again(struct matching *m, const struct pair *p, struct sw__covered *out)
{
	const struct sw__covering *in = &m->keep->covering;
	const struct sw__table_board_gpu *gpu = &m->board->gpus[p->gpu];
	unsigned char left[SW_MIG_PROFILES_MAX];

	(void)memcpy(left, p->count, sizeof(left));
	for (size_t i = 0; i < in->n_again; i++) {
		const struct sw__again *again = &in->again[i];
		size_t w = m->cover->workload[again->demand];
		unsigned may = again->n;

		if (again->group != sw__keep_group(m->keep, p->gpu))
			continue;
		for (size_t e = 0; e < gpu->n; e++)
			may -= (p->stays >> e & 1) &&
			       m->board->engines[gpu->first + e].workload == w;
		if (m->cover->spread[again->demand] && may)
			may = may == again->n;
		for (size_t k = SW_MIG_PROFILES_MAX; k-- > 0;) {
			size_t kind = m->cover->first_kind[gpu->fleet] + k;
			size_t at = again->demand * in->n_kinds + kind;

			for (; left[k] && may && m->engines[at]; left[k]--, may--, m->engines[at]--)
				out->again[i * in->n_kinds + kind]++;
		}
	}
}

static enum sw_status allocate(struct matching *m, const struct sw__covered *covered,
			       struct sw__covered *out, struct sw_error *err)
{
	const struct sw__covering *in = &m->cover->covering;
	size_t engines = in->n_demands * in->n_kinds, gpus = m->board->n_gpus;

	m->times = calloc(in->n_cuts + 1, sizeof(*m->times));
	m->engines = calloc(engines + 1, sizeof(*m->engines));
	m->used = calloc(gpus + 1, sizeof(*m->used));
	out->times = calloc(m->keep->covering.n_cuts + gpus + 1, sizeof(*out->times));
	out->engines = calloc(engines + 1, sizeof(*out->engines));
	out->again = calloc(m->keep->covering.n_again * in->n_kinds + 1, sizeof(*out->again));
	out->served = calloc(in->n_demands + 1, sizeof(*out->served));
	if (!m->times || !m->engines || !m->used || !m->pairs || !out->times || !out->engines ||
	    !out->again || !out->served)
		return sw_fail(err, SW_NO_MEMORY, "%zu GPUs", gpus);
	(void)memcpy(m->times, covered->times, in->n_cuts * sizeof(*m->times));
	(void)memcpy(m->engines, covered->engines, engines * sizeof(*m->engines));
	(void)memcpy(out->served, covered->served, in->n_demands * sizeof(*out->served));
	return SW_OK;
}

static double price_of(const struct sw__covering *in, const struct sw__covered *covered)
{
	double sum = 0;

	for (size_t i = 0; i < in->n_cuts; i++)
		sum += covered->times[i] * in->cuts[i].price;
	for (size_t d = 0; d < in->n_demands; d++)
		for (size_t k = 0; k < in->n_kinds; k++)
			sum += covered->engines[d * in->n_kinds + k] * in->start_price[k];
	for (size_t i = 0; i < in->n_again; i++)
		for (size_t k = 0; k < in->n_kinds; k++)
			sum += covered->again[i * in->n_kinds + k] * in->again[i].price[k];
	return sum;
}

/* What is left is new. False: it is of a GPU that is there. */
static bool open_rest(struct matching *m, struct sw__covered *out)
{
	const struct sw__covering *in = &m->cover->covering;

	for (size_t c = 0; c < in->n_cuts; c++) {
		if (m->times[c] && !m->cover->groups[in->cuts[c].group].is_new)
			return false;
		if (m->times[c])
			out->times[c] = m->times[c];
	}
	return true;
}

static enum sw_status add_pair(struct matching *m, const struct sw_replan_options *options,
			       const struct pair *p, struct sw__covered *out, struct sw_error *err)
{
	out->times[m->keep->covering.n_cuts] = 1;
	return sw__keep_add(m->keep, options, p->gpu, p->stays, p->count, err);
}

static enum sw_status match(struct matching *m, const struct sw_replan_options *options,
			    struct sw__covered *out, bool *fits, struct sw_error *err)
{
	size_t engines = m->cover->covering.n_demands * m->cover->covering.n_kinds;
	enum sw_status st = SW_OK;

	pair_up(m);
	*fits = open_rest(m, out);
	for (size_t i = 0; i < m->n && st == SW_OK; i++)
		st = add_pair(m, options, &m->pairs[i], out, err);
	sw__keep_end(m->keep);
	for (size_t i = 0; i < m->n && st == SW_OK; i++)
		start_again(m, &m->pairs[i], out);
	for (size_t i = 0; i < engines; i++)
		out->engines[i] = m->engines[i];
	out->per_hour = price_of(&m->keep->covering, out);
	return st;
}

enum sw_status sw__keep_match(const struct sw__table_board *board, const struct sw_plan *plan,
			      const struct sw_replan_options *options,
			      const struct sw__table_cover *cover,
			      const struct sw__covered *covered, struct sw__keep *keep,
			      struct sw__covered *out, bool *fits, struct sw_error *err)
{
	struct pair *pairs = calloc(board->n_gpus + 1, sizeof(*pairs));
	struct matching m = {.board = board, .cover = cover, .keep = keep, .pairs = pairs};
	struct sw__covered found = {0};
	enum sw_status st = sw__keep_begin(board, plan, options, keep, err);

	*out = found;
	*fits = false;
	if (st != SW_OK) {
		free(pairs);
		return st;
	}
	st = allocate(&m, covered, &found, err);
	if (st == SW_OK)
		st = match(&m, options, &found, fits, err);
	free(m.times);
	free(m.engines);
	free(m.used);
	free(pairs);
	if (st == SW_OK && *fits) {
		*out = found;
		return SW_OK;
	}
	sw__covered_free(&found);
	sw__keep_close(keep);
	return st;
}

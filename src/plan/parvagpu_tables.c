// SPDX-License-Identifier: Apache-2.0
/* After M. Lee et al., "ParvaGPU", SC'24: segments of MIG slice, batch and processes. README-tables.md says what was adapted. */
#include "plan/parvagpu_tables.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "plan/table_place.h"

/* GPUs with no more compute slices in use than this are broken up in the end, their engines cut smaller for the gaps of the others. */
enum { FEW_SLICES = 4, SMALL_SLICES = 2 };

/* An engine on a slice. */
struct segment {
	size_t demand, kind;
};

/* A GPU while it fills. */
struct packed {
	size_t n;
	struct segment on[SW_TENANTS_MAX];
};

struct packing {
	const struct sw__table_cover *cover;
	size_t fleet;
	size_t n, room;
	struct packed *gpu;
	double *unserved; /* per demand: requests per second */
};

static enum sw_status out_of_memory(const struct packing *p, struct sw_error *err)
{
	return sw_fail(err, SW_NO_MEMORY, "%zu GPUs", p->room);
}

static unsigned slices_of(const struct packing *p, size_t kind)
{
	return p->cover->kinds[kind].profile->compute_slices;
}

static double capacity(const struct packing *p, size_t demand, size_t kind)
{
	return p->cover->capacity[demand * p->cover->covering.n_kinds + kind];
}

static unsigned in_use(const struct packing *p, const struct packed *gpu)
{
	unsigned n = 0;

	for (size_t i = 0; i < gpu->n; i++)
		n += slices_of(p, gpu->on[i].kind);
	return n;
}

static bool fits(const struct packing *p, const struct packed *gpu, const struct segment *s)
{
	const struct sw_fleet_entry *entry = &p->cover->problem->fleet[p->fleet];
	const struct sw_mig_profile *profiles[SW_TENANTS_MAX];
	unsigned starts[SW_TENANTS_MAX];

	if (gpu->n >= sw__most_engines(entry, 0, 0))
		return false;
	for (size_t i = 0; i < gpu->n; i++) {
		if (p->cover->spread[s->demand] && gpu->on[i].demand == s->demand)
			return false;
		profiles[i] = p->cover->kinds[gpu->on[i].kind].profile;
	}
	profiles[gpu->n] = p->cover->kinds[s->kind].profile;
	return sw_gpu_mig_arrange(&entry->gpu, profiles, gpu->n + 1, starts);
}

/* Two instances of three slices leave a seventh that nothing can have: compute without memory. */
static bool wastes(const struct packing *p, const struct packed *gpu, const struct segment *s)
{
	const struct sw_gpu *model = &p->cover->problem->fleet[p->fleet].gpu;
	const struct sw_mig_profile *profiles[SW_TENANTS_MAX + 1];
	unsigned starts[SW_TENANTS_MAX + 1];

	for (size_t i = 0; i < gpu->n; i++)
		profiles[i] = p->cover->kinds[gpu->on[i].kind].profile;
	profiles[gpu->n] = p->cover->kinds[s->kind].profile;
	if (in_use(p, gpu) + slices_of(p, s->kind) == model->mig_compute_slices)
		return false;
	for (size_t i = 0; i < model->n_mig; i++) {
		profiles[gpu->n + 1] = &model->mig[i];
		if (sw_gpu_mig_arrange(model, profiles, gpu->n + 2, starts))
			return false;
	}
	return true;
}

/* The fullest GPU that takes it without waste; SIZE_MAX where none does. */
static size_t best_fit(const struct packing *p, const struct segment *s)
{
	size_t best = SIZE_MAX;
	unsigned most = 0;

	for (size_t g = 0; g < p->n; g++) {
		unsigned used = in_use(p, &p->gpu[g]);

		if (used == 0 || (best != SIZE_MAX && used <= most) || !fits(p, &p->gpu[g], s) ||
		    wastes(p, &p->gpu[g], s))
			continue;
		best = g;
		most = used;
	}
	return best;
}

static enum sw_status open_gpu(struct packing *p, const struct segment *s, struct sw_error *err)
{
	if ((double)p->n >= p->cover->group_count[p->fleet]) {
		p->unserved[s->demand] += capacity(p, s->demand, s->kind);
		return SW_OK;
	}
	if (p->n == p->room) {
		size_t room = p->room ? 2 * p->room : 16;
		struct packed *more = realloc(p->gpu, room * sizeof(*more));

		if (!more)
			return out_of_memory(p, err);
		p->gpu = more;
		p->room = room;
	}
	p->gpu[p->n++] = (struct packed){.n = 1, .on = {*s}};
	return SW_OK;
}

static enum sw_status pack(struct packing *p, const struct segment *s, struct sw_error *err)
{
	size_t g = best_fit(p, s);

	if (g == SIZE_MAX)
		return open_gpu(p, s, err);
	p->gpu[g].on[p->gpu[g].n++] = *s;
	return SW_OK;
}

/* The slice that serves most per compute slice, of those with at most `most` of them. SIZE_MAX: none. */
static size_t best_kind(const struct packing *p, size_t demand, unsigned most)
{
	size_t first = p->cover->first_kind[p->fleet], best = SIZE_MAX;
	size_t n = p->cover->problem->fleet[p->fleet].gpu.n_mig;

	for (size_t k = first; k < first + n; k++) {
		double each = capacity(p, demand, k) / slices_of(p, k);

		if (each > 0 && slices_of(p, k) <= most &&
		    (best == SIZE_MAX || each > capacity(p, demand, best) / slices_of(p, best)))
			best = k;
	}
	return best;
}

/* The smallest slice that serves `rate`; the best where none does it alone. */
static size_t last_kind(const struct packing *p, size_t demand, double rate, size_t otherwise)
{
	size_t first = p->cover->first_kind[p->fleet], best = otherwise;
	size_t n = p->cover->problem->fleet[p->fleet].gpu.n_mig;

	for (size_t k = first; k < first + n; k++)
		if (capacity(p, demand, k) >= rate &&
		    (capacity(p, demand, best) < rate || slices_of(p, k) < slices_of(p, best)))
			best = k;
	return best;
}

/* Append the segments of a demand. False: no slice serves it in time. */
static bool cut_demand(const struct packing *p, size_t demand, struct segment *out, size_t *n,
		       size_t room)
{
	size_t best = best_kind(p, demand, UINT32_MAX);
	double rest = p->cover->rate[demand];
	unsigned exactly = p->cover->exactly[demand];

	if (best == SIZE_MAX)
		return false;
	if (exactly)
		best = last_kind(p, demand, rest / exactly, best);
	for (unsigned i = 0; exactly && i < exactly && *n < room; i++)
		out[(*n)++] = (struct segment){demand, best};
	for (; !exactly && rest > capacity(p, demand, best) && *n < room;
	     rest -= capacity(p, demand, best))
		out[(*n)++] = (struct segment){demand, best};
	if (!exactly && *n < room)
		out[(*n)++] = (struct segment){demand, last_kind(p, demand, rest, best)};
	return true;
}

/* By slices, the larger first; as they came where those are equal. */
static void sort_segments(const struct packing *p, const struct segment *in, size_t n,
			  struct segment *out)
{
	size_t at = 0;
	unsigned most = p->cover->problem->fleet[p->fleet].gpu.mig_compute_slices;

	for (unsigned slices = most; slices > 0; slices--)
		for (size_t i = 0; i < n; i++)
			if (slices_of(p, in[i].kind) == slices)
				out[at++] = in[i];
}

static enum sw_status pack_all(struct packing *p, const struct segment *in, size_t n,
			       struct sw_error *err)
{
	struct segment *sorted = calloc(n + 1, sizeof(*sorted));
	enum sw_status st = sorted ? SW_OK : out_of_memory(p, err);

	if (sorted)
		sort_segments(p, in, n, sorted);
	for (size_t i = 0; i < n && st == SW_OK; i++)
		st = pack(p, &sorted[i], err);
	free(sorted);
	return st;
}

/* What is owed to a demand, in slices of one or two; what they serve beyond it counts for its next. */
static enum sw_status pay(struct packing *p, size_t demand, double *owed, struct sw_error *err)
{
	size_t kind = best_kind(p, demand, SMALL_SLICES);
	enum sw_status st = SW_OK;

	while (*owed > 0 && st == SW_OK) {
		struct segment small = {demand, last_kind(p, demand, *owed, kind)};

		if (slices_of(p, small.kind) > SMALL_SLICES)
			small.kind = kind;
		*owed -= capacity(p, demand, small.kind);
		st = pack(p, &small, err);
	}
	return st;
}

static bool may_be_cut(const struct packing *p, const struct packed *gpu)
{
	for (size_t i = 0; i < gpu->n; i++)
		if (best_kind(p, gpu->on[i].demand, SMALL_SLICES) == SIZE_MAX ||
		    p->cover->exactly[gpu->on[i].demand])
			return false;
	return true;
}

/* The last GPUs first: what is on one that is hardly used goes into the gaps of the others, cut smaller. */
static enum sw_status break_up(struct packing *p, double *owed, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (size_t g = p->n; g-- > 0 && st == SW_OK;) {
		struct packed was = p->gpu[g];

		if (in_use(p, &was) > FEW_SLICES || !may_be_cut(p, &was))
			continue;
		p->gpu[g].n = 0;
		for (size_t i = 0; i < was.n && st == SW_OK; i++) {
			owed[was.on[i].demand] += capacity(p, was.on[i].demand, was.on[i].kind);
			st = pay(p, was.on[i].demand, &owed[was.on[i].demand], err);
		}
	}
	return st;
}

static void drop_empty(struct packing *p)
{
	size_t kept = 0;

	for (size_t g = 0; g < p->n; g++)
		if (p->gpu[g].n > 0)
			p->gpu[kept++] = p->gpu[g];
	p->n = kept;
}

/* Kept where it saves a GPU and leaves nothing unserved. */
static enum sw_status fill_gaps(struct packing *p, struct sw_error *err)
{
	size_t n = p->n, demands = p->cover->covering.n_demands;
	struct packed *before = calloc(n + 1, sizeof(*before));
	double *unserved = calloc(demands + 1, sizeof(*unserved)),
	       *owed = calloc(demands + 1, sizeof(*owed));
	enum sw_status st = before && unserved && owed ? SW_OK : out_of_memory(p, err);

	if (st == SW_OK) {
		if (n)
			(void)memcpy(before, p->gpu, n * sizeof(*before));
		(void)memcpy(unserved, p->unserved, demands * sizeof(*unserved));
		st = break_up(p, owed, err);
		drop_empty(p);
	}
	if (st == SW_OK &&
	    (p->n >= n || memcmp(unserved, p->unserved, demands * sizeof(*unserved)) != 0)) {
		p->n = n;
		if (n)
			(void)memcpy(p->gpu, before, n * sizeof(*before));
		(void)memcpy(p->unserved, unserved, demands * sizeof(*unserved));
	}
	free(before);
	free(unserved);
	free(owed);
	return st;
}

static size_t most_segments(const struct packing *p)
{
	double n = 0;

	for (size_t d = 0; d < p->cover->covering.n_demands; d++) {
		size_t best = best_kind(p, d, UINT32_MAX);

		if (best != SIZE_MAX)
			n += fmax(ceil(p->cover->rate[d] / capacity(p, d, best)) + 1,
				  p->cover->exactly[d]);
	}
	return (size_t)fmin(n, 1e7);
}

static enum sw_status plan_fleet(struct packing *p, struct sw_error *err)
{
	size_t room = most_segments(p), n = 0;
	struct segment *segments = calloc(room + 1, sizeof(*segments));
	enum sw_status st = SW_OK;

	p->unserved = calloc(p->cover->covering.n_demands + 1, sizeof(*p->unserved));
	if (!segments || !p->unserved)
		st = out_of_memory(p, err);
	for (size_t d = 0; d < p->cover->covering.n_demands && st == SW_OK; d++)
		if (!cut_demand(p, d, segments, &n, room))
			p->unserved[d] = p->cover->rate[d];
	if (st == SW_OK)
		st = pack_all(p, segments, n, err);
	if (st == SW_OK)
		st = fill_gaps(p, err);
	free(segments);
	return st;
}

/* As a covering whose every cut is one of the GPUs. */
static enum sw_status hand_over(const struct packing *p, struct sw_plan *plan, struct sw_error *err)
{
	struct sw__table_cover cover = *p->cover;
	size_t demands = cover.covering.n_demands, kinds = cover.covering.n_kinds;
	struct sw__cut *cuts = calloc(p->n + 1, sizeof(*cuts));
	struct sw__covered covered = {.times = calloc(p->n + 1, sizeof(*covered.times)),
				      .engines =
					      calloc(demands * kinds + 1, sizeof(*covered.engines)),
				      .served = calloc(demands + 1, sizeof(*covered.served))};
	enum sw_status st = SW_OK;

	if (!cuts || !covered.times || !covered.engines || !covered.served)
		st = out_of_memory(p, err);
	for (size_t g = 0; st == SW_OK && g < p->n; g++) {
		cuts[g] = (struct sw__cut){.group = p->fleet,
					   .first_kind = cover.first_kind[p->fleet]};
		covered.times[g] = 1;
		for (size_t i = 0; i < p->gpu[g].n; i++) {
			const struct segment *s = &p->gpu[g].on[i];

			cuts[g].count[s->kind - cuts[g].first_kind]++;
			covered.engines[s->demand * kinds + s->kind]++;
		}
	}
	for (size_t d = 0; st == SW_OK && d < demands; d++)
		covered.served[d] = p->unserved[d] <= 0;
	cover.covering.n_cuts = p->n;
	cover.covering.cuts = cuts;
	if (st == SW_OK)
		st = sw__tables_place(&cover, &covered, plan, err);
	free(cuts);
	sw__covered_free(&covered);
	return st;
}

static size_t left_out(const struct packing *p)
{
	size_t n = 0;

	for (size_t d = 0; d < p->cover->covering.n_demands; d++)
		n += p->unserved[d] > 0;
	return n;
}

static bool better(const struct packing *a, const struct packing *b)
{
	const struct sw_fleet_entry *fleet = a->cover->problem->fleet;

	if (!b->cover || left_out(a) != left_out(b))
		return !b->cover || left_out(a) < left_out(b);
	return (double)a->n * fleet[a->fleet].price_per_hour <
	       (double)b->n * fleet[b->fleet].price_per_hour;
}

static void release(struct packing *p)
{
	free(p->gpu);
	free(p->unserved);
	*p = (struct packing){0};
}

/* The method knows one kind of GPU: the cheapest that serves the most. */
enum sw_status sw__parvagpu_tables(const struct sw_problem *problem, struct sw_plan *plan,
				   struct sw_error *err)
{
	struct sw__table_cover cover;
	struct packing best = {0};
	enum sw_status st = sw__table_cover_of(problem, plan, &cover, err);

	if (st != SW_OK)
		return st;
	for (size_t f = 0; f < problem->n_fleet && st == SW_OK; f++) {
		struct packing p = {.cover = &cover, .fleet = f};

		if (problem->fleet[f].mechanism != SW_MIG)
			continue;
		st = plan_fleet(&p, err);
		if (st == SW_OK && better(&p, &best)) {
			struct packing worse = best;

			best = p;
			p = worse;
		}
		release(&p);
	}
	if (st == SW_OK && best.cover)
		st = hand_over(&best, plan, err);
	release(&best);
	sw__table_cover_free(&cover);
	return st;
}

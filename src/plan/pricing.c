// SPDX-License-Identifier: Apache-2.0
#include "plan/pricing.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "plan/parts.h"

/* Weights of what is taken, in steps: of each a bound follows, and the tightest at the root is used. */
enum { WEIGHT_STEPS = 4, FIRST_NODES = 1024 };
static const double ROUNDING = 1e-9;

/* An item at the prices, beside a set. */
struct offer {
	const struct sw__priced_item *item;
	const struct sw__together *set; /* with it */
	double worth, footprint; /* footprint: the weighted sum of its parts */
	double part[SW__PRICED_PARTS];
};

/* A set with what may still be added to it. */
struct node {
	const struct sw__together *set; /* NULL: nothing yet */
	size_t n;
	struct offer *
		offer; /* the densest first; takes what it takes beside a part of the set at the least */
	double worth;
	double part[SW__PRICED_PARTS]; /* of the GPU, taken */
	double bound;
};

struct search {
	struct sw__groups *groups;
	double weight[SW__PRICED_PARTS]; /* they add up to 1 */
	size_t n_nodes, room;
	struct node *heap; /* the highest bound on top */
	unsigned most_tenants;
	double least;
	struct sw__priced *out;
	struct sw_error *err;
};

/* An engine with CUDA graphs does with no more of the GPU's time than without; of one that is always without it is not known. */
static double least_turns(const struct sw__size *size)
{
	if (!size->share_matters)
		return size->least_work;
	return size->other ? size->other->least_work : 0;
}

struct sw__priced_item sw__priced_item(const struct sw__sizing *sizing, struct sw__size *size)
{
	const struct sw_problem *problem = sizing->problem;

	return (struct sw__priced_item){
		.size = size,
		.part = {size->share_matters ? sw__size_share(sizing, size, size->alone) : 0,
			 least_turns(size),
			 sw__size_memory_gib(sizing, size, size->alone) /
				 sw_gpu_visible_gib(&problem->fleet[size->fleet].gpu)},
		.copies = sw__apart(&problem->workloads[size->workload]) ? 1 : size->replicas,
	};
}

static double footprint_of(const double weight[SW__PRICED_PARTS],
			   const double part[SW__PRICED_PARTS])
{
	double sum = 0;

	for (int r = 0; r < SW__PRICED_PARTS; r++)
		sum += weight[r] * part[r];
	return sum;
}

static int densest_first(const void *a, const void *b)
{
	const struct offer *x = a, *y = b;
	double dx = x->worth * y->footprint, dy = y->worth * x->footprint;

	if (dx != dy)
		return dx < dy ? 1 : -1;
	return x->item->size->id < y->item->size->id ? -1 : x->item->size->id > y->item->size->id;
}

/* Engines of its workload, with CUDA graphs or without. */
static unsigned copies_in(const struct sw__together *set, const struct sw__size *size)
{
	unsigned n = 0;

	for (size_t i = 0; set && i < set->n; i++)
		n += set->engines[i]->workload == size->workload;
	return n;
}

/* What more can be worth: the densest offers, the last of them in part (Dantzig's bound of a knapsack). */
static double most_more(const struct sw__together *set, const struct offer *offer, size_t n,
			double room)
{
	double worth = 0;

	for (size_t i = 0; i < n && room > 0; i++) {
		double left = fmax(0, (double)offer[i].item->copies -
					      copies_in(set, offer[i].item->size));
		double takes = left * offer[i].footprint;

		if (takes > room)
			return worth + offer[i].worth * room / offer[i].footprint;
		worth += left * offer[i].worth;
		room -= takes;
	}
	return worth;
}

static double room_of(const struct search *s, const struct node *n)
{
	return fmax(0, 1 - footprint_of(s->weight, n->part)) + ROUNDING;
}

static void set_footprints(const double *weight, struct offer *offer, size_t n)
{
	for (size_t i = 0; i < n; i++)
		offer[i].footprint = fmax(ROUNDING, footprint_of(weight, offer[i].part));
	if (n > 0)
		qsort(offer, n, sizeof(*offer), densest_first);
}

/* The bound under these weights, if it is below the one at hand. */
static void try_weights(struct search *s, struct node *root, double share, double turns)
{
	const double weight[SW__PRICED_PARTS] = {share, turns, 1 - share - turns};
	double bound;

	set_footprints(weight, root->offer, root->n);
	bound = most_more(NULL, root->offer, root->n, 1 + ROUNDING);
	if (bound >= root->bound)
		return;
	root->bound = bound;
	(void)memcpy(s->weight, weight, sizeof(weight));
}

/* The weights under which an empty GPU can be worth least. */
static void choose_weights(struct search *s, struct node *root)
{
	root->bound = INFINITY;
	for (int turns = 0; turns <= WEIGHT_STEPS; turns++) {
		for (int share = WEIGHT_STEPS - turns; share >= 0; share--)
			try_weights(s, root, (double)share / WEIGHT_STEPS,
				    (double)turns / WEIGHT_STEPS);
	}
	set_footprints(s->weight, root->offer, root->n);
}

static bool above(const struct node *a, const struct node *b)
{
	return a->bound > b->bound || (a->bound == b->bound && a->worth > b->worth);
}

static enum sw_status push(struct search *s, const struct node *node)
{
	size_t at = s->n_nodes;

	if (s->n_nodes == s->room) {
		size_t room = s->room ? 2 * s->room : FIRST_NODES;
		struct node *more = realloc(s->heap, room * sizeof(*more));

		if (!more)
			return sw_fail(s->err, SW_NO_MEMORY, "%zu nodes", room);
		s->heap = more;
		s->room = room;
	}
	s->n_nodes++;
	while (at > 0 && above(node, &s->heap[(at - 1) / 2])) {
		s->heap[at] = s->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	s->heap[at] = *node;
	return SW_OK;
}

static struct node pop(struct search *s)
{
	struct node top = s->heap[0], last = s->heap[--s->n_nodes];
	size_t at = 0;

	s->heap[s->n_nodes] = (struct node){0};
	if (s->n_nodes == 0)
		return top;
	for (;;) {
		size_t child = 2 * at + 1;

		if (child >= s->n_nodes)
			break;
		if (child + 1 < s->n_nodes && above(&s->heap[child + 1], &s->heap[child]))
			child++;
		if (!above(&s->heap[child], &last))
			break;
		s->heap[at] = s->heap[child];
		at = child;
	}
	s->heap[at] = last;
	return top;
}

/* All engines of a workload are of one division. */
static bool is_divided_so(const struct sw__together *set, const struct sw__size *size)
{
	for (size_t i = 0; set && i < set->n; i++)
		if (set->engines[i]->workload == size->workload &&
		    set->engines[i]->replicas != size->replicas)
			return false;
	return true;
}

static bool may_hold(const struct search *s, const struct node *n, const struct offer *o)
{
	const struct sw__priced_item *item = o->item;

	for (int r = 0; r < SW__PRICED_PARTS; r++) {
		if (n->part[r] + o->part[r] > 1 + ROUNDING)
			return false;
	}
	return is_divided_so(n->set, item->size) && copies_in(n->set, item->size) < item->copies &&
	       (!n->set || n->set->n < s->most_tenants);
}

static double given_to(const struct search *s, const struct sw__together *set, size_t i)
{
	return sw__size_share(s->groups->sizing, set->engines[i], set->level[i]);
}

/* The share that its newest engine takes there: what it was given beside the others. */
static double share_beside(const struct search *s, const struct offer *o)
{
	const struct sw__together *set = o->set;
	double share = o->part[SW__PART_SHARE];

	for (size_t i = 0; o->item->size->share_matters && i < set->n; i++)
		if (set->engines[i] == o->item->size)
			return fmax(share, given_to(s, set, i));
	return share;
}

static void keep(struct sw__priced *out, const struct sw__together *set, double worth)
{
	size_t at = out->n;

	for (size_t i = 0; i < out->n; i++)
		if (out->set[i] == set)
			return;
	if (at == SW__PRICED_MOST) {
		if (out->worth[at - 1] >= worth)
			return;
		at--;
	} else {
		out->n++;
	}
	while (at > 0 && out->worth[at - 1] < worth) {
		out->set[at] = out->set[at - 1];
		out->worth[at] = out->worth[at - 1];
		at--;
	}
	out->set[at] = set;
	out->worth[at] = worth;
}

/* Of what may be added, what fits, and what it takes here: it takes no less beside more. */
static enum sw_status look_at_offers(struct search *s, struct node *n)
{
	size_t kept = 0;
	enum sw_status st = SW_OK;

	for (size_t i = 0; i < n->n && st == SW_OK; i++) {
		struct offer o = n->offer[i];

		if (!may_hold(s, n, &o))
			continue;
		s->out->looks++;
		st = sw__together_add(s->groups, n->set, o.item->size, &o.set, s->err);
		if (st != SW_OK || !o.set || !o.set->fits)
			continue;
		o.part[SW__PART_SHARE] = share_beside(s, &o);
		n->offer[kept++] = o;
	}
	n->n = kept;
	set_footprints(s->weight, n->offer, n->n);
	return st;
}

/* What a set takes: shares as its engines were given. */
static void measure(const struct search *s, const struct node *parent, const struct offer *o,
		    struct node *n)
{
	const struct sw_problem *problem = s->groups->sizing->problem;

	n->part[SW__PART_TURNS] = parent->part[SW__PART_TURNS] + o->item->part[SW__PART_TURNS];
	n->part[SW__PART_MEMORY] =
		n->set->memory_gib / sw_gpu_visible_gib(&problem->fleet[n->set->fleet].gpu);
	n->part[SW__PART_SHARE] = 0;
	for (size_t i = 0; i < n->set->n; i++)
		n->part[SW__PART_SHARE] +=
			n->set->engines[i]->share_matters ? given_to(s, n->set, i) : 0;
}

/* The set with offer i, and with nothing of those before it: so none comes twice. */
static enum sw_status add_child(struct search *s, const struct node *parent, size_t i)
{
	const struct offer *o = &parent->offer[i];
	struct node child = {.set = o->set, .n = parent->n - i, .worth = parent->worth + o->worth};
	enum sw_status st;

	measure(s, parent, o, &child);
	if (child.worth > s->least)
		keep(s->out, child.set, child.worth);
	child.bound = child.worth;
	if (child.set->n < s->most_tenants)
		child.bound += most_more(child.set, parent->offer + i, child.n, room_of(s, &child));
	if (child.bound <= s->least)
		return SW_OK;
	child.offer = malloc(child.n * sizeof(*child.offer));
	if (!child.offer)
		return sw_fail(s->err, SW_NO_MEMORY, "%zu offers", child.n);
	(void)memcpy(child.offer, parent->offer + i, child.n * sizeof(*child.offer));
	st = push(s, &child);
	if (st != SW_OK)
		free(child.offer);
	return st;
}

static enum sw_status expand(struct search *s, struct node *n)
{
	enum sw_status st = look_at_offers(s, n);

	for (size_t i = 0; i < n->n && st == SW_OK; i++)
		st = add_child(s, n, i);
	return st;
}

static enum sw_status start(struct search *s, const struct sw__priced_kind *kind,
			    const double *prices)
{
	struct node root = {.offer = calloc(kind->n + 1, sizeof(*root.offer))};
	enum sw_status st;

	if (!root.offer)
		return sw_fail(s->err, SW_NO_MEMORY, "%zu engines", kind->n);
	for (size_t i = 0; i < kind->n; i++) {
		const struct sw__priced_item *item = &kind->item[i];
		double worth = prices[item->size->workload] / item->size->replicas;

		if (worth <= ROUNDING)
			continue;
		root.offer[root.n] = (struct offer){.item = item, .worth = worth};
		(void)memcpy(root.offer[root.n++].part, item->part, sizeof(item->part));
	}
	choose_weights(s, &root);
	st = push(s, &root);
	if (st != SW_OK)
		free(root.offer);
	return st;
}

static void set_bound(const struct search *s)
{
	struct sw__priced *out = s->out;

	out->bound = s->least;
	if (s->n_nodes > 0)
		out->bound = fmax(out->bound, s->heap[0].bound);
	if (out->n > 0)
		out->bound = fmax(out->bound, out->worth[0]);
}

enum sw_status sw__price(struct sw__groups *groups, const struct sw__priced_kind *kind,
			 const double *prices, double least, size_t looks, struct sw__priced *out,
			 struct sw_error *err)
{
	unsigned most = groups->sizing->problem->fleet[kind->fleet].max_tenants;
	struct search s = {.groups = groups,
			   .most_tenants = most < SW__TOGETHER_MAX ? most : SW__TOGETHER_MAX,
			   .least = least,
			   .out = out,
			   .err = err};
	enum sw_status st = start(&s, kind, prices);

	*out = (struct sw__priced){0};
	while (st == SW_OK && s.n_nodes > 0 && out->looks < looks && out->n < SW__PRICED_MOST &&
	       s.heap[0].bound > least) {
		struct node top = pop(&s);

		st = expand(&s, &top);
		free(top.offer);
	}
	set_bound(&s);
	while (s.n_nodes > 0)
		free(s.heap[--s.n_nodes].offer);
	free(s.heap);
	return st;
}

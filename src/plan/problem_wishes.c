// SPDX-License-Identifier: Apache-2.0
#include "plan/problem_wishes.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "plan/parts.h"
#include "plan/places.h"

/* Losses beyond this at once are a slip. */
enum { LOST_MAX = 64, NUMBER_DIGITS_MAX = 7 };

const char *const sw__routers[] = {"equal", "weighted", NULL};

#define LOSS(key_)                                                                                \
	{                                                                                         \
		.key = #key_, .type = SW_FIELD_UINT, .offset = offsetof(struct sw_survive, key_), \
		.max = LOST_MAX, .unit = #key_ " that may be lost at once"                        \
	}

static const struct sw_field survive_fields[] = {LOSS(gpus), LOSS(nodes)};

enum sw_status sw__read_survive(const struct sw_node *node, void *workload, void *source,
				struct sw_error *err)
{
	struct sw_survive survive = {0};
	enum sw_status st =
		node->kind == SW_NODE_NUMBER
			? sw_node_read_field(node, &survive_fields[0], &survive, source, err)
			: sw_node_read(node, survive_fields, 2, false, &survive, source, NULL, err);

	((struct sw_workload *)workload)->survive = survive;
	return st;
}

/* "l4", or "l4/0". */
static bool is_gpu_id(const struct sw_node *node)
{
	const char *slash = node->kind == SW_NODE_STRING ? strchr(node->text, '/') : NULL;

	if (node->kind != SW_NODE_STRING || !*node->text || slash == node->text)
		return false;
	return !slash || (strspn(slash + 1, "0123456789") == strlen(slash + 1) && slash[1] &&
			  strlen(slash + 1) <= NUMBER_DIGITS_MAX);
}

enum sw_status sw__read_gpus(const struct sw_node *node, void *workload, void *source,
			     struct sw_error *err)
{
	struct sw_workload *into = workload;

	(void)source;
	if (into->gpus)
		return sw_node_complain(node, err,
					"expected either gpus or gpu, which is the same");
	if (node->kind != SW_NODE_LIST || node->count == 0)
		return sw_node_refuse(node, err, "a list of GPU ids of the fleet");
	into->gpus = calloc(node->count, sizeof(*into->gpus));
	if (!into->gpus)
		return sw_fail(err, SW_NO_MEMORY, "%zu GPU ids", node->count);
	for (; into->n_gpus < node->count; into->n_gpus++) {
		const struct sw_node *id = node->children[into->n_gpus];

		if (!is_gpu_id(id) ||
		    !sw_copy_name(into->gpus[into->n_gpus], SW_NAME_MAX, id->text))
			return sw_node_refuse(id, err, "a GPU id of the fleet");
	}
	return SW_OK;
}

/* Entries of the fleet that `gpu` names, and the GPUs there are of them. */
static size_t entries_of(const struct sw_problem *problem, const char *gpu, double *count)
{
	size_t n = 0;

	*count = 0;
	for (size_t f = 0; f < problem->n_fleet; f++) {
		if (!sw__names_kind(gpu, problem->fleet[f].gpu.id))
			continue;
		n++;
		*count += problem->fleet[f].count;
	}
	return n;
}

static enum sw_status refuse_unknown(const struct sw_node *id, const struct sw_problem *problem,
				     struct sw_error *err)
{
	struct sw_text ids = {0};
	enum sw_status st;

	for (size_t i = 0; i < problem->n_fleet; i++)
		sw_text_addf(&ids, "%s%s", i ? ", " : "", problem->fleet[i].gpu.id);
	st = sw_node_refuse(id, err, "a GPU of the fleet: %s", sw_text_string(&ids));
	sw_text_free(&ids);
	return st;
}

enum sw_status sw__check_gpus(const struct sw_node *node, const struct sw_problem *problem,
			      const struct sw_workload *w, struct sw_error *err)
{
	const struct sw_node *gpus = sw_node_get(node, "gpus");
	const struct sw_node *list = gpus ? gpus : sw_node_get(node, "gpu");

	for (size_t i = 0; i < w->n_gpus; i++) {
		long number = sw__pinned_number(w->gpus[i]);
		double count;
		size_t entries = entries_of(problem, w->gpus[i], &count);

		if (entries == 0)
			return refuse_unknown(list->children[i], problem, err);
		if (number >= 0 && w->table)
			return sw_node_refuse(list->children[i], err,
					      "a kind of GPU, where a workload was measured");
		if (number >= 0 && entries > 1)
			return sw_node_refuse(
				list->children[i], err,
				"a kind of GPU: %zu entries of the fleet are that, and a "
				"single one is not told by its number",
				entries);
		if (number >= (long)fmin(count, 1e9))
			return sw_node_refuse(
				list->children[i], err,
				"at most %.0f behind the slash: the fleet has %.0f of "
				"them",
				count - 1, count);
	}
	return SW_OK;
}

/* The GPUs of an entry that a workload may use. */
static double usable_gpus(const struct sw_workload *w, const struct sw_fleet_entry *entry)
{
	double n = 0;

	for (size_t i = 0; i < w->n_gpus; i++) {
		if (!sw__names_kind(w->gpus[i], entry->gpu.id))
			continue;
		if (sw__pinned_number(w->gpus[i]) < 0)
			return entry->count;
		n++;
	}
	return w->n_gpus == 0 ? entry->count : n;
}

/* GPUs, or nodes, that a workload may be on. */
static double usable_places(const struct sw_problem *problem, const struct sw_workload *w,
			    bool nodes)
{
	double n = 0;

	for (size_t f = 0; f < problem->n_fleet; f++) {
		const struct sw_fleet_entry *entry = &problem->fleet[f];
		double gpus = usable_gpus(w, entry);

		if (!nodes)
			n += gpus;
		else if (sw_known(entry->gpus_per_node))
			n += fmin(gpus, ceil(entry->count / entry->gpus_per_node));
	}
	return n;
}

/* Where the user says how often, or else the workload. */
static const struct sw_node *place_of(const struct sw_node *node, const char *key)
{
	const struct sw_node *found = sw_node_get(node, key);

	return found ? found : node;
}

static enum sw_status check_losses(const struct sw_node *node, const struct sw_workload *w,
				   unsigned lost, double places, const char *what,
				   struct sw_error *err)
{
	if (lost > 0 && !(places > lost))
		return sw_node_complain(place_of(node, "survive"), err,
					"%u %s may be lost, and %s may use %.0f%s", lost, what,
					w->name, places,
					places == 0 ? " (gpus_per_node says what a node is)" : "");
	return SW_OK;
}

static enum sw_status check_replicas(const struct sw_node *node, const struct sw_problem *problem,
				     const struct sw_workload *w, struct sw_error *err)
{
	const struct sw_node *place = sw_node_get(node, "replicas");
	double gpus = usable_places(problem, w, false), nodes = usable_places(problem, w, true);

	if (w->replicas == 0)
		return SW_OK;
	if (w->replicas < sw__least_replicas(w))
		return sw_node_refuse(
			place, err, "at least %u: of %u that may be lost (survive) each takes one",
			sw__least_replicas(w), sw__spare_replicas(w));
	if (w->replicas > sw__most_replicas(w))
		return sw_node_refuse(place, err,
				      "at most as many replicas as requests in flight (%.0f)",
				      sw__most_replicas(w));
	if (sw__apart(w) && w->replicas > gpus)
		return sw_node_refuse(place, err,
				      "at most %.0f: each is on a GPU of its own (%s), and it may "
				      "use so many",
				      gpus, w->spread ? "spread" : "survive");
	if (w->survive.nodes && w->replicas > nodes)
		return sw_node_refuse(
			place, err,
			"at most %.0f: each is on a node of its own (survive), and it "
			"may use so many",
			nodes);
	return SW_OK;
}

/* More cores than any node has that it may be on. */
static enum sw_status check_cores(const struct sw_node *node, const struct sw_problem *problem,
				  const struct sw_workload *w, struct sw_error *err)
{
	double most = 0;

	if (!(w->engine.given & SW_KEY_CORES))
		return SW_OK;
	for (size_t f = 0; f < problem->n_fleet; f++) {
		const struct sw_fleet_entry *entry = &problem->fleet[f];
		bool known = sw_known(entry->gpus_per_node) && sw_known(entry->cores_per_node);

		if (usable_gpus(w, entry) > 0)
			most = fmax(most, known ? entry->cores_per_node : (double)INFINITY);
	}
	if (w->engine.cores > most)
		return sw_node_refuse(sw_node_get(sw_node_get(node, "engine"), "cores"), err,
				      "at most %g: no node that it may be on has more host cores",
				      most);
	return SW_OK;
}

enum sw_status sw__check_wishes(const struct sw_node *node, const struct sw_problem *problem,
				const struct sw_workload *w, struct sw_error *err)
{
	enum sw_status st = sw__check_gpus(node, problem, w, err);

	if (st == SW_OK)
		st = check_losses(node, w, w->survive.gpus, usable_places(problem, w, false),
				  w->survive.gpus == 1 ? "GPU" : "GPUs", err);
	if (st == SW_OK)
		st = check_losses(node, w, w->survive.nodes, usable_places(problem, w, true),
				  w->survive.nodes == 1 ? "node" : "nodes", err);
	if (st == SW_OK)
		st = check_replicas(node, problem, w, err);
	return st == SW_OK ? check_cores(node, problem, w, err) : st;
}

/* Names in order, to find one by halving. */
struct named {
	const char *name;
	size_t workload;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct named *)a)->name, ((const struct named *)b)->name);
}

static bool is_listed(const struct sw_workload *w, const char *name)
{
	for (size_t i = 0; i < w->n_not_with; i++) {
		if (strcmp(w->not_with[i], name) == 0)
			return true;
	}
	return false;
}

static enum sw_status list_other(struct sw_workload *w, const char *name, struct sw_error *err)
{
	char(*more)[SW_NAME_MAX];

	if (is_listed(w, name))
		return SW_OK;
	more = realloc(w->not_with, (w->n_not_with + 1) * sizeof(*more));
	if (!more)
		return sw_fail(err, SW_NO_MEMORY, "workload %s", w->name);
	w->not_with = more;
	(void)sw_copy_name(w->not_with[w->n_not_with++], SW_NAME_MAX, name);
	return SW_OK;
}

/* Pinned to one GPU, and to the same. */
static bool have_one_gpu(const struct sw_workload *a, const struct sw_workload *b)
{
	return a->n_gpus == 1 && b->n_gpus == 1 && sw__pinned_number(a->gpus[0]) >= 0 &&
	       strcmp(a->gpus[0], b->gpus[0]) == 0;
}

static enum sw_status read_one(const struct sw_node *name, const struct named *names,
			       struct sw_problem *problem, size_t workload, struct sw_error *err)
{
	struct sw_workload *w = &problem->workloads[workload], *other;
	const struct named asked = {name->kind == SW_NODE_STRING ? name->text : "", 0};
	const struct named *found =
		bsearch(&asked, names, problem->n_workloads, sizeof(*names), by_name);
	enum sw_status st;

	if (!found)
		return sw_node_refuse(name, err, "the name of a workload of this file");
	if (found->workload == workload)
		return sw_node_refuse(name, err,
				      "another workload; spread: true keeps its own engines apart");
	other = &problem->workloads[found->workload];
	if (have_one_gpu(w, other))
		return sw_node_complain(name, err, "both are pinned to %s", w->gpus[0]);
	st = list_other(w, other->name, err);
	return st == SW_OK ? list_other(other, w->name, err) : st;
}

static enum sw_status read_names(const struct sw_node *list, const struct named *names,
				 struct sw_problem *problem, struct sw_error *err)
{
	for (size_t w = 0; w < list->count; w++) {
		const struct sw_node *node = sw_node_get(list->children[w], "not_with");

		if (!node || node->kind == SW_NODE_NULL)
			continue;
		if (node->kind != SW_NODE_LIST || node->count == 0)
			return sw_node_refuse(node, err, "a list of names of workloads");
		for (size_t i = 0; i < node->count; i++) {
			enum sw_status st = read_one(node->children[i], names, problem, w, err);

			if (st != SW_OK)
				return st;
		}
	}
	return SW_OK;
}

enum sw_status sw__read_not_with(const struct sw_node *list, struct sw_problem *problem,
				 struct sw_error *err)
{
	struct named *names = calloc(problem->n_workloads, sizeof(*names));
	enum sw_status st;

	if (!names)
		return sw_fail(err, SW_NO_MEMORY, "%zu workloads", problem->n_workloads);
	for (size_t w = 0; w < problem->n_workloads; w++)
		names[w] = (struct named){problem->workloads[w].name, w};
	qsort(names, problem->n_workloads, sizeof(*names), by_name);
	st = read_names(list, names, problem, err);
	free(names);
	return st;
}

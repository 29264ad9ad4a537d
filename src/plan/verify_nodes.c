// SPDX-License-Identifier: Apache-2.0
/* Whether every GPU has a node with room for it, and every node the host cores that its engines are counted with. */
#include <stdlib.h>

#include "plan/verify_checks.h"

/* An engine's scheduler and server, where the user does not say. */
static const double host_threads = 2;

/* What is on a node so far. */
struct node {
	size_t fleet;
	long number;
	double gpus, cores;
};

static double cores_of(const struct checking *c, const struct sw_plan_gpu *gpu)
{
	const struct sw_fleet_entry *entry = &c->problem->fleet[gpu->fleet];
	double sum = 0;

	for (size_t k = 0; k < gpu->n; k++) {
		const struct sw_engine *engine = &gpu->tenants[k].engine;

		sum += sw_known(engine->cores) ? engine->cores : host_threads;
	}
	/* Nobody to wait for: an engine alone has the GPU's part of the node, if that is less. */
	if (gpu->n == 1 && !sw_known(gpu->tenants[0].engine.cores))
		sum = fmin(sum, entry->cores_per_node / entry->gpus_per_node);
	return sum;
}

static enum sw_status check_node(const struct checking *c, const struct sw_plan_gpu *gpu,
				 const struct node *node)
{
	const struct sw_fleet_entry *entry = &c->problem->fleet[gpu->fleet];

	if (node->gpus > entry->gpus_per_node)
		return REFUSE(c, "%s: node %ld has more than %.0f GPUs", gpu->id, gpu->node,
			      entry->gpus_per_node);
	if (node->cores > entry->cores_per_node + VERIFY_ROUNDING)
		return REFUSE(c, "%s: %g host cores wanted of node %ld, %g there", gpu->id,
			      node->cores, gpu->node, entry->cores_per_node);
	return SW_OK;
}

static enum sw_status check_gpu(const struct checking *c, const struct sw_plan_gpu *gpu,
				struct node *nodes, size_t *n)
{
	const struct sw_fleet_entry *entry = &c->problem->fleet[gpu->fleet];
	size_t at = 0;

	if (gpu->node < 0 || (double)gpu->node >= ceil(entry->count / entry->gpus_per_node))
		return REFUSE(c, "%s: no node %ld of GPUs %s", gpu->id, gpu->node, entry->gpu.id);
	while (at < *n && !(nodes[at].fleet == gpu->fleet && nodes[at].number == gpu->node))
		at++;
	if (at == *n)
		nodes[(*n)++] = (struct node){.fleet = gpu->fleet, .number = gpu->node};
	nodes[at].gpus++;
	if (sw_known(entry->cores_per_node))
		nodes[at].cores += cores_of(c, gpu);
	return check_node(c, gpu, &nodes[at]);
}

enum sw_status sw__verify_nodes(const struct checking *c)
{
	struct node *nodes = calloc(c->plan->n_gpus + 1, sizeof(*nodes));
	size_t n = 0;
	enum sw_status st =
		nodes ? SW_OK : sw_fail(c->err, SW_NO_MEMORY, "%zu GPUs", c->plan->n_gpus);

	for (size_t i = 0; st == SW_OK && i < c->plan->n_gpus; i++) {
		const struct sw_plan_gpu *gpu = &c->plan->gpus[i];

		if (sw_known(c->problem->fleet[gpu->fleet].gpus_per_node))
			st = check_gpu(c, gpu, nodes, &n);
		else if (gpu->node != -1)
			st = REFUSE(c, "%s: node %ld, and nobody knows its nodes", gpu->id,
				    gpu->node);
	}
	free(nodes);
	return st;
}

// SPDX-License-Identifier: Apache-2.0
#include "plan/peer.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "plan/parts.h"

static void take_part_of_limits(struct sw_slo *slo, double part)
{
	for (int m = 0; m < SW_METRIC_COUNT; m++) {
		for (int s = 0; s < SW_STATISTIC_COUNT; s++)
			slo->bound_ms[m][s] *= part;
	}
}

static enum sw_status copy_problem(struct sw__peer *peer, const struct sw__view *view,
				   struct sw_error *err)
{
	size_t n = peer->real->n_workloads;

	peer->problem = *peer->real;
	peer->problem.workloads = calloc(n + 1, sizeof(*peer->problem.workloads));
	if (!peer->problem.workloads)
		return sw_fail(err, SW_NO_MEMORY, "%zu workloads", n);
	(void)memcpy(peer->problem.workloads, peer->real->workloads,
		     n * sizeof(*peer->problem.workloads));
	for (size_t w = 0; w < n && view->part_of_limits > 0; w++)
		take_part_of_limits(&peer->problem.workloads[w].slo, view->part_of_limits);
	return SW_OK;
}

/* Fix the fewest replicas, one unless some may be lost, where so many can serve somewhere. */
static enum sw_status fix_replicas(struct sw__peer *peer, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (size_t w = 0; w < peer->problem.n_workloads; w++) {
		struct sw_workload *workload = &peer->problem.workloads[w];
		unsigned fewest = sw__least_replicas(workload);

		for (size_t f = 0; f < peer->problem.n_fleet && !workload->replicas; f++) {
			struct sw__size *size;

			st = sw__size_get(&peer->sizing, w, f, fewest, &size, err);
			if (st != SW_OK)
				return st;
			if (size->possible)
				workload->replicas = fewest;
		}
	}
	return st;
}

enum sw_status sw__peer_open(struct sw__planning *planning, const struct sw__view *view,
			     struct sw_error *err)
{
	struct sw__peer *peer = calloc(1, sizeof(*peer));
	enum sw_status st;

	if (!peer)
		return sw_fail(err, SW_NO_MEMORY, "out of memory");
	planning->peer = peer;
	peer->real = planning->sizing->problem;
	peer->lens = (struct sw__lens){
		.points = view->points, .form = view->form, .form_context = view->form_context};
	sw__lens_open(planning->sizing->oracle, &peer->lens);
	st = copy_problem(peer, view, err);
	if (st == SW_OK)
		st = sw__sizing_open(&peer->problem, &peer->lens.oracle, &peer->sizing, err);
	if (st != SW_OK)
		return st;
	peer->planning =
		(struct sw__planning){.sizing = &peer->sizing, .parameter = planning->parameter};
	sw__groups_open(&peer->sizing, SW__NEIGHBOURS_COUNT, &peer->planning.groups);
	return view->one_replica ? fix_replicas(peer, err) : SW_OK;
}

void sw__peer_look_clear(struct sw__peer *peer)
{
	size_t n = peer->problem.n_workloads * peer->problem.n_fleet;

	peer->lens.clear = true;
	for (size_t w = 0; peer->problem.workloads && w < peer->problem.n_workloads; w++)
		peer->problem.workloads[w] = peer->real->workloads[w];
	for (size_t i = 0; peer->sizing.first && i < n; i++) {
		for (struct sw__size *size = peer->sizing.first[i]; size; size = size->next) {
			const struct sw_slo *slo = &peer->real->workloads[size->workload].slo;

			size->tenant.slo = *slo;
			if (size->other)
				size->other->tenant.slo = *slo;
		}
	}
}

void sw__peer_close(struct sw__peer *peer)
{
	if (!peer)
		return;
	sw__planning_close(&peer->planning);
	if (peer->sizing.problem)
		sw__sizing_close(&peer->sizing);
	free(peer->problem.workloads);
	free(peer);
}

enum sw_status sw__peer_search(struct sw__planning *planning, const struct sw__view *view,
			       enum sw_status (*search)(struct sw__planning *planning,
							struct sw__state *out,
							struct sw_error *err),
			       struct sw__state *out, struct sw_error *err)
{
	struct sw__state state = {0};
	enum sw_status st = sw__peer_open(planning, view, err);

	if (st == SW_OK)
		st = sw__state_new(&planning->peer->problem, &state, err);
	if (st == SW_OK)
		st = search(&planning->peer->planning, &state, err);
	if (st == SW_OK)
		st = sw__state_copy(out, &state, err);
	sw__state_free(&state);
	if (st == SW_OK)
		sw__peer_look_clear(planning->peer);
	return st;
}

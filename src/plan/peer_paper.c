// SPDX-License-Identifier: Apache-2.0
/*
 * paper: the method that this project began with (Acta Electronica Sinica 53(11), 2025): an interference predictor for TTFT and TPOT,
 * and shares by constrained optimisation over it, so that the sum of shares is least under all limits; one replica of each
 * workload.
 *
 * Adapted: the predictor is ours, by its point predictions, since the paper's has no bounds. For the engines of one GPU the
 * least shares are those that sets are given anyway (together.c): a share of one less than what holds beside the others breaks
 * a limit. Which engines share a GPU the paper leaves open: the larger first, each where it forces the least extra share on
 * all, and no search after that. More replicas than one only where no GPU serves the workload with one.
 */
#include "plan/greedy.h"
#include "plan/peer.h"
#include "plan/peers.h"

static enum sw_status place(struct sw__planning *planning, struct sw__state *out,
			    struct sw_error *err)
{
	const struct sw__rule rule = {.order = SW__ORDER_SHARE, .joining = SW__JOIN_LEAST_EXTRA};

	return sw__strategy_best_kind(&planning->groups, &rule, out, err);
}

enum sw_status sw__peer_paper(struct sw__planning *planning, struct sw__state *out,
			      struct sw_error *err)
{
	const struct sw__view view = {.points = true, .one_replica = true};

	return sw__peer_search(planning, &view, place, out, err);
}

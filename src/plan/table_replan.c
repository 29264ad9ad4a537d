// SPDX-License-Identifier: Apache-2.0
#include "plan/table_replan.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "plan/planner.h"
#include "plan/replan_improve.h"
#include "plan/table_replan_changes.h"
#include "plan/table_replan_match.h"
#include "plan/table_replan_settle.h"
#include "plan/table_split.h"
#include "plan/table_split_part.h"
#include "plan/table_strategies.h"

/*
 * Nodes of the search, as from nothing; where everything may be moved fewer find as much in half the time. With more tables than this the programme takes minutes; then what is missing is added, and
 * nothing else is looked for.
 */
enum { NODES = 500, FREE_NODES = 100, SEARCHED_MAX = 120 };
static const double ROUNDING = 1e-9;

bool sw__replan_has_tables(const struct sw_problem *problem, const struct sw_plan_mixes *running)
{
	for (size_t g = 0; g < running->n_gpus; g++)
		if (running->gpus[g].n_rows)
			return true;
	return sw__has_tables(problem);
}

/* The running GPUs as the language models see them. */
struct seen {
	struct sw_plan_mixes running; /* a copy that owns nothing but this */
	struct sw_mix *mixes;
};

/*
 * Of those with tables alone the ones under MIG are as good as empty; elsewhere they are a table's, and nothing but their ids is
 * known: a kind of GPU that no fleet has.
 */
static enum sw_status see(const struct sw_plan_mixes *running, struct seen *out,
			  struct sw_error *err)
{
	out->running = *running;
	out->running.gpus = calloc(running->n_gpus + 1, sizeof(*out->running.gpus));
	out->mixes = calloc(running->n_gpus + 1, sizeof(*out->mixes));
	if (!out->running.gpus || !out->mixes)
		return sw_fail(err, SW_NO_MEMORY, "%zu GPUs", running->n_gpus);
	for (size_t g = 0; g < running->n_gpus; g++) {
		out->running.gpus[g] = running->gpus[g];
		out->running.gpus[g].n_rows = 0;
		if (running->gpus[g].n_rows == 0 || running->gpus[g].mix->mechanism == SW_MIG)
			continue;
		out->mixes[g] = *running->gpus[g].mix;
		out->mixes[g].gpu.id[0] = '\0';
		out->running.gpus[g].mix = &out->mixes[g];
	}
	return SW_OK;
}

static enum sw_status replan_models(const struct sw_problem *problem,
				    const struct sw__oracle *oracle,
				    const struct sw_plan_mixes *running,
				    const struct sw_replan_options *options, struct sw_plan **out,
				    struct sw_error *err)
{
	struct seen seen = {.mixes = NULL};
	struct sw__model_part part;
	enum sw_status st = sw__model_part_open(problem, oracle, &part, err);

	if (st == SW_OK)
		st = see(running, &seen, err);
	if (st == SW_OK && part.problem.n_workloads > 0) {
		st = sw__replan(&part.problem, &part.asked, &seen.running, options, out, err);
		st = st == SW_INFEASIBLE && *out ? SW_OK : st;
	} else if (st == SW_OK) {
		st = sw__model_part_nothing(out, err);
	}
	if (st == SW_OK)
		st = sw__model_part_widen(&part, *out, err);
	free(seen.running.gpus);
	free(seen.mixes);
	sw__model_part_close(&part);
	return st;
}

/* A way to go on. */
struct way {
	struct sw__keep keep;
	struct sw__covered covered;
	struct sw__worth worth; /* lost: workloads that are not served */
};

static void close_way(struct way *way)
{
	sw__covered_free(&way->covered);
	sw__keep_close(&way->keep);
}

static struct sw__worth worth_of(const struct way *way, const struct sw_replan_options *options)
{
	const struct sw__covering *in = &way->keep.covering;
	const struct sw_problem *problem = way->keep.board->problem;
	struct sw__worth worth = {.money = way->covered.per_hour};

	for (size_t d = 0; d < in->n_demands; d++)
		worth.lost += !way->covered.served[d];
	for (size_t i = 0; i < in->n_cuts; i++) {
		size_t group = in->cuts[i].group, n = problem->n_fleet;
		size_t fleet = group < n ? group : way->keep.board->gpus[group - n].fleet;

		if (in->cuts[i].price > 0) {
			worth.gpus += way->covered.times[i];
			worth.per_hour +=
				way->covered.times[i] * problem->fleet[fleet].price_per_hour;
		}
	}
	worth.price = worth.money - worth.per_hour * options->horizon_hours;
	return worth;
}

/* The best way that a search finds; `below` 0, or the price of a way that serves all. */
static enum sw_status look(const struct sw__table_board *board, const struct sw_plan *plan,
			   const struct sw_replan_options *options, bool all_stay, double below,
			   struct way *way, struct sw_error *err)
{
	enum sw_status st = sw__keep_open(board, plan, options, all_stay, &way->keep, err);

	if (st != SW_OK)
		return st;
	way->keep.covering.nodes = all_stay ? NODES : FREE_NODES;
	way->keep.covering.cutoff = below;
	st = sw__mig_cover(&way->keep.covering, &way->covered, err);
	if (st == SW_OK)
		way->worth = worth_of(way, options);
	return st;
}

/* The plan from nothing, its GPUs those that run as far as they have something in common. */
static enum sw_status match_new(const struct sw__table_board *board, const struct sw_plan *plan,
				const struct sw_replan_options *options,
				const struct sw__table_cover *cover,
				const struct sw__covered *covered, struct way *way,
				struct sw_error *err)
{
	bool fits;
	enum sw_status st = sw__keep_match(board, plan, options, cover, covered, &way->keep,
					   &way->covered, &fits, err);

	if (st != SW_OK)
		return st;
	way->worth.lost = INFINITY;
	if (fits)
		way->worth = worth_of(way, options);
	return SW_OK;
}

/* Shares that do not go on where they run, or are started: GPUs without either are none that a way is about. */
static double about_per_hour(const struct way *way)
{
	const struct sw__covering *in = &way->keep.covering;
	const struct sw__table_board *board = way->keep.board;
	size_t n_fleet = board->problem->n_fleet;
	double sum = 0;

	for (size_t g = 0; g < board->n_gpus; g++) {
		const struct sw__table_board_gpu *gpu = &board->gpus[g];
		bool goes_on = false;

		if (gpu->fleet == SW__NONE || !gpu->planned)
			continue;
		for (size_t i = 0; i < in->n_cuts; i++)
			goes_on = goes_on || (in->cuts[i].group == n_fleet + g &&
					      way->covered.times[i] && in->cuts[i].stopped == 0);
		sum += goes_on ? 0 : board->problem->fleet[gpu->fleet].price_per_hour;
	}
	return sum;
}

/* Take the other way where it serves more, or pays. Where not all can be served whatever is done, what runs is left in peace. */
static void take_better(const struct sw_replan_options *options, struct way *way, struct way *other)
{
	struct way left = *way;

	if (other->worth.lost > way->worth.lost ||
	    (other->worth.lost == way->worth.lost &&
	     (way->worth.lost > 0 ||
	      !sw__pays(options, &way->worth, &other->worth, about_per_hour(other)))))
		return;
	*way = *other;
	*other = left;
}

/* Nothing to be done, and no plan is cheaper by more than what is left alone. */
static bool is_best(const struct way *way, const struct sw_replan_options *options,
		    double bound_per_hour)
{
	return way->worth.lost == 0 && way->worth.price <= ROUNDING &&
	       (way->worth.per_hour <= bound_per_hour * (1 + ROUNDING) ||
		options->horizon_hours == 0);
}

/* All goes on and what is missing is added; or the plan from nothing; or the best that is found. */
static enum sw_status choose_from(const struct sw__table_board *board, const struct sw_plan *plan,
				  const struct sw_replan_options *options,
				  const struct sw__table_cover *cover,
				  const struct sw__covered *nothing, struct way *way,
				  struct sw_error *err)
{
	struct way other = {.worth = {.lost = 0}};
	double bound = cover->complete ? nothing->bound_per_hour : 0;
	enum sw_status st = look(board, plan, options, true, 0, way, err);

	if (st != SW_OK || is_best(way, options, bound))
		return st;
	st = match_new(board, plan, options, cover, nothing, &other, err);
	if (st == SW_OK)
		take_better(options, way, &other);
	close_way(&other);
	if (st != SW_OK)
		return st;
	st = look(board, plan, options, false, way->worth.lost > 0 ? 0 : way->worth.money, &other,
		  err);
	if (st == SW_OK)
		take_better(options, way, &other);
	close_way(&other);
	return st;
}

static enum sw_status choose(const struct sw__table_board *board, const struct sw_plan *plan,
			     const struct sw_replan_options *options, struct way *way,
			     struct sw_error *err)
{
	struct sw__table_cover cover;
	struct sw__covered nothing;
	enum sw_status st;

	if (sw__count_tables(board->problem) > SEARCHED_MAX)
		return look(board, plan, options, true, 0, way, err);
	st = sw__table_cover_of(board->problem, plan, &cover, err);
	if (st != SW_OK)
		return st;
	cover.covering.nodes = NODES;
	st = sw__mig_cover(&cover.covering, &nothing, err);
	if (st == SW_OK) {
		st = choose_from(board, plan, options, &cover, &nothing, way, err);
		sw__covered_free(&nothing);
	}
	sw__table_cover_free(&cover);
	return st;
}

static enum sw_status replan_tables(const struct sw_problem *problem,
				    const struct sw_plan_mixes *running,
				    const struct sw_replan_options *options, struct sw_plan *plan,
				    struct sw_error *err)
{
	struct sw__table_board board;
	struct way way = {.worth = {.lost = 0}};
	double bound = 0;
	bool all = true;
	enum sw_status st = sw__table_board_open(problem, running, plan, &board, err);

	if (st != SW_OK)
		return st;
	st = choose(&board, plan, options, &way, err);
	if (st == SW_OK)
		st = sw__tables_settle(&way.keep, &way.covered, plan, &all, err);
	if (st == SW_OK)
		st = sw__tables_bound(problem, plan, &bound, err);
	if (st == SW_OK)
		st = sw__tables_compare(problem, bound, plan, err);
	if (st == SW_OK)
		st = sw__tables_changes(&board, running, options, plan, err);
	close_way(&way);
	sw__table_board_close(&board);
	return st;
}

enum sw_status sw__replan_with_tables(const struct sw_problem *problem,
				      const struct sw__oracle *oracle,
				      const struct sw_plan_mixes *running,
				      const struct sw_replan_options *options, struct sw_plan **out,
				      struct sw_error *err)
{
	enum sw_status st;

	*out = NULL;
	if (!running->is_plan)
		return sw_fail(err, SW_BAD_INPUT, "a mix, not a plan");
	st = replan_models(problem, oracle, running, options, out, err);
	if (st == SW_OK)
		st = replan_tables(problem, running, options, *out, err);
	if (st == SW_OK)
		return SW_OK;
	sw_plan_free(*out);
	*out = NULL;
	return st;
}

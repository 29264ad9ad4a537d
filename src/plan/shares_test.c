// SPDX-License-Identifier: Apache-2.0
/* Re-planning and shares with the real predictor, from files as users have them. */
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/random.h"
#include "check.h"
#include "slicewise/replan.h"

static struct sw_error err;
static char folder[] = "/tmp/slicewise-shares-XXXXXX";
static sw_catalog *catalog;
static sw_fit *fit;

/* Where shares bind, and where turns are taken. */
static const char *const workloads[] = {
	"fleet:\n  - {gpu: a100-sxm4-40gb, mechanism: mps}\nworkloads:\n"
	"  - {name: a, model: qwen3-0.6b, load: {rate: 4, prompt_tokens: {mean: 400, p95: 1000}, "
	"output_tokens: 100}, slo: {ttft_p95_ms: 500, tpot_p95_ms: 30}}\n"
	"  - {name: b, model: qwen3-4b, load: {rate: 1, prompt_tokens: {mean: 400, p95: 1000}, "
	"output_tokens: 100}, slo: {ttft_p95_ms: 1500, tpot_p95_ms: 60}}\n"
	"  - {name: c, model: qwen3-1.7b, load: {concurrency: 4, prompt_tokens: 300, "
	"output_tokens: "
	"200}, slo: {tpot_p95_ms: 60}}\n",
	"fleet:\n  - {gpu: a100-sxm4-40gb, mechanism: timeslice}\nworkloads:\n"
	"  - {name: a, model: qwen3-0.6b, load: {rate: 1, prompt_tokens: 400, output_tokens: 100}, "
	"slo: {ttft_p95_ms: 2500, tpot_p95_ms: 90}}\n"
	"  - {name: b, model: qwen3-1.7b, load: {rate: 0.5, prompt_tokens: 400, output_tokens: "
	"100}, slo: {ttft_p95_ms: 2500, tpot_p95_ms: 90}}\n",
};
enum { FILES = sizeof(workloads) / sizeof(workloads[0]) };

static const char *path_of(const char *name)
{
	static char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void open_all(void)
{
	if (catalog)
		return;
	CHECK(mkdtemp(folder));
	CHECK_INT(sw_catalog_open(&catalog, &err), SW_OK);
	CHECK_INT(sw_fit_open(NULL, &fit, &err), SW_OK);
}

/* The problem, and its plan as it comes back from a file. */
static struct sw_plan_mixes *planned(size_t file, struct sw_problem **problem)
{
	struct sw_plan_mixes *running = NULL;
	struct sw_plan *plan = NULL;

	open_all();
	CHECK_INT(sw_file_write(path_of("w.yaml"), workloads[file], strlen(workloads[file]), &err),
		  SW_OK);
	CHECK_INT(sw_problem_load(catalog, path_of("w.yaml"), problem, &err), SW_OK);
	(*problem)->fit = fit;
	CHECK_INT(sw_plan_solve(catalog, *problem, NULL, &plan, &err), SW_OK);
	CHECK_INT(sw_plan_save(*problem, plan, path_of("plan.json"), &err), SW_OK);
	CHECK_INT(sw_plan_mixes_load(catalog, path_of("plan.json"), &running, &err), SW_OK);
	sw_plan_free(plan);
	(void)unlink(path_of("w.yaml"));
	(void)unlink(path_of("plan.json"));
	return running;
}

static struct sw_plan *replan(struct sw_problem *problem, const struct sw_plan_mixes *running)
{
	struct sw_plan *plan = NULL;

	CHECK_INT(sw_replan(catalog, problem, running, NULL, &plan, &err), SW_OK);
	return plan;
}

TEST(noise_changes_nothing)
{
	for (size_t file = 0; file < FILES; file++) {
		struct sw_problem *problem;
		struct sw_plan_mixes *running = planned(file, &problem);
		struct sw__random random = sw__random_make(file, 1);
		double usual[3] = {0};

		for (size_t w = 0; w < problem->n_workloads; w++)
			usual[w] = problem->workloads[w].load.rate;
		for (int round = 0; round < 5; round++) {
			struct sw_plan *plan;

			for (size_t w = 0; w < problem->n_workloads; w++) {
				struct sw_load *load = &problem->workloads[w].load;

				load->rate =
					usual[w] * (1 + 0.09 * (sw__random_uniform(&random) - 0.5));
				load->prefix_hit_ratio = 0.001 * round;
			}
			plan = replan(problem, running);
			CHECK(plan && plan->replanned->n_changes == 0);
			/* What counts as the same is planned as the same: small steps add up to a large one. */
			CHECK(isnan(usual[0]) || problem->workloads[0].load.rate == usual[0]);
			sw_plan_free(plan);
		}
		sw_plan_mixes_free(running);
		sw_problem_free(problem);
	}
}

TEST(a_plan_of_another_fit_is_noticed)
{
	struct sw_problem *problem;
	struct sw_plan_mixes *running = planned(0, &problem);
	struct sw_plan *plan = replan(problem, running);

	CHECK(plan && plan->replanned->n_notes == 0);
	sw_plan_free(plan);
	running->gpus[0].p95_bound_ms[1][SW_TTFT] *= 1.1;
	running->gpus[0].p95_bound_ms[0][SW_TPOT] = NAN;
	problem->workloads[0].load.rate *= 1.02;
	plan = replan(problem, running);
	if (CHECK(plan && plan->replanned && plan->replanned->notes &&
		  plan->replanned->n_notes == 2)) {
		CHECK_STR(
			plan->replanned->notes[0],
			"1 load within 5 % of what the running plan was made for: planned as that");
		CHECK(strstr(plan->replanned->notes[1],
			     "3 engines 1 have other bounds by today's fit, b/0 a ttft_p95"));
	}
	sw_plan_free(plan);
	sw_plan_mixes_free(running);
	sw_problem_free(problem);
}

TEST(a_load_that_moves_is_followed_and_a_plan_that_was_reached_stays)
{
	for (size_t file = 0; file < FILES; file++) {
		struct sw_problem *problem;
		struct sw_plan_mixes *running = planned(file, &problem), *next = NULL;
		struct sw_plan *plan, *again;

		problem->workloads[0].load.rate *= 2;
		plan = replan(problem, running);
		CHECK_INT(sw_plan_save(problem, plan, path_of("plan.json"), &err), SW_OK);
		CHECK_INT(sw_plan_mixes_load(catalog, path_of("plan.json"), &next, &err), SW_OK);
		again = replan(problem, next);
		CHECK(again && again->replanned->n_changes == 0);
		sw_plan_free(again);
		sw_plan_free(plan);
		sw_plan_mixes_free(next);
		sw_plan_mixes_free(running);
		sw_problem_free(problem);
		(void)unlink(path_of("plan.json"));
	}
}

/* For the loads of the plan the shares of the plan, which are the least as well. */
TEST(shares_for_the_loads_of_a_plan_are_those_of_the_plan)
{
	for (size_t file = 0; file < FILES; file++) {
		struct sw_problem *problem;
		struct sw_plan_mixes *running = planned(file, &problem);

		for (size_t i = 0; i < running->n_gpus; i++) {
			const struct sw_mix *mix = running->gpus[i].mix;
			double load[SW_TENANTS_MAX], share[SW_TENANTS_MAX];
			struct sw_prediction predicted[SW_TENANTS_MAX];
			sw_shares *shares;

			for (size_t k = 0; k < mix->n; k++)
				load[k] = sw_known(mix->tenants[k].load.rate)
						  ? mix->tenants[k].load.rate
						  : mix->tenants[k].load.concurrency;
			CHECK_INT(sw_shares_open(&running->gpus[i], fit, &shares, &err), SW_OK);
			CHECK_INT(sw_shares_solve(shares, load, share, predicted, &err), SW_OK);
			for (size_t k = 0; k < mix->n; k++) {
				CHECK_NEAR(share[k], mix->tenants[k].slice.share, 1e-9);
				CHECK(sw_prediction_meets(&predicted[k], &mix->tenants[k].slo));
				load[k] *= 100;
			}
			CHECK_INT(sw_shares_solve(shares, load, share, NULL, &err), SW_INFEASIBLE);
			sw_shares_free(shares);
		}
		sw_plan_mixes_free(running);
		sw_problem_free(problem);
	}
	sw_fit_free(fit);
	sw_catalog_free(catalog);
	(void)rmdir(folder);
}

TEST_MAIN()

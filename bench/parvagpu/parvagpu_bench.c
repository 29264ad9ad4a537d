// SPDX-License-Identifier: Apache-2.0
/*
 * ParvaGPU's scenarios S1-S6 from its published tables, planned on A100-80GB under MIG.
 *
 * usage: slicewise-parvagpu DATA FOLDER RESULTS
 *
 * DATA has prof_data and SLO; workloads files and tables go into FOLDER, the table of results to RESULTS and to stdout. Status 1: a plan
 * does not hold, or needs more GPUs than ParvaGPU's.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "parvagpu/parvagpu_recheck.h"

enum { PATH = 4096, STRATEGIES = 3 };

static const char *const strategies[STRATEGIES] = {"slicewise", "exact", "parvagpu"};

/* GPUs of ParvaGPU's own code. */
static const size_t published[PARVAGPU_SCENARIOS] = {2, 3, 5, 7, 13, 17};

struct outcome {
	size_t gpus;
	double bound, seconds;
	bool holds;
};

static double now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool plan(const sw_catalog *catalog, const struct parvagpu_data *data, int s,
		 const char *folder, const char *strategy, struct outcome *out)
{
	struct sw_problem *problem = NULL;
	struct sw_plan *plan = NULL;
	struct sw_error err = {0};
	char path[PATH];
	double begun;
	bool ok = parvagpu_write_problem(data, s, folder, path, sizeof(path)) &&
		  sw_problem_load(catalog, path, &problem, &err) == SW_OK;

	begun = now();
	ok = ok && sw_plan_solve(catalog, problem, strategy, &plan, &err) == SW_OK;
	out->seconds = now() - begun;
	if (ok)
		*out = (struct outcome){plan->n_gpus, plan->bound_gpus, out->seconds,
					parvagpu_plan_holds(data, s, problem, plan)};
	else
		(void)fprintf(stderr, "%s, %s: %s\n", path, strategy, err.message);
	sw_plan_free(plan);
	sw_problem_free(problem);
	return ok;
}

static const char *verdict(const struct outcome *best, size_t other)
{
	if (!best->holds)
		return "DOES NOT HOLD";
	if (best->gpus > other)
		return "MORE";
	if (best->gpus < other)
		return best->bound >= (double)best->gpus ? "fewer, fewest possible" : "fewer";
	return best->bound >= (double)best->gpus ? "fewer are impossible" : "equal";
}

static void print_both(FILE *out, const char *text)
{
	(void)fputs(text, out);
	(void)fputs(text, stdout);
}

static bool run_scenario(const sw_catalog *catalog, const struct parvagpu_data *data, int s,
			 const char *folder, FILE *out)
{
	struct outcome o[STRATEGIES] = {{0}};
	const struct outcome *best = &o[0];
	char line[256];
	int workloads = 0;
	bool ok = true, hold = true;

	for (int i = 0; ok && i < STRATEGIES; i++) {
		ok = plan(catalog, data, s, folder, strategies[i], &o[i]);
		hold = hold && o[i].holds;
	}
	for (int m = 0; m < PARVAGPU_MODELS; m++)
		workloads += !isnan(data->limit_ms[s][m]);
	(void)snprintf(line, sizeof(line),
		       "  S%d  %9d  %9.2f  %8zu  %9zu  %5zu  %8zu  %6.0f  %9.2f  %s\n", s + 1,
		       workloads, parvagpu_fraction(data, s), published[s], o[0].gpus, o[1].gpus,
		       o[2].gpus, o[1].bound, o[0].seconds, verdict(best, published[s]));
	print_both(out, line);
	return ok && hold && o[0].gpus <= published[s];
}

int main(int argc, char **argv)
{
	static struct parvagpu_data data;
	struct sw_error err = {0};
	sw_catalog *catalog = NULL;
	bool ok = true;
	FILE *out;

	if (argc != 4) {
		(void)fputs("usage: slicewise-parvagpu DATA FOLDER RESULTS\n", stderr);
		return 2;
	}
	if (!parvagpu_read(argv[1], &data)) {
		(void)fputs("skipped: the measurements are not there\n", stdout);
		return 0;
	}
	out = fopen(argv[3], "w");
	if (!out || sw_catalog_open(&catalog, &err) != SW_OK ||
	    !parvagpu_write_tables(&data, argv[2]))
		return 1;
	print_both(
		out,
		"ParvaGPU's scenarios S1-S6: eleven DNNs in its published tables of MIG slice, "
		"batch "
		"and processes, A100-80GB under\nMIG, batch latency below 0.45 of the limit, legal "
		"placements, traffic by each engine's throughput. GPUs; water: the best row\nper "
		"slice, slices infinitely divisible; published: by ParvaGPU's own code; parvagpu: "
		"its method, here; bound: proved by the\nsearch. Every plan was judged again from "
		"the published files.\n\n"
		"      workloads      water  published  slicewise  exact  parvagpu   bound    "
		"seconds\n");
	for (int s = 0; s < PARVAGPU_SCENARIOS; s++)
		ok = run_scenario(catalog, &data, s, argv[2], out) && ok;
	sw_catalog_free(catalog);
	ok = fclose(out) == 0 && ok;
	return ok ? 0 : 1;
}

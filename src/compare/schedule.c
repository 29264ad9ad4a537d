// SPDX-License-Identifier: Apache-2.0
#include "compare/schedule.h"

/* A step is about fourteen events (src/sim/README.md); of an engine of which nothing is known one takes about 20 ms. */
static const double EVENTS_PER_STEP = 14, UNKNOWN_STEP_MS = 20, MS_PER_S = 1e3;
static const double REQUESTS = 200;
enum { WINDOWS_MOST = 12 };

double sw__events_per_s(const struct sw_plan_gpu *gpu)
{
	double sum = 0;

	for (size_t i = 0; i < gpu->n; i++) {
		const struct sw_prediction *p = &gpu->tenants[i].predicted;
		double step_ms = p->latency[SW_TPOT].at[SW_MEAN];
		double busy = sw_known(p->busy) ? fmin(1, p->busy) : 1;

		if (gpu->tenants[i].row)
			continue;
		if (!sw_known(step_ms) || !(step_ms > 0)) {
			step_ms = UNKNOWN_STEP_MS;
			busy = 1;
		}
		sum += EVENTS_PER_STEP * busy * MS_PER_S / step_ms;
	}
	return sum;
}

unsigned sw__windows_wanted(const struct sw_plan_gpu *gpu, const struct sw_problem *problem)
{
	double longest_s = SW__WINDOW_S;

	for (size_t i = 0; i < gpu->n; i++) {
		const struct sw_placement *p = &gpu->tenants[i];

		if (!p->row && sw_known(problem->workloads[p->workload].load.rate))
			longest_s = fmax(longest_s, REQUESTS / p->rate_or_concurrency);
	}
	return (unsigned)fmin(WINDOWS_MOST, ceil(longest_s / SW__WINDOW_S));
}

static double events_of_plan(const struct sw_problem *problem, const struct sw_plan *plan,
			     unsigned windows)
{
	double sum = 0;

	for (size_t i = 0; i < plan->n_gpus; i++) {
		double most = fmin(windows, sw__windows_wanted(&plan->gpus[i], problem));

		sum += sw__events_per_s(&plan->gpus[i]) * most * SW__WINDOW_S;
	}
	return sum;
}

static double events_of_contender(const struct sw_problem *problem,
				  const struct sw__contender *contender, unsigned windows)
{
	double sum = 0, plans = 0;

	for (size_t i = 0; i < contender->n; i++) {
		if (!contender->candidates[i].complete)
			continue;
		sum += events_of_plan(problem, contender->candidates[i].plan, windows);
		plans++;
	}
	return plans > 0 ? sum / plans : 0;
}

double sw__events_of_all(const struct sw_problem *problem, const struct sw__contender *contenders,
			 size_t n, unsigned windows)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += events_of_contender(problem, &contenders[i], windows);
	return sum;
}

unsigned sw__windows_allowed(const struct sw_problem *problem,
			     const struct sw__contender *contenders, size_t n, double times,
			     double events_max)
{
	unsigned windows = WINDOWS_MOST;

	while (windows > 1 &&
	       times * sw__events_of_all(problem, contenders, n, windows) > events_max)
		windows--;
	return windows;
}

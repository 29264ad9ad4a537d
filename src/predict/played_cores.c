// SPDX-License-Identifier: Apache-2.0
#include "predict/played_cores.h"

#include <math.h>

#include "math/ordered.h"
#include "slicewise/predict.h"

/* The level that uses up all cores, from below: whoever wants less leaves the rest to the others. */
static double level_of(const double *wanted, size_t n, double cores)
{
	double level = cores / (double)n;

	for (size_t round = 0; round < n; round++) {
		double left = cores;
		size_t above = 0;

		for (size_t i = 0; i < n; i++) {
			left -= wanted[i] <= level ? wanted[i] : 0;
			above += wanted[i] > level;
		}
		if (above == 0)
			break;
		level = left / (double)above;
	}
	return level;
}

void sw__fill_cores(const double *wanted, size_t n, double cores, double *got)
{
	double level = level_of(wanted, n, cores);

	for (size_t i = 0; i < n; i++)
		got[i] = sw__smaller(wanted[i], level);
}

/* All that are confined are confined to the same cores. */
static double cores_of(const struct sw__played_engine *engines, size_t n)
{
	double cores = INFINITY;

	for (size_t i = 0; i < n; i++)
		if (sw_known(engines[i].tenant->engine.cores))
			cores = sw__smaller(cores, engines[i].tenant->engine.cores);
	return cores;
}

static bool answers(const struct sw__played_engine *e)
{
	return e->step.pieces > 1 && e->piece == e->step.pieces;
}

/* Those that answer, or those that do not, get what they want of `cores`, or equal parts. Returns all that they get. */
static double serve(const struct sw__played_engine *engines, size_t n, bool answering, double cores,
		    double *got)
{
	double wanted[SW_TENANTS_MAX], level[SW_TENANTS_MAX], sum = 0;

	for (size_t i = 0; i < n; i++) {
		const struct sw__played_engine *e = &engines[i];

		wanted[i] = e->state == SW__PLAYED_GPU && answers(e) == answering
				    ? e->tenant->slice.share
				    : 0;
	}
	sw__fill_cores(wanted, n, cores, level);
	for (size_t i = 0; i < n; i++) {
		got[i] += level[i];
		sum += level[i];
	}
	return sum;
}

void sw__played_cores(struct sw__played_engine *engines, size_t n,
		      const struct sw__shared_values *shared)
{
	double cores = cores_of(engines, n), got[SW_TENANTS_MAX] = {0};
	double answering = serve(engines, n, true, cores, got);

	serve(engines, n, false, sw__larger(0, cores - answering), got);
	for (size_t i = 0; i < n; i++)
		engines[i].rate = got[i] / (1 + shared->at[SW__SHARED_cold_caches] *
							engines[i].step.dram_bound * (1 - got[i]));
}

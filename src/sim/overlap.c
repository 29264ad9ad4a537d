// SPDX-License-Identifier: Apache-2.0
#include "sim/overlap.h"

#include <math.h>
#include <string.h>

#include "math/ordered.h"
#include "slicewise/predict.h"

static const double MS_PER_US = 1e-3;

typedef const struct sw__sim_kernel *const kernel_ref;

/* What a kernel's parts wait for, relative to alone; 1: nothing more. */
struct waits {
	double sms[SW_TENANTS_MAX], dram[SW_TENANTS_MAX], clock[SW_TENANTS_MAX];
	double launch[SW_TENANTS_MAX]; /* added to the time, in parts of it */
};

/* The larger of two, rounded off where they meet: the fourth-power norm. A kernel's compute and traffic hide behind each
 * other, not quite. */
static double joined(double a, double b)
{
	a *= a;
	b *= b;
	return sqrt(sqrt(a * a + b * b));
}

static double stretch(const struct sw__sim_constants *c, const struct sw__sim_kernel *k,
		      double compute_wait, double dram_wait)
{
	double alone = joined(k->compute, k->traffic);
	double bound = sw__smaller(1, alone / c->bound_part);

	if (alone <= 0)
		return 1;
	return 1 - bound +
	       bound * joined(k->compute * compute_wait, k->traffic * dram_wait) / alone;
}

static void share_sms(const struct sw__sim_constants *c, kernel_ref *k, size_t n, struct waits *w)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += k[i]->sms;
	for (size_t i = 0; i < n; i++)
		w->sms[i] = sw__larger(sum, 1 + c->sm_overlap * (sum - k[i]->sms));
}

/* Demands with what neighbours throw out of L2. */
static double demands(const struct sw__sim_constants *c, kernel_ref *k, size_t n, double *demand)
{
	double sum = 0, more = 0;

	for (size_t i = 0; i < n; i++)
		sum += k[i]->dram;
	for (size_t i = 0; i < n; i++) {
		demand[i] = sum > 0 ? k[i]->dram * (1 + c->l2_loss * (sum - k[i]->dram) / sum) : 0;
		more += demand[i];
	}
	return more;
}

/* One stream uses DRAM best; the more evenly several mix, the less of it they reach together. */
static double capacity_of(const struct sw__sim_constants *c, const double *demand, size_t n,
			  double sum)
{
	double together = 0;

	for (size_t i = 0; i < n; i++)
		together += demand[i] / sum * (1 - demand[i] / sum);
	return c->dram_alone - (c->dram_alone - c->dram_together) * sw__smaller(1, 2 * together);
}

/* The level at which everyone who wants less has enough and the others share the rest. */
static double water_level(const double *demand, size_t n, double capacity)
{
	double level = capacity / (double)n;

	for (size_t round = 0; round < n; round++) {
		double left = capacity;
		size_t thirsty = 0;

		for (size_t i = 0; i < n; i++) {
			if (demand[i] <= level)
				left -= demand[i];
			else
				thirsty++;
		}
		if (thirsty == 0)
			break;
		level = sw__larger(level, left / (double)thirsty);
	}
	return level;
}

/* Waiting begins before DRAM is full; what a kernel waits for itself is in its time alone. */
static double saturation(double load, double knee)
{
	return pow(1 + pow(load, knee), 1 / knee);
}

static double wait_alone(const struct sw__sim_constants *c, const struct sw__sim_kernel *k)
{
	return k->wait_alone > 0 ? k->wait_alone
				 : saturation(k->dram / c->dram_alone, c->dram_knee);
}

static void share_dram(const struct sw__sim_constants *c, kernel_ref *k, size_t n, struct waits *w)
{
	double demand[SW_TENANTS_MAX], sum = demands(c, k, n, demand), capacity, level, full;

	for (size_t i = 0; i < n; i++)
		w->dram[i] = 1;
	if (n < 2 || sum <= 0)
		return;
	capacity = capacity_of(c, demand, n, sum);
	level = water_level(demand, n, capacity);
	full = saturation(sum / capacity, c->dram_knee);
	for (size_t i = 0; i < n; i++) {
		double fair = sw__larger(1, demand[i] / level);
		double alike = full / wait_alone(c, k[i]);

		w->dram[i] = (1 - c->dram_by_requests) * fair +
			     c->dram_by_requests * sw__larger(1, alike);
	}
}

static double power_of(const struct sw__sim_constants *c, const struct sw__sim_kernel *k)
{
	return c->power_sm * k->sms + c->power_tensor * k->tensor + c->power_dram * k->dram;
}

static double clock_at(const struct sw__sim_constants *c, double dynamic)
{
	double allowed = 1 - c->power_idle;

	if (dynamic <= allowed)
		return 1;
	return sw__larger(c->clock_floor, pow(allowed / dynamic, 1 / c->clock_exponent));
}

static double clock_alone(const struct sw__sim_constants *c, const struct sw__sim_kernel *k)
{
	return k->clock_alone > 0 ? k->clock_alone : clock_at(c, power_of(c, k));
}

/* Times alone were measured at the clock that a kernel's own power allows. */
static void slow_clocks(const struct sw__sim_constants *c, kernel_ref *k, size_t n,
			const double *rate, struct waits *w, struct sw__sim_use *use)
{
	double dynamic = 0;

	for (size_t i = 0; i < n; i++)
		dynamic += rate[i] * power_of(c, k[i]);
	use->clock = clock_at(c, dynamic);
	use->power = sw__smaller(1, c->power_idle + dynamic);
	for (size_t i = 0; i < n; i++)
		w->clock[i] = sw__larger(1, clock_alone(c, k[i]) / use->clock);
}

void sw__sim_overlap(const struct sw__sim_constants *constants, kernel_ref *kernels, size_t n,
		     bool isolated, double *rate, struct sw__sim_use *use)
{
	struct waits w;

	*use = (struct sw__sim_use){.power = constants->power_idle, .clock = 1};
	for (size_t i = 0; i < n; i++)
		w.sms[i] = w.dram[i] = rate[i] = 1;
	memset(w.launch, 0, sizeof(w.launch));
	if (!isolated && n > 1) {
		share_sms(constants, kernels, n, &w);
		share_dram(constants, kernels, n, &w);
		for (size_t i = 0; i < n; i++) {
			w.launch[i] =
				constants->launch_wait_us * MS_PER_US * kernels[i]->launches_per_ms;
			rate[i] = 1 / (stretch(constants, kernels[i], w.sms[i], w.dram[i]) +
				       w.launch[i]);
		}
	}
	slow_clocks(constants, kernels, n, rate, &w, use);
	for (size_t i = 0; i < n; i++) {
		rate[i] = 1 / (stretch(constants, kernels[i], w.sms[i] * w.clock[i], w.dram[i]) +
			       w.launch[i]);
		use->sms += kernels[i]->sms;
		use->dram += rate[i] * kernels[i]->dram;
	}
	use->sms = sw__smaller(1, use->sms);
	use->dram = sw__smaller(1, use->dram);
}

void sw__sim_kernel_know(const struct sw__sim_constants *constants, struct sw__sim_kernel *kernel)
{
	kernel->wait_alone = kernel->clock_alone = 0;
	kernel->wait_alone = wait_alone(constants, kernel);
	kernel->clock_alone = clock_alone(constants, kernel);
}

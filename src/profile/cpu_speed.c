// SPDX-License-Identifier: Apache-2.0
#include "profile/cpu_speed.h"

#include <math.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

/* More than a core's own cache, as the weights of engines are. */
enum { BYTES = 16 << 20, FLOATS = BYTES / sizeof(float), LANES = 16, LOOKS = 40 };

static double thread_s(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static float squares(const float *x)
{
	float lane[LANES] = {0}, sum = 0;

	for (size_t i = 0; i < FLOATS; i += LANES)
		for (size_t k = 0; k < LANES; k++)
			lane[k] += x[i + k] * x[i + k];
	for (size_t k = 0; k < LANES; k++)
		sum += lane[k];
	return sum;
}

static double best_s(const float *x)
{
	volatile float seen;
	double best = INFINITY;

	for (int i = 0; i < LOOKS; i++) {
		double began = thread_s();

		seen = squares(x);
		best = fmin(best, thread_s() - began);
	}
	(void)seen;
	return best;
}

static double speed_on(unsigned cpu, const float *x)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	return sched_setaffinity(0, sizeof(one), &one) == 0 ? BYTES / best_s(x) / 1e9 : NAN;
}

double sw__cpu_speed_gb_s(const unsigned *cpus, size_t n)
{
	cpu_set_t before;
	float *x = malloc(BYTES);
	double sum = 0;

	if (n == 0 || !x || sched_getaffinity(0, sizeof(before), &before) != 0) {
		free(x);
		return NAN;
	}
	for (size_t i = 0; i < FLOATS; i++)
		x[i] = (float)(i % 7);
	for (size_t i = 0; i < n; i++)
		sum += speed_on(cpus[i], x);
	(void)sched_setaffinity(0, sizeof(before), &before);
	free(x);
	return sum / (double)n;
}

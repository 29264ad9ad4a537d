// SPDX-License-Identifier: Apache-2.0
#include "sharing/hami_limiter.h"

#include <math.h>

/* HAMi-core's own numbers (multiprocess_utilization_watcher.c, 8f3a89c). */
static const double POOL_PER_THREAD = 32, STEP_DIVISOR = 2560, LEAST_DEVIATION = 5;

void sw__hami_limiter_start(struct sw__hami_limiter *limiter, const struct sw_gpu *gpu,
			    double share)
{
	double sms = gpu->sms, threads = gpu->max_threads_per_sm;

	*limiter = (struct sw__hami_limiter){
		.limit_percent = share * 100,
		.step = sms * sms * threads / STEP_DIVISOR,
		.pool = sms * threads * POOL_PER_THREAD,
	};
}

static double moved(const struct sw__hami_limiter *l, double utilisation)
{
	double deviation = fmax(LEAST_DEVIATION, fabs(l->limit_percent - utilisation));
	double by = l->step * deviation;

	if (deviation > l->limit_percent / 2)
		by *= 2 * deviation / (l->limit_percent + 1);
	return utilisation <= l->limit_percent ? fmin(l->pool, l->refill + by)
					       : fmax(0, l->refill - by);
}

void sw__hami_limiter_tick(struct sw__hami_limiter *limiter, double utilisation_percent)
{
	if (utilisation_percent < 0 || utilisation_percent > 100)
		return;
	/* A refill of the whole pool that leaves a debt: the pool is too small for these kernels, and grows for good. */
	if (limiter->refill >= limiter->pool && limiter->balance < 0)
		limiter->refill = limiter->pool *= 2;
	limiter->refill = moved(limiter, utilisation_percent);
	limiter->balance = fmin(limiter->pool, limiter->balance + limiter->refill);
}

bool sw__hami_limiter_launch(struct sw__hami_limiter *limiter, double blocks)
{
	if (limiter->limit_percent >= 100)
		return true;
	if (limiter->balance < 0)
		return false;
	limiter->balance -= blocks;
	return true;
}

// SPDX-License-Identifier: Apache-2.0
/*
 * The KV cache as a limit that fluctuates: contexts differ and grow, so the sum over the running sequences passes the
 * cache's size now and then although its mean does not. Whoever comes then waits until enough long sequences have ended.
 * The sum wanders like a mean-reverting process; preemption's recomputed tokens are left out.
 */
#include "math/normal.h"
#include "predict/queueing_parts.h"

#include <math.h>

static const double rare = 1e-3; /* of the arrivals: below, no percentile notices */
static const double steepest =
	0.5; /* standard deviations of room from which the pull back is counted */
static const double skew_share =
	0.15; /* of the squared z: the sum of few long contexts has a heavier tail; 0.1 to 0.3 */

void sw__kv_pressure(const struct sw__queue *q, struct sw__running *r)
{
	const struct sw__traffic *t = q->traffic;
	double n = r->decodes + r->prefilling;
	double mean = n * t->context_tokens;
	double sd =
		sqrt(n * t->context_variance + r->variance * t->context_tokens * t->context_tokens);
	double room = q->batching->kv_cache_tokens - mean;
	double z = room / sd, full, excess, wait;

	if (!(z < 5) || sd <= 0)
		return;
	z = sw__larger(0, z);
	z /= 1 + skew_share * sw__smaller(2, sd / mean) * z;
	full = 1 - sw__normal_cdf(z);
	if (full < rare)
		return;
	/* Mean of a normal variable beyond z, less z: over the density at z. */
	excess = sw__larger(0.1, 0.39894228 * exp(-0.5 * z * z) / full - z);
	wait = sw__queue_relax_ms(q, r) * excess / sw__larger(z, steepest);
	r->full_ms = (r->full * r->full_ms + full * wait) / (r->full + full);
	r->full = 1 - (1 - r->full) * (1 - full);
	r->kv_full = full;
}

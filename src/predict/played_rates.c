// SPDX-License-Identifier: Apache-2.0
#include "predict/played_rates.h"

#include <math.h>

#include "math/ordered.h"
#include "slicewise/predict.h"

/* How sharply DRAM saturates: the exponent of the norm of demand and capacity. Waiting begins before it is full. */
static double saturated(double load)
{
	double x = load * load;

	x *= x;
	return sqrt(sqrt(sqrt(1 + x * x)));
}

/* What one stream of reads reaches of the datasheet's bandwidth. */
static const double DRAM_ALONE = 0.92;

struct crowd {
	size_t n;
	const struct sw__played_step *step[SW_TENANTS_MAX];
	double sms[SW_TENANTS_MAX];
};

/* Mean wait of engine i's reads over which of the others are at their own: each is for its dram_bound part of the time. */
static double dram_wait(const struct crowd *c, size_t i, double capacity)
{
	double p[1 << 3], demand[1 << 3], own = c->step[i]->dram, sum = 0;
	double alone = saturated(own / DRAM_ALONE);
	size_t sets = 1;
	double mean = 0;

	p[0] = 1;
	demand[0] = own;
	for (size_t j = 0; j < c->n; j++) {
		double active;

		if (j == i)
			continue;
		active = c->step[j]->traffic_part;
		if (sets == 1 << 3) { /* many neighbours are near their mean */
			mean += active * c->step[j]->dram;
			continue;
		}
		for (size_t s = 0; s < sets; s++) {
			demand[sets + s] = demand[s] + c->step[j]->dram;
			p[sets + s] = p[s] * active;
			p[s] *= 1 - active;
		}
		sets *= 2;
	}
	for (size_t s = 0; s < sets; s++) {
		double load = demand[s] + mean;
		/* One stream uses DRAM best; several reach less together. */
		double together = load > own ? capacity : DRAM_ALONE;

		sum += p[s] * sw__larger(1, saturated(load / together) / alone);
	}
	return sum;
}

void sw__played_overlap(struct sw__played_engine *engines, size_t n,
			const struct sw__shared_values *shared)
{
	struct crowd c = {0};
	struct sw__played_engine *at[SW_TENANTS_MAX];
	double sms = 0;

	for (size_t i = 0; i < n; i++) {
		engines[i].rate = 0;
		if (engines[i].state != SW__PLAYED_GPU)
			continue;
		at[c.n] = &engines[i];
		c.step[c.n] = &engines[i].step;
		c.sms[c.n] = engines[i].steps.sms;
		sms += c.sms[c.n++];
	}
	for (size_t i = 0; i < c.n; i++) {
		const struct sw__played_step *s = c.step[i];
		double others = sms - c.sms[i];
		double crowding = sw__larger(sms, 1 + shared->at[SW__SHARED_sm_overlap] * others);
		double wait = c.n > 1 ? dram_wait(&c, i, shared->at[SW__SHARED_dram_together]) : 1;
		double launches =
			c.n > 1 ? shared->at[SW__SHARED_launch_wait_us] / 1000 * s->launches_per_ms
				: 0;

		at[i]->rate = 1 / (1 + s->dram_bound * (wait - 1) +
				   s->compute_bound * (crowding - 1) + launches);
	}
}

static bool another_waits(const struct sw__played_turns *t, const struct sw__played_engine *e,
			  size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (e[i].state == SW__PLAYED_GPU && (int)i != t->owner)
			return true;
	return false;
}

static int next_in_order(const struct sw__played_turns *t, const struct sw__played_engine *e,
			 size_t n)
{
	int all = (int)n, at = t->last;

	for (int i = 0; i < all; i++) {
		at++;
		if (at >= all) /* a remainder would be the dearest part of a turn */
			at = 0;
		if (e[at].state == SW__PLAYED_GPU)
			return at;
	}
	return -1;
}

/* Rounds in which nothing happens but that everybody who waits has a turn, until quiet_ms at most. */
static double quiet_rounds(const struct sw__played_engine *e, size_t n,
			   const struct sw__shared_values *shared, double now_ms, double quiet_ms)
{
	double slice_ms = shared->at[SW__SHARED_slice_ms], least_ms = INFINITY, waiting = 0;

	for (size_t i = 0; i < n; i++) {
		bool waits = e[i].state == SW__PLAYED_GPU;

		waiting += waits;
		least_ms = sw__smaller(least_ms, waits ? e[i].left_ms : INFINITY);
		quiet_ms = sw__smaller(quiet_ms, waits ? INFINITY : e[i].next_ms);
	}
	if (waiting < 2 || least_ms <= slice_ms)
		return 0;
	/* What ends just as its turn does is left to happen. */
	return sw__larger(
		0, sw__smaller(ceil(least_ms / slice_ms) - 1,
			       floor((quiet_ms - now_ms) /
				     (waiting * (slice_ms + shared->at[SW__SHARED_switch_ms])))));
}

/* Everybody who waits has `rounds` turns. Returns how long that takes. */
static double take_rounds(struct sw__played_engine *e, size_t n,
			  const struct sw__shared_values *shared, double now_ms, double rounds)
{
	double slice_ms = shared->at[SW__SHARED_slice_ms], all_ms = 0;

	for (size_t i = 0; i < n; i++)
		if (e[i].state == SW__PLAYED_GPU)
			all_ms += rounds * (slice_ms + shared->at[SW__SHARED_switch_ms]);
	for (size_t i = 0; i < n; i++)
		if (e[i].state == SW__PLAYED_GPU)
			sw__played_had_turns(&e[i], now_ms, now_ms + all_ms, rounds * slice_ms);
	return all_ms;
}

static void pass_on(struct sw__played_turns *t, struct sw__played_engine *e, size_t n,
		    const struct sw__shared_values *shared, double now_ms, double quiet_ms)
{
	int next = next_in_order(t, e, n);
	double rounds = next < 0 ? 0 : quiet_rounds(e, n, shared, now_ms, quiet_ms);
	bool changed = rounds > 0 || (t->last >= 0 && next != t->last);

	t->owner = next;
	if (next < 0)
		return;
	if (rounds > 0)
		now_ms += take_rounds(e, n, shared, now_ms, rounds);
	e[next].since_ms = now_ms + (changed ? shared->at[SW__SHARED_switch_ms] : 0);
	e[next].rate = 1;
	e[next].next_ms = e[next].since_ms + e[next].left_ms;
	t->until_ms = e[next].since_ms + shared->at[SW__SHARED_slice_ms];
	t->last = next;
}

void sw__played_turn(struct sw__played_turns *t, struct sw__played_engine *engines, size_t n,
		     const struct sw__shared_values *shared, double now_ms, double quiet_ms)
{
	if (t->owner >= 0 && engines[t->owner].state == SW__PLAYED_GPU) {
		struct sw__played_engine *owner = &engines[t->owner];
		bool goes_on = now_ms < t->until_ms || !another_waits(t, engines, n);

		if (goes_on && owner->rate > 0)
			return;
		if (goes_on) { /* its next piece */
			owner->rate = 1;
			owner->next_ms = owner->since_ms + owner->left_ms;
			return;
		}
		sw__played_work(owner, now_ms);
		owner->rate = 0;
		owner->next_ms = INFINITY;
	}
	pass_on(t, engines, n, shared, now_ms, quiet_ms);
}

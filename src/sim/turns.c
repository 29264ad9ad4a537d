// SPDX-License-Identifier: Apache-2.0
#include "sim/turns.h"

#include <math.h>

void sw__turns_start(struct sw__turns *turns, double slice_s, double switch_s)
{
	*turns = (struct sw__turns){
		.slice_s = slice_s, .switch_s = switch_s, .owner = SW__NOBODY, .last = SW__NOBODY};
}

/* The next in order after the last owner, itself last of all. */
static int next_ready(const struct sw__turns *t, const bool *ready, size_t n)
{
	for (size_t i = 1; i <= n; i++) {
		size_t at = ((size_t)(t->last + 1) + i - 1) % n;

		if (ready[at])
			return (int)at;
	}
	return SW__NOBODY;
}

static bool another_is_ready(const struct sw__turns *t, const bool *ready, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (ready[i] && (int)i != t->owner)
			return true;
	return false;
}

bool sw__turns_settle(struct sw__turns *turns, const bool *ready, size_t n, double now_s)
{
	int next;
	bool changed;

	if (turns->owner != SW__NOBODY && ready[turns->owner] &&
	    (now_s < turns->until_s || !another_is_ready(turns, ready, n)))
		return false;
	next = next_ready(turns, ready, n);
	turns->owner = next;
	if (next == SW__NOBODY)
		return false;
	changed = next != turns->last;
	turns->from_s = now_s + (changed && turns->last != SW__NOBODY ? turns->switch_s : 0);
	turns->until_s = turns->from_s + turns->slice_s;
	turns->last = next;
	return changed;
}

double sw__turns_next_s(const struct sw__turns *turns, const bool *ready, size_t n, double now_s)
{
	double next = INFINITY;

	if (turns->owner == SW__NOBODY)
		return INFINITY;
	if (turns->from_s > now_s)
		next = turns->from_s;
	if (turns->until_s > now_s && another_is_ready(turns, ready, n))
		next = fmin(next, turns->until_s);
	return next;
}

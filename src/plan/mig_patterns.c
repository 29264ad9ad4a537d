// SPDX-License-Identifier: Apache-2.0
#include "plan/mig_patterns.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/* An A100 with six profiles has 36. More are believed of no GPU, and a plan with some of them is a plan all the same. */
enum { PATTERNS_MAX = 2000, LOOKS_MAX = 200000, FIRST_ROOM = 64 };

struct cutting {
	const struct sw_gpu *gpu;
	const struct sw_mig_profile
		*on[SW_TENANTS_MAX + 1]; /* those there, then those of the pattern */
	size_t n, most;
	const struct sw__mig_place *stay; /* these beside, where they are; NULL: none */
	size_t n_stay;
	struct sw__mig_pattern now;
	struct sw__mig_patterns *out;
	size_t room, looks;
	bool out_of_memory;
};

static bool lies(const struct cutting *c)
{
	unsigned starts[SW_TENANTS_MAX + 1];

	if (c->n + c->n_stay > c->most)
		return false;
	return c->stay ? sw__mig_beside(c->gpu, c->stay, c->n_stay, c->on, c->n, starts)
		       : sw_gpu_mig_arrange(c->gpu, c->on, c->n, starts);
}

static bool fits_another(struct cutting *c)
{
	bool fits = false;

	for (size_t p = 0; p < c->gpu->n_mig && !fits; p++) {
		c->on[c->n++] = &c->gpu->mig[p];
		fits = lies(c);
		c->n--;
	}
	return fits;
}

static void keep(struct cutting *c)
{
	struct sw__mig_patterns *out = c->out;

	if (out->n == PATTERNS_MAX) {
		out->complete = false;
		return;
	}
	if (out->n == c->room) {
		size_t room = c->room ? 2 * c->room : FIRST_ROOM;
		struct sw__mig_pattern *more = realloc(out->pattern, room * sizeof(*more));

		if (!more) {
			c->out_of_memory = true;
			return;
		}
		out->pattern = more;
		c->room = room;
	}
	out->pattern[out->n++] = c->now;
}

/* None, one, two ... of a profile, then the next profile: at most SW_MIG_PROFILES_MAX deep. */
static void cut(struct cutting *c, size_t profile)
{
	size_t before = c->n;

	if (profile == c->gpu->n_mig) {
		if (!fits_another(c))
			keep(c);
		return;
	}
	do {
		cut(c, profile + 1);
		if (++c->looks > LOOKS_MAX)
			c->out->complete = false;
		c->now.count[profile]++;
		c->on[c->n++] = &c->gpu->mig[profile];
	} while (lies(c) && c->out->complete && !c->out_of_memory);
	c->n = before;
	c->now.count[profile] = 0;
}

static enum sw_status cut_all(struct cutting *c, struct sw_error *err)
{
	*c->out = (struct sw__mig_patterns){.complete = true};
	c->most = c->most < SW_TENANTS_MAX ? c->most : SW_TENANTS_MAX;
	if (c->n + c->n_stay > c->most)
		return SW_OK;
	cut(c, 0);
	if (!c->out_of_memory)
		return SW_OK;
	free(c->out->pattern);
	*c->out = (struct sw__mig_patterns){0};
	return sw_fail(err, SW_NO_MEMORY, "%zu ways of cutting %s", c->room, c->gpu->id);
}

enum sw_status sw__mig_patterns_of(const struct sw_gpu *gpu,
				   const struct sw_mig_profile *const *there, size_t n_there,
				   size_t most, struct sw__mig_patterns *out, struct sw_error *err)
{
	struct cutting c = {.gpu = gpu, .n = n_there, .most = most, .out = out};

	if (n_there && n_there <= SW_TENANTS_MAX)
		(void)memcpy((void *)c.on, (const void *)there, n_there * sizeof(there[0]));
	return cut_all(&c, err);
}

enum sw_status sw__mig_patterns_beside(const struct sw_gpu *gpu, const struct sw__mig_place *there,
				       size_t n_there, size_t most, struct sw__mig_patterns *out,
				       struct sw_error *err)
{
	struct cutting c = {.gpu = gpu, .stay = there, .n_stay = n_there, .most = most, .out = out};

	return cut_all(&c, err);
}

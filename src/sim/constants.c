// SPDX-License-Identifier: Apache-2.0
#include "sim/constants.h"

#include <stddef.h>

#include "base/random.h"
#include "slicewise/simulate.h"

static const struct sw_sim_constant constants[] = {
#define CONSTANT(name, unit, value, low, high, origin) {#name, unit, value, low, high, origin},
	SW__SIM_CONSTANT_LIST(CONSTANT)
#undef CONSTANT
};

#define COUNT (sizeof(constants) / sizeof(constants[0]))

size_t sw_sim_constant_count(void)
{
	return COUNT;
}

const struct sw_sim_constant *sw_sim_constant_at(size_t i)
{
	return i < COUNT ? &constants[i] : NULL;
}

/* Every constant has a stream of its own: a new one does not change what the others draw. */
static uint64_t stream_of(const char *name)
{
	uint64_t hash = 14695981039346656037u; /* FNV-1a */

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 1099511628211u;
	return hash;
}

static double drawn(const struct sw_sim_constant *c, uint64_t world)
{
	struct sw__random random = sw__random_make(world, stream_of(c->name));
	double side = 2 * sw__random_uniform(&random) - 1;

	return c->value + side * (side < 0 ? c->value - c->low : c->high - c->value);
}

void sw__sim_constants(uint64_t world, struct sw__sim_constants *out)
{
	double values[COUNT];
	const double *next = values;

	for (size_t i = 0; i < COUNT; i++)
		values[i] = world == 0 ? constants[i].value : drawn(&constants[i], world);
#define ASSIGN(name, unit, value, low, high, origin) out->name = *next++;
	SW__SIM_CONSTANT_LIST(ASSIGN)
#undef ASSIGN
}

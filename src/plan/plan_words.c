// SPDX-License-Identifier: Apache-2.0
/* The words that files have for what a plan says. */
#include "slicewise/plan.h"

#define OF_THREE(constant, id, unit) [constant] = id,
#define OF_TWO(constant, id)         [constant] = id,

static const char *const obstacles[] = {SW_OBSTACLE_LIST(OF_THREE)};
static const char *const insteads[] = {SW_INSTEAD_LIST(OF_TWO)};
static const char *const relaxations[] = {SW_RELAXATION_LIST(OF_TWO)};
static const char *const bases[] = {SW_BASIS_LIST(OF_TWO)};

const char *sw_obstacle_id(enum sw_obstacle_kind kind)
{
	return obstacles[kind];
}

const char *sw_instead_id(enum sw_instead instead)
{
	return insteads[instead];
}

const char *sw_relaxation_id(enum sw_relaxation_kind kind)
{
	return relaxations[kind];
}

const char *sw_basis_id(enum sw_basis basis)
{
	return bases[basis];
}

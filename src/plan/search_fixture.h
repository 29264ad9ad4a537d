/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file search_fixture.h
 * For tests: what a search over the fake problem works with, and workloads that need given shares.
 */
#ifndef SLICEWISE_PLAN_SEARCH_FIXTURE_H
#define SLICEWISE_PLAN_SEARCH_FIXTURE_H

#include "check.h"
#include "plan/fake_oracle.h"
#include "plan/state.h"

static struct sw_error err;
static struct sw__sizing sizing;
static struct sw__groups groups;
static struct sw__state state;

static inline void open_all(void)
{
	CHECK_INT(sw__sizing_open(&fake_problem, &fake_oracle, &sizing, &err), SW_OK);
	sw__groups_open(&sizing, SW__NEIGHBOURS_COUNT, &groups);
	CHECK_INT(sw__state_new(&fake_problem, &state, &err), SW_OK);
}

static inline void close_all(void)
{
	sw__state_free(&state);
	sw__groups_close(&groups);
	sw__sizing_close(&sizing);
	CHECK_INT(fake_prepared, 0);
}

static inline void add_shares(const double *shares, size_t n)
{
	for (size_t i = 0; i < n; i++)
		(void)fake_add_share(shares[i], 1);
}

#endif

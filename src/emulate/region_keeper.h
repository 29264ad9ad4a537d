/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file region_keeper.h
 * A thread beside the pacer that keeps the engines' shared regions: writes what HAMi's library in a container would write and,
 * where asked to, obeys a changed limit at once. Files may be slow; the pacer does not wait for them.
 */
#ifndef SLICEWISE_EMULATE_REGION_KEEPER_H
#define SLICEWISE_EMULATE_REGION_KEEPER_H

#include "emulate/served_engine.h"

enum { SW__REGION_POLL_MS = 120 }; /* HAMi's watcher wakes as often */

struct sw__region_keeper;

/** `engines[i]` has its region at `paths[i]`; both are borrowed until the stop. `live`: a changed sm_limit acts at once. */
enum sw_status sw__region_keeper_start(struct sw__engine *engines, char *const *paths, size_t n,
				       bool live, struct sw__region_keeper **out,
				       struct sw_error *err);

/** NULL is fine. */
void sw__region_keeper_stop(struct sw__region_keeper *keeper);

#endif

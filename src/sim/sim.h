/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file sim.h
 * A simulated GPU as the rest of this folder sees it: who wants to record a run makes one with a recorder.
 */
#ifndef SLICEWISE_SIM_SIM_H
#define SLICEWISE_SIM_SIM_H

#include "sim/simulated_engine.h"

/** sw_sim_new() with a recorder (borrowed; may be NULL) of the requests of the mix's loads. */
enum sw_status sw__sim_new(const struct sw_mix *mix, const struct sw_sim_settings *settings,
			   const struct sw__sim_recorder *recorder, sw_sim **out,
			   struct sw_error *err);

/** Events so far: what simulating costs is in proportion to them. */
uint64_t sw__sim_events(const sw_sim *sim);

/** An engine of it, to be looked at. */
const struct sw__sim_engine *sw__sim_engine(const sw_sim *sim, size_t tenant);

/** Requests of the engine's own load in flight or waiting, in the order of arrival; NULL: none. */
const struct sw__sim_request *sw__sim_in_flight(const sw_sim *sim, size_t tenant);

#endif

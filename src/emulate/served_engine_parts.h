/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file served_engine_parts.h
 * An engine's requests in hand, between served_engine.c and calls.c. All in the pacer's thread.
 */
#ifndef SLICEWISE_EMULATE_SERVED_ENGINE_PARTS_H
#define SLICEWISE_EMULATE_SERVED_ENGINE_PARTS_H

#include "emulate/served_engine.h"

/** A step has taken the call up: it leaves the queue. */
void sw__call_start(struct sw__engine *engine, struct sw__call *call);

/** Cut and release all. */
void sw__calls_cut(struct sw__engine *engine);

#endif

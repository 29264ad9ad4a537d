/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file emulate.h
 * The engines of a mix as real HTTP endpoints, OpenAI-compatible and with vLLM's metrics, whose tokens come when the simulated
 * GPU says: src/emulate/README.md.
 *
 *     sw_emulate_start(mix, NULL, &emulation, &err);    listens, serves in threads of its own
 *     sw_emulate_endpoint(emulation, 0, &endpoint);     where
 *     ...
 *     sw_emulate_stop(emulation);
 */
#ifndef SLICEWISE_EMULATE_H
#define SLICEWISE_EMULATE_H

#include <stdint.h>

#include "slicewise/simulate.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sw_emulate_settings {
	const char *host; /* address or name to listen on */
	unsigned port; /* tenant i listens on port + i; 0: any free ones */
	uint64_t seed; /* of the simulator, of answers' lengths and of their ids */
	uint64_t world; /* struct sw_sim_settings */
	double speed; /* simulated seconds per second, above 0 */
	const char *
		regions; /* folder for HAMi's shared regions, one per engine; NULL: none. Under hami only */
	bool live; /* a changed sm_limit acts within 120 ms, not at the engine's next start */
};

/** 127.0.0.1, free ports, seed 1, real time, no regions. */
SW_API struct sw_emulate_settings sw_emulate_defaults(void);

typedef struct sw_emulation sw_emulation;

/**
 * Start serving. `mix` is borrowed until sw_emulate_stop(); `settings` NULL: the defaults. SW_BAD_INPUT: settings out of range,
 * regions without hami, a region file that is none; SW_IO: a port is taken, a folder cannot be written; and what sw_sim_new()
 * says. SW_OK: *out is the caller's, release it with sw_emulate_stop().
 */
SW_API enum sw_status sw_emulate_start(const struct sw_mix *mix,
				       const struct sw_emulate_settings *settings,
				       sw_emulation **out, struct sw_error *err);

/** Where an engine is to be found. Strings belong to the emulation. */
struct sw_emulate_endpoint {
	const char *name; /* of the tenant */
	const char *model; /* as requests must call it */
	const char *url; /* "http://127.0.0.1:8000" */
	const char *region; /* path of the shared region, or NULL */
};

/** `tenant` is below the mix's n. */
SW_API void sw_emulate_endpoint(const sw_emulation *emulation, size_t tenant,
				struct sw_emulate_endpoint *out);

/** SW_OK while the simulator works; else why it does not, and every engine answers 503. */
SW_API enum sw_status sw_emulate_status(sw_emulation *emulation, struct sw_error *err);

/** Cut what is in flight, close the ports, release it; NULL is fine. Region files stay. */
SW_API void sw_emulate_stop(sw_emulation *emulation);

#ifdef __cplusplus
}
#endif

#endif

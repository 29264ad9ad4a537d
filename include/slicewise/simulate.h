/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file simulate.h
 * One GPU with several engines in simulated time: src/sim/README.md.
 *
 * Two ways to use it. sw_simulate() runs a mix with its loads, repeats that until the means are known, and judges it. A sw_sim
 * is the same GPU to be driven by hand: the caller submits requests and moves the time, and hears of every token (what
 * emulated endpoints do). Both are deterministic: the same mix, settings and calls give the same bytes.
 */
#ifndef SLICEWISE_SIMULATE_H
#define SLICEWISE_SIMULATE_H

#include <stdint.h>

#include "slicewise/predict.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the simulator assumes of hardware, drivers and hosts. */

/** One constant: the value used, and the range it is drawn from in other worlds. All static. */
struct sw_sim_constant {
	const char *name, *unit;
	double value, low, high;
	const char *origin; /* where the value and the range come from */
};

SW_API size_t sw_sim_constant_count(void);

/** The constant number `i`, kernels first, then power, turns, HAMi, host, steps and starts; NULL beyond the last. */
SW_API const struct sw_sim_constant *sw_sim_constant_at(size_t i);

/* A GPU to be driven by hand. */

typedef struct sw_sim sw_sim;

struct sw_sim_request {
	uint64_t id; /* unique among the requests in flight of its tenant, not 0 */
	uint32_t prompt_tokens, output_tokens; /* at least 1 */
	uint32_t cached_tokens; /* of the prompt, found in the prefix cache; below prompt_tokens */
};

/** What the caller hears while time moves. Callbacks must not call the sw_sim they come from. Members may be NULL. */
struct sw_sim_listener {
	void *context;
	/* Output token number n (1: the first) of a request is there at at_s; `last`: the request has ended. */
	void (*token)(void *context, size_t tenant, uint64_t id, uint32_t n, bool last,
		      double at_s);
	/* A restart or a lack of memory ended the request before its last token. */
	void (*aborted)(void *context, size_t tenant, uint64_t id, double at_s);
};

struct sw_sim_settings {
	uint64_t seed; /* of arrivals, lengths and jitter */
	uint64_t
		world; /* 0: the constants as they are; else all drawn within their doubt by this seed */
	bool external; /* the loads of the mix are not played: requests come through sw_sim_submit() alone */
	double host_cores; /* of the machine, for all engines; 0: as many as they want */
	struct sw_sim_listener listener;
};

/** `mix` is borrowed until sw_sim_free(). SW_OK: *out is the caller's. Time begins at 0. */
SW_API enum sw_status sw_sim_new(const struct sw_mix *mix, const struct sw_sim_settings *settings,
				 sw_sim **out, struct sw_error *err);

/** Release it; NULL is fine. */
SW_API void sw_sim_free(sw_sim *sim);

/** Simulated seconds since the beginning. */
SW_API double sw_sim_now_s(const sw_sim *sim);

/** When something happens next, if no request is submitted before: not before sw_sim_now_s(); INFINITY: nothing. */
SW_API double sw_sim_next_s(const sw_sim *sim);

/** Move the time on to `to_s` and tell the listener what happened until then, in its order. SW_NO_MEMORY. */
SW_API enum sw_status sw_sim_advance(sw_sim *sim, double to_s, struct sw_error *err);

/**
 * A request arrives now at an engine. SW_BAD_INPUT: it can never be served there (longer than max_model_len or than the KV
 * cache), or its id is in flight. An engine that is starting lets it wait.
 */
SW_API enum sw_status sw_sim_submit(sw_sim *sim, size_t tenant,
				    const struct sw_sim_request *request, struct sw_error *err);

/** The client has gone: the request ends now and gives its KV blocks back. False: no such request is in flight. */
SW_API bool sw_sim_cancel(sw_sim *sim, size_t tenant, uint64_t id);

/** Change the share that the mechanism holds an engine to, at once; in (0, 1]. Under timeslice and exclusive no effect. */
SW_API enum sw_status sw_sim_set_share(sw_sim *sim, size_t tenant, double share,
				       struct sw_error *err);

/** Stop an engine and start it again: its requests are aborted, and it loads its weights beside its neighbours. */
SW_API enum sw_status sw_sim_restart(sw_sim *sim, size_t tenant, struct sw_error *err);

/** An engine at this moment; counters run since the beginning. */
struct sw_sim_engine {
	bool ready; /* not starting */
	double ready_s; /* when it was, or will be at the earliest */
	double share;
	uint32_t running, waiting; /* requests */
	uint32_t kv_blocks, kv_blocks_free, kv_block_tokens;
	uint64_t prompt_tokens, cached_tokens,
		generated_tokens; /* computed (without cached), found, made */
	uint64_t ended, aborted, preemptions, steps;
	double gpu_s; /* time in which its kernels ran */
};

SW_API void sw_sim_engine_state(const sw_sim *sim, size_t tenant, struct sw_sim_engine *out);

/** The GPU so far: integrals over time, in seconds (of a fully used resource), joule and seconds. */
struct sw_sim_gpu {
	double busy_s; /* any kernel ran: what NVML calls utilisation */
	double sm_s; /* SMs in use, as a fraction of the GPU: what DCGM calls SM_ACTIVE */
	double dram_s; /* of the datasheet's bandwidth: DRAM_ACTIVE */
	double energy_j;
	double clock_s; /* of the boost clock */
};

SW_API void sw_sim_gpu_state(const sw_sim *sim, struct sw_sim_gpu *out);

/* A mix with its loads, repeated until its means are known. */

/** Intervals of a repetition at whose ends engines and GPU are looked at. */
enum { SW_MOMENTS = 400 };

/** How long and how often. sw_simulate_defaults() has the rules; a caller changes what it wants fixed. */
struct sw_simulate_settings {
	uint64_t seed, world;
	double host_cores; /* as in sw_sim_settings */
	double duration_s; /* of a repetition; NAN: as long as its requests make it (README.md, "How long") */
	unsigned repetitions; /* 0: until every mean is known to `precision`, or the budget ends */
	double precision; /* relative half-width of the means' 95 % intervals */
	uint64_t events_max; /* the budget: a core takes a million or two a second */
	bool alone; /* simulate every engine alone on its slice as well, for slowdowns */
	bool timeline; /* keep the moments of the first repetition: SW_MOMENTS intervals */
	/* Told now and then how much of the budget or of the precision is there, [0, 1]. NULL: nobody listens. */
	void (*progress)(void *context, double fraction);
	void *context;
};

SW_API struct sw_simulate_settings sw_simulate_defaults(void);

/** One request of the first repetition, in the order of arrival. NAN: it was not answered before the end. */
struct sw_simulated_request {
	uint32_t tenant, prompt_tokens, output_tokens, preemptions;
	double arrival_s, ttft_ms, tpot_ms, e2e_ms; /* tpot_ms NAN for one-token outputs too */
	int late; /* 0, 1; -1: no limit */
};

/** One engine or, where tenant is n, the GPU, over one interval of the first repetition. */
struct sw_simulated_moment {
	double time_s; /* the interval's end */
	uint32_t tenant;
	double running, waiting; /* requests at the end; of the GPU the sum */
	double kv_used; /* fraction of the KV cache, at the end; NAN for the GPU */
	double memory_gib; /* weights and used KV cache, at the end */
	double output_tokens_per_s;
	double busy; /* part of the interval with kernels running */
	double sms, dram, power_w, clock; /* of the GPU; NAN for an engine */
};

struct sw_simulated_tenant {
	/* At and bounds as sw_prediction has them, the bounds from the repetitions' spread alone: what the model itself may
	 * miss is a matter of worlds. NAN throughout under overload. */
	struct sw_latency latency[SW_METRIC_COUNT];
	double requests_per_s, output_tokens_per_s;
	double slowdown; /* NAN: not asked for, or overload */
	double running, busy, gpu_busy, kv_used; /* means over time */
	double kv_cache_tokens;
	double preemptions_per_request;
	double warm_up_s; /* longest that was cut from a repetition */
	size_t requests; /* that were counted */
	double late_fraction, excess_late; /* NAN without a limit */
	enum sw_binds binds;
	bool extrapolated;
};

struct sw_simulated {
	size_t n;
	struct sw_simulated_tenant *tenants; /* in the order of the mix */
	unsigned repetitions;
	double duration_s; /* of one */
	bool precise; /* every mean is known to the precision asked for */
	uint64_t events;
	double busy, sms, dram, power_w, clock; /* of the GPU: means over time */
	size_t n_requests, n_moments;
	struct sw_simulated_request *requests;
	struct sw_simulated_moment *moments;
};

/** SW_OK: *out is the caller's. SW_BAD_INPUT: settings or mix; SW_NO_MEMORY. */
SW_API enum sw_status sw_simulate(const struct sw_mix *mix,
				  const struct sw_simulate_settings *settings,
				  struct sw_simulated **out, struct sw_error *err);

/** Release it; NULL is fine. */
SW_API void sw_simulated_free(struct sw_simulated *simulated);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file pacer.h
 * One thread that owns a simulated GPU and moves it along with real time. Others hand it commands; it runs them at the
 * simulated moment at which they were handed over.
 */
#ifndef SLICEWISE_EMULATE_PACER_H
#define SLICEWISE_EMULATE_PACER_H

#include "base/error.h"
#include "slicewise/simulate.h"

/** The GPU behind a table, so that a test may have one of its own. The members are the functions sw_sim_... */
struct sw__gpu_ops {
	enum sw_status (*create)(const struct sw_mix *mix, const struct sw_sim_settings *settings,
				 sw_sim **out, struct sw_error *err);
	void (*destroy)(sw_sim *sim);
	double (*now_s)(const sw_sim *sim);
	double (*next_s)(const sw_sim *sim);
	enum sw_status (*advance)(sw_sim *sim, double to_s, struct sw_error *err);
	enum sw_status (*submit)(sw_sim *sim, size_t tenant, const struct sw_sim_request *request,
				 struct sw_error *err);
	bool (*cancel)(sw_sim *sim, size_t tenant, uint64_t id);
	enum sw_status (*set_share)(sw_sim *sim, size_t tenant, double share, struct sw_error *err);
	enum sw_status (*restart)(sw_sim *sim, size_t tenant, struct sw_error *err);
	void (*engine_state)(const sw_sim *sim, size_t tenant, struct sw_sim_engine *out);
};

/** The simulator of this library. */
extern const struct sw__gpu_ops sw__gpu_simulated;

typedef struct sw__pacer sw__pacer;

/** Embedded in what is to be done. */
struct sw__command {
	struct sw__command *next;
	double at_s; /* of the pacer's clock, when it was posted */
	/* In the pacer's thread; owns the command. `alive` false: the pacer has stopped or failed, only release. */
	void (*run)(void *context, struct sw__command *command, bool alive);
};

struct sw__pacer_settings {
	const struct sw__gpu_ops *ops;
	sw_sim *sim; /* the pacer's thread's alone from the start to the stop */
	double speed; /* simulated seconds per second */
	void *context; /* of the callbacks */
	/* After every event of the simulation, and after every command. */
	void (*looked)(void *context);
	/* The last call of a thread that gives up because the simulator failed. */
	void (*failed)(void *context);
};

/** Time begins: second 0 is now. SW_NO_MEMORY, SW_IO. Release it with sw__pacer_free(). */
enum sw_status sw__pacer_start(const struct sw__pacer_settings *settings, sw__pacer **out,
			       struct sw_error *err);

/** Seconds of CLOCK_MONOTONIC since the start. Any thread. */
double sw__pacer_now_s(const sw__pacer *pacer);

/** Any thread. A pacer that has stopped or failed runs it at once with alive = false. */
void sw__pacer_post(sw__pacer *pacer, struct sw__command *command);

/** SW_OK while it works; else why the simulator failed. Any thread. */
enum sw_status sw__pacer_status(sw__pacer *pacer, struct sw_error *err);

/** End the thread. `now_s` and `post` still work. */
void sw__pacer_stop(sw__pacer *pacer);

/** After the stop; NULL is fine. */
void sw__pacer_free(sw__pacer *pacer);

#endif

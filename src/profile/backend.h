/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file backend.h
 * Where experiments run, behind one table of operations: a simulator, engines somewhere, processes, a GPU.
 */
#ifndef SLICEWISE_PROFILE_BACKEND_H
#define SLICEWISE_PROFILE_BACKEND_H

#include <stdatomic.h>

#include "profile/campaign.h"
#include "profile/run_series.h"

/** What one run gave. */
struct sw__outcome {
	struct sw_measured
		*measured; /* of every engine of the mix; the caller's, all unknown at first */
	double duration_s, started_s; /* as in sw_run */
	struct sw_machine machine;
	struct sw__run_series series;
};

struct sw__backend;

struct sw__backend_ops {
	bool parallel; /* run() may be called by several threads at once */
	/* Once, before the first experiment. SW_IO, SW_BAD_INPUT: nothing can run. */
	enum sw_status (*open)(struct sw__backend *backend, struct sw_error *err);
	/* The experiment's engines are there once it returns. On failure nothing of them is left. May be NULL. */
	enum sw_status (*prepare)(struct sw__backend *backend, const struct sw_experiment *e,
				  struct sw_error *err);
	/* One run of it. A failure is the run's, not the campaign's. */
	enum sw_status (*run)(struct sw__backend *backend, const struct sw_experiment *e,
			      unsigned repeat, struct sw__outcome *out, struct sw_error *err);
	/* The experiment is over. May be NULL. */
	void (*finish)(struct sw__backend *backend);
	/* Release what open() made; also after it failed. May be NULL. */
	void (*close)(struct sw__backend *backend);
};

struct sw__backend {
	const struct sw__backend_ops *ops;
	const sw_campaign *campaign;
	const atomic_bool *stop; /* set by anybody: run() returns soon with a failure */
	void *self; /* the backend's own */
};

extern const struct sw__backend_ops sw__backend_simulator, sw__backend_endpoints,
	sw__backend_processes, sw__backend_replay;

/** The backend of a campaign's section. */
const struct sw__backend_ops *sw__backend_of(enum sw_source source);

/** Whether somebody wants an end. */
static inline bool sw__stopped(const struct sw__backend *backend)
{
	return atomic_load_explicit(backend->stop, memory_order_relaxed);
}

/** Everything unknown. */
struct sw_measured sw__nothing_measured(void);

#endif

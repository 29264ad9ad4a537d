/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file oracle.h
 * What the planner asks about engines, as a table of operations: the real one asks the catalogue and the predictor; tests
 * bring their own, so that the search is judged without either.
 */
#ifndef SLICEWISE_PLAN_ORACLE_H
#define SLICEWISE_PLAN_ORACLE_H

#include "plan/play_book.h"
#include "predict/correction.h"
#include "slicewise/plan.h"

struct sw__oracle {
	void *context;

	/**
	 * Complete tenant->engine (its batch limits are set) for fleet entry `fleet`, and tenant->slice.memory_gib so that the
	 * KV cache holds what the load of workload `workload` needs. SW_INFEASIBLE, SW_BAD_INPUT: not on this kind of GPU,
	 * and err says why.
	 */
	enum sw_status (*settle)(void *context, size_t workload, size_t fleet,
				 struct sw_tenant *tenant, struct sw_error *err);

	/** Whether a settled tenant's memory suffices for what the engine needs to start: sw_memory_fit(). */
	enum sw_status (*check_memory)(void *context, size_t fleet, const struct sw_tenant *tenant,
				       struct sw_error *err);

	/** sw_prepare() for a settled tenant of a workload on fleet entry `fleet`. *out goes back through release(). */
	enum sw_status (*prepare)(void *context, size_t workload, size_t fleet,
				  const struct sw_tenant *tenant, sw_prepared **out,
				  struct sw_error *err);
	void (*release)(sw_prepared *prepared);

	/** sw_prepared_set_rate(). */
	void (*set_rate)(sw_prepared *prepared, double rate);

	/** sw_predict(). */
	void (*predict)(enum sw_mechanism mechanism, const sw_prepared *const *tenants, size_t n,
			struct sw_prediction *out);

	/** What predict() says of tenant `i`; NULL: predict() must be asked. */
	void (*predict_one)(enum sw_mechanism mechanism, const sw_prepared *const *tenants,
			    size_t n, size_t i, struct sw_prediction *out);

	/** How much longer neighbours make what an engine does take, 1 and more; NAN: not one number. NULL: not known. */
	void (*stretches)(enum sw_mechanism mechanism, const sw_prepared *const *tenants, size_t n,
			  double *out);

	/** sw__pressure(), sw__pressure_beside(), sw__predict_pressed(); all NULL: nobody feels anybody's. */
	double (*pressure)(enum sw_mechanism mechanism, const sw_prepared *prepared);
	double (*pressure_beside)(enum sw_mechanism mechanism, const sw_prepared *prepared,
				  double others);
	void (*predict_pressed)(enum sw_mechanism mechanism, const sw_prepared *prepared,
				double pressure, struct sw_prediction *out);

	/** sw__play_book_get(), with a book of this oracle's. NULL: nobody plays. */
	enum sw_status (*play)(void *context, const struct sw__play_job *job,
			       struct sw_prediction *out, struct sw_error *err);
	/** sw__play_book_fetch(): those that play() will be asked for, together. There where play() is. */
	enum sw_status (*play_ahead)(void *context, const struct sw__play_job *jobs, size_t n,
				     struct sw_error *err);

	/**
	 * What bounds of a workload's engines on a fleet entry, with CUDA graphs or without, are corrected by, of all that prepare() made
	 * and will make. NULL, or NULL returned: by nothing.
	 */
	struct sw__correction *(*correction)(void *context, size_t workload, size_t fleet,
					     bool cuda_graphs);

	/** sw_predict_max_rates(). */
	void (*max_rates)(enum sw_mechanism mechanism, const sw_prepared *const *tenants, size_t n,
			  struct sw_prediction *out);
};

/**
 * The real oracle for `problem`, which must outlive it. SW_OK: release it with sw__oracle_close(); SW_BAD_INPUT: a GPU
 * without any calibration.
 */
enum sw_status sw__oracle_open(const struct sw_problem *problem, struct sw__oracle *out,
			       struct sw_error *err);
void sw__oracle_close(struct sw__oracle *oracle);

#endif

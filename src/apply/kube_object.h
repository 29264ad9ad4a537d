/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file kube_object.h
 * An engine of a plan as Kubernetes objects for a cluster with HAMi: a Deployment for each, because where a pod goes is written in its template and
 * two replicas on different GPUs are two templates; a Service for each workload, over all its engines.
 *
 * An engine is bound to its GPU by `nvidia.com/use-gpuuuid` and to its node by a selector (HAMi refuses pods that name their node). Its core limit is
 * written only where it binds: HAMi's limiter does not see launches of CUDA graphs. The policy `force` keeps the limit on; without it
 * HAMi switches it as neighbours come and go.
 */
#ifndef SLICEWISE_APPLY_KUBE_OBJECT_H
#define SLICEWISE_APPLY_KUBE_OBJECT_H

#include <jansson.h>

#include "apply/inventory.h"
#include "plan/engine_args.h"
#include "slicewise/plan.h"

enum { SW__KUBE_NAME_MAX = 64, SW__ENGINE_PORT = 8000 };

struct sw__kube_engine {
	const char *workload; /* as the plan calls it */
	unsigned replica;
	const char *name_space; /* NULL: whichever kubectl takes */
	const char *image; /* NULL: one that has the engine, of its version where one is given */
	const struct sw_tenant *tenant;
	enum sw_mechanism mechanism; /* hami, timeslice or exclusive */
	const struct sw_gpu *kind;
	const struct sw__real_gpu *gpu;
	const char *plan_gpu; /* "a100-sxm4-80gb/0", for people */
};

/** "chat-0": workload and replica as a name of Kubernetes (RFC 1123, at most 63 characters); what was cut is replaced by a hash of all of it. */
void sw__kube_name(const char *workload, long replica, char out[SW__KUBE_NAME_MAX]);

/** What HAMi is asked for. */
struct sw__hami_request {
	unsigned memory_mib; /* rounded down: what all of a GPU are given goes on it */
	unsigned cores_percent; /* rounded to the nearest; 0: no limit */
};

struct sw__hami_request sw__hami_request(const struct sw_tenant *tenant,
					 enum sw_mechanism mechanism);

/** The Deployment. SW_BAD_INPUT as sw__engine_args(); SW_NO_MEMORY; what sw_memory_fit() says of its slice. *out is the caller's, json_decref(). */
enum sw_status sw__kube_deployment(const struct sw__kube_engine *engine, json_t **out,
				   struct sw_error *err);

/** The Service of a workload. NULL: no memory. */
json_t *sw__kube_service(const char *workload, const char *name_space);

#endif

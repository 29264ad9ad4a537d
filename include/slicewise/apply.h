/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file apply.h
 * A plan brought to where engines run: as manifests for a Kubernetes cluster with HAMi (src/apply/README.md).
 *
 *     sw_plan_mixes_load(catalog, "plan.json", &plan, &err);
 *     sw_manifests_make(catalog, plan, "nodes.json", NULL, &manifests, &err);   nothing is written yet
 *     sw_manifests_save(manifests, "out", &err);
 *     sw_manifests_free(manifests);
 */
#ifndef SLICEWISE_APPLY_H
#define SLICEWISE_APPLY_H

#include "slicewise/plan.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sw_manifest_settings {
	const char *name_space; /* NULL: none is written, and kubectl's counts */
	const char *
		image; /* of all engines; NULL: the engine's own, of its version where the plan has one */
};

/** One YAML file. */
struct sw_manifest {
	char name[80]; /* "chat.yaml" */
	char *text;
	size_t size;
};

/** Where an engine goes, and what HAMi is asked for. */
struct sw_seated_engine {
	char workload[SW_NAME_MAX];
	unsigned replica;
	char plan_gpu[SW_NAME_MAX]; /* "a100-sxm4-80gb/0" */
	char uuid[96], node[254];
	unsigned memory_mib;
	unsigned cores_percent; /* 0: no limit, because none would bind */
};

struct sw_manifests {
	size_t n_files;
	struct sw_manifest *files; /* by name; one for each workload */
	size_t n_engines;
	struct sw_seated_engine *engines; /* by workload and replica */
};

/**
 * Manifests of a plan for the nodes in a file (what `kubectl get nodes -o json` prints), on which HAMi registered its GPUs. `settings` NULL: as if all
 * were NULL. SW_BAD_INPUT: no nodes, a mechanism that HAMi does not have; SW_INFEASIBLE: the nodes lack healthy GPUs of a kind, or one is registered
 * with less than the plan gives away; SW_IO. *out is the caller's, release it with sw_manifests_free(). The same input gives the same bytes.
 */
SW_API enum sw_status sw_manifests_make(const sw_catalog *catalog, const struct sw_plan_mixes *plan,
					const char *nodes_path,
					const struct sw_manifest_settings *settings,
					struct sw_manifests **out, struct sw_error *err);

/**
 * Write the files into a folder, which is made where it is not there; each as a whole or not at all. Other files in it are left alone.
 * SW_IO.
 */
SW_API enum sw_status sw_manifests_save(const struct sw_manifests *manifests, const char *folder,
					struct sw_error *err);

/** Release it; NULL is fine. */
SW_API void sw_manifests_free(struct sw_manifests *manifests);

#ifdef __cplusplus
}
#endif

#endif

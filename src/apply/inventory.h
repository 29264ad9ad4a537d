/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file inventory.h
 * The GPUs of a cluster as HAMi registers them on its nodes, and what of the catalogue they are.
 *
 * HAMi's device plugin writes `hami.io/node-nvidia-register` on each node: a JSON list of
 * {id, index, count, devmem (MiB), devcore, type, numa, mode, health}, in which zero and false are left out.
 */
#ifndef SLICEWISE_APPLY_INVENTORY_H
#define SLICEWISE_APPLY_INVENTORY_H

#include <jansson.h>

#include "slicewise/catalog.h"

enum { SW__UUID_MAX = 96, SW__NODE_NAME_MAX = 254 };

struct sw__real_gpu {
	char uuid[SW__UUID_MAX], node[SW__NODE_NAME_MAX];
	char type[SW_NAME_MAX]; /* as HAMi says it */
	char gpu[SW_NAME_MAX]; /* the catalogue's id; "": none of it */
	unsigned index, tenants; /* how many may share it */
	double memory_mib, cores_percent; /* that may be given away: HAMi may scale both */
	bool healthy;
};

/** In the order of nodes' names, then indices. */
struct sw__inventory {
	size_t n;
	struct sw__real_gpu *gpu;
};

/**
 * From a list of nodes as the API server gives it ({"kind": "List" or "NodeList", "items": [...]}) or one node. Nodes without the annotation have
 * none. `name` is what messages call it. SW_BAD_INPUT: no list of nodes, or an annotation that is none: names the node. *out is the caller's,
 * sw__inventory_free() in any case.
 */
enum sw_status sw__inventory_read(const sw_catalog *catalog, const json_t *nodes, const char *name,
				  struct sw__inventory *out, struct sw_error *err);

/** The same from a file, "-" for standard input is the caller's affair. SW_IO. */
enum sw_status sw__inventory_load(const sw_catalog *catalog, const char *path,
				  struct sw__inventory *out, struct sw_error *err);

void sw__inventory_free(struct sw__inventory *inventory);

#endif

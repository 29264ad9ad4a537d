// SPDX-License-Identifier: Apache-2.0
#include "apply/inventory.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

static const char annotation[] = "hami.io/node-nvidia-register";

enum { FILE_MAX = 256 << 20, ID_MAX = 96 };

/* Letters and digits; without who made it, which HAMi says twice and drivers leave out for old products. */
static void normalise(const char *name, char out[ID_MAX])
{
	static const char *const makers[] = {"nvidia", "tesla", "quadro"};
	size_t n = 0;
	bool cut = true;

	for (; *name && n + 1 < ID_MAX; name++)
		if (isalnum((unsigned char)*name))
			out[n++] = (char)tolower((unsigned char)*name);
	out[n] = '\0';
	while (cut) {
		cut = false;
		for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]); i++) {
			size_t length = strlen(makers[i]);

			if (strncmp(out, makers[i], length) != 0)
				continue;
			memmove(out, out + length, strlen(out + length) + 1);
			cut = true;
		}
	}
}

static void find_type(const sw_catalog *catalog, struct sw__real_gpu *gpu)
{
	char wanted[ID_MAX], known[ID_MAX];
	struct sw_gpu of_catalog;

	normalise(gpu->type, wanted);
	for (size_t i = 0; i < sw_catalog_gpu_count(catalog); i++) {
		const char *id = sw_catalog_gpu_id(catalog, i);

		if (sw_catalog_gpu(catalog, id, &of_catalog, NULL) != SW_OK)
			continue;
		normalise(of_catalog.name, known);
		if (strcmp(wanted, known) == 0) {
			(void)snprintf(gpu->gpu, sizeof(gpu->gpu), "%s", id);
			return;
		}
	}
}

static enum sw_status refuse(struct sw_error *err, const char *file, const char *node,
			     const char *what)
{
	return sw_fail(err, SW_BAD_INPUT, "%s: node %s: %s: found %s", file, node, annotation,
		       what);
}

static struct sw__real_gpu *one_more(struct sw__inventory *inventory)
{
	struct sw__real_gpu *grown =
		realloc(inventory->gpu, (inventory->n + 1) * sizeof(*inventory->gpu));

	if (!grown)
		return NULL;
	inventory->gpu = grown;
	grown[inventory->n] = (struct sw__real_gpu){0};
	return &grown[inventory->n++];
}

static double number_at(const json_t *device, const char *key)
{
	return json_number_value(json_object_get(device, key));
}

/* What others wrote is taken for no more than it is: lengths are cut, numbers checked. */
static enum sw_status add_device(const sw_catalog *catalog, const char *file, const char *node,
				 const json_t *device, struct sw__inventory *out,
				 struct sw_error *err)
{
	const char *uuid = json_string_value(json_object_get(device, "id"));
	const char *type = json_string_value(json_object_get(device, "type"));
	double count = number_at(device, "count"), memory = number_at(device, "devmem");
	double index = number_at(device, "index");
	struct sw__real_gpu *gpu;

	if (!uuid || !*uuid || strlen(uuid) >= SW__UUID_MAX)
		return refuse(err, file, node, "a device without an id, expected its UUID");
	if (!(count >= 0 && count <= 1000 && memory >= 0 && memory <= 1e9 && index >= 0 &&
	      index <= 1000))
		return refuse(err, file, node,
			      "a device with a count, devmem or index that is none");
	gpu = one_more(out);
	if (!gpu)
		return sw_fail(err, SW_NO_MEMORY, "%s: %zu GPUs", file, out->n);
	(void)snprintf(gpu->uuid, sizeof(gpu->uuid), "%s", uuid);
	(void)snprintf(gpu->node, sizeof(gpu->node), "%s", node);
	(void)snprintf(gpu->type, sizeof(gpu->type), "%s", type ? type : "");
	gpu->index = (unsigned)index;
	gpu->tenants = (unsigned)count;
	gpu->memory_mib = memory;
	gpu->cores_percent = number_at(device, "devcore");
	gpu->healthy = json_is_true(json_object_get(device, "health"));
	find_type(catalog, gpu);
	return SW_OK;
}

static enum sw_status add_node(const sw_catalog *catalog, const char *file, const json_t *node,
			       struct sw__inventory *out, struct sw_error *err)
{
	const json_t *metadata = json_object_get(node, "metadata");
	const char *name = json_string_value(json_object_get(metadata, "name"));
	const char *text = json_string_value(
		json_object_get(json_object_get(metadata, "annotations"), annotation));
	enum sw_status st = SW_OK;
	json_t *devices;
	size_t i;
	const json_t *device;

	if (!name || !*name || strlen(name) >= SW__NODE_NAME_MAX)
		return sw_fail(err, SW_BAD_INPUT,
			       "%s: found an item without metadata.name, expected nodes", file);
	if (!text)
		return SW_OK;
	devices = json_loads(text, 0, NULL);
	if (!json_is_array(devices))
		st = refuse(err, file, name,
			    "no JSON list of devices (HAMi 2.4 and later write one)");
	json_array_foreach(devices, i, device)
	{
		if (st == SW_OK)
			st = add_device(catalog, file, name, device, out, err);
	}
	json_decref(devices);
	return st;
}

static int by_node_and_index(const void *a, const void *b)
{
	const struct sw__real_gpu *x = a, *y = b;
	int order = strcmp(x->node, y->node);

	if (order == 0)
		order = (x->index > y->index) - (x->index < y->index);
	return order ? order : strcmp(x->uuid, y->uuid);
}

static enum sw_status check_unique(const struct sw__inventory *out, const char *name,
				   struct sw_error *err)
{
	for (size_t i = 0; i < out->n; i++)
		for (size_t k = i + 1; k < out->n; k++)
			if (strcmp(out->gpu[i].uuid, out->gpu[k].uuid) == 0)
				return sw_fail(err, SW_BAD_INPUT,
					       "%s: GPU %s is on nodes %s and %s, expected once",
					       name, out->gpu[i].uuid, out->gpu[i].node,
					       out->gpu[k].node);
	return SW_OK;
}

enum sw_status sw__inventory_read(const sw_catalog *catalog, const json_t *nodes, const char *name,
				  struct sw__inventory *out, struct sw_error *err)
{
	const json_t *items = json_object_get(nodes, "items"), *node;
	enum sw_status st = SW_OK;
	size_t i;

	*out = (struct sw__inventory){0};
	if (json_is_array(items)) {
		json_array_foreach(items, i, node)
		{
			if (st == SW_OK)
				st = add_node(catalog, name, node, out, err);
		}
	} else if (json_is_object(json_object_get(nodes, "metadata"))) {
		st = add_node(catalog, name, nodes, out, err);
	} else {
		st = sw_fail(
			err, SW_BAD_INPUT,
			"%s: found no list of nodes, expected what `kubectl get nodes -o json` "
			"prints",
			name);
	}
	if (st == SW_OK && out->n > 0)
		qsort(out->gpu, out->n, sizeof(*out->gpu), by_node_and_index);
	return st == SW_OK ? check_unique(out, name, err) : st;
}

enum sw_status sw__inventory_load(const sw_catalog *catalog, const char *path,
				  struct sw__inventory *out, struct sw_error *err)
{
	struct sw_text text = {0};
	json_error_t where;
	json_t *nodes;
	enum sw_status st = sw_file_read(path, FILE_MAX, &text, err);

	*out = (struct sw__inventory){0};
	if (st != SW_OK)
		return st;
	nodes = json_loadb(sw_text_string(&text), text.size, 0, &where);
	st = nodes ? sw__inventory_read(catalog, nodes, path, out, err)
		   : sw_fail(err, SW_BAD_INPUT, "%s:%d: %s, expected JSON", path, where.line,
			     where.text);
	json_decref(nodes);
	sw_text_free(&text);
	return st;
}

void sw__inventory_free(struct sw__inventory *inventory)
{
	free(inventory->gpu);
	*inventory = (struct sw__inventory){0};
}

// SPDX-License-Identifier: Apache-2.0
#include "lookup.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "must.h"
#include "report.h"

bool lookup_is_path(const char *name)
{
	static const char suffix[] = ".json";
	size_t size = strlen(name), ending = sizeof(suffix) - 1;

	return strchr(name, '/') || (size > ending && strcmp(name + size - ending, suffix) == 0);
}

/* The catalogue takes a path too, but for it a missing file is a fault of the file that names it. */
enum sw_status lookup_gpu(const sw_catalog *catalog, const char *name, struct sw_gpu *out,
			  struct sw_error *err)
{
	return lookup_is_path(name) ? sw_gpu_read(name, out, err)
				    : sw_catalog_gpu(catalog, name, out, err);
}

enum sw_status lookup_model(const sw_catalog *catalog, const char *name, struct sw_model *out,
			    struct sw_error *err)
{
	return lookup_is_path(name) ? sw_model_read(name, out, err)
				    : sw_catalog_model(catalog, name, out, err);
}

json_t *lookup_json(const char *path)
{
	static const char byte_order_mark[] = {'\xef', '\xbb', '\xbf'};
	char first[sizeof(byte_order_mark)];
	FILE *file = fopen(path, "rb");
	json_t *root;

	if (!file)
		return NULL;
	if (fread(first, 1, sizeof(first), file) != sizeof(first) ||
	    memcmp(first, byte_order_mark, sizeof(first)) != 0)
		rewind(file);
	root = json_loadf(file, 0, NULL);
	(void)fclose(file);
	return root;
}

/*
 * GPU files say what they are; every other file is taken for a config.json, whose reader says what is wrong. The library
 * reads more than JSON (gzip): it has the last word.
 */
static enum lookup_kind kind_of_file(const char *path)
{
	json_t *root = lookup_json(path);
	struct sw_gpu gpu;
	bool is_gpu = root ? json_object_get(root, "format") != NULL
			   : sw_gpu_read(path, &gpu, NULL) == SW_OK;

	json_decref(root);
	return is_gpu ? LOOKUP_GPU : LOOKUP_MODEL;
}

/* The ids that a part of a name leads to: "a100" is not a slip of "a10". */
static char *ids_with(const char *part, const char *const *ids, size_t n)
{
	char *found = must_format("%s", "");

	for (size_t i = 0; i < n; i++) {
		char *longer;

		if (!*part || !strstr(ids[i], part))
			continue;
		longer = must_format("%s%s%s", found, *found ? ", " : "", ids[i]);
		free(found);
		found = longer;
	}
	return found;
}

static enum sw_status unknown_id(const char *name, const char *const *ids, size_t n,
				 struct sw_error *err)
{
	const char *nearest = sw_nearest(name, ids, n);
	char *longer = ids_with(name, ids, n);

	if (*longer)
		(void)fail(err, SW_BAD_INPUT, "unknown id %s; did you mean %s?", name, longer);
	else if (nearest)
		(void)fail(err, SW_BAD_INPUT, "unknown id %s; did you mean %s?", name, nearest);
	else
		(void)fail(err, SW_BAD_INPUT, "unknown id %s; slicewise catalog lists them", name);
	free(longer);
	return SW_BAD_INPUT;
}

enum sw_status lookup_kind(const sw_catalog *catalog, const char *name, enum lookup_kind *out,
			   struct sw_error *err)
{
	size_t gpus = sw_catalog_gpu_count(catalog), n = gpus + sw_catalog_model_count(catalog);
	enum sw_status st = SW_OK;
	const char **ids;
	size_t found;

	if (lookup_is_path(name)) {
		*out = kind_of_file(name);
		return SW_OK;
	}
	ids = must_alloc(n, sizeof(*ids));
	for (size_t i = 0; i < n; i++)
		ids[i] = i < gpus ? sw_catalog_gpu_id(catalog, i)
				  : sw_catalog_model_id(catalog, i - gpus);
	for (found = 0; found < n && strcmp(ids[found], name) != 0; found++)
		;
	*out = found < gpus ? LOOKUP_GPU : LOOKUP_MODEL;
	if (found == n)
		st = unknown_id(name, ids, n, err);
	free(ids);
	return st;
}

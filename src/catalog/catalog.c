// SPDX-License-Identifier: Apache-2.0
/* The embedded data files by id, and the rule what is an id and what a path. */
#include "slicewise/catalog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/embedded.h"
#include "base/text.h"
#include "catalog/readers.h"

/* How many ids a refusal proposes, and the largest share of a name that may differ. */
enum { NEAREST_MAX = 3 };

/* One folder of the embedded files: a run of consecutive entries, since they are sorted by name. */
struct shelf {
	const char *folder, *what;
	size_t count;
	char (*ids)[SW_NAME_MAX];
	const struct sw__embedded *files;
};

struct sw_catalog {
	struct shelf gpus, models;
};

static const char suffix[] = ".json";

static bool on_shelf(const struct shelf *shelf, const struct sw__embedded *file)
{
	size_t size = strlen(shelf->folder);

	return strncmp(file->name, shelf->folder, size) == 0 && file->name[size] == '/';
}

static enum sw_status fill_id(struct shelf *shelf, size_t i, struct sw_error *err)
{
	return sw__id_from_path(shelf->files[i].name, shelf->ids[i], err);
}

/*
 * The files are sorted by name with ".json"; ids are not: "a.1.json" < "a.json", but "a" < "a.1".
 */
static int compare_ids(const void *a, const void *b)
{
	return strcmp(a, b);
}

static enum sw_status fill_shelf(struct shelf *shelf, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (size_t i = 0; i < sw__embedded_count; i++) {
		if (!on_shelf(shelf, &sw__embedded_files[i]))
			continue;
		if (!shelf->files)
			shelf->files = &sw__embedded_files[i];
		shelf->count++;
	}
	shelf->ids = calloc(shelf->count + 1, sizeof(*shelf->ids));
	if (!shelf->ids)
		return sw_fail(err, SW_NO_MEMORY, "catalogue of %zu files", shelf->count);
	for (size_t i = 0; st == SW_OK && i < shelf->count; i++)
		st = fill_id(shelf, i, err);
	qsort(shelf->ids, shelf->count, sizeof(*shelf->ids), compare_ids);
	return st;
}

enum sw_status sw_catalog_open(sw_catalog **out, struct sw_error *err)
{
	sw_catalog *catalog = calloc(1, sizeof(*catalog));
	enum sw_status st;

	*out = NULL;
	if (!catalog)
		return sw_fail(err, SW_NO_MEMORY, "catalogue");
	catalog->gpus = (struct shelf){.folder = "gpus", .what = "GPU"};
	catalog->models = (struct shelf){.folder = "models", .what = "model"};
	st = fill_shelf(&catalog->gpus, err);
	if (st == SW_OK)
		st = fill_shelf(&catalog->models, err);
	if (st != SW_OK) {
		sw_catalog_free(catalog);
		return st;
	}
	*out = catalog;
	return SW_OK;
}

void sw_catalog_free(sw_catalog *catalog)
{
	if (!catalog)
		return;
	free(catalog->gpus.ids);
	free(catalog->models.ids);
	free(catalog);
}

size_t sw_catalog_gpu_count(const sw_catalog *catalog)
{
	return catalog->gpus.count;
}

size_t sw_catalog_model_count(const sw_catalog *catalog)
{
	return catalog->models.count;
}

const char *sw_catalog_gpu_id(const sw_catalog *catalog, size_t i)
{
	return i < catalog->gpus.count ? catalog->gpus.ids[i] : NULL;
}

const char *sw_catalog_model_id(const sw_catalog *catalog, size_t i)
{
	return i < catalog->models.count ? catalog->models.ids[i] : NULL;
}

static const struct sw__embedded *find_file(const struct shelf *shelf, const char *id)
{
	char name[SW_NAME_MAX + 16];

	if (strlen(id) >= SW_NAME_MAX)
		return NULL;
	(void)snprintf(name, sizeof(name), "%s/%s%s", shelf->folder, id, suffix);
	return sw__embedded_find(name);
}

const char *sw_catalog_gpu_text(const sw_catalog *catalog, const char *id)
{
	const struct sw__embedded *file = find_file(&catalog->gpus, id);

	return file ? file->text : NULL;
}

const char *sw_catalog_model_text(const sw_catalog *catalog, const char *id)
{
	const struct sw__embedded *file = find_file(&catalog->models, id);

	return file ? file->text : NULL;
}

struct near {
	size_t distance;
	const char *id;
};

static int compare_near(const void *a, const void *b)
{
	const struct near *x = a, *y = b;

	if (x->distance != y->distance)
		return x->distance < y->distance ? -1 : 1;
	return strcmp(x->id, y->id);
}

/*
 * A part of a name ("a100", "llama") is as near as a slip of the keyboard: what comes beside it
 * does not count.
 */
static size_t distance_to(const char *id, const char *wanted)
{
	return *wanted && strstr(id, wanted) ? 1 : sw_edit_distance(id, wanted);
}

static enum sw_status refuse_id(const struct shelf *shelf, const char *id, struct sw_error *err)
{
	struct near *near = calloc(shelf->count + 1, sizeof(*near));
	struct sw_text text = {0};
	enum sw_status st;

	if (!near)
		return sw_fail(err, SW_NO_MEMORY, "catalogue");
	for (size_t i = 0; i < shelf->count; i++)
		near[i] = (struct near){distance_to(shelf->ids[i], id), shelf->ids[i]};
	qsort(near, shelf->count, sizeof(*near), compare_near);
	for (size_t i = 0; i < shelf->count && i < NEAREST_MAX; i++)
		sw_text_addf(&text, "%s%s", i ? ", " : "", near[i].id);
	st = sw_fail(err, SW_BAD_INPUT,
		     "unknown %s \"%.96s\"; nearest ids: %s (or the path of a .json file)",
		     shelf->what, id, sw_text_string(&text));
	sw_text_free(&text);
	free(near);
	return st;
}

bool sw__is_path(const char *name)
{
	size_t size = strlen(name), ending = strlen(suffix);

	return strchr(name, '/') || (size > ending && strcmp(name + size - ending, suffix) == 0);
}

/*
 * The document behind an id or a path, and the id to call it by. A file named inside another file
 * that is missing is bad input of that file, not a failure of the world.
 */
static enum sw_status load(const struct shelf *shelf, const char *id_or_path,
			   struct sw_document **out, char id[SW_NAME_MAX], struct sw_error *err)
{
	bool path = sw__is_path(id_or_path);
	const struct sw__embedded *file = path ? NULL : find_file(shelf, id_or_path);
	enum sw_status st;

	*out = NULL;
	if (path) {
		st = sw__id_from_path(id_or_path, id, err);
		if (st == SW_OK)
			st = sw_document_load(id_or_path, out, err);
		if (st == SW_IO && err)
			err->status = SW_BAD_INPUT;
		return st == SW_IO ? SW_BAD_INPUT : st;
	}
	if (!file)
		return refuse_id(shelf, id_or_path, err);
	(void)sw_copy_name(id, SW_NAME_MAX, id_or_path);
	return sw_document_parse(file->text, file->size, file->name, SW_FORMAT_JSON, out, err);
}

enum sw_status sw_catalog_gpu(const sw_catalog *catalog, const char *id_or_path, struct sw_gpu *out,
			      struct sw_error *err)
{
	char id[SW_NAME_MAX];
	struct sw_document *document;
	enum sw_status st = load(&catalog->gpus, id_or_path, &document, id, err);

	if (st == SW_OK)
		st = sw__gpu_from_node(sw_document_root(document), out, err);
	sw_document_free(document);
	return st;
}

enum sw_status sw_catalog_model(const sw_catalog *catalog, const char *id_or_path,
				struct sw_model *out, struct sw_error *err)
{
	char id[SW_NAME_MAX];
	struct sw_document *document;
	enum sw_status st = load(&catalog->models, id_or_path, &document, id, err);

	if (st == SW_OK)
		st = sw__model_from_node(sw_document_root(document), id, out, err);
	sw_document_free(document);
	return st;
}

double sw_catalog_model_published(const sw_catalog *catalog, const char *id)
{
	const struct sw__embedded *file = find_file(&catalog->models, id);
	struct sw_document *document = NULL;
	double published = NAN;

	if (file && sw_document_parse(file->text, file->size, file->name, SW_FORMAT_JSON, &document,
				      NULL) == SW_OK)
		published = sw__published_parameters(sw_document_root(document));
	sw_document_free(document);
	return published;
}

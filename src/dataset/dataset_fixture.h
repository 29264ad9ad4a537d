/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dataset_fixture.h
 * Runs, folders and files for the tests of data sets.
 */
#ifndef SLICEWISE_DATASET_DATASET_FIXTURE_H
#define SLICEWISE_DATASET_DATASET_FIXTURE_H

#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "check.h"
#include "dataset/runs.h"
#include "predict/mix_read.h"

static sw_catalog *catalog;
static struct sw_error err;
static char folder[64];

/* A path in the test's own folder; the next but three calls use the same array again. */
static inline const char *path_of(const char *name)
{
	static char paths[4][128];
	static unsigned next;
	char *path = paths[next++ % 4];

	(void)snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

static inline const char *put_file(const char *name, const char *text)
{
	const char *path = path_of(name);

	CHECK_INT(sw_file_write(path, text, strlen(text), NULL), SW_OK);
	return path;
}

/* Bytes as they are; not unpacked. */
static inline struct sw_text bytes_of(const char *path)
{
	struct sw_text text = {0};
	FILE *file = fopen(path, "rb");
	char chunk[4096];
	size_t got;

	while (file && (got = fread(chunk, 1, sizeof(chunk), file)) > 0)
		sw_text_add(&text, chunk, got);
	if (file)
		(void)fclose(file);
	return text;
}

/* Releases both. */
static inline void check_same_bytes(struct sw_text before, struct sw_text after)
{
	CHECK_INT(before.size, after.size);
	if (before.data && after.data && before.size == after.size)
		CHECK(memcmp(before.data, after.data, before.size) == 0);
	sw_text_free(&before);
	sw_text_free(&after);
}

static const char two_engines[] =
	"{\"gpu\": \"a100-sxm4-80gb\", \"mechanism\": \"mps\", \"tenants\": ["
	"{\"name\": \"chat\", \"model\": \"qwen3-4b\", \"share\": 0.5, \"memory_gib\": 30,"
	" \"engine\": {\"max_num_seqs\": 32, \"cuda_graphs\": false},"
	" \"load\": {\"rate\": 2.5, \"prompt_tokens\": 500, \"output_tokens\": 100}},"
	"{\"name\": \"code\", \"model\": \"qwen3-0.6b\", \"share\": 0.3, \"memory_gib\": 20,"
	" \"load\": {\"concurrency\": 4, \"prompt_tokens\": 300, \"output_tokens\": 50},"
	" \"slo\": {\"ttft_p95_ms\": 500}}]}";

static inline struct sw_mix *mix_of(const char *json)
{
	struct sw_mix *mix = NULL;

	if (!CHECK(sw__mix_parse(catalog, json, "mix", &mix, &err) == SW_OK))
		printf("    %s\n", err.message);
	return mix;
}

/* A run whose every number is another one, counted from `base`. */
static inline struct sw_run run_of(const char *experiment, unsigned repeat, double base)
{
	struct sw_run run = {.repeat = repeat,
			     .mix = mix_of(two_engines),
			     .source = SW_SOURCE_SIMULATOR,
			     .seed = 18446744073709551615U,
			     .duration_s = 60.25,
			     .started_s = NAN,
			     .origin = strdup("a test"),
			     .machine = {"535.1", "a CPU", 64},
			     .n_software = 2};

	(void)sw_copy_name(run.experiment, sizeof(run.experiment), experiment);
	run.measured = calloc(2, sizeof(*run.measured));
	run.software = calloc(2, sizeof(*run.software));
	(void)sw_copy_name(run.software[0].name, SW_NAME_MAX, "slicewise");
	(void)sw_copy_name(run.software[0].version, SW_NAME_MAX, "0.1.0");
	(void)sw_copy_name(run.software[1].name, SW_NAME_MAX, "vllm");
	(void)sw_copy_name(run.software[1].version, SW_NAME_MAX, "0.10");
	for (size_t t = 0; t < 2; t++) {
		for (size_t i = 0; i < SW__MEASURED; i++)
			*sw__measured_at(&run.measured[t], i) =
				base + 20.0 * (double)t + (double)i / 3;
	}
	run.measured[1].kv_used = NAN;
	return run;
}

static inline void check_same_measured(struct sw_measured *a, struct sw_measured *b)
{
	for (size_t i = 0; i < SW__MEASURED; i++)
		CHECK_NEAR(*sw__measured_at(a, i), *sw__measured_at(b, i), 0);
}

/* Mixes are the same where they are written the same. */
static inline void check_same_mix(const struct sw_mix *a, const struct sw_mix *b)
{
	char *one = NULL, *other = NULL;

	CHECK_INT(sw_mix_to_json(NULL, a, &one, &err), SW_OK);
	CHECK_INT(sw_mix_to_json(NULL, b, &other, &err), SW_OK);
	CHECK_STR(one, other);
	free(one);
	free(other);
}

static inline int dataset_main(void)
{
	char command[128];
	int status;

	(void)snprintf(folder, sizeof(folder), "/tmp/slicewise-dataset-XXXXXX");
	if (sw_catalog_open(&catalog, NULL) != SW_OK || !mkdtemp(folder))
		return 1;
	status = check_main();
	sw_catalog_free(catalog);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command) ? 1 : status;
}

#endif

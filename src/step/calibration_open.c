// SPDX-License-Identifier: Apache-2.0
/* Which calibration a GPU gets: its own, a file's, or that of the nearest measured one. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/embedded.h"
#include "base/text.h"
#include "step/calibration.h"

/* The nearest measured GPU of an architecture, and the doubt that the way there adds: the standard deviation of
 * log(measured / predicted). Within an architecture: matrix products of an H200 predicted from an H100's calibration by
 * datasheet miss by about 6 %. Between architectures single kernels miss by 28-68 % (a study on the four measured GPUs:
 * README.md), and a whole step, in which errors partly cancel, by about a third of that. */
struct neighbour {
	enum sw_architecture architecture;
	unsigned compute_minor_from; /* of the architecture's compute capability */
	const char *gpu;
	double doubt;
	const char *reason;
};

static const struct neighbour neighbours[] = {
	{SW_VOLTA, 0, "a100-sxm4-80gb", 0.30, "the oldest measured data-centre architecture"},
	{SW_TURING, 0, "l40s", 0.30, "measured, with GDDR memory and small SMs like it"},
	{SW_AMPERE, 0, "a100-sxm4-80gb", 0.08, "measured, of the same architecture"},
	{SW_AMPERE, 6, "l40s", 0.20, "measured; sm_86 has its SMs rather than the A100's"},
	{SW_ADA, 0, "l40s", 0.10, "measured, of the same architecture"},
	{SW_HOPPER, 0, "h100-sxm", 0.08, "measured, of the same architecture"},
	{SW_BLACKWELL, 0, "rtx-pro-6000-server", 0.10, "measured, of the same architecture"},
};

static const struct neighbour *find_neighbour(const struct sw_gpu *gpu)
{
	const struct neighbour *best = NULL;

	for (size_t i = 0; i < sizeof(neighbours) / sizeof(neighbours[0]); i++) {
		const struct neighbour *n = &neighbours[i];

		if (n->architecture == gpu->architecture && gpu->compute_minor >= n->compute_minor_from)
			best = n; /* the table goes up */
	}
	return best;
}

static enum sw_status parse(const char *text, size_t size, const char *name,
			    struct sw_calibration *out, struct sw_error *err)
{
	struct sw_document *document;
	enum sw_status st = sw_document_parse(text, size, name, SW_FORMAT_JSON, &document, err);

	if (st == SW_OK)
		st = sw__calibration_read(document, out, err);
	sw_document_free(document);
	return st;
}

static enum sw_status read_embedded(const char *gpu_id, struct sw_calibration *out,
				    struct sw_error *err)
{
	char name[SW_NAME_MAX + 32];
	const struct sw__embedded *file;

	(void)snprintf(name, sizeof(name), "calibration/%s.json", gpu_id);
	file = sw__embedded_find(name);
	if (!file)
		return sw_fail(err, SW_INTERNAL, "%s is not part of this library", name);
	return parse(file->text, file->size, name, out, err);
}

static enum sw_status read_path(const char *path, struct sw_calibration *out, struct sw_error *err)
{
	struct sw_document *document;
	enum sw_status st = sw_document_load(path, &document, err);

	if (st == SW_OK)
		st = sw__calibration_read(document, out, err);
	sw_document_free(document);
	return st;
}

static bool has_own(const char *gpu_id)
{
	char name[SW_NAME_MAX + 32];

	(void)snprintf(name, sizeof(name), "calibration/%s.json", gpu_id);
	return sw__embedded_find(name) != NULL;
}

/* The doubts of a calibration that is used for another GPU than it was measured on. */
static void carry(struct sw_calibration *calibration, const struct sw_gpu *gpu, double doubt,
		  const char *reason)
{
	struct sw_calibration_info *info = &calibration->info;

	info->measured = false;
	info->prefill_doubt = hypot(info->prefill_doubt, doubt);
	info->decode_doubt = hypot(info->decode_doubt, doubt);
	(void)snprintf(info->basis, sizeof(info->basis),
		       "carried over by datasheet from %s (%s); no rows of %s were measured", info->id,
		       reason, gpu->id);
}

static enum sw_status read_shipped(const struct sw_gpu *gpu, struct sw_calibration *out,
				   struct sw_error *err)
{
	const struct neighbour *near = find_neighbour(gpu);
	enum sw_status st;

	if (has_own(gpu->id)) {
		out->info.measured = true;
		return read_embedded(gpu->id, out, err);
	}
	if (!near)
		return sw_fail(err, SW_BAD_INPUT, "%s: no calibration for its architecture", gpu->id);
	st = read_embedded(near->gpu, out, err);
	if (st == SW_OK)
		carry(out, gpu, near->doubt, near->reason);
	return st;
}

enum sw_status sw_calibration_open(const struct sw_gpu *gpu, const char *path,
				   sw_calibration **out, struct sw_error *err)
{
	struct sw_calibration *calibration = calloc(1, sizeof(*calibration));
	enum sw_status st;

	*out = NULL;
	if (!calibration)
		return sw_fail(err, SW_NO_MEMORY, "calibration: out of memory");
	st = path ? read_path(path, calibration, err) : read_shipped(gpu, calibration, err);
	if (st != SW_OK) {
		free(calibration);
		return st;
	}
	if (path) {
		calibration->info.measured = strcmp(calibration->info.id, gpu->id) == 0;
		if (!calibration->info.measured)
			carry(calibration, gpu, find_neighbour(gpu) ? find_neighbour(gpu)->doubt : 1,
			      "named by the user");
	}
	calibration->gpu = *gpu;
	*out = calibration;
	return SW_OK;
}

void sw_calibration_free(sw_calibration *calibration)
{
	free(calibration);
}

const struct sw_calibration_info *sw_calibration_describe(const sw_calibration *calibration)
{
	return &calibration->info;
}

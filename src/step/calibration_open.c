// SPDX-License-Identifier: Apache-2.0
/* Which calibration a GPU gets: its own, a file's, or that of the nearest measured one. */
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/embedded.h"
#include "base/text.h"
#include "catalog/described.h"
#include "slicewise/catalog.h"
#include "step/calibration.h"
#include "step/host_step.h"

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

		if (n->architecture == gpu->architecture &&
		    gpu->compute_minor >= n->compute_minor_from)
			best = n; /* the table goes up */
	}
	return best;
}

/* Part of the datasheet DRAM bandwidth that copies reach on every GPU of the catalogue; doubt: 0.03. */
static const double COPY_EFFICIENCY = 0.93;
/* How sharply the lower one of two limits decides; as for the share of SMs in whole decode steps on an A100. */
static const double LIMIT_SHARPNESS = 4;

/*
 * A kernel that reads at `efficiency` of the datasheet bandwidth may be held by DRAM or by what its SMs can ask for. On a
 * GPU with less bandwidth per SM and clock the latter holds less: an A100's products read at 74 % of an 80 GB part's
 * 2039 GB/s, and at more of a 40 GB part's 1555. The other way the efficiency is kept: products of an H200 follow its
 * datasheet within 6 %.
 */
static double carried_efficiency(double efficiency, double bandwidth_per_sm_ratio)
{
	double ceiling = pow(1 / COPY_EFFICIENCY, LIMIT_SHARPNESS);
	double by_sms = pow(1 / efficiency, LIMIT_SHARPNESS) - ceiling;

	if (by_sms <= 0 || bandwidth_per_sm_ratio >= 1)
		return efficiency;
	by_sms *= pow(bandwidth_per_sm_ratio, LIMIT_SHARPNESS);
	return pow(by_sms + ceiling, -1 / LIMIT_SHARPNESS);
}

static double bandwidth_per_sm(const struct sw_gpu *gpu)
{
	return gpu->dram_gb_s / (gpu->sms * gpu->boost_clock_mhz);
}

static void carry_bandwidth(struct sw_calibration *calibration, const struct sw_gpu *from,
			    const struct sw_gpu *to)
{
	double ratio = bandwidth_per_sm(to) / bandwidth_per_sm(from);
	double *const efficiencies[] = {
		&calibration->gemm.dram_efficiency,
		&calibration->attention.prefill.dram_efficiency,
		&calibration->attention.decode.dram_efficiency,
		&calibration->paged.dram_efficiency,
	};

	for (size_t i = 0; i < sizeof(efficiencies) / sizeof(efficiencies[0]); i++)
		*efficiencies[i] = carried_efficiency(*efficiencies[i], ratio);
}

/*
 * What is known of a GPU whose kernels nobody measured beyond its datasheet; less than a fit.
 *
 * The 40 GB A100: three factors chosen on inter-token times of one Qwen3-4B, dedicated, at 1, 8, 16 and 32 requests (NVIDIA Dynamo's
 * sharing study: 8.6, 11.0, 15.6 and 26.2 ms). The CPU's part is its machine's; weights and KV are read faster than the 80 GB part's
 * efficiencies, carried over, say.
 *
 * The RTX 4090: the L40S that its calibration comes from has its ECC in line, which costs a tenth of the bandwidth (its large reads
 * reach 82 % of the datasheet, those of GDDR6X without ECC 90 % and more), and its tensor cores of twice the rate meet the power
 * limit below the boost clock; the 4090's do not. Doubt: 0.05 each.
 */
struct adjustment {
	const char *gpu;
	size_t coefficient; /* offset in struct sw_calibration */
	double factor;
};

#define COEFFICIENT(member) offsetof(struct sw_calibration, member)

static const struct adjustment adjustments[] = {
	{"a100-sxm4-40gb", COEFFICIENT(engine.host_ms), 0.33},
	{"a100-sxm4-40gb", COEFFICIENT(gemm.dram_efficiency), 1.06},
	{"a100-sxm4-40gb", COEFFICIENT(attention.decode.dram_efficiency), 1.16},
	{"rtx-4090", COEFFICIENT(gemm.dram_efficiency), 1.12},
	{"rtx-4090", COEFFICIENT(attention.decode.dram_efficiency), 1.12},
	{"rtx-4090", COEFFICIENT(gemm.tensor_efficiency), 1.08},
};

/* Whether there was something to adjust. */
static bool adjust(struct sw_calibration *calibration, const struct sw_gpu *gpu)
{
	bool any = false;

	for (size_t i = 0; i < sizeof(adjustments) / sizeof(adjustments[0]); i++) {
		const struct adjustment *a = &adjustments[i];

		if (strcmp(a->gpu, gpu->id) != 0)
			continue;
		*(double *)((char *)calibration + a->coefficient) *= a->factor;
		any = true;
	}
	return any;
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
static enum sw_status carry(struct sw_calibration *calibration, const struct sw_gpu *gpu,
			    double doubt, const char *reason, struct sw_error *err)
{
	struct sw_calibration_info *info = &calibration->info;
	struct sw_gpu from;
	sw_catalog *catalog;
	bool adjusted;
	enum sw_status st = sw_catalog_open(&catalog, err);

	if (st == SW_OK)
		st = sw_catalog_gpu(catalog, info->id, &from, err);
	sw_catalog_free(catalog);
	if (st != SW_OK)
		return st;
	carry_bandwidth(calibration, &from, gpu);
	adjusted = adjust(calibration, gpu);
	info->measured = false;
	info->prefill_doubt = hypot(info->prefill_doubt, doubt);
	info->decode_doubt = hypot(info->decode_doubt, doubt);
	(void)snprintf(info->basis, sizeof(info->basis),
		       "carried over by datasheet from %s (%s)%s; no rows of %s were measured",
		       info->id, reason, adjusted ? ", adjusted by what is published" : "",
		       gpu->id);
	return SW_OK;
}

static enum sw_status read_shipped(const struct sw_gpu *gpu, struct sw_calibration *out,
				   struct sw_error *err)
{
	const struct neighbour *near = find_neighbour(gpu);
	enum sw_status st;

	if (sw__is_host(gpu)) {
		*out = sw__host_calibration(gpu);
		return SW_OK;
	}
	if (has_own(gpu->id)) {
		out->info.measured = true;
		return read_embedded(gpu->id, out, err);
	}
	if (!near)
		return sw_fail(err, SW_BAD_INPUT, "%s: no calibration for its architecture",
			       gpu->id);
	st = read_embedded(near->gpu, out, err);
	return st == SW_OK ? carry(out, gpu, near->doubt, near->reason, err) : st;
}

static enum sw_status read_named(const char *path, const struct sw_gpu *gpu,
				 struct sw_calibration *out, struct sw_error *err)
{
	const struct neighbour *near = find_neighbour(gpu);
	enum sw_status st = read_path(path, out, err);

	if (st != SW_OK)
		return st;
	out->info.measured = strcmp(out->info.id, gpu->id) == 0;
	return out->info.measured
		       ? SW_OK
		       : carry(out, gpu, near ? near->doubt : 1, "named by the user", err);
}

enum sw_status sw_calibration_open(const struct sw_gpu *gpu, const char *path, sw_calibration **out,
				   struct sw_error *err)
{
	struct sw_calibration *calibration = calloc(1, sizeof(*calibration));
	enum sw_status st;

	*out = NULL;
	if (!calibration)
		return sw_fail(err, SW_NO_MEMORY, "calibration: out of memory");
	if (sw__is_host(gpu))
		path = NULL; /* files are of GPUs */
	st = path ? read_named(path, gpu, calibration, err) : read_shipped(gpu, calibration, err);
	if (st != SW_OK) {
		free(calibration);
		return st;
	}
	if (!sw__is_host(gpu))
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

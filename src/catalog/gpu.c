// SPDX-License-Identifier: Apache-2.0
/* Reading a GPU file. The table is the format; docs/formats/gpu.md explains it. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "catalog/names.h"
#include "catalog/readers.h"

static const char format_name[] = "slicewise-gpu-1";

/* Ranges are wide on purpose: they catch slipped units and digits, not new products. */
enum {
	SMS_MAX = 4096,
	THREADS_MAX = 8192,
	CLOCK_MAX_MHZ = 10000,
	INSTANCES_MAX = 32, /* memory slices are bits of sw_mig_profile.starts */
	SHARED_MAX_KIB = 4096,
	TFLOPS_MAX = 1000000,
	DRAM_MAX_MIB = 16 << 20,
	BANDWIDTH_MAX_GB_S = 100000,
	L2_MAX_MIB = 4096,
	POWER_MAX_W = 10000,
	PCIE_MAX_GB_S = 10000
};

/* What the file says before it becomes a struct sw_gpu. */
struct gpu_file {
	struct sw_gpu gpu;
	double dram_mib;
};

#define NUMBER(name, member_, max_, unit_)                                                \
	{                                                                                 \
		.key = name, .type = SW_FIELD_NUMBER,                                     \
		.offset = offsetof(struct gpu_file, member_), .min = 0, .min_open = true, \
		.max = (max_), .unit = (unit_)                                            \
	}
#define UINT(name, struct_, member_, max_)                                                \
	{                                                                                 \
		.key = name, .type = SW_FIELD_UINT, .offset = offsetof(struct_, member_), \
		.min = 1, .max = (max_), .required = true                                 \
	}

static enum sw_status read_format(const struct sw_node *node, void *into, void *context,
				  struct sw_error *err)
{
	(void)into;
	(void)context;
	if (node->kind != SW_NODE_STRING || strcmp(node->text, format_name) != 0)
		return sw_node_refuse(node, err, "\"%s\"", format_name);
	return SW_OK;
}

static enum sw_status read_capability(const struct sw_node *node, void *into, void *context,
				      struct sw_error *err)
{
	struct sw_gpu *gpu = into;
	char *end = NULL;
	unsigned long major = strtoul(node->text, &end, 10), minor = 0;
	bool ok = node->kind == SW_NODE_STRING && end != node->text && *end == '.';

	(void)context;
	if (ok) {
		const char *rest = end + 1;

		minor = strtoul(rest, &end, 10);
		ok = end != rest && *end == '\0';
	}
	if (!ok || major < 1 || major > 99 || minor > 99)
		return sw_node_refuse(node, err, "a compute capability in quotes, like \"8.0\"");
	gpu->compute_major = (unsigned)major;
	gpu->compute_minor = (unsigned)minor;
	return SW_OK;
}

static enum sw_status read_peaks(const struct sw_node *node, void *into, void *context,
				 struct sw_error *err)
{
	struct sw_field fields[SW_DTYPE_COUNT];

	for (int i = 0; i < SW_DTYPE_COUNT; i++)
		fields[i] = (struct sw_field){.key = sw__dtype_names[i],
					      .type = SW_FIELD_NUMBER,
					      .offset = offsetof(struct sw_gpu, peak_tflops) +
							(size_t)i * sizeof(double),
					      .min = 0,
					      .min_open = true,
					      .max = TFLOPS_MAX,
					      .required = i == SW_FP16,
					      .unit = "TFLOPS, dense"};
	return sw_node_read(node, fields, SW_DTYPE_COUNT, false, into, context, NULL, err);
}

/* Memory slices where an instance of the profile may begin, as bits. */
static enum sw_status read_starts(const struct sw_node *node, void *into, void *context,
				  struct sw_error *err)
{
	struct sw_mig_profile *profile = into;
	enum sw_status st = sw_node_check_list(node, INSTANCES_MAX, "memory slice", err);

	(void)context;
	for (size_t i = 0; st == SW_OK && i < node->count; i++) {
		const struct sw_node *start = node->children[i];
		double at = start->kind == SW_NODE_NUMBER ? start->number : -1;

		if (!(at >= 0 && at < INSTANCES_MAX && at == floor(at)))
			return sw_node_refuse(start, err, "a memory slice, counted from 0");
		if (profile->starts & 1U << (unsigned)at)
			return sw_node_refuse(start, err, "each memory slice once");
		profile->starts |= 1U << (unsigned)at;
	}
	return st;
}

static const struct sw_field profile_fields[] = {
	{.key = "name",
	 .type = SW_FIELD_NAME,
	 .offset = offsetof(struct sw_mig_profile, name),
	 .capacity = sizeof(((struct sw_mig_profile *)0)->name),
	 .required = true},
	UINT("compute_slices", struct sw_mig_profile, compute_slices, INSTANCES_MAX),
	UINT("memory_slices", struct sw_mig_profile, memory_slices, INSTANCES_MAX),
	{.key = "memory_gib",
	 .type = SW_FIELD_NUMBER,
	 .offset = offsetof(struct sw_mig_profile, memory_gib),
	 .min = 0,
	 .min_open = true,
	 .max = DRAM_MAX_MIB / 1024.0,
	 .required = true,
	 .unit = "GiB"},
	UINT("sms", struct sw_mig_profile, sms, SMS_MAX),
	UINT("max_instances", struct sw_mig_profile, max_instances, INSTANCES_MAX),
	{.key = "starts", .type = SW_FIELD_CALL, .read = read_starts, .null_is_absent = true},
};

static enum sw_status read_profiles(const struct sw_node *node, void *into, void *context,
				    struct sw_error *err)
{
	struct sw_gpu *gpu = into;
	enum sw_status st = sw_node_expect(node, SW_NODE_LIST, err);

	if (st == SW_OK && (node->count == 0 || node->count > SW_MIG_PROFILES_MAX))
		return sw_node_refuse(node, err, "1 to %d profiles", SW_MIG_PROFILES_MAX);
	for (size_t i = 0; st == SW_OK && i < node->count; i++)
		st = sw_node_read(node->children[i], profile_fields,
				  sizeof(profile_fields) / sizeof(*profile_fields), false,
				  &gpu->mig[i], context, NULL, err);
	gpu->n_mig = node->count;
	return st;
}

static enum sw_status check_profile(const struct sw_node *node, const struct sw_gpu *gpu,
				    const struct sw_mig_profile *profile, struct sw_error *err)
{
	if (profile->sms > gpu->sms)
		return sw_node_complain(node, err, "%u SMs of a GPU with %u", profile->sms,
					gpu->sms);
	if (profile->compute_slices > gpu->mig_compute_slices)
		return sw_node_complain(node, err, "%u compute slices of %u",
					profile->compute_slices, gpu->mig_compute_slices);
	if (profile->memory_slices > gpu->mig_memory_slices)
		return sw_node_complain(node, err, "%u memory slices of %u", profile->memory_slices,
					gpu->mig_memory_slices);
	for (unsigned i = gpu->mig_memory_slices - profile->memory_slices + 1; i < INSTANCES_MAX;
	     i++)
		if (profile->starts & 1U << i)
			return sw_node_complain(sw__get(node, "starts"), err,
						"%u memory slices from %u on of %u",
						profile->memory_slices, i, gpu->mig_memory_slices);
	if (profile->memory_gib > gpu->dram_gib)
		return sw_node_complain(node, err, "%g GiB of a GPU with %.2f GiB",
					profile->memory_gib, gpu->dram_gib);
	return SW_OK;
}

static enum sw_status read_mig(const struct sw_node *node, void *into, void *context,
			       struct sw_error *err)
{
	static const struct sw_field fields[] = {
		UINT("compute_slices", struct sw_gpu, mig_compute_slices, INSTANCES_MAX),
		UINT("memory_slices", struct sw_gpu, mig_memory_slices, INSTANCES_MAX),
		{.key = "profiles", .type = SW_FIELD_CALL, .read = read_profiles, .required = true},
	};

	return sw_node_read(node, fields, sizeof(fields) / sizeof(*fields), false, into, context,
			    NULL, err);
}

/*
 * Notes and sources are for people, who are shown them as they stand; that every figure has a source is a test over the
 * bundled files.
 */
static enum sw_status read_texts(const struct sw_node *node, enum sw_node_kind kind,
				 struct sw_error *err)
{
	enum sw_status st = sw_node_expect(node, kind, err);

	for (size_t i = 0; st == SW_OK && i < node->count; i++)
		st = sw_node_expect(node->children[i], SW_NODE_STRING, err);
	return st;
}

static enum sw_status read_notes(const struct sw_node *node, void *into, void *context,
				 struct sw_error *err)
{
	(void)into, (void)context;
	return read_texts(node, SW_NODE_LIST, err);
}

static enum sw_status read_sources(const struct sw_node *node, void *into, void *context,
				   struct sw_error *err)
{
	(void)into, (void)context;
	return read_texts(node, SW_NODE_MAP, err);
}

static enum sw_status read_documents(const struct sw_node *node, void *into, void *context,
				     struct sw_error *err)
{
	static const char *const keys[] = {"title", "address"};
	enum sw_status st = sw_node_expect(node, SW_NODE_MAP, err);

	(void)into, (void)context;
	for (size_t i = 0; st == SW_OK && i < node->count; i++) {
		const struct sw_node *document = node->children[i];

		st = read_texts(document, SW_NODE_MAP, err);
		for (size_t k = 0; st == SW_OK && k < sizeof(keys) / sizeof(*keys); k++) {
			if (!sw_node_get(document, keys[k]))
				st = sw_node_complain(document, err, "key %s is missing", keys[k]);
		}
	}
	return st;
}

static const struct sw_field gpu_fields[] = {
	{.key = "format", .type = SW_FIELD_CALL, .read = read_format, .required = true},
	{.key = "id",
	 .type = SW_FIELD_NAME,
	 .offset = offsetof(struct gpu_file, gpu.id),
	 .capacity = SW_NAME_MAX,
	 .required = true},
	{.key = "name",
	 .type = SW_FIELD_NAME,
	 .offset = offsetof(struct gpu_file, gpu.name),
	 .capacity = SW_NAME_MAX,
	 .required = true},
	{.key = "architecture",
	 .type = SW_FIELD_CHOICE,
	 .offset = offsetof(struct gpu_file, gpu.architecture),
	 .choices = sw__architecture_names,
	 .required = true},
	{.key = "compute_capability",
	 .type = SW_FIELD_CALL,
	 .read = read_capability,
	 .required = true},
	UINT("sms", struct gpu_file, gpu.sms, SMS_MAX),
	UINT("max_threads_per_sm", struct gpu_file, gpu.max_threads_per_sm, THREADS_MAX),
	NUMBER("shared_kib_per_sm", gpu.shared_kib_per_sm, SHARED_MAX_KIB, "KiB"),
	NUMBER("base_clock_mhz", gpu.base_clock_mhz, CLOCK_MAX_MHZ, "MHz"),
	NUMBER("boost_clock_mhz", gpu.boost_clock_mhz, CLOCK_MAX_MHZ, "MHz"),
	{.key = "peak_tflops", .type = SW_FIELD_CALL, .read = read_peaks, .required = true},
	NUMBER("dram_mib", dram_mib, DRAM_MAX_MIB, "MiB"),
	NUMBER("visible_gib", gpu.visible_gib, DRAM_MAX_MIB / 1024.0, "GiB"),
	NUMBER("dram_gb_s", gpu.dram_gb_s, BANDWIDTH_MAX_GB_S, "10^9 bytes per second"),
	NUMBER("l2_mib", gpu.l2_mib, L2_MAX_MIB, "MiB"),
	NUMBER("power_w", gpu.power_w, POWER_MAX_W, "W"),
	NUMBER("pcie_gb_s", gpu.pcie_gb_s, PCIE_MAX_GB_S, "10^9 bytes per second"),
	{.key = "mig", .type = SW_FIELD_CALL, .read = read_mig, .null_is_absent = true},
	{.key = "notes", .type = SW_FIELD_CALL, .read = read_notes},
	{.key = "sources", .type = SW_FIELD_CALL, .read = read_sources},
	{.key = "documents", .type = SW_FIELD_CALL, .read = read_documents},
};

static void all_unknown(struct gpu_file *file)
{
	*file = (struct gpu_file){.dram_mib = NAN};
	file->gpu.shared_kib_per_sm = file->gpu.base_clock_mhz = file->gpu.boost_clock_mhz = NAN;
	file->gpu.dram_gib = file->gpu.visible_gib = file->gpu.dram_gb_s = NAN;
	file->gpu.l2_mib = file->gpu.power_w = file->gpu.pcie_gb_s = NAN;
	for (int i = 0; i < SW_DTYPE_COUNT; i++)
		file->gpu.peak_tflops[i] = NAN;
}

/*
 * Without these no time and no memory can be predicted, so they are not optional although a number
 * may be unknown.
 */
static enum sw_status check_known(const struct sw_node *root, const struct gpu_file *file,
				  struct sw_error *err)
{
	const struct {
		const char *key;
		double value;
	} needed[] = {{"boost_clock_mhz", file->gpu.boost_clock_mhz},
		      {"dram_mib", file->dram_mib},
		      {"dram_gb_s", file->gpu.dram_gb_s},
		      {"l2_mib", file->gpu.l2_mib}};

	for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++) {
		if (!sw_known(needed[i].value))
			return sw_node_complain(root, err, "key %s is missing", needed[i].key);
	}
	return SW_OK;
}

static enum sw_status check_gpu(const struct sw_node *root, const struct sw_gpu *gpu,
				struct sw_error *err)
{
	const struct sw_node *mig = sw__get(root, "mig");
	enum sw_status st = SW_OK;

	if (gpu->visible_gib > gpu->dram_gib)
		return sw_node_refuse(sw__get(root, "visible_gib"), err,
				      "at most dram_mib / 1024 = %.2f GiB", gpu->dram_gib);
	if (gpu->base_clock_mhz > gpu->boost_clock_mhz)
		return sw_node_refuse(sw__get(root, "base_clock_mhz"), err,
				      "at most boost_clock_mhz = %g", gpu->boost_clock_mhz);
	for (size_t i = 0; st == SW_OK && i < gpu->n_mig; i++)
		st = check_profile(sw__get(mig, "profiles")->children[i], gpu, &gpu->mig[i], err);
	return st;
}

enum sw_status sw__gpu_from_node(const struct sw_node *root, struct sw_gpu *out,
				 struct sw_error *err)
{
	struct gpu_file file;
	enum sw_status st;

	all_unknown(&file);
	st = sw_node_read(root, gpu_fields, sizeof(gpu_fields) / sizeof(*gpu_fields), false, &file,
			  NULL, NULL, err);
	if (st == SW_OK)
		st = check_known(root, &file, err);
	if (st != SW_OK)
		return st;
	file.gpu.dram_gib = file.dram_mib / 1024;
	*out = file.gpu;
	return check_gpu(root, out, err);
}

enum sw_status sw_gpu_read(const char *path, struct sw_gpu *out, struct sw_error *err)
{
	struct sw_document *document;
	enum sw_status st = sw_document_load(path, &document, err);

	if (st == SW_OK)
		st = sw__gpu_from_node(sw_document_root(document), out, err);
	sw_document_free(document);
	return st;
}

// SPDX-License-Identifier: Apache-2.0
#include "step/calibration.h"

#include <math.h>
#include <stddef.h>

static const char FORMAT_NAME[] = "slicewise-calibration-1";

#define GEMM_ROW(f, u, m)    SW__COEFFICIENT(struct sw__gemm_cal, f, u, m)
#define PREFILL_ROW(f, u, m) SW__COEFFICIENT(struct sw__prefill_cal, f, u, m)
#define DECODE_ROW(f, u, m)  SW__COEFFICIENT(struct sw__decode_cal, f, u, m)
#define MIXED_ROW(f, u, m)   SW__COEFFICIENT(struct sw__mixed_cal, f, u, m)
#define ENGINE_ROW(f, u, m)  SW__COEFFICIENT(struct sw__engine_cal, f, u, m)
#define PAGED_ROW(f, u, m)   SW__COEFFICIENT(struct sw__paged_cal, f, u, m)

static const struct sw__coefficient gemm_table[] = {
	SW__GEMM_CAL_LIST(GEMM_ROW) SW__COEFFICIENT_ARRAY(
		struct sw__gemm_cal, habits, "1", "further time by m, n and k: gemm_habits.h")};
static const struct sw__coefficient prefill_table[] = {SW__PREFILL_CAL_LIST(PREFILL_ROW)};
static const struct sw__coefficient decode_table[] = {SW__DECODE_CAL_LIST(DECODE_ROW)};
static const struct sw__coefficient mixed_table[] = {SW__MIXED_CAL_LIST(MIXED_ROW)};
static const struct sw__coefficient engine_table[] = {SW__ENGINE_CAL_LIST(ENGINE_ROW)};
static const struct sw__coefficient paged_table[] = {SW__PAGED_CAL_LIST(PAGED_ROW)};

#define TABLE(t)  (t), sizeof(t) / sizeof((t)[0])
#define MEMBER(m) offsetof(struct sw_calibration, m)

const struct sw__section_table sw__section_tables[SW__SECTION_COUNT] = {
	{"gemm", TABLE(gemm_table), MEMBER(gemm), "one matrix product"},
	{"prefill_attention", TABLE(prefill_table), MEMBER(attention.prefill),
	 "one layer's attention of prompts"},
	{"decode_attention", TABLE(decode_table), MEMBER(attention.decode),
	 "one layer's attention of decodes"},
	{"mixed_attention", TABLE(mixed_table), MEMBER(attention.mixed),
	 "one layer's attention of a chunk beside decodes"},
	{"engine", TABLE(engine_table), MEMBER(engine), "small kernels, sampling, CPU time"},
	{"paged_step", TABLE(paged_table), MEMBER(paged),
	 "a whole step of the paged generation, against the share of SMs"},
};

static const char *const architectures[] = {
#define ARCHITECTURE_ID(name, id) id,
	SW_ARCHITECTURE_LIST(ARCHITECTURE_ID)
#undef ARCHITECTURE_ID
		NULL,
};

struct reading {
	struct sw_calibration *out;
	enum sw__section section;
};

#define ERROR_FIELD(name, limit)                                                             \
	{                                                                                    \
		.key = #name, .type = SW_FIELD_NUMBER,                                       \
		.offset = offsetof(struct sw__section_info, name), .min = 0, .max = (limit), \
		.null_is_absent = true                                                       \
	}

static enum sw_status read_coefficients(const struct sw_node *node, void *into, void *context,
					struct sw_error *err)
{
	const struct reading *reading = context;
	const struct sw__section_table *table = &sw__section_tables[reading->section];

	(void)into;
	return sw__coefficients_read(node, table->table, table->n,
				     (char *)reading->out + table->offset, err);
}

static const struct sw_field section_fields[] = {
	{.key = "source",
	 .type = SW_FIELD_NAME,
	 .required = true,
	 .capacity = 256,
	 .offset = offsetof(struct sw__section_info, source)},
	ERROR_FIELD(rows, 1e9),
	ERROR_FIELD(mape, 10),
	ERROR_FIELD(p95, 100),
	ERROR_FIELD(log_sd, 10),
	{.key = "coefficients", .type = SW_FIELD_CALL, .required = true, .read = read_coefficients},
};

static enum sw_status read_section(const struct sw_node *node, struct reading *reading,
				   struct sw_error *err)
{
	struct sw__section_info *info = &reading->out->sections[reading->section];

	*info = (struct sw__section_info){
		.present = true, .rows = NAN, .mape = NAN, .p95 = NAN, .log_sd = NAN};
	return sw_node_read(node, section_fields,
			    sizeof(section_fields) / sizeof(section_fields[0]), false, info,
			    reading, NULL, err);
}

static enum sw_status read_sections(const struct sw_node *node, void *into, void *context,
				    struct sw_error *err)
{
	struct reading reading = {.out = into};
	enum sw_status st = sw_node_expect(node, SW_NODE_MAP, err);

	(void)context;
	for (int i = 0; st == SW_OK && i < SW__SECTION_COUNT; i++) {
		const struct sw_node *child = sw_node_get(node, sw__section_tables[i].name);

		reading.section = (enum sw__section)i;
		if (child)
			st = read_section(child, &reading, err);
		else if (i != SW__SECTION_PAGED)
			st = sw_node_complain(node, err, "key %s is missing",
					      sw__section_tables[i].name);
	}
	return st;
}

static enum sw_status read_format(const struct sw_node *node, void *into, void *context,
				  struct sw_error *err)
{
	static const char *const formats[] = {FORMAT_NAME, NULL};
	int which = 0;
	struct sw_field field = {.type = SW_FIELD_CHOICE, .choices = formats};

	(void)into;
	return sw_node_read_field(node, &field, &which, context, err);
}

enum sw_status sw__calibration_read(const struct sw_document *document, struct sw_calibration *out,
				    struct sw_error *err)
{
	static const struct sw_field fields[] = {
		{.key = "format", .type = SW_FIELD_CALL, .required = true, .read = read_format},
		{.key = "gpu",
		 .type = SW_FIELD_NAME,
		 .required = true,
		 .capacity = SW_NAME_MAX,
		 .offset = offsetof(struct sw_calibration, info.id)},
		{.key = "architecture",
		 .type = SW_FIELD_CHOICE,
		 .required = true,
		 .choices = architectures,
		 .offset = offsetof(struct sw_calibration, architecture)},
		{.key = "basis",
		 .type = SW_FIELD_NAME,
		 .required = true,
		 .capacity = 512,
		 .offset = offsetof(struct sw_calibration, info.basis)},
		{.key = "prefill_doubt",
		 .type = SW_FIELD_NUMBER,
		 .required = true,
		 .min = 0,
		 .max = 5,
		 .offset = offsetof(struct sw_calibration, info.prefill_doubt)},
		{.key = "decode_doubt",
		 .type = SW_FIELD_NUMBER,
		 .required = true,
		 .min = 0,
		 .max = 5,
		 .offset = offsetof(struct sw_calibration, info.decode_doubt)},
		{.key = "sections", .type = SW_FIELD_CALL, .required = true, .read = read_sections},
	};

	return sw_node_read(sw_document_root(document), fields, sizeof(fields) / sizeof(fields[0]),
			    false, out, NULL, NULL, err);
}

static void write_number(struct sw_text *text, const char *key, double value, const char *end)
{
	sw_text_addf(text, "\"%s\": ", key);
	sw__number_write(text, value);
	sw_text_puts(text, end);
}

static void write_section(struct sw_text *text, const struct sw_calibration *calibration, int i)
{
	const struct sw__section_info *info = &calibration->sections[i];
	const struct sw__section_table *table = &sw__section_tables[i];

	sw_text_addf(text, "\t\t\"%s\": {\n\t\t\t\"source\": \"%s\",\n\t\t\t", table->name,
		     info->source);
	write_number(text, "rows", info->rows, ", ");
	write_number(text, "mape", info->mape, ", ");
	write_number(text, "p95", info->p95, ", ");
	write_number(text, "log_sd", info->log_sd, ",\n\t\t\t\"coefficients\": {\n");
	sw__coefficients_write(text, table->table, table->n,
			       (const char *)calibration + table->offset, 4);
	sw_text_puts(text, "\t\t\t}\n\t\t}");
}

void sw__calibration_write(struct sw_text *text, const struct sw_calibration *calibration)
{
	const char *separator = "";

	sw_text_addf(text, "{\n\t\"format\": \"%s\",\n\t\"gpu\": \"%s\",\n", FORMAT_NAME,
		     calibration->info.id);
	sw_text_addf(text, "\t\"architecture\": \"%s\",\n\t\"basis\": \"%s\",\n\t",
		     architectures[calibration->architecture], calibration->info.basis);
	write_number(text, "prefill_doubt", calibration->info.prefill_doubt, ", ");
	write_number(text, "decode_doubt", calibration->info.decode_doubt, ",\n");
	sw_text_puts(text, "\t\"sections\": {\n");
	for (int i = 0; i < SW__SECTION_COUNT; i++) {
		if (!calibration->sections[i].present)
			continue;
		sw_text_puts(text, separator);
		write_section(text, calibration, i);
		separator = ",\n";
	}
	sw_text_puts(text, "\n\t}\n}\n");
}

struct sw__device sw__calibration_device(const struct sw_calibration *calibration,
					 enum sw_dtype dtype)
{
	const struct sw_gpu *gpu = &calibration->gpu;
	double peak = gpu->peak_tflops[dtype];
	double bytes[SW_DTYPE_COUNT] = {
#define DTYPE_BYTES(name, id, size) size,
		SW_DTYPE_LIST(DTYPE_BYTES)
#undef DTYPE_BYTES
	};

	/* A GPU without bfloat16 tensor cores computes in float16, as its engines do. */
	if (!sw_known(peak))
		peak = gpu->peak_tflops[SW_FP16];
	return (struct sw__device){.sms = fmax(1, gpu->sms), /* a host counts as one */
				   .gpu_sms = fmax(1, gpu->sms),
				   .clock_mhz = gpu->boost_clock_mhz,
				   .peak_tflops = peak,
				   .dram_gb_s = gpu->dram_gb_s,
				   .l2_mib = gpu->l2_mib,
				   .element_bytes = bytes[dtype]};
}

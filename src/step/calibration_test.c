// SPDX-License-Identifier: Apache-2.0
#include "step/calibration.h"

#include <stdlib.h>
#include <string.h>

#include "base/embedded.h"
#include "check.h"

static const struct sw__embedded *shipped(const char *gpu)
{
	char name[128];

	snprintf(name, sizeof(name), "calibration/%s.json", gpu);
	return sw__embedded_find(name);
}

static enum sw_status read_text(const char *text, struct sw_calibration *out, struct sw_error *err)
{
	struct sw_document *document;
	enum sw_status st =
		sw_document_parse(text, strlen(text), "c.json", SW_FORMAT_JSON, &document, err);

	if (st == SW_OK)
		st = sw__calibration_read(document, out, err);
	sw_document_free(document);
	return st;
}

TEST(every_shipped_calibration_reads_and_writes_back_the_same_bytes)
{
	static const char *const gpus[] = {"a100-sxm4-80gb", "h100-sxm", "l40s",
					   "rtx-pro-6000-server"};

	for (size_t i = 0; i < sizeof(gpus) / sizeof(gpus[0]); i++) {
		const struct sw__embedded *file = shipped(gpus[i]);
		struct sw_calibration calibration = {0};
		struct sw_text text = {0};
		struct sw_error err = {SW_OK, ""};

		if (!CHECK(file))
			continue;
		CHECK_INT(read_text(file->text, &calibration, &err), SW_OK);
		CHECK_STR(err.message, "");
		CHECK_STR(calibration.info.id, gpus[i]);
		sw__calibration_write(&text, &calibration);
		CHECK(strcmp(sw_text_string(&text), file->text) == 0);
		sw_text_free(&text);
	}
}

/* A copy of a shipped file with `from` replaced once. */
static char *edited(const char *from, const char *to)
{
	const char *text = shipped("l40s")->text;
	const char *at = strstr(text, from);
	struct sw_text out = {0};

	if (!CHECK(at))
		return strdup("{}");
	sw_text_add(&out, text, (size_t)(at - text));
	sw_text_puts(&out, to);
	sw_text_puts(&out, at + strlen(from));
	return out.data;
}

TEST(a_damaged_calibration_is_refused_by_line_and_key)
{
	static const char *const cases[][3] = {
		{"slicewise-calibration-1", "slicewise-calibration-9", "format"},
		{"\"launch_us\"", "\"lunch_us\"", "unknown coefficient"},
		{"\"launch_us\": ", "\"launch_us\": \"x\", \"y\": ", "expected a number (us)"},
		{"\"gemm\"", "\"jemm\"", "key gemm is missing"},
		{"\"ada\"", "\"adda\"", "architecture"},
		{"\"prefill_doubt\": ", "\"prefill_doubt\": -1", "prefill_doubt"},
		{"\"basis\"", "\"bases\"", "did you mean basis"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = edited(cases[i][0], cases[i][1]);
		struct sw_calibration calibration = {0};
		struct sw_error err = {SW_OK, ""};

		CHECK_INT(read_text(text, &calibration, &err), SW_BAD_INPUT);
		if (!CHECK(strstr(err.message, cases[i][2])))
			printf("    %zu: %s\n", i, err.message);
		CHECK(strncmp(err.message, "c.json:", 7) == 0);
		free(text);
	}
}

TEST(the_device_is_the_datasheet)
{
	struct sw_calibration calibration = {
		.gpu = {.sms = 10, .boost_clock_mhz = 1000, .dram_gb_s = 500, .l2_mib = 4}};
	struct sw__device dev;

	calibration.gpu.peak_tflops[SW_FP16] = 100;
	calibration.gpu.peak_tflops[SW_BF16] = NAN;
	dev = sw__calibration_device(&calibration, SW_BF16);
	CHECK_NEAR(dev.peak_tflops, 100, 0);
	CHECK_NEAR(dev.element_bytes, 2, 0);
	CHECK_NEAR(dev.sms, 10, 0);
}

TEST_MAIN()

// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>

#include "catalog/readers.h"
#include "check.h"

static struct sw_error err;

static enum sw_status read_text(const char *text, struct sw_gpu *gpu)
{
	struct sw_document *document;
	enum sw_status st =
		sw_document_parse(text, strlen(text), "g.json", SW_FORMAT_JSON, &document, &err);

	if (st == SW_OK)
		st = sw__gpu_from_node(sw_document_root(document), gpu, &err);
	sw_document_free(document);
	return st;
}

/* A file that is right, from pieces that a test may replace. */
static const char *const pieces[][2] = {
	{"format", "\"slicewise-gpu-1\""},
	{"id", "\"x\""},
	{"name", "\"X\""},
	{"architecture", "\"ampere\""},
	{"compute_capability", "\"8.6\""},
	{"sms", "72"},
	{"max_threads_per_sm", "1536"},
	{"boost_clock_mhz", "1695"},
	{"peak_tflops", "{\"float16\": 125}"},
	{"dram_mib", "23028"},
	{"dram_gb_s", "600"},
	{"l2_mib", "6"},
	{"mig", "null"},
};

static char text[4096];

static const char *with(const char *key, const char *value)
{
	size_t used = (size_t)snprintf(text, sizeof(text), "{");
	bool replaced = false;

	for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
		bool this_one = key && strcmp(key, pieces[i][0]) == 0;

		replaced |= this_one;
		if (this_one && !value)
			continue;
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s\n\"%s\": %s",
					 used > 1 ? "," : "", pieces[i][0],
					 this_one ? value : pieces[i][1]);
	}
	if (key && !replaced)
		used += (size_t)snprintf(text + used, sizeof(text) - used, ",\n\"%s\": %s", key,
					 value);
	(void)snprintf(text + used, sizeof(text) - used, "\n}\n");
	return text;
}

TEST(a_file_with_the_least_is_read_and_the_rest_is_unknown)
{
	struct sw_gpu gpu = {0};

	CHECK_INT(read_text(with(NULL, NULL), &gpu), SW_OK);
	CHECK_STR(gpu.id, "x");
	CHECK_INT(gpu.architecture, SW_AMPERE);
	CHECK_INT(gpu.compute_major, 8);
	CHECK_INT(gpu.compute_minor, 6);
	CHECK_INT(gpu.sms, 72);
	CHECK_NEAR(gpu.dram_gib, 23028 / 1024.0, 1e-12);
	CHECK_NEAR(gpu.peak_tflops[SW_FP16], 125, 0);
	CHECK(!sw_known(gpu.peak_tflops[SW_BF16]) && !sw_known(gpu.peak_tflops[SW_FP8]));
	CHECK(!sw_known(gpu.visible_gib) && !sw_known(gpu.power_w) && !sw_known(gpu.pcie_gb_s));
	CHECK(!sw_known(gpu.base_clock_mhz) && !sw_known(gpu.shared_kib_per_sm));
	CHECK_INT(gpu.n_mig, 0);
}

TEST(mig_profiles_are_read)
{
	struct sw_gpu gpu = {0};

	CHECK_INT(read_text(with("mig",
				 "{\"compute_slices\": 7, \"memory_slices\": 8, \"profiles\": ["
				 "{\"name\": \"1g.5gb\", \"compute_slices\": 1, "
				 "\"memory_slices\": 1, \"memory_gib\": 4.75, \"sms\": 14, "
				 "\"max_instances\": 7, \"starts\": [0, 2, 6]}]}"),
			    &gpu),
		  SW_OK);
	CHECK_INT(gpu.n_mig, 1);
	CHECK_INT(gpu.mig_compute_slices, 7);
	CHECK_STR(gpu.mig[0].name, "1g.5gb");
	CHECK_NEAR(gpu.mig[0].memory_gib, 4.75, 0);
	CHECK_INT(gpu.mig[0].sms, 14);
	CHECK_INT(gpu.mig[0].starts, 1 << 0 | 1 << 2 | 1 << 6);
}

#define ONE_PROFILE(starts)                                                               \
	"{\"compute_slices\": 7, \"memory_slices\": 8, \"profiles\": [{\"name\": \"a\", " \
	"\"compute_slices\": 2, \"memory_slices\": 2, \"memory_gib\": 4, \"sms\": 14, "   \
	"\"max_instances\": 3, \"starts\": " starts "}]}"

TEST(what_is_impossible_is_refused_by_file_line_and_key)
{
	static const struct {
		const char *key, *value, *expected;
	} wrong[] = {
		{"format", "\"slicewise-gpu-2\"", "g.json:2: format: found \"slicewise-gpu-2\""},
		{"format", NULL, "format"},
		{"id", "7.5e", "g.json:3"},
		{"id", "\"\"", "g.json:3: id"},
		{"id", NULL, "id is missing"},
		{"architecture", "\"pascal\"", "one of volta, turing"},
		{"compute_capability", "8.6", "in quotes"},
		{"compute_capability", "\"8\"", "in quotes"},
		{"compute_capability", "\"8.x\"", "in quotes"},
		{"compute_capability", "\"-8.0\"", "in quotes"},
		{"sms", "0", "g.json:7: sms: found 0"},
		{"sms", "-3", "sms"},
		{"sms", "72.5", "whole number"},
		{"sms", "\"72\"", "g.json:7: sms"},
		{"sms", "1e9", "at most"},
		{"sms", NULL, "sms is missing"},
		{"boost_clock_mhz", "0", "above 0"},
		{"boost_clock_mhz", "1.695e6", "MHz"},
		{"boost_clock_mhz", NULL, "boost_clock_mhz is missing"},
		{"base_clock_mhz", "1800", "at most boost_clock_mhz = 1695"},
		{"peak_tflops", "125", "peak_tflops"},
		{"peak_tflops", "{}", "float16 is missing"},
		{"peak_tflops", "{\"float16\": -1}", "peak_tflops.float16"},
		{"peak_tflops", "{\"float16\": 1, \"fp16\": 2}", "unknown key"},
		{"dram_mib", "0", "dram_mib"},
		{"dram_mib", NULL, "dram_mib is missing"},
		{"visible_gib", "23", "at most dram_mib / 1024 = 22.49"},
		{"dram_gb_s", NULL, "dram_gb_s is missing"},
		{"dram_gb_s", "1e300", "dram_gb_s"},
		{"l2_mib", NULL, "l2_mib is missing"},
		{"power", "3", "unknown key"},
		{"notes", "[5]", "notes[0]: found 5, expected a text"},
		{"notes", "\"one\"", "expected a list"},
		{"sources", "{\"sms\": 5}", "sources.sms: found 5"},
		{"documents", "{\"d\": {\"title\": \"t\"}}", "documents.d: key address is missing"},
		{"documents", "{\"d\": {\"title\": null, \"address\": \"a\"}}",
		 "documents.d.title: found nothing"},
		{"mig", "7", "mig"},
		{"mig", ONE_PROFILE("7"), "expected a list of at least one memory slice"},
		{"mig", ONE_PROFILE("[7]"), "2 memory slices from 7 on of 8"},
		{"mig", ONE_PROFILE("[1, 1]"), "each memory slice once"},
		{"mig", ONE_PROFILE("[1.5]"), "a memory slice, counted from 0"},
		{"mig", "{\"compute_slices\": 7, \"memory_slices\": 8, \"profiles\": []}",
		 "1 to 12 profiles"},
		{"mig",
		 "{\"compute_slices\": 7, \"memory_slices\": 8, \"profiles\": [{\"name\": \"a\", "
		 "\"compute_slices\": 8, \"memory_slices\": 1, \"memory_gib\": 4, \"sms\": 14, "
		 "\"max_instances\": 7}]}",
		 "8 compute slices of 7"},
		{"mig",
		 "{\"compute_slices\": 7, \"memory_slices\": 8, \"profiles\": [{\"name\": \"a\", "
		 "\"compute_slices\": 1, \"memory_slices\": 1, \"memory_gib\": 4, \"sms\": 73, "
		 "\"max_instances\": 7}]}",
		 "73 SMs of a GPU with 72"},
		{"mig",
		 "{\"compute_slices\": 7, \"memory_slices\": 8, \"profiles\": [{\"name\": \"a\", "
		 "\"compute_slices\": 1, \"memory_slices\": 1, \"memory_gib\": 40, \"sms\": 7, "
		 "\"max_instances\": 7}]}",
		 "40 GiB of a GPU with 22.49 GiB"},
	};
	struct sw_gpu gpu = {0};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		err.message[0] = '\0';
		CHECK_INT(read_text(with(wrong[i].key, wrong[i].value), &gpu), SW_BAD_INPUT);
		if (!CHECK(strstr(err.message, wrong[i].expected) != NULL))
			printf("    %s = %s: %s\n", wrong[i].key,
			       wrong[i].value ? wrong[i].value : "(left out)", err.message);
		CHECK(strncmp(err.message, "g.json:", 7) == 0);
	}
}

TEST(a_missing_file_is_the_worlds_failure)
{
	struct sw_gpu gpu = {0};

	CHECK_INT(sw_gpu_read("/nonexistent/gpu.json", &gpu, &err), SW_IO);
}

TEST_MAIN()

// SPDX-License-Identifier: Apache-2.0
#include "net/prometheus_read.h"

#include <stdlib.h>

#include "check.h"

enum { SEEN_MAX = 64 };

static struct {
	size_t n;
	char line[SEEN_MAX][256];
	double value[SEEN_MAX];
} seen;

/* name|label=value|...: a form of our own to compare with. */
static void note(void *context, const struct sw__scraped *s)
{
	char *line = seen.line[seen.n];
	size_t used = (size_t)snprintf(line, 256, "%s", s->name);

	(void)context;
	for (size_t i = 0; i < s->n_labels; i++)
		used += (size_t)snprintf(line + used, 256 - used, "|%s=%s", s->labels[i].name,
					 s->labels[i].value);
	seen.value[seen.n++] = s->value;
}

static size_t read_text(const char *text)
{
	char *copy = strdup(text);
	size_t bad;

	seen.n = 0;
	bad = sw__prometheus_read(copy, note, NULL);
	free(copy);
	return bad;
}

TEST(the_example_of_the_format_reads)
{
	/* From the documentation of the exposition format. */
	size_t bad = read_text(
		"# HELP http_requests_total The total number of HTTP requests.\n"
		"# TYPE http_requests_total counter\n"
		"http_requests_total{method=\"post\",code=\"200\"} 1027 1395066363000\n"
		"http_requests_total{method=\"post\",code=\"400\"}    3 1395066363000\n"
		"\n"
		"# Escaping in label values:\n"
		"msdos_file_access_time_seconds{path=\"C:\\\\DIR\\\\FILE.TXT\",error=\"Cannot "
		"find file:\\n\\\"FILE.TXT\\\"\"} 1.458255915e9\n"
		"\n"
		"# Minimalistic line:\n"
		"metric_without_timestamp_and_labels 12.47\n"
		"\n"
		"# A weird metric from before the epoch:\n"
		"something_weird{problem=\"division by zero\"} +Inf -3982045\n"
		"\n"
		"http_request_duration_seconds_bucket{le=\"+Inf\"} 144320\n"
		"rpc_duration_seconds{quantile=\"0.01\"} 3102\n");

	CHECK_INT(bad, 0);
	CHECK_INT(seen.n, 7);
	CHECK_STR(seen.line[0], "http_requests_total|method=post|code=200");
	CHECK_NEAR(seen.value[0], 1027, 0);
	CHECK_STR(seen.line[2], "msdos_file_access_time_seconds|path=C:\\DIR\\FILE.TXT|error="
				"Cannot find file:\n\"FILE.TXT\"");
	CHECK_NEAR(seen.value[2], 1.458255915e9, 0);
	CHECK_STR(seen.line[3], "metric_without_timestamp_and_labels");
	CHECK_NEAR(seen.value[3], 12.47, 0);
	CHECK(isinf(seen.value[4]));
	CHECK_STR(seen.line[5], "http_request_duration_seconds_bucket|le=+Inf");
}

TEST(blanks_trailing_commas_and_colons_are_fine)
{
	CHECK_INT(read_text("vllm:num_requests_running { model_name = \"a,b}\" , } 3\r\n"
			    "\t x\t-4e-3\n"
			    "y NaN"),
		  0);
	CHECK_INT(seen.n, 3);
	CHECK_STR(seen.line[0], "vllm:num_requests_running|model_name=a,b}");
	CHECK_NEAR(seen.value[1], -0.004, 1e-12);
	CHECK(isnan(seen.value[2]));
}

TEST(what_is_none_of_the_format_is_counted_and_passed_over)
{
	static const char *const bad[] = {
		"9x 1",
		"x",
		"x ",
		"x one",
		"x{a} 1",
		"x{a=b} 1",
		"x{a=\"b} 1",
		"x{a=\"b\" 1",
		"x{a=\"b\"c=\"d\"} 1",
		"x 0x10",
		"x{a=\"b\"}",
		"x 1z",
		"{a=\"b\"} 1",
		"x{9=\"b\"} 1",
		"x +",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char text[128];

		(void)snprintf(text, sizeof(text), "good 1\n%s\ngood 2\n", bad[i]);
		if (!CHECK(read_text(text) == 1 && seen.n == 2))
			printf("    %s\n", bad[i]);
	}
}

TEST(more_labels_than_there_is_room_for_are_refused)
{
	char text[4096] = "x{";

	for (int i = 0; i <= SW__SCRAPED_LABELS_MAX; i++)
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "l%d=\"\",", i);
	(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "} 1\n");
	CHECK_INT(read_text(text), 1);
	CHECK_INT(seen.n, 0);
}

/* Everything that the writer writes comes back. */
TEST(what_the_writer_writes_is_read_back)
{
	const struct sw__prometheus_label labels[] = {{"a", "x\\y\"z\n"}, {"b", ""}};
	struct sw_text text = {0};

	sw__prometheus_family(&text, "f", SW__PROMETHEUS_GAUGE, "help \\ me\n");
	sw__prometheus_sample(&text, "f", labels, 2, 0.1);
	sw__prometheus_sample(&text, "f", NULL, 0, -1e300);
	CHECK_INT(read_text(text.data), 0);
	CHECK_INT(seen.n, 2);
	CHECK_STR(seen.line[0], "f|a=x\\y\"z\n|b=");
	CHECK_NEAR(seen.value[0], 0.1, 0);
	CHECK_NEAR(seen.value[1], -1e300, 0);
	sw_text_free(&text);
}

TEST_MAIN()

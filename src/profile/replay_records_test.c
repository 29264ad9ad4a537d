// SPDX-License-Identifier: Apache-2.0
#include "profile/replay_records.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "check.h"

static struct sw_error err;

static enum sw_status read_text(const char *text, struct sw_measured *out)
{
	static const struct sw__window window = {1, 11};
	char path[] = "/tmp/slicewise-records-XXXXXX";
	int fd = mkstemp(path);
	enum sw_status st;

	CHECK(fd >= 0 && close(fd) == 0);
	CHECK_INT(sw_file_write(path, text, strlen(text), &err), SW_OK);
	st = sw__replay_records_read(path, "a", &window, out, &err);
	(void)unlink(path);
	return st;
}

#define REQUEST(tenant, arrival, first, last, tokens)                                     \
	"{\"type\":\"request\",\"tenant\":\"" tenant "\",\"id\":1,\"arrival_s\":" arrival \
	",\"first_token_s\":" first ",\"last_token_s\":" last                             \
	",\"prompt_tokens\":9,\"output_tokens\":" tokens                                  \
	",\"cached_tokens\":0,\"preemptions\":2}\n"

TEST(requests_of_the_window_and_the_engine_count)
{
	struct sw_measured m;

	CHECK_INT(read_text(REQUEST("a", "0.5", "0.6", "0.7", "5") /* warm-up */
			    REQUEST("a", "2", "2.1", "2.5", "5") /* 100 ms, 4 gaps in 400 ms */
			    "{\"type\":\"step\",\"tenant\":\"a\",\"start_s\":2}\n" REQUEST(
				    "b", "3", "9", "10",
				    "5") "\n" REQUEST("a", "4", "4.3", "4.3",
						      "1") /* no time per token */
			    REQUEST("a", "10.9", "11.1", "11.5", "3")
				    REQUEST("a", "5", "null", "null", "0") /* not answered */
			    REQUEST("a", "11", "11.1", "11.2", "3"), /* after it */
			    &m),
		  SW_OK);
	CHECK_NEAR(m.requests, 3, 0);
	CHECK_NEAR(m.failed, 1, 0);
	CHECK_NEAR(m.ms[SW_TTFT][SW_MEAN], (100 + 300 + 200) / 3.0, 1e-9);
	CHECK_NEAR(m.ms[SW_TPOT][SW_MEAN], (100 + 200) / 2.0, 1e-9);
	CHECK_NEAR(m.requests_per_s, 0.3, 1e-12);
	CHECK_NEAR(m.output_tok_s, 0.9, 1e-12);
	CHECK_NEAR(m.preemptions, 2, 1e-12);
}

TEST(what_is_no_record_names_its_line)
{
	struct sw_measured m;

	CHECK_INT(read_text(REQUEST("a", "2", "3", "4", "2") "oops\n", &m), SW_BAD_INPUT);
	CHECK(strstr(err.message, ":2: found "));
	CHECK_INT(read_text("[1]\n", &m), SW_BAD_INPUT);
	CHECK_INT(read_text(REQUEST("b", "2", "3", "4", "2"), &m), SW_IO);
	CHECK(strstr(err.message, "no request of a counts"));
	CHECK_INT(sw__replay_records_read("/none", "a", &(struct sw__window){0, 1}, &m, &err),
		  SW_IO);
}

TEST_MAIN()

// SPDX-License-Identifier: Apache-2.0
#include "drive/traffic.h"

#include <stdlib.h>
#include <unistd.h>

#include "check.h"

static struct sw_drive_settings good(void)
{
	struct sw_drive_settings s = sw_drive_defaults();

	s.endpoint = "http://127.0.0.1:8000";
	s.load.rate = 4;
	s.load.prompt_tokens = (struct sw_length){100, NAN};
	s.load.output_tokens = (struct sw_length){20, 40};
	return s;
}

static enum sw_status check(const struct sw_drive_settings *s)
{
	struct sw_error err = {0};
	enum sw_status st = sw__traffic_check(s, &err);

	CHECK(st == SW_OK || err.message[0]);
	return st;
}

TEST(settings_that_cannot_be_meant_are_refused)
{
	struct sw_drive_settings s = good();

	CHECK_INT(check(&s), SW_OK);
#define REFUSED(member, value)                      \
	do {                                        \
		s = good();                         \
		s.member = (value);                 \
		CHECK_INT(check(&s), SW_BAD_INPUT); \
	} while (0)
	REFUSED(endpoint, NULL);
	REFUSED(load.rate, NAN);
	REFUSED(load.rate, -1);
	REFUSED(load.rate, INFINITY);
	REFUSED(load.concurrency, 3);
	REFUSED(load.burstiness, NAN);
	REFUSED(load.prefix_hit_ratio, 1);
	REFUSED(load.prompt_tokens.mean, 0);
	REFUSED(load.output_tokens.mean, NAN);
	REFUSED(scale, 2);
	REFUSED(warm_up_s, -1);
	REFUSED(duration_s, NAN);
	REFUSED(timeout_s, 0);
	REFUSED(in_flight_max, 0);
	REFUSED(max_model_len, 1);
#undef REFUSED
	s = good();
	s.load.rate = NAN;
	s.load.concurrency = 2.5;
	CHECK_INT(check(&s), SW_BAD_INPUT);
	s.load.concurrency = 2;
	CHECK_INT(check(&s), SW_OK);
	s.in_flight_max = 1;
	CHECK_INT(check(&s), SW_BAD_INPUT);
	s = good();
	s.token_id_last = 100;
	CHECK_INT(check(&s), SW_OK);
	s.token_id_first = 101;
	CHECK_INT(check(&s), SW_BAD_INPUT);
	s.token_id_first = 0;
	s.chat = true;
	CHECK_INT(check(&s), SW_BAD_INPUT);
}

static char path[] = "/tmp/slicewise-traffic-XXXXXX";

static void write_trace(void)
{
	static const char text[] = "timestamp_ms,input_tokens,output_tokens\n"
				   "1000,10,1\n1500,20,2\n3000,30,3\n";
	int fd = mkstemp(path);

	if (fd < 0 || write(fd, text, sizeof(text) - 1) != (ssize_t)sizeof(text) - 1)
		abort();
	(void)close(fd);
}

/* Arrivals, at most `most` of them; the moment of the last. */
static size_t count(const struct sw_drive_settings *s, size_t most, double *last_s)
{
	struct sw__traffic traffic;
	struct sw__arrival arrival = {0};
	struct sw_error err = {0};
	size_t n = 0;

	*last_s = NAN;
	if (!CHECK(sw__traffic_init(&traffic, s, &err) == SW_OK)) {
		printf("%s\n", err.message);
		return 0;
	}
	while (n < most && sw__arrivals_next(traffic.arrivals, 0, &arrival))
		n++;
	*last_s = arrival.at_s;
	sw__traffic_free(&traffic);
	return n;
}

TEST(a_trace_is_played_once_as_it_is_or_rescaled)
{
	struct sw_drive_settings s = good();
	double last_s;

	write_trace();
	s.trace = path;
	s.load.rate = NAN;
	s.load.prompt_tokens.mean = s.load.output_tokens.mean = NAN;
	s.duration_s = NAN;
	CHECK_INT(count(&s, 100, &last_s), 3);
	CHECK_NEAR(last_s, 2, 1e-12);
	s.scale = 2;
	CHECK_INT(count(&s, 100, &last_s), 3);
	CHECK_NEAR(last_s, 1, 1e-12);
	s.scale = NAN;
	s.load.rate = 4; /* the trace has two gaps in two seconds */
	CHECK_INT(count(&s, 100, &last_s), 3);
	CHECK_NEAR(last_s, 0.5, 1e-12);
	s.duration_s = 60; /* rescaled, it begins again */
	CHECK_INT(count(&s, 100, &last_s), 100);
	s.load.rate = NAN;
	CHECK_INT(count(&s, 100, &last_s), 3);
	(void)unlink(path);
}

TEST_MAIN()

// SPDX-License-Identifier: Apache-2.0
#include "slicewise/drive.h"

#include <stdlib.h>

#include "check.h"
#include "drive/drive_observer.h"
#include "net/http_fixture.h"

#define HEAD                                                     \
	"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n" \
	"Transfer-Encoding: chunked\r\n\r\n"
#define PIECE "22\r\ndata: {\"choices\":[{\"text\":\"x\"}]}\n\n\r\n"
#define END                                                                                \
	"4a\r\ndata: {\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":4}}\n\ndata: " \
	"[DONE]\n\n\r\n"                                                                   \
	"0\r\n\r\n"

/* The first piece after 20 ms, three more 5 ms apart. */
static const struct said well[] = {
	{0, HEAD, 0}, {20, PIECE, 0}, {5, PIECE, 3}, {0, END, 0}, {0, NULL, 0}};

static struct sw_drive_settings settings_for(const struct spoken *server)
{
	struct sw_drive_settings s = sw_drive_defaults();

	s.endpoint = server->url;
	s.model = "m";
	s.load.prompt_tokens.mean = 10;
	s.load.output_tokens.mean = 4;
	s.duration_s = NAN;
	s.timeout_s = 5;
	return s;
}

static struct sw_drive_result *run(const struct sw_drive_settings *settings)
{
	struct sw_drive_result *result = NULL;
	struct sw_error err = {0};
	sw_drive *drive;

	if (!CHECK(sw_drive_new(settings, &drive, &err) == SW_OK) ||
	    !CHECK(sw_drive_run(drive, &result, &err) == SW_OK)) {
		printf("    %s\n", err.message);
		abort();
	}
	sw_drive_free(drive);
	return result;
}

TEST(a_closed_loop_measures_what_the_server_does)
{
	struct spoken *server = spoken_new(well, true);
	struct sw_drive_settings s = settings_for(server);
	struct sw_drive_result *r;

	s.load.concurrency = 2;
	s.requests = 10;
	r = run(&s);
	CHECK_INT(r->n, 10);
	CHECK_INT(r->outcomes[SW_DRIVE_OK], 10);
	CHECK(r->closed_loop && !r->stopped);
	CHECK(r->summary[SW_DRIVE_TTFT].p50 >= 20 && r->summary[SW_DRIVE_TTFT].p50 < 500);
	CHECK(r->summary[SW_DRIVE_TPOT].p50 > 4 && r->summary[SW_DRIVE_TPOT].p50 < 100);
	CHECK_INT(r->summary[SW_DRIVE_ITL].n, 30);
	CHECK_NEAR(r->prompt_tokens.mean, 11, 0);
	CHECK_NEAR(r->prompt_tokens_asked.mean, 10, 0);
	CHECK_NEAR(r->output_tokens.mean, 4, 0);
	CHECK_INT(r->short_outputs, 0);
	CHECK_NEAR(r->requests_per_s, 10 / r->window_s, 1e-9);
	CHECK_NEAR(r->output_tokens_per_s, 40 / r->window_s, 1e-9);
	CHECK_STR(r->model, "m");
	CHECK(strstr(server->request, "\"max_tokens\":4") != NULL);
	sw_drive_result_free(r);
	spoken_end(server);
}

TEST(an_open_loop_goes_on_while_answers_hang)
{
	static const struct said hangs[] = {{60000, "", 0}, {0, NULL, 0}};
	struct spoken *server = spoken_new(hangs, false);
	struct sw_drive_settings s = settings_for(server);
	struct sw_drive_result *r;

	s.load.rate = 100;
	s.load.burstiness = 0;
	s.duration_s = 0.3;
	s.timeout_s = 0.5;
	s.ttft_limit_ms = 100;
	r = run(&s);
	CHECK_INT(r->n, 29);
	CHECK_INT(server->requests, 29);
	CHECK_INT(r->outcomes[SW_DRIVE_TIMED_OUT], 29);
	CHECK_NEAR(r->late_fraction, 1, 0);
	CHECK(isnan(r->summary[SW_DRIVE_TTFT].mean));
	CHECK(r->summary[SW_DRIVE_SEND_LAG].p50 < 200);
	CHECK(r->elapsed_s < 10);
	CHECK_NEAR(r->window_s, 0.3, 1e-12);
	sw_drive_result_free(r);
	spoken_end(server);
}

TEST(what_would_be_too_many_in_flight_is_not_sent)
{
	static const struct said hangs[] = {{60000, "", 0}, {0, NULL, 0}};
	struct spoken *server = spoken_new(hangs, false);
	struct sw_drive_settings s = settings_for(server);
	struct sw_drive_result *r;

	s.load.rate = 1000;
	s.requests = 20;
	s.timeout_s = 0.3;
	s.in_flight_max = 5;
	r = run(&s);
	CHECK_INT(r->outcomes[SW_DRIVE_UNSENT], 15);
	CHECK_INT(r->outcomes[SW_DRIVE_TIMED_OUT], 5);
	sw_drive_result_free(r);
	spoken_end(server);
}

TEST(requests_of_the_warm_up_are_sent_and_not_counted)
{
	struct spoken *server = spoken_new(well, true);
	struct sw_drive_settings s = settings_for(server);
	struct sw_drive_result *r;

	s.load.rate = 50;
	s.load.burstiness = 0;
	s.warm_up_s = 0.19;
	s.duration_s = 0.3; /* due after 20, 40, ... 480 ms */
	r = run(&s);
	CHECK_INT(r->n, 24);
	CHECK_INT(r->outcomes[SW_DRIVE_OK], 15);
	CHECK(!r->requests[0].counted && r->requests[23].counted);
	CHECK_NEAR(r->window_s, 0.3, 1e-12);
	sw_drive_result_free(r);
	spoken_end(server);
}

static void stop_at_third(void *self, uint64_t request, const char *content, uint64_t at_ns)
{
	(void)content, (void)at_ns;
	if (request == 2)
		sw_drive_stop(*(sw_drive **)self);
}

TEST(a_stop_gives_the_results_so_far)
{
	struct spoken *server = spoken_new(well, true);
	struct sw_drive_settings s = settings_for(server);
	struct sw_drive_result *r;
	sw_drive *drive;
	struct sw__piece_listener listener = {&drive, stop_at_third};

	s.load.concurrency = 1;
	s.duration_s = 1000;
	CHECK_INT(sw_drive_new(&s, &drive, NULL), SW_OK);
	sw__drive_listen(drive, &listener);
	CHECK_INT(sw_drive_run(drive, &r, NULL), SW_OK);
	sw_drive_free(drive);
	CHECK(r->stopped);
	CHECK_INT(r->n, 3);
	CHECK_INT(r->outcomes[SW_DRIVE_OK], 2);
	CHECK_INT(r->outcomes[SW_DRIVE_STOPPED], 1);
	CHECK(r->window_s < 10);
	sw_drive_result_free(r);
	spoken_end(server);
}

TEST(the_model_is_asked_for_and_nobody_there_is_said)
{
	static const struct said models[] = {{0,
					      "HTTP/1.1 200 OK\r\nContent-Length: "
					      "30\r\n\r\n{\"data\":[{\"id\":\"the model\"}]} ",
					      0},
					     {0, NULL, 0}};
	struct spoken *server = spoken_new(models, true);
	struct sw_drive_settings s = settings_for(server);
	struct sw_drive_result *r;
	struct sw_error err = {0};
	sw_drive *drive;

	s.model = NULL;
	s.load.concurrency = 1;
	s.requests = 1;
	r = run(&s);
	CHECK_STR(r->model, "the model");
	CHECK_INT(r->outcomes[SW_DRIVE_GARBAGE], 1);
	CHECK(r->messages[SW_DRIVE_GARBAGE][0]);
	sw_drive_result_free(r);
	spoken_end(server);

	CHECK_INT(sw_drive_new(&s, &drive, NULL), SW_OK);
	CHECK_INT(sw_drive_run(drive, &r, &err), SW_IO);
	CHECK(r == NULL && strstr(err.message, server->url) != NULL);
	sw_drive_free(drive);
}

TEST(metrics_have_names)
{
	CHECK_STR(sw_drive_metric_id(SW_DRIVE_TTFT), "ttft_ms");
	CHECK_STR(sw_drive_metric_id(SW_DRIVE_SEND_LAG), "send_lag_ms");
}

TEST_MAIN()

// SPDX-License-Identifier: Apache-2.0
#include "observe_server.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "emulate/vllm_metrics.h"
#include "net/http_server.h"
#include "net/prometheus.h"

/* One engine's counts stand for all: each of a thousand sees them grow. */
static struct {
	pthread_mutex_t lock;
	struct sw__vllm_metrics metrics;
	double token_bounds[SW__TOKEN_BOUNDS_MAX], start_s;
	struct sw_engine settings;
	uint64_t served;
} engine = {.lock = PTHREAD_MUTEX_INITIALIZER};

static double now_s(void)
{
	return (double)observe_now_ns() / 1e9;
}

uint64_t observe_now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Two a second, 200 tokens each. */
static void serve_until(double at_s)
{
	static const double EVERY_S = 0.5, FIRST_S = 0.2, TOKEN_S = 0.02;
	enum { TOKENS = 200, PROMPT = 500 };

	while (engine.start_s + EVERY_S * (double)engine.served < at_s) {
		double arrival = engine.start_s + EVERY_S * (double)engine.served++;
		struct sw__vllm_times times = {arrival, arrival, arrival + FIRST_S,
					       arrival + FIRST_S + TOKEN_S * (TOKENS - 1)};

		for (unsigned n = 1; n <= TOKENS; n++)
			sw__vllm_token(&engine.metrics, n, PROMPT, arrival,
				       arrival + FIRST_S + TOKEN_S * (n - 2),
				       arrival + FIRST_S + TOKEN_S * (n - 1));
		sw__vllm_finished(&engine.metrics, SW__FINISH_STOP, &times, PROMPT, TOKENS);
	}
}

static void answer(void *context, const struct sw__http_request *request,
		   sw__http_exchange *exchange)
{
	struct sw_text text = {0};
	struct sw__vllm_engine seen = {"meta-llama/Llama-3.1-8B-Instruct", &engine.settings, {0}};

	(void)context;
	(void)request;
	(void)pthread_mutex_lock(&engine.lock);
	serve_until(now_s());
	sw__vllm_write(&text, &engine.metrics, &seen);
	(void)pthread_mutex_unlock(&engine.lock);
	(void)sw__http_answer(exchange, 200, SW__PROMETHEUS_TYPE, sw_text_string(&text), text.size);
	sw_text_free(&text);
}

static const struct sw__http_route routes[] = {{"GET", "/metrics", answer}};

static void serve(int to)
{
	struct sw__http_settings settings = sw__http_defaults();
	sw__http_server *server;
	unsigned port;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	sw__vllm_reset(&engine.metrics, engine.token_bounds,
		       sw__vllm_token_bounds(8192, engine.token_bounds));
	engine.start_s = now_s() - 60;
	settings.routes = routes;
	settings.n_routes = 1;
	settings.connections_max = 4096;
	if (sw__http_server_start(&settings, &server, NULL) != SW_OK)
		_exit(1);
	port = sw__http_server_port(server);
	if (write(to, &port, sizeof(port)) != (ssize_t)sizeof(port))
		_exit(1);
	for (;;)
		(void)pause();
}

pid_t observe_server_start(char *url, size_t size)
{
	unsigned port = 0;
	int pipes[2];
	pid_t pid;

	if (pipe(pipes) != 0)
		return -1;
	pid = fork();
	if (pid == 0)
		serve(pipes[1]);
	(void)close(pipes[1]);
	if (pid < 0 || read(pipes[0], &port, sizeof(port)) != (ssize_t)sizeof(port))
		return -1;
	(void)close(pipes[0]);
	(void)snprintf(url, size, "http://127.0.0.1:%u/metrics", port);
	return pid;
}

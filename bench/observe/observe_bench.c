// SPDX-License-Identifier: Apache-2.0
/*
 * What it takes to observe a thousand engines every five seconds: their /metrics, as vLLM writes them, from a server in another process on this
 * machine; read, made into windows, forecast. Processor time and memory are of the observing process alone.
 *
 * usage: slicewise-observe-bench RESULTS [SECONDS]
 */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "observe/drift.h"
#include "observe/engine_window.h"
#include "observe/forecast.h"
#include "observe/scraper.h"
#include "observe_server.h"

enum { ENGINES = 1000, EVERY_S = 5, SECONDS = 60 };
static const double LIMIT_PCT = 15, LIMIT_MB = 200, NS_PER_S = 1e9, PREDICTED_MS = 250;

struct engine {
	bool seen;
	uint64_t at_ns;
	struct sw__engine_reading last;
	struct sw__forecast forecast;
	struct sw__drift drift;
};

static struct {
	struct engine *engine;
	uint64_t bytes, windows, known;
} observed;

static double cpu_s(void)
{
	struct rusage u;

	(void)getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static double peak_mb(void)
{
	struct rusage u;

	(void)getrusage(RUSAGE_SELF, &u);
	return (double)u.ru_maxrss * 1024 / 1e6;
}

static void take_window(struct engine *e, const struct sw__engine_reading *now, uint64_t at_ns)
{
	double span_s = (double)(at_ns - e->at_ns) / NS_PER_S;
	struct sw__engine_window window;
	struct sw__seen_latency ttft;

	sw__engine_window(&e->last, now, span_s, &window);
	ttft = sw__seen_latency(&window, SW_TTFT);
	sw__forecast_add(&e->forecast, (double)at_ns / NS_PER_S, span_s, window.rate);
	sw__drift_add(&e->drift, SW_TTFT, ttft.count, ttft.mean_ms, PREDICTED_MS);
	(void)sw__forecast_ahead(&e->forecast);
	observed.windows++;
	observed.known += window.rate > 0 && isfinite(ttft.at_ms[SW_P95].high);
}

static void on_answer(void *context, const struct sw__scraped_answer *answer)
{
	struct engine *e = &observed.engine[answer->target];
	struct sw__engine_reading now;

	(void)context;
	if (!answer->body)
		return;
	observed.bytes += strlen(answer->body);
	sw__engine_read(answer->body, &now);
	if (e->seen)
		take_window(e, &now, answer->asked_ns);
	e->seen = true;
	e->last = now;
	e->at_ns = answer->asked_ns;
}

static void print(FILE *out, const struct sw__scraper_counts *counts, double cpu_pct)
{
	(void)fprintf(
		out,
		"%d engines, each asked every %d s: %.0f bytes of /metrics an answer, as vLLM "
		"writes them.\n\n"
		"  asked %llu, answered %llu, failed %llu, left out %llu\n"
		"  windows %llu, of which rate and p95 are known in %llu\n"
		"  processor  %.1f %% of a core, at most %g: %s\n"
		"  memory     %.0f MB at the most, at most %g: %s\n",
		ENGINES, EVERY_S, (double)observed.bytes / (double)counts->answered,
		(unsigned long long)counts->asked, (unsigned long long)counts->answered,
		(unsigned long long)counts->failed, (unsigned long long)counts->skipped,
		(unsigned long long)observed.windows, (unsigned long long)observed.known, cpu_pct,
		LIMIT_PCT, cpu_pct <= LIMIT_PCT ? "held" : "MISSED", peak_mb(), LIMIT_MB,
		peak_mb() <= LIMIT_MB ? "held" : "MISSED");
}

static bool make_engines(void)
{
	struct sw__forecast_settings forecast = sw__forecast_defaults();
	struct sw__drift_settings drift = sw__drift_defaults();

	forecast.horizon_s = 2 * EVERY_S;
	observed.engine = calloc(ENGINES, sizeof(*observed.engine));
	for (size_t i = 0; observed.engine && i < ENGINES; i++) {
		sw__forecast_init(&observed.engine[i].forecast, &forecast);
		sw__drift_init(&observed.engine[i].drift, &drift);
	}
	return observed.engine != NULL;
}

/* The first interval is not counted: connections are made in it. */
static enum sw_status observe(const char *url, unsigned seconds, FILE *out, struct sw_error *err)
{
	struct sw__scraper_settings settings = {
		.interval_s = EVERY_S, .timeout_s = EVERY_S, .answered = on_answer};
	static struct sw__scrape_target targets[ENGINES];
	struct sw__scraper_counts counts;
	sw__scraper *scraper;
	uint64_t start;
	double busy;
	enum sw_status st;

	for (size_t i = 0; i < ENGINES; i++)
		targets[i].url = url;
	st = sw__scraper_new(targets, ENGINES, &settings, &scraper, err);
	if (st != SW_OK)
		return st;
	start = observe_now_ns();
	sw__scraper_poll(scraper, start + (uint64_t)(EVERY_S * NS_PER_S));
	busy = cpu_s();
	sw__scraper_poll(scraper, start + (uint64_t)((EVERY_S + seconds) * NS_PER_S));
	busy = 100 * (cpu_s() - busy) / seconds;
	counts = sw__scraper_counts(scraper);
	print(out, &counts, busy);
	print(stdout, &counts, busy);
	sw__scraper_free(scraper);
	return SW_OK;
}

int main(int argc, char **argv)
{
	unsigned seconds = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : SECONDS;
	struct sw_error err = {0};
	char url[64];
	pid_t server;
	FILE *out;
	bool ok;

	if (argc < 2 || seconds == 0) {
		(void)fputs("usage: slicewise-observe-bench RESULTS [SECONDS]\n", stderr);
		return 2;
	}
	server = observe_server_start(url, sizeof(url));
	out = server > 0 && make_engines() ? fopen(argv[1], "w") : NULL;
	if (!out) {
		(void)fprintf(stderr, "%s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	ok = observe(url, seconds, out, &err) == SW_OK;
	if (!ok)
		(void)fprintf(stderr, "%s\n", err.message);
	(void)kill(server, SIGKILL);
	(void)waitpid(server, NULL, 0);
	free(observed.engine);
	return fclose(out) == 0 && ok ? 0 : 1;
}

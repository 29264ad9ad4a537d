// SPDX-License-Identifier: Apache-2.0
/*
 * How wrong `slicewise load` measures, against a server that says when it sent each piece. Both run on this machine and read
 * the same clock, so the differences are the load generator's error, the way through the kernel included.
 */
#include <arpa/inet.h>
#include <math.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "drive/drive_observer.h"
#include "math/ordered.h"
#include "paced_server.h"

enum {
	FIRST_MS = 50,
	GAP_MS = 20,
	TOKENS = 100,
	SECONDS = 10,
	WARM_UP_S = 1,
	PIECES_MAX = 1 << 20
};
enum { REQUESTS_MAX = PIECES_MAX / TOKENS };

static const double ns_per_ms = 1e6;

struct measured {
	size_t n_pieces, n_gaps;
	double *stamp_ms, *gap_ms; /* errors */
	uint64_t received_ns[REQUESTS_MAX]; /* when the server had the request */
	uint64_t last_at_ns[REQUESTS_MAX], last_sent_ns[REQUESTS_MAX];
};

static double ms(uint64_t from_ns, uint64_t to_ns)
{
	return ((double)to_ns - (double)from_ns) / ns_per_ms;
}

static void take_piece(void *self, uint64_t request, const char *content, uint64_t at_ns)
{
	struct measured *m = self;
	char *rest;
	uint64_t received_ns = strtoull(content, &rest, 10), sent_ns = strtoull(rest, NULL, 10);

	if (request >= REQUESTS_MAX || m->n_pieces == PIECES_MAX)
		return;
	/* Differences of whole nanoseconds first: days in a double would round them. */
	m->stamp_ms[m->n_pieces++] = (double)(int64_t)(at_ns - sent_ns) / ns_per_ms;
	if (m->last_at_ns[request])
		m->gap_ms[m->n_gaps++] = fabs(ms(m->last_at_ns[request], at_ns) -
					      ms(m->last_sent_ns[request], sent_ns));
	m->last_at_ns[request] = at_ns;
	m->last_sent_ns[request] = sent_ns;
	m->received_ns[request] = received_ns;
}

static int listen_somewhere(char *endpoint, size_t capacity)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) != 0 || listen(fd, 1024) != 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &size) != 0)
		abort();
	(void)snprintf(endpoint, capacity, "http://127.0.0.1:%u", ntohs(address.sin_port));
	return fd;
}

static struct measured *new_measured(void)
{
	struct measured *m = calloc(1, sizeof(*m));

	if (!m)
		abort();
	m->stamp_ms = calloc(PIECES_MAX, sizeof(double));
	m->gap_ms = calloc(PIECES_MAX, sizeof(double));
	if (!m->stamp_ms || !m->gap_ms)
		abort();
	return m;
}

static void free_measured(struct measured *m)
{
	free(m->stamp_ms);
	free(m->gap_ms);
	free(m);
}

static void print_quantiles(double *values, size_t n)
{
	qsort(values, n, sizeof(values[0]), sw__ascending);
	printf("  %7.3f %7.3f %7.3f", n ? sw__sorted_quantile(values, n, 0.5) : NAN,
	       n ? sw__sorted_quantile(values, n, 0.99) : NAN, n ? values[n - 1] : NAN);
}

/* From due to the server's having the request: our lag and the kernel's. */
static size_t send_errors(const struct measured *m, const struct sw_drive_result *result,
			  uint64_t start_ns, double *out)
{
	size_t n = 0;

	for (size_t i = 0; i < result->n && i < REQUESTS_MAX; i++) {
		if (m->received_ns[i] && result->requests[i].counted)
			out[n++] = (double)(int64_t)(m->received_ns[i] - start_ns) / ns_per_ms -
				   1000 * result->requests[i].arrival_s;
	}
	return n;
}

static size_t count_failed(const struct sw_drive_result *result)
{
	size_t failed = 0;

	for (size_t i = 0; i < result->n; i++)
		failed += result->requests[i].outcome != SW_DRIVE_OK;
	return failed;
}

static void report(const char *what, unsigned streams, struct measured *m,
		   const struct sw_drive_result *result, uint64_t start_ns, double cpu_s)
{
	double *sent = calloc(result->n + 1, sizeof(*sent));

	if (!sent)
		abort();
	printf("%-10s %7u %7zu", what, streams, m->n_pieces);
	print_quantiles(m->stamp_ms, m->n_pieces);
	print_quantiles(m->gap_ms, m->n_gaps);
	print_quantiles(sent, send_errors(m, result, start_ns, sent));
	printf("  %5.0f  %6zu\n", 100 * cpu_s / result->elapsed_s, count_failed(result));
	free(sent);
}

static double cpu_s(void)
{
	struct rusage use;

	(void)getrusage(RUSAGE_SELF, &use);
	return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
	       (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

static int drive_it(const char *endpoint, unsigned streams, const char *what)
{
	struct measured *m = new_measured();
	struct sw__piece_listener listener = {m, take_piece};
	struct sw_drive_settings settings = SW_DRIVE_DEFAULTS;
	struct sw_drive_result *result = NULL;
	struct sw_error err = {0};
	sw_drive *drive = NULL;
	double before_s = cpu_s();

	settings.endpoint = endpoint;
	settings.model = "paced";
	settings.load.concurrency = streams;
	settings.load.prompt_tokens.mean = 100;
	settings.load.output_tokens.mean = TOKENS;
	settings.warm_up_s = WARM_UP_S; /* when all connect at once */
	settings.duration_s = SECONDS;
	if (sw_drive_new(&settings, &drive, &err) == SW_OK) {
		sw__drive_listen(drive, &listener);
		if (sw_drive_run(drive, &result, &err) == SW_OK)
			report(what, streams, m, result, sw__drive_start_ns(drive),
			       cpu_s() - before_s);
	}
	if (!result)
		(void)fprintf(stderr, "%s\n", err.message);
	sw_drive_result_free(result);
	sw_drive_free(drive);
	free_measured(m);
	return result == NULL;
}

/* What this machine does to anybody who waits for a moment: how late a timer's sleeper wakes. */
static void print_control(void)
{
	enum { N = 2000, EVERY_NS = 1000000 };
	static double late_ms[N];
	uint64_t due_ns = sw__http_now_ns();

	for (size_t i = 0; i < N; i++) {
		struct timespec due;

		due_ns += EVERY_NS;
		due = (struct timespec){.tv_sec = (time_t)(due_ns / 1000000000),
					.tv_nsec = (long)(due_ns % 1000000000)};
		(void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
		late_ms[i] = (double)(sw__http_now_ns() - due_ns) / ns_per_ms;
	}
	printf("A sleeper on this machine wakes late by, ms:");
	print_quantiles(late_ms, N);
	printf("\n\n");
}

static int measure(unsigned streams, bool lockstep)
{
	static const uint64_t ns_of_ms = 1000000;
	struct pace pace = {FIRST_MS * ns_of_ms, GAP_MS * ns_of_ms, lockstep};
	char endpoint[64];
	int listener = listen_somewhere(endpoint, sizeof(endpoint)), status;
	pid_t server = fork();

	if (server < 0)
		abort();
	if (server == 0)
		paced_serve(listener, &pace);
	(void)close(listener);
	status = drive_it(endpoint, streams, lockstep ? "lockstep" : "scattered");
	(void)kill(server, SIGKILL);
	(void)waitpid(server, NULL, 0);
	return status;
}

int main(void)
{
	static const unsigned streams[] = {1, 64, 200};
	int status = 0;

	printf("Error of `slicewise load`, ms: a closed loop on a server on the same machine, the "
	       "way "
	       "through the kernel included.\n"
	       "First piece after %d ms, then one every %d ms, %d in all; scattered: every stream "
	       "in its "
	       "own time; lockstep: the\npieces of all streams at the same moments.\n",
	       FIRST_MS, GAP_MS, TOKENS);
	print_control();
	printf("                            a piece's moment         a gap's length          "
	       "request "
	       "there after due\n"
	       "           streams  pieces      p50     p99     max      p50     p99     max      "
	       "p50     "
	       "p99     max  CPU %%  failed\n");
	(void)fflush(stdout);
	for (int lockstep = 0; lockstep < 2; lockstep++) {
		for (size_t i = 0; i < sizeof(streams) / sizeof(streams[0]); i++) {
			status |= measure(streams[i], lockstep);
			(void)fflush(stdout);
		}
	}
	return status;
}

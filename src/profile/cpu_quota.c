// SPDX-License-Identifier: Apache-2.0
#include "profile/cpu_quota.h"

#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"

/* Short against a request, long against the microseconds that a look costs. */
static const double PERIOD_S = 0.02;
/* Between two looks at least; a process of one thread that uses all it can is looked at twice in a period. */
static const double LOOK_S = 0.0005;

struct sw__cpu_quota {
	pid_t pid;
	double share;
	clockid_t clock; /* of the process's CPU time */
	double used_s; /* of it, at the last look */
	pthread_t thread;
	atomic_bool end;
};

static double read_clock(clockid_t clock)
{
	struct timespec now;

	return clock_gettime(clock, &now) == 0 ? (double)now.tv_sec + 1e-9 * (double)now.tv_nsec
					       : NAN;
}

double sw__cpu_used_s(pid_t pid)
{
	clockid_t clock;

	return clock_getcpuclockid(pid, &clock) == 0 ? read_clock(clock) : NAN;
}

static void sleep_until(double at_s)
{
	struct timespec until = {(time_t)at_s, (long)((at_s - floor(at_s)) * 1e9)};

	(void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

/* What it has used since the last look; NAN: it is gone. */
static double look(sw__cpu_quota *q)
{
	double used = read_clock(q->clock), since = used - q->used_s;

	q->used_s = used;
	return since;
}

/*
 * Until the end of a period: let it run while it has CPU time left, then stop it. What it used beyond its part (it is looked at
 * now and then, and a look may come late) is taken from the next one; what it did not use is gone. Returns what is left.
 */
static double one_period(sw__cpu_quota *q, double left_s, double end_s)
{
	bool held = false;

	for (double now = read_clock(CLOCK_MONOTONIC); now < end_s;
	     now = read_clock(CLOCK_MONOTONIC)) {
		left_s -= look(q);
		if (isnan(left_s))
			break;
		if (left_s <= 0 && !held) {
			(void)kill(-q->pid, SIGSTOP);
			held = true;
		}
		sleep_until(held ? end_s : fmin(end_s, now + fmax(left_s, LOOK_S)));
	}
	return left_s - look(q);
}

static void *hold(void *context)
{
	sw__cpu_quota *q = context;
	double part_s = q->share * PERIOD_S, left_s = part_s;
	double end_s = read_clock(CLOCK_MONOTONIC) + PERIOD_S;

	while (!atomic_load(&q->end) && !isnan(left_s)) {
		left_s = one_period(q, left_s, end_s);
		left_s = left_s > 0 ? part_s : left_s + part_s; /* NAN stays */
		end_s = fmax(end_s, read_clock(CLOCK_MONOTONIC)) + PERIOD_S;
		if (left_s > 0)
			(void)kill(-q->pid, SIGCONT);
	}
	(void)kill(-q->pid, SIGCONT);
	return NULL;
}

enum sw_status sw__cpu_quota_start(pid_t pid, double share, sw__cpu_quota **out,
				   struct sw_error *err)
{
	sw__cpu_quota *q = calloc(1, sizeof(*q));
	int failed;

	*out = NULL;
	if (!q)
		return sw_fail(err, SW_NO_MEMORY, "a CPU quota");
	q->pid = pid;
	q->share = share;
	failed = clock_getcpuclockid(pid, &q->clock);
	q->used_s = failed ? NAN : read_clock(q->clock);
	if (!failed)
		failed = pthread_create(&q->thread, NULL, hold, q);
	if (failed) {
		free(q);
		return sw_fail(err, SW_IO, "a CPU quota for process %ld: %s", (long)pid,
			       strerror(failed));
	}
	*out = q;
	return SW_OK;
}

void sw__cpu_quota_stop(sw__cpu_quota *quota)
{
	if (!quota)
		return;
	atomic_store(&quota->end, true);
	(void)pthread_join(quota->thread, NULL);
	free(quota);
}

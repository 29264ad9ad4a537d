// SPDX-License-Identifier: Apache-2.0
#include "profile/disturbance.h"

#include <ctype.h>
#include <dirent.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "profile/cpu_quota.h"

#define NS_PER_S 1e9

enum { PATH_MAX_CHARS = 80 };

/* user nice system idle iowait irq softirq steal, and guests, who are in user already. */
static const unsigned busy_columns[] = {1, 1, 1, 0, 0, 1, 1, 1};

double sw__cpu_busy_ticks(const char *line, unsigned cpu)
{
	static const char name[] = "cpu";
	const char *at = line + strlen(name);
	double busy = 0;
	char *end;

	if (strncmp(line, name, strlen(name)) != 0 || !isdigit((unsigned char)*at) ||
	    strtoul(at, &end, 10) != cpu)
		return NAN;
	for (size_t i = 0; i < sizeof(busy_columns) / sizeof(busy_columns[0]); i++) {
		double ticks;

		at = end;
		ticks = strtod(at, &end);
		if (end == at)
			return i > 3 ? busy : NAN; /* old kernels have fewer */
		busy += busy_columns[i] * ticks;
	}
	return busy;
}

static double busy_s(const unsigned *cpus, size_t n)
{
	FILE *file = fopen("/proc/stat", "re");
	double ticks = 0;
	char *line = NULL;
	size_t capacity = 0, found = 0;

	while (file && found < n && getline(&line, &capacity, file) > 0)
		for (size_t i = 0; i < n; i++) {
			double busy = sw__cpu_busy_ticks(line, cpus[i]);

			ticks += isnan(busy) ? 0 : busy;
			found += !isnan(busy);
		}
	if (file)
		(void)fclose(file);
	free(line);
	return found == n ? ticks / (double)sysconf(_SC_CLK_TCK) : NAN;
}

/* Of one thread: /proc shows ns on a CPU, and ns in line for one. */
static double thread_waited_s(pid_t pid, const char *thread)
{
	char path[PATH_MAX_CHARS], line[PATH_MAX_CHARS] = "", *end, *after;
	double waited;
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%ld/task/%.20s/schedstat", (long)pid, thread);
	file = fopen(path, "re");
	if (!file)
		return NAN;
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	(void)fclose(file);
	(void)strtod(line, &end);
	waited = strtod(end, &after);
	return after > end ? waited / NS_PER_S : NAN;
}

/* Of threads that have ended nothing is left; those that compute live as long as their engine. */
static double waited_s(pid_t pid)
{
	char path[PATH_MAX_CHARS];
	double sum = NAN;
	DIR *threads;

	(void)snprintf(path, sizeof(path), "/proc/%ld/task", (long)pid);
	threads = opendir(path);
	for (struct dirent *e; threads && (e = readdir(threads));) {
		double waited = e->d_name[0] == '.' ? NAN : thread_waited_s(pid, e->d_name);

		if (!isnan(waited))
			sum = (isnan(sum) ? 0 : sum) + waited;
	}
	if (threads)
		(void)closedir(threads);
	return sum;
}

/* Of what this process used, as much as its threads are likely to have used there. */
static double load_s(const unsigned *cpus, size_t n)
{
	cpu_set_t allowed;
	double there = 0;

	if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0)
		return 0;
	for (size_t i = 0; i < n; i++)
		there += CPU_ISSET(cpus[i], &allowed) != 0;
	return sw__cpu_used_s(getpid()) * there / CPU_COUNT(&allowed);
}

struct sw__cpu_look sw__cpu_look(const unsigned *cpus, size_t n_cpus, const pid_t *engines,
				 size_t n)
{
	struct timespec now;
	struct sw__cpu_look look = {.busy_s = busy_s(cpus, n_cpus), .own_s = load_s(cpus, n_cpus)};

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	look.at_s = (double)now.tv_sec + (double)now.tv_nsec / NS_PER_S;
	for (size_t i = 0; i < n; i++) {
		look.own_s += sw__cpu_used_s(engines[i]);
		look.waited_s += waited_s(engines[i]);
	}
	return look;
}

static double part(double s, double all_s)
{
	return all_s > 0 && !isnan(s) ? fmin(1, fmax(0, s / all_s)) : NAN;
}

struct sw__disturbance sw__disturbance(const struct sw__cpu_look *from,
				       const struct sw__cpu_look *to, size_t n_cpus)
{
	double all_s = (to->at_s - from->at_s) * (double)n_cpus;
	double busy = to->busy_s - from->busy_s, own = to->own_s - from->own_s;
	struct sw__disturbance d = {
		.others = part(busy - own, all_s),
		.waited = part(to->waited_s - from->waited_s, all_s),
	};

	d.taken = isnan(d.others) || isnan(d.waited) ? NAN : fmin(d.others, d.waited);
	return d;
}

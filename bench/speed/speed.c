// SPDX-License-Identifier: Apache-2.0
/*
 * How fast the two calls are that others wait for: a prediction of a mix inside a planner's loop, and a whole plan from
 * the start of the process. usage: slicewise-speed PROGRAM EXAMPLES
 *
 * Times are medians over repetitions: a machine that does something else now and then moves a mean, not a median.
 */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "slicewise/slicewise.h"

enum { REPETITIONS = 21, PREDICTIONS = 20000, PATH_MAX_BYTES = 1024 };

/* What the project promises. */
static const double predict_us_per_engine = 5, plan_ms = 50;

static double now_s(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values)
{
	qsort(values, REPETITIONS, sizeof(*values), compare_doubles);
	return values[REPETITIONS / 2];
}

static int report(const char *what, double measured, double promised, const char *unit)
{
	printf("%-44s %8.2f %s (at most %g): %s\n", what, measured, unit, promised,
	       measured <= promised ? "held" : "MISSED");
	return measured <= promised ? 0 : 1;
}

static enum sw_status prepare(const struct sw_mix *mix, sw_prepared **prepared,
			      struct sw_error *err)
{
	sw_calibration *calibration = NULL;
	enum sw_status st = sw_calibration_open(&mix->gpu, NULL, &calibration, err);

	for (size_t i = 0; st == SW_OK && i < mix->n; i++)
		st = sw_prepare(calibration, &mix->gpu, &mix->tenants[i], &prepared[i], err);
	sw_calibration_free(calibration);
	return st;
}

static double time_predictions(const struct sw_mix *mix, sw_prepared *const *prepared,
			       struct sw_prediction *out)
{
	double times[REPETITIONS];

	for (size_t r = 0; r < REPETITIONS; r++) {
		double start = now_s();

		for (size_t i = 0; i < PREDICTIONS; i++)
			sw_predict(mix->mechanism, (const sw_prepared *const *)prepared, mix->n,
				   out);
		times[r] = 1e6 * (now_s() - start) / PREDICTIONS / (double)mix->n;
	}
	return median(times);
}

static enum sw_status measure_predict(const char *examples, int *missed, struct sw_error *err)
{
	char path[PATH_MAX_BYTES];
	sw_catalog *catalog = NULL;
	struct sw_mix *mix = NULL;
	enum sw_status st = sw_catalog_open(&catalog, err);

	(void)snprintf(path, sizeof(path), "%s/mix-four-small.yaml", examples);
	if (st == SW_OK)
		st = sw_mix_load(catalog, path, &mix, err);
	if (st == SW_OK) {
		sw_prepared **prepared = calloc(mix->n, sizeof(sw_prepared *));
		struct sw_prediction *out = calloc(mix->n, sizeof(*out));

		st = prepared && out ? prepare(mix, prepared, err) : SW_NO_MEMORY;
		if (st == SW_OK)
			*missed += report("predict, four engines, per engine",
					  time_predictions(mix, prepared, out),
					  predict_us_per_engine, "us");
		for (size_t i = 0; prepared && i < mix->n; i++)
			sw_prepared_free(prepared[i]);
		free((void *)prepared);
		free(out);
	}
	sw_mix_free(mix);
	sw_catalog_free(catalog);
	return st;
}

extern char **environ;

static int run_quietly(char *const *arguments)
{
	posix_spawn_file_actions_t actions;
	int status = -1;
	pid_t pid;

	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", 1, 0);
	if (posix_spawn(&pid, arguments[0], &actions, NULL, arguments, environ) == 0)
		(void)waitpid(pid, &status, 0);
	(void)posix_spawn_file_actions_destroy(&actions);
	return status;
}

static enum sw_status measure_plan(const char *program, const char *examples, int *missed,
				   struct sw_error *err)
{
	char path[PATH_MAX_BYTES], name[PATH_MAX_BYTES], plan[] = "plan";
	char *arguments[] = {name, plan, path, NULL};
	double times[REPETITIONS];

	(void)snprintf(name, sizeof(name), "%s", program);
	(void)snprintf(path, sizeof(path), "%s/six-models.yaml", examples);
	for (size_t r = 0; r < REPETITIONS; r++) {
		double start = now_s();

		if (run_quietly(arguments) != 0) {
			(void)snprintf(err->message, sizeof(err->message), "%s plan %s failed",
				       program, path);
			return SW_INTERNAL;
		}
		times[r] = 1e3 * (now_s() - start);
	}
	*missed += report("plan of six models, from the process's start", median(times), plan_ms,
			  "ms");
	return SW_OK;
}

int main(int argc, char **argv)
{
	struct sw_error err = {0};
	enum sw_status st;
	int missed = 0;

	if (argc != 3) {
		(void)fputs("usage: slicewise-speed PROGRAM EXAMPLES\n", stderr);
		return 1;
	}
	st = measure_predict(argv[2], &missed, &err);
	if (st == SW_OK)
		st = measure_plan(argv[1], argv[2], &missed, &err);
	if (st != SW_OK)
		(void)fprintf(stderr, "%s\n", err.message);
	return st != SW_OK || missed;
}

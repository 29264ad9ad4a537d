// SPDX-License-Identifier: Apache-2.0
#include "plan-scale/plan_run.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static double now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

bool planned_run(char **command, const char *output, struct planned *out)
{
	posix_spawn_file_actions_t actions;
	struct rusage usage;
	double begun;
	pid_t pid;
	int status = -1;

	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC,
					       0644);
	begun = now();
	errno = posix_spawn(&pid, command[0], &actions, NULL, command, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	if (errno != 0 || wait4(pid, &status, 0, &usage) != pid)
		return false;
	out->seconds = now() - begun;
	out->mib = (double)usage.ru_maxrss / 1024;
	return WIFEXITED(status) && WEXITSTATUS(status) <= 3;
}

bool planned_read(const char *path, struct planned *out)
{
	json_error_t error;
	json_t *plan = json_load_file(path, 0, &error), *totals = json_object_get(plan, "totals");

	if (!totals) {
		(void)fprintf(stderr, "%s: no totals\n", path);
		json_decref(plan);
		return false;
	}
	out->gpus = json_number_value(json_object_get(totals, "gpus"));
	out->per_hour = json_number_value(json_object_get(totals, "cost_per_hour"));
	out->gap_pct =
		100 * json_number_value(json_object_get(json_object_get(plan, "bound"), "gap"));
	out->exclusive_per_hour = json_number_value(
		json_object_get(json_object_get(plan, "exclusive"), "cost_per_hour"));
	json_decref(plan);
	return true;
}

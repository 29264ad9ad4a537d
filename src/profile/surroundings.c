// SPDX-License-Identifier: Apache-2.0
/* The machine and its clock, for runs on a real one. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "profile/driven.h"

void sw__sleep_s(double seconds)
{
	struct timespec time = {(time_t)seconds, (long)(fmod(seconds, 1) * 1e9)};

	(void)nanosleep(&time, NULL);
}

double sw__unix_s(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

uint64_t sw__origin_ns(double unix_s)
{
	struct timespec now;
	double monotonic_s;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	monotonic_s = (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
	return (uint64_t)(fmax(0, monotonic_s + unix_s - sw__unix_s()) * 1e9);
}

/* "model name	: Intel(R) ..." of the first processor; left as it is where there is no such line. */
static void find_cpu(char *out, size_t capacity)
{
	static const char key[] = "model name";
	FILE *file = fopen("/proc/cpuinfo", "re");
	char line[256];

	while (file && fgets(line, sizeof(line), file)) {
		char *value = strchr(line, ':');

		if (!value || strncmp(line, key, strlen(key)) != 0)
			continue;
		value += 1 + strspn(value + 1, " \t");
		value[strcspn(value, "\n")] = '\0';
		(void)sw_copy_name(out, capacity, value);
		break;
	}
	if (file)
		(void)fclose(file);
}

struct sw_machine sw__this_machine(const struct sw__watched_gpu *watched)
{
	struct sw_machine machine = {{0}, {0}, 0};
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	find_cpu(machine.cpu, sizeof(machine.cpu));
	machine.cores = cores > 0 ? (unsigned)cores : 0;
	if (watched)
		(void)sw_copy_name(machine.driver, sizeof(machine.driver),
				   watched->identity.driver);
	return machine;
}

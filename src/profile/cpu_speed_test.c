// SPDX-License-Identifier: Apache-2.0
#include "profile/cpu_speed.h"

#include <math.h>
#include <sched.h>
#include <string.h>

#include "check.h"

TEST(a_cpu_has_a_speed_and_the_thread_may_run_where_it_could_before)
{
	cpu_set_t before, after;
	int here = sched_getcpu();
	unsigned cpu = here < 0 ? 0 : (unsigned)here;
	double speed;

	CHECK_INT(sched_getaffinity(0, sizeof(before), &before), 0);
	speed = sw__cpu_speed_gb_s(&cpu, 1);
	CHECK_INT(sched_getaffinity(0, sizeof(after), &after), 0);
	CHECK(CPU_EQUAL(&before, &after));
	CHECK(speed > 0.01 && speed < 10000);
}

TEST(a_cpu_that_is_not_there_has_none)
{
	static const unsigned cpus[] = {0, 1000};
	cpu_set_t before, after;

	CHECK_INT(sched_getaffinity(0, sizeof(before), &before), 0);
	CHECK(isnan(sw__cpu_speed_gb_s(&cpus[1], 1)));
	CHECK(isnan(sw__cpu_speed_gb_s(cpus, 2)));
	CHECK(isnan(sw__cpu_speed_gb_s(cpus, 0)));
	CHECK_INT(sched_getaffinity(0, sizeof(after), &after), 0);
	CHECK(CPU_EQUAL(&before, &after));
}

TEST_MAIN()

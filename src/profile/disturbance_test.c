// SPDX-License-Identifier: Apache-2.0
#include "profile/disturbance.h"

#include <sched.h>
#include <unistd.h>

#include "check.h"
#include "profile/child.h"
#include "profile/cpu_quota.h"
#include "profile/driven.h"

enum { NO_SUCH_PID = 4194000 };

TEST(a_line_of_proc_stat_tells_ticks_that_its_cpu_was_busy)
{
	static const char line[] = "cpu1 100 20 3 4000 500 60 7 8 90 10\n";

	CHECK_NEAR(sw__cpu_busy_ticks(line, 1), 100 + 20 + 3 + 60 + 7 + 8, 0);
	CHECK(isnan(sw__cpu_busy_ticks(line, 0)));
	CHECK(isnan(sw__cpu_busy_ticks(line, 11)));
	CHECK(isnan(sw__cpu_busy_ticks("cpu  1 2 3 4 5 6 7 8\n", 0)));
	CHECK(isnan(sw__cpu_busy_ticks("cpu3 nothing\n", 3)));
	CHECK(isnan(sw__cpu_busy_ticks("intr 5\n", 0)));
	CHECK_NEAR(sw__cpu_busy_ticks("cpu12 1 2 3 1000\n", 12), 6, 0);
}

TEST(others_took_what_was_used_and_not_by_engines_while_these_waited)
{
	const struct sw__cpu_look from = {10, 100, 50, 1}, to = {20, 119, 62, 3};
	struct sw__disturbance two = sw__disturbance(&from, &to, 2);
	struct sw__cpu_look later = to, unknown = to;

	CHECK_NEAR(two.others, (19 - 12) / 20.0, 1e-12);
	CHECK_NEAR(two.waited, 2 / 20.0, 1e-12);
	CHECK_NEAR(two.taken, 0.1, 1e-12);
	later.waited_s = 30;
	CHECK_NEAR(sw__disturbance(&from, &later, 2).taken, 7 / 20.0, 1e-12);
	later.busy_s = 110; /* ticks and clocks do not count alike */
	CHECK_NEAR(sw__disturbance(&from, &later, 2).others, 0, 0);
	unknown.waited_s = NAN;
	CHECK(isnan(sw__disturbance(&from, &unknown, 2).taken));
	CHECK(isnan(sw__disturbance(&from, &from, 2).taken));
}

static bool start_busy(unsigned cpu, struct sw__child *child)
{
	char shell[] = "sh", option[] = "-c", text[] = "while :; do :; done";
	char *const argv[] = {shell, option, text, NULL};

	return CHECK(sw__child_start(argv, environ, &cpu, 1, child, NULL) == SW_OK);
}

static unsigned any_cpu(void)
{
	int cpu = sched_getcpu();

	return cpu < 0 ? 0 : (unsigned)cpu;
}

/* An engine and another program, both busy, on one CPU: however much else goes on there, the engine waits and somebody else has it. */
TEST(a_program_beside_an_engine_is_seen)
{
	unsigned cpu = any_cpu();
	struct sw__child engine, other;
	struct sw__cpu_look from, to;
	struct sw__disturbance d;

	if (!start_busy(cpu, &engine))
		return;
	if (start_busy(cpu, &other)) {
		from = sw__cpu_look(&cpu, 1, &engine.pid, 1);
		sw__sleep_s(0.8);
		to = sw__cpu_look(&cpu, 1, &engine.pid, 1);
		d = sw__disturbance(&from, &to, 1);
		CHECK(to.own_s > from.own_s);
		if (!isnan(d.taken)) /* a kernel without the statistics says nothing */
			CHECK(d.taken > 0.1);
		sw__child_stop(&other, 1);
	}
	sw__child_stop(&engine, 1);
}

TEST(an_engine_that_is_gone_and_a_cpu_that_is_not_there_are_not_known)
{
	static const unsigned none = 1000;
	const pid_t gone = NO_SUCH_PID, self = getpid();
	unsigned cpu = any_cpu();

	CHECK(isnan(sw__cpu_look(&none, 1, &self, 1).busy_s));
	CHECK(isnan(sw__cpu_look(&cpu, 1, &gone, 1).waited_s));
	CHECK(isnan(sw__cpu_look(&cpu, 1, &gone, 1).own_s));
}

TEST_MAIN()

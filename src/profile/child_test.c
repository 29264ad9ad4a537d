// SPDX-License-Identifier: Apache-2.0
#include "profile/child.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "check.h"
#include "net/http_client.h"
#include "profile/driven.h"

static atomic_bool never;

static bool start(const char *script, const unsigned *cpus, size_t n, struct sw__child *child)
{
	char shell[] = "sh", option[] = "-c", text[256];
	char *const argv[] = {shell, option, text, NULL};
	struct sw_error e;

	(void)snprintf(text, sizeof(text), "%s", script);
	return CHECK(sw__child_start(argv, environ, cpus, n, child, &e) == SW_OK);
}

static void wait_for_end(struct sw__child *child)
{
	for (int i = 0; i < 500 && !sw__child_ended(child); i++)
		sw__sleep_s(0.01);
}

TEST(what_a_child_said_and_how_it_ended_is_known)
{
	struct sw__child child;
	char fate[256];

	if (!start("echo one; echo two >&2; exit 7", NULL, 0, &child))
		return;
	wait_for_end(&child);
	CHECK_STR(sw__child_fate(&child, fate, sizeof(fate)), "ended with status 7: one|two");
	CHECK_STR(sw__child_words(&child, fate, 5), "two"); /* the last of it */
	sw__child_stop(&child, 1);
	if (!start("kill -9 $$", NULL, 0, &child))
		return;
	wait_for_end(&child);
	CHECK_STR(sw__child_fate(&child, fate, sizeof(fate)), "was ended by signal 9");
	sw__child_stop(&child, 1);
}

TEST(a_program_that_is_not_there_cannot_be_started)
{
	char program[] = "/none/such";
	char *const argv[] = {program, NULL};
	struct sw__child child;
	struct sw_error e;

	CHECK_INT(sw__child_start(argv, environ, NULL, 0, &child, &e), SW_IO);
	CHECK(strstr(e.message, "/none/such: cannot start: No such file"));
	sw__child_stop(&child, 1); /* fine */
}

/* What it started, too; and who does not hear is killed. */
TEST(a_group_is_stopped_whole)
{
	struct sw__child child;
	char words[64];
	pid_t grandchild;

	if (!start("trap '' TERM; sleep 1000 & echo $!; wait; wait", NULL, 0, &child))
		return;
	do {
		sw__sleep_s(0.01);
		(void)sw__child_words(&child, words, sizeof(words));
	} while (!*words);
	grandchild = (pid_t)strtol(words, NULL, 10);
	CHECK(kill(grandchild, 0) == 0);
	sw__child_stop(&child, 0.2);
	CHECK_INT(child.pid, 0);
	for (int i = 0; i < 100 && kill(grandchild, 0) == 0; i++)
		sw__sleep_s(0.01);
	/* Gone, or a zombie that nobody waits for in this container. */
	CHECK(kill(grandchild, 0) != 0 || getpgid(grandchild) >= 0);
}

TEST(a_child_runs_where_it_is_told_to_and_its_parent_where_it_did)
{
	struct sw__child child;
	cpu_set_t before, after, its;
	unsigned cpu = 0;

	CHECK(sched_getaffinity(0, sizeof(before), &before) == 0);
	while (cpu < CPU_SETSIZE && !CPU_ISSET(cpu, &before))
		cpu++;
	if (!start("sleep 100", &cpu, 1, &child))
		return;
	CHECK(sched_getaffinity(child.pid, sizeof(its), &its) == 0);
	CHECK(sched_getaffinity(0, sizeof(after), &after) == 0);
	CHECK_INT(CPU_COUNT(&its), 1);
	CHECK(CPU_ISSET(cpu, &its));
	CHECK(CPU_EQUAL(&before, &after));
	sw__child_stop(&child, 1);
}

TEST(ports_are_free)
{
	struct sw_error e;
	unsigned a = 0, b = 0;

	CHECK_INT(sw__free_port(&a, &e), SW_OK);
	CHECK_INT(sw__free_port(&b, &e), SW_OK);
	CHECK(a > 0 && b > 0 && a < 65536);
}

TEST(who_never_answers_is_not_waited_for)
{
	struct sw__child child;
	struct sw_error e;
	atomic_bool stop = true;

	if (!start("echo hello; sleep 100", NULL, 0, &child))
		return;
	CHECK_INT(sw__child_ready(&child, "http://127.0.0.1:1/health", 0.3, &never, &e), SW_IO);
	CHECK(strstr(e.message, "does not answer 200 within 0.3 s; it said: hello"));
	CHECK_INT(sw__child_ready(&child, "http://127.0.0.1:1/health", 100, &stop, &e), SW_IO);
	CHECK_STR(e.message, "stopped");
	sw__child_stop(&child, 1);
	if (!start("echo no GPU; exit 3", NULL, 0, &child))
		return;
	CHECK_INT(sw__child_ready(&child, "http://127.0.0.1:1/health", 100, &never, &e), SW_IO);
	CHECK_STR(e.message, "it ended with status 3: no GPU before it was ready");
	sw__child_stop(&child, 1);
}

TEST_MAIN()

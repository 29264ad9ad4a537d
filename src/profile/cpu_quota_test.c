// SPDX-License-Identifier: Apache-2.0
#include "profile/cpu_quota.h"

#include <signal.h>
#include <unistd.h>

#include "check.h"
#include "profile/child.h"
#include "profile/driven.h"

/* Below the largest that Linux counts to, above what a machine comes to. */
enum { NO_SUCH_PID = 4194000 };

static struct sw_error err;

static bool start(const char *script, struct sw__child *child)
{
	char shell[] = "sh", option[] = "-c", text[256];
	char *const argv[] = {shell, option, text, NULL};

	(void)snprintf(text, sizeof(text), "%s", script);
	return CHECK(sw__child_start(argv, environ, NULL, 0, child, &err) == SW_OK);
}

/* Cores that a busy process gets over two seconds, as its CPU clock counts, and one that nobody holds beside it. */
static double cores_of(double share, double *unheld)
{
	static const char busy[] = "while :; do :; done";
	struct sw__child child, free_child;
	sw__cpu_quota *quota = NULL;
	double used, free_used, began;

	if (!start(busy, &child) || !start(busy, &free_child))
		return NAN;
	CHECK_INT(sw__cpu_quota_start(child.pid, share, &quota, &err), SW_OK);
	sw__sleep_s(0.2);
	used = sw__cpu_used_s(child.pid);
	free_used = sw__cpu_used_s(free_child.pid);
	began = sw__unix_s();
	sw__sleep_s(2);
	used = (sw__cpu_used_s(child.pid) - used) / (sw__unix_s() - began);
	*unheld = (sw__cpu_used_s(free_child.pid) - free_used) / (sw__unix_s() - began);
	sw__cpu_quota_stop(quota);
	sw__child_stop(&child, 1);
	sw__child_stop(&free_child, 1);
	return used;
}

/*
 * Never more than its share, but for a look that came late; and most of it, or of what the machine leaves to anybody where others
 * use it.
 */
TEST(a_busy_process_gets_its_share_of_a_core)
{
	static const double shares[] = {0.1, 0.3, 0.6};

	for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++) {
		double unheld = NAN, cores = cores_of(shares[i], &unheld);

		if (!CHECK(cores < 1.1 * shares[i] + 0.02 && cores > 0.4 * fmin(shares[i], unheld)))
			printf("    share %g: %g cores, %g without\n", shares[i], cores, unheld);
	}
}

TEST(a_process_that_is_let_go_runs_again_and_one_that_ended_is_no_trouble)
{
	struct sw__child child;
	sw__cpu_quota *quota = NULL;
	double used;

	if (!start("while :; do :; done", &child))
		return;
	CHECK_INT(sw__cpu_quota_start(child.pid, 0.01, &quota, &err), SW_OK);
	sw__sleep_s(0.3);
	sw__cpu_quota_stop(quota);
	used = sw__cpu_used_s(child.pid);
	sw__sleep_s(0.5);
	CHECK(sw__cpu_used_s(child.pid) - used > 0.05); /* a hundredth would be 0.005 */
	CHECK_INT(sw__cpu_quota_start(child.pid, 0.5, &quota, &err), SW_OK);
	(void)kill(child.pid, SIGKILL);
	sw__sleep_s(0.1);
	sw__cpu_quota_stop(quota);
	sw__child_stop(&child, 1);
	sw__cpu_quota_stop(NULL);
}

TEST(a_process_that_is_not_there_is_refused)
{
	sw__cpu_quota *quota;

	CHECK_INT(sw__cpu_quota_start(NO_SUCH_PID, 0.5, &quota, &err), SW_IO);
	CHECK(!quota);
	CHECK(isnan(sw__cpu_used_s(NO_SUCH_PID)));
}

TEST_MAIN()

// SPDX-License-Identifier: Apache-2.0
#include "plan/trials.h"

#include "check.h"
#include "plan/fake_oracle.h"

static struct sw_error err;
static struct sw__sizing sizing;
static struct sw__size *size;
static struct sw__trials trials;

static void start(double tpot)
{
	fake_reset();
	fake_add_gpu(SW_MPS, 200, 40, 1, 2);
	fake_add_workload((struct fake_workload){5, 0.01, 0, 3}, 10, tpot);
	CHECK_INT(sw__sizing_open(&fake_problem, &fake_oracle, &sizing, &err), SW_OK);
	CHECK_INT(sw__size_get(&sizing, 0, 0, 1, &size, &err), SW_OK);
	size->why_not[0] = '\0';
	CHECK_INT(sw__trials_open(&sizing, size, &trials, &err), SW_OK);
}

static void done(void)
{
	sw__trials_close(&trials);
	sw__sizing_close(&sizing);
	CHECK_INT(fake_prepared, 0);
}

TEST(trials_are_settled_once_and_refused_where_they_do_not_go_together)
{
	struct sw__trial *trial;

	start(20);
	trial = sw__trial_of(&trials, 32, 2048);
	CHECK(trial && trial == sw__trial_of(&trials, 32, 2048));
	CHECK(trial && trial->tenant.engine.max_num_seqs == 32);
	CHECK(!sw__trial_of(&trials, 64, 32));
	CHECK(!sw__trial_of(&trials, 1500, 2048)); /* 3 + 46.9 GiB */
	CHECK_STR(size->why_not, "w0 needs 49.88 GiB");
	CHECK(!sw__trial_of(&trials, 1300, 2048));
	CHECK_STR(size->why_not, "w0 needs 43.62 GiB"); /* the one that asks for less */
	CHECK(!sw__trial_of(&trials, 1400, 2048));
	CHECK_STR(size->why_not, "w0 needs 43.62 GiB");
	for (unsigned seqs = 100; seqs < 100 + 2 * SW__TRIALS_MAX; seqs++)
		(void)sw__trial_of(&trials, seqs, 2048);
	CHECK_INT(trials.n, SW__TRIALS_MAX);
	done();
}

/* The guesses need fewer looks than halving, and find the same. */
TEST(the_lowest_level_in_few_looks)
{
	size_t looks = 0, cases = 0;

	for (double tpot = 6; tpot < 150; tpot *= 1.13) {
		struct sw__trial *trial;
		size_t level, before;

		start(tpot);
		trial = sw__trial_of(&trials, 32, 2048);
		before = sizing.prepared;
		if (CHECK(trial && sw__trial_meets(&trials, trial, trials.top))) {
			level = sw__trial_lowest(&trials, trial, 0, trials.top);
			looks += sizing.prepared - before;
			cases++;
			CHECK(sw__trial_meets(&trials, trial, level));
			CHECK(level == 0 || !sw__trial_meets(&trials, trial, level - 1));
		}
		done();
	}
	printf("    %zu looks in %zu cases\n", looks, cases);
	CHECK(looks < 7 * cases); /* halving 100 levels takes 7 and the look at the top */
}

TEST(the_nearest_miss_is_noted)
{
	struct sw__trial *trial;

	start(5.55);
	trial = sw__trial_of(&trials, 32, 2048);
	CHECK(trial && !sw__trial_meets(&trials, trial, trials.top));
	CHECK_STR(size->why_not, "tpot_p95 bound 5.665 of 5.55 ms");
	CHECK_NEAR(size->miss.latency[SW_TPOT].hi[SW_P95], 5.665, 1e-9);
	CHECK_NEAR(sw__trial_predicted(&trials, trial, 10)->busy,
		   0.1 / sizing.levels[0].level[10].share, 1e-9);
	done();
}

TEST_MAIN()

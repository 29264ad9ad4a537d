// SPDX-License-Identifier: Apache-2.0
#include "plan/peer_profile.h"

#include "plan/peer_fixture.h"

static struct sw__sizing sizing;
static char seen[256];
static double worst; /* largest error of a slowdown */

/* "01 " for a run of workloads 0 and 1; the fake slowdown is 1 + what the others ask of DRAM. */
static void take(void *context, const struct sw__profile_run *run)
{
	size_t *runs = context;

	(*runs)++;
	for (size_t i = 0; i < run->n; i++) {
		size_t length = strlen(seen);
		double slowdown = 1;

		for (size_t j = 0; j < run->n; j++)
			slowdown += j == i ? 0 : run->alone[j]->pressure;
		worst = fmax(worst, fabs(run->slowdown[i] / slowdown - 1));
		(void)snprintf(seen + length, sizeof(seen) - length, "%zu%s",
			       run->alone[i]->workload, i + 1 == run->n ? " " : "");
	}
}

static size_t profile(size_t models, size_t together)
{
	size_t runs = 0;
	const struct sw__profile ask = {
		.models = models, .together = together, .take = take, .context = &runs};

	*seen = '\0';
	worst = 0;
	CHECK_INT(sw__sizing_open(&fake_problem, &fake_oracle, &sizing, &err), SW_OK);
	CHECK_INT(sw__profile(&ask, &sizing, 0, &err), SW_OK);
	sw__sizing_close(&sizing);
	CHECK_INT(fake_prepared, 0);
	CHECK(worst < 1e-6);
	return runs;
}

TEST(every_mix_that_the_slices_allow)
{
	fake_reset();
	fake_add_gpu(SW_MPS, PEER_SMS, 40, 1, 2);
	for (int i = 0; i < 3; i++)
		fake_add_workload((struct fake_workload){5, 1e-9, 0.1 * (i + 1), 1}, 1,
				  5.5 / pow(i == 2 ? 0.6 : 0.3, 0.7) * 1.0001);
	CHECK_INT(profile(SW__PROFILE_MODELS, 2), 5);
	CHECK_STR(seen, "00 01 02 11 12 ");
	CHECK_INT(profile(SW__PROFILE_MODELS, 3), 4);
	CHECK_STR(seen, "000 001 011 111 ");
	/* Two of three, evenly. */
	CHECK_INT(profile(2, 2), 3);
	CHECK_STR(seen, "00 01 11 ");
}

TEST(what_cannot_run_is_left_out)
{
	fake_reset();
	fake_add_gpu(SW_MPS, PEER_SMS, 40, 1, 2);
	(void)fake_add_share(0.2, 1);
	(void)fake_add_share(0.2, 100);
	CHECK_INT(profile(SW__PROFILE_MODELS, 2), 1);
	CHECK_STR(seen, "00 ");
	fake_problem.n_workloads = 0;
	CHECK_INT(profile(SW__PROFILE_MODELS, 2), 0);
}

TEST_MAIN()

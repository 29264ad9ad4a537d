// SPDX-License-Identifier: Apache-2.0
#include "plan/replan_plays.h"

#include "check.h"
#include "plan/played_fake.h"

/* A running plan of one GPU and two engines, the first of which was played. */
struct running_fixture {
	struct sw_plan_mixes mixes;
	struct sw_planned_gpu gpu;
	struct sw_mix mix;
	struct sw_tenant tenants[2];
	size_t workload[2];
	double factor[2][SW_METRIC_COUNT][SW_STATISTIC_COUNT];
	struct sw_planned_workload workloads[2];
};

static void run(struct running_fixture *r)
{
	memset(r, 0, sizeof(*r));
	for (int i = 0; i < 2; i++) {
		(void)snprintf(r->workloads[i].name, sizeof(r->workloads[i].name), "w%d", i);
		r->workload[i] = (size_t)i;
		r->tenants[i].slice = (struct sw_slice){SW_MPS, 0.2 + 0.3 * i, 4};
		for (int k = 0; k < SW_METRIC_COUNT * SW_STATISTIC_COUNT; k++)
			r->factor[i][k / SW_STATISTIC_COUNT][k % SW_STATISTIC_COUNT] =
				i == 0 ? 0.5 + 0.1 * k : (double)NAN;
	}
	r->mix = (struct sw_mix){.mechanism = SW_MPS, .n = 2, .tenants = r->tenants};
	(void)snprintf(r->mix.gpu.id, sizeof(r->mix.gpu.id), "g0");
	r->gpu = (struct sw_planned_gpu){
		.mix = &r->mix, .workload = r->workload, .played_over_closed = r->factor};
	r->mixes = (struct sw_plan_mixes){.is_plan = true,
					  .n_gpus = 1,
					  .gpus = &r->gpu,
					  .n_workloads = 2,
					  .workloads = r->workloads};
}

static void two_workloads(void)
{
	fake_reset();
	fake_add_gpu(SW_MPS, 100, 20, 1, 2);
	fake_add_gpu(SW_TIMESLICE, 100, 20, 1.5, 2);
	fake_add_share(0.2, 3);
	fake_add_share(0.5, 3);
}

TEST(what_a_file_says_of_plays_is_believed)
{
	struct sw__oracle oracle = truth_oracle();
	struct running_fixture r;
	const struct sw__correction *c = &truth_correction[0][0][0];

	two_workloads();
	run(&r);
	sw__remember_plays(&fake_problem, &oracle, &r.mixes);
	CHECK_INT(c->n, 1);
	CHECK_NEAR(sw__correction_at(c, 0.2, SW_TTFT, SW_P95), 0.7, 1e-12);
	CHECK_NEAR(sw__correction_at(c, 0.2, SW_TPOT, SW_MEAN), 0.9, 1e-12);
	CHECK_INT(truth_correction[1][0][0].n, 0); /* not played */
	CHECK_INT(truth_correction[0][1][0].n, 0); /* another kind */
}

TEST(not_of_another_fit_nor_of_what_is_no_longer_there)
{
	struct sw__oracle oracle = truth_oracle();
	struct running_fixture r;

	two_workloads();
	run(&r);
	(void)snprintf(r.mixes.fit.hash, sizeof(r.mixes.fit.hash), "0123456789abcdef");
	sw__remember_plays(&fake_problem, &oracle, &r.mixes);
	CHECK_INT(truth_correction[0][0][0].n, 0);
	run(&r);
	(void)snprintf(r.workloads[0].name, sizeof(r.workloads[0].name), "gone");
	sw__remember_plays(&fake_problem, &oracle, &r.mixes);
	run(&r);
	(void)snprintf(r.mix.gpu.id, sizeof(r.mix.gpu.id), "gone");
	sw__remember_plays(&fake_problem, &oracle, &r.mixes);
	CHECK_INT(truth_correction[0][0][0].n, 0);
	oracle.correction = NULL;
	run(&r);
	sw__remember_plays(&fake_problem, &oracle, &r.mixes);
}

TEST(the_next_plan_remembers_too)
{
	struct sw__oracle oracle = truth_oracle();
	struct running_fixture r;
	struct sw_placement engines[2] = {{.workload = 0, .share = 0.3}, {.workload = 1}};
	struct sw_plan_gpu gpu = {.fleet = 0, .n = 2, .tenants = engines};
	struct sw_plan plan = {.n_gpus = 1, .gpus = &gpu};

	two_workloads();
	run(&r);
	sw__remember_plays(&fake_problem, &oracle, &r.mixes);
	sw__pass_on_plays(&oracle, &plan);
	CHECK_NEAR(engines[0].played_over_closed[SW_TTFT][SW_P95], 0.7, 1e-12);
	CHECK_NEAR(engines[1].played_over_closed[SW_TTFT][SW_P95], 0, 0);
}

TEST_MAIN()

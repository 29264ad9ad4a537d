/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file played_fake.h
 * For tests: the fake oracle, where plays say so many times what its line of arithmetic says.
 */
#ifndef SLICEWISE_PLAN_PLAYED_FAKE_H
#define SLICEWISE_PLAN_PLAYED_FAKE_H

#include "plan/fake_oracle.h"

static double truth_factor[FAKE_WORKLOADS]; /* of the bounds of each workload's engines */
static size_t truth_plays; /* asked for */
static struct sw__correction truth_correction[FAKE_WORKLOADS][FAKE_FLEET][2];

/* Workloads here have different base times. */
static inline size_t truth_index(const sw_prepared *p)
{
	size_t i = 0;

	while (i < fake_problem.n_workloads && fake_workloads[i].base_ms != p->w.base_ms)
		i++;
	return i;
}

static inline struct sw__correction *truth_correct(void *context, size_t workload, size_t fleet,
						   bool graphs)
{
	(void)context;
	return &truth_correction[workload][fleet][graphs ? 1 : 0];
}

static inline void truth_apply(const sw_prepared *p, struct sw_prediction *out)
{
	size_t fleet = 0;

	while (fake_speed[fleet] != p->speed)
		fleet++;
	sw__correction_apply(&truth_correction[truth_index(p)][fleet][0], p->share, out);
}

static inline void truth_predict(enum sw_mechanism mechanism, const sw_prepared *const *p, size_t n,
				 struct sw_prediction *out)
{
	fake_predict(mechanism, p, n, out);
	for (size_t i = 0; i < n; i++)
		truth_apply(p[i], &out[i]);
}

static inline void truth_pressed(enum sw_mechanism mechanism, const sw_prepared *p, double pressure,
				 struct sw_prediction *out)
{
	fake_predict_pressed(mechanism, p, pressure, out);
	truth_apply(p, out);
}

static inline enum sw_status truth_play(void *context, const struct sw__play_job *job,
					struct sw_prediction *out, struct sw_error *err)
{
	struct sw_prepared engine[SW_TENANTS_MAX];
	const sw_prepared *all[SW_TENANTS_MAX];

	(void)context, (void)err;
	truth_plays++;
	for (size_t i = 0; i < job->n; i++) {
		engine[i] = fake_engine(job->fleet, fake_index(job->tenants[i].name),
					job->tenants[i].slice.share, false);
		engine[i].load = job->tenants[i].load.rate;
		all[i] = &engine[i];
	}
	fake_predict(fake_fleet[job->fleet].mechanism, all, job->n, out);
	fake_max_rates(fake_fleet[job->fleet].mechanism, all, job->n, out);
	for (size_t i = 0; i < job->n; i++)
		for (int m = 0; m < SW_METRIC_COUNT; m++)
			for (int s = 0; s < SW_STATISTIC_COUNT; s++)
				out[i].latency[m].hi[s] *=
					truth_factor[fake_index(job->tenants[i].name)];
	return SW_OK;
}

static inline enum sw_status truth_ahead(void *context, const struct sw__play_job *jobs, size_t n,
					 struct sw_error *err)
{
	(void)context, (void)jobs, (void)n, (void)err;
	return SW_OK;
}

static inline struct sw__oracle truth_oracle(void)
{
	struct sw__oracle oracle = fake_oracle;

	memset(truth_correction, 0, sizeof(truth_correction));
	truth_plays = 0;
	oracle.predict = truth_predict;
	oracle.predict_pressed = truth_pressed;
	oracle.play = truth_play;
	oracle.play_ahead = truth_ahead;
	oracle.correction = truth_correct;
	return oracle;
}

#endif

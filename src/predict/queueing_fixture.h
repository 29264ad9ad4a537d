/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file queueing_fixture.h
 * An engine and its traffic for the tests of queueing: round numbers, so that expectations can be done by hand.
 */
#ifndef SLICEWISE_PREDICT_QUEUEING_FIXTURE_H
#define SLICEWISE_PREDICT_QUEUEING_FIXTURE_H

#include "predict/queueing_parts.h"

#include <math.h>

/* 10 ms up to 100 tokens, then 0.1 ms a token; 1 ms of host; attention 0.001 ms a sequence and nothing per token. */
static inline struct sw__step_curve fixture_curve(void)
{
	return (struct sw__step_curve){
		.n_knots = 3,
		.tokens = {1, 100, 1100},
		.linear_ms = {10, 10, 110},
		.decode_ms_per_seq = 0.001,
		.host_ms = 1,
	};
}

static inline struct sw__batching fixture_batching(void)
{
	return (struct sw__batching){SW__MIXED_STEPS, 64, 2048, INFINITY, false};
}

/* Constant lengths where p95 is NAN, else lognormal. */
static inline struct sw__lengths fixture_lengths(double mean, double p95)
{
	struct sw__lengths l = {0};

	if (isnan(p95))
		sw__lengths_constant(mean, &l, NULL);
	else
		sw__lengths_lognormal(mean, p95, &l, NULL);
	return l;
}

static inline struct sw__traffic fixture_open(double rate_per_s, struct sw__lengths prompt,
					      struct sw__lengths output)
{
	struct sw__traffic_ask ask = {.prompt = &prompt,
				      .output = &output,
				      .rate_per_s = rate_per_s,
				      .concurrency = NAN,
				      .burstiness = 1};
	struct sw__traffic traffic = {0};

	sw__traffic_prepare(&ask, &traffic, NULL);
	return traffic;
}

static inline struct sw__traffic fixture_closed(double clients, struct sw__lengths prompt,
						struct sw__lengths output)
{
	struct sw__traffic_ask ask = {.prompt = &prompt,
				      .output = &output,
				      .rate_per_s = NAN,
				      .concurrency = clients,
				      .burstiness = 1};
	struct sw__traffic traffic = {0};

	sw__traffic_prepare(&ask, &traffic, NULL);
	return traffic;
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file measured_loads.h
 * Simulator and closed form on traffic that others recorded or measured; each says so where the data are absent.
 */
#ifndef SLICEWISE_BENCH_MEASURED_LOADS_H
#define SLICEWISE_BENCH_MEASURED_LOADS_H

#include "latency/reference.h"

#include <stdio.h>

#ifndef SW_MEASURED_DIR
#define SW_MEASURED_DIR \
	"../shared/measured" /* where the programs run without a build's absolute path */
#endif

/** Steps of Llama-3.1-8B on an RTX PRO 6000 server, from that source's per-layer profile. */
extern const struct sw__step_curve measured_llama_rtx;

/** 300 real requests to vLLM 0.19 (Llama-3.1-8B, RTX PRO 6000): the simulator replays their arrivals. */
void measured_requests(FILE *out);

/** Closed loops of NVIDIA Dynamo's GPU sharing study (Qwen3-4B, A100 40 GB): the closed form. */
void measured_loop(FILE *out);

/** The Azure 2023 traces at several rates: the closed form against the simulator. */
void measured_traces(FILE *out);

#endif

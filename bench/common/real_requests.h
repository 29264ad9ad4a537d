/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file real_requests.h
 * The 300 real requests of LLMServingSim (MIT): vLLM 0.19, Llama-3.1-8B, RTX PRO 6000, 10 requests a second.
 */
#ifndef SLICEWISE_BENCH_REAL_REQUESTS_H
#define SLICEWISE_BENCH_REAL_REQUESTS_H

#include <stddef.h>

#ifndef SW_MEASURED_DIR
#define SW_MEASURED_DIR \
	"../shared/measured" /* where the programs run without a build's absolute path */
#endif

enum { REAL_REQUESTS_MAX = 300 };

/** One request; times in ms from the first arrival. */
struct real_request {
	int prompt_tokens, output_tokens;
	double arrival_ms, first_ms, last_ms; /* of its tokens */
};

/** Into out[REAL_REQUESTS_MAX], by arrival; how many, 0 where the measurements are not here. */
size_t real_requests_read(struct real_request *out);

#endif

// SPDX-License-Identifier: Apache-2.0
/* 300 requests of LLMServingSim (MIT), serving/rtx-pro-6000-llama-3.1-8b. */
#include "common/real_requests.h"
#include "latency/measured_loads.h"

#include <math.h>
#include <stdlib.h>

/* Per-layer times of the same source (dense.csv, attention.csv, per_sequence.csv): 32 layers, 2 norms each. Rough: the
 * attention of mixed batches is one factor; 1.5 ms of host a step is what the source's study found. */
const struct sw__step_curve measured_llama_rtx = {
	.n_knots = 16,
	.tokens = {1, 16, 64, 128, 160, 256, 320, 384, 448, 640, 768, 1024, 1280, 1536, 1792, 2048},
	.linear_ms = {10.1, 10.1, 11.0, 11.6, 12.9, 13.9, 16.6, 17.1, 21.8, 24.7, 31.5, 39.7, 46.9,
		      61.6, 66.7, 76.7},
	.decode_ms_per_seq = 0.0083,
	.decode_ms_per_kv_token = 8.65e-5,
	.mixed = {.n = 1, .decodes = {1}, .factor = {1.8}},
	.prefill_ms_per_token = 7.6e-4,
	.prefill_ms_per_pair = 1.88e-6,
	.sample_ms_per_seq = 0.0016,
	.host_ms = 1.5 + 0.7, /* with lm_head, which every step has once */
};

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double quantile(double *sample, size_t n, double level)
{
	qsort(sample, n, sizeof(*sample), compare_doubles);
	return sample[(size_t)(level * (double)(n - 1) + 0.5)];
}

enum { BEFORE_QUEUE = 110 /* of the first requests no one waits for a seat */ };

static void compare_replay(const struct reference_request *q, const struct real_request *r,
			   size_t n, FILE *out)
{
	double sim[REAL_REQUESTS_MAX], real[REAL_REQUESTS_MAX], tsim[REAL_REQUESTS_MAX],
		treal[REAL_REQUESTS_MAX], off[REAL_REQUESTS_MAX];

	for (size_t i = 0; i < n; i++) {
		double tokens = q[i].output_tokens - 1;

		sim[i] = q[i].first_token_ms - q[i].arrival_ms;
		real[i] = r[i].first_ms - q[i].arrival_ms;
		tsim[i] = (q[i].last_token_ms - q[i].first_token_ms) / tokens;
		treal[i] = (r[i].last_ms - r[i].first_ms) / tokens;
		off[i] = fabs(q[i].last_token_ms - r[i].last_ms) / (r[i].last_ms - q[i].arrival_ms);
	}
	fprintf(out,
		"  first %3zu: TTFT p50 %7.0f (%7.0f)  p95 %7.0f (%7.0f)  TPOT p50 %5.1f (%5.1f)  "
		"p95 %5.1f (%5.1f)"
		"  time to the end, median error %.1f %%\n",
		n, quantile(sim, n, 0.5), quantile(real, n, 0.5), quantile(sim, n, 0.95),
		quantile(real, n, 0.95), quantile(tsim, n, 0.5), quantile(treal, n, 0.5),
		quantile(tsim, n, 0.95), quantile(treal, n, 0.95), 100 * quantile(off, n, 0.5));
}

static void replay(const struct real_request *r, size_t n, bool ahead, FILE *out)
{
	struct reference_setup setup = {
		.curve = &measured_llama_rtx,
		.batching = {SW__MIXED_STEPS, 128, 2048, 4e5, ahead},
	};
	struct reference_request requests[REAL_REQUESTS_MAX];
	struct reference_totals totals;

	for (size_t i = 0; i < n; i++)
		requests[i] = (struct reference_request){.arrival_ms = r[i].arrival_ms,
							 .prompt_tokens = r[i].prompt_tokens,
							 .output_tokens = r[i].output_tokens};
	if (!reference_run(&setup, requests, n, 0, &totals))
		return;
	fprintf(out, " %s\n",
		ahead ? "steps composed one ahead"
		      : "steps composed when the one before has ended");
	compare_replay(requests, r, n < BEFORE_QUEUE ? n : BEFORE_QUEUE, out);
	compare_replay(requests, r, n, out);
}

void measured_requests(FILE *out)
{
	struct real_request r[REAL_REQUESTS_MAX];
	size_t n = real_requests_read(r);

	fputs("\nSimulator on 300 requests to vLLM 0.19, Llama-3.1-8B, RTX PRO 6000, 10 "
	      "requests/s: ms simulated (measured)\n",
	      out);
	if (n == 0) {
		fputs("  skipped: the measurements are not here\n", out);
		return;
	}
	replay(r, n, false, out);
	replay(r, n, true, out);
}

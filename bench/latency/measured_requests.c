// SPDX-License-Identifier: Apache-2.0
/* 300 requests of LLMServingSim (MIT), serving/rtx-pro-6000-llama-3.1-8b. */
#include "latency/measured_loads.h"

#include <jansson.h>
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
	.mixed_decode_factor = 1.8,
	.prefill_ms_per_token = 7.6e-4,
	.prefill_ms_per_pair = 1.88e-6,
	.sample_ms_per_seq = 0.0016,
	.host_ms = 1.5 + 0.7, /* with lm_head, which every step has once */
};

struct replayed {
	struct reference_request request;
	double first_ms, last_ms; /* measured */
	double arrival_s, queued_s;
};

static size_t read_requests(const char *path, struct replayed *out, size_t most)
{
	FILE *file = fopen(path, "r");
	char line[4096];
	size_t n = 0;

	while (file && n < most && fgets(line, sizeof(line), file)) {
		json_t *o = json_loads(line, 0, NULL);
		double arrival, queued, first, last;
		int in, given;

		if (json_unpack(o, "{s:i,s:i,s:F,s:F,s:F,s:F}", "input_toks", &in, "output_toks",
				&given, "arrival_time", &arrival, "queued_ts", &queued,
				"first_token_ts", &first, "last_token_ts", &last) == 0)
			out[n++] = (struct replayed){{.prompt_tokens = in, .output_tokens = given},
						     first * 1e3,
						     last * 1e3,
						     arrival,
						     queued};
		json_decref(o);
	}
	if (file)
		fclose(file);
	return n;
}

static int by_arrival(const void *a, const void *b)
{
	double x = ((const struct replayed *)a)->arrival_s,
	       y = ((const struct replayed *)b)->arrival_s;

	return (x > y) - (x < y);
}

/* Two clocks: a request is queued no earlier than it arrives, and some are queued at once. */
static void align(struct replayed *r, size_t n)
{
	double offset = INFINITY, start;

	qsort(r, n, sizeof(*r), by_arrival);
	for (size_t i = 0; i < n; i++)
		offset = fmin(offset, r[i].queued_s - r[i].arrival_s);
	start = r[0].arrival_s;
	for (size_t i = 0; i < n; i++) {
		r[i].request.arrival_ms = (r[i].arrival_s - start) * 1e3;
		r[i].first_ms -= (offset + start) * 1e3;
		r[i].last_ms -= (offset + start) * 1e3;
	}
}

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

enum { REPLAYED_MAX = 300, BEFORE_QUEUE = 110 /* of the first requests no one waits for a seat */ };

static void compare_replay(const struct reference_request *q, const struct replayed *r, size_t n,
			   FILE *out)
{
	double sim[REPLAYED_MAX], real[REPLAYED_MAX], tsim[REPLAYED_MAX], treal[REPLAYED_MAX],
		off[REPLAYED_MAX];

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

static void replay(const struct replayed *r, size_t n, bool ahead, FILE *out)
{
	struct reference_setup setup = {
		.curve = &measured_llama_rtx,
		.batching = {SW__MIXED_STEPS, 128, 2048, 4e5, ahead},
	};
	struct reference_request requests[REPLAYED_MAX];
	struct reference_totals totals;

	for (size_t i = 0; i < n; i++)
		requests[i] = r[i].request;
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
	struct replayed r[REPLAYED_MAX];
	size_t n =
		read_requests(SW_MEASURED_DIR "/serving/rtx-pro-6000-llama-3.1-8b/requests.jsonl",
			      r, REPLAYED_MAX);

	fputs("\nSimulator on 300 requests to vLLM 0.19, Llama-3.1-8B, RTX PRO 6000, 10 "
	      "requests/s: ms simulated (measured)\n",
	      out);
	if (n == 0) {
		fputs("  skipped: the measurements are not here\n", out);
		return;
	}
	align(r, n);
	replay(r, n, false, out);
	replay(r, n, true, out);
}

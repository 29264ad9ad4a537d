// SPDX-License-Identifier: Apache-2.0
#include "common/real_requests.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const char path[] = SW_MEASURED_DIR "/serving/rtx-pro-6000-llama-3.1-8b/requests.jsonl";

/* Arrivals are by the client's clock, everything else by the engine's. */
struct recorded {
	struct real_request request;
	double arrival_s, queued_s;
};

static size_t read_lines(FILE *file, struct recorded *out)
{
	char line[4096];
	size_t n = 0;

	while (n < REAL_REQUESTS_MAX && fgets(line, sizeof(line), file)) {
		json_t *o = json_loads(line, 0, NULL);
		struct recorded *r = &out[n];
		double first_s, last_s;

		if (json_unpack(o, "{s:i,s:i,s:F,s:F,s:F,s:F}", "input_toks",
				&r->request.prompt_tokens, "output_toks", &r->request.output_tokens,
				"arrival_time", &r->arrival_s, "queued_ts", &r->queued_s,
				"first_token_ts", &first_s, "last_token_ts", &last_s) == 0) {
			r->request.first_ms = first_s * 1e3;
			r->request.last_ms = last_s * 1e3;
			n++;
		}
		json_decref(o);
	}
	return n;
}

static int by_arrival(const void *a, const void *b)
{
	double x = ((const struct recorded *)a)->arrival_s,
	       y = ((const struct recorded *)b)->arrival_s;

	return (x > y) - (x < y);
}

/* Two clocks: a request is queued no earlier than it arrives, and some are queued at once. */
static void align(struct recorded *r, size_t n)
{
	double offset_s = INFINITY, start_s;

	qsort(r, n, sizeof(*r), by_arrival);
	for (size_t i = 0; i < n; i++)
		offset_s = fmin(offset_s, r[i].queued_s - r[i].arrival_s);
	start_s = r[0].arrival_s;
	for (size_t i = 0; i < n; i++) {
		r[i].request.arrival_ms = (r[i].arrival_s - start_s) * 1e3;
		r[i].request.first_ms -= (offset_s + start_s) * 1e3;
		r[i].request.last_ms -= (offset_s + start_s) * 1e3;
	}
}

size_t real_requests_read(struct real_request *out)
{
	struct recorded r[REAL_REQUESTS_MAX];
	FILE *file = fopen(path, "r");
	size_t n;

	if (!file)
		return 0;
	n = read_lines(file, r);
	(void)fclose(file);
	if (n > 0)
		align(r, n);
	for (size_t i = 0; i < n; i++)
		out[i] = r[i].request;
	return n;
}

// SPDX-License-Identifier: Apache-2.0
#include "profile/latencies.h"

#include <stdlib.h>

#include "math/ordered.h"

static void add(struct sw__latencies *l, enum sw_metric metric, double ms)
{
	if (!sw_known(ms))
		return;
	if (l->n[metric] == l->room[metric]) {
		size_t room = l->room[metric] ? 2 * l->room[metric] : 256;
		double *more = realloc(l->ms[metric], room * sizeof(*more));

		if (!more) {
			l->short_of_memory = true;
			return;
		}
		l->ms[metric] = more;
		l->room[metric] = room;
	}
	l->ms[metric][l->n[metric]++] = ms;
}

void sw__latencies_add(struct sw__latencies *l, double ttft_ms, double tpot_ms)
{
	l->answered++;
	add(l, SW_TTFT, ttft_ms);
	add(l, SW_TPOT, tpot_ms);
}

static void summarize(double *ms, size_t n, double *out)
{
	double sum = 0;

	if (n == 0)
		return;
	qsort(ms, n, sizeof(*ms), sw__ascending);
	for (size_t i = 0; i < n; i++)
		sum += ms[i];
	out[SW_MEAN] = sum / (double)n;
	out[SW_P50] = sw__sorted_quantile(ms, n, 0.5);
	out[SW_P95] = sw__sorted_quantile(ms, n, 0.95);
	out[SW_P99] = sw__sorted_quantile(ms, n, 0.99);
}

void sw__latencies_summarize(struct sw__latencies *l, struct sw_measured *out)
{
	for (int m = 0; m < SW_METRIC_COUNT; m++)
		summarize(l->ms[m], l->n[m], out->ms[m]);
	out->requests = (double)l->answered;
	out->failed = (double)l->failed;
}

void sw__latencies_free(struct sw__latencies *l)
{
	for (int m = 0; m < SW_METRIC_COUNT; m++)
		free(l->ms[m]);
	*l = (struct sw__latencies){0};
}

// SPDX-License-Identifier: Apache-2.0
/* Rows of a table: a prediction in 24 numbers of single precision, which is a millionth of what it may be wrong by. */
#include "predict/tabled.h"

static void put_latency(const struct sw_latency *latency, float *out)
{
	for (int s = 0; s < SW_STATISTIC_COUNT; s++) {
		out[s] = (float)latency->at[s];
		out[SW_STATISTIC_COUNT + 1 + s] = (float)latency->hi[s];
	}
	out[SW_STATISTIC_COUNT] = (float)latency->lo;
}

static void get_latency(const float *row, struct sw_latency *out)
{
	for (int s = 0; s < SW_STATISTIC_COUNT; s++) {
		out->at[s] = row[s];
		out->hi[s] = row[SW_STATISTIC_COUNT + 1 + s];
	}
	out->lo = row[SW_STATISTIC_COUNT];
}

void sw__row_of(const struct sw_prediction *prediction, struct sw__row *out)
{
	for (int m = 0; m < SW_METRIC_COUNT; m++)
		put_latency(&prediction->latency[m], &out->number[(ptrdiff_t)m * SW__ROW_LATENCY]);
	out->number[SW__ROW_REQUESTS] = (float)prediction->requests_per_s;
	out->number[SW__ROW_TOKENS] = (float)prediction->output_tokens_per_s;
	out->number[SW__ROW_SLOWDOWN] = (float)prediction->slowdown;
	out->number[SW__ROW_RUNNING] = (float)prediction->running;
	out->number[SW__ROW_BUSY] = (float)prediction->busy;
	out->number[SW__ROW_GPU_BUSY] = (float)prediction->gpu_busy;
}

void sw__row_read(const struct sw__row *row, struct sw_prediction *out)
{
	for (int m = 0; m < SW_METRIC_COUNT; m++)
		get_latency(&row->number[(ptrdiff_t)m * SW__ROW_LATENCY], &out->latency[m]);
	out->requests_per_s = row->number[SW__ROW_REQUESTS];
	out->output_tokens_per_s = row->number[SW__ROW_TOKENS];
	out->slowdown = row->number[SW__ROW_SLOWDOWN];
	out->running = row->number[SW__ROW_RUNNING];
	out->busy = row->number[SW__ROW_BUSY];
	out->gpu_busy = row->number[SW__ROW_GPU_BUSY];
}

void sw__row_between(const struct sw__row *a, const struct sw__row *b, float part,
		     struct sw__row *out)
{
	float rest = 1 - part;

	/* Both products, not a + part * (b - a): of two infinite bounds the difference is none. */
	for (int i = 0; i < SW__ROW_NUMBERS; i++)
		out->number[i] = rest * a->number[i] + part * b->number[i];
}

// SPDX-License-Identifier: Apache-2.0
#include "predict/step_curve.h"

/* Of the line through the knots, at `tokens`. */
static double line_at(const struct sw__step_curve *curve, const double *y, double tokens)
{
	const double *t = curve->tokens;
	size_t i = 1;

	if (tokens <= 0)
		return 0;
	if (tokens <= t[0])
		return y[0];
	while (i + 1 < curve->n_knots && t[i] < tokens)
		i++;
	return y[i] + (tokens - t[i]) * (y[i] - y[i - 1]) / (t[i] - t[i - 1]);
}

double sw__step_linear_ms(const struct sw__step_curve *curve, double tokens)
{
	return line_at(curve, curve->linear_ms, tokens);
}

double sw__step_gap_ms(const struct sw__step_curve *curve, double tokens)
{
	double ms;

	if (curve->gap_ms[0] <= 0) /* the longest of them */
		return 0;
	ms = line_at(curve, curve->gap_ms, tokens);
	return ms > 0 ? ms : 0; /* beyond the last knot the line falls below */
}

void sw__line_make(const struct sw__step_curve *curve, struct sw__line *out)
{
	double power = 1;
	size_t piece = 1;

	out->last = curve->n_knots - 1;
	memcpy(out->tokens, curve->tokens, sizeof(out->tokens));
	memcpy(out->ms, curve->linear_ms, sizeof(out->ms));
	for (size_t i = 1; i <= out->last; i++)
		out->slope[i] = (curve->linear_ms[i] - curve->linear_ms[i - 1]) /
				(curve->tokens[i] - curve->tokens[i - 1]);
	memset(out->piece, (int)out->last, sizeof(out->piece));
	for (size_t i = 0; i < SW__LINE_POWERS && piece < out->last; power *= 2) {
		while (piece < out->last && curve->tokens[piece] < power)
			piece++;
		out->piece[i++] = (unsigned char)piece;
	}
}

double sw__mixed_factor(const struct sw__mixed_decode *mixed, double decodes, double chunk)
{
	const double *at = mixed->decodes, *f = mixed->factor;
	size_t last = mixed->n - 1, i = 1;
	double factor;

	if (mixed->n == 0)
		return 1;
	if (decodes <= at[0]) {
		factor = f[0];
	} else if (decodes >= at[last]) {
		factor = f[last];
	} else {
		while (at[i] < decodes)
			i++;
		factor = f[i] + (decodes - at[i]) * (f[i] - f[i - 1]) / (at[i] - at[i - 1]);
	}
	factor += (chunk - mixed->chunk) * mixed->per_token;
	return factor > 1 ? factor : 1;
}

double sw__step_gpu_ms(const struct sw__step_curve *curve, const struct sw__step_batch *batch)
{
	double decode = curve->decode_ms_per_seq * batch->n_decode +
			curve->decode_ms_per_kv_token * batch->kv_tokens;
	double ms = sw__step_linear_ms(curve, batch->n_decode + batch->prefill_tokens);

	if (batch->prefill_tokens > 0) {
		decode *= sw__mixed_factor(&curve->mixed, batch->n_decode,
					   batch->prefill_tokens / batch->n_prefill);
		ms += curve->prefill_ms_per_token * batch->prefill_tokens +
		      curve->prefill_ms_per_pair * batch->prefill_pairs;
	}
	return ms + decode + curve->sample_ms_per_seq * (batch->n_decode + batch->n_prefill);
}

double sw__step_ms(const struct sw__step_curve *curve, const struct sw__step_batch *batch)
{
	if (batch->n_decode <= 0 && batch->prefill_tokens <= 0)
		return 0;
	return curve->host_ms + sw__step_gpu_ms(curve, batch);
}

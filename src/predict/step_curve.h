/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file step_curve.h
 * What queueing needs to know about an engine on its slice: the time of any step, in a form that is cheap to evaluate.
 *
 * The step model makes the curve once per engine and slice; neighbours stretch it; nothing here knows GPUs or models.
 *
 *     step = host + linear(T) + decode attention + prefill attention + sampling
 *
 * Invariants: knots have strictly increasing `tokens` from 1 up and non-decreasing `linear_ms`; every coefficient is
 * finite and >= 0. A step without any token takes no time.
 */
#ifndef SLICEWISE_PREDICT_STEP_CURVE_H
#define SLICEWISE_PREDICT_STEP_CURVE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Enough for the flat memory-bound part, the bend and a few wave steps of the GEMMs; two are the least. */
#define SW__KNOTS 16
/* Decode attention beside prefill costs twice as much where its contexts no longer fit the L2: four numbers of decodes show where. */
#define SW__MIXED_KNOTS 4

/** By what decode attention is dearer in steps that carry prefill too: how many times, by decodes and by the prompt's chunk. */
struct sw__mixed_decode {
	size_t n; /* knots; 0: no difference */
	double decodes[SW__MIXED_KNOTS]; /* strictly increasing */
	double factor
		[SW__MIXED_KNOTS]; /* >= 1, at `chunk` tokens of one prompt; flat before the first and beyond the last */
	double chunk;
	double per_token; /* change of the factor by one token more of the chunk */
};

struct sw__step_curve {
	size_t n_knots;
	double tokens[SW__KNOTS]; /* T: decode and prefill tokens of the step together */
	double linear_ms
		[SW__KNOTS]; /* GEMMs and all per-token work; linear between knots and beyond the last */
	double gap_ms
		[SW__KNOTS]; /* of linear_ms, what the GPU rests in because launches come one by one */
	double decode_ms_per_seq;
	double decode_ms_per_kv_token; /* times the sum of the contexts of the decoding sequences */
	struct sw__mixed_decode mixed;
	double prefill_ms_per_token;
	double prefill_ms_per_pair; /* query-key pairs: c tokens after k give c * (k + (c + 1) / 2) */
	double sample_ms_per_seq; /* per sequence of the step, prefilling ones included */
	double host_ms; /* per step, while the GPU waits */
};

/** What one step works on. Doubles, because queueing also asks for the mean step. */
struct sw__step_batch {
	double n_decode; /* sequences that get one more token */
	double kv_tokens; /* sum of their contexts */
	double n_prefill; /* sequences with a prefill chunk in the step */
	double prefill_tokens; /* sum of the chunks */
	double prefill_pairs; /* sum over chunks of c * (k + (c + 1) / 2) */
};

/** How many times as long decode attention of `decodes` sequences takes beside a prompt's chunk; at least 1. */
double sw__mixed_factor(const struct sw__mixed_decode *mixed, double decodes, double chunk);

/** Time of GEMMs and per-token work for `tokens` tokens in one step, ms; 0 for none. */
double sw__step_linear_ms(const struct sw__step_curve *curve, double tokens);

/** What of that the GPU rests in, ms. */
double sw__step_gap_ms(const struct sw__step_curve *curve, double tokens);

/* The linear part in a form that is looked up in a few instructions: hundreds of times per prediction. */
enum { SW__LINE_POWERS = 32 };
struct sw__line {
	size_t last; /* piece, which goes on beyond its end */
	double tokens[SW__KNOTS], ms[SW__KNOTS]; /* right ends of the pieces; piece 0 is flat */
	double slope[SW__KNOTS];
	unsigned char piece[SW__LINE_POWERS]; /* in which 2^i tokens lie */
};

/** Fill `out`; the same times as sw__step_linear_ms() but for rounding. */
void sw__line_make(const struct sw__step_curve *curve, struct sw__line *out);

/** sw__step_linear_ms() of the line's curve. */
static inline double sw__line_ms(const struct sw__line *line, double tokens)
{
	uint64_t bits;
	size_t power, i;

	if (tokens <= line->tokens[0])
		return tokens > 0 ? line->ms[0] : 0;
	memcpy(&bits, &tokens, sizeof(bits));
	power = (size_t)(bits >> 52) - 1023; /* tokens > 1 */
	i = line->piece[power < SW__LINE_POWERS ? power : SW__LINE_POWERS - 1];
	while (i < line->last && line->tokens[i] < tokens)
		i++;
	return line->ms[i] + (tokens - line->tokens[i]) * line->slope[i];
}

/** GPU time of one step, ms; 0 for an empty batch. */
double sw__step_gpu_ms(const struct sw__step_curve *curve, const struct sw__step_batch *batch);

/** GPU and host time of one step, ms; 0 for an empty batch. */
double sw__step_ms(const struct sw__step_curve *curve, const struct sw__step_batch *batch);

#endif

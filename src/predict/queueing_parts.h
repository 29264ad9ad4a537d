/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file queueing_parts.h
 * The parts that queueing.c puts together; README-queueing.md, "Method", goes through them in this order.
 */
#ifndef SLICEWISE_PREDICT_QUEUEING_PARTS_H
#define SLICEWISE_PREDICT_QUEUEING_PARTS_H

#include "math/mixture.h"
#include "math/ordered.h"
#include "predict/queueing.h"

/** One engine under one load, while it is worked out. Rates per ms. */
struct sw__queue {
	const struct sw__step_curve *curve;
	const struct sw__batching *batching;
	const struct sw__traffic *traffic;
	double rate; /* requests per ms */
	enum sw__batching_policy
		policy; /* the engine's; mixed steps where nobody decodes, because then there is only one */
	struct sw__line line; /* of the curve */
	double lone_ms; /* host and linear part of a step of one token */
	double decode_ms_per_seq; /* attention and sampling of a decode with the mean context */
	double attention_per_seq; /* attention alone */
	double seats; /* sequences that may run: max_num_seqs or what the KV cache holds */
	bool kv_binds;
	double most_decodes; /* sequences that decode at most: seats, or what full steps of prefill keep supplied */
};

/**
 * Arrivals within `ms` before or after an arrival beyond those of a Poisson process. Of gamma-distributed gaps with
 * coefficient of variation c, (c^2 - 1)/2 far off, and by their shape near 0.
 */
double sw__queue_clustered(const struct sw__queue *q, double ms);

struct sw__queue sw__queue_make(const struct sw__step_curve *curve,
				const struct sw__batching *batching,
				const struct sw__traffic *traffic, double rate_per_s);

/** Time of a step with n decodes and no prefill; host_ms alone for n = 0. */
static inline double sw__queue_decode_ms(const struct sw__queue *q, double n)
{
	return q->curve->host_ms + sw__line_ms(&q->line, n) + n * q->decode_ms_per_seq;
}

/** Prefill work beside n decodes. "Extra" is step time beyond that of the same step without prefill. */
struct sw__prefill {
	double n; /* decodes */
	double decode_ms; /* d: a step without prefill */
	double carry_ms; /* of a prefill step, what is not extra: d, or 0 where prefill steps carry no decodes */
	double room; /* tokens of prefill that fit into one step */
	double steps; /* mean steps that a prompt takes part in */
	double full_ms; /* the longest step */
	double own_ms[SW__CLASSES]; /* extra of a prompt alone */
	double shared_ms
		[SW__CLASSES]; /* its part where it shares its step with the usual number of others */
	double mean_ms; /* mean of shared_ms */
	double capped_ms; /* mean of what one step takes of it at most */
	double square_ms2; /* mean square of shared_ms */
	double chunk_ms2; /* the same with every chunk counted as a step of its own */
	double busy; /* rho: part of the time that is extra, below 1 */
	double step_ms; /* X: mean time per token of a sequence, d / (1 - rho) */
	double crowded_rate; /* requests per ms that this state sustains; of sw__prefill_crowded() only */
	double single_ms; /* mean length of one step: X, or less where prompts have steps of their own */
};

struct sw__prefill sw__prefill_beside(const struct sw__queue *q, double n);

/** The same with every seat taken and more requests waiting, from sw__prefill_beside(q, q->most_decodes). */
struct sw__prefill sw__prefill_crowded(const struct sw__queue *q,
				       const struct sw__prefill *beside_most);

/** Between two of them, or beyond: f = 0 is a, 1 is b. */
struct sw__prefill sw__prefill_between(const struct sw__prefill *a, const struct sw__prefill *b,
				       double f);

/** How many sequences decode, in the long run of an open loop. */
struct sw__running {
	struct sw__prefill at; /* beside the mean number of decodes while the engine is busy */
	struct sw__prefill low; /* beside one decode */
	double decodes; /* mean over all time */
	double variance;
	double prefilling; /* mean sequences that hold a seat before their first token */
	double idle; /* part of the time without any work */
	double full; /* part of the arrivals that find every seat taken */
	double full_ms; /* their mean wait for a seat */
	double kv_full; /* part of them for which it is the KV cache that is full */
	double rate; /* requests served per ms */
	double token_ms; /* mean time per token after the first */
	bool overload;
	bool full_steps; /* a closed loop keeps every step full of prefill */
};

struct sw__running sw__running_open(const struct sw__queue *q);

/** How long the number of decodes remembers what it was, ms. */
double sw__queue_relax_ms(const struct sw__queue *q, const struct sw__running *r);

/** Change of a decode step by one more sequence, ms. */
double sw__queue_slope_ms(const struct sw__queue *q, double n);

/** Adds those whom a full KV cache makes wait to r->full and r->full_ms. */
void sw__kv_pressure(const struct sw__queue *q, struct sw__running *r);

/** Lengths of steps: a step takes in what arrived during the one before, so lengths form a chain. */
struct sw__steps {
	double mean_ms; /* over steps */
	double variance_ms2;
	double square_ms2;
	double met_ms; /* mean length of the step that runs at a random moment of work */
	double from_idle; /* part of the steps that start from an idle engine */
	double own_ms; /* mean length of the step that gives a request its first token */
};

struct sw__steps sw__steps_of(const struct sw__queue *q, const struct sw__running *r);

/** Time of a prompt of class i that finds the engine idle. */
double sw__from_idle_ms(const struct sw__queue *q, const struct sw__running *r, size_t i);

/** What an arrival waits before its own prompt's steps begin, given that the engine works. */
struct sw__wait {
	double plain; /* part of the arrivals that wait for one decode-only step and share with nobody */
	double plain_low_ms, plain_high_ms;
	double rest_ms; /* mean and variance of the others */
	double rest_ms2;
	double mean_ms; /* of all */
	double seat; /* part that first waits for a seat */
	double seat_ms, seat_ms2;
	double idle; /* part of all arrivals that find the engine idle */
	double line_ms; /* mean time in which prompts line up behind: in line, and in all of its own steps but the last */
};

struct sw__wait sw__wait_open(const struct sw__queue *q, const struct sw__running *r,
			      const struct sw__steps *s);

/** Fills rest_ms and rest_ms2 from mean_ms, what is plain, and the variance of all waits. */
void sw__wait_split(struct sw__wait *w, double mean_ms2);

/** All of the above for a closed loop; sets q->rate to what one request meets of the others. */
struct sw__running sw__running_closed(struct sw__queue *q, struct sw__steps *steps,
				      struct sw__wait *wait);

/** Whether a closed loop's requests come back in the groups they were served in. */
bool sw__lockstep_applies(const struct sw__queue *q);

/** Such a loop, with both distributions; waits for a seat are left out of `ttft` and given as full_ms. */
struct sw__running sw__running_lockstep(struct sw__queue *q, struct sw__mixture *ttft,
					struct sw__mixture *tpot);

/** Distribution of the time to the first token. */
void sw__ttft_mixture(const struct sw__queue *q, const struct sw__running *r,
		      const struct sw__wait *w, struct sw__mixture *out);

/** Distribution of the time per output token over requests; empty where nobody asks for a second token. */
void sw__tpot_mixture(const struct sw__queue *q, const struct sw__running *r,
		      const struct sw__steps *s, const struct sw__wait *w, struct sw__mixture *out);

/** What every kind of load comes down to. */
struct sw__solution {
	struct sw__running running;
	struct sw__mixture ttft, tpot;
	double seat_ms; /* on top of ttft, the same for all */
	double wait_ms; /* mean, for prefill */
	double seat; /* part of the requests that wait for a seat */
	double mean_step_ms;
};

/** An open loop at the steady rate q->rate; false: it is overloaded. */
bool sw__solve_open(struct sw__queue *q, struct sw__solution *out);

/** An open loop whose rate wanders as q->traffic->pace. */
bool sw__solve_paced(struct sw__queue *q, struct sw__solution *out);

#endif

// SPDX-License-Identifier: Apache-2.0
/*
 * A step takes in the prompts that arrived during the one before it: X' = d + W(X) with W the extras of the arrivals in
 * X. Means, squares and correlations of such a chain are closed forms; a part of the steps starts anew from an idle
 * engine, with one prompt and no decodes.
 */
#include "predict/queueing_parts.h"

#include <math.h>

enum { ROUNDS = 8 };

struct restart {
	double mean_ms, square_ms2; /* of the first step after an idle time */
	double last_ms; /* of the step that ends the prompt */
};

static struct restart restarts(const struct sw__queue *q, const struct sw__running *r)
{
	struct restart s = {0};

	for (size_t i = 0; i < q->traffic->n_prompts; i++) {
		const struct sw__prompt_class *c = &q->traffic->prompt[i];
		double ms = sw__from_idle_ms(q, r, i);
		double first = sw__smaller(ms, r->low.full_ms);

		s.mean_ms += c->weight * first;
		s.square_ms2 += c->weight * first * first;
		s.last_ms += c->weight * (c->tokens <= r->low.room ? ms : 0.5 * r->low.full_ms);
	}
	return s;
}

/* Extra of the step that ends a prompt: all of it, or on average half a step for those of several steps. */
static double last_extra(const struct sw__queue *q, const struct sw__prefill *p)
{
	double sum = 0;

	for (size_t i = 0; i < q->traffic->n_prompts; i++) {
		const struct sw__prompt_class *c = &q->traffic->prompt[i];

		sum += c->weight *
		       (c->tokens <= p->room ? p->own_ms[i] : 0.5 * (p->full_ms - p->carry_ms));
	}
	return sum;
}

/* Where prefill steps carry no decodes, a decode step happens only after a step without arrivals. */
static double base_ms(const struct sw__queue *q, const struct sw__prefill *p, double mean_ms)
{
	return q->policy == SW__MIXED_STEPS ? p->decode_ms : p->decode_ms * exp(-q->rate * mean_ms);
}

/* E[X'^2] less what X^2 passes on. Prefill steps of their own last about the same whatever they gathered, and pass
 * nothing on. */
static double square_ms2(const struct sw__queue *q, const struct sw__prefill *p, double mean_ms)
{
	double d = p->decode_ms, extra = p->busy * mean_ms, any;

	if (q->policy == SW__MIXED_STEPS)
		return d * (d + 2 * extra) +
		       q->rate * mean_ms *
			       (p->chunk_ms2 +
				sw__queue_clustered(q, mean_ms) * p->capped_ms * p->capped_ms);
	any = -expm1(-q->rate * mean_ms);
	return (1 - any) * d * d + extra * extra / any +
	       q->rate * mean_ms * sw__larger(0, p->square_ms2 - p->mean_ms * p->mean_ms);
}

struct sw__steps sw__steps_of(const struct sw__queue *q, const struct sw__running *r)
{
	const struct sw__prefill *p = &r->at;
	struct restart idle = restarts(q, r);
	double work = 1 - r->idle, rho = p->busy;
	struct sw__steps s = {.mean_ms = p->single_ms};
	double go;

	for (int i = 0; i < ROUNDS; i++) {
		double d;

		s.from_idle = sw__smaller(1, q->rate * r->idle * s.mean_ms / work);
		go = 1 - s.from_idle;
		d = base_ms(q, p, s.mean_ms);
		s.mean_ms =
			0.5 * (s.mean_ms + (s.from_idle * idle.mean_ms + go * d) / (1 - go * rho));
	}
	go = 1 - s.from_idle;
	s.square_ms2 = s.from_idle * idle.square_ms2 + go * square_ms2(q, p, s.mean_ms);
	if (q->policy == SW__MIXED_STEPS)
		s.square_ms2 /= 1 - go * rho * rho;
	s.variance_ms2 = sw__larger(0, s.square_ms2 - s.mean_ms * s.mean_ms);
	s.met_ms = s.square_ms2 / s.mean_ms;
	s.own_ms = r->idle * idle.last_ms +
		   work * sw__smaller(p->carry_ms + last_extra(q, p) + rho * s.met_ms, p->full_ms);
	return s;
}

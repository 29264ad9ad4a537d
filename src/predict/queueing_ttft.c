// SPDX-License-Identifier: Apache-2.0
/*
 * A request waits for the step that runs, then for the prompts before it, then for its own steps, which also compute the
 * prompts that came after it in the same step. Two descriptions of that wait meet here: a gate (everyone who came during
 * a step is served in the next), which is right while steps have room, and a first-come queue for the whole engine
 * (Pollaczek and Khinchine), which is right once prompts take several steps.
 */
#include "predict/queueing_parts.h"

#include <math.h>

static const double load_max = 0.999;
static const double busy_min = 0.01; /* below, nobody waits for anybody */
/* The 2-norm of the two waits joins them: 1 would add them, infinity take the larger. Origin: 480 random engines of
 * bench/latency; doubt: between exponents of 1.3 and 3 nothing changes by more than 1 %. */
static double joined(double a, double b)
{
	return sqrt(a * a + b * b);
}

/* How much the third moment of steps exceeds its least for a given variation. Origin: as above; doubt: 1 to 3. */
static const double third_moment = 2.5;
/* Spread of the first-come part over that of an M/G/1 queue: it is met by a part of the arrivals only. Origin: as above; doubt: 1 to 2. */
static const double queue_spread = 1.5;
/* Share of E[n] fluctuation that a wait of about one and a half steps passes on, squared. */
static const double steps_of_wait = 2.25;

/* The whole engine as one server of prompts. */
struct single_server {
	double wait_ms, wait_ms2;
};

static struct single_server single_server(const struct sw__queue *q, const struct sw__prefill *p)
{
	double load = 0, square = 0, cube = 0,
	       burst = q->traffic->burstiness * q->traffic->burstiness;
	struct single_server s = {0};

	for (size_t i = 0; i < q->traffic->n_prompts; i++) {
		const struct sw__prompt_class *c = &q->traffic->prompt[i];
		double ms = p->shared_ms[i] + p->carry_ms * c->tokens / p->room;

		load += c->weight * ms;
		square += c->weight * ms * ms;
		cube += c->weight * ms * ms * ms;
	}
	/* Allen and Cunneen for gaps that are not exponential: services vary by square, gaps by burst. */
	s.wait_ms = q->rate * (square + (burst - 1) * load * load) /
		    (2 * (1 - sw__smaller(load_max, q->rate * load)));
	s.wait_ms2 = s.wait_ms * s.wait_ms +
		     q->rate * cube / (3 * (1 - sw__smaller(load_max, q->rate * load)));
	return s;
}

/* What is left for those who do not wait for a plain decode step. */
void sw__wait_split(struct sw__wait *w, double mean_ms2)
{
	double middle = 0.5 * (w->plain_low_ms + w->plain_high_ms),
	       width = w->plain_high_ms - w->plain_low_ms;
	double spread = width * width / 12;
	double others = 1 - w->plain;

	w->rest_ms = sw__larger(middle, (w->mean_ms - w->plain * middle) / others);
	w->rest_ms2 = (mean_ms2 + w->mean_ms * w->mean_ms - w->plain * (spread + middle * middle)) /
			      others -
		      w->rest_ms * w->rest_ms;
	w->rest_ms2 = sw__larger(w->rest_ms2, sw__larger(spread, 1e-6 * w->rest_ms * w->rest_ms));
}

/* Mean time of a prompt's steps before its last. */
static double further_steps_ms(const struct sw__queue *q, const struct sw__prefill *p)
{
	double sum = 0;

	for (size_t i = 0; i < q->traffic->n_prompts; i++) {
		const struct sw__prompt_class *c = &q->traffic->prompt[i];

		if (c->tokens > p->room)
			sum += c->weight * (sw__round_up(c->tokens / p->room) - 1) * p->full_ms;
	}
	return sum;
}

/* E[X^3] / E[X] of a step, from its mean and variance: at least E[X^2]^2 / E[X]^2, and that for steps all alike. */
static double cubed_ms(const struct sw__steps *s)
{
	double variation = s->variance_ms2 / (s->mean_ms * s->mean_ms);

	return s->met_ms * s->met_ms * (1 + third_moment * sw__smaller(variation, 1));
}

struct sw__wait sw__wait_open(const struct sw__queue *q, const struct sw__running *r,
			      const struct sw__steps *s)
{
	const struct sw__prefill *p = &r->at;
	struct single_server one = single_server(q, p);
	double clustered = 2 * sw__queue_clustered(q, 0.5 * s->met_ms);
	double d = p->decode_ms, residual = 0.5 * s->met_ms;
	double gate = p->busy * s->met_ms + clustered * p->mean_ms;
	double slope = sw__queue_slope_ms(q, p->n);
	/* Who finds the engine idle does not wait: the others wait for all. */
	double queued = one.wait_ms / sw__larger(busy_min, 1 - r->idle);
	double queue = joined(0.5 * gate, queued) - 0.5 * gate;
	double residual2 = cubed_ms(s) / 3;
	double ms2 = sw__larger(residual2 - residual * residual, d * d / 12) +
		     (q->rate * s->met_ms + sw__larger(0, clustered)) * p->square_ms2 +
		     p->busy * p->busy * s->variance_ms2 +
		     steps_of_wait * slope * slope * r->variance;
	struct sw__wait w = {
		.plain_high_ms = d, .seat = r->full, .idle = r->idle / (1 + clustered)};

	w.mean_ms = residual + gate + queue;
	w.line_ms = (1 - r->idle) * queue + further_steps_ms(q, p);
	ms2 += one.wait_ms > 0 ? queue_spread * queue * one.wait_ms2 / one.wait_ms : 0;
	if (q->batching->schedule_ahead) {
		w.mean_ms += s->mean_ms - d;
		ms2 += s->variance_ms2;
	}
	w.plain =
		sw__smaller(0.98, (1 - s->from_idle) * exp(-q->rate * (s->mean_ms * p->steps + d)) *
					  d / s->mean_ms / (1 + clustered));
	sw__wait_split(&w, ms2);
	w.seat_ms = r->full_ms;
	w.seat_ms2 = r->full_ms * r->full_ms;
	return w;
}

/* One class of prompts; those of one class spread evenly between its ends. */
static void add_class(const struct sw__queue *q, const struct sw__running *r,
		      const struct sw__wait *w, size_t i, struct sw__mixture *out)
{
	const struct sw__prompt_class *c = &q->traffic->prompt[i];
	const struct sw__prefill *p = &r->at;
	double width = (c->high - c->low) / c->tokens;
	double idle_ms = sw__from_idle_ms(q, r, i), idle_width = width * r->low.own_ms[i];
	double own = p->own_ms[i] + p->carry_ms * sw__round_up(c->tokens / p->room),
	       own_width = width * p->own_ms[i];
	double spread = own_width * own_width / 12;
	double busy = c->weight * (1 - w->idle) * (1 - w->seat),
	       seat = c->weight * (1 - w->idle) * w->seat;
	double plain = 0.5 * (w->plain_low_ms + w->plain_high_ms),
	       wait = w->plain_high_ms - w->plain_low_ms;
	double half = 0.5 * sqrt(wait * wait + own_width * own_width);

	if (q->batching->schedule_ahead)
		own += p->decode_ms;
	sw__mixture_add_uniform(out, c->weight * w->idle, idle_ms - 0.5 * idle_width,
				idle_ms + 0.5 * idle_width);
	sw__mixture_add_uniform(out, busy * w->plain, own + plain - half, own + plain + half);
	sw__mixture_add_gamma(out, busy * (1 - w->plain), own, w->rest_ms, w->rest_ms2 + spread);
	sw__mixture_add_gamma(out, seat, own, w->mean_ms + w->seat_ms,
			      w->plain * plain * plain + (1 - w->plain) * w->rest_ms2 +
				      w->seat_ms2);
}

void sw__ttft_mixture(const struct sw__queue *q, const struct sw__running *r,
		      const struct sw__wait *w, struct sw__mixture *out)
{
	sw__mixture_clear(out);
	for (size_t i = 0; i < q->traffic->n_prompts; i++)
		add_class(q, r, w, i, out);
}

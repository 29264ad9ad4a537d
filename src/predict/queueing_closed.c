// SPDX-License-Identifier: Apache-2.0
/*
 * A fixed number of clients, each of which sends its next request when it has its answer. All requests are always in
 * the engine, so its work is a cycle: time per cycle from the load, load from the time per cycle. A request meets the
 * others only, and comes right after a step has begun, the one before having ended the client's last request.
 */
#include "predict/queueing_parts.h"

#include <math.h>

static const double client_ms =
	1; /* from an answer's end to the next request's arrival; doubt: 0.3 to 5 */
static const double load_max = 0.95; /* of the line; beyond it fill_steps() takes over */
enum { ROUNDS = 5, HALVINGS = 10 };

/* What the cycle is solved for. */
struct cycle {
	double clients, seated;
	double others; /* part of all requests that one request can meet */
	double first_ms; /* in a seat before the first token */
	double rate; /* all requests, per ms */
	double decoding; /* part of the time in a seat that is after the first token */
};

/* seated = rate * (after * d / (1 - others * rate * mean) + first): the smaller root of a quadratic in the rate. */
static double solve_rate(const struct cycle *c, const struct sw__traffic *t,
			 const struct sw__prefill *p)
{
	double shared = c->others * p->mean_ms;
	double a = c->first_ms * shared;
	double b = t->after_tokens * p->decode_ms + c->first_ms + c->seated * shared;

	if (a <= 0)
		return c->seated / b;
	return 2 * c->seated / (b + sqrt(sw__larger(0, b * b - 4 * a * c->seated)));
}

/* Prompts that end with the same step are served together; those of several steps wait in line. While steps are full,
 * tokens and with them the next requests come slower by as much: in a loop arrivals are even over steps, not over time,
 * so the line is one of discrete time. */
static double line_ms(const struct sw__queue *q, const struct sw__prefill *p,
		      const struct sw__steps *s)
{
	double per_step = q->rate * s->mean_ms, square = 0;
	double load = per_step * q->traffic->prompt_tokens / p->room;

	for (size_t i = 0; i < q->traffic->n_prompts; i++) {
		double steps = q->traffic->prompt[i].tokens / p->room;

		if (steps > 1)
			square += q->traffic->prompt[i].weight * steps * (steps - 1);
	}
	return per_step * square / (2 * (1 - sw__smaller(load_max, load))) * p->full_ms;
}

static struct sw__wait wait_closed(const struct sw__queue *q, const struct sw__prefill *p,
				   const struct sw__steps *s, const struct cycle *c)
{
	bool queued = c->clients > c->seated;
	double residual = queued ? 0 : sw__larger(0.5 * s->mean_ms, s->mean_ms - client_ms);
	double gate = p->busy * s->mean_ms, line = line_ms(q, p, s);
	double d = p->decode_ms, last = queued ? 0 : sw__larger(0.5 * d, d - client_ms);
	struct sw__wait w = {
		.plain = sw__smaller(0.98,
				     exp(-q->rate * ((queued ? 0 : s->mean_ms * p->steps) + d))),
		.plain_low_ms = last,
		.plain_high_ms = last,
		.idle = c->clients < 2 ? 1 : 0,
		.seat = queued ? 1 : 0,
	};

	w.mean_ms = residual + gate + line;
	w.rest_ms2 = (queued ? 0 : s->variance_ms2) + q->rate * s->mean_ms * p->square_ms2 +
		     2 * line * (line + p->full_ms);
	if (q->batching->schedule_ahead) {
		w.mean_ms += s->mean_ms - d;
		w.rest_ms2 += s->variance_ms2;
	}
	if (queued) {
		w.seat_ms = (c->clients - c->seated) / c->rate;
		w.seat_ms2 = w.seat_ms * w.seat_ms / (c->clients - c->seated);
	}
	sw__wait_split(&w, w.rest_ms2);
	return w;
}

static double own_ms(const struct sw__queue *q, const struct sw__prefill *p)
{
	double sum = q->batching->schedule_ahead ? p->decode_ms : 0;

	for (size_t i = 0; i < q->traffic->n_prompts; i++) {
		const struct sw__prompt_class *k = &q->traffic->prompt[i];

		sum += k->weight * (p->own_ms[i] + p->carry_ms * sw__round_up(k->tokens / p->room));
	}
	return sum;
}

static double alone_ms(const struct sw__queue *q, const struct sw__running *r)
{
	double sum = 0;

	for (size_t i = 0; i < q->traffic->n_prompts; i++)
		sum += q->traffic->prompt[i].weight * sw__from_idle_ms(q, r, i);
	return sum;
}

/* Requests per ms that full steps serve. */
static double budget_rate(const struct sw__queue *q, const struct sw__prefill *p)
{
	if (q->policy == SW__PREFILL_FIRST)
		return INFINITY; /* prompts stop the decodes instead of queueing behind them */
	return p->room / (q->traffic->prompt_tokens * p->full_ms);
}

/* Every step is full: who does not decode waits for prefill. Returns the time in a seat before the first token. */
static double fill_steps(const struct sw__queue *q, struct sw__prefill *p, struct cycle *c,
			 struct sw__steps *s, struct sw__wait *w)
{
	double line, first_ms;

	c->rate = budget_rate(q, p);
	p->step_ms = p->full_ms;
	p->busy = 1 - p->decode_ms / p->full_ms;
	s->mean_ms = s->met_ms = s->own_ms = p->full_ms;
	s->square_ms2 = p->full_ms * p->full_ms;
	s->variance_ms2 = 0;
	first_ms = sw__larger(own_ms(q, p) + p->full_ms, /* Little */
			      c->seated / c->rate - q->traffic->after_tokens * p->full_ms);
	line = first_ms - own_ms(q, p);
	/* As many prompts before in line as fill the time, each as long as prompts are. */
	w->rest_ms2 =
		line / c->rate * q->traffic->prompt_variability + p->full_ms * p->full_ms / 12;
	w->mean_ms = line;
	w->rest_ms = line;
	w->plain = 0;
	return first_ms;
}

/* What requests meet at c->rate while n of them decode; sets c->first_ms. */
static void meet(struct sw__queue *q, struct cycle *c, struct sw__running *r,
		 struct sw__steps *steps, struct sw__wait *wait)
{
	q->rate = c->others * c->rate;
	r->at.busy = sw__smaller(0.995, q->rate * r->at.mean_ms);
	r->at.step_ms = r->at.decode_ms / (1 - r->at.busy);
	*steps = sw__steps_of(q, r);
	*wait = wait_closed(q, &r->at, steps, c);
	c->first_ms = wait->idle > 0 ? alone_ms(q, r) : wait->mean_ms + own_ms(q, &r->at);
}

/*
 * Answers of one token leave nothing in the cycle but waits that grow with the rate, which is then found by halving: from
 * wait to rate and back the rounds would swing. Little's law holds for what comes out.
 */
static void solve_one_token(struct sw__queue *q, struct cycle *c, struct sw__running *r,
			    struct sw__steps *steps, struct sw__wait *wait)
{
	double low = 0, high = budget_rate(q, &r->at);

	for (int i = 0; i < HALVINGS; i++) {
		c->rate = i > 0 ? 0.5 * (low + high) : high * (1 - 1e-9);
		q->rate = c->others * c->rate;
		r->at = sw__prefill_beside(q, 1);
		meet(q, c, r, steps, wait);
		if (i == 0 && c->clients >= 2 && c->rate * c->first_ms < c->seated) {
			r->full_steps = true;
			c->first_ms = fill_steps(q, &r->at, c, steps, wait);
			break;
		}
		if (c->rate * c->first_ms > c->seated)
			high = c->rate;
		else
			low = c->rate;
	}
	c->rate = c->seated / c->first_ms;
	c->decoding = 0;
}

static void solve_rounds(struct sw__queue *q, struct cycle *c, struct sw__running *r,
			 struct sw__steps *steps, struct sw__wait *wait)
{
	double after = q->traffic->after_tokens;

	for (int round = 0; round < ROUNDS; round++) {
		double n = sw__smaller(1 + (c->seated - 1) * c->decoding, q->most_decodes);
		double in_seat;

		r->at = sw__prefill_beside(q, n);
		c->rate = solve_rate(c, q->traffic, &r->at);
		meet(q, c, r, steps, wait);
		in_seat = c->first_ms;
		r->full_steps = c->rate > budget_rate(q, &r->at);
		if (r->full_steps)
			in_seat = fill_steps(q, &r->at, c, steps, wait);
		c->decoding = after * r->at.step_ms / (after * r->at.step_ms + in_seat);
	}
}

struct sw__running sw__running_closed(struct sw__queue *q, struct sw__steps *steps,
				      struct sw__wait *wait)
{
	const struct sw__traffic *t = q->traffic;
	struct cycle c = {.clients = t->concurrency,
			  .seated = sw__smaller(t->concurrency, q->seats)};
	struct sw__running r = {0};

	c.decoding = sw__smaller(1, q->most_decodes / c.seated);
	c.others = (c.clients - 1) / c.clients;
	q->rate = 0;
	r.low = r.at = sw__prefill_beside(q, 1);
	c.first_ms = own_ms(q, &r.at);
	if (t->after_tokens > 0)
		solve_rounds(q, &c, &r, steps, wait);
	else
		solve_one_token(q, &c, &r, steps, wait);
	r.token_ms = r.at.step_ms;
	r.decodes = c.seated * c.decoding;
	/* Of the others, beside one that decodes. */
	r.variance = (c.seated - 1) * c.decoding * (1 - c.decoding);
	r.prefilling = c.seated - r.decodes;
	r.rate = c.rate;
	return r;
}

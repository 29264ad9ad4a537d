// SPDX-License-Identifier: Apache-2.0
/*
 * A request's time per output token is a mean over its own tokens: the more tokens, the closer to the long-run mean. It
 * moves with the number of decodes, which changes slowly, and with the prompts that came between its tokens, which are
 * few and large for short answers; those are counted: none, one, or more.
 */
#include "predict/queueing_parts.h"

#include <math.h>

static const double unlimited_ms = 1e9;
static const double negligible = 1e-4; /* probabilities that no p99 notices */

/* What all classes of outputs have in common. */
struct common {
	const struct sw__queue *q;
	const struct sw__running *r;
	const struct sw__steps *s;
	double base_ms; /* long-run mean per token */
	double least_ms; /* a decode step alone */
	double quiet_ms; /* per token without any prompt in between */
	double relax_ms; /* how long the number of decodes remembers */
	double slope_ms; /* of a decode step in n */
	double after_own; /* prompts that arrive in the step of the first token beyond those of a mean step */
	double chunk_ms; /* largest extra between two tokens */
	double extra_ms; /* mean extra of a prompt between two tokens */
	double behind; /* prompts in line behind the own one when it ends */
	double own_ms, own_ms2; /* mean and mean square of a prompt's own steps */
	double longest_ms; /* own steps of the longest prompt */
	double log_rho; /* of what the chain of steps remembers */
};

static void add_own(struct common *c)
{
	const struct sw__traffic *t = c->q->traffic;

	for (size_t i = 0; i < t->n_prompts; i++) {
		double ms = c->r->at.own_ms[i], part = t->prompt[i].weight * ms;

		c->own_ms += part;
		c->own_ms2 += part * ms;
		c->longest_ms = sw__larger(c->longest_ms, ms);
	}
}

static struct common make_common(const struct sw__queue *q, const struct sw__running *r,
				 const struct sw__steps *s, const struct sw__wait *w)
{
	const struct sw__prefill *p = &r->at;
	struct common c = {.q = q, .r = r, .s = s};
	double steps; /* of a line: what is shorter than one is served with the own prompt */

	c.least_ms = sw__queue_decode_ms(q, 1);
	c.base_ms = sw__larger(c.least_ms, r->token_ms);
	c.quiet_ms = sw__larger(0.99 * c.least_ms, c.base_ms * (1 - p->busy));
	c.slope_ms = sw__queue_slope_ms(q, p->n);
	c.relax_ms = sw__queue_relax_ms(q, r);
	c.behind = q->rate * w->line_ms;
	steps = (1 + c.behind) * q->traffic->prompt_tokens / p->room;
	c.behind *= steps * steps / (1 + steps * steps);
	c.chunk_ms = p->full_ms - p->carry_ms;
	c.extra_ms = p->capped_ms;
	if (q->policy == SW__PREFILL_FIRST) { /* all prompts there are go before the next token */
		c.behind = q->rate * w->line_ms;
		c.chunk_ms = unlimited_ms;
		c.extra_ms = p->mean_ms;
	}
	add_own(&c);
	c.log_rho = log(sw__larger(p->busy, 1e-300));
	c.after_own = sw__larger(0, q->rate * (s->own_ms - s->mean_ms) +
					    sw__queue_clustered(q, s->own_ms));
	return c;
}

/* Variance of a mean over a time x relaxation times long, relative to that of a moment: 2 (x - 1 + e^-x) / x^2 within
 * 3 % without its exponential. */
static double averaging(double x)
{
	return (1 + x / 6) / (1 + x / 2 + x * x / 12);
}

/* 1 - rho^steps. */
static double forgotten_after(const struct common *c, double steps)
{
	double exponent = steps * c->log_rho;

	if (c->q->policy == SW__PREFILL_FIRST)
		return 1; /* all in the first gap */
	return exponent < -12 ? 1 : 1 - exp(exponent);
}

/* Variance of the mean of m consecutive steps of the chain, which remember by a factor rho a step. */
static double chain_variance(const struct common *c, double m)
{
	double rho = c->r->at.busy, rest = 1 - rho;
	double forgotten = 1 - exp(sw__larger(-700, m * c->log_rho));

	if (c->q->policy ==
	    SW__PREFILL_FIRST) /* of a compound Poisson process with its offspring */
		return c->q->rate * c->r->at.step_ms * c->r->at.square_ms2 / (rest * rest * m);

	return c->s->variance_ms2 *
	       ((1 + rho) / (rest * m) - 2 * rho * forgotten / (rest * rest * m * m));
}

/* Prompts between the tokens, all told: mean and variance of what they add per token. */
struct added {
	double mean_ms, variance_ms2;
};

static struct added one_prompt(const struct common *c, double m)
{
	struct added a = {.mean_ms = c->own_ms / m, .variance_ms2 = c->own_ms2 / (m * m)};

	if (c->longest_ms > m * c->chunk_ms)
		a = (struct added){0};
	for (size_t i = 0; i < c->q->traffic->n_prompts && c->longest_ms > m * c->chunk_ms; i++) {
		double ms = sw__smaller(c->r->at.own_ms[i] / m, c->chunk_ms);

		a.mean_ms += c->q->traffic->prompt[i].weight * ms;
		a.variance_ms2 += c->q->traffic->prompt[i].weight * ms * ms;
	}
	a.variance_ms2 = sw__larger(0, a.variance_ms2 - a.mean_ms * a.mean_ms);
	return a;
}

/* The rest of the mean and the variance goes to requests that met two prompts or more. */
static struct added more_prompts(const struct common *c, const struct added *one, double all_ms,
				 double all_ms2, double p_one, double p_more)
{
	double used = p_one * one->mean_ms;
	double used2 = p_one * (one->variance_ms2 + one->mean_ms * one->mean_ms);
	struct added a;

	a.mean_ms = sw__smaller(sw__larger((all_ms - used) / p_more, 1.6 * one->mean_ms),
				0.95 * c->chunk_ms);
	a.variance_ms2 = (all_ms2 + all_ms * all_ms - used2) / p_more - a.mean_ms * a.mean_ms;
	a.variance_ms2 = sw__larger(a.variance_ms2, 0.05 * a.mean_ms * a.mean_ms);
	a.variance_ms2 = sw__smaller(a.variance_ms2, a.mean_ms * (c->chunk_ms - a.mean_ms));
	return a;
}

/* Mean prompts computed between m + 1 tokens: those that arrived in the m steps before the last ones, of which the first
 * is the own prompt's. */
static double arrivals(const struct common *c, double m)
{
	bool later = c->q->batching->schedule_ahead && m < 2;

	return c->q->rate * m * c->r->at.step_ms + (later ? 0 : c->after_own);
}

/* Full steps all last the same but for the contexts in them. */
static void add_full_steps(const struct common *c, struct sw__mixture *out)
{
	static const double spread = 0.03; /* of the mean; doubt: 0.01 to 0.1 */

	sw__mixture_add_gamma(out, 1, 0, c->base_ms, spread * spread * c->base_ms * c->base_ms);
}

/* Of the prompts in line behind, and those that come meanwhile, what m steps take in: all steps full at most. */
static double line_ms(const struct common *c, double m)
{
	double all = c->behind * c->r->at.mean_ms / (1 - c->r->at.busy);

	double usual = sw__smaller(1, (c->base_ms - c->quiet_ms) / c->chunk_ms);

	return all > 1e-6 * c->chunk_ms ? (1 - usual) * all * -expm1(-m * c->chunk_ms / all) : 0;
}

/* What prompts between the tokens add per token, on average. */
static double all_prompts_ms(const struct common *c, double m)
{
	double steps = c->q->batching->schedule_ahead ? sw__round_down(0.5 * m) : m;
	double own = c->after_own * c->extra_ms * forgotten_after(c, steps) / (1 - c->r->at.busy);
	double ms = c->base_ms + (own + line_ms(c, m)) / m;

	ms = sw__smaller(ms, sw__larger(c->quiet_ms + c->chunk_ms, c->base_ms));
	return sw__larger(0, ms - c->quiet_ms);
}

static void add_class(const struct common *c, const struct sw__output_class *o,
		      struct sw__mixture *out)
{
	const struct sw__prefill *p = &c->r->at;
	double m = o->after, rho = p->busy;
	double slow = averaging(m * p->step_ms / c->relax_ms) * c->slope_ms * c->slope_ms *
		      c->r->variance;
	double quiet2 = slow + 1e-9 * c->quiet_ms * c->quiet_ms;
	double met = arrivals(c, m);
	double free =
		1 /
		(1 + c->behind); /* of anyone in line: a geometric number beside a Poisson one */
	double p_none = met < 12 ? exp(-met) * free : 0, p_one = p_none * (met + 1 - free);
	double p_more = 1 - p_none - p_one;
	double low = 0.99 * sw__smaller(c->least_ms, c->quiet_ms), lift = c->quiet_ms - low;
	struct added one = {0}, more;

	sw__mixture_add_gamma(out, o->weight * p_none, low, lift, quiet2);
	if (p_one > negligible) {
		one = one_prompt(c, m);
		sw__mixture_add_gamma(out, o->weight * p_one, low, lift + one.mean_ms,
				      quiet2 + one.variance_ms2);
	}
	if (p_more < negligible)
		return;
	more = more_prompts(c, &one, all_prompts_ms(c, m), chain_variance(c, m), p_one, p_more);
	sw__mixture_add_gamma(out, o->weight * p_more, low, lift + more.mean_ms,
			      slow / ((1 - rho) * (1 - rho)) + more.variance_ms2);
}

void sw__tpot_mixture(const struct sw__queue *q, const struct sw__running *r,
		      const struct sw__steps *s, const struct sw__wait *w, struct sw__mixture *out)
{
	struct common c = make_common(q, r, s, w);

	sw__mixture_clear(out);
	if (r->full_steps && q->traffic->n_outputs > 0)
		add_full_steps(&c, out);
	for (size_t j = 0; j < q->traffic->n_outputs && !r->full_steps; j++)
		add_class(&c, &q->traffic->output[j], out);
}

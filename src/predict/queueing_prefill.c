// SPDX-License-Identifier: Apache-2.0
/*
 * What prompts cost the steps they are computed in. A prompt alone pays for the bend of the linear part, the mixed
 * attention and a host round of its own; prompts that share a step share those, which matters where steps are long
 * against the gaps between arrivals.
 */
#include "predict/queueing_parts.h"

#include <math.h>

static const double busy_max =
	0.995; /* beyond, the load is refused elsewhere; here it keeps numbers finite */
static const double others_few =
	0.05; /* prompts per step below which sharing changes nothing to speak of */
static const double others_many =
	0.3; /* above which one round of sharing leaves an error to speak of */
enum { SHARING_ROUNDS = 2, SINGLE_ROUNDS = 6 };

struct sw__queue sw__queue_make(const struct sw__step_curve *curve,
				const struct sw__batching *batching,
				const struct sw__traffic *traffic, double rate_per_s)
{
	static const double half_block =
		8; /* tokens: the last block of 16 is half full on average */
	/* SGLang keeps room for part of the answers still to be written; its estimate wanders between 0.1 and 0.7. */
	static const double reserved_share = 0.4;
	double kv = traffic->context_tokens + half_block;
	struct sw__queue q = {
		.curve = curve,
		.batching = batching,
		.traffic = traffic,
		.rate = rate_per_s * 1e-3,
		.policy = traffic->after_tokens > 0 ? batching->policy : SW__MIXED_STEPS,
	};
	double held;

	if (q.policy == SW__PREFILL_FIRST)
		kv += reserved_share * traffic->growth_tokens;
	held = sw__larger(1, batching->kv_cache_tokens / kv);
	q.kv_binds = held < batching->max_num_seqs;
	q.seats = q.kv_binds ? held : batching->max_num_seqs;
	q.most_decodes = q.seats;
	if (q.policy == SW__MIXED_STEPS) {
		/* Steps full of prefill start room/prompt sequences each, which stay `after` steps: n = after * room(n) / prompt. */
		double supplied = traffic->after_tokens * batching->max_num_batched_tokens /
				  (traffic->prompt_tokens + traffic->after_tokens);

		q.most_decodes = sw__smaller(q.seats, sw__larger(1, supplied));
	}
	sw__line_make(curve, &q.line);
	q.lone_ms = curve->host_ms + sw__line_ms(&q.line, 1);
	q.attention_per_seq =
		curve->decode_ms_per_seq + curve->decode_ms_per_kv_token * traffic->context_tokens;
	q.decode_ms_per_seq = q.attention_per_seq + curve->sample_ms_per_seq;
	return q;
}

double sw__queue_clustered(const struct sw__queue *q, double ms)
{
	double burst = q->traffic->burstiness;
	static const double fewest =
		-0.45; /* on each side: gaps all equal leave out half an arrival */
	double far = 0.5 * (burst * burst - 1);
	double near;

	if (far == 0)
		return 0;
	near = q->rate * ms;
	if (burst > 1) /* P(gap < ms) of the gamma distribution for small ms */
		near = pow(near / (burst * burst), 1 / (burst * burst)) /
		       tgamma(1 + 1 / (burst * burst));
	return sw__larger(fewest, far * near / (fabs(far) + near));
}

/* What does not depend on the prompt, for one number of decodes. */
struct beside {
	const struct sw__queue *q;
	double n; /* decodes in the step */
	double linear_ms; /* their linear part, which the step would have anyway */
	double fixed_ms; /* extra of any step with prefill, but for attention */
	double attention_ms; /* of the decodes, without prefill */
	double factor; /* how much dearer that is beside a chunk of `mixed.chunk` tokens */
	double room;
};

/* What attention of the decodes takes more because of prompts of `chunk` tokens. */
static double dearer_ms(const struct beside *b, double chunk)
{
	const struct sw__mixed_decode *m = &b->q->curve->mixed;
	double factor = b->factor + (chunk - m->chunk) * m->per_token;

	return b->attention_ms * sw__larger(0, factor - 1);
}

static double extra_of_step(const struct beside *b, double tokens, double pairs, double prompts)
{
	const struct sw__step_curve *c = b->q->curve;

	return sw__line_ms(&b->q->line, b->n + tokens) - b->linear_ms + b->fixed_ms +
	       dearer_ms(b, tokens / sw__larger(1, prompts)) + c->prefill_ms_per_token * tokens +
	       c->prefill_ms_per_pair * pairs + c->sample_ms_per_seq * prompts;
}

/* Whole steps of prefill and a rest; *square_ms2 gets the sum of the squares of the single steps' extras. */
static double extra(const struct beside *b, double tokens, double pairs, double prompts,
		    double *square_ms2)
{
	double steps = tokens / b->room;
	double whole = sw__round_down(steps), rest = steps - whole;
	double full = 0, last = 0;

	if (steps <= 1) {
		full = extra_of_step(b, tokens, pairs, prompts);
		*square_ms2 = full * full;
		return full;
	}
	full = extra_of_step(b, b->room, pairs / steps, prompts / steps);
	if (rest > 1e-9)
		last = extra_of_step(b, rest * b->room, pairs * rest / steps,
				     prompts * rest / steps);
	*square_ms2 = whole * full * full + last * last;
	return whole * full + last;
}

static struct beside make_beside(const struct sw__queue *q, double n)
{
	bool mixed = q->policy == SW__MIXED_STEPS;
	struct beside b = {.q = q, .n = mixed ? n : 0};

	b.linear_ms = sw__line_ms(&q->line, b.n);
	b.fixed_ms = mixed ? 0 : q->curve->host_ms;
	b.attention_ms = b.n * q->attention_per_seq;
	b.factor = sw__mixed_factor(&q->curve->mixed, b.n, q->curve->mixed.chunk);
	b.room = sw__larger(1, q->batching->max_num_batched_tokens - b.n);
	return b;
}

static void finish_means(const struct sw__queue *q, struct sw__prefill *p)
{
	const struct sw__traffic *t = q->traffic;
	double longest = p->full_ms - p->carry_ms;

	p->mean_ms = p->square_ms2 = p->capped_ms = 0;
	for (size_t i = 0; i < t->n_prompts; i++) {
		p->mean_ms += t->prompt[i].weight * p->shared_ms[i];
		p->square_ms2 += t->prompt[i].weight * p->shared_ms[i] * p->shared_ms[i];
		p->capped_ms += t->prompt[i].weight * sw__smaller(p->shared_ms[i], longest);
	}
	p->busy = sw__smaller(busy_max, q->rate * p->mean_ms);
	p->step_ms = p->decode_ms / (1 - p->busy);
}

static void fill_own(const struct sw__queue *q, const struct beside *b, struct sw__prefill *p)
{
	const struct sw__traffic *t = q->traffic;

	p->chunk_ms2 = p->steps = 0;
	for (size_t i = 0; i < t->n_prompts; i++) {
		double square;

		p->steps += t->prompt[i].weight * sw__round_up(t->prompt[i].tokens / b->room);
		p->own_ms[i] = extra(b, t->prompt[i].tokens, t->prompt[i].pairs, 1, &square);
		p->shared_ms[i] = p->own_ms[i];
		p->chunk_ms2 += t->prompt[i].weight * square;
	}
	finish_means(q, p);
}

static void fill_shared(const struct sw__queue *q, const struct beside *b, double others,
			struct sw__prefill *p)
{
	const struct sw__traffic *t = q->traffic;

	p->chunk_ms2 = 0;
	for (size_t i = 0; i < t->n_prompts; i++) {
		double tokens = t->prompt[i].tokens + others * t->prompt_tokens;
		double pairs = t->prompt[i].pairs + others * t->prompt_pairs;
		double part = t->prompt[i].tokens / tokens;
		double square;

		p->shared_ms[i] = part * extra(b, tokens, pairs, 1 + others, &square);
		p->chunk_ms2 += t->prompt[i].weight * part * square;
	}
	finish_means(q, p);
}

/* Mean length of one step, decode or prefill: prompts that arrive in it share the next. step_ms is that of a decode step
 * and all prefill steps it waits for, where they are separate steps. */
static double single_step_ms(const struct sw__queue *q, const struct sw__prefill *p)
{
	double ms = p->decode_ms;

	if (q->policy == SW__MIXED_STEPS)
		return p->step_ms;
	for (int i = 0; i < SINGLE_ROUNDS; i++)
		ms = 0.5 * (ms + sw__larger(p->step_ms * exp(-q->rate * ms),
					    sw__smaller(p->decode_ms, p->mean_ms)));
	return ms;
}

struct sw__prefill sw__prefill_beside(const struct sw__queue *q, double n)
{
	struct beside b = make_beside(q, n);
	struct sw__prefill p = {.n = n, .room = b.room, .decode_ms = sw__queue_decode_ms(q, n)};

	p.carry_ms = q->policy == SW__MIXED_STEPS ? p.decode_ms : 0;
	p.full_ms = p.carry_ms +
		    extra_of_step(&b, b.room,
				  b.room * q->traffic->prompt_pairs / q->traffic->prompt_tokens,
				  b.room / q->traffic->prompt_tokens);
	fill_own(q, &b, &p);
	for (int round = 0; round < SHARING_ROUNDS; round++) {
		double others = q->rate * single_step_ms(q, &p);

		if (others > (round == 0 ? others_few : others_many))
			fill_shared(q, &b, others, &p);
	}
	p.single_ms = single_step_ms(q, &p);
	return p;
}

/* Prompts that find every seat taken gather while they wait, as many as sequences end in a step. Where prefill steps
 * carry no decodes this is what keeps a crowded engine going: prompts of single arrivals would take all its time. */
struct sw__prefill sw__prefill_crowded(const struct sw__queue *q,
				       const struct sw__prefill *beside_most)
{
	struct sw__prefill p = *beside_most;

	if (q->policy == SW__PREFILL_FIRST) {
		struct beside b = make_beside(q, q->most_decodes);

		fill_shared(q, &b, q->seats / (q->traffic->after_tokens + 1), &p);
	}
	if (q->most_decodes < q->seats)
		p.crowded_rate = p.room / (q->traffic->prompt_tokens * p.full_ms);
	else
		/* seats = rate * (after + 1) * d / (1 - rate * mean) */
		p.crowded_rate = q->seats / ((q->traffic->after_tokens + 1) * p.decode_ms +
					     q->seats * p.mean_ms);
	return p;
}

static double between(double a, double b, double f)
{
	return a + f * (b - a);
}

struct sw__prefill sw__prefill_between(const struct sw__prefill *a, const struct sw__prefill *b,
				       double f)
{
	struct sw__prefill p = {
		.n = between(a->n, b->n, f),
		.decode_ms = between(a->decode_ms, b->decode_ms, f),
		.carry_ms = between(a->carry_ms, b->carry_ms, f),
		.steps = between(a->steps, b->steps, f),
		.room = between(a->room, b->room, f),
		.full_ms = between(a->full_ms, b->full_ms, f),
		.mean_ms = between(a->mean_ms, b->mean_ms, f),
		.capped_ms = between(a->capped_ms, b->capped_ms, f),
		.single_ms = between(a->single_ms, b->single_ms, f),
		.square_ms2 = between(a->square_ms2, b->square_ms2, f),
		.chunk_ms2 = between(a->chunk_ms2, b->chunk_ms2, f),
		.busy = sw__smaller(busy_max, sw__larger(0, between(a->busy, b->busy, f))),
	};

	for (size_t i = 0; i < SW__CLASSES; i++) {
		p.own_ms[i] = between(a->own_ms[i], b->own_ms[i], f);
		p.shared_ms[i] = between(a->shared_ms[i], b->shared_ms[i], f);
	}
	p.step_ms = p.decode_ms / (1 - p.busy);
	return p;
}

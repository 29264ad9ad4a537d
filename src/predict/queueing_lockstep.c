// SPDX-License-Identifier: Apache-2.0
/*
 * A closed loop whose answers all have one length never mixes: requests that got their first token in one step end in one
 * step and come back together. Benchmarks that start all clients at once and fix the output length run like that for
 * ever, so this is what their rows show. A cycle is then counted off in steps.
 */
#include "predict/queueing_parts.h"

#include <math.h>

/* Coefficient of variation of output lengths, squared, up to which groups hold together: the spread of one answer stays
 * below the steps that a group's prefill takes. Doubt: 0.001 to 0.02. */
static const double together_max = 0.005;
/* Standard deviations by which all prompts together must fit a step to do so always. Doubt: 1.5 to 3. */
static const double spread_seen = 2.5;
enum { WAVES_TOLD_APART = 16 };

/* Prompts that always fit one step together, of unequal ones: g + spread_seen * sqrt(g * variability) = budget. */
static double stable_group(const struct sw__traffic *t, double budget)
{
	double slack = spread_seen * sqrt(t->prompt_variability);
	double root = 0.5 * (sqrt(slack * slack + 4 * budget) - slack);

	return floor(root * root);
}

static bool alike(const struct sw__traffic *t)
{
	return t->prompt_variability < together_max;
}

/* Unequal prompts of which only one fits a step drift apart: then a closed loop is as random as any. */
bool sw__lockstep_applies(const struct sw__queue *q)
{
	const struct sw__traffic *t = q->traffic;
	double budget = q->batching->max_num_batched_tokens / t->prompt_tokens;

	return isfinite(t->concurrency) && t->concurrency > 1 && t->after_tokens >= 1 &&
	       t->after_variability < together_max && (alike(t) || stable_group(t, budget) >= 2);
}

/* One cycle of the seated clients. */
struct cycle {
	double seated;
	bool full; /* groups fill the token budget of their steps */
	double groups; /* steps full of prefill, or one */
	double per_group; /* prompts in one of them */
	double prefill_ms; /* of a step with a group in it */
	double decode_ms; /* of a step without */
	double spread_ms2; /* variance of the extra of one prompt */
	double first_ms; /* mean time to the first token, from a seat */
	double token_ms;
};

/* Time of the step that computes a whole group, or of the full step. */
static double group_ms(const struct sw__queue *q, const struct sw__prefill *p, double prompts)
{
	double share = sw__smaller(1, prompts * q->traffic->prompt_tokens / p->room);
	struct sw__step_batch batch = {.n_decode = p->carry_ms > 0 ? p->n : 0,
				       .n_prefill = prompts};

	if (share >= 1)
		return p->full_ms;
	batch.kv_tokens = batch.n_decode * q->traffic->context_tokens;
	batch.prefill_tokens = prompts * q->traffic->prompt_tokens;
	batch.prefill_pairs = prompts * q->traffic->prompt_pairs;
	return sw__step_ms(q->curve, &batch);
}

/* Everyone ends in the same step, the engine falls idle for the client's delay, and all prompts come at once. */
static void all_together(const struct sw__queue *q, struct cycle *c, struct sw__mixture *ttft)
{
	struct sw__prefill alone = sw__prefill_beside(q, 0);
	double waves = q->policy == SW__PREFILL_FIRST ? ceil(c->groups) : 1;
	double ms = group_ms(q, &alone, sw__smaller(c->per_group, c->seated));

	c->prefill_ms = ms;
	c->first_ms = ms * (waves + 1) / 2;
	if (waves > WAVES_TOLD_APART)
		sw__mixture_add_uniform(ttft, 1, ms, waves * ms);
	for (double wave = 1; wave <= waves && waves <= WAVES_TOLD_APART; wave++)
		sw__mixture_add_gamma(ttft, 1 / waves, 0, wave * ms,
				      c->spread_ms2 * wave * sw__smaller(c->per_group, c->seated));
	/* Those who got theirs first wait for the others' before decoding starts. */
	c->token_ms = c->decode_ms + ms * (waves - 1) / 2 / q->traffic->after_tokens;
}

/* Groups follow each other step by step: who comes back meets the step of the group behind, and waits for its end. */
static void in_line(const struct sw__queue *q, struct cycle *c, struct sw__mixture *ttft)
{
	double after = q->traffic->after_tokens;
	/* Prompts that a step's budget cuts in two. */
	double straddle = c->full ? sw__smaller(1, 1 / c->per_group) : 0;
	double wait = (q->batching->schedule_ahead ? 1 : 0) +
		      (c->seated < q->traffic->concurrency ? 0 : 1);
	double steps = wait + 1 + straddle;
	double quiet = sw__larger(0, after + steps - c->groups);
	double first =
		1 /
		c->groups; /* part of the requests whose group comes first and meets a decode step */
	double whole;

	if (quiet <= 0) { /* all steps are full and the rest of the clients wait in line */
		c->token_ms = c->prefill_ms;
		c->first_ms = sw__larger(steps, c->groups - after) * c->prefill_ms;
		sw__mixture_add_gamma(ttft, 1, 0, c->first_ms,
				      c->prefill_ms * c->prefill_ms / 12 +
					      c->spread_ms2 * c->first_ms / c->prefill_ms *
						      c->per_group);
		return;
	}
	whole = c->groups * c->prefill_ms + quiet * c->decode_ms;
	c->first_ms = steps * c->prefill_ms - first * wait * (c->prefill_ms - c->decode_ms);
	c->token_ms = sw__larger(c->decode_ms, (whole - c->first_ms) / after);
	steps = (wait + 1) * c->prefill_ms;
	sw__mixture_add_uniform(ttft, first, steps - wait * (c->prefill_ms - c->decode_ms),
				steps - wait * (c->prefill_ms - c->decode_ms));
	sw__mixture_add_uniform(ttft, (1 - first) * (1 - straddle), steps, steps);
	sw__mixture_add_uniform(ttft, (1 - first) * straddle, steps + c->prefill_ms,
				steps + c->prefill_ms);
}

/* Equal prompts stay packed as the budget packs them. Of unequal ones whoever overflows a step stays with the next
 * group, until every group fits its step with room to spare, or is what must end in each step. */
static void group(const struct sw__queue *q, const struct sw__prefill *p, struct cycle *c)
{
	const struct sw__traffic *t = q->traffic;
	double budget = p->room / t->prompt_tokens;
	double ending = c->seated / (t->after_tokens + 2);

	c->per_group = alike(t) ? budget
				: sw__smaller(budget, sw__larger(stable_group(t, budget), ending));
	if (c->per_group > c->seated)
		c->per_group = c->seated;
	else
		c->full = c->per_group >= budget;
	c->groups = c->seated / c->per_group;
}

struct sw__running sw__running_lockstep(struct sw__queue *q, struct sw__mixture *ttft,
					struct sw__mixture *tpot)
{
	const struct sw__traffic *t = q->traffic;
	struct cycle c = {.seated = sw__smaller(t->concurrency, q->seats)};
	struct sw__running r = {0};

	r.at = r.low = sw__prefill_beside(q, sw__smaller(c.seated, q->most_decodes));
	group(q, &r.at, &c);
	c.decode_ms = r.at.decode_ms;
	c.prefill_ms = c.full ? r.at.full_ms : group_ms(q, &r.at, c.per_group);
	c.spread_ms2 = sw__larger(0, r.at.square_ms2 - r.at.mean_ms * r.at.mean_ms) + 1e-9;
	sw__mixture_clear(ttft);
	sw__mixture_clear(tpot);
	if (c.groups == 1 || q->policy == SW__PREFILL_FIRST)
		all_together(q, &c, ttft);
	else
		in_line(q, &c, ttft);
	sw__mixture_add_uniform(tpot, 1, c.token_ms, c.token_ms);
	r.rate = c.seated / (c.first_ms + t->after_tokens * c.token_ms);
	r.token_ms = c.token_ms;
	r.decodes = r.rate * t->after_tokens * c.token_ms;
	r.prefilling = c.seated - r.decodes;
	r.full_ms = (t->concurrency - c.seated) / r.rate;
	return r;
}

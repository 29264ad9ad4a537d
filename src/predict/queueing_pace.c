// SPDX-License-Identifier: Apache-2.0
/*
 * A load that wanders is a mixture of steady loads, weighted by the requests that came in each, and of lines: those who
 * came while more was offered than served. README-queueing.md, "Traffic that wanders".
 */
#include "predict/queueing_parts.h"

/* What an engine is when more is offered than it serves: as near to its capacity as the closed form goes. */
static const double crowded_load = 0.98;
/* Standard deviation of the time per token over its mean while every seat is taken: requests differ in their prompts'
 * neighbours only. Doubt: 0.03 to 0.2. */
static const double full_spread = 0.1;

struct mix {
	double weight, time;
	double decodes, variance, prefilling, idle, full, full_ms, kv_full, token_ms, wait_ms, seat;
	double mean_step_ms;
};

static void add_solution(struct mix *m, const struct sw__solution *s, double weight, double time)
{
	const struct sw__running *r = &s->running;

	m->weight += weight;
	m->time += time;
	m->decodes += time * r->decodes;
	m->variance += time * (r->variance + r->decodes * r->decodes);
	m->prefilling += time * r->prefilling;
	m->idle += time * r->idle;
	m->mean_step_ms += time * s->mean_step_ms;
	m->full += weight * r->full;
	m->full_ms += weight * r->full * r->full_ms;
	m->kv_full += weight * r->kv_full;
	m->token_ms += weight * r->token_ms;
	m->wait_ms += weight * s->wait_ms;
	m->seat += weight * s->seat;
}

static void fill_means(const struct sw__queue *q, const struct mix *m, struct sw__solution *out)
{
	struct sw__running *r = &out->running;

	r->rate = q->rate;
	r->decodes = m->decodes / m->time;
	r->variance = sw__larger(0, m->variance / m->time - r->decodes * r->decodes);
	r->prefilling = m->prefilling / m->time;
	r->idle = m->idle / m->time;
	r->full = m->full / m->weight;
	r->full_ms = m->full > 0 ? m->full_ms / m->full : 0;
	r->kv_full = m->kv_full / m->weight;
	r->token_ms = m->token_ms / m->weight;
	out->mean_step_ms = m->mean_step_ms / m->time;
	out->wait_ms = m->wait_ms / m->weight;
	out->seat = m->seat / m->weight;
}

static void append(struct sw__mixture *to, const struct sw__mixture *from, double weight)
{
	if (from->weight > 0)
		sw__mixture_append(to, from, weight / from->weight);
}

/* Time per token while every seat is taken: by Little's law on those who decode. */
static void add_full_seats(const struct sw__queue *q, const struct sw__mixture *crowded,
			   double weight, double capacity, struct sw__mixture *out)
{
	double usual = sw__mixture_mean(crowded);
	double mean = q->most_decodes / (capacity * q->traffic->after_tokens);

	if (!(usual > 0))
		return;
	mean = sw__larger(mean, usual);
	sw__mixture_add_gamma(out, weight, 0, mean, full_spread * full_spread * mean * mean);
}

/* Those in line: their wait, then what a request of a crowded engine takes. */
static void add_lines(const struct sw__queue *q, const struct sw__pace_split *split,
		      const struct sw__solution *crowded, double capacity, struct mix *m,
		      struct sw__solution *out)
{
	double then = sw__mixture_mean(&crowded->ttft);
	double weight = 0;

	for (size_t i = 0; i < split->n_lines; i++) {
		const struct sw__pace_line *line = &split->line[i];

		sw__mixture_add_uniform(&out->ttft, line->weight, then + line->low,
					then + line->high);
		m->wait_ms += line->weight * 0.5 * (line->low + line->high);
		weight += line->weight;
	}
	add_full_seats(q, &crowded->tpot, weight, capacity, &out->tpot);
	add_solution(m, crowded, weight, split->line_time);
}

bool sw__solve_paced(struct sw__queue *q, struct sw__solution *out)
{
	const struct sw__traffic *t = q->traffic;
	double mean_rate = q->rate;
	double capacity = sw__queue_max_rate(q->curve, q->batching, t) * 1e-3;
	struct sw__pace_split split;
	struct sw__solution part = {0};
	struct mix m = {0};

	if (mean_rate >= capacity)
		return false;
	sw__pace_split(&t->pace, mean_rate, capacity, t->pace.window_s * t->pace_stretch * 1e3,
		       &split);
	sw__mixture_clear(&out->ttft);
	sw__mixture_clear(&out->tpot);
	for (size_t i = 0; i < split.n_levels; i++) {
		q->rate = split.level[i].rate;
		if (!sw__solve_open(q, &part))
			return false;
		append(&out->ttft, &part.ttft, split.level[i].weight);
		append(&out->tpot, &part.tpot, split.level[i].weight);
		add_solution(&m, &part, split.level[i].weight, split.level[i].time);
		out->running = part.running;
	}
	if (split.n_lines > 0) {
		q->rate = crowded_load * capacity;
		if (!sw__solve_open(q, &part))
			return false;
		add_lines(q, &split, &part, capacity, &m, out);
		out->running = part.running;
	}
	q->rate = mean_rate;
	fill_means(q, &m, out);
	return true;
}

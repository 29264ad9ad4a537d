// SPDX-License-Identifier: Apache-2.0
/*
 * Decoding sequences share the engine like jobs under processor sharing: with n of them a token takes X(n), so requests
 * leave at n / (after * X(n)). Such a queue forgets the shape of the output lengths; only their mean counts, as long as
 * nobody waits for a seat.
 */
#include "predict/queueing_parts.h"

#include <math.h>

static const double large = 1e200;
static const double negligible =
	1e-9; /* of all states: beyond the mode, the rest of them adds nothing that shows */
enum { ROOT_ROUNDS = 6, NODES = 40, ONE_BY_ONE = 4 };
static const double reach_below = 6,
		    reach_above = 8; /* standard deviations of n that are summed over */
static const double slack_min =
	0.1; /* 1 - elasticity of X(n), below which a normal reach is no guide */

/* Prefill work at three numbers of decodes, between which it is interpolated. */
struct nodes {
	const struct sw__queue *q;
	struct sw__prefill low, mid, top, crowded;
	double supply; /* decoding sequences per ms of a token: rate * after */
	double slope_below, slope_above; /* of busy in n, on both sides of mid */
};

static double busy_slope(const struct sw__prefill *a, const struct sw__prefill *b)
{
	return b->n > a->n ? (b->busy - a->busy) / (b->n - a->n) : 0;
}

static void set_mid(struct nodes *a, const struct sw__prefill *mid)
{
	a->mid = *mid;
	a->slope_below = busy_slope(&a->low, mid);
	a->slope_above = busy_slope(mid, &a->top);
}

static inline double busy_at(const struct nodes *a, double n)
{
	double past = n - a->mid.n;

	return a->mid.busy + past * (past < 0 ? a->slope_below : a->slope_above);
}

static double step_at(const struct nodes *a, double n)
{
	return sw__queue_decode_ms(a->q, n) / (1 - busy_at(a, n));
}

/* Mean number of decodes wanted if n of them ran. */
static double wanted(const struct nodes *a, double n)
{
	return a->supply * step_at(a, n);
}

/* Where arrivals and departures balance. */
static double balance(const struct nodes *a)
{
	double high = a->q->most_decodes, low = 0, missing = wanted(a, 1);
	double n = sw__smaller(missing, high), over = 0;

	/* Regula falsi; wanted() grows slower than n wherever it matters, so few rounds do. */
	for (int i = 0; i < ROOT_ROUNDS; i++) {
		double more = wanted(a, n) - n;

		if (more > 0) {
			if (n >= high)
				return high;
			low = n;
			missing = more;
		} else {
			high = n;
			over = -more;
		}
		n = over > 0 ? low + (high - low) * missing / (missing + over)
			     : sw__smaller(high, low + 2 * missing);
	}
	return n;
}

static struct nodes make_nodes(const struct sw__queue *q)
{
	struct nodes a = {.q = q,
			  .low = sw__prefill_beside(q, 1),
			  .supply = q->rate * q->traffic->after_tokens};
	struct sw__prefill mid;
	double n;

	a.top = q->most_decodes > 1 ? sw__prefill_beside(q, q->most_decodes) : a.low;
	set_mid(&a, &a.low);
	a.crowded = sw__prefill_crowded(q, &a.top);
	n = balance(&a);
	if (n > 1) {
		mid = sw__prefill_beside(q, n);
		set_mid(&a, &mid);
	}
	return a;
}

/* Variance over mean of the arrivals that begin to decode: bursts of the source, and prompts that shared a step. */
static double dispersion(const struct nodes *a)
{
	const struct sw__prefill *p = &a->mid;
	double burst = a->q->traffic->burstiness;
	double met = p->step_ms + a->q->rate * p->chunk_ms2 / (1 - p->busy * p->busy);
	/* A whole number with a mean m below 1 varies by 1 - m at the least, however evenly requests come. */
	double least = 1 - sw__smaller(1, wanted(a, 1));

	return sw__larger(least, 0.5 * (1 + burst * burst) +
					 0.5 * a->q->rate * sw__smaller(met, p->full_ms));
}

/* Sums over the stationary distribution of n. */
struct sums {
	double all, first, second;
	double empty;
	double last; /* probability of the highest states together: every seat taken */
};

/* x^n for a power of two. */
static inline double power(double x, int n)
{
	for (; n > 1; n >>= 1)
		x *= x;
	return x;
}

static inline void count(struct sums *s, double n, double p)
{
	s->all += p;
	s->first += n * p;
	s->second += n * n * p;
}

/* Only ratios count: far below the mode they would grow out of range. */
static void rescale(struct sums *s, double *p)
{
	s->all /= large;
	s->first /= large;
	s->second /= large;
	s->empty /= large;
	*p /= large;
}

/* Ratio of the probabilities of n and n - 1 of a birth and death process whose births are clustered: with a dispersion
 * z this is a negative binomial where X(n) is constant (a Poisson at z = 1, a binomial below). */
static inline double ratio(const struct nodes *a, double cluster, double n)
{
	double quiet = 1 - busy_at(a, n);
	double births = (1 - cluster) * a->supply * sw__queue_decode_ms(a->q, n) +
			cluster * (n - 1) * quiet;

	return sw__larger(0, births) / (n * quiet);
}

/*
 * In strides of `stride` states, each standing for its neighbours, but the first few of those that begin with the empty
 * engine one by one: of bursty arrivals that state is far more likely than the next. The states beyond `seats` follow as a
 * tail.
 */
static struct sums sum_states(const struct nodes *a, double cluster, double from, double seats,
			      double to, int stride)
{
	struct sums s = {.empty = from > 0 ? 0 : 1};
	double singly = from > 0 ? from : ONE_BY_ONE;
	double n = from, p = 1;
	int step = n < singly ? 1 : stride;

	count(&s, n, step * p);
	while (n + step <= sw__smaller(seats, to)) {
		p *= power(ratio(a, cluster, n + 0.5 * (step + 1)), step);
		n += step;
		step = n < singly ? 1 : stride;
		/* Half of a stride lies behind the last single state. */
		count(&s, n, n == singly ? 0.5 * (1 + stride) * p : step * p);
		if (p > large)
			rescale(&s, &p);
		if (p < negligible * s.all)
			return s;
	}
	if (n + step > seats && n < seats) {
		double part = (seats - n) / step;
		double next = p * power(ratio(a, cluster, 0.5 * (n + 1 + seats)), step) * part;

		count(&s, seats, step * next);
		s.last = (1 - part) * p + next;
	} else if (n >= seats) {
		s.last = p;
	}
	return s;
}

static int stride_for(double states)
{
	int stride = 1;

	while (states > NODES * stride)
		stride *= 2;
	return stride;
}

static struct sums distribution(const struct nodes *a, double seats)
{
	double z = dispersion(a);
	double n = a->mid.n;
	double slack = sw__larger(slack_min, 1 - (step_at(a, 1.1 * n) - step_at(a, 0.9 * n)) /
							     (0.2 * a->mid.step_ms));
	double sd = sqrt(z * n / slack);
	double from = sw__round_down(sw__larger(0, n - reach_below * sd - 1));
	double to = sw__round_up(n + reach_above * sd + reach_above);

	return sum_states(a, 1 - 1 / z, from, seats, to, stride_for(sw__smaller(to, seats) - from));
}

/* Beyond the seats requests queue; the number waiting falls off geometrically. */
static void add_queue(const struct nodes *a, double seats, struct sums *s, struct sw__running *r)
{
	const struct sw__traffic *t = a->q->traffic;
	double load = a->q->rate * t->after_tokens * sw__queue_decode_ms(a->q, seats) /
		      (1 - a->crowded.busy) / seats;
	double burst = t->burstiness;
	double decay, tail;

	r->overload = load >= 1;
	if (r->overload || load <= 0)
		return;
	/* Bursts make the number of those waiting fall off more slowly, and meet a full engine more often than time does. */
	decay = 1 - (1 - load) / sw__larger(1, 0.5 * (1 + burst * burst));
	tail = s->last * decay / (1 - decay);
	count(s, seats, tail);
	r->full = sw__smaller(1, (s->last + tail) / s->all * decay / load);
	r->full_ms =
		load / (a->q->rate * (1 - load)) * 0.5 * (burst * burst + t->after_variability);
}

static double part_between(const struct sw__prefill *a, const struct sw__prefill *b, double n)
{
	double f = b->n > a->n ? (n - a->n) / (b->n - a->n) : 0;

	return sw__smaller(1, sw__larger(0, f));
}

static struct sw__prefill prefill_at(const struct nodes *a, double n)
{
	if (n < a->mid.n)
		return sw__prefill_between(&a->low, &a->mid, part_between(&a->low, &a->mid, n));
	return sw__prefill_between(&a->mid, &a->top, part_between(&a->mid, &a->top, n));
}

double sw__queue_slope_ms(const struct sw__queue *q, double n)
{
	double more = sw__queue_decode_ms(q, n + 1);

	return n >= 1 ? 0.5 * (more - sw__queue_decode_ms(q, n - 1))
		      : more - sw__queue_decode_ms(q, n);
}

double sw__queue_relax_ms(const struct sw__queue *q, const struct sw__running *r)
{
	const struct sw__prefill *p = &r->at;
	double elasticity = sw__queue_slope_ms(q, p->n) * p->n / p->decode_ms;
	double residence =
		0.5 * (1 + q->traffic->after_variability) * q->traffic->after_tokens * p->step_ms;

	return residence / sw__larger(slack_min, 1 - elasticity);
}

double sw__from_idle_ms(const struct sw__queue *q, const struct sw__running *r, size_t i)
{
	double steps = sw__round_up(q->traffic->prompt[i].tokens / r->low.room);

	if (q->policy == SW__PREFILL_FIRST)
		return r->low.own_ms[i];
	return r->low.own_ms[i] + steps * q->lone_ms;
}

static double idle_part(const struct sw__queue *q, const struct sw__running *r, double no_decode)
{
	double work = 0;

	for (size_t i = 0; i < q->traffic->n_prompts; i++)
		work += q->traffic->prompt[i].weight * sw__from_idle_ms(q, r, i);
	return no_decode * sw__larger(0, 1 - q->rate * work);
}

struct sw__running sw__running_open(const struct sw__queue *q)
{
	struct nodes a = make_nodes(q);
	struct sw__running r = {.low = a.low, .at = a.mid};
	double seats;
	struct sums s;

	r.prefilling = q->rate * (a.mid.mean_ms + a.mid.carry_ms);
	seats = sw__smaller(q->most_decodes, sw__larger(1, q->seats - r.prefilling));
	r.overload = q->rate >= a.crowded.crowded_rate;
	if (r.overload)
		return r;
	s = distribution(&a, seats);
	if (seats < q->most_decodes || q->most_decodes == q->seats)
		add_queue(&a, seats, &s, &r);
	if (r.overload)
		return r;
	r.decodes = s.first / s.all;
	r.rate = q->rate;
	r.token_ms = q->traffic->after_tokens > 0 ? r.decodes / (q->rate * q->traffic->after_tokens)
						  : 0; /* Little */
	r.variance = sw__larger(0, s.second / s.all - r.decodes * r.decodes);
	r.idle = idle_part(q, &r, s.empty / s.all);
	r.at = prefill_at(&a, r.decodes / (1 - r.idle));
	if (q->policy == SW__PREFILL_FIRST)
		r.at = sw__prefill_between(&r.at, &a.crowded, r.full);
	sw__kv_pressure(q, &r);
	return r;
}

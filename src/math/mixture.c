// SPDX-License-Identifier: Apache-2.0
#include "math/mixture.h"

#include "math/ordered.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* 1/(4 sqrt(shape)): above, the root transformation fails; below, a gamma is as good as a point. */
static const float spread_max = 0.65F, spread_min = 2.5e-4F;
static const double close_enough = 0.05; /* of -ln(1 - F): near enough for one more straight line */
static const double short_line = 0.02; /* of x */
static const double least_tail = 1e-7; /* what is left of 1 - F in single precision */
enum { ROUNDS = 50 };
static const double tolerance = 1e-3; /* of x: far below what any model of latency can claim */
static const double least_width = 1e-9; /* of the larger end: narrower is a point */

/* Four parts at a time, in a form that gcc and clang turn into the same additions in the same order. */
typedef float lanes __attribute__((vector_size(4 * SW__MIXTURE_LANES)));
typedef int32_t masks __attribute__((vector_size(4 * SW__MIXTURE_LANES)));

static inline lanes load(const float *column, size_t i)
{
	lanes x;

	memcpy(&x, column + i, sizeof(x));
	return x;
}

static inline lanes all(float x)
{
	return (lanes){x, x, x, x};
}

static inline lanes choose(masks where, lanes yes, lanes no)
{
	return (lanes)((where & (masks)yes) | (~where & (masks)no));
}

/* y^(1/4) for y > 0 as y * (y^(-1/4))^3: a guess from the bits of y, then two of Newton's steps; to 1e-5. */
static inline lanes fourth_root(lanes y)
{
	static const int32_t guess =
		0x4f58cae5; /* 5/4 of the exponent's bias, less what makes the guess even */
	lanes r = (lanes)(guess - ((masks)y >> 2));
	lanes square = r * r;

	r = r * (all(1.25F) - all(0.25F) * y * square * square);
	square = r * r;
	r = r * (all(1.25F) - all(0.25F) * y * square * square);
	return y * r * r * r;
}

/* Abramowitz and Stegun 26.2.18. */
static inline lanes normal_cdf(lanes z)
{
	lanes a = choose(z < all(0), -z, z);
	lanes p = all(1) + a * (all(0.196854F) +
				a * (all(0.115194F) + a * (all(0.000344F) + a * all(0.019527F))));
	lanes tail;

	p = p * p;
	tail = all(0.5F) / (p * p);
	return choose(z < all(0), tail, all(1) - tail);
}

void sw__mixture_clear(struct sw__mixture *m)
{
	m->n_uniform = 0;
	m->n_gamma = 0;
	m->weight = 0;
	m->mean = 0;
	m->square = 0;
}

void sw__mixture_add_uniform(struct sw__mixture *m, double weight, double low, double high)
{
	double width = sw__larger(high - low, fabs(high) * least_width + 1e-300);
	double middle = 0.5 * (low + high);
	size_t i;

	if (!(weight > 0) || m->n_uniform == SW__MIXTURE_PARTS)
		return;
	i = m->n_uniform++;
	m->uniform_weight[i] = (float)weight;
	m->uniform_low[i] = (float)low;
	m->uniform_per_width[i] = (float)(1 / width);
	m->weight += weight;
	m->mean += weight * middle;
	m->square += weight * (middle * middle + width * width / 12);
}

void sw__mixture_add_gamma(struct sw__mixture *m, double weight, double shift, double mean,
			   double variance)
{
	double whole = shift + mean;
	float per_mean, spread, per_spread; /* no more is kept */
	size_t i;

	if (!(weight > 0) || m->n_gamma == SW__MIXTURE_PARTS)
		return;
	per_mean = 1 / (float)mean;
	spread = 0.25F * sqrtf((float)variance) * per_mean;
	spread = spread > spread_min ? spread : spread_min;
	spread = spread < spread_max ? spread : spread_max;
	per_spread = 1 / spread;
	i = m->n_gamma++;
	m->gamma_weight[i] = (float)weight;
	m->gamma_shift[i] = (float)shift;
	m->gamma_per_mean[i] = per_mean;
	m->gamma_centre[i] = per_spread - 1.5F * spread; /* 3/(32 k) = 1.5 spread^2 */
	m->gamma_per_spread[i] = per_spread;
	m->weight += weight;
	m->mean += weight * whole;
	m->square += weight * (whole * whole + variance);
}

static void append_weights(float *to, const float *from, size_t n, double weight)
{
	for (size_t i = 0; i < n; i++)
		to[i] = (float)(weight * (double)from[i]);
}

void sw__mixture_append(struct sw__mixture *m, const struct sw__mixture *other, double weight)
{
	size_t u = SW__MIXTURE_PARTS - m->n_uniform, g = SW__MIXTURE_PARTS - m->n_gamma;

	u = other->n_uniform < u ? other->n_uniform : u;
	g = other->n_gamma < g ? other->n_gamma : g;
	append_weights(m->uniform_weight + m->n_uniform, other->uniform_weight, u, weight);
	append_weights(m->gamma_weight + m->n_gamma, other->gamma_weight, g, weight);
#define APPEND(kind, field, count) \
	memcpy(m->field + m->n_##kind, other->field, (count) * sizeof(float))
	APPEND(uniform, uniform_low, u);
	APPEND(uniform, uniform_per_width, u);
	APPEND(gamma, gamma_shift, g);
	APPEND(gamma, gamma_per_mean, g);
	APPEND(gamma, gamma_centre, g);
	APPEND(gamma, gamma_per_spread, g);
#undef APPEND
	m->n_uniform += u;
	m->n_gamma += g;
	m->weight += weight * other->weight;
	m->mean += weight * other->mean;
	m->square += weight * other->square;
}

double sw__mixture_mean(const struct sw__mixture *m)
{
	return m->weight > 0 ? m->mean / m->weight : NAN;
}

double sw__mixture_deviation(const struct sw__mixture *m)
{
	double mean = sw__mixture_mean(m);

	return m->weight > 0 ? sqrt(sw__larger(0, m->square / m->weight - mean * mean)) : NAN;
}

/* Lanes beyond the last part: weight 0, and numbers that stay finite. */
static void fill_lanes(struct sw__mixture *m)
{
	for (size_t i = m->n_uniform; i % SW__MIXTURE_LANES != 0; i++)
		m->uniform_weight[i] = m->uniform_low[i] = m->uniform_per_width[i] = 0;
	for (size_t i = m->n_gamma; i % SW__MIXTURE_LANES != 0; i++) {
		m->gamma_weight[i] = m->gamma_shift[i] = m->gamma_centre[i] = 0;
		m->gamma_per_mean[i] = m->gamma_per_spread[i] = 1;
	}
}

static inline lanes below_uniform(const struct sw__mixture *m, lanes x, size_t i)
{
	lanes part = (x - load(m->uniform_low, i)) * load(m->uniform_per_width, i);

	part = choose(part > all(0), part, all(0));
	return load(m->uniform_weight, i) * choose(part < all(1), part, all(1));
}

static inline lanes below_gamma(const struct sw__mixture *m, lanes x, size_t i)
{
	lanes y = (x - load(m->gamma_shift, i)) * load(m->gamma_per_mean, i);
	masks above = y > all(1e-12F);
	lanes root = fourth_root(choose(above, y, all(1)));
	lanes p = normal_cdf(root * load(m->gamma_per_spread, i) - load(m->gamma_centre, i));

	return load(m->gamma_weight, i) * choose(above, p, all(0));
}

static double below(const struct sw__mixture *m, double at)
{
	lanes x = all((float)at), sum = all(0);

	for (size_t i = 0; i < m->n_uniform; i += SW__MIXTURE_LANES)
		sum += below_uniform(m, x, i);
	for (size_t i = 0; i < m->n_gamma; i += SW__MIXTURE_LANES)
		sum += below_gamma(m, x, i);
	return ((double)sum[0] + (double)sum[1]) + ((double)sum[2] + (double)sum[3]);
}

double sw__mixture_cdf(struct sw__mixture *m, double x)
{
	fill_lanes(m);
	return m->weight > 0 ? below(m, x) / m->weight : NAN;
}

/* A point of the distribution: h = -ln(1 - F), which is a straight line for an exponential tail and nearly one for
 * what mixtures of latencies look like. */
struct point {
	double x, h;
};

static struct point probe(const struct sw__mixture *m, double x)
{
	return (struct point){x, -log(sw__larger(1 - below(m, x) / m->weight, least_tail))};
}

static double between(const struct point *a, const struct point *b, double h)
{
	return b->h > a->h ? a->x + (b->x - a->x) * (h - a->h) / (b->h - a->h) : b->x;
}

/* Beyond the highest point known to be too low: along the line through the last two, no steeper than `slope` at first. */
static double further(const struct point *before, const struct point *low, double h, double slope,
		      double sd)
{
	double line = low->h > before->h
			      ? sw__smaller((low->x - before->x) / (low->h - before->h), slope)
			      : slope;
	double step = line * (h - low->h);

	return low->x + sw__smaller(sw__larger(1.1 * step, 0.02 * sd), 8 * sd);
}

/* Whether one straight line from p is good enough: p is near, and the line short. dx/dh of an exponential is its sd; a
 * gap between the parts of a mixture has a steeper one and must be searched. */
static bool settles(const struct point *low, const struct point *p, double h, double sd, double *x)
{
	double further, slope;

	if (fabs(p->h - h) >= close_enough || p->h <= low->h)
		return false;
	slope = sw__smaller(sd, (p->x - low->x) / (p->h - low->h));
	further = (h - p->h) * slope;
	*x = p->x + further;
	return fabs(further) < short_line * p->x;
}

/* The x of h: secants in h, with a bisection every third time where a jump of the distribution stalls them. `slope` is what
 * dx/dh may be there. *last becomes the point next to it. */
static double find(const struct sw__mixture *m, double h, struct point low, double guess,
		   double slope, double sd, struct point *last)
{
	struct point high = {INFINITY, INFINITY}, before = {0, 0};
	double x = guess;

	for (int i = 0; i < ROUNDS; i++) {
		struct point p = probe(m, x);

		*last = p;
		if (settles(&low, &p, h, sd, &x))
			return x;
		if (p.h < h) {
			before = low;
			low = p;
		} else {
			high = p;
		}
		if (!isfinite(high.x)) {
			x = further(&before, &low, h, i == 0 ? slope : INFINITY, sd);
			continue;
		}
		if (high.x - low.x < tolerance * high.x)
			break;
		x = between(&low, &high, h);
		if (i == 0)
			x = sw__larger(x, high.x - (high.h - h) * slope);
		else if (i % 3 == 2)
			x = 0.5 * (low.x + high.x);
		x = sw__smaller(sw__larger(x, low.x + 0.02 * (high.x - low.x)),
				high.x - 0.02 * (high.x - low.x));
	}
	return isfinite(high.x) ? between(&low, &high, h) : low.x;
}

/* dx/dh at level i by what the quantiles are likely to be; of an exponential distribution it is sd. */
static double likely_slope(const double *h, size_t n, const double *guess, size_t i, double sd)
{
	size_t a = i > 0 ? i - 1 : 0, b = a + 1;

	if (!guess || b >= n || !(guess[b] > guess[a]))
		return sd;
	return sw__smaller(sd, (guess[b] - guess[a]) / (h[b] - h[a]));
}

/* Where the search for the next level begins: from the point next to the last one, or as an exponential distribution that
 * begins at mean - sd. */
static double first_guess(const struct point *low, const struct point *last, double h, double mean,
			  double sd)
{
	if (last->h > low->h)
		return last->x +
		       (h - last->h) * sw__larger(0.5 * sd, sw__smaller(2 * sd, last->x / last->h));
	return mean + (h - 1) * sd;
}

void sw__mixture_quantiles(struct sw__mixture *m, const double *rarity, size_t n,
			   const double *guess, double *out)
{
	double mean = sw__mixture_mean(m), sd = sw__mixture_deviation(m);
	struct point low = {0, 0}, last = {0, 0};

	for (size_t i = 0; i < n; i++)
		out[i] = NAN;
	if (!(m->weight > 0 && isfinite(sd)))
		return;
	fill_lanes(m);
	for (size_t i = 0; i < n; i++) {
		double x = guess && guess[i] > 0 ? guess[i]
						 : first_guess(&low, &last, rarity[i], mean, sd);

		x = sw__larger(sw__larger(x, low.x * (1 + tolerance)), tolerance * mean);
		out[i] = find(m, rarity[i], low, x, likely_slope(rarity, n, guess, i, sd),
			      sd + tolerance * mean, &last);
		if (i > 0)
			out[i] = sw__larger(out[i], out[i - 1]);
		low = last.h <= rarity[i] ? last : low;
	}
}

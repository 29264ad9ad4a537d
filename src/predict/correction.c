// SPDX-License-Identifier: Apache-2.0
#include "predict/correction.h"

#include <math.h>
#include <string.h>

#include "math/ordered.h"

/* Of a logarithm: what is off by more is off for a reason that no factor follows. */
static const double MOST = 2.0794415416798357; /* log 8 */
/* Shares that are the same one. */
static const double SAME = 1e-9;

static double clipped(double x)
{
	return sw__larger(-MOST, sw__smaller(MOST, x));
}

static double between(const struct sw__corrected *a, const struct sw__corrected *b, double at,
		      int m, int s)
{
	double part = (at - a->log_share) / (b->log_share - a->log_share);

	return a->by[m][s] + part * (b->by[m][s] - a->by[m][s]);
}

static double log_at(const struct sw__correction *c, double log_share, int m, int s)
{
	size_t i = 0;

	if (c->n == 0)
		return 0;
	while (i < c->n && c->at[i].log_share < log_share)
		i++;
	if (i == 0)
		return c->at[0].by[m][s];
	if (i == c->n)
		return c->at[c->n - 1].by[m][s];
	return between(&c->at[i - 1], &c->at[i], log_share, m, s);
}

double sw__correction_at(const struct sw__correction *c, double share, enum sw_metric metric,
			 enum sw_statistic statistic)
{
	return exp(log_at(c, log(share), (int)metric, (int)statistic));
}

static void remove_at(struct sw__correction *c, size_t i)
{
	memmove(&c->at[i], &c->at[i + 1], (c->n - i - 1) * sizeof(c->at[0]));
	c->n--;
}

static size_t nearest(const struct sw__correction *c, double log_share)
{
	size_t best = 0;

	for (size_t i = 1; i < c->n; i++)
		if (fabs(c->at[i].log_share - log_share) < fabs(c->at[best].log_share - log_share))
			best = i;
	return best;
}

static void insert(struct sw__correction *c, const struct sw__corrected *new)
{
	size_t near = nearest(c, new->log_share), i = 0;

	if (c->n > 0 &&
	    (c->n == SW__CORRECTIONS_MOST || fabs(c->at[near].log_share - new->log_share) < SAME))
		remove_at(c, near);
	while (i < c->n && c->at[i].log_share < new->log_share)
		i++;
	memmove(&c->at[i + 1], &c->at[i], (c->n - i) * sizeof(c->at[0]));
	c->at[i] = *new;
	c->n++;
}

void sw__correction_add(struct sw__correction *c, double share, const struct sw_prediction *closed,
			const struct sw_prediction *played)
{
	struct sw__corrected new = {.log_share = log(share)};

	for (int m = 0; m < SW_METRIC_COUNT; m++)
		for (int s = 0; s < SW_STATISTIC_COUNT; s++) {
			double before = log_at(c, new.log_share, m, s);
			double off = log(played->latency[m].hi[s] / closed->latency[m].hi[s]);
			bool known = !isnan(off) && isfinite(closed->latency[m].hi[s]);

			new.by[m][s] = known ? clipped(before + off) : before;
		}
	if (c->guessed)
		*c = (struct sw__correction){0};
	insert(c, &new);
}

void sw__correction_put(struct sw__correction *c, double share,
			double factor[SW_METRIC_COUNT][SW_STATISTIC_COUNT])
{
	struct sw__corrected new = {.log_share = log(share)};

	for (int m = 0; m < SW_METRIC_COUNT; m++)
		for (int s = 0; s < SW_STATISTIC_COUNT; s++)
			new.by[m][s] = factor[m][s] > 0 ? clipped(log(factor[m][s])) : 0;
	insert(c, &new);
}

void sw__correction_apply(const struct sw__correction *c, double share, struct sw_prediction *p)
{
	double log_share = log(share);

	for (int m = 0; m < SW_METRIC_COUNT && c->n > 0; m++) {
		struct sw_latency *l = &p->latency[m];

		for (int s = 0; s < SW_STATISTIC_COUNT; s++)
			l->hi[s] *= exp(log_at(c, log_share, m, s));
		for (int s = SW_P95; s <= SW_P99; s++)
			l->hi[s] = sw__larger(l->hi[s], l->hi[s - 1]);
		for (int s = 0; s < SW_STATISTIC_COUNT; s++)
			l->at[s] = sw__smaller(l->at[s], l->hi[s]);
	}
}

// SPDX-License-Identifier: Apache-2.0
/* Predictions from tables: README.md, "Tables". tabled_make.c fills them. */
#include "predict/tabled.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "sharing/mechanism.h"

/* Shares are sums of decimal fractions: 0.3 + 0.3 + 0.4 is no more than the GPU. */
static const double SHARE_ROUNDING = 1e-9;

static float along(enum sw_mechanism mechanism, const struct sw__stretch *stretch)
{
	return (float)(sw__mechanism(mechanism)->takes_turns ? stretch->whole : stretch->dram);
}

static struct sw__activity stand_anew(void *context, size_t i, const struct sw__stretch *stretch)
{
	const sw_tabled *const *tenants = context;
	const sw_tabled *t = tenants[i];
	struct sw__cell at = sw__cell_of(along(t->mechanism, stretch));
	float rest = 1 - at.part;

	return (struct sw__activity){
		.gpu = rest * t->activity[at.cell].gpu + at.part * t->activity[at.cell + 1].gpu,
		.prefill = rest * t->activity[at.cell].prefill +
			   at.part * t->activity[at.cell + 1].prefill,
	};
}

/* The last row at or before a stretch that lies before the last row. */
static size_t row_before(const sw_tabled *t, float stretch)
{
	size_t i = t->first[sw__cell_of(stretch).cell];

	while (t->at[i + 1] <= stretch)
		i++;
	return i;
}

static bool overloaded(const sw_tabled *t, size_t row)
{
	return t->binds[row] == SW_BINDS_OVERLOAD;
}

static void look_up(const sw_tabled *t, float stretch, struct sw_prediction *out)
{
	float s = stretch < 1 ? 1 : stretch < SW__STRETCH_MOST ? stretch : SW__STRETCH_MOST;
	size_t i = row_before(t, s);
	float part = (s - t->at[i]) / (t->at[i + 1] - t->at[i]);
	size_t nearest = part < 0.5F ? i : i + 1;
	struct sw__row row;

	out->max_rate_per_s = NAN;
	out->kv_cache_tokens = t->kv_cache_tokens;
	out->extrapolated = t->extrapolated;
	out->binds = (enum sw_binds)t->binds[nearest];
	/* There is nothing between served and overloaded; where nobody is near, the row itself is the answer. */
	if (part <= 0 || overloaded(t, i) != overloaded(t, i + 1)) {
		sw__row_read(&t->row[nearest], out);
		return;
	}
	sw__row_between(&t->row[i], &t->row[i + 1], part, &row);
	sw__row_read(&row, out);
}

/* Two stretches at once, for which there are no tables. */
static bool shares_exceed(enum sw_mechanism mechanism, const sw_tabled *const *tenants, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += tenants[i]->presence.share;
	return n > 1 && sw__mechanism(mechanism)->shares_dram && sum > 1 + SHARE_ROUNDING;
}

static void predict_untabled(enum sw_mechanism mechanism, const sw_tabled *const *tenants, size_t n,
			     struct sw_prediction *out)
{
	const sw_prepared *prepared[SW_TENANTS_MAX];

	for (size_t i = 0; i < n; i++)
		prepared[i] = &tenants[i]->prepared;
	sw_predict(mechanism, prepared, n, out);
}

void sw_predict_tabled(enum sw_mechanism mechanism, const sw_tabled *const *tenants, size_t n,
		       struct sw_prediction *out)
{
	struct sw__crowd crowd = {.n = n, .stand_anew = stand_anew, .context = (void *)tenants};
	struct sw__stretch stretches[SW_TENANTS_MAX];

	if (shares_exceed(mechanism, tenants, n)) {
		predict_untabled(mechanism, tenants, n, out);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		assert(tenants[i]->mechanism == mechanism);
		crowd.presence[i] = &tenants[i]->presence;
		crowd.now[i] = tenants[i]->alone;
	}
	sw__crowd_settle(mechanism, &crowd, stretches);
	for (size_t i = 0; i < n; i++)
		look_up(tenants[i], along(mechanism, &stretches[i]), &out[i]);
}

void sw_tabled_free(sw_tabled *tabled)
{
	free(tabled);
}

// SPDX-License-Identifier: Apache-2.0
/*
 * Tables of predictions. Rows stand eight to an octave, and are halved apart further wherever the one between two is not what
 * interpolation makes of them: near saturation, whose edges (the engine's, and that of its bounds) are closed in upon.
 */
#include "predict/tabled.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "math/ordered.h"
#include "sharing/mechanism.h"

/* Of a number, what interpolation may miss in the middle between two rows: an eighth of the least doubt of any prediction. */
static const double TOLERANCE = 0.005;
/* Numbers below this are none: sequences, parts of the time, ms. */
static const double NOTHING = 1e-6;
/* How close rows stand at most, relative: where numbers bend or jump, at the edge of the bounds, at the edge of overload. */
static const float CLOSEST = 0x1p-9F, CLOSEST_BOUND = 0x1p-12F, CLOSEST_OVERLOAD = 0x1p-16F;

/* The last rows are kept for the whole octaves that may still come, and for the halves that are under way. */
enum { ROWS_REFINED = SW__ROWS_MAX - 64, CELLS_PER_ROW = 2 };

struct sample {
	float at;
	enum sw_binds binds;
	struct sw__row row;
};

struct draft {
	enum sw_mechanism mechanism;
	const struct sw_prepared *prepared;
	size_t n;
	struct sample sample[SW__ROWS_MAX];
};

static struct sw__stretch stretch_of(enum sw_mechanism mechanism, float at)
{
	struct sw__stretch s = {.dram = 1, .whole = 1};

	*(sw__mechanism(mechanism)->takes_turns ? &s.whole : &s.dram) = at;
	return s;
}

static struct sample sample_at(const struct draft *d, float at)
{
	struct sw__stretch stretch = stretch_of(d->mechanism, at);
	struct sw__step_curve curve = sw__stretched(d->prepared, &stretch);
	struct sw__mean_state state =
		sw__mean_state(d->prepared, &curve, d->prepared->alone.running);
	struct sw_prediction prediction;
	struct sample out = {.at = at};

	state.decode_gb_s = d->prepared->alone.decode_gb_s;
	sw__predict_stretched(d->mechanism, d->prepared, &stretch, &state, &prediction);
	sw__row_of(&prediction, &out.row);
	out.binds = prediction.binds;
	return out;
}

static bool close_to(double a, double b)
{
	if (!isfinite(a) || !isfinite(b))
		return (isnan(a) && isnan(b)) || a == b;
	return fabs(a - b) <= TOLERANCE * fabs(b) + NOTHING;
}

/* How close together rows around `middle` must be; 0: as they are. */
static float closest(const struct sample *a, const struct sample *middle, const struct sample *b)
{
	struct sw__row guess;
	float least = 0;

	if ((a->binds == SW_BINDS_OVERLOAD) != (b->binds == SW_BINDS_OVERLOAD))
		return CLOSEST_OVERLOAD;
	sw__row_between(&a->row, &b->row, 0.5F, &guess);
	for (int i = 0; i < SW__ROW_NUMBERS; i++) {
		if (isfinite(a->row.number[i]) != isfinite(b->row.number[i]))
			return CLOSEST_BOUND;
		if (!close_to(guess.number[i], middle->row.number[i]))
			least = CLOSEST;
	}
	return least;
}

static void add(struct draft *d, const struct sample *sample)
{
	if (d->n < SW__ROWS_MAX)
		d->sample[d->n++] = *sample;
}

/* The rows after `a` up to `b`. */
static void add_between(struct draft *d, const struct sample *a, const struct sample *b)
{
	struct sample middle = sample_at(d, 0.5F * (a->at + b->at));
	float least = closest(a, &middle, b);

	if (least > 0 && b->at - a->at > 2 * least * a->at && d->n < ROWS_REFINED) {
		add_between(d, a, &middle);
		add_between(d, &middle, b);
	} else {
		add(d, b);
	}
}

/* Where nobody stretches anybody, one answer from end to end. */
static void draft(struct draft *d)
{
	const struct sw__mechanism *row = sw__mechanism(d->mechanism);
	struct sample last = sample_at(d, 1), next;

	add(d, &last);
	if (!row->takes_turns && !row->shares_dram) {
		last.at = sw__cell_begin(SW__CELLS);
		add(d, &last);
		return;
	}
	for (size_t cell = CELLS_PER_ROW; cell <= SW__CELLS; cell += CELLS_PER_ROW) {
		next = sample_at(d, sw__cell_begin(cell));
		add_between(d, &last, &next);
		last = next;
	}
}

static void fill_activity(const struct draft *d, sw_tabled *t)
{
	t->alone = sw__activity(&d->prepared->alone);
	for (size_t i = 0; i <= SW__CELLS; i++) {
		struct sw__stretch stretch = stretch_of(d->mechanism, sw__cell_begin(i));
		struct sw__step_curve curve = sw__stretched(d->prepared, &stretch);
		struct sw__mean_state state =
			sw__mean_state(d->prepared, &curve, d->prepared->alone.running);
		struct sw__activity activity = sw__activity(&state);

		t->activity[i].gpu = (float)activity.gpu;
		t->activity[i].prefill = (float)activity.prefill;
	}
}

static void fill_rows(const struct draft *d, sw_tabled *t)
{
	for (size_t i = 0; i < d->n; i++) {
		t->row[i] = d->sample[i].row;
		t->at[i] = d->sample[i].at;
		t->binds[i] = (unsigned char)d->sample[i].binds;
	}
	for (size_t cell = 0, i = 0; cell < SW__CELLS; cell++) {
		while (t->at[i + 1] <= sw__cell_begin(cell))
			i++;
		t->first[cell] = (uint16_t)i;
	}
}

size_t sw__tabled_bytes(size_t n_rows)
{
	return sizeof(sw_tabled) + n_rows * (sizeof(struct sw__row) + sizeof(float) + 1);
}

/* In one piece, rows behind: what one search reads is close together. */
static sw_tabled *table_new(size_t n)
{
	sw_tabled *t = calloc(1, sw__tabled_bytes(n));

	if (!t)
		return NULL;
	t->n = n;
	t->row = (struct sw__row *)(t + 1);
	t->at = (float *)(t->row + n);
	t->binds = (unsigned char *)(t->at + n);
	return t;
}

enum sw_status sw_tabled_make(enum sw_mechanism mechanism, const sw_prepared *prepared,
			      sw_tabled **out, struct sw_error *err)
{
	struct draft *d = calloc(1, sizeof(*d));
	sw_tabled *t = NULL;

	*out = NULL;
	if (d) {
		d->mechanism = mechanism;
		d->prepared = prepared;
		draft(d);
		t = table_new(d->n);
	}
	if (t) {
		t->mechanism = mechanism;
		t->extrapolated = prepared->extrapolated;
		t->kv_cache_tokens = prepared->batching.kv_cache_tokens;
		t->presence = sw__presence(prepared);
		t->prepared = *prepared;
		fill_activity(d, t);
		fill_rows(d, t);
	}
	free(d);
	*out = t;
	return t ? SW_OK : sw_fail(err, SW_NO_MEMORY, "tables: out of memory");
}

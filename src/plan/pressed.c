// SPDX-License-Identifier: Apache-2.0
#include "plan/pressed.h"

/* Of what GPUs in plans have: closer where most are. */
static const double edges[SW__PRESSURES] = {0,    0.3, 0.5,  0.6, 0.65, 0.7, 0.75, 0.8,
					    0.85, 0.9, 0.95, 1,   1.05, 1.1, 1.15, 1.2,
					    1.25, 1.3, 1.35, 1.4, 1.5,  1.6, 1.8,  2};

double sw__pressure_edge(size_t i)
{
	return i < SW__PRESSURES ? edges[i] : (double)INFINITY;
}

enum { ROUNDS = 2 };
/* The predictor stops a little before neighbours have settled (SETTLED in src/predict/crowd.c). */
static const double SETTLED = 0.98;

/* An engine at one level of its slice. */
struct look {
	bool holds;
	double pressure; /* its own */
};

/*
 * Of engines that press by `total` together one presses by b beside the others' total - b, and by more the more those do. Too small a b
 * leaves too much to the others, of which too large a b follows, and of that one too small again, but nearer: *others and the pressure
 * that is returned are both at most what they are.
 */
static double settle(const struct sw__sizing *sizing, enum sw_mechanism mechanism,
		     const sw_prepared *prepared, double total, double *others)
{
	const struct sw__oracle *oracle = sizing->oracle;
	double alone = oracle->pressure(mechanism, prepared), least = alone;

	*others = 0;
	for (int round = 0; round < ROUNDS && total > least; round++) {
		double most = oracle->pressure_beside(mechanism, prepared, total - least);

		*others = fmax(0, total - most);
		least = oracle->pressure_beside(mechanism, prepared, *others);
	}
	return alone + SETTLED * (least - alone);
}

static enum sw_status look_at(struct sw__sizing *sizing, struct sw__size *size, size_t level,
			      double total, struct look *out, struct sw_error *err)
{
	const struct sw__oracle *oracle = sizing->oracle;
	enum sw_mechanism mechanism = sizing->problem->fleet[size->fleet].mechanism;
	const sw_prepared *prepared;
	struct sw_prediction predicted;
	double others = 0;
	enum sw_status st = sw__size_prepared(sizing, size, level, &prepared, err);

	if (st != SW_OK)
		return st;
	*out = (struct look){.holds = true};
	if (oracle->pressure)
		out->pressure = settle(sizing, mechanism, prepared, total, &others);
	if (others <= 0)
		return SW_OK;
	sizing->predicted++;
	oracle->predict_pressed(mechanism, prepared, others, &predicted);
	out->holds = sw_prediction_meets(&predicted, &size->tenant.slo);
	return SW_OK;
}

/* Between a level that does not hold and one that does, the lowest that does. */
static enum sw_status close_in(struct sw__sizing *sizing, struct sw__size *size, size_t missed,
			       size_t *level, double total, struct look *found,
			       struct sw_error *err)
{
	enum sw_status st = SW_OK;

	while (st == SW_OK && *level - missed > 1) {
		size_t middle = missed + (*level - missed) / 2;
		struct look look;

		st = look_at(sizing, size, middle, total, &look, err);
		if (st == SW_OK && look.holds) {
			*level = middle;
			*found = look;
		} else {
			missed = middle;
		}
	}
	return st;
}

/* The lowest level from *level on at which the limits hold at a total pressure; false where none does. By growing steps. */
static enum sw_status lowest(struct sw__sizing *sizing, struct sw__size *size, double total,
			     size_t *level, struct look *found, bool *holds, struct sw_error *err)
{
	size_t top = size->share_matters ? sizing->levels[size->fleet].n - 1 : size->alone;
	size_t missed = *level, step = 1;
	enum sw_status st = look_at(sizing, size, *level, total, found, err);

	*holds = st == SW_OK && found->holds;
	if (*holds)
		return st;
	while (st == SW_OK && !found->holds && missed < top) {
		*level = missed + step > top ? top : missed + step;
		st = look_at(sizing, size, *level, total, found, err);
		if (!found->holds)
			missed = *level;
		step *= 2;
	}
	*holds = st == SW_OK && found->holds;
	return *holds ? close_in(sizing, size, missed, level, total, found, err) : st;
}

/* Of all replicas. */
static struct sw__parts parts_at(const struct sw__sizing *sizing, const struct sw__size *size,
				 size_t level, double pressure)
{
	const struct sw_fleet_entry *entry = &sizing->problem->fleet[size->fleet];
	double n = size->replicas;
	double compute = entry->mechanism == SW_EXCLUSIVE ? 1
			 : size->share_matters            ? sw__size_share(sizing, size, level)
							  : size->least_work;

	return (struct sw__parts){
		{n * compute,
		 n * sw__size_memory_gib(sizing, size, level) / sw_gpu_visible_gib(&entry->gpu),
		 n / entry->max_tenants, n * pressure}};
}

static const struct sw__parts nowhere = {{INFINITY, INFINITY, INFINITY, INFINITY}};

struct sw__pressed_walk sw__pressed_begin(struct sw__size *size)
{
	return (struct sw__pressed_walk){.size = size, .level = size->alone, .holds = true};
}

struct sw__parts sw__pressed_floor(const struct sw__sizing *sizing,
				   const struct sw__pressed_walk *walk)
{
	return walk->holds ? parts_at(sizing, walk->size, walk->level, 0) : nowhere;
}

static struct sw__parts parts_in(const struct sw__sizing *sizing,
				 const struct sw__pressed_walk *walk, size_t bin)
{
	return walk->holds ? parts_at(sizing, walk->size, walk->level,
				      walk->pressure / sw__pressure_edge(bin + 1))
			   : nowhere;
}

enum sw_status sw__pressed_look(struct sw__sizing *sizing, struct sw__pressed_walk *walk,
				size_t bin, struct sw__parts *out, struct sw_error *err)
{
	struct look look = {.pressure = walk->pressure};
	enum sw_status st = SW_OK;

	if (walk->holds)
		st = lowest(sizing, walk->size, edges[bin], &walk->level, &look, &walk->holds, err);
	walk->pressure = look.pressure;
	*out = parts_in(sizing, walk, bin);
	return st;
}

enum sw_status sw__pressed_parts(struct sw__sizing *sizing, struct sw__size *size, size_t looked,
				 struct sw__parts out[SW__PRESSURES], struct sw_error *err)
{
	struct sw__pressed_walk walk = sw__pressed_begin(size);
	enum sw_status st = SW_OK;

	for (size_t bin = 0; bin < SW__PRESSURES && st == SW_OK; bin++) {
		if (bin < looked)
			st = sw__pressed_look(sizing, &walk, bin, &out[bin], err);
		else
			out[bin] = parts_in(sizing, &walk, bin);
	}
	return st;
}

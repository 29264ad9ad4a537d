// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim-accuracy/accuracy_sections.h"
#include "sim-accuracy/cnn_table.h"
#include "sim/overlap.h"
#include "slicewise/simulate.h"

/* The best constant over all rows, as published with them. */
static const double CONSTANT = 1.111;
/* Part of the SMs that can ask for all that DRAM gives. */
static const double SATURATING_SHARE = 0.5;
static const double MILLI = 1e-3;

/* The grid of shares that a row's neighbours are looked for on. */
static const double grid[] = {0.2, 0.4, 0.5, 0.6, 0.8};
enum { GRID = sizeof(grid) / sizeof(grid[0]) };

static double slowdown_of(const struct cnn_together *row)
{
	return row->latency_ms / row->own->latency_ms;
}

/* How far a larger share makes it faster: 1 is bound by its SMs, 0 by something else. */
static double bound_by_sms(const struct cnn_table *table, const struct cnn_alone *a)
{
	const struct cnn_alone *below = a, *above = a;

	for (int i = GRID - 1; i >= 0; i--)
		if (grid[i] < a->share - MILLI && below == a)
			below = cnn_find(table, a->model, a->batch, grid[i]);
	for (int i = 0; i < GRID; i++)
		if (grid[i] > a->share + MILLI && above == a)
			above = cnn_find(table, a->model, a->batch, grid[i]);
	if (!below || !above || below == above)
		return 0.5; /* not known */
	return fmin(1, fmax(0, log(below->latency_ms / above->latency_ms) /
				       log(above->share / below->share)));
}

/* What the solo row says of a CNN as one long kernel. Arithmetic outside the tensor cores fills the same power budget. */
static struct sw__sim_kernel kernel_of(const struct cnn_table *table, const struct cnn_alone *a)
{
	double compute = bound_by_sms(table, a);

	return (struct sw__sim_kernel){
		.sms = a->share,
		.tensor = compute * a->share,
		.dram = a->dram,
		.compute = compute,
		.traffic = fmin(1, a->dram / fmin(1, a->share / SATURATING_SHARE)),
		.launches_per_ms = cnn_kernels(a->model) / a->latency_ms,
	};
}

static double simulated_slowdown(const struct cnn_table *table, const struct cnn_together *row,
				 const struct sw__sim_constants *constants)
{
	const struct sw__sim_kernel k[2] = {kernel_of(table, row->own),
					    kernel_of(table, row->neighbour)};
	const struct sw__sim_kernel *const kernels[2] = {&k[0], &k[1]};
	struct sw__sim_use use;
	double rate[2];

	sw__sim_overlap(constants, kernels, 2, false, rate, &use);
	return 1 / rate[0];
}

/* Errors of the simulator and of constants over some rows. */
struct errors {
	double n, simulated, bias, constant, held_out;
};

static void add(struct errors *e, double measured, double simulated, double held_out)
{
	e->n++;
	e->simulated += fabs(simulated / measured - 1);
	e->bias += simulated / measured - 1;
	e->constant += fabs(CONSTANT / measured - 1);
	e->held_out += fabs(held_out / measured - 1);
}

/* The mean slowdown of all pairs of models but one. */
static double constant_without(const struct cnn_table *t, size_t pair)
{
	double sum = 0, n = 0;

	for (size_t i = 0; i < t->n_together; i++) {
		if (t->together[i].pair == pair)
			continue;
		sum += slowdown_of(&t->together[i]);
		n++;
	}
	return sum / n;
}

static struct errors errors_of(const struct cnn_table *t, size_t pair,
			       const struct sw__sim_constants *constants)
{
	struct errors e = {0};
	double held_out = constant_without(t, pair);

	for (size_t i = 0; i < t->n_together; i++)
		if (t->together[i].pair == pair)
			add(&e, slowdown_of(&t->together[i]),
			    simulated_slowdown(t, &t->together[i], constants), held_out);
	return e;
}

static void report(const struct cnn_table *t, struct figures *figures)
{
	struct sw__sim_constants constants;
	struct errors all = {0};

	sw__sim_constants(0, &constants);
	for (size_t pair = 0; pair < t->n_pairs; pair++) {
		struct errors e = errors_of(t, pair, &constants);

		figures_at_most(figures, t->pairs[pair], "mape_pct", 100 * e.simulated / e.n, NAN);
		figures_at_most(figures, t->pairs[pair], "bias_pct", 100 * e.bias / e.n, NAN);
		figures_at_most(figures, t->pairs[pair], "held_out_pct", 100 * e.held_out / e.n,
				NAN);
		all.n += e.n;
		all.simulated += e.simulated;
		all.constant += e.constant;
		all.held_out += e.held_out;
	}
	figures_at_most(figures, "all", "constant_pct", 100 * all.constant / all.n, NAN);
	figures_at_most(figures, "all", "held_out_pct", 100 * all.held_out / all.n, NAN);
	figures_at_most(figures, "all", "mape_pct", 100 * all.simulated / all.n,
			100 * all.constant / all.n);
}

/* slowdown = b + a / latency alone, least squares over one model's rows: a ms come on top of every request. */
static void line_of(const struct cnn_table *t, const char *model, struct figures *figures)
{
	double n = 0, x = 0, y = 0, xx = 0, xy = 0, a, b;

	for (size_t i = 0; i < t->n_together; i++) {
		double inverse = 1 / t->together[i].own->latency_ms;

		if (strcmp(t->together[i].own->model, model) != 0)
			continue;
		n++;
		x += inverse;
		y += slowdown_of(&t->together[i]);
		xx += inverse * inverse;
		xy += inverse * slowdown_of(&t->together[i]);
	}
	a = (n * xy - x * y) / (n * xx - x * x);
	b = (y - a * x) / n;
	figures_at_most(figures, model, "added_ms", a, NAN);
	figures_at_most(figures, model, "times", b, NAN);
}

static void explain(const struct cnn_table *t, struct figures *figures)
{
	static const char *const models[] = {"alexnet", "vgg19", "ssd", "resnet50"};

	figures_say(figures, "  Why: DRAM is far from full in nearly all rows, and yet two nets "
			     "that ask for 14 %% of "
			     "it together slow each other by\n  up to 19 %%. Slowdown falls with "
			     "the latency alone; "
			     "as a line per net, every request has so many ms more, and takes so\n "
			     " many times as "
			     "long:");
	for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++)
		line_of(t, models[i], figures);
	figures_say(figures,
		    "  The added time goes with the number of kernels, a few microseconds each: "
		    "launches of "
		    "two MPS clients wait for each other,\n  as iGniter's own model has it. The "
		    "simulator's launch_wait_us is one number for all nets, chosen on these "
		    "rows;\n  how "
		    "many kernels a net has is counted from its architecture, for the solo grid "
		    "does not "
		    "say it, nor its power.\n  alexnet beside resnet50 stays 3 %% too fast. No "
		    "claim is made "
		    "for nets other than these.");
}

void section_cnns(const sw_catalog *catalog, struct figures *figures)
{
	struct cnn_table table;

	(void)catalog;
	figures_section(figures, "cnns",
			"Pairs of CNNs on a V100 under MPS caps that add up to 1, as table "
			"workloads: solo rows "
			"in, slowdown out.\n"
			"One constant of the simulator, the wait of a launch, was chosen on them. "
			"held_out_pct is "
			"the error of a constant\n"
			"chosen on the other pairs, constant_pct that of 1.111, which knows all "
			"rows and is the "
			"limit.");
	if (cnn_table_read(&table)) {
		report(&table, figures);
		explain(&table, figures);
	} else {
		section_skipped(figures);
	}
	cnn_table_free(&table);
}

// SPDX-License-Identifier: Apache-2.0
#include "attention_fit.h"

#include <gsl/gsl_blas.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_multifit_nlinear.h>
#include <math.h>

#include "base/error.h"

/* A fitted field and the range that physics or the kernel leaves it. Ranges above 0 are searched by ratio. */
struct parameter {
	size_t offset;
	double low;
	double high;
};

#define PREFILL(field) offsetof(struct sw__attention_cal, prefill.field)
#define DECODE(field)  offsetof(struct sw__attention_cal, decode.field)
#define MIXED(field)   offsetof(struct sw__attention_cal, mixed.field)

static const struct parameter prefill_parameters[] = {
	{PREFILL(launch_us), 1, 30},
	{PREFILL(cta_cycles), 10, 20000},
	{PREFILL(tile_cycles), 10, 10000},
	{PREFILL(mma_efficiency), 0.1, 1},
	{PREFILL(head_dim_exponent), -1, 1},
	{PREFILL(imbalance), 0.01, 1},
	{PREFILL(l2_reach), 0.05, 2},
	{PREFILL(l2_sharpness), 0.5, 12},
	{PREFILL(dram_efficiency), 0.4, 0.95},
	{PREFILL(kv_traffic), 1, 4},
	{PREFILL(write_ns), 0.01, 50},
	{PREFILL(write_exponent), 0.05, 1},
	{PREFILL(overlap), 1, 8},
};

static const struct parameter decode_parameters[] = {
	{DECODE(launch_us), 1, 30},
	{DECODE(reorder_us), 0.01, 20},
	{DECODE(reorder_efficiency), 0.05, 3}, /* above 1: the copies stay in L2 */
	{DECODE(combine_us), 0.01, 20},
	{DECODE(combine_split_us), 0.001, 1},
	{DECODE(cta_cycles), 10, 20000},
	{DECODE(tile_cycles), 10, 20000},
	{DECODE(head_dim_exponent), -1, 1},
	{DECODE(crowding), 0.01, 1},
	{DECODE(wave_quantum), 0.01, 1},
	{DECODE(l2_reach), 0.05, 2},
	{DECODE(dram_efficiency), 0.4, 0.97},
	{DECODE(write_ns), 0.01, 50},
	{DECODE(write_exponent), 0.05, 1},
	{DECODE(overlap), 1, 8},
};

static const struct parameter mixed_parameters[] = {
	{MIXED(launch_us), 1, 30},           {MIXED(cta_cycles), 10, 20000},
	{MIXED(tile_ratio), 0.5, 2},         {MIXED(imbalance), 0.01, 1},
	{MIXED(l2_bytes_cycle), 2, 64},      {MIXED(l2_reach), 0.05, 3},
	{MIXED(l2_sharpness), 0.5, 12},      {MIXED(reread_exponent), 0.05, 2},
	{MIXED(dram_efficiency), 0.4, 0.97}, {MIXED(overlap), 1, 12},
};

static const double error_knee =
	0.05; /* relative error from which a row pulls with constant force: outliers exist */
static const size_t iterations_max = 200;
static const double step_tolerance = 1e-7;
static const double gradient_tolerance = 1e-9;
static const double edge = 1e-6; /* of a range, where a start on its end is moved to */

/* Caching makes a second valley for fits that explain everything by DRAM: each is tried, the lower kept. */
static const double reach_starts[] = {0.15, 0.5, 1};

struct fit {
	const struct sw__attention_row *rows;
	size_t n_rows;
	const struct sw__device *dev;
	struct sw__attention_cal cal;
	const struct parameter *parameters;
	size_t n_parameters;
	size_t reach_offset;
	double cost; /* of cal; half the sum of squares is left out */
};

static double *field_at(struct sw__attention_cal *cal, size_t offset)
{
	return (double *)(void *)((char *)cal + offset);
}

/* The whole line onto the range, and back. */
static double bounded(double free_value, const struct parameter *p)
{
	double part = 1 / (1 + exp(-free_value));

	return p->low > 0 ? p->low * pow(p->high / p->low, part)
			  : p->low + (p->high - p->low) * part;
}

static double unbounded(double value, const struct parameter *p)
{
	double part = p->low > 0 ? log(value / p->low) / log(p->high / p->low)
				 : (value - p->low) / (p->high - p->low);

	part = fmin(fmax(part, edge), 1 - edge);
	return log(part / (1 - part));
}

static void take(struct fit *fit, const gsl_vector *x)
{
	for (size_t i = 0; i < fit->n_parameters; i++)
		*field_at(&fit->cal, fit->parameters[i].offset) =
			bounded(gsl_vector_get(x, i), &fit->parameters[i]);
}

/* The square of what is returned grows like error² below the knee and like |error| above ("soft l1"). */
static double robust(double error)
{
	double r = error / error_knee;
	double cost = 2 * (sqrt(1 + r * r) - 1);

	return copysign(error_knee * sqrt(cost), error);
}

static int residuals(const gsl_vector *x, void *data, gsl_vector *f)
{
	struct fit *fit = data;

	take(fit, x);
	for (size_t i = 0; i < fit->n_rows; i++) {
		const struct sw__attention_row *row = &fit->rows[i];
		double us = sw__attention_us(&fit->cal, fit->dev, &row->shape, &row->batch);

		gsl_vector_set(f, i, sqrt(row->weight) * robust(log(us / row->us)));
	}
	return GSL_SUCCESS;
}

static enum sw_status check_rows(const struct fit *fit, struct sw_error *err)
{
	if (fit->n_rows < fit->n_parameters)
		return sw_fail(err, SW_BAD_INPUT, "%zu rows for %zu parameters", fit->n_rows,
			       fit->n_parameters);
	for (size_t i = 0; i < fit->n_rows; i++)
		if (!(fit->rows[i].us > 0) || !(fit->rows[i].weight >= 0))
			return sw_fail(err, SW_BAD_INPUT, "row %zu: time %g us, weight %g", i,
				       fit->rows[i].us, fit->rows[i].weight);
	return SW_OK;
}

/* Levenberg-Marquardt with differences for the Jacobian. What it has after the last iteration counts: a calibration is
 * judged by its errors on other rows, not by a gradient. */
static enum sw_status minimise(struct fit *fit, struct sw_error *err)
{
	gsl_multifit_nlinear_parameters options = gsl_multifit_nlinear_default_parameters();
	gsl_multifit_nlinear_fdf problem = {
		.f = residuals, .n = fit->n_rows, .p = fit->n_parameters, .params = fit};
	gsl_vector *x = gsl_vector_alloc(fit->n_parameters);
	gsl_multifit_nlinear_workspace *work = gsl_multifit_nlinear_alloc(
		gsl_multifit_nlinear_trust, &options, fit->n_rows, fit->n_parameters);
	enum sw_status status = SW_OK;
	int why;

	if (!x || !work) {
		status = sw_fail(err, SW_NO_MEMORY, "fitting %zu rows", fit->n_rows);
		goto done;
	}
	for (size_t i = 0; i < fit->n_parameters; i++)
		gsl_vector_set(x, i,
			       unbounded(*field_at(&fit->cal, fit->parameters[i].offset),
					 &fit->parameters[i]));
	gsl_multifit_nlinear_init(x, &problem, work);
	(void)gsl_multifit_nlinear_driver(iterations_max, step_tolerance, gradient_tolerance, 0,
					  NULL, NULL, &why, work);
	take(fit, gsl_multifit_nlinear_position(work));
	gsl_blas_ddot(gsl_multifit_nlinear_residual(work), gsl_multifit_nlinear_residual(work),
		      &fit->cost);
done:
	gsl_multifit_nlinear_free(work);
	gsl_vector_free(x);
	return status;
}

static enum sw_status best_start(struct fit *fit, struct sw__attention_cal *cal,
				 struct sw_error *err)
{
	struct sw__attention_cal start = fit->cal, best = fit->cal;
	double least = INFINITY;
	enum sw_status status = SW_OK;

	for (size_t i = 0; i < sizeof reach_starts / sizeof reach_starts[0]; i++) {
		fit->cal = start;
		*field_at(&fit->cal, fit->reach_offset) = reach_starts[i];
		status = minimise(fit, err);
		if (status != SW_OK)
			return status;
		if (fit->cost < least) {
			least = fit->cost;
			best = fit->cal;
		}
	}
	*cal = best;
	return status;
}

static enum sw_status run_fit(struct fit *fit, struct sw__attention_cal *cal, struct sw_error *err)
{
	gsl_error_handler_t *before = gsl_set_error_handler_off();
	enum sw_status status = check_rows(fit, err);

	if (status == SW_OK)
		status = best_start(fit, cal, err);
	gsl_set_error_handler(before);
	return status;
}

#define FIT(table, reach)                                                           \
	(struct fit)                                                                \
	{                                                                           \
		rows, n, dev, *cal, table, sizeof table / sizeof table[0], reach, 0 \
	}

enum sw_status sw__fit_prefill_attention(const struct sw__attention_row *rows, size_t n,
					 const struct sw__device *dev,
					 struct sw__attention_cal *cal, struct sw_error *err)
{
	struct fit fit = FIT(prefill_parameters, PREFILL(l2_reach));

	return run_fit(&fit, cal, err);
}

enum sw_status sw__fit_decode_attention(const struct sw__attention_row *rows, size_t n,
					const struct sw__device *dev, struct sw__attention_cal *cal,
					struct sw_error *err)
{
	struct fit fit = FIT(decode_parameters, DECODE(l2_reach));

	return run_fit(&fit, cal, err);
}

enum sw_status sw__fit_mixed_attention(const struct sw__attention_row *rows, size_t n,
				       const struct sw__device *dev, struct sw__attention_cal *cal,
				       struct sw_error *err)
{
	struct fit fit = FIT(mixed_parameters, MIXED(l2_reach));

	return run_fit(&fit, cal, err);
}

/*
 * Tiles and splits as FlashAttention 2 (paged KV: 64 rows, context blocks of 256, 128 or 64 by head_dim) and 3 (128 rows
 * of heads and tokens packed) choose them; two tiles of head_dim 128 take 160 KiB of shared memory: sm_80 has 164.
 * The rest are round values near all fits, where the search starts.
 */
static const struct sw__attention_cal flash_2 = {
	.prefill = {.tile_rows = 64,
		    .tile_elements = 16384,
		    .packs_heads = 0,
		    .ctas_per_sm = 1,
		    .bandwidth_knee = 0.25,
		    .launch_us = 6,
		    .cta_cycles = 2000,
		    .tile_cycles = 800,
		    .mma_efficiency = 0.6,
		    .head_dim_exponent = 0,
		    .imbalance = 0.4,
		    .l2_reach = 0.7,
		    .l2_sharpness = 3,
		    .dram_efficiency = 0.8,
		    .kv_traffic = 1.5,
		    .write_ns = 1,
		    .write_exponent = 0.6,
		    .overlap = 1.5},
	.decode = {.tile_rows = 64,
		   .tile_elements = 16384,
		   .packs_heads = 0,
		   .ctas_per_sm = 1,
		   .split_ctas_per_sm = 2,
		   .split_min_blocks = 1,
		   .split_max = 128,
		   .bandwidth_knee = 0.25,
		   .launch_us = 6,
		   .reorder_us = 4,
		   .reorder_efficiency = 1,
		   .combine_us = 3.5,
		   .combine_split_us = 0.15,
		   .cta_cycles = 2500,
		   .tile_cycles = 5000,
		   .head_dim_exponent = 0,
		   .crowding = 0.5,
		   .wave_quantum = 0.8,
		   .l2_reach = 0.7,
		   .dram_efficiency = 0.85,
		   .write_ns = 5,
		   .write_exponent = 0.5,
		   .overlap = 3},
	.mixed = {.launch_us = 4,
		  .cta_cycles = 5000,
		  .tile_ratio = 1.1,
		  .imbalance = 0.45,
		  .l2_bytes_cycle = 12,
		  .l2_reach = 1,
		  .l2_sharpness = 2,
		  .reread_exponent = 0.7,
		  .dram_efficiency = 0.85,
		  .overlap = 6},
};

void sw__attention_start(enum sw__attention_kernel kernel, struct sw__attention_cal *cal)
{
	*cal = flash_2;
	if (kernel == SW__FLASH_2_LARGE) {
		cal->prefill.ctas_per_sm = 2;
		cal->decode.ctas_per_sm = 2;
	}
	if (kernel == SW__FLASH_3) {
		cal->prefill.tile_rows = 128;
		cal->prefill.packs_heads = 1;
		cal->decode.packs_heads = 1;
		cal->decode.split_ctas_per_sm = 1;
		cal->decode.split_min_blocks = 4;
	}
}

// SPDX-License-Identifier: Apache-2.0
#include "step/paged.h"

#include <math.h>

/* Tiles have this many columns; cuBLAS of that generation offers more, but the measured steps show no other. */
static const double TILE_COLUMNS = 128;
enum { SPLITS_MAX = 4, SPLIT_ROWS_MAX = 64 };
static const double SM_MS_PER_TFLOP = 1e-9; /* operations to 10^12 per second, in ms */
/* The launch floor and the GPU's time hide each other nearly completely. */
static const double FLOOR_SHARPNESS = 16;

const struct sw__coefficient sw__paged_table[] = {
#define PAGED_ROW(field, unit, meaning) SW__COEFFICIENT(struct sw__paged_cal, field, unit, meaning)
	SW__PAGED_CAL_LIST(PAGED_ROW)
#undef PAGED_ROW
};
const size_t sw__paged_table_size = sizeof(sw__paged_table) / sizeof(sw__paged_table[0]);

/* max(a, b) with a rounded corner. */
static double p_norm(double a, double b, double p)
{
	double large = fmax(a, b), small = fmin(a, b);

	if (small <= 0)
		return large;
	return large * pow(1 + pow(small / large, p), 1 / p);
}

static double bandwidth_gb_s(const struct sw__paged_cal *cal, const struct sw__device *dev)
{
	double by_sms = cal->sm_gb_s * dev->sms;
	double by_dram = cal->dram_efficiency * dev->dram_gb_s;

	return 1 / p_norm(1 / by_sms, 1 / by_dram, cal->dram_sharpness);
}

struct tile {
	double rows, efficiency;
	bool shares_sm;
};

/* A product in tiles: whole waves over the SMs; k may be split where there are few rows. */
static double tiled_ms(const struct sw__paged_cal *cal, const struct sw__device *dev,
		       struct tile tile, double m, const struct sw__gemm_op *op, double splits,
		       double gb_s)
{
	double tiles = ceil(m / tile.rows) * ceil(op->n / TILE_COLUMNS);
	double waves = ceil(tiles * splits / dev->sms);
	double sm_flop_ms = dev->peak_tflops / dev->gpu_sms / SM_MS_PER_TFLOP * tile.efficiency;
	double flop = 2 * tile.rows * TILE_COLUMNS * (op->k / splits + cal->prologue_k);
	double ms;

	/* An odd wave leaves one tile alone on its SM, where it runs faster than beside another. */
	if (tile.shares_sm)
		waves -= (1 - cal->lone_tile) * fmod(waves, 2);
	ms = waves * (flop / sm_flop_ms + cal->tile_us / 1000);
	if (splits > 1)
		ms += splits * cal->split_us / 1000 +
		      2 * m * op->n * dev->element_bytes * splits / 1e6 / gb_s;
	return ms;
}

/* The tile of at least m rows, or for many rows the better of the two large ones. */
static double product_compute_ms(const struct sw__paged_cal *cal, const struct sw__device *dev,
				 double m, const struct sw__gemm_op *op, double gb_s)
{
	double large_rows =
		cal->large_tile_rows * pow(dev->gpu_sms / dev->sms, cal->large_tile_exponent);
	struct tile small = m <= 32   ? (struct tile){32, cal->tile32_efficiency, false}
			    : m <= 64 ? (struct tile){64, cal->tile64_efficiency, false}
				      : (struct tile){128, cal->tile128_efficiency, true};
	struct tile large = {256, cal->tile256_efficiency, true};
	double best = tiled_ms(cal, dev, small, m, op, 1, gb_s);

	if (m >= large_rows)
		best = fmin(best, tiled_ms(cal, dev, large, m, op, 1, gb_s));
	for (int splits = 2; m <= SPLIT_ROWS_MAX && splits <= SPLITS_MAX; splits++)
		best = fmin(best, tiled_ms(cal, dev, small, m, op, splits, gb_s));
	return fmax(best, 2 * m * op->n * op->k * SM_MS_PER_TFLOP /
				  (cal->product_ceiling * dev->peak_tflops));
}

static void add_product(const struct sw__paged_cal *cal, const struct sw__device *dev, double m,
			const struct sw__gemm_op *op, double count, double gb_s,
			struct sw__paged_time *time)
{
	double gb = dev->element_bytes * (op->n * op->k + m * op->k + m * op->n) / 1e9;
	double memory_ms = gb / gb_s * 1000;
	double ms = p_norm(product_compute_ms(cal, dev, m, op, gb_s), memory_ms, cal->overlap);

	time->gemm_ms += count * ms;
	time->dram_bound_ms += count * memory_ms;
	time->dram_gb += count * gb;
	time->tflop += count * 2 * m * op->n * op->k / 1e12;
}

static void add_products(const struct sw__paged_cal *cal, const struct sw__device *dev,
			 const struct sw__model_ops *ops, double tokens, double sequences,
			 double gb_s, struct sw__paged_time *time)
{
	for (int i = 0; i < SW__GEMMS_A_LAYER; i++)
		add_product(cal, dev, tokens, &ops->layer_gemm[i], ops->layers, gb_s, time);
	add_product(cal, dev, sequences, &ops->lm_head, 1, gb_s, time);
}

static void add_decode_attention(const struct sw__paged_cal *cal, const struct sw__device *dev,
				 const struct sw__model_ops *ops, const struct sw_step_work *work,
				 double gb_s, struct sw__paged_time *time)
{
	double kv_bytes = 2 * ops->kv_heads * ops->head_dim * dev->element_bytes;
	double gb = work->decode_kv_tokens * kv_bytes / 1e9;
	double memory_ms = gb / (gb_s * cal->kv_efficiency) * 1000;
	double ctas = work->n_decode * ops->heads;
	double context = work->decode_kv_tokens / work->n_decode;
	double busy_ms = memory_ms + ctas / dev->sms * cal->cta_us / 1000;
	double latency_ms = (cal->cta_latency_us + cal->kv_token_us * context) / 1000;

	time->attention_ms += ops->layers * p_norm(busy_ms, latency_ms, cal->attention_overlap);
	time->dram_bound_ms += ops->layers * memory_ms;
	time->dram_gb += ops->layers * gb;
	time->tflop += ops->layers * 4 * work->decode_kv_tokens * ops->heads * ops->head_dim / 1e12;
}

static void add_prefill_attention(const struct sw__paged_cal *cal, const struct sw__device *dev,
				  const struct sw__model_ops *ops, const struct sw_step_work *work,
				  struct sw__paged_time *time)
{
	double chunk = work->prefill_tokens / work->n_prefill;
	double before = work->prefill_kv_tokens / work->n_prefill;
	double pairs = work->prefill_tokens * (before + chunk / 2);
	double flop = 4 * pairs * ops->heads * ops->head_dim;
	double peak =
		dev->peak_tflops * dev->sms / dev->gpu_sms * cal->prefill_attention_efficiency;

	time->attention_ms += ops->layers * flop * SM_MS_PER_TFLOP / peak;
	time->tflop += ops->layers * flop / 1e12;
}

/* Decodes and prefills each run as a step of their own. */
static struct sw__paged_time one_phase(const struct sw__paged_cal *cal,
				       const struct sw__device *dev,
				       const struct sw__model_ops *ops,
				       const struct sw_step_work *work)
{
	double tokens = sw__work_tokens(work);
	double gb_s = bandwidth_gb_s(cal, dev);
	double slow = 1 + cal->token_layer_sms * (dev->gpu_sms / dev->sms - 1);
	struct sw__paged_time time = {.step_ms = cal->step_ms};
	double gpu_ms;

	add_products(cal, dev, ops, tokens, work->n_decode + work->n_prefill, gb_s, &time);
	time.other_ms = ops->layers * (cal->layer_us + cal->token_layer_us * tokens * slow) / 1000;
	if (work->n_decode > 0)
		add_decode_attention(cal, dev, ops, work, gb_s, &time);
	if (work->n_prefill > 0)
		add_prefill_attention(cal, dev, ops, work, &time);
	gpu_ms = time.gemm_ms + time.attention_ms + time.other_ms + time.step_ms;
	if (work->n_prefill > 0)
		time.floor_ms = p_norm(gpu_ms, ops->layers * cal->prefill_layer_us / 1000,
				       FLOOR_SHARPNESS) -
				gpu_ms;
	return time;
}

struct sw__paged_time sw__paged_step(const struct sw__paged_cal *cal, const struct sw__device *dev,
				     const struct sw__model_ops *ops,
				     const struct sw_step_work *work)
{
	struct sw_step_work decodes = {.n_decode = work->n_decode,
				       .decode_kv_tokens = work->decode_kv_tokens};
	struct sw_step_work prefills = {.n_prefill = work->n_prefill,
					.prefill_tokens = work->prefill_tokens,
					.prefill_kv_tokens = work->prefill_kv_tokens};
	struct sw__paged_time a, b;

	if (work->n_decode <= 0)
		return one_phase(cal, dev, ops, &prefills);
	if (work->n_prefill <= 0)
		return one_phase(cal, dev, ops, &decodes);
	a = one_phase(cal, dev, ops, &decodes);
	b = one_phase(cal, dev, ops, &prefills);
	return (struct sw__paged_time){
		.gemm_ms = a.gemm_ms + b.gemm_ms,
		.attention_ms = a.attention_ms + b.attention_ms,
		.other_ms = a.other_ms + b.other_ms,
		.step_ms = a.step_ms + b.step_ms,
		.floor_ms = a.floor_ms + b.floor_ms,
		.dram_gb = a.dram_gb + b.dram_gb,
		.tflop = a.tflop + b.tflop,
		.dram_bound_ms = a.dram_bound_ms + b.dram_bound_ms,
	};
}

// SPDX-License-Identifier: Apache-2.0
#include "step/gemm.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Tiles of C that the library's kernels come in, and CTAs of each that an SM's registers hold together. The sizes are
 * those of CUTLASS's profiler; every measured step over m fits one of them. Doubt: the library has more kernels. */
struct tile {
	double rows;
	double columns;
	double per_sm;
};

static const struct tile tiles[] = {
	{16, 32, 4},  {16, 64, 4},   {16, 128, 4},  {32, 64, 4},   {32, 128, 4},
	{64, 64, 4},  {64, 128, 4},  {128, 64, 4},  {128, 128, 2}, {64, 256, 2},
	{256, 64, 2}, {128, 256, 1}, {256, 128, 1},
};
enum { n_tiles = sizeof(tiles) / sizeof(tiles[0]), few_rows = 16 };

static const double output_bytes = 2; /* C is bf16 or fp16, whatever the operands */
static const double k_step = 32; /* k of one step of the loop: a CTA pads to it (CUTLASS) */
static const double latency_k =
	64; /* shortest loop's k, as far as its latency goes: two steps in flight */
static const double epilogue_tile = 16384; /* elements of a 128 x 128 tile */
static const double l2_bytes_cycle = 64; /* an SM's port to L2 (NVIDIA A100 white paper) */
static const double split_bytes = 8; /* a float of a part, written and read */
static const double split_bytes_cycle = 32; /* half the port: written and read */
static const double split_least_k =
	128; /* of a part; with less, starting it costs more than it saves */
static const double written_room =
	1.25; /* L2 a written byte takes: writes reach DRAM from 0.7-0.8 of L2 on */
static const double narrow_rows =
	100; /* m from which width counts half towards not splitting: sm_89 */
static const double split_always_k =
	8192; /* above, sm_89 and sm_120 split any product: seen in every measured row */
static const double split_volume_k =
	2048; /* from here on the same for more than few_rows rows, however small the product */
static const double thin_columns =
	64; /* up to here, products of many rows are split late: sm_89, sm_120 */

/* One product on one device, and what all tiles share. */
struct product {
	const struct sw__gemm_cal *cal;
	double m;
	double n;
	double k;
	double element_bytes;
	double sms;
	double cycles_us; /* per us */
	double flop_sm_us; /* tensor peak of an SM */
	double l2_bytes_us; /* of the GPU: SMs under a cap share the whole L2 */
	double k_us; /* latency of one k */
	double dram_us;
	double dram_bytes;
	double write_us; /* of dram_us */
	double unseen_us; /* of dram_us: reads that the benchmark behind the habits had from L2 */
	double part_us; /* adding one part of a split */
};

struct candidate {
	double us;
	double tensor_us;
	double l2_us;
};

/* The candidates a library chooses from, with or without splits. */
struct choice {
	struct candidate tried[n_tiles];
	size_t n;
	double least_us;
};

/* ceil() is a call where the compiler may not assume SSE 4.1, and it is the innermost operation here. Above 2^53 every
 * double is whole. */
static inline double round_up(double x)
{
	double whole = x < 0x1p53 ? (double)(int64_t)x : x;

	return whole + (whole < x);
}

static inline double fourth(double x)
{
	return x * x * x * x;
}

static inline double larger(double a, double b)
{
	return a > b ? a : b;
}

static inline double smaller(double a, double b)
{
	return a < b ? a : b;
}

/* Part of a tensor that is gone from L2 after `bytes` passed through `kept`. LRU would be a step; sets and hashing make
 * it a steep slope: on L40S and RTX PRO 6000 all is kept at 0.9 of `kept` and nothing at 1.1, as a 16th power has it. */
static double miss_fraction(double bytes, double kept)
{
	double ratio = smaller(fourth(fourth(bytes / kept)), 1e100);

	return ratio / (1 + ratio);
}

static double dram_bytes_us(const struct sw__gemm_cal *cal, const struct sw__device *dev)
{
	double share = dev->sms / dev->gpu_sms;
	double reached = share * (1 + cal->bandwidth_knee) / (share + cal->bandwidth_knee);

	return cal->dram_efficiency * dev->dram_gb_s * 1e3 * reached;
}

/* A and C are met again by the next product, B after all its sets have passed. */
static void dram_traffic(struct product *p, const struct sw__device *dev, double weight_sets)
{
	const struct sw__gemm_cal *cal = p->cal;
	double us_byte = 1 / dram_bytes_us(cal, dev);
	double kept = cal->l2_reach * dev->l2_mib * 1048576;
	double a = p->element_bytes * p->m * p->k;
	double b = p->element_bytes * p->n * p->k;
	double c = output_bytes * p->m * p->n;
	double others = a + written_room * c;
	double missed = miss_fraction(others + b, kept);
	double missed_b = miss_fraction(others + weight_sets * b, kept);
	double seen = miss_fraction(others + SW__GEMM_BENCHMARK_SETS * b, kept);
	double reads = b * missed_b + a * missed;
	double writes = c * missed;

	p->dram_bytes = reads + writes;
	p->write_us = cal->write_cost * writes * us_byte;
	p->dram_us = reads * us_byte + p->write_us;
	p->unseen_us = larger(missed_b - seen, 0) * b * us_byte;
}

static struct product prepare(const struct sw__gemm_cal *cal, const struct sw__device *dev,
			      const struct sw__gemm_shape *shape)
{
	double cycles_us = dev->clock_mhz;
	bool vector = shape->m < 2;
	struct product p = {
		.cal = cal,
		.m = shape->m,
		.n = shape->n,
		.k = shape->k,
		.element_bytes = dev->element_bytes,
		.sms = dev->sms,
		.cycles_us = cycles_us,
		.flop_sm_us = dev->peak_tflops * 1e6 / dev->gpu_sms,
		.l2_bytes_us = cal->l2_efficiency * l2_bytes_cycle * cycles_us * dev->gpu_sms,
		.k_us = cal->k_cycles / cycles_us * (vector ? cal->vector_latency : 1),
		.part_us = (cal->split_part_cycles + cal->split_traffic * split_bytes * shape->m *
							     shape->n /
							     (split_bytes_cycle * dev->sms)) /
			   cycles_us,
	};

	dram_traffic(&p, dev, shape->weight_sets);
	return p;
}

/* All tiles of C by CTAs of k_cta each, `parts` CTAs a tile: tensor time, latency, L2 and DRAM time overlap, but for the
 * first pipeline_k of k, and for starts and ends. */
static struct candidate run(const struct product *p, const struct tile *tile, double tiles_of_c,
			    double parts, double k_cta)
{
	const struct sw__gemm_cal *cal = p->cal;
	double area = tile->rows * tile->columns;
	double edge = tile->rows + tile->columns;
	double ctas = tiles_of_c * parts;
	double per_sm = ctas / p->sms;
	double rounds = round_up(per_sm / tile->per_sm);
	double rigidity = parts > 1 ? 0 : cal->wave_rigidity; /* parts are chosen to fill waves */
	double waves = rigidity * round_up(per_sm) + (1 - rigidity) * larger(per_sm, 1);
	double at_peak = 2 * area / p->flop_sm_us; /* of one k */
	double tensor = waves * k_cta * at_peak * (1 + cal->tile_half * edge / area) /
			cal->tensor_efficiency;
	double latency = rounds * larger(k_cta, latency_k) * (p->k_us + cal->lone_cta * at_peak);
	double l2 = (ctas * edge * k_cta * p->element_bytes + output_bytes * p->m * p->n) /
		    p->l2_bytes_us;
	double compute, memory, overlapped, first, last;

	tensor *= 1 + cal->throttle * tensor / (tensor + cal->throttle_us);
	compute = larger(tensor, latency);
	memory = larger(l2, p->dram_us);
	overlapped = sqrt(sqrt(fourth(compute) + fourth(l2) + fourth(p->dram_us)));
	first = smaller(cal->pipeline_k / k_cta, 1) * smaller(compute, memory);
	last = cal->write_exposed * smaller(compute, p->write_us);
	return (struct candidate){
		.us = overlapped + first + last +
		      (rounds * cal->tile_cycles +
		       waves * cal->epilogue_cycles * area / epilogue_tile) /
			      p->cycles_us,
		.tensor_us = tensor,
		.l2_us = l2,
	};
}

static double padded_k(double k)
{
	return k_step * round_up(k / k_step);
}

/* Parts of a split that fill the GPU, no more than the sum of parts repays: k*k_us/s + s*part_us is least there. */
static double split_parts(const struct product *p, double tiles_of_c)
{
	double fill = p->cal->split_fill * p->sms / tiles_of_c;
	double parts = smaller(fill, p->k / split_least_k);

	if (parts < 2)
		return 1;
	parts = smaller(parts, sqrt(p->k * p->k_us / p->part_us));
	return larger((double)(int64_t)parts, 2);
}

/* k from which a product is split, by the shape of C: long for itself, against the area of C, and against n, of which a
 * wide C has its CTAs anyway. */
static double split_from(const struct product *p)
{
	const struct sw__gemm_cal *cal = p->cal;
	double area = sqrt(sqrt(larger(p->m * p->n / cal->split_area, 1)));
	double wide = cal->split_aspect * p->n * (p->m < narrow_rows ? 1 : 0.5);
	bool thin = p->n <= thin_columns && p->m > cal->split_rows;

	return larger(cal->split_k * area, thin ? split_always_k : smaller(wide, split_always_k));
}

/* How far splits are used. Libraries choose by shape, not by time. */
static double split_weight(const struct product *p)
{
	double past = (p->k / split_from(p) - 1) / p->cal->split_spread + 0.5;
	bool short_k = p->m > few_rows ? p->k < split_volume_k : p->k <= split_always_k;

	if (p->m * p->n * p->k < p->cal->split_volume && p->m >= 2 && short_k)
		return 0;
	return past < 0 ? 0 : smaller(past, 1);
}

static void add(struct choice *choice, struct candidate candidate)
{
	choice->tried[choice->n++] = candidate;
	choice->least_us = smaller(choice->least_us, candidate.us);
}

static void try_tile(const struct product *p, const struct tile *tile, bool may_split,
		     struct choice *whole, struct choice *split)
{
	double tiles_of_c = round_up(p->m / tile->rows) * round_up(p->n / tile->columns);
	double parts = may_split ? split_parts(p, tiles_of_c) : 1;
	struct candidate with_parts;

	add(whole, run(p, tile, tiles_of_c, 1, padded_k(p->k)));
	if (parts < 2)
		return;
	with_parts = run(p, tile, tiles_of_c, parts, padded_k(p->k / parts));
	with_parts.us += p->cal->split_us + p->part_us * parts;
	add(split, with_parts);
}

/* A library's choice is near the best, not the best: the mean of the candidates by the 32nd power of how near they are.
 * One that takes 2 % longer counts half. */
static struct candidate settle(const struct choice *choice)
{
	struct candidate sum = {0, 0, 0};
	double weights = 0;

	for (size_t i = 0; i < choice->n; i++) {
		const struct candidate *tried = &choice->tried[i];
		double near = fourth(fourth(choice->least_us / tried->us));
		double weight = near * near;

		weights += weight;
		sum.us += weight * tried->us;
		sum.tensor_us += weight * tried->tensor_us;
		sum.l2_us += weight * tried->l2_us;
	}
	return (struct candidate){sum.us / weights, sum.tensor_us / weights, sum.l2_us / weights};
}

static struct candidate between(struct candidate whole, struct candidate split, double weight)
{
	return (struct candidate){
		.us = whole.us + (split.us - whole.us) * weight,
		.tensor_us = whole.tensor_us + (split.tensor_us - whole.tensor_us) * weight,
		.l2_us = whole.l2_us + (split.l2_us - whole.l2_us) * weight,
	};
}

static struct candidate choose(const struct product *p)
{
	struct choice whole = {.least_us = INFINITY}, split = {.least_us = INFINITY};
	double weight = split_weight(p);
	struct candidate settled;

	for (size_t i = 0; i < n_tiles; i++)
		if (tiles[i].rows <= few_rows || tiles[i].rows < 2 * p->m)
			try_tile(p, &tiles[i], weight > 0, &whole, &split);
	settled = settle(&whole);
	return split.least_us < settled.us ? between(settled, settle(&split), weight) : settled;
}

/* The habits were learnt where small weights came from L2. Time that an engine waits for DRAM instead is as it is. */
static double with_habits(const struct product *p, double us)
{
	double habit = sw__habit(p->cal->habits, p->m, p->n, p->k);

	return us + habit * larger(us - p->unseen_us, 0);
}

struct sw__gemm_cost sw__gemm(const struct sw__gemm_cal *cal, const struct sw__device *dev,
			      const struct sw__gemm_shape *shape)
{
	struct product p = prepare(cal, dev, shape);
	struct candidate chosen = choose(&p);

	assert(dev->sms > 0 && dev->sms <= dev->gpu_sms);
	return (struct sw__gemm_cost){
		.us = with_habits(&p, cal->launch_us + chosen.us),
		.tensor_us = chosen.tensor_us,
		.l2_us = chosen.l2_us,
		.dram_us = p.dram_us,
		.dram_gb = p.dram_bytes * 1e-9,
		.tflop = 2e-12 * p.m * p.n * p.k,
	};
}

double sw__gemm_us(const struct sw__gemm_cal *cal, const struct sw__device *dev, double m, double n,
		   double k)
{
	struct sw__gemm_shape shape = {m, n, k, INFINITY};

	return sw__gemm(cal, dev, &shape).us;
}

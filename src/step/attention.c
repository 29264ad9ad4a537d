// SPDX-License-Identifier: Apache-2.0
#include "step/attention.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>

/* Each formula is explained in README-attention.md; the constants with a name here are not fitted. */
static const double reference_head_dim = 128; /* of the calibrations' times */
static const double reference_tile = 16384; /* elements of K in a tile, likewise */
static const double combine_ramp =
	0.25; /* splits above 1 at which combining costs a whole launch; smooths a step */
static const double flops_per_pair_element = 4; /* two multiply-adds: Q·K and P·V */
static const double ragged_slope =
	3; /* fully ragged where CTAs' mean is 2/3 of the longest; 2 to 6 fit as well */
static const double fewest_columns = 16; /* of context in a tile: one step of the tensor cores */

static double clamp(double x, double low, double high)
{
	return fmin(fmax(x, low), high);
}

/* (a^p + b^p)^(1/p), without overflow: 1 adds, large p takes the longer of two that overlap. */
static double p_norm(double a, double b, double p)
{
	double high = fmax(a, b);

	if (!(high > 0))
		return 0;
	return high * pow(1 + pow(fmin(a, b) / high, p), 1 / p);
}

/* Part of `bytes` that misses a cache which keeps about `kept` bytes. */
static double miss_fraction(double bytes, double kept, double sharpness)
{
	if (!(kept > 0))
		return 1;
	return 1 / (1 + pow(kept / fmax(bytes, 1), sharpness));
}

/* DRAM bandwidth that the slice's SMs reach, bytes/us: a few SMs nearly saturate it. */
static double dram_bytes_us(const struct sw__device *dev, double efficiency, double knee)
{
	double share = dev->sms / dev->gpu_sms;

	return efficiency * dev->dram_gb_s * 1e3 * share * (1 + knee) / (share + knee);
}

static double tile_columns(double tile_elements, double head_dim)
{
	int exponent;

	(void)frexp(tile_elements / head_dim, &exponent);
	return fmax(ldexp(0.5, exponent), fewest_columns);
}

static double query_heads_per_kv(const struct sw__attention_shape *shape)
{
	return shape->heads / shape->kv_heads;
}

static double query_bytes(const struct sw__device *dev, const struct sw__attention_shape *shape)
{
	return shape->heads * shape->head_dim * dev->element_bytes;
}

static double kv_bytes_per_token(const struct sw__attention_shape *shape)
{
	return 2 * shape->kv_heads * shape->head_dim * shape->kv_bytes;
}

/* The write into the KV cache: few bytes, slow, and not proportional to the KV heads. */
static double cache_write_us(double tokens, const struct sw__attention_shape *shape, double ns,
			     double exponent)
{
	double width = shape->kv_heads * shape->head_dim / reference_head_dim;

	return tokens * ns * 1e-3 * pow(width, exponent);
}

double sw__attention_pairs(double tokens, double kv_before)
{
	return tokens * kv_before + tokens * (tokens + 1) / 2;
}

static double attention_tflop(const struct sw__attention_shape *shape, double pairs)
{
	return flops_per_pair_element * shape->heads * shape->head_dim * pairs * 1e-12;
}

/* Sum over i = 1..tiles of ceil(i / per_column); straight lines between whole numbers. */
static double ceil_sum(double tiles, double per_column)
{
	double full = floor(tiles / per_column);

	return per_column * full * (full + 1) / 2 + (tiles - per_column * full) * (full + 1);
}

struct sw__tiling sw__tile_sequence(double tile_rows, double tile_elements, double head_dim,
				    double rows_per_token, double tokens, double kv_before)
{
	struct sw__tiling t = {.columns = tile_columns(tile_elements, head_dim)};
	double tokens_per_tile = tile_rows / rows_per_token;
	double whole = floor(kv_before / t.columns);
	double started = ceil((kv_before - whole * t.columns) / tokens_per_tile);
	double per_column = t.columns / tokens_per_tile;

	if (!(tokens > 0))
		return t;
	t.ctas = ceil(tokens / tokens_per_tile);
	t.per_kv = ceil((kv_before + tokens) / t.columns);
	t.first = ceil((kv_before + fmin(tokens, ceil(tokens_per_tile))) / t.columns);
	t.blocks = (t.ctas - 1) * whole + ceil_sum(t.ctas - 1 + started, per_column) -
		   ceil_sum(started, per_column) + t.per_kv;
	return t;
}

/* CTAs of one kind: how many, and their times. */
struct cta_class {
	double count;
	double longest_us;
	double shortest_us;
	double total_us;
};

/*
 * Time until `slots` places have run every CTA of two kinds: no less than the longest, than whole waves of the
 * shortest, and than all work spread evenly plus a part of the longest where the last wave is ragged, as it is unless
 * CTAs are equal.
 */
static double makespan_us(const struct cta_class *a, const struct cta_class *b, double slots,
			  double raggedness)
{
	double longest = fmax(a->longest_us, b->longest_us);
	double count = a->count + b->count;
	double total = a->total_us + b->total_us;
	double shortest = fmin(a->count > 0 ? a->shortest_us : longest,
			       b->count > 0 ? b->shortest_us : longest);
	double uneven = fmin(ragged_slope * (1 - total / count / longest), 1);
	double us = total / slots + raggedness * uneven * clamp(count / slots - 1, 0, 1) * longest;

	us = fmax(us, longest);
	us = fmax(us, ceil(a->count / slots) * a->shortest_us);
	us = fmax(us, ceil(b->count / slots) * b->shortest_us);
	return fmax(us, ceil(count / slots) * shortest);
}

/* One tile of the prefill kernel, when `count` CTAs share the slice's SMs. */
static double prefill_tile_us(const struct sw__prefill_cal *cal, const struct sw__device *dev,
			      const struct sw__attention_shape *shape, double columns, double count)
{
	double per_sm = dev->peak_tflops / dev->gpu_sms; /* Mflop/us */
	double mflop = flops_per_pair_element * cal->tile_rows * columns * shape->head_dim * 1e-6;
	double neighbours = clamp(count / dev->sms, 1, cal->ctas_per_sm);
	double us = mflop / (per_sm * cal->mma_efficiency) * neighbours +
		    cal->tile_cycles / dev->clock_mhz;

	return us * pow(shape->head_dim / reference_head_dim, cal->head_dim_exponent);
}

static struct cta_class tiled_ctas(const struct sw__tiling *t, double sequences, double tile_us,
				   double cta_us)
{
	return (struct cta_class){
		.count = sequences * t->ctas,
		.longest_us = sequences > 0 ? t->per_kv * tile_us + cta_us : 0,
		.shortest_us = sequences > 0 ? t->first * tile_us + cta_us : 0,
		.total_us = sequences * (t->blocks * tile_us + t->ctas * cta_us),
	};
}

struct prefill_work {
	struct sw__tiling tiling;
	double rows_per_token;
	double sequences; /* times heads (KV heads, where the kernel packs them) */
};

static struct prefill_work prefill_work(const struct sw__prefill_cal *cal,
					const struct sw__attention_shape *shape, double batch,
					double tokens, double kv_before)
{
	bool packs = cal->packs_heads > 0;
	double rows = packs ? query_heads_per_kv(shape) : 1;

	return (struct prefill_work){
		.tiling = sw__tile_sequence(cal->tile_rows, cal->tile_elements, shape->head_dim,
					    rows, tokens, kv_before),
		.rows_per_token = rows,
		.sequences = batch * (packs ? shape->kv_heads : shape->heads),
	};
}

static double prefill_compute_us(const struct sw__prefill_cal *cal, const struct sw__device *dev,
				 const struct sw__attention_shape *shape,
				 const struct prefill_work *work)
{
	double count = work->sequences * work->tiling.ctas;
	double tile = prefill_tile_us(cal, dev, shape, work->tiling.columns, count);
	struct cta_class ctas =
		tiled_ctas(&work->tiling, work->sequences, tile, cal->cta_cycles / dev->clock_mhz);
	struct cta_class none = {0};

	return makespan_us(&ctas, &none, dev->sms * cal->ctas_per_sm, cal->raggedness);
}

/* Q, O and new K, V pass through L2 from kernel to kernel if they fit; older context only in a benchmark loop. */
static double prefill_dram_bytes(const struct sw__prefill_cal *cal, const struct sw__device *dev,
				 const struct sw__attention_shape *shape, double tokens,
				 double context)
{
	double q = tokens * query_bytes(dev, shape);
	double kv = tokens * kv_bytes_per_token(shape);
	double old = context * kv_bytes_per_token(shape);
	double kept = cal->l2_reach * dev->l2_mib * 1048576;
	double all = 2 * (q + kv);

	return (2 * q + cal->kv_traffic * kv) * miss_fraction(all, kept, cal->l2_sharpness) +
	       old * miss_fraction(all + old, kept * shape->kv_in_l2, cal->l2_sharpness);
}

struct sw__attention_cost sw__prefill_attention(const struct sw__prefill_cal *cal,
						const struct sw__device *dev,
						const struct sw__attention_shape *shape,
						double batch, double input_len, double kv_before)
{
	struct prefill_work work = prefill_work(cal, shape, batch, input_len, kv_before);
	double tokens = batch * input_len;
	double bytes = prefill_dram_bytes(cal, dev, shape, tokens, batch * kv_before);
	double bandwidth = dram_bytes_us(dev, cal->dram_efficiency, cal->bandwidth_knee);
	double compute = prefill_compute_us(cal, dev, shape, &work);

	assert(dev->sms > 0 && dev->sms <= dev->gpu_sms);
	if (!(tokens > 0))
		return (struct sw__attention_cost){0};
	return (struct sw__attention_cost){
		.us = cal->launch_us + p_norm(compute, bytes / bandwidth, cal->overlap) +
		      cache_write_us(tokens, shape, cal->write_ns, cal->write_exponent),
		.dram_gb = bytes * 1e-9,
		.tflop = attention_tflop(shape, batch * sw__attention_pairs(input_len, kv_before)),
	};
}

struct decode_split {
	double ctas; /* of all sequences, splits included */
	double splits; /* of one context */
	double tiles; /* each passes */
	double columns;
};

/*
 * Contexts are split until the whole GPU has split_ctas_per_sm CTAs per SM, as FlashAttention does; a real number of
 * splits instead of its search over whole ones keeps the time smooth at no loss in accuracy. gpu_sms, because a smaller
 * slice must not look faster by combining fewer splits.
 */
static struct decode_split split_contexts(const struct sw__decode_cal *cal,
					  const struct sw__device *dev,
					  const struct sw__attention_shape *shape, double batch,
					  double context)
{
	double group = query_heads_per_kv(shape);
	double ctas = batch * shape->kv_heads * ceil(group / cal->tile_rows);
	double columns = tile_columns(cal->tile_elements, shape->head_dim);
	double blocks = ceil(context / columns);
	double most = clamp(blocks / cal->split_min_blocks, 1, cal->split_max);
	double splits = clamp(cal->split_ctas_per_sm * dev->gpu_sms / ctas, 1, most);

	if (!(cal->packs_heads > 0) && group <= 1)
		splits =
			1; /* without heads to put together it runs as a prompt of one token, which is never split */
	return (struct decode_split){ctas * splits, splits, blocks / splits, columns};
}

struct decode_time {
	double cta_us; /* a CTA alone on its SM */
	double ctas_us; /* all of them */
};

static struct decode_time decode_time(const struct sw__decode_cal *cal,
				      const struct sw__device *dev,
				      const struct sw__attention_shape *shape,
				      const struct decode_split *split)
{
	double waves = fmax(split->ctas / (dev->sms * cal->ctas_per_sm), 1);
	double neighbours = clamp(split->ctas / dev->sms, 1, cal->ctas_per_sm) - 1;
	double us =
		pow(shape->head_dim / reference_head_dim, cal->head_dim_exponent) / dev->clock_mhz;
	double tile = cal->tile_cycles * split->columns * shape->head_dim / reference_tile;
	double cta = (cal->cta_cycles + split->tiles * tile) * us;

	waves += cal->wave_quantum * (ceil(waves) - waves);
	return (struct decode_time){
		.cta_us = cal->cta_cycles * us,
		.ctas_us = waves * cta * (1 + cal->crowding * neighbours),
	};
}

/* Bytes at full bandwidth, and the first CTA's start, which nothing hides: no more than the bytes themselves take. */
static double fetch_us(double bytes_us, double start_us)
{
	return bytes_us > 0 ? bytes_us + bytes_us * start_us / (bytes_us + start_us) : 0;
}

/* Two more kernels put the query heads of a KV head together and their outputs back; one sequence or one KV head needs
 * none, because they lie together already. */
static double reorder_us(const struct sw__decode_cal *cal, const struct sw__device *dev,
			 const struct sw__attention_shape *shape, double batch)
{
	double bytes = 4 * batch * query_bytes(dev, shape);

	if (cal->packs_heads > 0 || shape->kv_heads <= 1 || query_heads_per_kv(shape) <= 1)
		return 0;
	return clamp(batch - 1, 0, 1) *
	       (cal->reorder_us +
		bytes / dram_bytes_us(dev, cal->reorder_efficiency, cal->bandwidth_knee));
}

static double combine_us(const struct sw__decode_cal *cal, double splits)
{
	return clamp((splits - 1) / combine_ramp, 0, 1) *
	       (cal->combine_us + cal->combine_split_us * splits);
}

struct sw__attention_cost sw__decode_attention(const struct sw__decode_cal *cal,
					       const struct sw__device *dev,
					       const struct sw__attention_shape *shape,
					       double batch, double kv_tokens)
{
	static const double sharpness =
		8; /* of L2's end; decode sets are read in order, so it is sharp. Fits: 8 to 12 */
	double kept = cal->l2_reach * dev->l2_mib * 1048576 * shape->kv_in_l2;
	double kv = kv_tokens * kv_bytes_per_token(shape);
	double bytes = kv * miss_fraction(kv, kept, sharpness);
	double bandwidth = dram_bytes_us(dev, cal->dram_efficiency, cal->bandwidth_knee);
	struct decode_split split;
	struct decode_time time;

	assert(dev->sms > 0 && dev->sms <= dev->gpu_sms);
	if (!(batch > 0))
		return (struct sw__attention_cost){0};
	split = split_contexts(cal, dev, shape, batch, fmax(kv_tokens / batch, 1));
	time = decode_time(cal, dev, shape, &split);
	return (struct sw__attention_cost){
		.us = cal->launch_us + reorder_us(cal, dev, shape, batch) +
		      combine_us(cal, split.splits) +
		      cache_write_us(batch, shape, cal->write_ns, cal->write_exponent) +
		      p_norm(time.ctas_us, fetch_us(bytes / bandwidth, time.cta_us), cal->overlap),
		.dram_gb = bytes * 1e-9,
		.tflop = attention_tflop(shape, kv_tokens),
	};
}

/* The two kinds of CTA of a mixed batch in the prefill kernel. */
struct mixed_work {
	struct prefill_work prompts;
	struct prefill_work decodes;
	double slots;
	double tile_us;
	double cta_us;
	double idle_us;
};

static struct mixed_work mixed_work(const struct sw__attention_cal *cal,
				    const struct sw__device *dev,
				    const struct sw__attention_shape *shape,
				    const struct sw__attention_batch *b)
{
	const struct sw__prefill_cal *p = &cal->prefill;
	double context = fmax(b->kv_decode / b->decodes, 1);
	struct mixed_work w = {
		.prompts = prefill_work(p, shape, b->prompts, b->chunk, b->kv_prefill),
		.decodes = prefill_work(p, shape, b->decodes, 1, context - 1),
		.slots = dev->sms * p->ctas_per_sm,
		.cta_us = cal->mixed.cta_cycles / dev->clock_mhz,
		.idle_us = cal->mixed.idle_cta_cycles / dev->clock_mhz,
	};
	double count = w.prompts.sequences * w.prompts.tiling.ctas +
		       w.decodes.sequences * w.decodes.tiling.ctas;

	w.tile_us = cal->mixed.tile_ratio *
		    prefill_tile_us(p, dev, shape, w.prompts.tiling.columns, count);
	return w;
}

static double mixed_ctas_us(const struct sw__mixed_cal *cal, const struct mixed_work *w)
{
	struct cta_class prompts =
		tiled_ctas(&w->prompts.tiling, w->prompts.sequences, w->tile_us, w->cta_us);
	struct cta_class decodes =
		tiled_ctas(&w->decodes.tiling, w->decodes.sequences, w->tile_us, w->cta_us);

	/* The grid has as many CTAs for each decode as the longest prompt needs; the idle ones look and leave. */
	decodes.total_us += w->decodes.sequences *
			    fmax(w->prompts.tiling.ctas - w->decodes.tiling.ctas, 0) * w->idle_us;
	return makespan_us(&prompts, &decodes, w->slots, cal->raggedness);
}

/*
 * The kernel runs one query head of the whole batch after the other. Heads that run at once read a KV head's set once
 * together; a later one reads it again unless the set stayed in L2.
 */
static double decode_passes(const struct sw__mixed_cal *cal, const struct sw__device *dev,
			    const struct sw__attention_shape *shape,
			    const struct sw__attention_batch *b, const struct mixed_work *w)
{
	double readers = query_heads_per_kv(shape) / w->prompts.rows_per_token;
	double ctas_per_head =
		b->decodes * w->decodes.tiling.ctas + b->prompts * w->prompts.tiling.ctas;
	double at_once = pow(fmax(w->slots / ctas_per_head, 1), cal->reread_exponent);
	double tokens = b->kv_decode + b->prompts * (b->kv_prefill + b->chunk);
	double set = tokens * kv_bytes_per_token(shape) / shape->kv_heads;
	double missed =
		miss_fraction(set, cal->l2_reach * dev->l2_mib * 1048576, cal->l2_sharpness);

	return 1 + fmax(readers / at_once - 1, 0) * missed;
}

static struct sw__attention_cost mixed_attention(const struct sw__attention_cal *cal,
						 const struct sw__device *dev,
						 const struct sw__attention_shape *shape,
						 const struct sw__attention_batch *b)
{
	const struct sw__mixed_cal *m = &cal->mixed;
	struct mixed_work w = mixed_work(cal, dev, shape, b);
	double context = b->prompts * (b->kv_prefill + b->chunk);
	double tokens = b->prompts * b->chunk + b->decodes;
	double kv_read = context + b->kv_decode * decode_passes(m, dev, shape, b, &w);
	double bytes = kv_read * kv_bytes_per_token(shape) + 2 * tokens * query_bytes(dev, shape);
	double dram = bytes / dram_bytes_us(dev, m->dram_efficiency, cal->prefill.bandwidth_knee);

	assert(dev->sms > 0 && dev->sms <= dev->gpu_sms);
	return (struct sw__attention_cost){
		.us = m->launch_us + p_norm(mixed_ctas_us(m, &w), dram, m->overlap),
		.dram_gb = bytes * 1e-9,
		.tflop = attention_tflop(shape,
					 b->prompts * sw__attention_pairs(b->chunk, b->kv_prefill) +
						 b->kv_decode),
	};
}

struct sw__attention_cost sw__attention(const struct sw__attention_cal *cal,
					const struct sw__device *dev,
					const struct sw__attention_shape *shape,
					const struct sw__attention_batch *batch)
{
	double prompts = batch->chunk > 0 ? batch->prompts : 0;

	if (prompts > 0 && batch->decodes > 0)
		return mixed_attention(cal, dev, shape, batch);
	if (prompts > 0 && batch->chunk > 1)
		return sw__prefill_attention(&cal->prefill, dev, shape, prompts, batch->chunk,
					     batch->kv_prefill);
	if (prompts > 0) /* one token each: an engine runs them as decodes */
		return sw__decode_attention(&cal->decode, dev, shape, prompts,
					    prompts * (batch->kv_prefill + batch->chunk));
	return sw__decode_attention(&cal->decode, dev, shape, batch->decodes, batch->kv_decode);
}

double sw__prefill_attention_us(const struct sw__prefill_cal *cal, const struct sw__device *dev,
				const struct sw__attention_shape *shape, double batch,
				double input_len, double kv_before)
{
	return sw__prefill_attention(cal, dev, shape, batch, input_len, kv_before).us;
}

double sw__decode_attention_us(const struct sw__decode_cal *cal, const struct sw__device *dev,
			       const struct sw__attention_shape *shape, double batch,
			       double kv_tokens)
{
	return sw__decode_attention(cal, dev, shape, batch, kv_tokens).us;
}

double sw__attention_us(const struct sw__attention_cal *cal, const struct sw__device *dev,
			const struct sw__attention_shape *shape,
			const struct sw__attention_batch *batch)
{
	return sw__attention(cal, dev, shape, batch).us;
}

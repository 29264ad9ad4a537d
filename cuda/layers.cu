// SPDX-License-Identifier: Apache-2.0
#include "layers.h"

#include "portable.h"

enum { FILL_THREADS = 256, ROW_THREADS = 256, ROPE_THREADS = 128, WARPS_MAX = 32 };

/* What grids of one-element kernels have at most: threads stride over the rest. */
#define BLOCKS_MAX 65535u

/* splitmix64's finaliser: neighbours get unrelated numbers. */
#ifdef __CUDACC__
__host__
#endif
DEVICE float hashed(uint64_t seed, uint64_t i)
{
	uint64_t z = seed + (i + 1) * 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	z ^= z >> 31;
	return ((float)(int32_t)(z >> 40) + 0.5f) * (1.0f / 8388608) - 1; /* [0, 2^24) to (-1, 1) */
}

#define SQRT_3 1.7320508f /* a uniform number in (-1, 1) has deviation 1 / sqrt(3) */

extern "C" float layers_weight(uint64_t seed, uint64_t i, float deviation)
{
	return hashed(seed, i) * (SQRT_3 * deviation);
}

KERNEL fill_kernel(struct bf16 *to, uint64_t n, uint64_t seed, float deviation, uint32_t blocks)
{
	uint64_t stride = (uint64_t)blocks * block_threads();

	for (uint64_t i = (uint64_t)block_x() * block_threads() + thread_id(); i < n; i += stride)
		to[i] = float_to_bf16(hashed(seed, i) * (SQRT_3 * deviation));
}

KERNEL value_kernel(struct bf16 *to, uint64_t n, float value, uint32_t blocks)
{
	uint64_t stride = (uint64_t)blocks * block_threads();

	for (uint64_t i = (uint64_t)block_x() * block_threads() + thread_id(); i < n; i += stride)
		to[i] = float_to_bf16(value);
}

static uint32_t blocks_for(uint64_t n, uint32_t threads)
{
	uint64_t blocks = (n + threads - 1) / threads;

	return (uint32_t)(blocks < BLOCKS_MAX ? blocks : BLOCKS_MAX);
}

extern "C" void layers_fill(struct bf16 *weights, uint64_t n, uint64_t seed, float deviation,
			    void *stream)
{
	uint32_t blocks = blocks_for(n, FILL_THREADS);

	if (n)
		LAUNCH_APART(fill_kernel, blocks, FILL_THREADS, 0, stream, weights, n, seed, deviation,
		       blocks);
}

extern "C" void layers_fill_value(struct bf16 *to, uint64_t n, float value, void *stream)
{
	uint32_t blocks = blocks_for(n, FILL_THREADS);

	if (n)
		LAUNCH_APART(value_kernel, blocks, FILL_THREADS, 0, stream, to, n, value, blocks);
}

/* Eight elements at a time. */
struct eight {
	uint32_t r[4];
};

DEVICE struct eight load8(const struct bf16 *from)
{
#ifdef __CUDACC__
	uint4 x = *(const uint4 *)from;
	struct eight e = {{x.x, x.y, x.z, x.w}};
#else
	struct eight e;

	memcpy(&e, from, sizeof(e));
#endif
	return e;
}

DEVICE void store8(struct bf16 *to, struct eight e)
{
#ifdef __CUDACC__
	*(uint4 *)to = make_uint4(e.r[0], e.r[1], e.r[2], e.r[3]);
#else
	memcpy(to, &e, sizeof(e));
#endif
}

KERNEL embed_kernel(const struct bf16 *table, const int32_t *token, uint32_t width,
		    struct bf16 *out)
{
	const struct bf16 *from = table + (uint64_t)token[block_x()] * width;

	for (uint32_t i = 8 * thread_id(); i < width; i += 8 * block_threads())
		store8(out + (uint64_t)block_x() * width + i, load8(from + i));
}

extern "C" void layers_embed(const struct bf16 *table, const int32_t *token, uint32_t n,
			     uint32_t width, struct bf16 *out, void *stream)
{
	if (n)
		LAUNCH_APART(embed_kernel, n, ROW_THREADS, 0, stream, table, token, width, out);
}

DEVICE float warp_sum(float x)
{
	for (int mask = 16; mask > 0; mask /= 2)
		x += shuffle_xor(x, mask);
	return x;
}

/* The same sum for every thread of the block. */
DEVICE float block_sum(float x, float *shared)
{
	uint32_t warps = block_threads() / 32;
	float sum = 0;

	x = warp_sum(x);
	if (thread_id() % 32 == 0)
		shared[thread_id() / 32] = x;
	block_barrier();
	for (uint32_t i = 0; i < warps; i++)
		sum += shared[i];
	return sum;
}

DEVICE float square_sum(struct eight e)
{
	float sum = 0;

	for (int i = 0; i < 4; i++)
		sum += low_half(e.r[i]) * low_half(e.r[i]) + high_half(e.r[i]) * high_half(e.r[i]);
	return sum;
}

KERNEL norm_kernel(const struct bf16 *in, const int32_t *row, const struct bf16 *weight,
		   uint32_t width, float epsilon, struct bf16 *out)
{
	SHARED_ARRAY(float, partial, WARPS_MAX);
	const struct bf16 *from = in + (uint64_t)(row ? (uint32_t)row[block_x()] : block_x()) * width;
	float sum = 0, scale;

	for (uint32_t i = 8 * thread_id(); i < width; i += 8 * block_threads())
		sum += square_sum(load8(from + i));
	scale = 1 / sqrtf(block_sum(sum, partial) / (float)width + epsilon);
	for (uint32_t i = 8 * thread_id(); i < width; i += 8 * block_threads()) {
		struct eight x = load8(from + i), w = load8(weight + i);

		for (int k = 0; k < 4; k++)
			x.r[k] = pack_bf16(low_half(x.r[k]) * scale * low_half(w.r[k]),
					   high_half(x.r[k]) * scale * high_half(w.r[k]));
		store8(out + (uint64_t)block_x() * width + i, x);
	}
}

extern "C" void layers_norm(const struct bf16 *in, const int32_t *row, const struct bf16 *weight,
			    uint32_t n, uint32_t width, float epsilon, struct bf16 *out,
			    void *stream)
{
	if (n)
		LAUNCH(norm_kernel, n, ROW_THREADS, 0, stream, in, row, weight, width, epsilon,
		       out);
}

/* One warp has one head of one token; lane i has the pairs i, i + 32, ... of (x[p], x[p + head_dim / 2]). */
enum { PAIRS_MAX = 2 };

struct head {
	float a[PAIRS_MAX], b[PAIRS_MAX];
};

DEVICE struct head load_head(const struct rope_call *c, const struct bf16 *from, uint32_t first)
{
	uint32_t half = c->head_dim / 2, lane = thread_id() % 32;
	struct head h;

	for (uint32_t k = 0; k < half / 32; k++) {
		uint32_t p = lane + 32 * k;

		h.a[k] = bf16_to_float(from[p]);
		h.b[k] = bf16_to_float(from[p + half]);
		if (c->bias) {
			h.a[k] += bf16_to_float(c->bias[first + p]);
			h.b[k] += bf16_to_float(c->bias[first + p + half]);
		}
	}
	return h;
}

DEVICE void norm_head(const struct rope_call *c, const struct bf16 *weight, struct head *h)
{
	uint32_t half = c->head_dim / 2, lane = thread_id() % 32;
	float sum = 0, scale;

	for (uint32_t k = 0; k < half / 32; k++)
		sum += h->a[k] * h->a[k] + h->b[k] * h->b[k];
	scale = 1 / sqrtf(warp_sum(sum) / (float)c->head_dim + c->epsilon);
	for (uint32_t k = 0; k < half / 32; k++) {
		h->a[k] *= scale * bf16_to_float(weight[lane + 32 * k]);
		h->b[k] *= scale * bf16_to_float(weight[lane + 32 * k + half]);
	}
}

DEVICE void turn(const struct rope_call *c, int32_t position, struct head *h)
{
	uint32_t half = c->head_dim / 2, lane = thread_id() % 32;

	for (uint32_t k = 0; k < half / 32; k++) {
		float p = (float)(lane + 32 * k) / (float)half;
		float angle = (float)position * powf(c->theta, -p);
		float cosine = cosf(angle), sine = sinf(angle), a = h->a[k];

		h->a[k] = a * cosine - h->b[k] * sine;
		h->b[k] = h->b[k] * cosine + a * sine;
	}
}

DEVICE void store_head(const struct rope_call *c, const struct head *h, struct bf16 *to)
{
	uint32_t half = c->head_dim / 2, lane = thread_id() % 32;

	for (uint32_t k = 0; k < half / 32; k++) {
		to[lane + 32 * k] = float_to_bf16(h->a[k]);
		to[lane + 32 * k + half] = float_to_bf16(h->b[k]);
	}
}

DEVICE struct bf16 *cache_place(const struct rope_call *c, struct bf16 *cache, int64_t slot,
				uint32_t kv_head)
{
	return cache + (((uint64_t)slot / 16 * c->kv_heads + kv_head) * 16 + (uint64_t)slot % 16) *
			       c->head_dim;
}

KERNEL rope_kernel(struct rope_call c)
{
	uint32_t all = c.heads + 2 * c.kv_heads, warps = block_threads() / 32;
	uint32_t token = block_x(), head = block_y() * warps + thread_id() / 32;
	bool query = head < c.heads, key = !query && head < c.heads + c.kv_heads;
	struct bf16 *at;
	struct head h;

	if (head >= all)
		return;
	at = c.qkv + ((uint64_t)token * all + head) * c.head_dim;
	h = load_head(&c, at, head * c.head_dim);
	if (query && c.q_norm)
		norm_head(&c, c.q_norm, &h);
	if (key && c.k_norm)
		norm_head(&c, c.k_norm, &h);
	if (query || key)
		turn(&c, c.position[token], &h);
	if (query)
		store_head(&c, &h, at);
	else if (c.slot[token] >= 0)
		store_head(&c, &h,
			   key ? cache_place(&c, c.keys, c.slot[token], head - c.heads)
			       : cache_place(&c, c.values, c.slot[token],
					     head - c.heads - c.kv_heads));
}

extern "C" void layers_rope(const struct rope_call *call, void *stream)
{
	uint32_t warps = ROPE_THREADS / 32;
	struct rope_call c = *call;

	if (c.n)
		LAUNCH(rope_kernel, dim3(c.n, (c.heads + 2 * c.kv_heads + warps - 1) / warps),
		       ROPE_THREADS, 0, stream, c);
}

DEVICE float silu(float x)
{
	return x / (1 + expf(-x));
}

KERNEL silu_kernel(const struct bf16 *in, uint32_t width, struct bf16 *out)
{
	const uint32_t *gate = (const uint32_t *)(in + (uint64_t)block_x() * 2 * width);
	const uint32_t *up = gate + width / 2;
	uint32_t *to = (uint32_t *)(out + (uint64_t)block_x() * width);

	for (uint32_t i = block_y() * block_threads() + thread_id(); i < width / 2;
	     i += 8 * block_threads())
		to[i] = pack_bf16(silu(low_half(gate[i])) * low_half(up[i]),
				  silu(high_half(gate[i])) * high_half(up[i]));
}

extern "C" void layers_silu(const struct bf16 *in, uint32_t n, uint32_t width, struct bf16 *out,
			    void *stream)
{
	if (n)
		LAUNCH_APART(silu_kernel, dim3(n, 8), ROW_THREADS, 0, stream, in, width, out);
}

KERNEL scatter_kernel(const int32_t *place, const int32_t *value, uint32_t n, int32_t *to)
{
	uint32_t i = block_x() * block_threads() + thread_id();

	if (i < n)
		to[place[i]] = value[i];
}

extern "C" void layers_scatter(const int32_t *place, const int32_t *value, uint32_t n, int32_t *to,
			       void *stream)
{
	if (n)
		LAUNCH_APART(scatter_kernel, (n + FILL_THREADS - 1) / FILL_THREADS, FILL_THREADS, 0,
		       stream, place, value, n, to);
}

struct best {
	float value;
	uint32_t place;
};

DEVICE struct best better(struct best a, struct best b)
{
	return b.value > a.value || (b.value == a.value && b.place < a.place) ? b : a;
}

KERNEL argmax_kernel(const struct bf16 *logits, uint32_t vocabulary, int32_t *token)
{
	SHARED_ARRAY(struct best, found, ROW_THREADS);
	const struct bf16 *row = logits + (uint64_t)block_x() * vocabulary;
	struct best mine = {-3.4e38f, vocabulary};

	for (uint32_t i = thread_id(); i < vocabulary; i += block_threads()) {
		struct best one = {bf16_to_float(row[i]), i};

		mine = better(mine, one);
	}
	found[thread_id()] = mine;
	for (uint32_t half = block_threads() / 2; half > 0; half /= 2) {
		block_barrier();
		if (thread_id() < half)
			found[thread_id()] = better(found[thread_id()], found[thread_id() + half]);
	}
	if (thread_id() == 0)
		token[block_x()] = found[0].place < vocabulary ? (int32_t)found[0].place : 0;
}

extern "C" void layers_argmax(const struct bf16 *logits, uint32_t n, uint32_t vocabulary,
			      int32_t *token, void *stream)
{
	if (n)
		LAUNCH(argmax_kernel, n, ROW_THREADS, 0, stream, logits, vocabulary, token);
}

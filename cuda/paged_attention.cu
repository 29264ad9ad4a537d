// SPDX-License-Identifier: Apache-2.0
/*
 * Online softmax over tiles of the context (Dao et al. 2022), on tensor cores. A row is one query token of one of the
 * heads that share a KV head: row r of a sequence is token r / group, head r % group, so that one read of K and V serves
 * the whole group. Prompts: a block has 64 rows, a warp 16 of them, all warps see all tiles. Decodes: a block has the
 * group's rows (at most 16), its warps take 16 tokens each of a tile, and their sums are merged at the end; a long
 * context is cut into parts, which another kernel puts together.
 */
#include "paged_attention.h"

#include "portable.h"

enum { WARPS = 4, THREADS = 32 * WARPS, WARP_ROWS = 16, TILE = 64, STAGES = 2 };

/* Scores are powers of two: exp(x) = 2^(x log2 e). */
#define LOG2_E 1.4426950408889634f
/* Far below any score, and finite: differences of two of them are 0 and not NAN. */
#define LEAST (-1e30f)

/* A row of head_dim elements in shared memory, in chunks of 8; chunks change places from row to row, so that 8 rows of the
 * same chunk lie in different banks. */
template <int HD> DEVICE uint32_t swizzled(uint32_t row, uint32_t chunk)
{
	return row * HD + 8 * (chunk ^ (row % 8));
}

/* What one block works on. */
struct job {
	uint32_t sequence, kv_head;
	uint32_t group;
	uint32_t q_first, q_tokens; /* of the sequence */
	uint32_t kv_length;
	uint32_t row_first; /* of the block */
	uint32_t kv_from, kv_to; /* tokens of context to pass */
};

DEVICE bool row_exists(const struct job *j, uint32_t row)
{
	return j->row_first + row < j->q_tokens * j->group;
}

/* One more than the last token that a row sees. */
DEVICE uint32_t row_end(const struct job *j, uint32_t row)
{
	return j->kv_length - j->q_tokens + (j->row_first + row) / j->group + 1;
}

DEVICE uint64_t q_offset(const struct attention_call *c, const struct job *j, uint32_t row)
{
	uint32_t r = j->row_first + row;
	uint64_t token = j->q_first + r / j->group;
	uint32_t head = j->kv_head * j->group + r % j->group;

	return token * c->q_stride + (uint64_t)head * c->head_dim;
}

DEVICE uint64_t out_offset(const struct attention_call *c, const struct job *j, uint32_t row)
{
	uint32_t r = j->row_first + row;
	uint64_t token = j->q_first + r / j->group;
	uint32_t head = j->kv_head * j->group + r % j->group;

	return (token * c->heads + head) * c->head_dim;
}

template <int HD>
DEVICE void load_queries(const struct attention_call *c, const struct job *j, struct bf16 *to,
			 uint32_t rows)
{
	for (uint32_t i = thread_id(); i < rows * (HD / 8); i += THREADS) {
		uint32_t row = i / (HD / 8), chunk = i % (HD / 8);
		bool there = row_exists(j, row);
		const struct bf16 *from = c->q + (there ? q_offset(c, j, row) + 8 * chunk : 0);

		copy16_async(to + swizzled<HD>(row, chunk), from, there);
	}
}

/* TILE tokens of K and V from token `first` on; zeroes beyond the end. */
template <int HD>
DEVICE void load_tile(const struct attention_call *c, const struct job *j, uint32_t first,
		      struct bf16 *keys, struct bf16 *values)
{
	uint64_t table_row = c->table_row ? (uint32_t)c->table_row[j->sequence] : j->sequence;
	const int32_t *table = c->block_table + table_row * c->table_width;

	for (uint32_t i = thread_id(); i < TILE * (HD / 8); i += THREADS) {
		uint32_t row = i / (HD / 8), chunk = i % (HD / 8), token = first + row;
		bool there = token < j->kv_to;
		uint64_t from = 0;

		if (there) {
			uint64_t block = (uint64_t)table[token / KV_BLOCK_TOKENS];

			from = ((block * c->kv_heads + j->kv_head) * KV_BLOCK_TOKENS +
				token % KV_BLOCK_TOKENS) *
				       HD +
			       8 * chunk;
		}
		copy16_async(keys + swizzled<HD>(row, chunk), c->keys + from, there);
		copy16_async(values + swizzled<HD>(row, chunk), c->values + from, there);
	}
}

/* A warp's 16 rows: their queries, and what they have summed up so far. A lane holds rows lane / 4 and 8 more. */
template <int HD> struct rows {
	struct fragment_a q[HD / 16];
	struct fragment_c out[HD / 8];
	float most[2], sum[2]; /* of the rows: largest score, sum of the weights of this lane's columns */
};

template <int HD> DEVICE void take_queries(struct rows<HD> *r, const struct bf16 *q, uint32_t row)
{
	uint32_t lane = thread_id() % 32;

	for (uint32_t k = 0; k < HD / 16; k++)
		load_matrices(r->q[k].r,
			      q + swizzled<HD>(row + lane % 16, 2 * k + lane / 16));
}

template <int HD> DEVICE void clear(struct rows<HD> *r)
{
	for (int i = 0; i < 2; i++) {
		r->most[i] = LEAST;
		r->sum[i] = 0;
	}
	for (int i = 0; i < HD / 8; i++)
		r->out[i].r[0] = r->out[i].r[1] = r->out[i].r[2] = r->out[i].r[3] = 0;
}

/* Scores of 16 rows against 8 * N tokens from shared-memory row `token` on. */
template <int HD, int N>
DEVICE void score(const struct rows<HD> *r, const struct bf16 *keys, uint32_t token,
		  struct fragment_c s[N])
{
	uint32_t lane = thread_id() % 32;

	for (int n = 0; n < N; n++)
		s[n].r[0] = s[n].r[1] = s[n].r[2] = s[n].r[3] = 0;
	for (uint32_t k = 0; k < HD / 16; k++)
		for (int n = 0; n < N; n += 2) {
			uint32_t b[4];
			uint32_t row = token + 8 * n + lane % 8 + 8 * (lane / 16);

			load_matrices(b, keys + swizzled<HD>(row, 2 * k + (lane / 8) % 2));
			multiply_add(&s[n], &r->q[k], b[0], b[1]);
			multiply_add(&s[n + 1], &r->q[k], b[2], b[3]);
		}
}

/* Scales, and hides what a row does not see. `first` is the context token of the first column. */
template <int N>
DEVICE void mask(const struct attention_call *c, const struct job *j, uint32_t row, uint32_t first,
		 float scale, struct fragment_c s[N])
{
	uint32_t lane = thread_id() % 32;

	for (int i = 0; i < 2; i++) {
		uint32_t mine = row + lane / 4 + 8 * i;
		uint32_t end = row_exists(j, mine) ? row_end(j, mine) : 0;
		uint32_t begin = c->window && end > c->window ? end - c->window : 0;

		end = end < j->kv_to ? end : j->kv_to;
		for (int n = 0; n < N; n++)
			for (int k = 0; k < 2; k++) {
				uint32_t token = first + 8 * n + 2 * (lane % 4) + k;
				float *x = &s[n].r[2 * i + k];

				*x = token >= begin && token < end ? *x * scale : LEAST;
			}
	}
}

/* Scores become weights; what was summed up is scaled to the new largest score. */
template <int HD, int N> DEVICE void weigh(struct rows<HD> *r, struct fragment_c s[N])
{
	for (int i = 0; i < 2; i++) {
		float most = r->most[i], shrink, sum = 0;

		for (int n = 0; n < N; n++)
			most = fmaxf(most, fmaxf(s[n].r[2 * i], s[n].r[2 * i + 1]));
		most = fmaxf(most, shuffle_xor(most, 1));
		most = fmaxf(most, shuffle_xor(most, 2));
		shrink = fast_exp2(r->most[i] - most);
		for (int n = 0; n < N; n++)
			for (int k = 0; k < 2; k++) {
				float *x = &s[n].r[2 * i + k];

				*x = *x <= LEAST ? 0 : fast_exp2(*x - most);
				sum += *x;
			}
		r->sum[i] = r->sum[i] * shrink + sum;
		r->most[i] = most;
		for (int d = 0; d < HD / 8; d++) {
			r->out[d].r[2 * i] *= shrink;
			r->out[d].r[2 * i + 1] *= shrink;
		}
	}
}

/* out += weights (16 x 8 N) values. */
template <int HD, int N>
DEVICE void add_values(struct rows<HD> *r, const struct bf16 *values, uint32_t token,
		       const struct fragment_c s[N])
{
	uint32_t lane = thread_id() % 32;

	for (int n = 0; n < N; n += 2) {
		struct fragment_a p = {{pack_bf16(s[n].r[0], s[n].r[1]),
					pack_bf16(s[n].r[2], s[n].r[3]),
					pack_bf16(s[n + 1].r[0], s[n + 1].r[1]),
					pack_bf16(s[n + 1].r[2], s[n + 1].r[3])}};

		for (uint32_t d = 0; d < HD / 8; d += 2) {
			uint32_t b[4];
			uint32_t row = token + 8 * n + lane % 16;

			load_matrices_transposed(b, values + swizzled<HD>(row, d + lane / 16));
			multiply_add(&r->out[d], &p, b[0], b[1]);
			multiply_add(&r->out[d + 1], &p, b[2], b[3]);
		}
	}
}

template <int HD, int N>
DEVICE void pass_tile(const struct attention_call *c, const struct job *j, struct rows<HD> *r,
		      uint32_t row, const struct bf16 *keys, const struct bf16 *values,
		      uint32_t token, uint32_t first, float scale)
{
	struct fragment_c s[N];

	score<HD, N>(r, keys, token, s);
	mask<N>(c, j, row, first + token, scale, s);
	weigh<HD, N>(r, s);
	add_values<HD, N>(r, values, token, s);
}

/* A row's weights are summed over the four lanes that hold its columns. */
template <int HD> DEVICE void finish_sums(struct rows<HD> *r)
{
	for (int i = 0; i < 2; i++) {
		r->sum[i] += shuffle_xor(r->sum[i], 1);
		r->sum[i] += shuffle_xor(r->sum[i], 2);
	}
}

DEVICE float score_scale(const struct attention_call *c)
{
	return LOG2_E / sqrtf((float)c->head_dim);
}

/* Tiles of the context, the next one on its way while this one is worked on. */
template <int HD, int N, bool SHARED_TILE>
DEVICE void pass_context(const struct attention_call *c, const struct job *j, struct rows<HD> *r,
			 uint32_t row, struct bf16 *tiles)
{
	struct bf16 *keys = tiles, *values = tiles + STAGES * TILE * HD;
	uint32_t mine = SHARED_TILE ? 0 : (thread_id() / 32) * 8 * N; /* this warp's tokens */
	float scale = score_scale(c);
	uint32_t stage = 0;

	for (uint32_t first = j->kv_from; first < j->kv_to; first += TILE, stage ^= 1) {
		if (first + TILE < j->kv_to)
			load_tile<HD>(c, j, first + TILE, keys + (stage ^ 1) * TILE * HD,
				      values + (stage ^ 1) * TILE * HD);
		copies_commit();
		copies_wait<1>();
		block_barrier();
		pass_tile<HD, N>(c, j, r, row, keys + stage * TILE * HD,
				 values + stage * TILE * HD, mine, first, scale);
		block_barrier();
	}
}

template <int HD> DEVICE void write_rows(const struct attention_call *c, const struct job *j,
					 const struct rows<HD> *r, uint32_t row)
{
	uint32_t lane = thread_id() % 32;

	for (int i = 0; i < 2; i++) {
		uint32_t mine = row + lane / 4 + 8 * i;
		float scale = r->sum[i] > 0 ? 1 / r->sum[i] : 0;
		uint32_t *to;

		if (!row_exists(j, mine))
			continue;
		to = (uint32_t *)(c->out + out_offset(c, j, mine));
		for (int d = 0; d < HD / 8; d++)
			to[4 * d + lane % 4] = pack_bf16(r->out[d].r[2 * i] * scale,
							 r->out[d].r[2 * i + 1] * scale);
	}
}

template <int HD> KERNEL prefill_kernel(struct attention_call c)
{
	SHARED_BYTES(shared);
	struct bf16 *q = (struct bf16 *)shared, *tiles = q + WARPS * WARP_ROWS * HD;
	uint32_t row = (thread_id() / 32) * WARP_ROWS, last, window_from;
	struct job j;
	struct rows<HD> r;

	j.sequence = block_z();
	j.kv_head = block_y();
	j.group = c.heads / c.kv_heads;
	j.q_first = (uint32_t)c.q_start[j.sequence];
	j.q_tokens = (uint32_t)c.q_start[j.sequence + 1] - j.q_first;
	j.kv_length = (uint32_t)c.kv_length[j.sequence];
	j.row_first = block_x() * WARPS * WARP_ROWS;
	if (j.kv_length == 0 || j.row_first >= j.q_tokens * j.group)
		return;
	last = j.row_first + WARPS * WARP_ROWS - 1;
	last = last < j.q_tokens * j.group ? last : j.q_tokens * j.group - 1;
	j.kv_to = row_end(&j, last - j.row_first);
	window_from = row_end(&j, 0);
	j.kv_from = c.window && window_from > c.window ? window_from - c.window : 0;
	j.kv_from -= j.kv_from % TILE;
	load_queries<HD>(&c, &j, q, WARPS * WARP_ROWS);
	load_tile<HD>(&c, &j, j.kv_from, tiles, tiles + STAGES * TILE * HD);
	copies_commit();
	copies_wait<0>();
	block_barrier();
	take_queries<HD>(&r, q, row);
	clear<HD>(&r);
	pass_context<HD, TILE / 8, true>(&c, &j, &r, row, tiles);
	finish_sums<HD>(&r);
	write_rows<HD>(&c, &j, &r, row);
}

/* The part of a context that block z of a sequence has: whole tiles, as even as that allows. */
DEVICE void set_part(struct job *j, uint32_t window, uint32_t part, uint32_t parts)
{
	uint32_t from = window && j->kv_length > window ? j->kv_length - window : 0, tiles, each;

	from -= from % TILE;
	tiles = (j->kv_length - from + TILE - 1) / TILE;
	each = (tiles + parts - 1) / parts;
	j->kv_from = from + part * each * TILE;
	j->kv_to = j->kv_from + each * TILE;
	j->kv_to = j->kv_to < j->kv_length ? j->kv_to : j->kv_length;
}

/* One head's part of a decode: head_dim sums, the largest score, the sum of the weights. */
DEVICE float *part_of(float *workspace, const struct attention_call *c, uint32_t parts,
		      uint32_t sequence, uint32_t head, uint32_t part)
{
	return workspace + (((uint64_t)sequence * c->heads + head) * parts + part) *
				   (c->head_dim + 2);
}

/* The warps' sums, side by side in shared memory: [warp][row][head_dim + 2]. */
template <int HD> DEVICE void lay_out(const struct rows<HD> *r, float *shared, uint32_t group)
{
	uint32_t lane = thread_id() % 32, warp = thread_id() / 32;

	for (int i = 0; i < 2; i++) {
		uint32_t row = lane / 4 + 8 * i;
		float *to = shared + (warp * WARP_ROWS + row) * (HD + 2);

		if (row >= group)
			continue;
		for (int d = 0; d < HD / 8; d++)
			for (int k = 0; k < 2; k++)
				to[8 * d + 2 * (lane % 4) + k] = r->out[d].r[2 * i + k];
		if (lane % 4 == 0) {
			to[HD] = r->most[i];
			to[HD + 1] = r->sum[i];
		}
	}
}

/* Sums of several passes over parts of a context, put together: element d of one row. Parts `stride` floats apart. */
DEVICE float put_together(const float *parts, uint32_t n, uint32_t stride, uint32_t hd, uint32_t d,
			  float *most, float *sum)
{
	float out = 0;

	*most = LEAST;
	*sum = 0;
	for (uint32_t p = 0; p < n; p++)
		*most = fmaxf(*most, parts[p * stride + hd]);
	for (uint32_t p = 0; p < n; p++) {
		float weight = fast_exp2(parts[p * stride + hd] - *most);

		*sum += weight * parts[p * stride + hd + 1];
		out += weight * parts[p * stride + d];
	}
	return out;
}

template <int HD>
DEVICE void merge_warps(const struct attention_call *c, const struct job *j, const float *shared,
			float *workspace, uint32_t parts)
{
	for (uint32_t i = thread_id(); i < j->group * HD; i += THREADS) {
		uint32_t row = i / HD, d = i % HD;
		float most, sum;
		float x = put_together(shared + row * (HD + 2), WARPS, WARP_ROWS * (HD + 2), HD, d,
				       &most, &sum);
		float *to;

		if (parts == 1) {
			c->out[out_offset(c, j, row) + d] = float_to_bf16(sum > 0 ? x / sum : 0);
			continue;
		}
		to = part_of(workspace, c, parts, j->sequence, j->kv_head * j->group + row,
			     block_x());
		to[d] = x;
		if (d == 0) {
			to[HD] = most;
			to[HD + 1] = sum;
		}
	}
}

template <int HD>
KERNEL decode_kernel(struct attention_call c, uint32_t parts, float *workspace)
{
	SHARED_BYTES(shared);
	struct bf16 *q = (struct bf16 *)shared, *tiles = q + WARP_ROWS * HD;
	struct job j;
	struct rows<HD> r;

	j.sequence = block_z();
	j.kv_head = block_y();
	j.group = c.heads / c.kv_heads;
	j.q_first = (uint32_t)c.q_start[j.sequence];
	j.q_tokens = 1;
	j.kv_length = (uint32_t)c.kv_length[j.sequence];
	j.row_first = 0;
	if (j.kv_length == 0)
		return;
	set_part(&j, c.window, block_x(), parts);
	clear<HD>(&r);
	if (j.kv_from < j.kv_to) {
		load_queries<HD>(&c, &j, q, WARP_ROWS);
		load_tile<HD>(&c, &j, j.kv_from, tiles, tiles + STAGES * TILE * HD);
		copies_commit();
		copies_wait<0>();
		block_barrier();
		take_queries<HD>(&r, q, 0);
		pass_context<HD, TILE / WARPS / 8, false>(&c, &j, &r, 0, tiles);
		finish_sums<HD>(&r);
	}
	lay_out<HD>(&r, (float *)shared, j.group);
	block_barrier();
	merge_warps<HD>(&c, &j, (const float *)shared, workspace, parts);
}

KERNEL combine_kernel(struct attention_call c, uint32_t parts, const float *workspace)
{
	uint32_t sequence = block_z(), head = block_y();
	const float *from = workspace + ((uint64_t)sequence * c.heads + head) * parts *
						(c.head_dim + 2);
	uint64_t to = ((uint64_t)c.q_start[sequence] * c.heads + head) * c.head_dim;

	if (c.kv_length[sequence] == 0)
		return;
	for (uint32_t d = thread_id(); d < c.head_dim; d += block_threads()) {
		float most, sum;
		float x = put_together(from, parts, c.head_dim + 2, c.head_dim, d, &most, &sum);

		c.out[to + d] = float_to_bf16(sum > 0 ? x / sum : 0);
	}
}

/* Bytes of shared memory: queries and two stages of K and V; the decode's sums fit in there too. */
static uint32_t shared_bytes(uint32_t rows, uint32_t hd)
{
	return (rows + 2 * STAGES * TILE) * hd * (uint32_t)sizeof(struct bf16);
}

#ifdef __CUDACC__
/* More shared memory than 48 KiB must be asked for. */
template <typename kernel> static void allow_shared(kernel *k, uint32_t bytes)
{
	cudaFuncSetAttribute(k, cudaFuncAttributeMaxDynamicSharedMemorySize, (int)bytes);
}
#else
template <typename kernel> static void allow_shared(kernel *, uint32_t)
{
}
#endif

template <int HD> static void launch_prefill(const struct attention_call *call, void *stream)
{
	uint32_t rows = WARPS * WARP_ROWS, group = call->heads / call->kv_heads;
	uint32_t bytes = shared_bytes(rows, HD);
	struct attention_call c = *call;

	allow_shared(prefill_kernel<HD>, bytes);
	LAUNCH(prefill_kernel<HD>,
	       dim3((c.longest_q * group + rows - 1) / rows, c.kv_heads, c.n), THREADS, bytes,
	       stream, c);
}

template <int HD>
static void launch_decode(const struct attention_call *call, uint32_t splits, float *workspace,
			  void *stream)
{
	uint32_t bytes = shared_bytes(WARP_ROWS, HD);
	struct attention_call c = *call;

	allow_shared(decode_kernel<HD>, bytes);
	LAUNCH(decode_kernel<HD>, dim3(splits, c.kv_heads, c.n), THREADS, bytes, stream, c, splits,
	       workspace);
	if (splits > 1)
		LAUNCH_APART(combine_kernel, dim3(1, c.heads, c.n), HD, 0, stream, c, splits, workspace);
}

extern "C" void attention_prefill(const struct attention_call *call, void *stream)
{
	if (call->head_dim == 64)
		launch_prefill<64>(call, stream);
	else
		launch_prefill<128>(call, stream);
}

extern "C" void attention_decode(const struct attention_call *call, uint32_t splits,
				 float *workspace, void *stream)
{
	if (call->head_dim == 64)
		launch_decode<64>(call, splits, workspace, stream);
	else
		launch_decode<128>(call, splits, workspace, stream);
}

extern "C" uint64_t attention_workspace_floats(uint32_t n, uint32_t heads, uint32_t head_dim,
					       uint32_t splits)
{
	return splits > 1 ? (uint64_t)n * heads * splits * (head_dim + 2) : 0;
}

extern "C" uint32_t attention_splits(uint32_t n, uint32_t kv_heads, uint32_t sms)
{
	uint32_t blocks = n * kv_heads, wanted = 3 * sms; /* three blocks' tiles fit on an SM */
	uint32_t splits = blocks ? (wanted + blocks - 1) / blocks : 1;

	return splits > (uint32_t)ATTENTION_SPLITS_MAX ? (uint32_t)ATTENTION_SPLITS_MAX : splits;
}

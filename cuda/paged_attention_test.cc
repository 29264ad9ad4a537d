// SPDX-License-Identifier: Apache-2.0
/* The attention kernels, run thread by thread, against softmax as it is defined. */
#include "paged_attention.h"

#include "portable.h"

#include <math.h>
#include <stdio.h>
#include <vector>

#include "check.h"

namespace
{
/* A cache with the sequences' blocks in a scattered order, and queries. */
struct problem {
	uint32_t heads, kv_heads, hd, window;
	std::vector<int32_t> q_start, kv_length, table, row;
	std::vector<struct bf16> q, out, keys, values;
	struct attention_call call;
};

uint64_t state;

float random_number(void)
{
	state = state * 6364136223846793005ull + 1442695040888963407ull;
	return (float)((double)(state >> 11) * 0x1p-53 * 2 - 1);
}

void fill(std::vector<struct bf16> *to, size_t n, float scale)
{
	to->resize(n);
	for (struct bf16 &x : *to)
		x = float_to_bf16(scale * random_number());
}

void finish(problem *p)
{
	size_t n = p->kv_length.size(), width = 0, blocks = 0;
	uint32_t longest = 0;

	for (size_t s = 0; s < n; s++) {
		width = std::max<size_t>(width, (p->kv_length[s] + 15) / 16);
		longest = std::max(longest, (uint32_t)(p->q_start[s + 1] - p->q_start[s]));
	}
	blocks = n * width;
	p->table.resize(n * width);
	for (size_t i = 0; i < n * width; i++)
		p->table[i] = (int32_t)((i * 7 + 3) % blocks); /* 7 and the sizes here share no factor */
	for (size_t s = 0; s < n; s++)
		p->row.push_back((int32_t)(n - 1 - s));
	fill(&p->q, (size_t)p->q_start[n] * p->heads * p->hd, 2);
	fill(&p->keys, blocks * p->kv_heads * 16 * p->hd, 1);
	fill(&p->values, blocks * p->kv_heads * 16 * p->hd, 1);
	p->out.assign(p->q.size(), bf16{0x7fc0});
	p->call = {p->q.data(), p->out.data(), p->keys.data(), p->values.data(), p->q_start.data(),
		   p->kv_length.data(), p->table.data(), p->row.data(), (uint32_t)n, (uint32_t)width, p->heads,
		   p->kv_heads, p->hd, p->heads * p->hd, longest, p->window};
}

const struct bf16 *cached(const problem &p, const std::vector<struct bf16> &cache, size_t s,
			  uint32_t head, uint32_t token)
{
	size_t block = (size_t)p.table[(size_t)p.row[s] * p.call.table_width + token / 16];

	return &cache[((block * p.kv_heads + head) * 16 + token % 16) * p.hd];
}

/* One query of one head, in doubles. */
void attend(const problem &p, size_t s, uint32_t i, uint32_t head, std::vector<double> *out)
{
	uint32_t kv = (uint32_t)p.kv_length[s], new_tokens = (uint32_t)(p.q_start[s + 1] - p.q_start[s]);
	uint32_t end = kv - new_tokens + i + 1, from = p.window && end > p.window ? end - p.window : 0;
	uint32_t kv_head = head / (p.heads / p.kv_heads);
	const struct bf16 *q = &p.q[((size_t)(p.q_start[s] + i) * p.heads + head) * p.hd];
	double most = -1e300, sum = 0;
	std::vector<double> score(end);

	for (uint32_t t = from; t < end; t++) {
		const struct bf16 *k = cached(p, p.keys, s, kv_head, t);

		for (uint32_t d = 0; d < p.hd; d++)
			score[t] += (double)bf16_to_float(q[d]) * bf16_to_float(k[d]);
		score[t] /= sqrt((double)p.hd);
		most = std::max(most, score[t]);
	}
	out->assign(p.hd, 0);
	for (uint32_t t = from; t < end; t++) {
		const struct bf16 *v = cached(p, p.values, s, kv_head, t);
		double weight = exp(score[t] - most);

		sum += weight;
		for (uint32_t d = 0; d < p.hd; d++)
			(*out)[d] += weight * bf16_to_float(v[d]);
	}
	for (double &x : *out)
		x /= sum;
}

/* Largest error over the largest value: bf16 has 8 bits, and weights are rounded to it before they meet the values. */
double worst_error(const problem &p)
{
	double worst = 0, largest = 0;
	std::vector<double> expected;

	for (size_t s = 0; s < p.kv_length.size(); s++)
		for (int32_t i = p.q_start[s]; i < p.q_start[s + 1] && p.kv_length[s] > 0; i++)
			for (uint32_t h = 0; h < p.heads; h++) {
				attend(p, s, (uint32_t)(i - p.q_start[s]), h, &expected);
				for (uint32_t d = 0; d < p.hd; d++) {
					double x = bf16_to_float(
						p.out[((size_t)i * p.heads + h) * p.hd + d]);

					largest = std::max(largest, fabs(expected[d]));
					if (!(fabs(x - expected[d]) <= worst))
						worst = x == x ? fabs(x - expected[d]) : 1e9;
				}
			}
	return worst / largest;
}

problem prompts(uint32_t heads, uint32_t kv_heads, uint32_t hd, uint32_t window)
{
	problem p = {};

	p.heads = heads;
	p.kv_heads = kv_heads;
	p.hd = hd;
	p.window = window;
	/* A whole prompt, a chunk after 50 tokens, one token after 130, nothing, a prompt of one tile exactly. */
	p.q_start = {0, 37, 70, 71, 71, 135};
	p.kv_length = {37, 83, 131, 0, 64};
	finish(&p);
	return p;
}

problem decodes(uint32_t heads, uint32_t kv_heads, uint32_t hd, uint32_t window)
{
	problem p = {};

	p.heads = heads;
	p.kv_heads = kv_heads;
	p.hd = hd;
	p.window = window;
	p.q_start = {0, 1, 2, 3, 4, 5};
	p.kv_length = {1, 200, 64, 0, 333};
	finish(&p);
	return p;
}

double decode_error(problem p, uint32_t splits)
{
	std::vector<float> workspace(
		attention_workspace_floats(p.call.n, p.heads, p.hd, splits) + 1, NAN);

	p.call.q = p.q.data();
	p.call.out = p.out.data();
	p.call.keys = p.keys.data();
	p.call.values = p.values.data();
	p.call.q_start = p.q_start.data();
	p.call.kv_length = p.kv_length.data();
	p.call.block_table = p.table.data();
	p.call.table_row = p.row.data();
	attention_decode(&p.call, splits, workspace.data(), nullptr);
	return worst_error(p);
}
} // namespace

TEST(prompts_of_grouped_heads)
{
	problem p = prompts(8, 2, 64, 0);

	attention_prefill(&p.call, nullptr);
	CHECK(worst_error(p) < 8e-3);
}

TEST(prompts_of_wide_heads_without_groups)
{
	problem p = prompts(2, 2, 128, 0);

	attention_prefill(&p.call, nullptr);
	CHECK(worst_error(p) < 8e-3);
}

TEST(prompts_with_a_group_that_is_no_power_of_two)
{
	problem p = prompts(7, 1, 64, 0);

	attention_prefill(&p.call, nullptr);
	CHECK(worst_error(p) < 8e-3);
}

TEST(prompts_that_look_back_a_window)
{
	problem p = prompts(4, 2, 64, 20);

	attention_prefill(&p.call, nullptr);
	CHECK(worst_error(p) < 8e-3);
}

TEST(decodes_whole_and_in_parts)
{
	static const uint32_t splits[] = {1, 2, 3, 7};

	for (uint32_t n : splits) {
		CHECK(decode_error(decodes(8, 2, 64, 0), n) < 8e-3);
		CHECK(decode_error(decodes(4, 4, 128, 0), n) < 8e-3);
		CHECK(decode_error(decodes(14, 2, 64, 50), n) < 8e-3);
	}
}

TEST(a_decode_is_a_prompt_of_one_token)
{
	problem p = decodes(16, 1, 128, 0), q = p;
	size_t differ = 0;

	attention_prefill(&p.call, nullptr);
	CHECK(worst_error(p) < 8e-3);
	CHECK(decode_error(q, 4) < 8e-3);
	for (size_t i = 0; i < p.out.size(); i++)
		differ += fabsf(bf16_to_float(p.out[i])) > 4;
	CHECK(differ == 0 || p.kv_length[3] == 0);
}

TEST(splits_fill_the_gpu)
{
	CHECK_INT(attention_splits(1, 8, 132), 50);
	CHECK_INT(attention_splits(64, 8, 132), 1);
	CHECK_INT(attention_splits(1, 1, 132), ATTENTION_SPLITS_MAX);
	CHECK_INT(attention_splits(0, 8, 132), 1);
}

TEST_MAIN()

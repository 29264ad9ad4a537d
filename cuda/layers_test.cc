// SPDX-License-Identifier: Apache-2.0
/* The small kernels, run thread by thread, against what they mean in doubles. */
#include "layers.h"

#include "portable.h"

#include <math.h>
#include <vector>

#include "check.h"

namespace
{
typedef std::vector<struct bf16> halves;

halves random_halves(size_t n, uint64_t seed, float deviation)
{
	halves x(n);

	layers_fill(x.data(), n, seed, deviation, nullptr);
	return x;
}

double value(const halves &x, size_t i)
{
	return bf16_to_float(x[i]);
}

/* bf16 has 8 bits: half a unit of the last is 2^-9 of the value. */
bool close(double actual, double expected, double scale)
{
	return fabs(actual - expected) <= scale / 250;
}
} // namespace

TEST(weights_are_those_of_the_reference_and_spread_as_asked)
{
	halves w = random_halves(100000, 7, 0.02f);
	double sum = 0, square = 0;

	for (size_t i = 0; i < w.size(); i++) {
		CHECK(w[i].bits == float_to_bf16(layers_weight(7, i, 0.02f)).bits);
		sum += value(w, i);
		square += value(w, i) * value(w, i);
	}
	CHECK(fabs(sum / 1e5) < 2e-4);
	CHECK_NEAR(sqrt(square / 1e5), 0.02, 0.01);
	CHECK(random_halves(1, 8, 1)[0].bits != w[0].bits);
}

TEST(rounding_is_to_the_nearest_even)
{
	CHECK(float_to_bf16(1).bits == 0x3f80);
	CHECK(float_to_bf16(1 + 1.0f / 256).bits == 0x3f80); /* a tie, to the even one below */
	CHECK(float_to_bf16(1 + 3.0f / 256).bits == 0x3f82); /* a tie, to the even one above */
	CHECK(float_to_bf16(-2.5f).bits == 0xc020);
	CHECK(bf16_to_float(bf16{0x4049}) == 3.140625f);
}

TEST(embedding_rows)
{
	halves table = random_halves(10 * 48, 1, 1), out(3 * 48);
	int32_t token[] = {9, 0, 4};

	layers_embed(table.data(), token, 3, 48, out.data(), nullptr);
	for (size_t t = 0; t < 3; t++)
		for (size_t i = 0; i < 48; i++)
			CHECK(out[t * 48 + i].bits == table[(size_t)token[t] * 48 + i].bits);
}

TEST(norm_of_chosen_rows)
{
	const uint32_t width = 1032; /* a second round of the block's threads, part of them idle */
	halves in = random_halves(3 * width, 2, 3), weight = random_halves(width, 3, 1), out(2 * width);
	int32_t row[] = {2, 0};

	layers_norm(in.data(), row, weight.data(), 2, width, 1e-5f, out.data(), nullptr);
	for (size_t r = 0; r < 2; r++) {
		double square = 0;

		for (size_t i = 0; i < width; i++)
			square += pow(value(in, (size_t)row[r] * width + i), 2);
		for (size_t i = 0; i < width; i++) {
			double x = value(in, (size_t)row[r] * width + i) * value(weight, i) /
				   sqrt(square / width + 1e-5);

			CHECK(close(value(out, r * width + i), x, fabs(x)));
		}
	}
}

namespace
{
/* What a head is after bias, norm and rotation. */
std::vector<double> turned(const halves &qkv, size_t at, const halves &bias, size_t first,
			   const halves *norm, int32_t position, bool turn, uint32_t hd)
{
	std::vector<double> x(hd), y(hd);
	double square = 0;

	for (uint32_t i = 0; i < hd; i++) {
		x[i] = value(qkv, at + i) + value(bias, first + i);
		square += x[i] * x[i];
	}
	for (uint32_t i = 0; i < hd && norm; i++)
		x[i] *= value(*norm, i) / sqrt(square / hd + 1e-6);
	y = x;
	for (uint32_t i = 0; i < hd / 2 && turn; i++) {
		double angle = position * pow(10000, -(double)i / (hd / 2));

		y[i] = x[i] * cos(angle) - x[i + hd / 2] * sin(angle);
		y[i + hd / 2] = x[i + hd / 2] * cos(angle) + x[i] * sin(angle);
	}
	return y;
}

void check_rope(uint32_t heads, uint32_t kv_heads, uint32_t hd, bool norms)
{
	uint32_t all = heads + 2 * kv_heads, row = all * hd;
	halves qkv = random_halves(3 * row, 4, 1), before = qkv, bias = random_halves(row, 5, 1);
	halves qn = random_halves(hd, 6, 1), kn = random_halves(hd, 7, 1);
	halves keys(4 * 16 * kv_heads * hd), values(keys.size());
	int32_t position[] = {0, 77, 5};
	int64_t slot[] = {63, -1, 20};
	struct rope_call c = {qkv.data(), bias.data(), norms ? qn.data() : nullptr,
			      norms ? kn.data() : nullptr, position, slot, keys.data(),
			      values.data(), 3, heads, kv_heads, hd, 10000, 1e-6f};

	layers_rope(&c, nullptr);
	for (uint32_t t = 0; t < 3; t++)
		for (uint32_t h = 0; h < all; h++) {
			bool query = h < heads, key = !query && h < heads + kv_heads;
			const halves *norm = !norms ? nullptr : query ? &qn : key ? &kn : nullptr;
			std::vector<double> x = turned(before, (size_t)t * row + h * hd, bias, h * hd,
						       norm, position[t], query || key, hd);
			const halves &to = query ? qkv : key ? keys : values;
			size_t kv = h - heads - (key ? 0 : kv_heads);
			size_t at = query ? (size_t)t * row + h * hd
					  : (((size_t)slot[t] / 16 * kv_heads + kv) * 16 +
					     (size_t)slot[t] % 16) * hd;

			for (uint32_t i = 0; i < hd && (query || slot[t] >= 0); i++)
				CHECK(close(value(to, at + i), x[i], fabs(x[i]) + 0.05));
		}
	CHECK(value(keys, 0) == 0); /* slot 0 was nobody's */
}
} // namespace

TEST(positions_norms_bias_and_the_cache)
{
	check_rope(4, 2, 64, false);
	check_rope(3, 1, 128, true);
}

TEST(gates)
{
	const uint32_t width = 5000;
	halves in = random_halves(2 * 2 * width, 8, 2), out(2 * width);

	layers_silu(in.data(), 2, width, out.data(), nullptr);
	for (size_t t = 0; t < 2; t++)
		for (size_t i = 0; i < width; i++) {
			double gate = value(in, t * 2 * width + i);
			double x = gate / (1 + exp(-gate)) * value(in, t * 2 * width + width + i);

			CHECK(close(value(out, t * width + i), x, fabs(x)));
		}
}

TEST(scattered_numbers)
{
	int32_t place[] = {3, 0}, number[] = {7, 8}, to[] = {1, 2, 3, 4};

	layers_scatter(place, number, 2, to, nullptr);
	CHECK(to[0] == 8 && to[1] == 2 && to[2] == 3 && to[3] == 7);
}

TEST(the_largest_logit_and_the_first_of_equal_ones)
{
	halves logits = random_halves(3 * 1000, 9, 1);
	int32_t token[3];

	logits[1000 + 999] = logits[1000 + 500] = logits[1000 + 501] = float_to_bf16(9);
	logits[2000] = float_to_bf16(8);
	layers_argmax(logits.data(), 3, 1000, token, nullptr);
	for (size_t i = 0; i < 1000; i++)
		CHECK(value(logits, (size_t)token[0]) >= value(logits, i));
	CHECK_INT(token[1], 500);
	CHECK_INT(token[2], 0);
}

TEST_MAIN()

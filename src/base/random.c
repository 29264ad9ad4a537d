// SPDX-License-Identifier: Apache-2.0
#include "base/random.h"

#include <math.h>

static uint64_t splitmix(uint64_t *x)
{
	uint64_t z = *x += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

struct sw__random sw__random_make(uint64_t seed, uint64_t stream)
{
	uint64_t mixed = splitmix(&seed), x = mixed ^ splitmix(&stream);
	struct sw__random random;

	for (int i = 0; i < 4; i++)
		random.state[i] = splitmix(&x);
	return random;
}

static uint64_t rotate(uint64_t x, int k)
{
	return (x << k) | (x >> (64 - k));
}

uint64_t sw__random_bits(struct sw__random *random)
{
	uint64_t *s = random->state;
	uint64_t bits = rotate(s[1] * 5, 7) * 9, shifted = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= shifted;
	s[3] = rotate(s[3], 45);
	return bits;
}

double sw__random_uniform(struct sw__random *random)
{
	return ((double)(sw__random_bits(random) >> 12) + 0.5) * 0x1p-52;
}

uint64_t sw__random_below(struct sw__random *random, uint64_t n)
{
	uint64_t uneven = (0 - n) % n,
		 bits; /* 2^64 mod n: what a remainder would count once too often */

	do
		bits = sw__random_bits(random);
	while (bits < uneven);
	return bits % n;
}

double sw__random_exponential(struct sw__random *random)
{
	return -log(sw__random_uniform(random));
}

double sw__random_normal(struct sw__random *random)
{
	double x, y, square;

	do {
		x = 2 * sw__random_uniform(random) - 1;
		y = 2 * sw__random_uniform(random) - 1;
		square = x * x + y * y;
	} while (square >= 1 || square <= 0);
	return x * sqrt(-2 * log(square) / square);
}

static double large_gamma(struct sw__random *random, double shape)
{
	double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d);

	for (;;) {
		double z = sw__random_normal(random), v = 1 + c * z;

		if (v <= 0)
			continue;
		v = v * v * v;
		if (log(sw__random_uniform(random)) < 0.5 * z * z + d * (1 - v + log(v)))
			return d * v;
	}
}

double sw__random_gamma(struct sw__random *random, double shape)
{
	double boost = 1;

	if (shape < 1)
		boost = pow(sw__random_uniform(random), 1 / shape);
	return large_gamma(random, shape < 1 ? shape + 1 : shape) * boost / shape;
}

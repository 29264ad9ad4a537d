// SPDX-License-Identifier: Apache-2.0
#include "predict/crowd.h"

#include <math.h>

#include "check.h"

enum { MOST = 6 };

/* Engines that are there as much however slow they are. */
struct steady {
	struct sw__presence presence[MOST];
	struct sw__activity activity[MOST];
	size_t asked;
};

static struct sw__activity as_ever(void *context, size_t i, const struct sw__stretch *stretch)
{
	struct steady *s = context;

	CHECK(stretch->dram >= 1 && stretch->whole >= 1);
	s->asked++;
	return s->activity[i];
}

static void settle(enum sw_mechanism mechanism, struct steady *s, size_t n,
		   struct sw__stretch *stretches)
{
	struct sw__crowd crowd = {.n = n, .stand_anew = as_ever, .context = s};

	s->asked = 0;
	for (size_t i = 0; i < n; i++) {
		crowd.presence[i] = &s->presence[i];
		crowd.now[i] = s->activity[i];
	}
	sw__crowd_settle(mechanism, &crowd, stretches);
}

static struct steady six(void)
{
	struct steady s = {.asked = 0};

	for (size_t i = 0; i < MOST; i++) {
		s.presence[i] = (struct sw__presence){.share = 0.1,
						      .duty = 1,
						      .there_most = 1,
						      .reads = 0.9,
						      .alone = 1.15,
						      .decode_demand = 0.2 + 0.1 * (double)i,
						      .prefill_demand = 0.05};
		s.activity[i] = (struct sw__activity){.gpu = 0.9 - 0.1 * (double)i,
						      .prefill = 0.05 * (double)i};
	}
	return s;
}

/* (1 + x^8)^(1/8), taken for 1 below a half. */
static double saturated(double x)
{
	return x < 0.5 ? 1 : pow(1 + pow(x, 8), 0.125);
}

/* Over all sets of the others that may be decoding, one after the other. */
static double by_hand(const struct steady *s, size_t n, size_t i)
{
	double own = s->presence[i].decode_demand, prompts = 0, sum = 0;
	double alone = saturated(own / s->presence[i].alone);

	for (size_t j = 0; j < n; j++)
		prompts += j == i ? 0 : s->activity[j].prefill * s->presence[j].prefill_demand;
	for (unsigned set = 0; set < 1U << n; set++) {
		double probability = 1, asked = own + prompts;

		if (set >> i & 1)
			continue;
		for (size_t j = 0; j < n; j++) {
			double decoding = (s->activity[j].gpu - s->activity[j].prefill) *
					  s->presence[j].reads;

			if (j == i)
				continue;
			probability *= set >> j & 1 ? decoding : 1 - decoding;
			asked += set >> j & 1 ? s->presence[j].decode_demand : 0;
		}
		sum += probability * fmax(1, saturated(asked) / alone);
	}
	return sum;
}

TEST(overlap_is_the_mean_over_who_is_decoding)
{
	struct steady s = six();
	struct sw__stretch stretches[MOST];

	for (size_t n = 2; n <= MOST; n++) {
		settle(SW_MPS, &s, n, stretches);
		for (size_t i = 0; i < n; i++) {
			CHECK_NEAR(stretches[i].dram, by_hand(&s, n, i), 1e-12);
			CHECK_NEAR(stretches[i].whole, 1, 0);
		}
	}
}

TEST(turns_are_added_up_and_a_limiter_takes_the_longer_wait)
{
	struct steady s = six();
	struct sw__stretch stretches[MOST];

	s.presence[1].duty = 0.4;
	s.presence[1].there_most = 0.48;
	settle(SW_HAMI, &s, 3, stretches);
	/* The second is there for 0.8 * 0.48 of the time, the third for 0.7. */
	CHECK_NEAR(stretches[0].whole, (1 + 0.384 + 0.7) * (1 + 0.14 * (1 - 0.616 * 0.3)), 1e-12);
	/* The others leave it nothing, but for its turn of three. */
	CHECK_NEAR(stretches[1].whole, 0.4 * 3 * (1 + 0.14 * 0.97), 1e-12);
	CHECK_NEAR(stretches[0].dram, 1, 0);
}

/* Whoever is there as much as before is asked once, and has settled. */
TEST(nobody_is_asked_more_often_than_it_takes)
{
	struct steady s = six();
	struct sw__stretch stretches[MOST];

	settle(SW_MPS, &s, 4, stretches);
	CHECK_INT(s.asked, 4);
	settle(SW_MPS, &s, 1, stretches);
	CHECK_INT(s.asked, 0);
	settle(SW_MIG, &s, 4, stretches);
	CHECK_INT(s.asked, 0);
	CHECK_NEAR(stretches[3].whole * stretches[3].dram, 1, 0);
}

TEST_MAIN()

// SPDX-License-Identifier: Apache-2.0
#include "predict/step_curve.h"

#include "check.h"

static const struct sw__step_curve curve = {
	.n_knots = 3,
	.tokens = {1, 100, 200},
	.linear_ms = {5, 5, 15},
	.decode_ms_per_seq = 0.1,
	.decode_ms_per_kv_token = 0.001,
	.mixed = {.n = 1, .decodes = {1}, .factor = {2}},
	.prefill_ms_per_token = 0.01,
	.prefill_ms_per_pair = 0.0001,
	.sample_ms_per_seq = 0.05,
	.host_ms = 1,
};

TEST(linear_part_between_and_beyond_the_knots)
{
	CHECK_NEAR(sw__step_linear_ms(&curve, 0), 0, 0);
	CHECK_NEAR(sw__step_linear_ms(&curve, 0.5), 5, 1e-15);
	CHECK_NEAR(sw__step_linear_ms(&curve, 100), 5, 1e-15);
	CHECK_NEAR(sw__step_linear_ms(&curve, 150), 10, 1e-15);
	CHECK_NEAR(sw__step_linear_ms(&curve, 300), 25, 1e-15);
}

TEST(gaps_between_launches_shrink_and_are_never_negative)
{
	struct sw__step_curve eager = {.n_knots = 3,
				       .tokens = {1, 100, 200},
				       .linear_ms = {9, 9, 15},
				       .gap_ms = {4, 2, 0}};

	CHECK_NEAR(sw__step_gap_ms(&eager, 1), 4, 1e-15);
	CHECK_NEAR(sw__step_gap_ms(&eager, 50.5), 3, 1e-12);
	CHECK_NEAR(sw__step_gap_ms(&eager, 150), 1, 1e-12);
	CHECK_NEAR(sw__step_gap_ms(&eager, 1e4), 0, 0);
	CHECK_NEAR(sw__step_gap_ms(&curve, 50), 0, 0); /* from graphs */
}

TEST(the_line_is_the_linear_part)
{
	static const double tokens[] = {0,   0.5, 1,   1.5, 2,   63,  64,   65,  99.5, 100,
					101, 128, 150, 199, 200, 201, 1000, 1e6, 1e12};
	struct sw__step_curve two = {.n_knots = 2, .tokens = {1, 3}, .linear_ms = {2, 4}};
	struct sw__line line;

	sw__line_make(&curve, &line);
	for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++)
		CHECK_NEAR(sw__line_ms(&line, tokens[i]), sw__step_linear_ms(&curve, tokens[i]),
			   1e-9);
	sw__line_make(&two, &line);
	for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++)
		CHECK_NEAR(sw__line_ms(&line, tokens[i]), sw__step_linear_ms(&two, tokens[i]),
			   1e-9);
}

TEST(a_decode_step_adds_up)
{
	struct sw__step_batch b = {.n_decode = 10, .kv_tokens = 1000};

	CHECK_NEAR(sw__step_ms(&curve, &b), 1 + 5 + 1 + 1 + 0.5, 1e-12);
	CHECK_NEAR(sw__step_gpu_ms(&curve, &b), 7.5, 1e-12);
}

TEST(how_dearer_decode_attention_is_hangs_on_decodes_and_the_chunk)
{
	struct sw__mixed_decode mixed = {.n = 3,
					 .decodes = {16, 64, 256},
					 .factor = {1, 2, 5},
					 .chunk = 500,
					 .per_token = 0.001};
	struct sw__mixed_decode none = {.n = 0};

	CHECK_NEAR(sw__mixed_factor(&mixed, 40, 500), 1.5, 1e-12);
	CHECK_NEAR(sw__mixed_factor(&mixed, 160, 500), 3.5, 1e-12);
	CHECK_NEAR(sw__mixed_factor(&mixed, 160, 1500), 4.5, 1e-12);
	CHECK_NEAR(sw__mixed_factor(&mixed, 1000, 500), 5, 1e-12);
	CHECK_NEAR(sw__mixed_factor(&mixed, 1, 100), 1, 0); /* never cheaper */
	CHECK_NEAR(sw__mixed_factor(&none, 100, 500), 1, 0);
}

TEST(prefill_in_the_step_makes_decode_attention_dearer)
{
	struct sw__step_batch b = {10, 1000, 1, 140, 10000};

	CHECK_NEAR(sw__step_ms(&curve, &b), 1 + 10 + 2 * 2 + 1.4 + 1 + 0.55, 1e-12);
}

TEST(an_empty_step_takes_no_time)
{
	struct sw__step_batch b = {0};

	CHECK_NEAR(sw__step_ms(&curve, &b), 0, 0);
}

TEST_MAIN()

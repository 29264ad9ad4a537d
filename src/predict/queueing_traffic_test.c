// SPDX-License-Identifier: Apache-2.0
#include "queueing_fixture.h"

#include "check.h"

TEST(classes_keep_means_and_weights)
{
	struct sw__traffic t =
		fixture_open(1, fixture_lengths(800, 3000), fixture_lengths(200, 700));
	double prompts = 0, tokens = 0, outputs = 0;

	for (size_t i = 0; i < t.n_prompts; i++) {
		prompts += t.prompt[i].weight;
		tokens += t.prompt[i].weight * t.prompt[i].tokens;
		CHECK(t.prompt[i].low <= t.prompt[i].tokens &&
		      t.prompt[i].tokens <= t.prompt[i].high);
	}
	for (size_t j = 0; j < t.n_outputs; j++)
		outputs += t.output[j].weight;
	CHECK_NEAR(prompts, 1, 1e-12);
	CHECK_NEAR(outputs, 1, 1e-12);
	CHECK_NEAR(tokens, 800, 2e-3);
	CHECK_NEAR(t.prompt_tokens, tokens, 1e-12);
}

TEST(a_constant_is_one_class)
{
	struct sw__traffic t = fixture_open(1, fixture_lengths(100, NAN), fixture_lengths(11, NAN));

	CHECK_INT(t.n_prompts, 1);
	CHECK_INT(t.n_outputs, 1);
	CHECK_NEAR(t.prompt[0].pairs, 100 * 101 / 2.0, 1e-12);
	CHECK_NEAR(t.output[0].after, 10, 1e-12);
	CHECK_NEAR(t.after_variability, 0, 0);
	CHECK_NEAR(t.context_tokens, 100 + 5, 1e-12);
}

TEST(cached_tokens_are_read_not_computed)
{
	struct sw__lengths prompt = fixture_lengths(100, NAN), output = fixture_lengths(10, NAN);
	struct sw__traffic_ask ask = {&prompt, &output, 0.6, 1, NAN, 1, NULL, 1};
	struct sw__traffic t;

	CHECK_INT(sw__traffic_prepare(&ask, &t, NULL), SW_OK);
	CHECK_NEAR(t.prompt_tokens, 40, 1e-12);
	CHECK_NEAR(t.prompt_pairs, 40 * (60 + 20.5), 1e-12);
	CHECK(t.context_tokens > 100);
}

TEST(one_token_answers_have_no_classes)
{
	struct sw__traffic t = fixture_open(1, fixture_lengths(100, NAN), fixture_lengths(1, NAN));

	CHECK_INT(t.n_outputs, 0);
	CHECK_NEAR(t.after_tokens, 0, 0);
}

TEST(refuses_both_loops_none_and_numbers_out_of_range)
{
	struct sw__lengths l = fixture_lengths(100, NAN);
	struct sw__traffic_ask both = {&l, &l, 0, 1, 1, 1, NULL, 1},
			       none = {&l, &l, 0, NAN, NAN, 1, NULL, 1};
	struct sw__traffic_ask rate = {&l, &l, 0, 0, NAN, 1, NULL, 1},
			       clients = {&l, &l, 0, NAN, 0.5, 1, NULL, 1};
	struct sw__traffic_ask hit = {&l, &l, 1, 1, NAN, 1, NULL, 1},
			       burst = {&l, &l, 0, 1, NAN, -1, NULL, 1};
	struct sw__traffic t;

	CHECK_INT(sw__traffic_prepare(&both, &t, NULL), SW_BAD_INPUT);
	CHECK_INT(sw__traffic_prepare(&none, &t, NULL), SW_BAD_INPUT);
	CHECK_INT(sw__traffic_prepare(&rate, &t, NULL), SW_BAD_INPUT);
	CHECK_INT(sw__traffic_prepare(&clients, &t, NULL), SW_BAD_INPUT);
	CHECK_INT(sw__traffic_prepare(&hit, &t, NULL), SW_BAD_INPUT);
	CHECK_INT(sw__traffic_prepare(&burst, &t, NULL), SW_BAD_INPUT);
}

TEST_MAIN()

// SPDX-License-Identifier: Apache-2.0
#include "profile/sustained_rates.h"

#include "predict/fit_known.h"
#include "profile/profile_fixture.h"

#define CAMPAIGN(mechanism)                                                         \
	"gpu: a100-sxm4-40gb\nmechanism: " mechanism                                \
	"\nengine: {max_model_len: 2048, cuda_graphs: false}\nprompt_tokens: 256\n" \
	"output_tokens: 64\nmodels: [qwen3-0.6b, qwen3-8b, qwen3-1.7b, qwen3-4b]\n" \
	"alone: {concurrency: 1}\n"

static double rate_of(const struct sw_experiment *e, size_t i)
{
	return e->mix->tenants[i].load.rate;
}

TEST(alone_it_is_a_part_of_what_is_sustained)
{
	sw_campaign *c = campaign_of(CAMPAIGN("mps"));
	const struct sw__pick pick = {0, 0.5, SW__PART_OF_RATE, 0.9};
	struct sw_prediction prediction;
	struct sw_experiment e;

	if (!c || !CHECK(make_experiment(c, NULL, &pick, 1, &e) == SW_OK))
		return;
	CHECK_INT(sw_predict_quick(e.mix, NULL, &prediction, &err), SW_OK);
	CHECK_NEAR(rate_of(&e, 0), 0.9 * prediction.max_rate_per_s, 1e-3);
	sw_mix_free(e.mix);
	sw_campaign_free(c);
}

/* Half of what a GPU gives, three times; beside each other they are slower by one factor, but for what less memory costs. */
TEST(together_all_have_room)
{
	sw_campaign *c = campaign_of(CAMPAIGN("timeslice"));
	const struct sw__pick picks[] = {{0, 1, SW__PART_OF_RATE, 0.5},
					 {2, 1, SW__PART_OF_RATE, 0.5},
					 {3, 1, SW__PART_OF_RATE, 0.5}};
	struct sw_prediction predictions[3];
	struct sw_experiment together, alone;
	double slower = NAN;

	if (!c || !CHECK(make_experiment(c, NULL, picks, 3, &together) == SW_OK))
		return;
	CHECK_INT(sw_predict_quick(together.mix, NULL, predictions, &err), SW_OK);
	for (size_t i = 0; i < 3; i++) {
		CHECK(rate_of(&together, i) <= 0.8001 * predictions[i].max_rate_per_s);
		if (!CHECK(make_experiment(c, NULL, &picks[i], 1, &alone) == SW_OK))
			break;
		if (i == 0)
			slower = rate_of(&together, 0) / rate_of(&alone, 0);
		CHECK_NEAR(rate_of(&together, i) / rate_of(&alone, 0), slower, 0.1);
		sw_mix_free(alone.mix);
	}
	CHECK(slower < 0.9 && slower > 0.2);
	sw_mix_free(together.mix);
	sw_campaign_free(c);
}

/* Steps of the first model, and of no other, take twice as long as its calibration says. */
TEST(what_was_measured_before_says_what_parts_of_a_load_are)
{
	sw_campaign *c = campaign_of(CAMPAIGN("mps"));
	struct sw__fit_model slow = {
		"a100-sxm4-40gb", "qwen3-0.6b", 2, {{2, 0.01}, {2, 0.01}, {2, 0.01}}};
	const sw_fit fit = {.runs = 2, .mixes = 2, .n_models = 1, .models = &slow};
	double part[2] = {NAN, NAN}, whole[2] = {NAN, NAN};

	for (size_t model = 0; c && model < 2; model++) {
		const struct sw__pick pick = {model, 1, SW__PART_OF_RATE, 0.5};
		struct sw_experiment before, after;

		if (!CHECK(make_experiment(c, NULL, &pick, 1, &before) == SW_OK) ||
		    !CHECK(make_experiment(c, &fit, &pick, 1, &after) == SW_OK))
			break;
		whole[model] = rate_of(&before, 0);
		part[model] = rate_of(&after, 0);
		CHECK(after.duration_s >= before.duration_s);
		sw_mix_free(before.mix);
		sw_mix_free(after.mix);
	}
	CHECK_NEAR(part[0], whole[0] / 2, 0.05);
	CHECK_NEAR(part[1], whole[1], 1e-12);
	sw_campaign_free(c);
	(void)rmdir(folder);
}

TEST_MAIN()

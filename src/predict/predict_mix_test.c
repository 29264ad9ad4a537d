// SPDX-License-Identifier: Apache-2.0
#include "predict/predict_mix.h"

#include "predict/played_fixture.h"

static struct sw_fit one_model(const struct played_fixture *p, struct sw__fit_model *m,
			       double decode)
{
	*m = (struct sw__fit_model){.runs = 3};
	(void)snprintf(m->gpu, sizeof(m->gpu), "%s", p->mix.gpu.id);
	(void)snprintf(m->model, sizeof(m->model), "%s", p->tenants[0].model.id);
	for (int k = 0; k < SW__MODEL_COUNT; k++)
		m->at[k] = (struct sw__known){1, 0.02};
	m->at[SW__MODEL_decode].value = decode;
	return (struct sw_fit){.n_models = 1, .models = m};
}

TEST(bounds_lie_around_and_percentiles_are_in_order)
{
	struct played_fixture p;
	struct sw_prediction out[2];
	struct sw_error err = {SW_OK, ""};

	played_open(&p, "a100-sxm4-80gb", SW_MPS);
	played_add(&p, "qwen3-4b", 0.5, NAN)->load.rate = 4;
	played_add(&p, "llama-3.2-3b", 0.5, 8);
	CHECK_INT(sw_predict_mix(&p.mix, NULL, out, &err), SW_OK);
	for (int i = 0; i < 2; i++)
		for (int m = 0; m < SW_METRIC_COUNT; m++) {
			const struct sw_latency *l = &out[i].latency[m];

			CHECK(0 < l->lo && l->lo < l->at[SW_MEAN] &&
			      l->at[SW_MEAN] < l->hi[SW_MEAN]);
			for (int s = SW_P95; s <= SW_P99; s++)
				CHECK(l->at[s] >= l->at[s - 1] && l->hi[s] >= l->hi[s - 1]);
			CHECK(l->hi[SW_P95] > l->at[SW_P95]);
		}
	CHECK(out[0].slowdown >= 1 && out[0].slowdown < 2);
	played_close(&p);
}

TEST(a_fit_moves_what_it_knows_and_doubts_it_less)
{
	struct played_fixture p;
	struct sw__fit_model model;
	struct sw_fit fit;
	struct sw_prediction without, with;
	struct sw_error err = {SW_OK, ""};
	double doubt_without, doubt_with;

	played_open(&p, "a100-sxm4-80gb", SW_EXCLUSIVE);
	played_add(&p, "llama-3.1-8b", 1, 4)->engine.gpu_memory_utilization = 0.9;
	fit = one_model(&p, &model, 1.2);
	CHECK_INT(sw_predict_mix(&p.mix, NULL, &without, &err), SW_OK);
	CHECK_INT(sw_predict_mix(&p.mix, &fit, &with, &err), SW_OK);
	/* Nearly all of a token's time is the GPU's. */
	CHECK_NEAR(with.latency[SW_TPOT].at[SW_MEAN] / without.latency[SW_TPOT].at[SW_MEAN], 1.18,
		   0.02);
	doubt_without = without.latency[SW_TPOT].hi[SW_MEAN] / without.latency[SW_TPOT].at[SW_MEAN];
	doubt_with = with.latency[SW_TPOT].hi[SW_MEAN] / with.latency[SW_TPOT].at[SW_MEAN];
	CHECK(doubt_with < doubt_without);
	played_close(&p);
}

TEST(what_was_not_measured_is_marked_and_doubted_more)
{
	struct played_fixture p;
	struct sw__fit_group group = {.mechanism = SW_MPS, .runs = 9};
	struct sw_fit fit = {.n_groups = 1, .groups = &group};
	struct sw_prediction inside, outside;
	struct sw_error err = {SW_OK, ""};

	played_open(&p, "a100-sxm4-80gb", SW_MPS);
	played_add(&p, "qwen3-4b", 0.5, 4);
	for (int k = 0; k < SW__SHARED_COUNT; k++)
		group.shared[k] = (struct sw__known){sw__shared_coefficients[k].value, 0.1};
	for (int m = 0; m < SW_METRIC_COUNT; m++)
		for (int s = 0; s < SW_STATISTIC_COUNT; s++)
			group.bound[SW__BOUND_FREE][m][s] = (struct sw__bound){1.7, 1.7};
	for (int k = 0; k < SW__RANGE_COUNT; k++)
		group.range[k] = (struct sw__seen){0, 1e6};
	CHECK_INT(sw_predict_mix(&p.mix, &fit, &inside, &err), SW_OK);
	CHECK(!inside.extrapolated);
	group.range[SW__RANGE_share] = (struct sw__seen){0.8, 1};
	CHECK_INT(sw_predict_mix(&p.mix, &fit, &outside, &err), SW_OK);
	CHECK(outside.extrapolated);
	CHECK(outside.latency[SW_TPOT].hi[SW_MEAN] > inside.latency[SW_TPOT].hi[SW_MEAN]);
	CHECK_NEAR(outside.latency[SW_TPOT].at[SW_MEAN], inside.latency[SW_TPOT].at[SW_MEAN], 0);
	played_close(&p);
}

TEST(overload_has_no_latencies)
{
	struct played_fixture p;
	struct sw_prediction out;
	struct sw_error err = {SW_OK, ""};

	played_open(&p, "l4", SW_EXCLUSIVE);
	played_add(&p, "qwen2.5-1.5b", 1, NAN)->load.rate = 300;
	CHECK_INT(sw_predict_mix(&p.mix, NULL, &out, &err), SW_OK);
	CHECK_INT(out.binds, SW_BINDS_OVERLOAD);
	CHECK(isnan(out.latency[SW_TTFT].at[SW_MEAN]) && isnan(out.latency[SW_TTFT].hi[SW_P99]));
	CHECK(out.max_rate_per_s < 300 && out.requests_per_s < 300);
	played_close(&p);
}

TEST_MAIN()

// SPDX-License-Identifier: Apache-2.0
#include "predict/predict_fixture.h"

#include "predict/contention.h"

static const char *const models[] = {"qwen3-0.6b", "qwen3-1.7b", "qwen3-4b", "llama-3.2-1b"};

/* Predict the first n models of the list on shares of 1/n. */
static void predict_n(const struct fixture *f, enum sw_mechanism mechanism, size_t n, double rate,
		      struct sw_prediction *out)
{
	sw_prepared *p[4];

	for (size_t i = 0; i < n; i++) {
		struct sw_tenant t = fixture_tenant(f, models[i], mechanism, 0.25, rate);

		p[i] = fixture_prepare(f, &t);
	}
	sw_predict(mechanism, (const sw_prepared *const *)p, n, out);
	for (size_t i = 0; i < n; i++)
		sw_prepared_free(p[i]);
}

static void check_order(const struct sw_latency *l)
{
	CHECK(l->at[SW_P50] <= l->at[SW_P95] && l->at[SW_P95] <= l->at[SW_P99]);
	CHECK(l->lo < l->at[SW_MEAN] && l->at[SW_MEAN] < l->hi[SW_MEAN]);
	CHECK(l->at[SW_MEAN] <= l->at[SW_P99] && l->hi[SW_MEAN] <= l->hi[SW_P99]);
	for (int s = 0; s < SW_STATISTIC_COUNT; s++)
		CHECK(l->at[s] > 0 && l->hi[s] > l->at[s]);
}

TEST(percentiles_and_bounds_are_in_order_under_every_mechanism)
{
	static const enum sw_mechanism mechanisms[] = {SW_MPS, SW_TIMESLICE, SW_HAMI};
	struct fixture f = fixture_open("a100-sxm4-80gb");

	for (size_t m = 0; m < 3; m++) {
		for (size_t n = 1; n <= 4; n++) {
			struct sw_prediction out[4];

			predict_n(&f, mechanisms[m], n, 0.5, out);
			for (size_t i = 0; i < n; i++) {
				check_order(&out[i].latency[SW_TTFT]);
				check_order(&out[i].latency[SW_TPOT]);
				CHECK(out[i].slowdown >= 1);
				CHECK_NEAR(out[i].requests_per_s, 0.5, 1e-12);
				CHECK_NEAR(out[i].output_tokens_per_s, 100, 0.02);
			}
		}
	}
	fixture_close(&f);
}

TEST(a_neighbour_never_helps_and_alone_nobody_is_slowed)
{
	struct fixture f = fixture_open("l40s");
	double before = 0;

	for (size_t n = 1; n <= 4; n++) {
		struct sw_prediction out[4];

		predict_n(&f, SW_TIMESLICE, n, 0.5, out);
		if (n == 1)
			CHECK_NEAR(out[0].slowdown, 1, 0);
		CHECK(out[0].latency[SW_TPOT].at[SW_MEAN] >= before);
		before = out[0].latency[SW_TPOT].at[SW_MEAN];
	}
	fixture_close(&f);
}

TEST(latency_grows_with_the_rate_until_it_is_too_much)
{
	struct fixture f = fixture_open("l4");
	double before = 0;
	bool overloaded = false;

	for (double rate = 0.1; rate < 200; rate *= 1.5) {
		struct sw_tenant t = fixture_tenant(&f, "qwen3-0.6b", SW_MPS, 0.3, rate);
		sw_prepared *p = fixture_prepare(&f, &t);
		struct sw_prediction out;

		sw_predict(SW_MPS, (const sw_prepared *const *)&p, 1, &out);
		sw_prepared_free(p);
		if (out.binds == SW_BINDS_OVERLOAD) {
			overloaded = true;
			CHECK(isnan(out.latency[SW_TTFT].at[SW_MEAN]));
			CHECK(isnan(out.latency[SW_TPOT].hi[SW_P95]));
			CHECK(!sw_prediction_meets(&out, &t.slo));
			continue;
		}
		CHECK(!overloaded);
		CHECK(out.latency[SW_TPOT].at[SW_MEAN] >= before * 0.995);
		before = out.latency[SW_TPOT].at[SW_MEAN];
	}
	CHECK(overloaded);
	fixture_close(&f);
}

/* Below the part of what is sustained up to which bounds are given nothing changes; above there is none, whatever the latency. */
TEST(no_bound_is_given_close_to_saturation)
{
	struct fixture f = fixture_open("l4");
	struct sw_tenant t = fixture_tenant(&f, "qwen3-0.6b", SW_MPS, 0.3, 0.1);
	sw_prepared *p = fixture_prepare(&f, &t);
	struct sw_prediction out, bounded;
	double most;

	sw_predict_max_rates(SW_MPS, (const sw_prepared *const *)&p, 1, &out);
	most = out.max_rate_per_s;
	for (double part = 0.1; part < 0.96; part += 0.1) {
		sw_prepared_set_rate(p, part * most);
		sw_predict(SW_MPS, (const sw_prepared *const *)&p, 1, &out);
		p->most_of_capacity = 0.8;
		sw_predict(SW_MPS, (const sw_prepared *const *)&p, 1, &bounded);
		p->most_of_capacity = 1;
		CHECK_NEAR(bounded.latency[SW_TTFT].at[SW_P95], out.latency[SW_TTFT].at[SW_P95], 0);
		if (part < 0.75)
			CHECK_NEAR(bounded.latency[SW_TPOT].hi[SW_P95],
				   out.latency[SW_TPOT].hi[SW_P95], 0);
		if (part > 0.85)
			CHECK(isinf(bounded.latency[SW_TPOT].hi[SW_P95]));
	}
	sw_prepared_free(p);
	fixture_close(&f);
}

/* Every request alike: all percentiles are nearly the same number. */
TEST(percentiles_of_a_narrow_distribution_keep_their_order)
{
	struct fixture f = fixture_open("a100-sxm4-40gb");

	for (double concurrency = 1; concurrency <= 32; concurrency *= 2) {
		struct sw_tenant t = fixture_tenant(&f, "qwen3-4b", SW_MPS, 0.5, NAN);
		struct sw_prediction out;
		sw_prepared *p;

		t.load.concurrency = concurrency;
		t.load.prompt_tokens = (struct sw_length){1024, NAN};
		t.load.output_tokens = (struct sw_length){256, NAN};
		p = fixture_prepare(&f, &t);
		sw_predict(SW_MPS, (const sw_prepared *const *)&p, 1, &out);
		check_order(&out.latency[SW_TTFT]);
		check_order(&out.latency[SW_TPOT]);
		sw_prepared_free(p);
	}
	fixture_close(&f);
}

static struct sw_prediction predict_alone(const struct fixture *f, const struct sw_tenant *t)
{
	sw_prepared *p = fixture_prepare(f, t);
	struct sw_prediction out;

	sw_predict(t->slice.mechanism, (const sw_prepared *const *)&p, 1, &out);
	sw_prepared_free(p);
	return out;
}

/* Where about 1 request in 100 waits for a place, with slower steps the model may call other ones late. */
TEST(a_bound_is_above_its_percentile_next_to_a_cliff_too)
{
	struct fixture f = fixture_open("l40s");
	struct sw_tenant t = fixture_tenant(&f, "qwen3-0.6b", SW_MPS, 0.02, 1);

	t.load.prompt_tokens = (struct sw_length){22, 66};
	t.load.output_tokens = (struct sw_length){5, 15};
	t.engine.max_num_seqs = 16;
	for (t.load.rate = 2; t.load.rate < 4; t.load.rate *= 1.02) {
		struct sw_prediction out = predict_alone(&f, &t);

		for (int m = 0; m < SW_METRIC_COUNT; m++) {
			for (int s = 0; s < SW_STATISTIC_COUNT; s++)
				CHECK(out.latency[m].hi[s] > 1.06 * out.latency[m].at[s]);
		}
	}
	fixture_close(&f);
}

/* An instance has a part of the bandwidth, and that is what decoding waits for. */
/* What its gateway lets in is what it runs at once; its memory is that of the engine as it was started. */
TEST(an_engine_behind_a_gateway_is_one_with_fewer_sequences_and_the_cache_it_has)
{
	struct fixture f = fixture_open("a100-sxm4-80gb");
	struct sw_tenant limited = fixture_tenant(&f, "qwen3-4b", SW_MPS, 0.2, 1.5);
	struct sw_tenant fewer = limited;
	struct sw_prediction a, b, free_to_run;
	sw_prepared *p = fixture_prepare(&f, &limited);

	sw_predict(SW_MPS, (const sw_prepared *const *)&p, 1, &free_to_run);
	fewer.engine.kv_cache_tokens = sw_prepared_kv_tokens(p);
	sw_prepared_free(p);
	limited.max_in_flight = fewer.engine.max_num_seqs = 12;
	p = fixture_prepare(&f, &limited);
	sw_predict(SW_MPS, (const sw_prepared *const *)&p, 1, &a);
	sw_prepared_free(p);
	p = fixture_prepare(&f, &fewer);
	sw_predict(SW_MPS, (const sw_prepared *const *)&p, 1, &b);
	sw_prepared_free(p);
	for (int m = 0; m < SW_METRIC_COUNT; m++)
		for (int s = 0; s < SW_STATISTIC_COUNT; s++)
			CHECK_NEAR(a.latency[m].hi[s], b.latency[m].hi[s], 0);
	CHECK_NEAR(a.kv_cache_tokens, free_to_run.kv_cache_tokens, 0);
	CHECK(a.latency[SW_TTFT].hi[SW_P95] > free_to_run.latency[SW_TTFT].hi[SW_P95]);
	CHECK(a.running <= 12);
	fixture_close(&f);
}

TEST(a_mig_instance_is_bound_by_its_own_bandwidth)
{
	struct fixture f = fixture_open("h100-sxm");
	struct sw_tenant t = fixture_tenant(&f, "qwen3-4b", SW_MIG, 1.0 / 7, 0.05);

	t.slice.memory_gib = 9.75;
	t.engine.max_num_seqs = 4;
	t.engine.max_num_batched_tokens = 512;
	CHECK_INT(predict_alone(&f, &t).binds, SW_BINDS_DRAM);
	fixture_close(&f);
}

TEST(neighbours_of_one_token_answers_slow_them_down)
{
	struct fixture f = fixture_open("l40s");
	struct sw_tenant t = fixture_tenant(&f, "qwen3-0.6b", SW_TIMESLICE, 1, 2);
	struct sw_tenant busy = fixture_tenant(&f, "qwen3-4b", SW_TIMESLICE, 1, 1);
	struct sw_prediction out[2];
	sw_prepared *p[2];

	t.load.output_tokens = (struct sw_length){1, NAN};
	p[0] = fixture_prepare(&f, &t);
	p[1] = fixture_prepare(&f, &busy);
	sw_predict(SW_TIMESLICE, (const sw_prepared *const *)p, 2, out);
	CHECK(isnan(out[0].latency[SW_TPOT].at[SW_MEAN]));
	CHECK(out[0].slowdown > 1.1);
	sw_prepared_free(p[0]);
	sw_prepared_free(p[1]);
	fixture_close(&f);
}

TEST(limits_are_held_by_the_bound_not_by_the_mean)
{
	struct sw_prediction p = {.binds = SW_BINDS_NOTHING};
	struct sw_slo slo;

	for (int m = 0; m < SW_METRIC_COUNT; m++) {
		for (int s = 0; s < SW_STATISTIC_COUNT; s++) {
			slo.bound_ms[m][s] = NAN;
			p.latency[m].at[s] = 90;
			p.latency[m].hi[s] = 110;
		}
	}
	CHECK(sw_prediction_meets(&p, &slo));
	slo.bound_ms[SW_TPOT][SW_P95] = 100;
	CHECK(!sw_prediction_meets(&p, &slo));
	slo.bound_ms[SW_TPOT][SW_P95] = 110;
	CHECK(sw_prediction_meets(&p, &slo));
	p.binds = SW_BINDS_OVERLOAD;
	CHECK(!sw_prediction_meets(&p, &slo));
}

/* Published by NVIDIA Dynamo (Apache-2.0), median inter-token times of two Qwen3-4B on one A100-40GB, 2048 tokens in and 256
 * out at fixed concurrency. A first interference term with two constants: within 8 %. */
TEST(two_measured_engines_on_one_gpu)
{
	static const struct {
		enum sw_mechanism mechanism;
		double share, concurrency, itl_ms;
	} rows[] = {
		{SW_TIMESLICE, 1, 1, 19.0}, {SW_TIMESLICE, 1, 4, 21.1}, {SW_TIMESLICE, 1, 16, 35.6},
		{SW_MPS, 0.5, 1, 13.2},     {SW_MPS, 0.5, 4, 15.4},     {SW_MPS, 0.5, 16, 28.9},
	};
	struct fixture f = fixture_open("a100-sxm4-40gb");

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sw_tenant t =
			fixture_tenant(&f, "qwen3-4b", rows[i].mechanism, rows[i].share, NAN);
		struct sw_prediction out[2];
		sw_prepared *p[2];

		t.slice.memory_gib = 19.5;
		t.load.concurrency = rows[i].concurrency;
		t.load.prompt_tokens = (struct sw_length){2048, NAN};
		t.load.output_tokens = (struct sw_length){256, NAN};
		t.engine.max_model_len = 4096;
		p[0] = fixture_prepare(&f, &t);
		p[1] = fixture_prepare(&f, &t);
		sw_predict(rows[i].mechanism, (const sw_prepared *const *)p, 2, out);
		CHECK_NEAR(out[0].latency[SW_TPOT].at[SW_P50], rows[i].itl_ms, 0.08);
		CHECK(memcmp(&out[0], &out[1], sizeof(out[0])) == 0);
		sw_prepared_free(p[0]);
		sw_prepared_free(p[1]);
	}
	fixture_close(&f);
}

TEST(a_mix_file_is_predicted_in_file_order)
{
	struct fixture f = fixture_open("l40s");
	struct sw_prediction out[4];
	struct sw_mix *mix = NULL;
	struct sw_error err = {SW_OK, ""};

	CHECK_INT(sw_mix_load(f.catalog, SW_SOURCE_DIR "/examples/mix-four-small.yaml", &mix, &err),
		  SW_OK);
	CHECK_STR(err.message, "");
	CHECK_INT(mix->n, 4);
	CHECK_INT(sw_predict_mix(mix, NULL, out, &err), SW_OK);
	for (size_t i = 0; i < mix->n; i++) {
		CHECK_NEAR(out[i].requests_per_s, mix->tenants[i].load.rate, 1e-12);
		CHECK(out[i].max_rate_per_s > mix->tenants[i].load.rate);
	}
	sw_mix_free(mix);
	fixture_close(&f);
}

TEST(every_bind_has_a_name)
{
	CHECK_STR(sw_binds_id(SW_BINDS_OVERLOAD), "overload");
	CHECK_STR(sw_binds_id(SW_BINDS_COUNT), "?");
}

TEST_MAIN()

// SPDX-License-Identifier: Apache-2.0
/* Tables against sw_predict(): bench/predict-speed has the same at large. */
#include <stdlib.h>

#include "predict/predict_fixture.h"

static const char *const models[] = {"qwen3-0.6b", "qwen3-1.7b", "qwen3-4b", "llama-3.2-1b"};
static const enum sw_mechanism touching[] = {SW_MPS, SW_TIMESLICE, SW_HAMI};
enum { TOUCHING = sizeof(touching) / sizeof(touching[0]), MODELS = 4 };

/* Engines with both predictions. */
struct both {
	enum sw_mechanism mechanism;
	size_t n;
	sw_prepared *prepared[SW_TENANTS_MAX];
	sw_tabled *tabled[SW_TENANTS_MAX];
	struct sw_prediction exact[SW_TENANTS_MAX], table[SW_TENANTS_MAX];
};

static void both_add(const struct fixture *f, const struct sw_tenant *t, struct both *b)
{
	b->prepared[b->n] = fixture_prepare(f, t);
	CHECK_INT(sw_tabled_make(b->mechanism, b->prepared[b->n], &b->tabled[b->n], NULL), SW_OK);
	b->n++;
}

static void both_predict(struct both *b)
{
	sw_predict(b->mechanism, (const sw_prepared *const *)b->prepared, b->n, b->exact);
	sw_predict_tabled(b->mechanism, (const sw_tabled *const *)b->tabled, b->n, b->table);
}

static void both_clear(struct both *b)
{
	for (size_t i = 0; i < b->n; i++) {
		sw_prepared_free(b->prepared[i]);
		sw_tabled_free(b->tabled[i]);
	}
	b->n = 0;
}

/* The first n models of the list, going round, all at one rate. */
static void both_of(const struct fixture *f, size_t n, double share, double rate, struct both *b)
{
	b->n = 0;
	for (size_t i = 0; i < n; i++) {
		struct sw_tenant t =
			fixture_tenant(f, models[i % MODELS], b->mechanism, share, rate);

		both_add(f, &t, b);
	}
	both_predict(b);
}

static void check_number(double table, double exact, double relative)
{
	if (isfinite(exact))
		CHECK_NEAR(table, exact, relative);
	else
		CHECK(isnan(exact) ? isnan(table) : isinf(table));
}

static void check_alike(const struct both *b, double relative)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct sw_prediction *t = &b->table[i], *e = &b->exact[i];

		for (int m = 0; m < SW_METRIC_COUNT; m++) {
			for (int s = 0; s < SW_STATISTIC_COUNT; s++) {
				check_number(t->latency[m].at[s], e->latency[m].at[s], relative);
				check_number(t->latency[m].hi[s], e->latency[m].hi[s], relative);
			}
			check_number(t->latency[m].lo, e->latency[m].lo, relative);
		}
		check_number(t->requests_per_s, e->requests_per_s, relative);
		check_number(t->output_tokens_per_s, e->output_tokens_per_s, relative);
		check_number(t->slowdown, e->slowdown, relative);
		check_number(t->running, e->running, relative);
		check_number(t->busy, e->busy, relative);
		check_number(t->gpu_busy, e->gpu_busy, relative);
		check_number(t->kv_cache_tokens, e->kv_cache_tokens, 0);
		CHECK(isnan(t->max_rate_per_s));
		CHECK(t->extrapolated == e->extrapolated);
		CHECK((t->binds == SW_BINDS_OVERLOAD) == (e->binds == SW_BINDS_OVERLOAD));
	}
}

/* Rates that are within a percent of somebody's overload are not among them: README.md, "Agreement". */
TEST(mixes_under_every_mechanism_and_load)
{
	struct fixture f = fixture_open("a100-sxm4-80gb");

	for (size_t m = 0; m < TOUCHING; m++) {
		for (double rate = 0.32; rate < 80; rate *= 3) {
			struct both b = {.mechanism = touching[m]};

			both_of(&f, 4, 0.25, rate, &b);
			check_alike(&b, 0.02);
			both_clear(&b);
		}
	}
	fixture_close(&f);
}

/* No neighbour, no interpolation: rounding to single precision is all. */
TEST(alone_and_behind_walls_it_is_the_same_answer)
{
	static const enum sw_mechanism mechanisms[] = {SW_MPS, SW_TIMESLICE, SW_HAMI, SW_EXCLUSIVE};
	struct fixture f = fixture_open("h100-sxm");
	struct both walled = {.mechanism = SW_MIG};

	for (size_t m = 0; m < 4; m++) {
		struct both b = {.mechanism = mechanisms[m]};

		both_of(&f, 1, 1, 3, &b);
		check_alike(&b, 1e-6);
		CHECK_INT(b.table[0].binds, b.exact[0].binds);
		both_clear(&b);
	}
	for (size_t i = 0; i < 2; i++) {
		struct sw_tenant t = fixture_tenant(&f, models[i], SW_MIG, 2.0 / 7, 2);

		t.slice.memory_gib = 19.5;
		both_add(&f, &t, &walled);
	}
	both_predict(&walled);
	check_alike(&walled, 1e-6);
	both_clear(&walled);
	fixture_close(&f);
}

TEST(closed_loops_and_answers_of_one_token)
{
	struct fixture f = fixture_open("l40s");

	for (size_t m = 0; m < TOUCHING; m++) {
		struct both b = {.mechanism = touching[m]};
		struct sw_tenant loop = fixture_tenant(&f, "qwen3-1.7b", touching[m], 0.4, NAN);
		struct sw_tenant one = fixture_tenant(&f, "qwen3-0.6b", touching[m], 0.4, 2);

		loop.load.concurrency = 8;
		one.load.output_tokens = (struct sw_length){1, NAN};
		both_add(&f, &loop, &b);
		both_add(&f, &one, &b);
		both_predict(&b);
		check_alike(&b, 0.02);
		CHECK(isnan(b.table[1].latency[SW_TPOT].at[SW_MEAN]));
		CHECK(b.table[1].slowdown > 1);
		both_clear(&b);
	}
	fixture_close(&f);
}

/* Beyond its edge a bound is infinite while the engine is still served; beyond the engine's own it is overloaded. */
TEST(towards_overload_bounds_go_first)
{
	struct fixture f = fixture_open("l40s");
	bool served = false, unbounded = false, overloaded = false;

	for (double rate = 1; rate < 40; rate *= 1.05) {
		struct both b = {.mechanism = SW_TIMESLICE};
		const struct sw_prediction *p = &b.table[1];

		both_of(&f, 2, 1, rate, &b);
		if (p->binds == SW_BINDS_OVERLOAD) {
			overloaded = true;
			CHECK(isnan(p->latency[SW_TTFT].at[SW_MEAN]));
		} else if (isinf(p->latency[SW_TTFT].hi[SW_MEAN])) {
			unbounded = true;
			CHECK(!overloaded);
		} else {
			served = true;
			CHECK(!overloaded && !unbounded);
		}
		both_clear(&b);
	}
	CHECK(served && unbounded && overloaded);
	fixture_close(&f);
}

/* Two stretches at once are not tabulated. */
TEST(shares_beyond_the_gpu_are_answered_by_the_closed_form)
{
	struct fixture f = fixture_open("a100-sxm4-80gb");
	struct both b = {.mechanism = SW_MPS};

	both_of(&f, 4, 0.5, 2, &b);
	for (size_t i = 0; i < b.n; i++)
		CHECK(memcmp(&b.table[i].latency, &b.exact[i].latency,
			     sizeof(b.exact[i].latency)) == 0);
	check_alike(&b, 0);
	both_clear(&b);
	fixture_close(&f);
}

TEST(as_many_engines_as_a_gpu_may_have)
{
	struct fixture f = fixture_open("h200-sxm");

	for (size_t m = 0; m < TOUCHING; m++) {
		for (size_t n = 7; n <= SW_TENANTS_MAX; n += 9) {
			struct both b = {.mechanism = touching[m]};

			both_of(&f, n, 0.06, 0.1, &b);
			check_alike(&b, 0.02);
			both_clear(&b);
		}
	}
	fixture_close(&f);
}

/* A table stands for the rate at which it was made. */
TEST(a_table_keeps_its_rate_and_lives_on)
{
	struct fixture f = fixture_open("l4");
	struct sw_tenant t = fixture_tenant(&f, "qwen3-0.6b", SW_MPS, 0.5, 1);
	sw_prepared *prepared = fixture_prepare(&f, &t);
	struct sw_prediction out;
	sw_tabled *tabled;

	CHECK_INT(sw_tabled_make(SW_MPS, prepared, &tabled, NULL), SW_OK);
	sw_prepared_set_rate(prepared, 2);
	sw_prepared_free(prepared);
	sw_predict_tabled(SW_MPS, (const sw_tabled *const *)&tabled, 1, &out);
	CHECK_NEAR(out.requests_per_s, 1, 1e-6);
	sw_tabled_free(tabled);
	fixture_close(&f);
}

TEST_MAIN()

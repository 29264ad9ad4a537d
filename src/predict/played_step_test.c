// SPDX-License-Identifier: Apache-2.0
#include "predict/played_step.h"

#include <stdlib.h>

#include "predict/played_fixture.h"

/* Answers of `n` requests whose contexts have so many tokens. */
struct decodes {
	struct sw__sequence sequence;
	struct sw__step_part part[64];
	struct sw__step step;
};

static const struct sw__step *decodes_of(struct decodes *d, size_t n, uint32_t context)
{
	d->sequence = (struct sw__sequence){.generated = 1};
	for (size_t i = 0; i < n; i++)
		d->part[i] = (struct sw__step_part){&d->sequence, context, 1, true};
	d->step = (struct sw__step){.n = n, .part = d->part, .tokens = (uint32_t)n};
	return &d->step;
}

struct asking {
	struct played_fixture p;
	struct sw__shared_values shared;
	struct sw__model_values model;
	struct sw__played_steps steps;
};

static struct asking *ask(struct sw__known_steps *known)
{
	struct asking *a = calloc(1, sizeof(*a));
	struct sw_error err = {SW_OK, ""};
	struct sw_tenant *t;

	if (!CHECK(a))
		abort();
	played_open(&a->p, "a100-sxm4-80gb", SW_HAMI);
	t = played_add(&a->p, "qwen3-1.7b", 1, 4);
	CHECK_INT(sw_engine_resolve(&t->engine, &a->p.f.gpu, &t->model, &t->slice, &err), SW_OK);
	a->shared = sw__shared_unmeasured();
	a->model = sw__model_unmeasured();
	sw__played_steps_of(a->p.f.calibration, t, &a->shared, &a->model, known, &a->steps);
	return a;
}

static double gpu_ms(struct asking *a, size_t n, uint32_t context)
{
	struct sw__played_step step;
	struct decodes d;

	sw__played_step_of(&a->steps, decodes_of(&d, n, context), &step);
	return step.gpu_ms;
}

static void done(struct asking *a)
{
	played_close(&a->p);
	free(a);
}

TEST(what_a_step_takes_does_not_depend_on_which_of_its_like_came_first)
{
	struct asking *one = ask(NULL), *other = ask(NULL);
	double first = gpu_ms(one, 8, 1000);

	CHECK_NEAR(gpu_ms(one, 8, 1001), first, 0);
	CHECK_NEAR(gpu_ms(other, 8, 1001), first, 0);
	CHECK_NEAR(gpu_ms(other, 8, 1000), first, 0);
	CHECK(gpu_ms(one, 8, 1100) > first);
	CHECK(gpu_ms(one, 9, 1000) > first);
	done(one);
	done(other);
}

TEST(contexts_are_taken_within_a_hundredth)
{
	struct asking *a = ask(NULL);

	for (uint32_t context = 700; context < 9000; context = context * 11 / 10) {
		struct sw_step_work work = {.n_decode = 8, .decode_kv_tokens = 8.0 * (context + 1)};
		struct sw_step_time t =
			sw__step_time_of(a->p.f.calibration, &a->p.tenants[0].engine,
					 &a->steps.setting, &a->steps.ops, &work);
		double exact = t.gemm_ms + t.attention_ms + t.other_ms + t.sampling_ms;

		CHECK_NEAR(gpu_ms(a, 8, context), exact, 0.01 * t.attention_ms / exact + 1e-9);
	}
	done(a);
}

/* Coefficients differ between plays that share what is known, so that may hold nothing of theirs. */
TEST(what_is_known_of_steps_is_what_they_take)
{
	struct sw__known_steps *known = sw__known_steps_make(1);
	size_t products = 0;
	struct asking *without = ask(NULL), *first = ask(known), *second = ask(known);

	if (!CHECK(known))
		return;
	second->model.at[SW__MODEL_decode] = 3;
	for (int times = 0; times < 2; times++)
		for (size_t n = 1; n < 60; n++) {
			double ms = gpu_ms(without, n, 100 * (uint32_t)n);

			CHECK_NEAR(gpu_ms(first, n, 100 * (uint32_t)n), ms, 0);
			CHECK_NEAR(gpu_ms(second, n, 100 * (uint32_t)n), 3 * ms, 1e-12);
		}
	for (size_t i = 0; i < 2048; i++)
		products += known->products->at[i].us > 0;
	CHECK(products > 50 && products < 60);
	done(without);
	done(first);
	done(second);
	sw__known_steps_free(known, 1);
}

TEST_MAIN()

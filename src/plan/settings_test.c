// SPDX-License-Identifier: Apache-2.0
#include "plan/settings.h"

#include "check.h"
#include "plan/fake_oracle.h"

static struct sw_error err;
static struct sw__sizing sizing;

/* An oracle in which the batch limits matter: few sequences wait, large budgets disturb, small ones cost time. */
static void predict_batches(enum sw_mechanism mechanism, const sw_prepared *const *p, size_t n,
			    struct sw_prediction *out)
{
	fake_predict(mechanism, p, n, out);
	for (size_t i = 0; i < n; i++) {
		double seqs = p[i]->w.push, budget = p[i]->w.weights_gib;
		double running = 20, tpot = 1 + 0.25 * fabs(log2(budget / 1024));

		out[i].running = running;
		out[i].latency[SW_TPOT].hi[SW_P95] *= tpot;
		out[i].latency[SW_TTFT].hi[SW_P95] *= seqs < running ? 1 + (running - seqs) / 4 : 1;
	}
}

/* The fake engine has no place for batch limits, so they travel in members that this oracle does not use otherwise. */
static enum sw_status prepare_batches(void *context, size_t workload, size_t fleet,
				      const struct sw_tenant *tenant, sw_prepared **out,
				      struct sw_error *e)
{
	enum sw_status st = fake_prepare(context, workload, fleet, tenant, out, e);

	if (st == SW_OK) {
		(*out)->w.push = tenant->engine.max_num_seqs;
		(*out)->w.weights_gib = tenant->engine.max_num_batched_tokens;
	}
	return st;
}

/*
 * Requests stay longer in smaller slices, 20 at once in a whole GPU, and whoever finds no place waits: TTFT is good or hopeless, and
 * TPOT what binds on the last slice that does. Twice the budget, twice the wait.
 */
static void predict_places(enum sw_mechanism mechanism, const sw_prepared *const *p, size_t n,
			   struct sw_prediction *out)
{
	fake_predict(mechanism, p, n, out);
	for (size_t i = 0; i < n; i++) {
		double seqs = p[i]->w.push, budget = p[i]->w.weights_gib;
		double running = 20 / p[i]->share, ttft_ms = 50 * budget / 2048 / p[i]->share;

		out[i].running = running / 1.3; /* bounds know of slower steps */
		out[i].latency[SW_TPOT].hi[SW_P95] = 1 / p[i]->share;
		out[i].latency[SW_TTFT].hi[SW_P95] = running <= seqs ? ttft_ms : 10000;
	}
}

static const struct sw__oracle batches = {
	.settle = fake_settle,
	.check_memory = fake_check_memory,
	.prepare = prepare_batches,
	.release = fake_release,
	.set_rate = fake_set_rate,
	.predict = predict_batches,
	.max_rates = fake_max_rates,
};

static const struct sw__oracle places = {
	.settle = fake_settle,
	.check_memory = fake_check_memory,
	.prepare = prepare_batches,
	.release = fake_release,
	.set_rate = fake_set_rate,
	.predict = predict_places,
	.max_rates = fake_max_rates,
};

static struct sw_workload *one_workload(double tpot, double ttft)
{
	struct sw_workload *w;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	w = fake_add_workload((struct fake_workload){5, 0.01, 0, 3}, 10, tpot);
	w->engine.given = 0;
	w->slo.bound_ms[SW_TTFT][SW_P95] = ttft;
	return w;
}

static struct sw__size *size_with(const struct sw__oracle *oracle)
{
	struct sw__size *size = NULL;

	CHECK_INT(sw__sizing_open(&fake_problem, oracle, &sizing, &err), SW_OK);
	CHECK_INT(sw__size_get(&sizing, 0, 0, 1, &size, &err), SW_OK);
	return size;
}

static void done(void)
{
	sw__sizing_close(&sizing);
	CHECK_INT(fake_prepared, 0);
}

TEST(the_budget_with_the_smallest_slice_is_found)
{
	struct sw__size *size;

	(void)one_workload(20, NAN);
	size = size_with(&batches);
	CHECK(size->possible);
	CHECK_INT(size->tenant.engine.max_num_batched_tokens, 1024);
	CHECK_NEAR(size->least_share, sw__size_share(&sizing, size, size->alone), 1e-12);
	done();
}

TEST(sequences_are_as_few_as_the_limits_allow)
{
	struct sw__size *size;

	(void)one_workload(20, 300);
	size = size_with(&batches);
	CHECK(size->possible);
	CHECK_INT(size->tenant.engine.max_num_seqs, 32); /* 20 run; 16 would make them wait */
	CHECK_NEAR(size->tenant.slice.memory_gib, 4, 1e-12);
	CHECK_NEAR(size->least_memory_gib, 3 + 1.0 / 32, 1e-12);
	done();
}

/* With the usual 64 the slice is 0.32 and both limits hold by far; what stands against less is TTFT. */
TEST(more_sequences_where_a_smaller_slice_wants_them)
{
	struct sw__size *size;

	(void)one_workload(10, 700);
	size = size_with(&places);
	CHECK(size->possible);
	CHECK(size->tenant.engine.max_num_seqs > 64);
	CHECK(sw__size_share(&sizing, size, size->alone) < 0.2);
	done();
}

/* The larger budgets are the first thought where answers begin late. Of very many workloads they are the only one. */
TEST(smaller_budgets_too_where_answers_begin_late)
{
	struct sw__size *size;

	one_workload(100, 100)->engine.given = SW_KEY_MAX_NUM_SEQS;
	fake_asked[0].engine.max_num_seqs = 512;
	size = size_with(&places);
	CHECK_INT(size->tenant.engine.max_num_batched_tokens, 512);
	done();
	CHECK_INT(sw__sizing_open(&fake_problem, &places, &sizing, &err), SW_OK);
	sizing.economical = true;
	CHECK_INT(sw__size_get(&sizing, 0, 0, 1, &size, &err), SW_OK);
	CHECK_INT(size->tenant.engine.max_num_batched_tokens, 2048);
	done();
}

TEST(what_the_user_gave_stands)
{
	struct sw__size *size;
	struct sw_workload *w = one_workload(40, NAN);

	w->engine.given = SW_KEY_MAX_NUM_SEQS | SW_KEY_MAX_NUM_BATCHED_TOKENS;
	w->engine.max_num_seqs = 48;
	w->engine.max_num_batched_tokens = 3000;
	size = size_with(&batches);
	CHECK(size->possible);
	CHECK_INT(size->tenant.engine.max_num_seqs, 48);
	CHECK_INT(size->tenant.engine.max_num_batched_tokens, 3000);
	done();
	w->engine.given = SW_KEY_MAX_NUM_SEQS;
	w->engine.max_num_seqs = 9000;
	size = size_with(&fake_oracle);
	CHECK(!size->possible && strstr(size->why_not, "w0 needs 284.25 GiB"));
	done();
	w->engine.given = SW_KEY_MAX_NUM_BATCHED_TOKENS;
	w->engine.max_num_batched_tokens = 6;
	size = size_with(&fake_oracle);
	CHECK(size->possible && size->tenant.engine.max_num_seqs <= 6);
	done();
}

TEST(a_closed_loop_has_a_place_for_every_request)
{
	struct sw__size *size;
	struct sw_workload *w = one_workload(40, NAN);

	w->load.rate = NAN;
	w->load.concurrency = 20;
	size = size_with(&fake_oracle);
	CHECK(size->possible && size->tenant.engine.max_num_seqs == 20);
	done();
}

/* Against looking at every level: no smaller one holds. */
TEST(the_smallest_level_is_found_for_any_limit)
{
	for (int tpot = 6; tpot < 200; tpot += 3) {
		struct sw__size *size;
		size_t level = 0;

		(void)one_workload(tpot, NAN);
		fake_asked[0].engine.given = SW_KEY_MAX_NUM_SEQS | SW_KEY_MAX_NUM_BATCHED_TOKENS;
		size = size_with(&fake_oracle);
		for (; size->possible && level < sizing.levels[0].n; level++) {
			const sw_prepared *prepared;
			struct sw_prediction predicted;

			CHECK_INT(sw__size_prepared(&sizing, size, level, &prepared, &err), SW_OK);
			fake_predict(SW_MPS, &prepared, 1, &predicted);
			if (sw_prediction_meets(&predicted, &fake_asked[0].slo))
				break;
		}
		CHECK_INT(size->possible ? size->alone : 0, level);
		CHECK(size->possible == (tpot > 5.7));
		done();
	}
}

/* The n-th allocation of a prepared engine fails: the search ends with SW_NO_MEMORY and leaves nothing behind. */
static size_t prepare_fails_at;

static enum sw_status prepare_failing(void *context, size_t workload, size_t fleet,
				      const struct sw_tenant *tenant, sw_prepared **out,
				      struct sw_error *e)
{
	if (prepare_fails_at-- == 0)
		return sw_fail(e, SW_NO_MEMORY, "out of memory");
	return fake_prepare(context, workload, fleet, tenant, out, e);
}

TEST(out_of_memory_ends_the_search_cleanly)
{
	struct sw__oracle failing = fake_oracle;
	enum sw_status st = SW_NO_MEMORY;

	failing.prepare = prepare_failing;
	for (size_t n = 0; st == SW_NO_MEMORY && n < 100; n++) {
		struct sw__size *size = NULL;

		(void)one_workload(20, NAN);
		prepare_fails_at = n;
		CHECK_INT(sw__sizing_open(&fake_problem, &failing, &sizing, &err), SW_OK);
		st = sw__size_get(&sizing, 0, 0, 1, &size, &err);
		CHECK(st == SW_OK || st == SW_NO_MEMORY);
		done();
	}
	CHECK_INT(st, SW_OK);
}

/* Under MIG memory comes with the slice: with fewer sequences a smaller one does. */
TEST(fewer_sequences_for_a_smaller_instance)
{
	static const struct sw_mig_profile profiles[] = {{"1g", 1, 1, 4.5, 14, 7, 0x7f},
							 {"2g", 2, 2, 9.5, 28, 3, 0x15}};
	struct sw_fleet_entry *entry;
	struct sw_workload *w;
	struct sw__size *size;

	fake_reset();
	entry = fake_add_gpu(SW_MIG, 98, 40, 1, 2);
	entry->gpu.mig_compute_slices = 7;
	entry->gpu.mig_memory_slices = 8;
	entry->gpu.n_mig = 2;
	memcpy(entry->gpu.mig, profiles, sizeof(profiles));
	w = fake_add_workload((struct fake_workload){5, 0.001, 0, 3}, 10, 100);
	w->engine.given = 0;
	size = size_with(&fake_oracle);
	if (CHECK(size && size->possible)) {
		CHECK_INT(size->alone, 0);
		CHECK_INT(size->tenant.engine.max_num_seqs, 32); /* 3 + 32 / 32 GiB; 64 take 5 */
	}
	done();
}

TEST_MAIN()

// SPDX-License-Identifier: Apache-2.0
/* The real oracle: memory that suffices, and the three assumptions that the lower bound rests on. */
#include "plan/oracle.h"

#include <string.h>

#include "check.h"
#include "predict/fit_coefficients.h"

static struct sw_error err;
static struct sw_problem *problem;
static struct sw__oracle oracle;
static sw_catalog *catalog;

static bool open_example(void)
{
	CHECK_INT(sw_catalog_open(&catalog, &err), SW_OK);
	CHECK_INT(
		sw_problem_load(catalog, SW_SOURCE_DIR "/examples/six-models.yaml", &problem, &err),
		SW_OK);
	return CHECK(problem && sw__oracle_open(problem, &oracle, &err) == SW_OK);
}

static void close_example(void)
{
	sw__oracle_close(&oracle);
	sw_problem_free(problem);
	sw_catalog_free(catalog);
	problem = NULL;
}

static struct sw_tenant tenant_of(size_t workload, size_t fleet, double share)
{
	const struct sw_workload *w = &problem->workloads[workload];
	struct sw_tenant tenant = {
		.model = w->model,
		.engine = w->engine,
		.slice = {problem->fleet[fleet].mechanism, share, NAN},
		.load = w->load,
		.slo = w->slo,
	};

	tenant.engine.max_num_seqs = 32;
	tenant.engine.max_num_batched_tokens = 2048;
	tenant.engine.given |= SW_KEY_MAX_NUM_SEQS | SW_KEY_MAX_NUM_BATCHED_TOKENS;
	return tenant;
}

TEST(settled_memory_suffices_for_the_sequences_and_for_one_long_request)
{
	if (!open_example())
		return;
	for (size_t w = 0; w < problem->n_workloads; w++) {
		struct sw_tenant tenant = tenant_of(w, 0, 0.5);
		struct sw_memory_fit fit;

		if (!CHECK(oracle.settle(oracle.context, w, 0, &tenant, &err) == SW_OK))
			continue;
		CHECK_INT(oracle.check_memory(oracle.context, 0, &tenant, &err), SW_OK);
		CHECK_INT(sw_memory_fit(&problem->fleet[0].gpu, &tenant.model, &tenant.engine,
					&tenant.slice, &fit, &err),
			  SW_OK);
		CHECK(tenant.engine.max_model_len >= 16384 && tenant.engine.max_model_len <= 32768);
		CHECK(fit.kv_tokens_low >= tenant.engine.max_model_len);
		CHECK(fit.kv_tokens_low >= 32 * (1155 + 105));
	}
	close_example();
}

TEST(a_model_too_large_says_what_it_needs)
{
	struct sw_tenant tenant;

	if (!open_example())
		return;
	tenant = tenant_of(5, 2, 0.5); /* llama-3.1-8b on 24 GB with 256 sequences */
	tenant.engine.max_num_seqs = 256;
	CHECK_INT(oracle.settle(oracle.context, 5, 2, &tenant, &err), SW_INFEASIBLE);
	CHECK(strstr(err.message, "llama-3.1-8b needs ") &&
	      strstr(err.message, "quadro-rtx-6000 has "));
	close_example();
}

/* The upper bounds of both latencies at p95, and whether there are any. */
struct bounds {
	double ttft, tpot;
};

static struct bounds bounds_of(struct sw_tenant *const *tenants, size_t fleet,
			       const size_t *workloads, size_t n)
{
	sw_prepared *prepared[4] = {NULL};
	struct sw_prediction out[4];
	struct bounds b = {INFINITY, INFINITY};

	for (size_t i = 0; i < n; i++) {
		CHECK_INT(oracle.settle(oracle.context, workloads[i], fleet, tenants[i], &err),
			  SW_OK);
		CHECK_INT(oracle.prepare(oracle.context, workloads[i], fleet, tenants[i],
					 &prepared[i], &err),
			  SW_OK);
	}
	oracle.predict(problem->fleet[fleet].mechanism, (const sw_prepared *const *)prepared, n,
		       out);
	if (out[0].binds != SW_BINDS_OVERLOAD)
		b = (struct bounds){out[0].latency[SW_TTFT].hi[SW_P95],
				    out[0].latency[SW_TPOT].hi[SW_P95]};
	for (size_t i = 0; i < n; i++)
		oracle.release(prepared[i]);
	return b;
}

/* A predictor is made of pieces that meet within a few percent; what the bound needs is that no step turns around. */
static const double wobble = 1.05;

static void check_no_better(const struct bounds *worse, const struct bounds *better,
			    const char *what, size_t workload)
{
	if (!CHECK(worse->ttft * wobble >= better->ttft && worse->tpot * wobble >= better->tpot))
		printf("    %s, workload %zu: ttft %g then %g, tpot %g then %g\n", what, workload,
		       better->ttft, worse->ttft, better->tpot, worse->tpot);
}

TEST(smaller_slices_more_load_and_neighbours_never_help)
{
	if (!open_example())
		return;
	for (size_t w = 0; w < problem->n_workloads; w++) {
		struct bounds last = {0, 0};

		for (double share = 1; share > 0.1; share -= 0.05) {
			struct sw_tenant tenant = tenant_of(w, 0, share), busier = tenant, other;
			struct sw_tenant *one[] = {&tenant}, *more[] = {&busier},
					 *two[] = {&tenant, &other};
			struct bounds alone = bounds_of(one, 0, &w, 1), now;

			check_no_better(&alone, &last, "smaller slice", w);
			last = alone;
			busier.load.rate *= 1.3;
			now = bounds_of(more, 0, &w, 1);
			check_no_better(&now, &alone, "more load", w);
			other = tenant_of((w + 1) % 6, 0, 0.3);
			now = bounds_of(two, 0, (size_t[]){w, (w + 1) % 6}, 2);
			check_no_better(&now, &alone, "a neighbour", w);
		}
	}
	close_example();
}

static double tpot_of(const sw_prepared *prepared)
{
	struct sw_prediction out;

	sw_predict(SW_MPS, &prepared, 1, &out);
	return out.latency[SW_TPOT].at[SW_MEAN];
}

/* What arrives is kept from one call to the next, and must not be when it is another's. */
TEST(preparing_again_and_again_is_the_same_as_once)
{
	static const double rates[] = {1.2, 1.2, 0.4, 2, 1.2};
	static const unsigned lengths[] = {32768, 32768, 32768, 1024, 1024};
	struct sw_tenant tenant;
	sw_calibration *calibration;

	if (!open_example())
		return;
	CHECK_INT(sw_calibration_open(&problem->fleet[0].gpu, NULL, &calibration, &err), SW_OK);
	tenant = tenant_of(2, 0, 0.5);
	CHECK_INT(oracle.settle(oracle.context, 2, 0, &tenant, &err), SW_OK);
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		sw_prepared *kept, *once;

		tenant.load.rate = rates[i];
		tenant.engine.max_model_len = lengths[i];
		CHECK_INT(oracle.prepare(oracle.context, 2, 0, &tenant, &kept, &err), SW_OK);
		CHECK_INT(sw_prepare(calibration, &problem->fleet[0].gpu, &tenant, &once, &err),
			  SW_OK);
		CHECK_NEAR(tpot_of(kept), tpot_of(once), 0);
		sw_prepared_free(kept);
		sw_prepared_free(once);
	}
	sw_calibration_free(calibration);
	close_example();
}

/*
 * By another way: tokens per second over running sequences are steps per second, and each reads the weights (two bytes each);
 * prompts and the KV cache come on top.
 */
TEST(dram_is_read_by_weights_first)
{
	if (!open_example())
		return;
	for (size_t w = 0; w < problem->n_workloads; w++) {
		struct sw_tenant tenant = tenant_of(w, 0, 0.5);
		double weights_gb = 2e-9 * (double)sw_model_parameters(&tenant.model);
		struct sw_prediction alone;
		sw_prepared *prepared = NULL;
		double part, steps;

		CHECK_INT(oracle.settle(oracle.context, w, 0, &tenant, &err), SW_OK);
		CHECK_INT(oracle.prepare(oracle.context, w, 0, &tenant, &prepared, &err), SW_OK);
		if (!prepared)
			continue;
		oracle.predict(SW_MPS, (const sw_prepared *const *)&prepared, 1, &alone);
		steps = alone.output_tokens_per_s / alone.running;
		part = sw__shared_coefficients[SW__SHARED_dram_together].value *
		       oracle.pressure(SW_MPS, prepared); /* of what engines together reach */
		CHECK(part > 0.8 * steps * weights_gb / problem->fleet[0].gpu.dram_gb_s);
		CHECK(part < 2 * steps * weights_gb / problem->fleet[0].gpu.dram_gb_s);
		oracle.release(prepared);
	}
	close_example();
}

/* What neighbours of a pressure do at the least: no set of neighbours does less to an engine than is said of their pressures' sum. */
TEST(no_neighbours_press_less_than_their_sum)
{
	sw_prepared *prepared[6];
	size_t n = 0;

	if (!open_example())
		return;
	for (size_t w = 0; w < problem->n_workloads && n < 6; w++, n++) {
		struct sw_tenant tenant = tenant_of(w, 0, 0.15 + 0.05 * (double)w);

		CHECK_INT(oracle.settle(oracle.context, w, 0, &tenant, &err), SW_OK);
		CHECK_INT(oracle.prepare(oracle.context, w, 0, &tenant, &prepared[n], &err), SW_OK);
	}
	for (unsigned set = 1; set < 1u << n; set++) {
		const sw_prepared *chosen[6];
		struct sw_prediction together[6], alone;
		size_t m = 0;
		double sum = 0;

		for (size_t i = 0; i < n; i++) {
			if (set >> i & 1)
				chosen[m++] = prepared[i];
		}
		oracle.predict(SW_MPS, chosen, m, together);
		for (size_t i = 0; i < m; i++)
			sum += oracle.pressure(SW_MPS, chosen[i]);
		for (size_t i = 0; i < m; i++) {
			double others = sum - oracle.pressure(SW_MPS, chosen[i]);

			oracle.predict_pressed(SW_MPS, chosen[i], others, &alone);
			if (together[i].binds == SW_BINDS_OVERLOAD)
				continue;
			CHECK(alone.latency[SW_TPOT].hi[SW_P95] <=
			      together[i].latency[SW_TPOT].hi[SW_P95] * wobble);
			CHECK(alone.latency[SW_TTFT].hi[SW_P95] <=
			      together[i].latency[SW_TTFT].hi[SW_P95] * wobble);
		}
	}
	while (n > 0)
		oracle.release(prepared[--n]);
	close_example();
}

/* Whom neighbours hold up is there longer: no less presses on the others than alone, and no more than what keeps a GPU busy. */
TEST(who_is_held_up_presses_longer)
{
	if (!open_example())
		return;
	for (size_t w = 0; w < problem->n_workloads; w++) {
		struct sw_tenant tenant = tenant_of(w, 0, 0.4);
		sw_prepared *prepared = NULL;
		double last;

		CHECK_INT(oracle.settle(oracle.context, w, 0, &tenant, &err), SW_OK);
		CHECK_INT(oracle.prepare(oracle.context, w, 0, &tenant, &prepared, &err), SW_OK);
		if (!prepared)
			continue;
		last = oracle.pressure(SW_MPS, prepared);
		CHECK_NEAR(oracle.pressure_beside(SW_MPS, prepared, 0), last, 0.01 * last);
		for (double others = 0.2; others < 2; others += 0.2) {
			double now = oracle.pressure_beside(SW_MPS, prepared, others);

			CHECK(now >= last * (1 - 1e-3));
			last = now;
		}
		oracle.release(prepared);
	}
	close_example();
}

TEST_MAIN()

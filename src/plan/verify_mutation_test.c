// SPDX-License-Identifier: Apache-2.0
/*
 * The judge against an adversary: every field of a plan that holds is changed, by little and by much, and each change must be
 * refused. A field that no table here names fails the test, so that none is added without somebody to judge it.
 */
#include "plan/verify.h"

#include <stddef.h>
#include <unistd.h>

#include "check.h"
#include "plan/fake_oracle.h"
#include "plan/planner.h"

enum kind {
	NUMBER, /* double */
	MEMORY, /* double: a little less may do, and more where there is room; what does not is refused */
	COUNT, /* unsigned */
	CHOSEN, /* unsigned that the plan chose: one more or less may be as good */
	SIZE, /* size_t */
	MARK, /* bool */
	CHOICE, /* enum */
	NAME, /* char[] */
	WORDS, /* for people: not judged */
	REST, /* judged elsewhere or not at all: see the comment beside it */
};

struct member {
	const char *name;
	size_t offset, size;
	enum kind kind;
};

#define MEMBER(type, member, kind)                                  \
	{                                                           \
#type "." #member, offsetof(struct type, member),   \
			sizeof(((struct type *)NULL)->member), kind \
	}
#define TABLE(type, ...) static const struct member type##_members[] = {__VA_ARGS__}

TABLE(sw_plan, MEMBER(sw_plan, n_gpus, REST), /* no GPU is left out: verify_test.c */
      MEMBER(sw_plan, gpus, REST), MEMBER(sw_plan, n_workloads, SIZE),
      MEMBER(sw_plan, workloads, REST), MEMBER(sw_plan, played, MARK),
      MEMBER(sw_plan, total_share, NUMBER), MEMBER(sw_plan, cost_per_hour, NUMBER),
      MEMBER(sw_plan, bound_gpus, REST), MEMBER(sw_plan, bound_cost_per_hour, NUMBER),
      MEMBER(sw_plan, bound_is_of_sizes, WORDS), /* which plans a bound is of */
      MEMBER(sw_plan, gap, NUMBER),
      /* For comparison, and found by another search: only what cannot be is refused, below. */
      MEMBER(sw_plan, exclusive_gpus, REST), MEMBER(sw_plan, exclusive_cost_per_hour, REST),
      MEMBER(sw_plan, n_reasons, WORDS), MEMBER(sw_plan, reasons, WORDS),
      MEMBER(sw_plan, n_relaxations, WORDS), MEMBER(sw_plan, relaxations, WORDS),
      MEMBER(sw_plan, replanned, WORDS),
      /* what changes, not the plan */);

TABLE(sw_plan_gpu, MEMBER(sw_plan_gpu, fleet, SIZE), MEMBER(sw_plan_gpu, id, NAME),
      MEMBER(sw_plan_gpu, node, SIZE), /* none here: verify_nodes_test.c */
      MEMBER(sw_plan_gpu, n, REST), /* no engine is left out: verify_test.c */
      MEMBER(sw_plan_gpu, tenants, REST), );

TABLE(sw_placement, MEMBER(sw_placement, workload, SIZE), MEMBER(sw_placement, replica, COUNT),
      MEMBER(sw_placement, mig_start, REST), /* under mig: verify_test.c */
      MEMBER(sw_placement, row, REST), /* of measured tables: verify_tables_test.c */
      MEMBER(sw_placement, share, NUMBER), MEMBER(sw_placement, memory_gib, MEMORY),
      MEMBER(sw_placement, engine, REST), /* below, member by member */
      MEMBER(sw_placement, max_in_flight, COUNT), MEMBER(sw_placement, rate_or_concurrency, NUMBER),
      MEMBER(sw_placement, sized_for, NUMBER), MEMBER(sw_placement, predicted, REST), /* likewise */
      MEMBER(sw_placement, played_over_closed, NUMBER), MEMBER(sw_placement, binds, WORDS), );

TABLE(sw_engine, MEMBER(sw_engine, given, REST), /* what is left out of it is refused: below */
      MEMBER(sw_engine, kind, CHOICE), MEMBER(sw_engine, version, NAME),
      MEMBER(sw_engine, max_model_len, CHOSEN), MEMBER(sw_engine, max_num_seqs, CHOSEN),
      MEMBER(sw_engine, max_num_batched_tokens, CHOSEN), MEMBER(sw_engine, cuda_graphs, MARK),
      MEMBER(sw_engine, prefix_caching, MARK), MEMBER(sw_engine, dtype, CHOICE),
      MEMBER(sw_engine, kv_cache_dtype, CHOICE), MEMBER(sw_engine, quantization, CHOICE),
      MEMBER(sw_engine, gpu_memory_utilization, NUMBER), MEMBER(sw_engine, kv_cache_tokens, NUMBER),
      MEMBER(sw_engine, cores, NUMBER), );

TABLE(sw_prediction, MEMBER(sw_prediction, latency, NUMBER), /* every number in it */
      MEMBER(sw_prediction, requests_per_s, NUMBER),
      MEMBER(sw_prediction, output_tokens_per_s, NUMBER), MEMBER(sw_prediction, slowdown, NUMBER),
      MEMBER(sw_prediction, max_rate_per_s, NUMBER), MEMBER(sw_prediction, running, NUMBER),
      MEMBER(sw_prediction, busy, NUMBER), MEMBER(sw_prediction, gpu_busy, NUMBER),
      MEMBER(sw_prediction, kv_cache_tokens, NUMBER), MEMBER(sw_prediction, binds, CHOICE),
      MEMBER(sw_prediction, extrapolated, MARK), );

TABLE(sw_plan_workload, MEMBER(sw_plan_workload, replicas, COUNT),
      MEMBER(sw_plan_workload, met, MARK), MEMBER(sw_plan_workload, why, WORDS), );

static struct sw_error err;

/* The plan under attack. */
struct attack {
	const struct sw_problem *problem;
	const struct sw__oracle *oracle;
	struct sw_plan *plan;
	int tried, passed;
};

static void must_be_refused(struct attack *a, const char *name, const char *how)
{
	enum sw_status st = sw__plan_verify(a->problem, a->oracle, a->plan, &err);

	a->tried++;
	if (st == SW_INTERNAL)
		return;
	a->passed++;
	printf("    %s, %s: passed with %s\n", name, how, sw_status_name(st));
}

static void attack_number(struct attack *a, const struct member *m, double *x)
{
	const double was = *x;
	const double changed[] = {was * (1 + 1e-6),
				  was * (1 - 1e-6),
				  was * 2,
				  was / 2,
				  was + 1,
				  was - 1,
				  -was,
				  0,
				  INFINITY,
				  NAN,
				  1e300};

	for (size_t i = 0; i < sizeof(changed) / sizeof(changed[0]); i++) {
		char how[64];

		if (changed[i] == was || (isnan(changed[i]) && isnan(was)) ||
		    (m->kind == MEMORY && fabs(changed[i] - was) <= 1 && changed[i] >= was * 0.9))
			continue;
		(void)snprintf(how, sizeof(how), "%g made %g", was, changed[i]);
		*x = changed[i];
		must_be_refused(a, m->name, how);
	}
	*x = was;
}

/* An unsigned, an enum or a size: one more, one less, none, very many. */
static void attack_whole(struct attack *a, const struct member *m, char *at)
{
	unsigned long was = 0;
	unsigned long changed[5];

	memcpy(&was, at, m->size);
	changed[0] = m->kind == CHOSEN ? was : was + 1;
	changed[1] = m->kind == CHOSEN ? was : was - 1;
	changed[2] = 0;
	changed[3] = m->kind == CHOICE ? was + 2 : 1000000;
	changed[4] = m->kind == CHOICE ? was + 3 : ~0UL;
	for (size_t i = 0; i < 5; i++) {
		char how[64];

		if (changed[i] == was || (m->kind == CHOICE && changed[i] > 16))
			continue;
		(void)snprintf(how, sizeof(how), "%lu made %lu", was, changed[i]);
		memcpy(at, &changed[i], m->size);
		must_be_refused(a, m->name, how);
	}
	memcpy(at, &was, m->size);
}

static void attack_name(struct attack *a, const struct member *m, char *at)
{
	static const char *const names[] = {"", "x", "g0", "g0/", "g0/x", "g0/1x", "g1/0", "/0"};
	char was[SW_NAME_MAX];

	memcpy(was, at, m->size);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		memset(at, 0, m->size);
		memcpy(at, names[i], strlen(names[i]));
		if (memcmp(at, was, m->size) != 0)
			must_be_refused(a, m->name, names[i]);
	}
	memset(at, 'g', m->size); /* without an end */
	must_be_refused(a, m->name, "no end");
	memcpy(at, was, m->size);
}

static void attack_member(struct attack *a, const struct member *m, char *object)
{
	char *at = object + m->offset;
	bool *mark = (bool *)(void *)at;

	switch (m->kind) {
	case NUMBER:
	case MEMORY:
		for (size_t i = 0; i < m->size / sizeof(double); i++)
			attack_number(a, m, (double *)(void *)at + i);
		break;
	case COUNT:
	case CHOSEN:
	case SIZE:
	case CHOICE:
		attack_whole(a, m, at);
		break;
	case MARK:
		*mark = !*mark;
		must_be_refused(a, m->name, "the opposite");
		*mark = !*mark;
		break;
	case NAME:
		attack_name(a, m, at);
		break;
	case WORDS:
	case REST:
		break;
	}
}

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))
#define ATTACK(a, type, object)                                  \
	for (size_t m_ = 0; m_ < COUNT_OF(type##_members); m_++) \
	attack_member(a, &type##_members[m_], (char *)(object))

static void attack_all(struct attack *a)
{
	CHECK_INT(sw__plan_verify(a->problem, a->oracle, a->plan, &err), SW_OK);
	ATTACK(a, sw_plan, a->plan);
	for (size_t g = 0; g < a->plan->n_gpus; g++) {
		struct sw_plan_gpu *gpu = &a->plan->gpus[g];

		ATTACK(a, sw_plan_gpu, gpu);
		for (size_t k = 0; k < gpu->n; k++) {
			unsigned given = gpu->tenants[k].engine.given;

			ATTACK(a, sw_placement, &gpu->tenants[k]);
			ATTACK(a, sw_engine, &gpu->tenants[k].engine);
			ATTACK(a, sw_prediction, &gpu->tenants[k].predicted);
			gpu->tenants[k].engine.given = 0;
			must_be_refused(a, "sw_engine.given", "nothing");
			gpu->tenants[k].engine.given = given;
			gpu->tenants[k].row = &(const struct sw_table_row){.share = 0.1};
			must_be_refused(a, "sw_placement.row", "of no table");
			gpu->tenants[k].row = NULL;
		}
	}
	for (size_t w = 0; w < a->plan->n_workloads; w++)
		ATTACK(a, sw_plan_workload, &a->plan->workloads[w]);
	CHECK_INT(sw__plan_verify(a->problem, a->oracle, a->plan, &err), SW_OK);
	CHECK_INT(a->passed, 0);
}

/* Where the next member behind `from` begins; the end of the struct where there is none. */
static size_t next_member(const struct member *members, size_t n, size_t from, size_t end)
{
	size_t next = end;

	for (size_t i = 0; i < n; i++) {
		if (members[i].offset >= from && members[i].offset < next)
			next = members[i].offset;
	}
	return next;
}

/* Behind every member comes another that is in the table, or the end: but for the few bytes that members are aligned by. */
static void check_covered(const char *type, const struct member *members, size_t n, size_t size)
{
	bool covered = next_member(members, n, 0, size) == 0;

	for (size_t i = 0; i < n; i++) {
		size_t end = members[i].offset + members[i].size;

		covered = covered && next_member(members, n, end, size) - end < sizeof(double);
	}
	if (!CHECK(covered))
		printf("    a field of %s is in no table here\n", type);
}

#define CHECK_COVERED(type) \
	check_covered(#type, type##_members, COUNT_OF(type##_members), sizeof(struct type))

TEST(every_field_has_somebody_to_judge_it)
{
	CHECK_COVERED(sw_plan);
	CHECK_COVERED(sw_plan_gpu);
	CHECK_COVERED(sw_placement);
	CHECK_COVERED(sw_engine);
	CHECK_COVERED(sw_prediction);
	CHECK_COVERED(sw_plan_workload);
}

TEST(no_change_of_a_plan_passes)
{
	struct attack a = {&fake_problem, &fake_oracle, NULL, 0, 0};
	const struct fake_workload engine = {
		.base_ms = 5, .work = 0.01, .push = 0.2, .weights_gib = 3};

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 10, 1, 2)->count = 3;
	fake_add_gpu(SW_MPS, 100, 10, 0.9, 2.1)->count = 3;
	fake_add_workload(engine, 10, 20);
	fake_add_workload(engine, 10, 22);
	fake_add_workload(engine, 10, 24)->replicas = 2;
	CHECK_INT(sw__plan_solve(&fake_problem, &fake_oracle, NULL, &a.plan, &err), SW_OK);
	if (a.plan)
		attack_all(&a);
	CHECK(a.tried > 1000);
	CHECK_INT(fake_prepared, 0);
	sw_plan_free(a.plan);
}

/* An oracle that thinks again once the judge is there, who alone asks whether memory suffices. */
static bool judged;

static enum sw_status check_and_remember(void *context, size_t fleet,
					 const struct sw_tenant *tenant, struct sw_error *error)
{
	judged = true;
	return fake_oracle.check_memory(context, fleet, tenant, error);
}

static void predict_later_worse(enum sw_mechanism mechanism, const sw_prepared *const *p, size_t n,
				struct sw_prediction *out)
{
	fake_oracle.predict(mechanism, p, n, out);
	for (size_t i = 0; judged && i < n; i++)
		out[i].latency[SW_TPOT].hi[SW_P95] *= 1.01;
}

TEST(a_plan_that_the_judge_refuses_is_never_handed_out)
{
	struct sw__oracle oracle = fake_oracle;
	struct sw_plan *plan = (struct sw_plan *)1;

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 10, 1, 2);
	fake_add_share(0.3, 3);
	judged = false;
	oracle.check_memory = check_and_remember;
	oracle.predict = predict_later_worse;
	CHECK_INT(sw__plan_solve(&fake_problem, &oracle, NULL, &plan, &err), SW_INTERNAL);
	CHECK(judged && plan == NULL);
	CHECK(strstr(err.message, "plan refused: w0 on g0/0: predicted anew"));
	CHECK_INT(fake_prepared, 0);
}

TEST(figures_for_comparison_can_be)
{
	struct attack a = {&fake_problem, &fake_oracle, NULL, 0, 0};

	fake_reset();
	fake_add_gpu(SW_MPS, 100, 10, 1, 2);
	fake_add_share(0.3, 3);
	fake_add_share(0.3, 3);
	CHECK_INT(sw__plan_solve(&fake_problem, &fake_oracle, NULL, &a.plan, &err), SW_OK);
	if (!a.plan)
		return;
	CHECK_NEAR(a.plan->exclusive_gpus, 2, 0);
	CHECK_NEAR(a.plan->exclusive_cost_per_hour, 4, 0);
	for (int i = 0; i < 5; i++) {
		static const double figures[][2] = {{1, 2}, {2.5, 5}, {2, 3.9}, {2, 4.1}, {2, NAN}};

		a.plan->exclusive_gpus = figures[i][0];
		a.plan->exclusive_cost_per_hour = figures[i][1];
		must_be_refused(&a, "exclusive", "what cannot be");
	}
	a.plan->exclusive_gpus = a.plan->exclusive_cost_per_hour = NAN;
	CHECK_INT(sw__plan_verify(a.problem, a.oracle, a.plan, &err), SW_OK);
	a.plan->bound_gpus = 2;
	must_be_refused(&a, "bound_gpus", "more than there are");
	a.plan->bound_gpus = NAN;
	must_be_refused(&a, "bound_gpus", "not known");
	CHECK_INT(a.passed, 0);
	sw_plan_free(a.plan);
}

TEST(hami_is_told_whole_mib_and_percent)
{
	struct attack a = {&fake_problem, &fake_oracle, NULL, 0, 0};
	double *gib, *share;

	fake_reset();
	fake_add_gpu(SW_HAMI, 100, 10, 1, 2);
	fake_add_share(0.3, 3)->engine.given |= SW_KEY_CUDA_GRAPHS; /* eager */
	CHECK_INT(sw__plan_solve(&fake_problem, &fake_oracle, NULL, &a.plan, &err), SW_OK);
	if (!a.plan)
		return;
	gib = &a.plan->gpus[0].tenants[0].memory_gib;
	*gib += 1 / 1024.0;
	CHECK_INT(sw__plan_verify(a.problem, a.oracle, a.plan, &err), SW_OK);
	*gib += 0.3 / 1024;
	must_be_refused(&a, "memory_gib", "a part of a MiB");
	CHECK(strstr(err.message, "not in whole MiB"));
	*gib = 4;
	share = &a.plan->gpus[0].tenants[0].share;
	*share += 0.004;
	a.plan->total_share += 0.004;
	must_be_refused(&a, "share", "a part of a percent");
	CHECK(strstr(err.message, "not in whole percent"));
	CHECK_INT(a.passed, 0);
	sw_plan_free(a.plan);
}

/* Real models on real kinds of GPU, predicted in earnest. */
TEST(no_change_of_a_real_plan_passes)
{
	static const char text[] =
		"fleet:\n"
		"  - {gpu: a100-sxm4-80gb, mechanism: mps, price_per_hour: 1.39}\n"
		"  - {gpu: l4, mechanism: timeslice, price_per_hour: 0.45}\n"
		"workloads:\n"
		"  - {name: a, model: qwen3-0.6b, load: {rate: 4, prompt_tokens: 500, "
		"output_tokens: 100}, slo: {ttft_p95_ms: 500, tpot_p95_ms: 25}}\n"
		"  - {name: b, model: qwen3-4b, load: {concurrency: 3, prompt_tokens: 500, "
		"output_tokens: 100}, slo: {tpot_p95_ms: 60}}\n";
	struct attack a = {0};
	struct sw__oracle oracle = {0};
	struct sw_problem *problem = NULL;
	sw_catalog *catalog = NULL;
	char path[] = "/tmp/slicewise-mutation-XXXXXX";
	int file = mkstemp(path);

	if (!CHECK(file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text)))
		return;
	(void)close(file);
	CHECK_INT(sw_catalog_open(&catalog, &err), SW_OK);
	CHECK_INT(sw_problem_load(catalog, path, &problem, &err), SW_OK);
	(void)unlink(path);
	if (problem && CHECK(sw_plan_solve(catalog, problem, NULL, &a.plan, &err) == SW_OK) &&
	    CHECK(sw__oracle_open(problem, &oracle, &err) == SW_OK)) {
		a.problem = problem;
		a.oracle = &oracle;
		attack_all(&a);
		CHECK(a.tried > 500);
	}
	sw__oracle_close(&oracle);
	sw_plan_free(a.plan);
	sw_problem_free(problem);
	sw_catalog_free(catalog);
}

TEST_MAIN()

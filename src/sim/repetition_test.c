// SPDX-License-Identifier: Apache-2.0
#include "sim/repetition.h"

#include "sim/sim_fixture.h"

static const char *const small = "qwen2.5-0.5b";

/* By its own onsets. */
static void judge(const struct sw__repetition_ask *ask, struct sw__repetition *r,
		  struct sw_error *err)
{
	struct sw__onset onsets[SW_TENANTS_MAX] = {0};

	CHECK_INT(sw__repetition_onsets(r, onsets, err), SW_OK);
	CHECK_INT(sw__repetition_judge(ask, r, onsets, err), SW_OK);
	for (size_t i = 0; i < SW_TENANTS_MAX; i++)
		sw__samples_free(&onsets[i].sum);
}

static struct sw__repetition run_seeded(const struct sim_fixture *f, double duration_s,
					uint64_t seed)
{
	struct sw__repetition_ask ask = {.mix = &f->mix, .seed = seed, .duration_s = duration_s};
	struct sw_error err = {SW_OK, ""};
	struct sw__repetition r;

	CHECK_INT(sw__repetition_run(&ask, &r, &err), SW_OK);
	judge(&ask, &r, &err);
	CHECK_STR(err.message, "");
	return r;
}

static struct sw__repetition run(const struct sim_fixture *f, double duration_s)
{
	return run_seeded(f, duration_s, 1);
}

TEST(latency_of_a_record)
{
	struct sw__record r = {
		.output_tokens = 11, .arrival_s = 1, .first_s = 1.25, .last_s = 1.75};
	double ms[SW_METRIC_COUNT];

	sw__record_latency(&r, ms);
	CHECK_NEAR(ms[SW_TTFT], 250, 1e-12);
	CHECK_NEAR(ms[SW_TPOT], 50, 1e-12);
	r.last_s = NAN;
	sw__record_latency(&r, ms);
	CHECK(check_near(ms[SW_TTFT], 250, 1e-12) && isnan(ms[SW_TPOT]));
	r = (struct sw__record){.output_tokens = 1, .first_s = 2, .last_s = 2};
	sw__record_latency(&r, ms);
	CHECK(check_near(ms[SW_TTFT], 2000, 1e-12) && isnan(ms[SW_TPOT]));
}

/* Every request that came before the end is there, once, in its order, and was answered although the end came. */
TEST(records)
{
	struct sim_fixture f;
	struct sw__repetition r;
	uint64_t number[2] = {0, 0};

	sim_fixture_open(&f, "l4", SW_MPS);
	sim_fixture_open_loop(&f, small, 0.5, 10)->load.burstiness = 0;
	sim_fixture_open_loop(&f, small, 0.5, 3);
	r = run(&f, 20.05);
	for (size_t i = 0; i < r.n_records; i++) {
		const struct sw__record *q = &r.record[i];

		CHECK_INT(q->number, ++number[q->tenant]);
		CHECK(q->arrival_s < 20.05 && q->arrival_s < q->first_s && q->first_s < q->last_s);
		CHECK(i == 0 || r.record[i - 1].arrival_s <= q->arrival_s);
		CHECK(q->prompt_tokens == 200 && q->output_tokens == 50 && q->preemptions == 0);
	}
	CHECK_INT(number[0], 200); /* every tenth of a second, the first after one */
	CHECK(number[1] > 30 && number[1] < 100);
	CHECK(r.tenant[0].unanswered <= 0 && r.tenant[1].unanswered <= 0);
	sw__repetition_clear(&r);
	sw__repetition_clear(&r);
	sim_fixture_close(&f);
}

/* Requests there, summed over time, by their records: Little's law along one path, exact. */
static double there(const struct sw__repetition *r, size_t tenant, double duration_s)
{
	double sum = 0;

	for (size_t i = 0; i < r->n_records; i++)
		if (r->record[i].tenant == tenant)
			sum += fmin(r->record[i].last_s, duration_s) - r->record[i].arrival_s;
	return sum / duration_s;
}

static double glanced(const struct sw__repetition *r, size_t tenant)
{
	double sum = 0;

	for (size_t k = 0; k < SW_MOMENTS; k++)
		sum += r->glance[k * r->n + tenant].running + r->glance[k * r->n + tenant].waiting;
	return sum / SW_MOMENTS;
}

TEST(means_over_time)
{
	static const double rates[] = {1, 5, 20, 60};
	struct sim_fixture f;

	sim_fixture_open(&f, "l4", SW_MPS);
	sim_fixture_open_loop(&f, small, 0.5, 1);
	sim_fixture_closed_loop(&f, small, 0.5, 3);
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		struct sw__repetition r;

		f.tenants[0].load.rate = rates[i];
		r = run(&f, 20);
		CHECK_NEAR(glanced(&r, 0), there(&r, 0, 20), 0.05);
		CHECK_NEAR(glanced(&r, 1), 3, 1e-12);
		CHECK_NEAR(there(&r, 1, 20), 3, 1e-9);
		sw__repetition_clear(&r);
	}
	sim_fixture_close(&f);
}

/* One request every four intervals, and a third of that to answer it: looks at the ends of intervals would all find the same. */
TEST(means_over_time_of_regular_requests)
{
	struct sim_fixture f;
	struct sw__repetition r;

	sim_fixture_open(&f, "l4", SW_EXCLUSIVE);
	sim_fixture_open_loop(&f, small, 1, 1)->load.burstiness = 0;
	r = run(&f, 100);
	CHECK_NEAR(glanced(&r, 0), there(&r, 0, 100), 0.05);
	CHECK_NEAR(r.tenant[0].busy, r.tenant[0].running, 1e-12); /* never two at once */
	CHECK(r.tenant[0].running > 0.28 && r.tenant[0].running < 0.36);
	CHECK(r.tenant[0].kv_used > 0 && r.tenant[0].kv_used < 0.01);
	sw__repetition_clear(&r);
	sim_fixture_close(&f);
}

static double ended_between(const struct sw__repetition *r, double from_s, double to_s)
{
	double n = 0;

	for (size_t i = 0; i < r->n_records; i++)
		n += r->record[i].last_s > from_s && r->record[i].last_s <= to_s;
	return n;
}

/* Rates and statistics of the requests after the warm-up, once more from the records. */
TEST(what_is_counted)
{
	struct sim_fixture f;
	struct sw__repetition r;
	const struct sw__repetition_tenant *t;
	double interval_s = 40.0 / SW_MOMENTS, from_s, counted = 0, sum = 0;

	sim_fixture_open(&f, "l4", SW_EXCLUSIVE);
	sim_fixture_closed_loop(&f, small, 1,
				24); /* all ask at once: a beginning like no other time */
	r = run(&f, 40);
	t = &r.tenant[0];
	for (size_t i = 0; i < r.n_records; i++) {
		if (r.record[i].arrival_s < t->warm_up_s)
			continue;
		counted++;
		sum += (r.record[i].first_s - r.record[i].arrival_s) * 1000;
	}
	CHECK_NEAR(t->counted, counted, 0);
	CHECK_INT(t->latency[SW_TTFT].n, counted);
	CHECK_NEAR(t->at[SW_TTFT][SW_MEAN], sum / counted, 1e-12);
	from_s = floor(t->warm_up_s / interval_s) * interval_s;
	CHECK_NEAR(t->requests_per_s, ended_between(&r, from_s, 40) / (40 - from_s), 1e-9);
	CHECK_NEAR(t->output_tokens_per_s, 50 * t->requests_per_s, 0.03);
	CHECK(t->gpu_busy > 0.5 && t->gpu_busy < 1);
	CHECK_NEAR(t->compute + t->traffic, t->gpu_busy, 1e-9);
	CHECK(t->seats_full <= 0 && t->kv_full <= 0 && t->preemptions <= 0);
	sw__repetition_clear(&r);
	sim_fixture_close(&f);
}

TEST(counters_of_intervals_never_fall)
{
	struct sim_fixture f;
	struct sw__repetition r;

	sim_fixture_open(&f, "l4", SW_MPS);
	sim_fixture_open_loop(&f, small, 0.5, 10);
	r = run(&f, 10);
	for (size_t k = 1; k <= SW_MOMENTS; k++) {
		const struct sw_sim_engine *a = &r.moment[k - 1].engine, *b = &r.moment[k].engine;

		CHECK(a->ended <= b->ended && a->generated_tokens <= b->generated_tokens);
		CHECK(b->gpu_s - a->gpu_s >= 0 && b->gpu_s - a->gpu_s <= 10.0 / SW_MOMENTS + 1e-9);
		CHECK(r.gpu[k].busy_s >= r.gpu[k - 1].busy_s);
		CHECK(r.gpu[k].energy_j > r.gpu[k - 1].energy_j);
	}
	CHECK_INT(r.moment[0].engine.ended, 0);
	CHECK_NEAR(r.gpu[SW_MOMENTS].busy_s, r.moment[SW_MOMENTS].engine.gpu_s, 1e-9);
	sw__repetition_clear(&r);
	sim_fixture_close(&f);
}

static void check_missing(const struct sim_fixture *f, double seats_full, double kv_full)
{
	struct sw__repetition r = run(f, 20);

	CHECK(fabs(r.tenant[0].seats_full - seats_full) < 0.1);
	CHECK(fabs(r.tenant[0].kv_full - kv_full) < 0.1);
	CHECK(r.tenant[0].kv_used >= 0 && r.tenant[0].kv_used <= 1);
	sw__repetition_clear(&r);
}

TEST(full_seats_and_a_full_cache)
{
	struct sim_fixture f;
	struct sw_tenant *t;

	sim_fixture_open(&f, "l4", SW_EXCLUSIVE);
	t = sim_fixture_closed_loop(&f, small, 1, 24);
	t->engine.max_num_seqs = 8;
	check_missing(&f, 1, 0);
	t->engine.max_num_seqs = 256;
	check_missing(&f, 0, 0);
	t->engine.kv_cache_tokens = 2048; /* eight of 250 tokens, about */
	check_missing(&f, 0, 1);
	/* Two fit and a third does not, although a quarter of the cache is free. */
	t->load.prompt_tokens.mean = 1500;
	t->engine.kv_cache_tokens = 4096;
	check_missing(&f, 0, 1);
	t->engine.kind = SW_SGLANG;
	check_missing(&f, 0, 1);
	sim_fixture_close(&f);
}

/* Prompts that wait for each other in full steps lack neither. */
TEST(steps_that_are_full)
{
	struct sim_fixture f;
	struct sw_tenant *t;

	sim_fixture_open(&f, "l4", SW_EXCLUSIVE);
	t = sim_fixture_closed_loop(&f, small, 1, 24);
	t->load.prompt_tokens.mean = 1500;
	t->load.output_tokens.mean = 1;
	check_missing(&f, 0, 0);
	t->engine.kind = SW_SGLANG;
	check_missing(&f, 0, 0);
	sim_fixture_close(&f);
}

/* The same seed the same bytes, another one another path. */
TEST(seeds)
{
	struct sim_fixture f;
	struct sw__repetition a, b, c;

	sim_fixture_open(&f, "l4", SW_MPS);
	sim_fixture_open_loop(&f, small, 0.5, 10);
	sim_fixture_closed_loop(&f, small, 0.5, 2);
	a = run_seeded(&f, 10, 5);
	b = run_seeded(&f, 10, 5);
	c = run_seeded(&f, 10, 6);
	CHECK(a.n_records == b.n_records && a.events == b.events);
	CHECK(memcmp(a.record, b.record, a.n_records * sizeof(*a.record)) == 0);
	CHECK(memcmp(a.gpu, b.gpu, sizeof(a.gpu)) == 0);
	CHECK(memcmp(a.glance, b.glance, 2 * SW_MOMENTS * sizeof(*a.glance)) == 0);
	CHECK(a.events != c.events);
	sw__repetition_clear(&a);
	sw__repetition_clear(&b);
	sw__repetition_clear(&c);
	sim_fixture_close(&f);
}

/* Offered three times what it can: in the second half the backlog grows by two thirds of what comes. */
TEST(growth_of_the_backlog)
{
	struct sim_fixture f;
	struct sw__repetition r;
	double sustained;

	sim_fixture_open(&f, "l4", SW_EXCLUSIVE);
	sim_fixture_closed_loop(&f, small, 1, 16)->engine.max_num_seqs = 8;
	r = run(&f, 20);
	CHECK(fabs(r.tenant[0].growth) < 0.5 && r.tenant[0].queued > 0.8);
	sustained = r.tenant[0].requests_per_s;
	sw__repetition_clear(&r);
	f.tenants[0].load.concurrency = NAN;
	f.tenants[0].load.rate = 3 * sustained;
	f.tenants[0].load.burstiness = 0;
	r = run(&f, 20);
	CHECK_NEAR(r.tenant[0].arrivals, 3 * sustained * 10, 0.02);
	CHECK_NEAR(r.tenant[0].growth / r.tenant[0].arrivals, 2.0 / 3, 0.03);
	CHECK(r.tenant[0].queued > 0.99);
	sw__repetition_clear(&r);
	f.tenants[0].load.rate = sustained / 3;
	r = run(&f, 20);
	CHECK(fabs(r.tenant[0].growth) <= 4 && r.tenant[0].queued < 0.1);
	sw__repetition_clear(&r);
	sim_fixture_close(&f);
}

static struct sw_trace burst(size_t n, double *arrival_s, double *prompt, double *output,
			     double output_tokens)
{
	for (size_t i = 0; i < n; i++) {
		arrival_s[i] = i == 0 ? 0 : 2 + 1e-3 * (double)i;
		prompt[i] = 100;
		output[i] = output_tokens;
	}
	return (struct sw_trace){
		.n = n, .arrival_s = arrival_s, .prompt_tokens = prompt, .output_tokens = output};
}

/* All but one request come at the end, and are answered after it: no overload. Nor is a beginning cut. */
TEST(a_trace_that_ends_in_a_burst)
{
	double arrival_s[40], prompt[40], output[40];
	struct sw_trace trace = burst(40, arrival_s, prompt, output, 20);
	struct sim_fixture f;
	struct sw__repetition r;

	sim_fixture_open(&f, "l4", SW_EXCLUSIVE);
	sim_fixture_trace(sim_fixture_add(&f, small, 1), &trace, NAN);
	r = run(&f, 2.04);
	CHECK_INT(r.n_records, 40);
	CHECK_NEAR(r.tenant[0].counted, 40, 0);
	CHECK_NEAR(r.tenant[0].arrivals, 40, 0);
	CHECK(r.tenant[0].growth <= 0 && r.tenant[0].warm_up_s <= 0);
	CHECK(r.record[39].last_s > 2.04 && r.tenant[0].latency[SW_TPOT].n == 40);
	sw__repetition_clear(&r);
	sim_fixture_close(&f);
}

/* Some need longer than anyone waits: they are there, unanswered, late, and what the trace has too much. */
TEST(given_up)
{
	struct sim_fixture f;
	struct sw__repetition r;
	struct sw_tenant *t;
	double unanswered = 0, n;

	sim_fixture_open(&f, "l4", SW_EXCLUSIVE);
	t = sim_fixture_open_loop(&f, small, 1, 500);
	t->engine.max_num_seqs = 32;
	t->load.output_tokens.mean = 1500;
	t->slo.bound_ms[SW_TPOT][SW_P95] = 1e6;
	r = run(&f, 4);
	n = (double)r.n_records;
	CHECK_NEAR(n, 2000, 0.1);
	for (size_t i = 0; i < r.n_records; i++)
		unanswered += isnan(r.record[i].last_s);
	CHECK(unanswered > 1000);
	n = r.tenant[0].counted; /* without the warm-up, which was answered */
	CHECK_NEAR(r.tenant[0].unanswered, unanswered, 0);
	CHECK_NEAR(r.tenant[0].lateness.late, unanswered, 0);
	CHECK_NEAR(r.tenant[0].lateness.excess, unanswered - 0.05 * n, 1e-9);
	CHECK_INT(r.tenant[0].latency[SW_TPOT].n, n - unanswered);
	sw__repetition_clear(&r);
	sim_fixture_close(&f);
}

/* A trace that is played once ends: all of it is waited for. */
TEST(nothing_of_a_trace_is_given_up)
{
	static double arrival_s[400], prompt[400], output[400];
	struct sw_trace trace = burst(400, arrival_s, prompt, output, 1500);
	struct sim_fixture f;
	struct sw__repetition r;
	struct sw_tenant *t;
	double last_s = 0;

	sim_fixture_open(&f, "l4", SW_EXCLUSIVE);
	t = sim_fixture_add(&f, small, 1);
	t->engine.max_num_seqs = 4;
	sim_fixture_trace(t, &trace, NAN);
	r = run(&f, 2.5);
	CHECK_INT(r.n_records, 400);
	for (size_t i = 0; i < r.n_records; i++)
		last_s = fmax(last_s, r.record[i].last_s);
	CHECK(last_s > 300);
	CHECK_NEAR(r.tenant[0].unanswered, 0, 0);
	CHECK_NEAR(r.tenant[0].asked_per_s, 400 / last_s, 1e-12);
	sw__repetition_clear(&r);
	sim_fixture_close(&f);
}

TEST(nothing_comes)
{
	struct sim_fixture f;
	struct sw__repetition r;

	sim_fixture_open(&f, "l4", SW_EXCLUSIVE);
	sim_fixture_open_loop(&f, small, 1, 1e-3);
	r = run(&f, 1);
	CHECK(r.n_records == 0 && r.tenant[0].counted <= 0 && r.tenant[0].requests_per_s <= 0);
	CHECK(r.tenant[0].running <= 0 && r.tenant[0].arrivals <= 0);
	CHECK(isnan(r.tenant[0].at[SW_TTFT][SW_MEAN]));
	sw__repetition_clear(&r);
	sim_fixture_close(&f);
}

TEST(a_mix_that_cannot_be)
{
	struct sim_fixture f;
	struct sw__repetition r;
	struct sw_error err = {SW_OK, ""};

	sim_fixture_open(&f, "l4", SW_EXCLUSIVE);
	sim_fixture_add(&f, small, 1); /* nothing says what comes */
	CHECK_INT(sw__repetition_run(&(struct sw__repetition_ask){.mix = &f.mix, .duration_s = 1},
				     &r, &err),
		  SW_BAD_INPUT);
	CHECK(strstr(err.message, "engine 1") && !r.tenant && !r.moment && !r.record && !r.glance);
	sim_fixture_close(&f);
}

TEST_MAIN()

// SPDX-License-Identifier: Apache-2.0
#include "sim/summary.h"

#include <stdlib.h>

#include "sim/sim_fixture.h"

/* One repetition of one engine, from its latencies. */
static struct sw__repetition made_of(const double *ttft, size_t n_ttft, const double *tpot,
				     size_t n_tpot)
{
	struct sw__repetition r = {.n = 1};

	r.tenant = calloc(1, sizeof(*r.tenant));
	r.moment = calloc(SW_MOMENTS + 1, sizeof(*r.moment));
	r.tenant->arrivals = 100;
	for (size_t i = 0; i < n_ttft; i++)
		sw__samples_add(&r.tenant->latency[SW_TTFT], ttft[i]);
	for (size_t i = 0; i < n_tpot; i++)
		sw__samples_add(&r.tenant->latency[SW_TPOT], tpot[i]);
	for (int m = 0; m < SW_METRIC_COUNT; m++)
		sw__samples_describe(&r.tenant->latency[m], r.tenant->at[m]);
	return r;
}

static void add(struct sw__run *run, struct sw__repetition r)
{
	CHECK_INT(sw__run_add(run, &r, NULL), SW_OK);
	sw__repetition_clear(&r);
}

static void add_constant(struct sw__run *run, double ttft, double tpot)
{
	add(run, made_of(&ttft, 1, &tpot, isnan(tpot) ? 0 : 1));
}

static struct sw_simulated_tenant summary_of(struct sw__run *run, const struct sim_fixture *f)
{
	struct sw_simulated_tenant t = {0};
	struct sw_simulated out = {.n = 1, .tenants = &t};
	struct sw__repetition_ask ask = {.mix = &f->mix, .duration_s = 10};
	struct sw__repetition first = made_of(NULL, 0, NULL, 0);

	first.moment[0].engine.kv_blocks = 100;
	first.moment[0].engine.kv_block_tokens = 16;
	CHECK_INT(sw__run_summarize(run, &ask, &first, false, &out, NULL), SW_OK);
	CHECK(out.repetitions == run->n && check_near(out.duration_s, 10, 0));
	sw__repetition_clear(&first);
	free(out.requests);
	return t;
}

/* Means 10, 12, 14: deviation 2, and t(0.975, 2) = 4.302653. */
TEST(half_width_by_hand)
{
	struct sw__run run;

	sw__run_start(&run, 1);
	CHECK(isinf(sw__run_half_width(&run)));
	add_constant(&run, 10, 5);
	CHECK(isinf(sw__run_half_width(&run)));
	add_constant(&run, 12, 5);
	add_constant(&run, 14, 5);
	CHECK_NEAR(sw__run_half_width(&run), 4.302653 * 2 / sqrt(3) / 12, 1e-6);
	sw__run_clear(&run);
	sw__run_start(&run, 1);
	add_constant(&run, 10, 4); /* the other metric is the wider one */
	add_constant(&run, 12, 6);
	add_constant(&run, 14, 8);
	CHECK_NEAR(sw__run_half_width(&run), 4.302653 * 2 / sqrt(3) / 6, 1e-6);
	sw__run_clear(&run);
}

TEST(a_mean_that_no_repetition_has_is_not_known)
{
	struct sw__run run;

	sw__run_start(&run, 1);
	for (int i = 0; i < 3; i++)
		add(&run, made_of(NULL, 0, NULL, 0));
	CHECK(isinf(sw__run_half_width(&run)));
	add_constant(&run, 10, NAN);
	CHECK(isinf(sw__run_half_width(&run)));
	add_constant(&run, 10, NAN);
	CHECK_NEAR(sw__run_half_width(&run), 0,
		   0); /* answers of one token have no TPOT to be known */
	sw__run_clear(&run);
}

TEST(pace)
{
	static const double ttft[] = {10, 30}, tpot[] = {5, 6, 10};
	struct sw__run run;

	sw__run_start(&run, 1);
	CHECK(isnan(sw__run_pace(&run, 0)));
	add(&run, made_of(ttft, 2, NULL, 0));
	CHECK_NEAR(sw__run_pace(&run, 0), 20, 1e-12);
	add(&run, made_of(ttft, 2, tpot, 3));
	CHECK_NEAR(sw__run_pace(&run, 0), 7, 1e-12);
	sw__run_clear(&run);
}

/* 0 to 100 in two unequal parts: percentiles are of all requests, bounds of what repetitions differ by. */
TEST(pooled_percentiles_and_bounds)
{
	struct sim_fixture f;
	struct sw__run run;
	struct sw_simulated_tenant t;
	double x[101];

	for (size_t i = 0; i <= 100; i++)
		x[i] = (double)i;
	sim_fixture_open(&f, "l4", SW_EXCLUSIVE);
	sim_fixture_open_loop(&f, "qwen2.5-0.5b", 1, 1);
	sw__run_start(&run, 1);
	add(&run, made_of(x, 31, NULL, 0));
	add(&run, made_of(x + 31, 70, NULL, 0));
	t = summary_of(&run, &f);
	CHECK_NEAR(t.latency[SW_TTFT].at[SW_MEAN], 50, 1e-12);
	CHECK_NEAR(t.latency[SW_TTFT].at[SW_P50], 50, 1e-12);
	CHECK_NEAR(t.latency[SW_TTFT].at[SW_P95], 95, 1e-12);
	CHECK_NEAR(t.latency[SW_TTFT].at[SW_P99], 99, 1e-12);
	/* Means 15 and 65.5: deviation 50.5 / sqrt(2); t(0.95, 1) = 6.313752. */
	CHECK_NEAR(t.latency[SW_TTFT].hi[SW_MEAN], 50 + 6.313752 * 50.5 / 2, 1e-6);
	CHECK_NEAR(t.latency[SW_TTFT].lo, 0, 0); /* 50 - 6.313752 * 50.5 / 2 would be below */
	/* 28.5 and 96.55. */
	CHECK_NEAR(t.latency[SW_TTFT].hi[SW_P95], 95 + 6.313752 * 68.05 / 2, 1e-6);
	CHECK(isnan(t.latency[SW_TPOT].at[SW_MEAN]) && isnan(t.latency[SW_TPOT].hi[SW_P95]));
	sw__run_clear(&run);
	sim_fixture_close(&f);
}

TEST(one_repetition_has_no_bounds)
{
	struct sim_fixture f;
	struct sw__run run;
	struct sw_simulated_tenant t;

	sim_fixture_open(&f, "l4", SW_EXCLUSIVE);
	sim_fixture_open_loop(&f, "qwen2.5-0.5b", 1, 1);
	sw__run_start(&run, 1);
	add_constant(&run, 10, 5);
	t = summary_of(&run, &f);
	CHECK_NEAR(t.latency[SW_TPOT].at[SW_P99], 5, 0);
	CHECK(isnan(t.latency[SW_TPOT].hi[SW_MEAN]) && isnan(t.latency[SW_TPOT].lo));
	sw__run_clear(&run);
	sim_fixture_close(&f);
}

static bool overloaded_with(const double *growth, size_t n, double arrivals, double queued)
{
	struct sw__run run;
	bool result;

	sw__run_start(&run, 1);
	for (size_t i = 0; i < n; i++) {
		struct sw__repetition r = made_of(NULL, 0, NULL, 0);

		r.tenant->growth = growth[i];
		r.tenant->arrivals = arrivals;
		r.tenant->queued = queued;
		add(&run, r);
	}
	result = sw__run_overloaded(&run, 0);
	sw__run_clear(&run);
	return result;
}

static bool overloaded(const double *growth, size_t n, double arrivals)
{
	return overloaded_with(growth, n, arrivals, 0);
}

TEST(a_backlog_that_grows)
{
	CHECK(overloaded((double[]){10, 10, 10}, 3, 100));
	CHECK(overloaded((double[]){10, 12, 8, 11, 9}, 5, 100));
	/* Mean 4.6, deviation 23.8: by chance, with t(0.999, 4) = 7.173, and with t(0.975, 4) = 2.776. */
	CHECK(!overloaded((double[]){30, -20, 25, -22, 10}, 5, 100));
	CHECK(!overloaded_with((double[]){30, -20, 25, -22, 10}, 5, 100, 1));
	/* Mean 5, deviation the same as what is varied: half-widths of 4.81 and 5.13. */
	CHECK(overloaded((double[]){5 - 1.5, 5 + 1.5, 5 - 1.5, 5 + 1.5, 5}, 5, 100));
	CHECK(!overloaded((double[]){5 - 1.6, 5 + 1.6, 5 - 1.6, 5 + 1.6, 5}, 5, 100));
	CHECK(!overloaded((double[]){-10, -10, -10}, 3, 100));
}

/* The same growth is more telling where a line waits all the time. */
TEST(a_line_that_is_always_there)
{
	static const double doubtful[] = {5 - 4, 5 + 4, 5 - 4, 5 + 4, 5}; /* half-width 4.97 */
	static const double less[] = {5 - 4.2, 5 + 4.2, 5 - 4.2, 5 + 4.2, 5}; /* 5.2 */

	CHECK(!overloaded_with(doubtful, 5, 100, 0.85));
	CHECK(overloaded_with(doubtful, 5, 100, 0.95));
	CHECK(!overloaded_with(less, 5, 100, 1));
}

TEST(a_few_requests_or_a_hundredth_of_them_are_no_growth)
{
	CHECK(!overloaded((double[]){2, 2, 2}, 3, 10));
	CHECK(overloaded((double[]){4, 4, 4}, 3, 10));
	CHECK(!overloaded((double[]){9, 9, 9}, 3, 1000));
	CHECK(overloaded((double[]){11, 11, 11}, 3, 1000));
	CHECK(!overloaded((double[]){0}, 1, 0));
	CHECK(!overloaded(NULL, 0, 0));
}

/* One repetition has no deviation: 5 % and three standard deviations of what comes at random. */
TEST(growth_in_one_repetition)
{
	CHECK(!overloaded((double[]){34}, 1, 100));
	CHECK(overloaded((double[]){36}, 1, 100));
	CHECK(!overloaded((double[]){790}, 1, 10000));
	CHECK(overloaded((double[]){810}, 1, 10000));
}

static int alarms_of(double queued)
{
	struct sw__random random = sw__random_make(1, 1);
	int alarms = 0;

	for (int trial = 0; trial < 2000; trial++) {
		double growth[5];

		for (int i = 0; i < 5; i++)
			growth[i] = 14 * sw__random_normal(&random);
		alarms += overloaded_with(growth, 5, 100, queued);
	}
	return alarms;
}

/* Backlogs of an engine that is in balance go up as often as down. */
TEST(chance_is_rarely_taken_for_overload)
{
	CHECK(alarms_of(0) < 8); /* a thousandth */
	CHECK(alarms_of(1) > 20 && alarms_of(1) < 80); /* 2.5 % */
}

TEST(under_overload_latencies_are_not_known)
{
	struct sim_fixture f;
	struct sw__run run;
	struct sw_simulated_tenant t;

	sim_fixture_open(&f, "l4", SW_EXCLUSIVE);
	sim_fixture_open_loop(&f, "qwen2.5-0.5b", 1, 1);
	sw__run_start(&run, 1);
	for (int i = 0; i < 3; i++) {
		double ttft = 10 * (i + 1), tpot = 5;
		struct sw__repetition r = made_of(&ttft, 1, &tpot, 1);

		r.tenant->growth = 50;
		r.tenant->requests_per_s = 7;
		add(&run, r);
	}
	CHECK_NEAR(sw__run_half_width(&run), 0, 0); /* its means are not what is waited for */
	t = summary_of(&run, &f);
	CHECK(t.binds == SW_BINDS_OVERLOAD && check_near(t.requests_per_s, 7, 1e-12));
	for (int m = 0; m < SW_METRIC_COUNT; m++) {
		CHECK(isnan(t.latency[m].lo));
		for (int s = 0; s < SW_STATISTIC_COUNT; s++)
			CHECK(isnan(t.latency[m].at[s]) && isnan(t.latency[m].hi[s]));
	}
	sw__run_clear(&run);
	sim_fixture_close(&f);
}

static struct sw__repetition with_numbers(double scale)
{
	struct sw__repetition r = made_of(&scale, 1, &scale, 1);

	r.tenant->asked_per_s = scale;
	r.tenant->asked_tokens_per_s = 2 * scale;
	r.tenant->running = 3 * scale;
	r.tenant->busy = 0.1 * scale;
	r.tenant->gpu_busy = 0.05 * scale;
	r.tenant->kv_used = 0.02 * scale;
	r.tenant->preemptions = 4 * scale;
	r.tenant->counted = 10 * scale;
	r.tenant->warm_up_s = 5 - scale;
	r.tenant->lateness.requests = 10 * scale;
	r.tenant->lateness.late = scale;
	r.tenant->lateness.excess = 0.5 * scale;
	return r;
}

TEST(sums_and_means)
{
	struct sim_fixture f;
	struct sw__run run;
	struct sw_simulated_tenant t;

	sim_fixture_open(&f, "l4", SW_EXCLUSIVE);
	sim_fixture_open_loop(&f, "qwen2.5-0.5b", 1, 1);
	sw__run_start(&run, 1);
	add(&run, with_numbers(1));
	add(&run, with_numbers(3));
	t = summary_of(&run, &f);
	CHECK_NEAR(t.requests_per_s, 2, 1e-12);
	CHECK_NEAR(t.output_tokens_per_s, 4, 1e-12);
	CHECK_NEAR(t.running, 6, 1e-12);
	CHECK_NEAR(t.busy, 0.2, 1e-12);
	CHECK_NEAR(t.gpu_busy, 0.1, 1e-12);
	CHECK_NEAR(t.kv_used, 0.04, 1e-12);
	CHECK_NEAR(t.preemptions_per_request, 16.0 / 40, 1e-12);
	CHECK_NEAR(t.warm_up_s, 4, 0);
	CHECK_INT(t.requests, 40);
	CHECK_NEAR(t.kv_cache_tokens, 1600, 0);
	CHECK(isnan(t.slowdown) && isnan(t.late_fraction) && isnan(t.excess_late));
	f.tenants[0].slo.bound_ms[SW_TPOT][SW_MEAN] = 1; /* no matter of single requests */
	CHECK(isnan(summary_of(&run, &f).late_fraction));
	f.tenants[0].slo.bound_ms[SW_TPOT][SW_P95] = 1;
	t = summary_of(&run, &f);
	CHECK_NEAR(t.late_fraction, 0.1, 1e-12);
	CHECK_NEAR(t.excess_late, 0.05, 1e-12);
	sw__run_clear(&run);
	sim_fixture_close(&f);
}

TEST(means_of_the_gpu)
{
	struct sim_fixture f;
	struct sw__run run;
	struct sw_simulated_tenant t;
	struct sw_simulated out = {.n = 1, .tenants = &t};
	struct sw__repetition first = made_of(NULL, 0, NULL, 0);
	struct sw__repetition_ask ask = {.mix = &f.mix, .duration_s = 50};

	sim_fixture_open(&f, "l4", SW_EXCLUSIVE);
	sim_fixture_open_loop(&f, "qwen2.5-0.5b", 1, 1);
	sw__run_start(&run, 1);
	add_constant(&run, 1, 1);
	first.gpu[SW_MOMENTS] = (struct sw_sim_gpu){
		.busy_s = 40, .sm_s = 30, .dram_s = 20, .energy_j = 3000, .clock_s = 45};
	CHECK_INT(sw__run_summarize(&run, &ask, &first, false, &out, NULL), SW_OK);
	CHECK_NEAR(out.busy, 0.8, 1e-12);
	CHECK_NEAR(out.sms, 0.6, 1e-12);
	CHECK_NEAR(out.dram, 0.4, 1e-12);
	CHECK_NEAR(out.power_w, 60, 1e-12);
	CHECK_NEAR(out.clock, 0.9, 1e-12);
	free(out.requests);
	sw__repetition_clear(&first);
	sw__run_clear(&run);
	sim_fixture_close(&f);
}

struct binding {
	enum sw_mechanism mechanism;
	double share;
	bool cuda_graphs;
	double kv_full, seats_full, slowdown, busy, gpu_busy, traffic, gpu;
	enum sw_binds binds;
};

static enum sw_binds bound_by(struct sim_fixture *f, const struct binding *b)
{
	struct sw_simulated_tenant t[2] = {
		{.slowdown = b->slowdown, .busy = b->busy, .gpu_busy = b->gpu_busy},
		{.binds = SW_BINDS_OVERLOAD}};
	struct sw_simulated out = {.n = 2, .tenants = t, .busy = b->gpu};
	struct sw__run run;

	f->mix.mechanism = b->mechanism;
	f->tenants[0].slice.share = b->share;
	f->tenants[0].engine.cuda_graphs = b->cuda_graphs;
	sw__run_start(&run, 2);
	run.n = 10;
	run.tenant[0].sum.kv_full = 10 * b->kv_full;
	run.tenant[0].sum.seats_full = 10 * b->seats_full;
	run.tenant[0].sum.traffic = 10 * b->traffic;
	run.tenant[0].sum.compute = 10 * (b->gpu_busy - b->traffic);
	sw__run_bind(&run, &f->mix, &out);
	CHECK_INT(t[1].binds, SW_BINDS_OVERLOAD);
	return t[0].binds;
}

TEST(what_binds)
{
	static const struct binding cases[] = {
		{SW_MPS, 0.5, true, 0.2, 0.5, 2, 1, 0.9, 0.8, 1, SW_BINDS_KV},
		{SW_MPS, 0.5, true, 0.05, 0.5, 2, 1, 0.9, 0.8, 1, SW_BINDS_SEQS},
		{SW_MPS, 0.5, true, 0, 0.05, 1.2, 1, 0.9, 0.8, 1, SW_BINDS_NEIGHBOURS},
		{SW_TIMESLICE, 1, true, 0, 0, 1.2, 1, 0.9, 0.8, 1, SW_BINDS_TURNS},
		{SW_MPS, 0.5, true, 0, 0, 1.1, 1, 0.4, 0.3, 1, SW_BINDS_HOST},
		{SW_MPS, 0.5, true, 0, 0, 1.1, 0.3, 0.2, 0.15, 1, SW_BINDS_DRAM},
		{SW_MPS, 0.5, true, 0, 0, 1.1, 1, 0.9, 0.4, 1, SW_BINDS_COMPUTE},
		/* Slowdowns were not asked for: others' turns, where the GPU has much to do. */
		{SW_TIMESLICE, 1, true, 0, 0, NAN, 1, 0.4, 0.3, 0.9, SW_BINDS_TURNS},
		{SW_TIMESLICE, 1, true, 0, 0, NAN, 1, 0.2, 0.1, 0.3, SW_BINDS_HOST},
		{SW_MPS, 0.5, true, 0, 0, NAN, 1, 0.4, 0.3, 0.9, SW_BINDS_HOST},
		/* A limiter holds it to 30 %; not what comes from graphs. */
		{SW_HAMI, 0.3, false, 0, 0, 1, 1, 0.3, 0.2, 0.3, SW_BINDS_DRAM},
		{SW_HAMI, 0.3, true, 0, 0, 1, 1, 0.3, 0.2, 0.3, SW_BINDS_HOST},
	};
	struct sim_fixture f;

	sim_fixture_open(&f, "l4", SW_MPS);
	sim_fixture_open_loop(&f, "qwen2.5-0.5b", 0.5, 1);
	sim_fixture_open_loop(&f, "qwen2.5-0.5b", 0.5, 1);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (!CHECK(bound_by(&f, &cases[i]) == cases[i].binds))
			printf("    case %zu: %s\n", i, sw_binds_id(bound_by(&f, &cases[i])));
	sim_fixture_close(&f);
}

TEST_MAIN()

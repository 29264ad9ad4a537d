// SPDX-License-Identifier: Apache-2.0
/* The loop over runs, with the simulator behind it: what is kept, resumed, given up. */
#include "profile/profile_fixture.h"

#define CAMPAIGN                                                                            \
	"name: small\ngpu: a100-sxm4-40gb\nmechanism: mps\nengine: {max_model_len: 1024}\n" \
	"prompt_tokens: 64\noutput_tokens: 16\nmodels: [qwen3-0.6b, qwen3-1.7b]\n"          \
	"alone: {shares: [0.5, 1], concurrency: [1, 4]}\n"                                  \
	"together: {pairs: 3, shares: random, concurrency: [1, 4]}\nrepeats: 2\n"           \
	"duration: {requests: 20, least_s: 2, most_s: 5, warm_up_s: 0.5}\n"

/* Failing processes: the campaign is well, its runs are not. */
#define FAILING                                                                \
	"name: bad\ngpu: h\nmechanism: cpu-quota\nengine: {name: llama.cpp}\n" \
	"prompt_tokens: 8\noutput_tokens: 4\nmodels: [qwen3-0.6b]\n"           \
	"alone: {shares: [0.25, 0.5, 1], concurrency: 1}\nrepeats: 2\n"        \
	"duration: {least_s: 1, most_s: 1}\nmetrics: {nvml: false}\n"          \
	"processes: {command: [sh, -c, 'echo no such model; exit 3'], ready_s: 5}\n"

struct watch {
	sw_profiler *profiler;
	size_t calls, stop_after, last_done;
	double fraction;
	bool monotone;
};

static void watch_progress(void *context, const struct sw_profile_progress *p)
{
	struct watch *w = context;

	w->monotone = w->monotone && p->fraction >= w->fraction && p->done == w->calls;
	w->fraction = p->fraction;
	w->last_done = p->done;
	if (w->calls++ == w->stop_after)
		sw_profiler_stop(w->profiler);
}

/* Run a campaign into the data set `name`. `stop_after`: runs. */
static enum sw_status run(const char *text, const char *name, unsigned threads, bool retry,
			  size_t stop_after, struct sw_profile_summary *summary)
{
	struct watch w = {.stop_after = stop_after, .monotone = true};
	struct sw_profile_settings settings = sw_profile_defaults();
	sw_campaign *campaign = campaign_of(text);
	struct sw_design *design = NULL;
	sw_dataset *dataset = NULL;
	enum sw_status st;

	settings.threads = threads;
	settings.retry = retry;
	settings.failures_max = 4;
	settings.progress = watch_progress;
	settings.context = &w;
	*summary = (struct sw_profile_summary){0};
	if (!campaign || !CHECK(sw_design_make(campaign, NULL, &design, &err) == SW_OK) ||
	    !CHECK(sw_dataset_open(path_of(name), SW_DATASET_WRITE, &dataset, &err) == SW_OK))
		return SW_INTERNAL;
	CHECK_INT(sw_profiler_new(campaign, design, dataset, &settings, &w.profiler, &err), SW_OK);
	st = sw_profiler_run(w.profiler, summary, &err);
	CHECK(w.monotone);
	if (st == SW_OK && !summary->stopped && summary->done)
		CHECK_NEAR(w.fraction, 1, 1e-9);
	sw_profiler_free(w.profiler);
	sw_dataset_close(dataset);
	sw_design_free(design);
	sw_campaign_free(campaign);
	return st;
}

static struct sw_runs runs_of(const char *name)
{
	struct sw_runs runs = {0};
	sw_dataset *dataset = NULL;
	sw_catalog *catalog = NULL;

	CHECK_INT(sw_catalog_open(&catalog, &err), SW_OK);
	if (CHECK(sw_dataset_open(path_of(name), SW_DATASET_READ, &dataset, &err) == SW_OK) &&
	    !CHECK(sw_dataset_runs(dataset, catalog, NULL, &runs, &err) == SW_OK))
		printf("    %s\n", err.message);
	sw_dataset_close(dataset);
	sw_catalog_free(catalog);
	return runs;
}

static void check_same(const char *a, const char *b)
{
	struct sw_runs x = runs_of(a), y = runs_of(b);

	CHECK_INT(x.n, y.n);
	for (size_t i = 0; i < x.n && i < y.n; i++) {
		const struct sw_run *p = &x.run[i], *q = &y.run[i];

		CHECK_STR(p->experiment, q->experiment);
		CHECK_INT(p->repeat, q->repeat);
		CHECK(p->seed == q->seed);
		CHECK_INT(p->mix->n, q->mix->n);
		CHECK(memcmp(p->measured, q->measured, p->mix->n * sizeof(*p->measured)) == 0);
	}
	sw_runs_clear(&x);
	sw_runs_clear(&y);
}

TEST(every_run_is_in_the_data_set_with_its_numbers)
{
	struct sw_profile_summary s;
	struct sw_runs runs;

	CHECK_INT(run(CAMPAIGN, "a.db", 1, false, SIZE_MAX, &s), SW_OK);
	CHECK_INT(s.planned, (2 * 2 * 2 + 3) * 2);
	CHECK_INT(s.done, s.planned);
	CHECK_INT(s.failed, 0);
	runs = runs_of("a.db");
	CHECK_INT(runs.n, s.planned);
	for (size_t i = 0; i < runs.n; i++) {
		const struct sw_run *r = &runs.run[i];

		CHECK(!r->failed && r->source == SW_SOURCE_SIMULATOR && isnan(r->started_s));
		for (size_t k = 0; k < r->mix->n; k++) {
			const struct sw_measured *m = &r->measured[k];

			CHECK(m->ms[SW_TTFT][SW_MEAN] > 0 && m->ms[SW_TPOT][SW_P99] > 0);
			CHECK(m->output_tok_s > 0 && m->requests > 0 && m->running > 0);
		}
	}
	sw_runs_clear(&runs);
}

TEST(threads_change_nothing)
{
	struct sw_profile_summary s;

	CHECK_INT(run(CAMPAIGN, "b.db", 4, false, SIZE_MAX, &s), SW_OK);
	CHECK_INT(s.done, s.planned);
	check_same("a.db", "b.db");
}

TEST(what_was_stopped_goes_on_and_ends_the_same)
{
	struct sw_profile_summary s;
	size_t before = 0;

	for (int i = 0; i < 100; i++) {
		CHECK_INT(run(CAMPAIGN, "c.db", 2, false, 3, &s), SW_OK);
		CHECK_INT(s.kept_before, before);
		before += s.done;
		if (!s.stopped)
			break;
		CHECK(s.done >= 3 && s.done < s.planned);
	}
	CHECK_INT(before, s.planned);
	check_same("a.db", "c.db");
	CHECK_INT(run(CAMPAIGN, "c.db", 2, false, SIZE_MAX, &s), SW_OK);
	CHECK_INT(s.done, 0);
	CHECK_INT(s.kept_before, s.planned);
}

TEST(more_experiments_come_to_a_campaign_and_other_conditions_make_another)
{
	struct sw_profile_summary s;

	CHECK_INT(run(CAMPAIGN "budget: {runs: 4}\n", "c.db", 2, false, SIZE_MAX, &s), SW_OK);
	CHECK_INT(s.planned, 4);
	CHECK(s.kept_before + s.done == 4 && s.kept_before > 0);
	CHECK_INT(run(CAMPAIGN "seed: 2\n", "c.db", 2, false, SIZE_MAX, &s), SW_OK);
	CHECK_INT(s.kept_before, 0);
}

TEST(a_failed_run_is_a_row_that_says_why_and_is_run_again_only_when_asked)
{
	struct sw_profile_summary s;
	struct sw_runs runs;

	CHECK_INT(run(FAILING, "f.db", 1, false, SIZE_MAX, &s), SW_IO);
	CHECK(strstr(err.message, "given up: 4 runs failed one after another"));
	CHECK_INT(s.done, 4);
	CHECK_INT(s.failed, 4);
	CHECK(strstr(s.failure, "qwen3-0.6b@0.25:c1: qwen3-0.6b: it ended with status 3: no such"));
	runs = runs_of("f.db");
	CHECK_INT(runs.n, 4);
	for (size_t i = 0; i < runs.n; i++) {
		CHECK(runs.run[i].failed && strstr(runs.run[i].failed, "no such model"));
		CHECK(isnan(runs.run[i].measured[0].ms[SW_TTFT][SW_MEAN]));
		CHECK_STR(runs.run[i].mix->gpu.id, "h"); /* a host comes back as one */
	}
	sw_runs_clear(&runs);
	CHECK_INT(run(FAILING, "f.db", 1, false, SIZE_MAX, &s), SW_OK);
	CHECK_INT(s.kept_before, 4);
	CHECK_INT(s.done, 2);
	CHECK_INT(run(FAILING, "f.db", 1, true, SIZE_MAX, &s), SW_IO);
	CHECK_INT(s.kept_before, 0);
}

TEST(the_folder_is_left_empty)
{
	static const char *const names[] = {"a.db", "b.db", "c.db", "f.db"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)unlink(path_of(names[i]));
	CHECK(rmdir(folder) == 0);
}

TEST_MAIN()

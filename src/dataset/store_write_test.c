// SPDX-License-Identifier: Apache-2.0
#include "dataset/dataset_fixture.h"
#include "dataset/store.h"

static sw_dataset *fresh(const char *name)
{
	sw_dataset *dataset = NULL;

	(void)unlink(path_of(name));
	CHECK_INT(sw_dataset_open(path_of(name), SW_DATASET_WRITE, &dataset, &err), SW_OK);
	return dataset;
}

/* One number out of the file, by SQL of the test's own. */
static double ask(sw_dataset *dataset, const char *text)
{
	struct sw__sql sql = sw__store_sql(dataset, text);
	double number = sw__sql_next(&sql) ? sw__sql_number_at(&sql, 0) : (double)NAN;

	CHECK_INT(sw__sql_end(&sql, &err), SW_OK);
	return number;
}

TEST(a_run_comes_back_as_it_was)
{
	sw_dataset *dataset = fresh("a.db");
	struct sw_run run = run_of("b", 2, 100), other = run_of("a", 7, 300);
	struct sw_runs runs;

	other.failed = strdup("out of memory");
	other.started_s = 1.7e9;
	CHECK_INT(sw_dataset_add_run(dataset, SW_NO_CAMPAIGN, &run, NULL, 0, &err), SW_OK);
	CHECK_INT(sw_dataset_add_run(dataset, SW_NO_CAMPAIGN, &other, NULL, 0, &err), SW_OK);
	sw_dataset_close(dataset);
	CHECK_INT(sw_dataset_open(path_of("a.db"), SW_DATASET_READ, &dataset, &err), SW_OK);
	CHECK_INT(sw_dataset_runs(dataset, catalog, NULL, &runs, &err), SW_OK);
	if (!CHECK(runs.run && runs.n == 2))
		return;
	CHECK_STR(runs.run[0].experiment, "a");
	CHECK_STR(runs.run[0].failed, "out of memory");
	CHECK_NEAR(runs.run[0].started_s, 1.7e9, 0);
	CHECK_INT(runs.run[0].repeat, 7);
	CHECK_STR(runs.run[1].experiment, "b");
	CHECK(!runs.run[1].failed && isnan(runs.run[1].started_s));
	CHECK_NEAR(runs.run[1].duration_s, 60.25, 0);
	CHECK(runs.run[1].seed == 18446744073709551615U);
	CHECK_STR(runs.run[1].origin, "a test");
	CHECK_STR(runs.run[1].machine.cpu, "a CPU");
	CHECK_INT(runs.run[1].machine.cores, 64);
	CHECK_INT(runs.run[1].n_software, 2);
	CHECK_STR(runs.run[1].software[1].version, "0.10");
	CHECK_STR(sw_source_id(runs.run[1].source), "simulator");
	check_same_mix(run.mix, runs.run[1].mix);
	for (size_t t = 0; t < 2; t++) {
		check_same_measured(&run.measured[t], &runs.run[1].measured[t]);
		check_same_measured(&other.measured[t], &runs.run[0].measured[t]);
	}
	sw_runs_clear(&runs);
	sw_dataset_close(dataset);
	sw__dataset_run_clear(&run);
	sw__dataset_run_clear(&other);
}

TEST(a_filter_lets_through_what_it_says)
{
	static const struct {
		struct sw_run_filter filter;
		size_t n;
	} cases[] = {
		{{.experiment = "a"}, 2},
		{{.experiment = "c"}, 0},
		{{.gpu = "a100-sxm4-80gb"}, 3},
		{{.gpu = "l4"}, 0},
		{{.mechanism = "mps", .source = "simulator"}, 3},
		{{.source = "import"}, 0},
		{{.without_failed = true}, 2},
		{{.campaign = 1}, 1},
		{{.campaign = 2}, 0},
	};
	sw_dataset *dataset = fresh("filter.db");
	struct sw_run runs[] = {run_of("a", 1, 1), run_of("a", 2, 2), run_of("b", 1, 3)};
	int64_t campaign;

	runs[1].failed = strdup("no");
	CHECK_INT(sw_dataset_campaign(dataset, "c.yaml", "text", &campaign, &err), SW_OK);
	CHECK_INT(campaign, 1);
	for (size_t i = 0; i < 3; i++) {
		CHECK_INT(sw_dataset_add_run(dataset, i == 2 ? campaign : SW_NO_CAMPAIGN, &runs[i],
					     NULL, 0, &err),
			  SW_OK);
		sw__dataset_run_clear(&runs[i]);
	}
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sw_runs found;

		CHECK_INT(sw_dataset_runs(dataset, catalog, &cases[i].filter, &found, &err), SW_OK);
		CHECK_INT(found.n, cases[i].n);
		sw_runs_clear(&found);
	}
	sw_dataset_close(dataset);
}

TEST(resuming_knows_what_is_done_and_failures_give_way)
{
	static const struct sw_run_sample samples[] = {
		{0.5, "nvml", "gpu0", "power_w", 300},
		{1.5, "nvml", "gpu0", "power_w", 310},
		{1.5, "metrics", "chat", "running", NAN},
	};
	sw_dataset *dataset = fresh("resume.db");
	struct sw_run run = run_of("a", 1, 1);
	int64_t campaign, again, other;
	enum sw_held held;

	CHECK_INT(sw_dataset_campaign(dataset, "c.yaml", "text", &campaign, &err), SW_OK);
	CHECK_INT(sw_dataset_campaign(dataset, "d.yaml", "text", &again, &err), SW_OK);
	CHECK_INT(sw_dataset_campaign(dataset, "c.yaml", "text 2", &other, &err), SW_OK);
	CHECK(campaign == again && campaign != other);
	CHECK_INT(sw_dataset_has(dataset, campaign, "a", 1, &held, &err), SW_OK);
	CHECK_INT(held, SW_HELD_NOT);
	run.failed = strdup("killed");
	CHECK_INT(sw_dataset_add_run(dataset, campaign, &run, samples, 3, &err), SW_OK);
	CHECK_INT(sw_dataset_has(dataset, campaign, "a", 1, &held, &err), SW_OK);
	CHECK_INT(held, SW_HELD_FAILED);
	CHECK_NEAR(ask(dataset, "SELECT count(*) FROM samples"), 2, 0);
	CHECK_NEAR(ask(dataset, "SELECT sum(value) FROM samples"), 610, 0);
	free(run.failed);
	run.failed = NULL;
	CHECK_INT(sw_dataset_add_run(dataset, campaign, &run, samples, 1, &err), SW_OK);
	CHECK_INT(sw_dataset_has(dataset, campaign, "a", 1, &held, &err), SW_OK);
	CHECK_INT(held, SW_HELD_WELL);
	/* Nothing is left of the one that failed. */
	CHECK_NEAR(ask(dataset, "SELECT count(*) FROM samples"), 1, 0);
	CHECK_NEAR(ask(dataset, "SELECT count(*) FROM engines"), 2, 0);
	CHECK_NEAR(ask(dataset, "SELECT count(*) FROM run_software"), 2, 0);
	CHECK_INT(sw_dataset_add_run(dataset, campaign, &run, samples, 1, &err), SW_BAD_INPUT);
	CHECK(strstr(err.message, "resume.db: found experiment a, repeat 1 already there"));
	/* Other repeats, campaigns and none are other keys. */
	CHECK_INT(sw_dataset_has(dataset, campaign, "a", 2, &held, &err), SW_OK);
	CHECK_INT(held, SW_HELD_NOT);
	CHECK_INT(sw_dataset_add_run(dataset, other, &run, NULL, 0, &err), SW_OK);
	CHECK_INT(sw_dataset_add_run(dataset, SW_NO_CAMPAIGN, &run, NULL, 0, &err), SW_OK);
	CHECK_INT(sw_dataset_add_run(dataset, SW_NO_CAMPAIGN, &run, NULL, 0, &err), SW_BAD_INPUT);
	CHECK_NEAR(ask(dataset, "SELECT count(*) FROM hardware"), 1, 0);
	CHECK_NEAR(ask(dataset, "SELECT count(*) FROM software"), 2, 0);
	sw_dataset_close(dataset);
	sw__dataset_run_clear(&run);
}

TEST(what_engines_are_and_showed_can_be_asked_in_sql)
{
	sw_dataset *dataset = fresh("sql.db");
	struct sw_run run = run_of("a", 1, 100);

	CHECK_INT(sw_dataset_add_run(dataset, SW_NO_CAMPAIGN, &run, NULL, 0, &err), SW_OK);
	CHECK_NEAR(ask(dataset, "SELECT ttft_p95_ms FROM engines WHERE tenant = 'chat'"),
		   run.measured[0].ms[SW_TTFT][SW_P95], 0);
	CHECK_NEAR(ask(dataset, "SELECT tpot_mean_ms FROM engines WHERE tenant = 'code'"),
		   run.measured[1].ms[SW_TPOT][SW_MEAN], 0);
	CHECK_NEAR(ask(dataset, "SELECT preemptions FROM engines WHERE place = 1"),
		   run.measured[1].preemptions, 0);
	CHECK(isnan(ask(dataset, "SELECT kv_used FROM engines WHERE place = 1")));
	CHECK_NEAR(ask(dataset, "SELECT max_num_seqs FROM engines WHERE model = 'qwen3-4b'"), 32,
		   0);
	CHECK_NEAR(ask(dataset, "SELECT cuda_graphs FROM engines WHERE place = 0"), 0, 0);
	CHECK_NEAR(ask(dataset, "SELECT cuda_graphs FROM engines WHERE place = 1"), 1, 0);
	CHECK_NEAR(ask(dataset, "SELECT concurrency FROM engines WHERE place = 1"), 4, 0);
	CHECK_NEAR(ask(dataset, "SELECT burstiness FROM engines WHERE place = 1"), 1, 0);
	CHECK_NEAR(ask(dataset, "SELECT sms FROM (SELECT json_extract(description, '$.sms') sms"
				" FROM hardware)"),
		   108, 0);
	sw_dataset_close(dataset);
	sw__dataset_run_clear(&run);
}

TEST(runs_that_cannot_be_are_refused_and_leave_nothing)
{
	sw_dataset *dataset = fresh("refused.db");
	struct sw_run run = run_of("a", 0, 1);

	CHECK_INT(sw_dataset_add_run(dataset, SW_NO_CAMPAIGN, &run, NULL, 0, &err), SW_BAD_INPUT);
	CHECK(strstr(err.message, "repeat: found 0"));
	run.repeat = 1;
	run.experiment[0] = '\n';
	CHECK_INT(sw_dataset_add_run(dataset, SW_NO_CAMPAIGN, &run, NULL, 0, &err), SW_BAD_INPUT);
	run.experiment[0] = 'x';
	/* A campaign that is not there is found last of all. */
	CHECK(sw_dataset_add_run(dataset, 77, &run, NULL, 0, &err) == SW_BAD_INPUT);
	CHECK_NEAR(ask(dataset, "SELECT count(*) FROM runs"), 0, 0);
	CHECK_NEAR(ask(dataset, "SELECT count(*) FROM software"), 0, 0);
	CHECK_INT(sw_dataset_add_run(dataset, SW_NO_CAMPAIGN, &run, NULL, 0, &err), SW_OK);
	sw_dataset_close(dataset);
	sw__dataset_run_clear(&run);
}

int main(void)
{
	return dataset_main();
}

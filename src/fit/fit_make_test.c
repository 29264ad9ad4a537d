// SPDX-License-Identifier: Apache-2.0
#include "fit/fit_fixture.h"
#include "predict/fit_known.h"

static struct sw_error err;

static double value_of(const sw_fit *fit, const char *subject, const char *name)
{
	struct sw_fit_line line;

	for (size_t i = 0; sw_fit_line_at(fit, i, &line); i++)
		if (strcmp(line.subject, subject) == 0 && strcmp(line.name, name) == 0)
			return line.value;
	CHECK(false);
	return NAN;
}

static sw_fit *fit_of(const struct sw_runs *runs, struct sw_fit_report *report)
{
	struct sw_fit_settings settings = sw_fit_settings_default();
	sw_fit *fit = NULL;

	settings.requests = 150;
	settings.rounds = 4;
	CHECK_INT(sw_fit_make(runs, &settings, &fit, report, &err), SW_OK);
	CHECK_STR(err.message, "");
	return fit;
}

/* The measured world is the player's own with other coefficients: they must be found, as far as runs show them. */
TEST(coefficients_of_a_world_that_is_known_are_found)
{
	const struct truth truth = {1.12, 1.1, 0.8, 1.5, 1, 0, 0};
	struct sw_runs runs = measured_runs(SW_TIMESLICE, &truth);
	struct sw_fit_report report;
	sw_fit *fit = fit_of(&runs, &report);

	CHECK_NEAR(value_of(fit, "llama-3.2-3b", "decode"), truth.decode, 0.03);
	CHECK_NEAR(value_of(fit, "llama-3.2-3b", "prefill"), truth.prefill, 0.08);
	CHECK_NEAR(value_of(fit, "qwen3-1.7b", "decode"), truth.decode, 0.04);
	CHECK_NEAR(value_of(fit, "timeslice", "switch_ms"), 0.25 * truth.switch_ms, 0.2);
	/* A model that was not run has what is common to those that were. */
	CHECK_NEAR(value_of(fit, "other models", "decode"), truth.decode, 0.05);
	CHECK_INT(report.n_found, 1);
	CHECK_INT(report.found[0].mixes, 9);
	CHECK(report.found[0].held_out[SW_TPOT][SW_MEAN].mape < 0.04);
	CHECK(report.found[0].unfitted[SW_TPOT].mape >
	      2 * report.found[0].held_out[SW_TPOT][SW_MEAN].mape);
	sw_fit_report_clear(&report);
	sw_fit_free(fit);
	sw_runs_clear(&runs);
}

TEST(bandwidth_that_engines_reach_together_is_found_under_mps)
{
	const struct truth truth = {1, 1, 1, 1, 0.8, 0, 0};
	struct sw_runs runs = measured_runs(SW_MPS, &truth);
	struct sw_fit_report report;
	sw_fit *fit = fit_of(&runs, &report);

	CHECK_NEAR(value_of(fit, "mps", "dram_together"), 0.8 * 0.8, 0.08);
	CHECK_NEAR(value_of(fit, "qwen3-1.7b", "decode"), 1, 0.03);
	sw_fit_report_clear(&report);
	sw_fit_free(fit);
	sw_runs_clear(&runs);
}

TEST(the_same_runs_give_the_same_text_however_many_threads)
{
	const struct truth truth = {1, 1, 1, 1, 1, 0, 0};
	struct sw_runs runs = measured_runs(SW_TIMESLICE, &truth);
	struct sw_fit_settings settings = sw_fit_settings_default();
	char *texts[2] = {NULL, NULL};

	settings.requests = 60;
	settings.rounds = 1;
	for (unsigned i = 0; i < 2; i++) {
		sw_fit *fit;

		settings.threads = 1 + 2 * i;
		CHECK_INT(sw_fit_make(&runs, &settings, &fit, NULL, &err), SW_OK);
		CHECK_INT(sw_fit_text(fit, &texts[i], &err), SW_OK);
		sw_fit_free(fit);
	}
	CHECK_STR(texts[0], texts[1]);
	free(texts[0]);
	free(texts[1]);
	sw_runs_clear(&runs);
}

static bool advised(const struct sw_fit_report *report, const char *part)
{
	for (size_t i = 0; i < report->n_advice; i++)
		if (strstr(report->advice[i].text, part))
			return true;
	return false;
}

TEST(what_runs_do_not_say_is_named_with_what_to_run_next)
{
	const struct truth truth = {1, 1, 1, 1, 1, 0, 0};
	struct sw_runs runs = {0};
	struct sw_fit_report report;
	struct played_fixture p;
	sw_fit *fit;

	played_open(&p, "a100-sxm4-80gb", SW_TIMESLICE);
	played_add(&p, "qwen3-1.7b", 1, 2);
	add_run(&runs, &p, &truth, "alone", 1);
	add_run(&runs, &p, &truth, "alone", 2);
	if (!CHECK(runs.n == 2 && runs.run))
		return;
	runs.run[1].measured[0].ms[SW_TPOT][SW_MEAN] *= 2; /* contradicts the first */
	played_close(&p);
	fit = fit_of(&runs, &report);
	CHECK(advised(&report, "switch_ms"));
	CHECK(advised(&report, "two engines that are busy all the time"));
	CHECK(advised(&report, "repeats contradict each other in the TPOT"));
	CHECK(advised(&report, "run more mixes"));
	sw_fit_report_clear(&report);
	sw_fit_free(fit);
	sw_runs_clear(&runs);
}

TEST(runs_that_say_nothing_are_refused_or_left_out)
{
	const struct truth truth = {1, 1, 1, 1, 1, 0, 0};
	struct sw_runs runs = {0};
	struct sw_fit_report report;
	struct played_fixture p;
	sw_fit *fit = NULL;

	CHECK_INT(sw_fit_make(&runs, NULL, &fit, &report, &err), SW_BAD_INPUT);
	CHECK(strstr(err.message, "no run to fit") != NULL);
	CHECK(!fit);
	err = (struct sw_error){SW_OK, ""};
	played_open(&p, "l4", SW_MPS);
	played_add(&p, "qwen3-0.6b", 0.5, 1);
	add_run(&runs, &p, &truth, "a", 1);
	add_run(&runs, &p, &truth, "b", 1);
	played_close(&p);
	if (!CHECK(runs.n == 2 && runs.run))
		return;
	runs.run[0].failed = strdup("it died");
	fit = fit_of(&runs, &report);
	CHECK_INT(report.failed, 1);
	CHECK_INT(report.found[0].runs, 1);
	sw_fit_report_clear(&report);
	sw_fit_free(fit);
	sw_runs_clear(&runs);
}

TEST_MAIN()

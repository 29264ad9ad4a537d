// SPDX-License-Identifier: Apache-2.0
/* One and two Qwen3-4B on an A100-40GB, as a published study measured them: every number of requests in flight predicted from a fit to
 * the others. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/real_requests.h"
#include "math/error_summary.h"
#include "predictor/predictor_sections.h"

static const char path[] = SW_MEASURED_DIR "/pairs/llm-a100-40gb-qwen3-4b.csv";
static const double ITL_LIMIT = 6, THROUGHPUT_LIMIT = 5, PERCENT = 100;
enum { ROWS_MAX = 64 };

/* Medians of TTFT and inter-token time, tokens per second of the GPU. */
enum { TTFT, ITL, THROUGHPUT, QUANTITIES };
static const char *const quantities[QUANTITIES] = {"ttft_p50", "itl_p50", "output_tok_s"};

struct said {
	size_t n;
	double predicted[QUANTITIES][ROWS_MAX], measured[QUANTITIES][ROWS_MAX];
};

static double concurrency_of(const struct sw_run *run)
{
	return run->mix->tenants[0].load.concurrency;
}

/* Alone at 2 and 4 in flight the study's prompts were in the prefix cache: 49 ms to the first token of 2048. */
static bool is_of_use(const struct sw_run *run)
{
	double c = concurrency_of(run);

	return !(run->mix->n == 1 && (c == 2 || c == 4));
}

static struct sw_runs others(const struct sw_runs *all, double concurrency)
{
	struct sw_runs part = {0, calloc(all->n + 1, sizeof(*part.run))};

	for (size_t i = 0; part.run && i < all->n; i++)
		if (is_of_use(&all->run[i]) && concurrency_of(&all->run[i]) != concurrency)
			part.run[part.n++] = all->run[i];
	return part;
}

static void put_said(const struct sw_run *run, const struct sw_prediction *p, struct said *out)
{
	double predicted[QUANTITIES] = {0}, measured[QUANTITIES] = {0};
	double n = (double)run->mix->n;

	for (size_t i = 0; i < run->mix->n; i++) {
		predicted[TTFT] += p[i].latency[SW_TTFT].at[SW_P50] / n;
		predicted[ITL] += p[i].latency[SW_TPOT].at[SW_P50] / n;
		predicted[THROUGHPUT] += p[i].output_tokens_per_s;
		measured[TTFT] += run->measured[i].ms[SW_TTFT][SW_P50] / n;
		measured[ITL] += run->measured[i].ms[SW_TPOT][SW_P50] / n;
		measured[THROUGHPUT] += run->measured[i].output_tok_s;
	}
	for (int q = 0; q < QUANTITIES; q++) {
		out->predicted[q][out->n] = predicted[q];
		out->measured[q][out->n] = measured[q];
	}
	out->n += out->n + 1 < ROWS_MAX;
}

static void put_row(const struct sw_run *run, const struct said *said, struct figures *figures)
{
	char row[96];

	(void)snprintf(row, sizeof(row), "%s x%zu, %g in flight",
		       sw_mechanism_name(run->mix->mechanism), run->mix->n, concurrency_of(run));
	for (int q = 0; q < QUANTITIES; q++)
		figures_add(figures,
			    &(struct figure){row, quantities[q], said->measured[q][said->n - 1],
					     said->predicted[q][said->n - 1], NAN});
}

static enum sw_status leave_out(const struct sw_runs *all, double concurrency, struct said *said,
				struct figures *figures, struct sw_error *err)
{
	struct sw_runs rest = others(all, concurrency);
	sw_fit *fit = NULL;
	enum sw_status st = sw_fit_make(&rest, NULL, &fit, NULL, err);

	for (size_t i = 0; i < all->n && st == SW_OK; i++) {
		struct sw_prediction p[SW_TENANTS_MAX];

		if (concurrency_of(&all->run[i]) != concurrency || !is_of_use(&all->run[i]))
			continue;
		st = sw_predict_mix(all->run[i].mix, fit, p, err);
		if (st != SW_OK)
			break;
		put_said(&all->run[i], p, said);
		put_row(&all->run[i], said, figures);
	}
	sw_fit_free(fit);
	free(rest.run);
	return st;
}

static void sum_up(const struct said *said, struct figures *figures)
{
	static const double limit[QUANTITIES] = {NAN, ITL_LIMIT, THROUGHPUT_LIMIT};

	for (int q = 0; q < QUANTITIES; q++) {
		struct sw__error_summary e = {0};
		char metric[64];

		(void)sw__summarise_errors(said->predicted[q], said->measured[q], said->n, &e,
					   NULL);
		(void)snprintf(metric, sizeof(metric), "%s_mape_pct", quantities[q]);
		figures_at_most(figures, "all", metric, PERCENT * e.mape, limit[q]);
	}
}

static bool is_first_of_its_kind(const struct sw_runs *runs, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (concurrency_of(&runs->run[k]) == concurrency_of(&runs->run[i]))
			return false;
	return true;
}

static void judge(const struct sw_runs *runs, struct figures *figures)
{
	struct said said = {0};
	struct sw_error err = {0};

	for (size_t i = 0; i < runs->n; i++)
		if (is_first_of_its_kind(runs, i) &&
		    leave_out(runs, concurrency_of(&runs->run[i]), &said, figures, &err) != SW_OK)
			figures_say(figures, "  %s", err.message);
	sum_up(&said, figures);
}

void section_real_pairs(const sw_catalog *catalog, struct figures *figures)
{
	static const struct sw_rows_given given = {.gpu = "a100-sxm4-40gb",
						   .model = "qwen3-4b",
						   .prompt_tokens = 2048,
						   .output_tokens = 256};
	struct sw_runs runs = {0};
	struct sw_error err = {0};
	FILE *file = fopen(path, "r");

	figures_section(
		figures, "real_pairs",
		"Measured: Qwen3-4B on an A100-40GB, 2048 tokens in, 256 out, alone and two "
		"together; each number of requests in\nflight predicted from a fit to the "
		"others: predicted (measured). Not blind: values without any measurement were\n"
		"chosen on these rows, and the fit starts from them.");
	if (!file) {
		figures_say(figures, "  skipped: the measurements are not here");
		return;
	}
	(void)fclose(file);
	if (sw_runs_read_given(catalog, path, &given, &runs, &err) == SW_OK)
		judge(&runs, figures);
	else
		figures_say(figures, "  %s", err.message);
	sw_runs_clear(&runs);
}

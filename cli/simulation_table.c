// SPDX-License-Identifier: Apache-2.0
/* A simulation for people: the tables of predict, and what only a simulation knows. */
#include <stdlib.h>

#include "mix_views.h"
#include "must.h"
#include "options.h"
#include "simulation.h"

static const struct column more_columns[] = {
	{"engine", NULL, TEXT_COLUMN}, {"requests", NULL, 0},         {"warm-up s", NULL, 0},
	{"KV used %", NULL, 1},        {"preempted", NULL, 2},        {"late %", NULL, 2},
	{"excess %", NULL, 2},         {"limits", NULL, TEXT_COLUMN},
};

enum { LIMIT_COLUMNS = 3 };

/* "TTFT p95 500, TPOT p95 40", "" without any; free(). */
static char *all_limits(const struct sw_slo *slo, const struct sw_prediction *p)
{
	char *text = must_format("%s", "");

	for (int m = 0; m < SW_METRIC_COUNT; m++) {
		bool kept;
		char *words = limit_words(&p->latency[m], slo->bound_ms[m], false, &kept);

		if (*words) {
			char *longer = must_format("%s%s%s %s", text, *text ? ", " : "",
						   metric_title(m), words);

			free(text);
			text = longer;
		}
		free(words);
	}
	return text;
}

static void add_limits(struct sheet *sheet, const struct sw_slo *slo, const struct sw_prediction *p,
		       const struct sw_simulated_tenant *t)
{
	char *limits = all_limits(slo, p);
	bool held = simulated_holds(slo, t);

	sheet_number(sheet, 100 * t->late_fraction);
	sheet_number(sheet, 100 * t->excess_late);
	sheet_format(sheet, *limits ? "%s %s" : "%s", limits, held ? "held" : "MISSED");
	if (*limits)
		sheet_tone(sheet, held ? TONE_GOOD : TONE_BAD);
	free(limits);
}

/* What was counted, and how late it was. */
static void print_more(const struct simulated_gpu *gpu, const struct style *style, FILE *out)
{
	const struct sw_mix *mix = gpu->gpu->mix;
	bool limited = mix_has_limits(mix);
	struct sheet *sheet =
		sheet_new(more_columns, COUNT(more_columns) - (limited ? 0 : LIMIT_COLUMNS));

	for (size_t i = 0; i < mix->n; i++) {
		const struct sw_simulated_tenant *t = &gpu->simulated->tenants[i];

		sheet_text(sheet, mix->tenants[i].name);
		sheet_number(sheet, (double)t->requests);
		sheet_number(sheet, t->warm_up_s);
		sheet_number(sheet, 100 * t->kv_used);
		sheet_number(sheet, t->preemptions_per_request);
		if (limited)
			add_limits(sheet, &mix->tenants[i].slo, &gpu->predictions[i], t);
	}
	sheet_print(sheet, style, 0, out);
	sheet_free(sheet);
	mix_print_note(
		limited ? "warm-up: cut from a repetition; preempted: times per request; excess: "
			  "late beyond what limits allow"
			: "warm-up: cut from a repetition; preempted: times per request",
		style, out);
}

enum { WRAP_INDENT = 4 };

/* A sentence that may take more than a line; the text is released. */
static void print_wrapped(char *text, FILE *out)
{
	text_wrap(text, 0, WRAP_INDENT, LINE_WIDTH, out);
	free(text);
}

static void print_use(const struct sw_simulated *s, FILE *out)
{
	print_wrapped(
		must_format("GPU: kernels %.0f %% of the time, %.0f %% of the SMs, %.0f %% of the "
			    "DRAM bandwidth, %.0f W, %.0f %% of the boost clock",
			    100 * s->busy, 100 * s->sms, 100 * s->dram, s->power_w, 100 * s->clock),
		out);
}

/* ", world 3, 8 host cores": what is not as usual; free(). */
static char *unusual(const struct sw_simulate_settings *s)
{
	char *world = s->world ? must_format(", world %llu", (unsigned long long)s->world)
			       : must_format("%s", "");
	char *cores = s->host_cores > 0 ? must_format("%s, %g host cores", world, s->host_cores)
					: must_format("%s", world);

	free(world);
	return cores;
}

static void print_settings(const struct simulation *simulation, const struct simulated_gpu *gpu,
			   FILE *out)
{
	const struct sw_simulate_settings *s = &simulation->settings;
	const struct sw_simulated *r = gpu->simulated;
	char *more = unusual(s);

	print_wrapped(must_format("Simulated: %.6g s, %u time%s, seed %llu%s; %s known to %g %%%s",
				  r->duration_s, r->repetitions, r->repetitions == 1 ? "" : "s",
				  (unsigned long long)gpu->seed, more,
				  r->precise ? "every mean is" : "not every mean is",
				  100 * s->precision,
				  r->precise ? ""
					     : ": more --repetitions or a longer --duration tell "
					       "more"),
		      out);
	free(more);
}

static void print_gpu(const struct simulation *simulation, const struct simulated_gpu *gpu,
		      const struct style *style, FILE *out)
{
	const struct sw_mix *mix = gpu->gpu->mix;

	if (simulation->plan->is_plan)
		(void)fprintf(out, "%s%s%s  ", style_on(style, TONE_STRONG), gpu->gpu->id,
			      style_off(style, TONE_STRONG));
	mix_print_title(mix, style, out);
	(void)fputs("\n\n", out);
	mix_print_engines(mix, gpu->predictions, style, out);
	(void)fputc('\n', out);
	mix_print_latencies(mix, gpu->predictions, false, style, out);
	mix_print_note("from, to, up to: one-sided 95 % bounds of the mean and the percentile, by "
		       "the repetitions' spread",
		       style, out);
	(void)fputc('\n', out);
	print_more(gpu, style, out);
	(void)fputc('\n', out);
	print_use(gpu->simulated, out);
	print_settings(simulation, gpu, out);
	mix_print_defaults(
		mix,
		simulation->plan->is_plan
			? "The engines' own defaults, where neither user nor plan decided"
			: "The engines' own defaults, where the mix leaves a setting out",
		out);
}

static const struct column workload_columns[] = {
	{"workload", NULL, TEXT_COLUMN}, {"replicas", NULL, 0}, {"requests/s", NULL, 2},
	{"tokens/s", NULL, 0},           {"late %", NULL, 2},   {"excess %", NULL, 2},
};

static void print_workloads(const struct simulation *simulation, const struct style *style,
			    FILE *out)
{
	const struct sw_plan_mixes *plan = simulation->plan;
	struct sheet *sheet = sheet_new(workload_columns, COUNT(workload_columns));

	for (size_t w = 0; w < plan->n_workloads; w++) {
		struct workload_figures f = simulation_workload(simulation, w);

		sheet_text(sheet, plan->workloads[w].name);
		sheet_tone(sheet, f.overload || f.excess_late > 0 ? TONE_BAD : TONE_PLAIN);
		sheet_number(sheet, plan->workloads[w].replicas);
		sheet_number(sheet, f.requests_per_s);
		sheet_number(sheet, f.output_tokens_per_s);
		sheet_number(sheet, 100 * f.late_fraction);
		sheet_number(sheet, 100 * f.excess_late);
	}
	sheet_print(sheet, style, 0, out);
	sheet_free(sheet);
}

void simulation_print(const struct simulation *simulation, const struct style *style, FILE *out)
{
	for (size_t i = 0; i < simulation->n; i++) {
		if (i > 0)
			(void)fputs("\n\n", out);
		print_gpu(simulation, &simulation->gpus[i], style, out);
	}
	if (simulation->plan->is_plan) {
		(void)fputs("\n\n", out);
		print_workloads(simulation, style, out);
	}
}

// SPDX-License-Identifier: Apache-2.0
/* A plan as a person wants to see it: the sum first, then every GPU with its slices, then every workload. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "latency.h"
#include "must.h"
#include "options.h"
#include "plan_views.h"
#include "sheet.h"

enum { BAR_WIDTH = 64, WHY_COLUMN = 4 };

char *engine_label(const struct sw_problem *problem, const struct sw_plan *plan,
		   const struct sw_placement *placement)
{
	const char *name = problem->workloads[placement->workload].name;

	if (plan->workloads[placement->workload].replicas < 2)
		return must_format("%s", name);
	return must_format("%s/%u", name, placement->replica);
}

static const char *plural(double n)
{
	return n == 1 ? "" : "s";
}

static void print_totals(const struct sw_problem *problem, const struct sw_plan *plan,
			 const struct style *style, FILE *out)
{
	double exclusive = plan->exclusive_cost_per_hour;

	(void)fprintf(out, "%s%zu workload%s on %zu GPU%s, %.2f per hour%s\n",
		      style_on(style, TONE_STRONG), problem->n_workloads,
		      plural((double)problem->n_workloads), plan->n_gpus,
		      plural((double)plan->n_gpus), plan->cost_per_hour,
		      style_off(style, TONE_STRONG));
	if (sw_known(exclusive))
		(void)fprintf(out, "One GPU per engine: %g GPU%s, %.2f per hour; saved %.0f %%\n",
			      plan->exclusive_gpus, plural(plan->exclusive_gpus), exclusive,
			      100 * (exclusive - plan->cost_per_hour) / exclusive);
	if (sw_known(plan->gap) && plan->bound_cost_per_hour > 0)
		(void)fprintf(out, "No plan%s can cost less than %.2f per hour; gap %.0f %%\n",
			      plan->bound_is_of_sizes ? " of engines so sized, at most two more "
							"of them than needed,"
						      : "",
			      plan->bound_cost_per_hour, 100 * plan->gap);
}

/* What a bar is drawn with. */
struct ink {
	const char *fill, *end, *rest;
};

static const struct ink ascii_ink = {"=", "|", "."}, unicode_ink = {"━", "┃", "·"};

static void put_repeated(const char *text, size_t n, FILE *out)
{
	for (size_t i = 0; i < n; i++)
		(void)fputs(text, out);
}

/* One part of a bar: its label, cut to what there is, then fill, then an end. */
static void put_part(const char *label, size_t cells, const struct ink *ink, FILE *out)
{
	size_t bytes = text_prefix(label, cells - 1);
	size_t width = text_width(label);

	(void)fprintf(out, "%.*s", (int)bytes, label);
	put_repeated(ink->fill, width < cells ? cells - 1 - width : 0, out);
	(void)fputs(ink->end, out);
}

/* "[chat====|code======|..........] 62 %": what each tenant has of the whole, the rest in dots. */
static void print_bar(const char *title, char *const *labels, const double *amounts, size_t n,
		      double whole, const struct style *style, FILE *out)
{
	const struct ink *ink = style->unicode ? &unicode_ink : &ascii_ink;
	double sum = 0, scale, so_far = 0;
	size_t from = 0;

	for (size_t i = 0; i < n; i++)
		sum += amounts[i];
	scale = BAR_WIDTH / fmax(sum, whole);
	(void)fprintf(out, "  %-7s [", title);
	for (size_t i = 0; i < n; i++) {
		size_t to;

		so_far += amounts[i];
		to = (size_t)lround(so_far * scale);
		(void)fputs(style_on(style, tone_of(i)), out);
		if (to > from)
			put_part(labels[i], to - from, ink, out);
		(void)fputs(style_off(style, tone_of(i)), out);
		from = to;
	}
	(void)fputs(style_on(style, TONE_DIM), out);
	put_repeated(ink->rest, BAR_WIDTH - from, out);
	(void)fprintf(out, "%s] %.0f %%", style_off(style, TONE_DIM), 100 * sum / whole);
}

static const struct column tenant_columns[] = {
	{"engine", NULL, TEXT_COLUMN},
	{"model", NULL, TEXT_COLUMN},
	{"share", NULL, 2},
	{"GiB", NULL, 1},
	{"seqs", NULL, 0},
	{"tokens", NULL, 0},
	{"TTFT ms", NULL, TEXT_COLUMN},
	{"TPOT ms", NULL, TEXT_COLUMN},
};

/* "p95 412/500" for every limit; without one the mean and the bound of the mean. */
static void add_latency(struct sheet *sheet, const struct sw_latency *latency, const double *bounds)
{
	bool kept;
	char *text = limit_words(latency, bounds, true, &kept);

	if (*text)
		sheet_text(sheet, text);
	else
		sheet_format(sheet, "mean %.*f", latency->hi[SW_MEAN] < 100, latency->hi[SW_MEAN]);
	sheet_tone(sheet, kept ? TONE_PLAIN : TONE_BAD);
	free(text);
}

/* A measured table's batch stands among the sequences, its whole answer under TTFT. */
static void add_row_of_table(struct sheet *sheet, const struct sw_workload *workload,
			     const struct sw_placement *p)
{
	double upper = p->predicted.latency[SW_TTFT].hi[SW_P99];

	sheet_number(sheet, p->row->batch);
	sheet_number(sheet, NAN);
	if (sw_known(workload->latency_ms))
		sheet_format(sheet, "all %.4g/%g", upper, workload->latency_ms);
	else
		sheet_format(sheet, "all %.4g", upper);
	sheet_number(sheet, NAN);
}

/* What its gateway lets in at once, and what it was started with. */
static void add_seqs(struct sheet *sheet, const struct sw_placement *p)
{
	if (p->max_in_flight)
		sheet_format(sheet, "%u (%u)", p->max_in_flight, p->engine.max_num_seqs);
	else
		sheet_number(sheet, p->engine.max_num_seqs);
}

static void add_tenant(struct sheet *sheet, const struct sw_problem *problem, const char *label,
		       enum tone tone, const struct sw_placement *p)
{
	const struct sw_workload *workload = &problem->workloads[p->workload];

	sheet_text(sheet, label);
	sheet_tone(sheet, tone);
	sheet_text(sheet, workload->model.id);
	sheet_number(sheet, p->share);
	sheet_number(sheet, p->memory_gib);
	if (p->row) {
		add_row_of_table(sheet, workload, p);
		return;
	}
	add_seqs(sheet, p);
	sheet_number(sheet, p->engine.max_num_batched_tokens);
	add_latency(sheet, &p->predicted.latency[SW_TTFT], workload->slo.bound_ms[SW_TTFT]);
	add_latency(sheet, &p->predicted.latency[SW_TPOT], workload->slo.bound_ms[SW_TPOT]);
}

static void print_bars(const struct sw_fleet_entry *fleet, const struct sw_plan_gpu *gpu,
		       char *const *labels, const struct style *style, FILE *out)
{
	double *amounts = must_alloc(gpu->n, sizeof(*amounts));
	double memory = sw_gpu_visible_gib(&fleet->gpu);

	for (size_t i = 0; i < gpu->n; i++)
		amounts[i] = gpu->tenants[i].share;
	print_bar("share", labels, amounts, gpu->n, 1, style, out);
	(void)fputc('\n', out);
	for (size_t i = 0; i < gpu->n; i++)
		amounts[i] = gpu->tenants[i].memory_gib;
	print_bar("memory", labels, amounts, gpu->n, memory, style, out);
	(void)fprintf(out, " of %.1f GiB\n\n", memory);
	free(amounts);
}

/* What a reason is of, in front of it. */
static const char *reason_head(const struct sw_reason *reason)
{
	static const char *const heads[SW_INSTEAD_COUNT] = {
		[SW_INSTEAD_SMALLER] = "smaller slice", [SW_INSTEAD_CHEAPER] = "cheaper GPU",
		[SW_INSTEAD_MOVED] = "elsewhere",       [SW_INSTEAD_SHARED] = "not shared",
		[SW_INSTEAD_UNLIMITED] = "no limit",    [SW_INSTEAD_FEWER] = "fewer engines",
	};

	return heads[reason->instead];
}

/* The line of what binds says what one level less would do, but for MIG. */
static bool said_already(const struct sw_plan *plan, const struct sw_reason *reason)
{
	return strstr(plan->gpus[reason->gpu].tenants[reason->tenant].binds, "; at share") != NULL;
}

/* Why a GPU is not used otherwise. Without `explain` only why who is alone on it is that. */
static void print_reasons(const struct sw_plan *plan, size_t gpu, char *const *labels, bool explain,
			  const struct style *style, FILE *out)
{
	for (size_t i = 0; i < plan->n_reasons; i++) {
		const struct sw_reason *r = &plan->reasons[i];
		const char *of;
		char *text;

		if (r->gpu != gpu || (!explain && r->instead != SW_INSTEAD_SHARED) ||
		    (r->instead == SW_INSTEAD_SMALLER && said_already(plan, r)))
			continue;
		of = r->tenant == SW_NONE ? "all of it" : labels[r->tenant];
		text = must_format("%s, %s: %s", of, reason_head(r), r->words);
		(void)fprintf(out, "  %s", style_on(style, TONE_DIM));
		text_wrap(text, 2, WHY_COLUMN, LINE_WIDTH, out);
		(void)fputs(style_off(style, TONE_DIM), out);
		free(text);
	}
}

static void print_gpu(const struct sw_problem *problem, const struct sw_plan *plan, size_t index,
		      bool explain, const struct style *style, FILE *out)
{
	const struct sw_plan_gpu *gpu = &plan->gpus[index];
	const struct sw_fleet_entry *fleet = &problem->fleet[gpu->fleet];
	struct sheet *sheet = sheet_new(tenant_columns, COUNT(tenant_columns));
	char **labels = must_alloc(gpu->n, sizeof(*labels));

	(void)fprintf(out, "\n%s%s%s  %s, %.2f per hour\n", style_on(style, TONE_STRONG), gpu->id,
		      style_off(style, TONE_STRONG), sw_mechanism_name(fleet->mechanism),
		      fleet->price_per_hour);
	for (size_t i = 0; i < gpu->n; i++) {
		labels[i] = engine_label(problem, plan, &gpu->tenants[i]);
		add_tenant(sheet, problem, labels[i], tone_of(i), &gpu->tenants[i]);
	}
	print_bars(fleet, gpu, labels, style, out);
	sheet_print(sheet, style, 2, out);
	for (size_t i = 0; i < gpu->n; i++) {
		if (gpu->tenants[i].binds[0])
			(void)fprintf(out, "  %s%s: %s%s\n", style_on(style, TONE_DIM), labels[i],
				      gpu->tenants[i].binds, style_off(style, TONE_DIM));
	}
	print_reasons(plan, index, labels, explain, style, out);
	for (size_t i = 0; i < gpu->n; i++)
		free(labels[i]);
	free(labels);
	sheet_free(sheet);
}

/* What would be enough for a workload, the smallest change first; SW_NONE: for all. */
static void print_relaxations(const struct sw_plan *plan, size_t workload, FILE *out)
{
	bool first = true;

	for (size_t i = 0; i < plan->n_relaxations; i++) {
		const struct sw_relaxation *r = &plan->relaxations[i];

		if (r->workload != workload)
			continue;
		if (first && workload != SW_NONE)
			(void)fprintf(out, "%*sEnough would be any one of\n", WHY_COLUMN, "");
		else if (first)
			(void)fputs("\nEnough for all that any GPU can serve would be\n", out);
		first = false;
		(void)fprintf(out, "%*s", WHY_COLUMN + 2, "");
		text_wrap(r->words, WHY_COLUMN + 2, WHY_COLUMN + 4, LINE_WIDTH, out);
	}
}

static void print_missed(const struct sw_problem *problem, const struct sw_plan *plan, size_t index,
			 const struct style *style, FILE *out)
{
	const struct sw_workload *workload = &problem->workloads[index];
	const struct sw_plan_workload *w = &plan->workloads[index];

	(void)fprintf(out, "\n%sMISSED%s  %s, %u replica%s\n%*s", style_on(style, TONE_BAD),
		      style_off(style, TONE_BAD), workload->name, w->replicas, plural(w->replicas),
		      WHY_COLUMN, "");
	text_wrap(w->why, WHY_COLUMN, WHY_COLUMN, LINE_WIDTH, out);
	print_relaxations(plan, index, out);
}

static void print_verdict(const struct sw_problem *problem, const struct sw_plan *plan,
			  const struct style *style, FILE *out)
{
	size_t met = 0;

	for (size_t i = 0; i < plan->n_workloads; i++)
		met += plan->workloads[i].met;
	(void)fprintf(
		out,
		"\n%s%zu of %zu workloads hold their limits%s. Latencies: upper bound (95 %%) of "
		"what is predicted / limit.\n",
		style_on(style, met == plan->n_workloads ? TONE_GOOD : TONE_BAD), met,
		plan->n_workloads, style_off(style, TONE_GOOD));
	for (size_t i = 0; i < plan->n_workloads; i++) {
		if (!plan->workloads[i].met)
			print_missed(problem, plan, i, style, out);
	}
	print_relaxations(plan, SW_NONE, out);
}

void plan_print(const struct sw_problem *problem, const struct sw_plan *plan, bool explain,
		const struct style *style, FILE *out)
{
	print_totals(problem, plan, style, out);
	for (size_t i = 0; i < plan->n_gpus; i++)
		print_gpu(problem, plan, i, explain, style, out);
	print_verdict(problem, plan, style, out);
}

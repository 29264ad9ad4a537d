// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "compare_lists.h"
#include "compare_views.h"
#include "must.h"
#include "progress.h"
#include "report.h"

/* Beyond these a number is a slip. */
#define DURATION_MAX_S 1e6
#define BURSTINESS_MAX 100
#define SEED_MAX       4294967295.0
enum { WORLDS_MAX = 10000, SEEDS_MAX = 1000, THREADS_MAX = 256 };

struct compare_settings {
	struct common common;
	const char *strategies, *margins, *fit, *trace, *load_curve, *svg, *html;
	double burstiness, duration_s;
	unsigned worlds, seeds, seed, threads;
	bool no_times;
};

#define AT(member) offsetof(struct compare_settings, member)

static const struct compare_settings defaults = {.burstiness = NAN, .duration_s = NAN, .seed = 1};

/* Worlds unless given: of a comparison, of each load of a curve. */
enum { WORLDS = 8, WORLDS_OF_CURVE = 1 };
static const double usual_loads[] = {5, 10, 20, 30, 40, 50, 60, 70, 80, 90};
static const char *const usual_of_curve[] = {"slicewise", "exclusive", "even-split"};
static const double percent = 100, LOAD_MOST = 1000;

static const struct option planning_options[] = {
	{"strategies", 0, OPTION_TEXT, "A,B,...", AT(strategies),
	 .help = "which ways of planning; all but exact unless given. oracle is the cost that is "
		 "proved to be the least"},
	{"margins", 0, OPTION_TEXT, "X,Y,...", AT(margins),
	 .help = "factors on the limits that every strategy but slicewise and exact may choose "
		 "from; 1,0.9,0.8,0.65,0.5,0.35,0.25,0.15 unless given, for igniter from 2 on; for "
		 "packed "
		 "how full a GPU may be, from 3 to 0.5"},
	{"fit", 0, OPTION_FILE, "FILE", AT(fit),
	 .help = "a fit of measured mixes instead of the shipped one"},
};

static const struct option simulation_options[] = {
	{"worlds", 0, OPTION_COUNT, "N", AT(worlds), .min = 1, .max = WORLDS_MAX,
	 .help = "in how many worlds plans are played: the first is the simulator's constants as "
		 "they are, in the others all are drawn within their doubt; 8 unless given, of a "
		 "curve 1"},
	{"seeds", 0, OPTION_COUNT, "N", AT(seeds), .min = 1, .max = SEEDS_MAX,
	 .help = "how often in each world, with other arrivals and lengths; unless given 2, or 1 "
		 "where "
		 "that would take minutes"},
	{"seed", 0, OPTION_COUNT, "N", AT(seed), .max = SEED_MAX,
	 .help = "of all chance; 1 unless given"},
	{"duration", 0, OPTION_NUMBER, "SECONDS", AT(duration_s), .max = DURATION_MAX_S,
	 .above_min = true,
	 .help = "simulated time of each; unless given, from five minutes to an hour, as the rates "
		 "need and a budget lets"},
	{"trace", 0, OPTION_FILE, "FILE", AT(trace),
	 .help = "play every plan a second time with the arrivals of a trace, at the workloads' "
		 "rates and with their lengths, from random moments of it on"},
	{"burstiness", 0, OPTION_NUMBER, "CV", AT(burstiness), .max = BURSTINESS_MAX,
	 .help = "play every plan a second time with gaps between arrivals of this coefficient of "
		 "variation; 1 is a Poisson process"},
	{"threads", 0, OPTION_COUNT, "N", AT(threads), .min = 1, .max = THREADS_MAX,
	 .help = "as many as there are processors unless given; results do not depend on it"},
};

static const struct option more_options[] = {
	{"load-curve", 0, OPTION_TEXT, "L,M,...|usual", AT(load_curve),
	 .help = "compare at several loads instead, in per cent of what one GPU sustains of each "
		 "workload alone; usual: 5, then 10 to 90 by tens; by slicewise, exclusive and "
		 "even-split unless --strategies are given"},
	{"svg", 0, OPTION_FILE, "FILE", AT(svg), .help = "also draw the results into FILE"},
	{"html", 0, OPTION_FILE, "FILE", AT(html),
	 .help = "also write the results into FILE as one page that needs nothing else"},
	{"no-times", 0, OPTION_FLAG, NULL, AT(no_times),
	 .help = "leave out how long planning took: then the same call prints the same bytes"},
};

static const struct option_group groups[] = {
	{"Planning", planning_options, COUNT(planning_options), 0, NO_MASK, 0},
	{"Simulation", simulation_options, COUNT(simulation_options), 0, NO_MASK, 0},
	{"Results", more_options, COUNT(more_options), 0, NO_MASK, 0},
	COMMON_GROUP,
};

static const struct option_set options = {
	"slicewise compare", groups, COUNT(groups), "WORKLOADS.yaml", 1, 1,
};

/* What the options say, with the lists that they name. */
struct asked {
	struct sw_compare_settings settings;
	struct name_list strategies;
	struct number_list margins, loads;
	char *other_load;
};

static enum sw_status ask_loads(const char *text, struct number_list *out, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	if (strcmp(text, "usual") == 0) {
		out->n = COUNT(usual_loads);
		out->numbers = must_alloc(out->n, sizeof(*out->numbers));
		(void)memcpy(out->numbers, usual_loads, sizeof(usual_loads));
	} else {
		st = numbers_parse("load-curve", text, 0, LOAD_MOST, out, err);
	}
	for (size_t i = 0; st == SW_OK && i < out->n; i++)
		out->numbers[i] /= percent;
	return st;
}

static enum sw_status ask(const struct compare_settings *s, struct asked *out, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	out->settings = sw_compare_defaults();
	if (s->trace && sw_known(s->burstiness))
		return fail(err, SW_USAGE, "--trace and --burstiness exclude each other");
	if (s->strategies)
		st = names_parse("strategies", s->strategies, &out->strategies, err);
	if (st == SW_OK)
		st = strategies_check(&out->strategies, err);
	if (st == SW_OK && s->margins)
		st = numbers_parse("margins", s->margins, 0, 4, &out->margins, err);
	if (st == SW_OK && s->load_curve)
		st = ask_loads(s->load_curve, &out->loads, err);
	out->settings.strategies = (const char *const *)out->strategies.names;
	out->settings.n_strategies = out->strategies.n;
	if (s->load_curve && !s->strategies) {
		out->settings.strategies = usual_of_curve;
		out->settings.n_strategies = COUNT(usual_of_curve);
	}
	out->settings.margins = out->margins.numbers;
	out->settings.n_margins = out->margins.n;
	out->settings.seeds = s->seeds;
	out->settings.worlds = s->worlds ? s->worlds : s->load_curve ? WORLDS_OF_CURVE : WORLDS;
	out->settings.seed = s->seed;
	out->settings.duration_s = s->duration_s;
	out->settings.trace = s->trace;
	out->settings.burstiness = s->burstiness;
	out->settings.threads = s->threads;
	if (s->trace)
		out->other_load =
			must_format("of %s, at the rates and lengths of the file", s->trace);
	else if (sw_known(s->burstiness))
		out->other_load =
			must_format("in bursts: coefficient of variation %g", s->burstiness);
	return st;
}

static void asked_free(struct asked *asked)
{
	names_free(&asked->strategies);
	free(asked->margins.numbers);
	free(asked->loads.numbers);
	free(asked->other_load);
}

static void print(const struct call *call, const struct comparison_view *view, FILE *out)
{
	const struct compare_settings *s = call->settings;

	if (s->common.format == FORMAT_JSON)
		comparison_json(view, out);
	else if (s->common.format == FORMAT_CSV)
		comparison_csv(view, out);
	else
		comparison_print(view, &call->style, out);
}

/* Without a plan of ours there is nothing to compare with. */
static enum sw_status judge(const struct sw_comparison *comparison, struct sw_error *err)
{
	const struct sw_compared *ours = sw_comparison_find(comparison, "slicewise");

	if (ours && !ours->planned)
		return fail(err, SW_INFEASIBLE, "no plan holds every limit: %s", ours->why);
	return SW_OK;
}

static enum sw_status compare(const struct call *call, struct asked *asked,
			      const struct sw_problem *problem, FILE *out, struct sw_error *err)
{
	const struct compare_settings *s = call->settings;
	struct comparison_view view = {
		.problem = problem, .other_load = asked->other_load, .times = !s->no_times};
	struct progress progress = progress_start("comparing");
	struct sw_comparison *comparison;
	enum sw_status st;

	asked->settings.progress = progress_tell;
	asked->settings.context = &progress;
	st = sw_compare(call->catalog, problem, &asked->settings, &comparison, err);
	progress_end(&progress);
	if (st != SW_OK)
		return st;
	view.comparison = comparison;
	if (s->svg)
		st = comparison_save_svg(&view, s->svg, err);
	if (st == SW_OK && s->html)
		st = comparison_save_html(&view, s->html, err);
	if (st == SW_OK) {
		print(call, &view, out);
		st = judge(comparison, err);
	}
	sw_comparison_free(comparison);
	return st;
}

static void print_curve(const struct call *call, const struct curve_view *view, FILE *out)
{
	const struct compare_settings *s = call->settings;

	if (s->common.format == FORMAT_JSON)
		curve_json(view, out);
	else if (s->common.format == FORMAT_CSV)
		curve_csv(view, out);
	else
		curve_print(view, &call->style, out);
}

static enum sw_status compare_loads(const struct call *call, struct asked *asked,
				    const struct sw_problem *problem, FILE *out,
				    struct sw_error *err)
{
	const struct compare_settings *s = call->settings;
	struct curve_view view = {.problem = problem};
	struct progress progress = progress_start("comparing");
	struct sw_load_curve *curve;
	enum sw_status st;

	asked->settings.progress = progress_tell;
	asked->settings.context = &progress;
	st = sw_load_curve(call->catalog, problem, &asked->settings, asked->loads.numbers,
			   asked->loads.n, &curve, err);
	progress_end(&progress);
	if (st != SW_OK)
		return st;
	view.curve = curve;
	if (s->svg)
		st = curve_save_svg(&view, s->svg, err);
	if (st == SW_OK && s->html)
		st = curve_save_html(&view, s->html, err);
	if (st == SW_OK)
		print_curve(call, &view, out);
	sw_load_curve_free(curve);
	return st;
}

static enum sw_status run(const struct call *call, FILE *out, struct sw_error *err)
{
	const struct compare_settings *s = call->settings;
	struct sw_problem *problem = NULL;
	struct asked asked = {0};
	sw_fit *fit = NULL;
	enum sw_status st = ask(s, &asked, err);

	if (st == SW_OK)
		st = sw_problem_load(call->catalog, call->operands[0], &problem, err);
	if (st == SW_OK)
		st = sw_fit_open(s->fit, &fit, err);
	if (st == SW_OK) {
		problem->fit = fit;
		st = s->load_curve ? compare_loads(call, &asked, problem, out, err)
				   : compare(call, &asked, problem, out, err);
	}
	sw_problem_free(problem);
	sw_fit_free(fit);
	asked_free(&asked);
	return st;
}

const struct command command_compare = {
	.name = "compare",
	.summary = "every strategy of planning side by side: planned, simulated, scored",
	.about =
		"Plans the same workloads by slicewise and by the ways of planning that others use "
		"or publish, each with its own best safety margin, plays every plan in the "
		"simulator, and says what each takes and how many requests come late.",
	.options = &options,
	.settings_size = sizeof(struct compare_settings),
	.defaults = &defaults,
	.run = run,
};

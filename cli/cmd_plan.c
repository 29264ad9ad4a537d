// SPDX-License-Identifier: Apache-2.0
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "plan_views.h"
#include "report.h"

struct plan_settings {
	struct common common;
	const char *strategy, *fit, *running;
	bool commands, explain, play;
	struct sw_replan_options replan; /* percentages as they were given */
};

#define AT(member) offsetof(struct plan_settings, member)

static const struct option plan_options[] = {
	{"strategy", 0, OPTION_TEXT, "NAME", AT(strategy),
	 .help = "how to plan, see STRATEGIES; slicewise unless given"},
	{"fit", 0, OPTION_FILE, "FILE", AT(fit),
	 .help = "a fit of measured mixes instead of the shipped one: its bounds are what limits "
		 "are held by"},
	{"play", 0, OPTION_FLAG, NULL, AT(play),
	 .help = "play every GPU of a plan of at most 12 engines and plan again, until its limits "
		 "hold by the bounds of plays in place of the closed form's; ten seconds or two"},
	{"explain", 0, OPTION_FLAG, NULL, AT(explain),
	 .help = "also say of every engine and GPU what the next cheaper way would have broken; "
		 "of plans of any size"},
	{"commands", 0, OPTION_FLAG, NULL, AT(commands),
	 .help = "also print the whole command line that starts each engine"},
};

static const struct option running_options[] = {
	{"running", 0, OPTION_FILE, "PLAN.json", AT(running),
	 .help = "the plan that runs: keep what holds, and list what must change or pays for it"},
	{"horizon", 0, OPTION_NUMBER, "HOURS", AT(replan.horizon_hours), .min = 0, .max = 8784,
	 .help = "a change that nothing forces must have paid for itself by then; 1 unless given"},
	{"restart-seconds", 0, OPTION_NUMBER, "SECONDS", AT(replan.restart_s), .min = 0,
	 .max = 86400,
	 .help = "an engine started anew where it ran, which costs its part of the GPU for so "
		 "long; "
		 "60 unless given"},
	{"start-seconds", 0, OPTION_NUMBER, "SECONDS", AT(replan.start_s), .min = 0, .max = 86400,
	 .help = "the same on another GPU; 240 unless given"},
	{"open-seconds", 0, OPTION_NUMBER, "SECONDS", AT(replan.open_s), .min = 0, .max = 86400,
	 .help = "a GPU before its first engine can start; 300 unless given"},
	{"no-gateway", 0, OPTION_FLAG, NULL, AT(replan.no_gateway),
	 .help = "nothing in front of engines can hold requests back: no limits on requests in "
		 "flight, which would cost nothing"},
	{"least-saving", 0, OPTION_NUMBER, "PERCENT", AT(replan.least_saving), .min = 0, .max = 100,
	 .help = "of the price of the GPUs that a change is about: what saves less is left; 1 "
		 "unless "
		 "given"},
	{"noise", 0, OPTION_NUMBER, "PERCENT", AT(replan.noise), .min = 0, .max = 100,
	 .help = "traffic so near to what the running plan was made for counts as the same; 5 "
		 "unless "
		 "given"},
};

static const struct option output_options[] = {
	{"format", 0, OPTION_CHOICE, NULL, offsetof(struct common, format),
	 .choices = format_choices, .help = "how the plan is printed; table unless given"},
	{"output", 'o', OPTION_FILE, "FILE", offsetof(struct common, output),
	 .help = "also write the plan to FILE as JSON, whole or not at all; only where every limit "
		 "is held"},
	{"help", 'h', OPTION_FLAG, NULL, offsetof(struct common, help), .help = "print this help"},
};

static const struct option_group groups[] = {
	{"Planning", plan_options, COUNT(plan_options), 0, NO_MASK, 0},
	{"A plan that runs", running_options, COUNT(running_options), 0, NO_MASK, 0},
	{"Output", output_options, COUNT(output_options), 0, NO_MASK, 0},
};

static const struct option_set options = {
	"slicewise plan", groups, COUNT(groups), "WORKLOADS.yaml", 1, 1,
};

static enum sw_status check_strategy(const char *name, struct sw_error *err)
{
	const char *const *names = sw_strategies();
	char expected[512] = "";
	size_t used = 0;

	if (!name)
		return SW_OK;
	for (size_t n = 0; names[n]; n++) {
		/* What may come after a colon the library judges. */
		if (strlen(names[n]) == strcspn(name, ":") &&
		    strncmp(names[n], name, strlen(names[n])) == 0)
			return SW_OK;
		used += (size_t)snprintf(expected + used, sizeof(expected) - used, "%s%s",
					 n ? ", " : "", names[n]);
		used = used < sizeof(expected) ? used : sizeof(expected) - 1;
	}
	return fail(err, SW_USAGE, "--strategy: found %s, expected one of %s", name, expected);
}

static enum sw_status print_json(const struct sw_problem *problem, const struct sw_plan *plan,
				 FILE *out, struct sw_error *err)
{
	char *text;
	enum sw_status st = sw_plan_to_json(problem, plan, &text, err);

	if (st == SW_OK)
		(void)fputs(text, out);
	free(text);
	return st;
}

static enum sw_status print(const struct call *call, const struct sw_problem *problem,
			    const struct sw_plan *plan, FILE *out, struct sw_error *err)
{
	const struct plan_settings *s = call->settings;

	if (s->common.format == FORMAT_JSON)
		return print_json(problem, plan, out, err);
	if (s->common.format == FORMAT_CSV) {
		if (plan->replanned)
			changes_csv(plan, out);
		else
			plan_csv(problem, plan, out);
	} else {
		plan_print(problem, plan, s->explain, &call->style, out);
		if (plan->replanned)
			changes_print(plan, &call->style, out);
	}
	return s->commands ? plan_commands(problem, plan, &call->style, out, err) : SW_OK;
}

static enum sw_status replan(const struct call *call, struct sw_problem *problem,
			     struct sw_plan **plan, struct sw_error *err)
{
	static const double percent = 100;
	const struct plan_settings *s = call->settings;
	struct sw_replan_options prices = s->replan;
	struct sw_plan_mixes *running = NULL;
	enum sw_status st = sw_plan_mixes_load(call->catalog, s->running, &running, err);

	prices.least_saving /= percent;
	prices.noise /= percent;
	if (st == SW_OK && !running->is_plan)
		st = fail(err, SW_BAD_INPUT, "%s: found a mix, expected a plan", s->running);
	if (st == SW_OK)
		st = sw_replan(call->catalog, problem, running, &prices, plan, err);
	sw_plan_mixes_free(running);
	return st;
}

static enum sw_status make_plan(const struct call *call, struct sw_problem *problem,
				struct sw_plan **plan, struct sw_error *err)
{
	const struct plan_settings *s = call->settings;

	return s->running ? replan(call, problem, plan, err)
			  : sw_plan_solve(call->catalog, problem, s->strategy, plan, err);
}

static enum sw_status check_together(const struct plan_settings *s, struct sw_error *err)
{
	if (s->commands && s->common.format != FORMAT_TABLE)
		return fail(err, SW_USAGE, "--commands goes with --format table");
	if (s->play && (s->running || s->strategy))
		return fail(err, SW_USAGE, "--play goes without --running and --strategy");
	if (s->running && s->strategy)
		return fail(err, SW_USAGE, "--running goes without --strategy");
	return SW_OK;
}

static enum sw_status run(const struct call *call, FILE *out, struct sw_error *err)
{
	const struct plan_settings *s = call->settings;
	enum sw_status st = check_strategy(s->strategy, err), printed;
	struct sw_problem *problem = NULL;
	struct sw_plan *plan = NULL;
	sw_fit *fit = NULL;
	struct sw_error print_err = {0};

	if (st == SW_OK)
		st = check_together(s, err);
	if (st == SW_OK)
		st = sw_problem_load(call->catalog, call->operands[0], &problem, err);
	if (st == SW_OK)
		st = sw_fit_open(s->fit, &fit, err);
	if (st == SW_OK)
		problem->fit = fit;
	if (st == SW_OK)
		problem->play_engines = s->play ? SW_PLAY_ENGINES : 0;
	if (st == SW_OK && s->explain)
		problem->explain_engines = SIZE_MAX;
	if (st == SW_OK)
		st = make_plan(call, problem, &plan, err);
	if (plan) {
		printed = print(call, problem, plan, out, &print_err);
		if (st == SW_OK && printed != SW_OK) {
			st = printed;
			*err = print_err;
		}
	}
	if (st == SW_OK && s->common.output)
		st = sw_plan_save(problem, plan, s->common.output, err);
	sw_plan_free(plan);
	sw_problem_free(problem);
	sw_fit_free(fit);
	return st;
}

/* sw_replan_defaults(), in percent where a person says percent. */
static const struct plan_settings defaults = {
	.replan = {.horizon_hours = 1,
		   .restart_s = 60,
		   .start_s = 240,
		   .open_s = 300,
		   .least_saving = 1,
		   .noise = 5},
};

const struct command command_plan = {
	.name = "plan",
	.summary = "the cheapest GPUs and slices that hold every latency limit",
	.about = "Chooses a GPU, a slice, a batch limit and the number of replicas for every "
		 "workload, so that every latency limit holds although neighbours slow each other "
		 "down, and says what binds.",
	.options = &options,
	.settings_size = sizeof(struct plan_settings),
	.defaults = &defaults,
	.writes_own_output = true,
	.run = run,
};

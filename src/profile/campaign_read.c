// SPDX-License-Identifier: Apache-2.0
/* A campaign file. Format: docs/formats/campaign.md. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "profile/campaign_read.h"
#include "profile/template.h"
#include "sharing/mechanism.h"

/* Beyond these a number is a slip. */
#define REPEATS_MAX    1000
#define SEED_MAX       4294967295.0
#define BUDGET_MAX     1e6
#define REQUESTS_MAX   1e7
#define SECONDS_MAX    1e6
#define BURSTINESS_MAX 100
#define HIT_RATIO_MAX  0.999

#define RANGE(min_, max_, unit_) .min = min_, .max = max_, .unit = unit_

enum { GIVEN_NAME = 1 << 0, GIVEN_ALONE = 1 << 1, GIVEN_TOGETHER = 1 << 2 };

/* In the order of mechanisms[]; a list of its own, for a host's quota is a mechanism here. */
static const char *const mechanism_choices[] = {"exclusive", "mps",       "timeslice", "hami",
						"mig",       "cpu-quota", NULL};
static const enum sw_mechanism mechanisms[] = {SW_EXCLUSIVE, SW_MPS, SW_TIMESLICE,
					       SW_HAMI,      SW_MIG, SW_CPU_QUOTA};

/* A campaign while it is read. */
struct reading {
	sw_campaign *campaign;
	int mechanism; /* in mechanism_choices */
	struct sw__model_defaults defaults;
};

static enum sw_status read_budget(const struct sw_node *node, void *into, void *source,
				  struct sw_error *err);
static enum sw_status read_duration(const struct sw_node *node, void *into, void *source,
				    struct sw_error *err);

static enum sw_status keep(const struct sw_node *node, void *into, void *source,
			   struct sw_error *err)
{
	(void)node, (void)into, (void)source, (void)err;
	return SW_OK; /* read once what stands before it is known, or of no effect on experiments */
}

static const struct sw_field head_fields[] = {
	{.key = "mechanism",
	 .type = SW_FIELD_CHOICE,
	 .offset = offsetof(struct reading, mechanism),
	 .choices = mechanism_choices,
	 .required = true},
	{.key = "engine",
	 .type = SW_FIELD_CALL,
	 .offset = offsetof(struct reading, defaults.engine),
	 .read = sw__read_engine,
	 .null_is_absent = true},
	{.key = "prompt_tokens",
	 .type = SW_FIELD_CALL,
	 .offset = offsetof(struct reading, defaults.prompt_tokens),
	 .read = sw__read_length},
	{.key = "output_tokens",
	 .type = SW_FIELD_CALL,
	 .offset = offsetof(struct reading, defaults.output_tokens),
	 .read = sw__read_length},
	{.key = "token_ids",
	 .type = SW_FIELD_CALL,
	 .offset = offsetof(struct reading, defaults.token_ids),
	 .read = sw__read_token_ids},
};

#define AT(member) .offset = offsetof(sw_campaign, member)
#define LATER(key_)                                              \
	{                                                        \
		.key = key_, .type = SW_FIELD_CALL, .read = keep \
	}
#define SECTION(name)                                                                  \
	{                                                                              \
		.key = #name, .type = SW_FIELD_CALL, AT(name), .read = sw__read_##name \
	}

static const struct sw_field campaign_fields[] = {
	{.key = "name",
	 .type = SW_FIELD_NAME,
	 AT(name),
	 .capacity = SW_NAME_MAX,
	 .given_bit = GIVEN_NAME},
	{.key = "gpu", .type = SW_FIELD_CALL, .read = keep, .required = true},
	LATER("mechanism"),
	LATER("engine"),
	LATER("prompt_tokens"),
	LATER("output_tokens"),
	LATER("token_ids"),
	{.key = "models", .type = SW_FIELD_CALL, .read = keep, .required = true},
	{.key = "prefix_hit_ratio",
	 .type = SW_FIELD_NUMBER,
	 AT(prefix_hit_ratio),
	 RANGE(0, HIT_RATIO_MAX, "fraction of the prompt tokens")},
	{.key = "burstiness",
	 .type = SW_FIELD_NUMBER,
	 AT(burstiness),
	 RANGE(0, BURSTINESS_MAX, "coefficient of variation of the gaps")},
	{.key = "alone",
	 .type = SW_FIELD_CALL,
	 AT(alone),
	 .read = sw__read_alone,
	 .given_bit = GIVEN_ALONE},
	{.key = "together",
	 .type = SW_FIELD_CALL,
	 AT(together),
	 .read = sw__read_together,
	 .given_bit = GIVEN_TOGETHER},
	{.key = "repeats",
	 .type = SW_FIELD_UINT,
	 AT(repeats),
	 RANGE(1, REPEATS_MAX, "runs of each experiment")},
	{.key = "seed", .type = SW_FIELD_UINT, AT(seed), RANGE(0, SEED_MAX, NULL)},
	{.key = "budget", .type = SW_FIELD_CALL, .offset = 0, .read = read_budget},
	{.key = "duration", .type = SW_FIELD_CALL, AT(duration), .read = read_duration},
	SECTION(simulator),
	SECTION(endpoints),
	SECTION(processes),
	SECTION(replay),
	SECTION(metrics),
};

static enum sw_status read_budget(const struct sw_node *node, void *into, void *source,
				  struct sw_error *err)
{
	static const struct sw_field fields[] = {
		{.key = "runs",
		 .type = SW_FIELD_UINT,
		 AT(budget_runs),
		 RANGE(1, BUDGET_MAX, "runs")},
		{.key = "runs_per_model",
		 .type = SW_FIELD_UINT,
		 AT(budget_runs_per_model),
		 RANGE(1, BUDGET_MAX, "runs")},
	};
	sw_campaign *campaign = into;
	enum sw_status st =
		sw_node_read(node, fields, SW__FIELDS(fields), false, campaign, source, NULL, err);

	if (st == SW_OK && !campaign->budget_runs == !campaign->budget_runs_per_model)
		return sw_node_refuse(node, err, "either runs or runs_per_model");
	return st;
}

static enum sw_status read_duration(const struct sw_node *node, void *into, void *source,
				    struct sw_error *err)
{
#define SECONDS(key_, member_, least)                             \
	{                                                         \
		.key = key_, .type = SW_FIELD_NUMBER,             \
		.offset = offsetof(struct sw__duration, member_), \
		RANGE(least, SECONDS_MAX, "seconds")              \
	}
	static const struct sw_field fields[] = {
		{.key = "requests",
		 .type = SW_FIELD_NUMBER,
		 .offset = offsetof(struct sw__duration, requests),
		 RANGE(1, REQUESTS_MAX, "requests of each engine")},
		SECONDS("least_s", least_s, 0.01),
		SECONDS("most_s", most_s, 0.01),
		SECONDS("warm_up_s", warm_up_s, 0),
	};
	struct sw__duration *d = into;
	enum sw_status st =
		sw_node_read(node, fields, SW__FIELDS(fields), false, d, source, NULL, err);

	if (st == SW_OK && d->most_s < d->least_s)
		return sw_node_complain(node, err, "found most_s %g, expected at least least_s, %g",
					d->most_s, d->least_s);
	return st;
}

/* "paper" of "examples/campaigns/paper.yaml". */
static void name_after_file(const char *path, char *name)
{
	const char *slash = strrchr(path, '/');
	char *dot;

	(void)sw_copy_name(name, SW_NAME_MAX, slash ? slash + 1 : path);
	dot = strrchr(name, '.');
	if (dot && dot != name)
		*dot = '\0';
}

/* Which section says where experiments run; the simulator where none does. */
static enum sw_status find_backend(const struct sw_node *root, sw_campaign *campaign,
				   struct sw_error *err)
{
	static const enum sw_source sources[] = {SW_SOURCE_SIMULATOR, SW_SOURCE_ENDPOINTS,
						 SW_SOURCE_PROCESSES, SW_SOURCE_REPLAY};
	const struct sw_node *first = NULL;

	campaign->source = SW_SOURCE_SIMULATOR;
	for (size_t i = 0; i < SW__FIELDS(sources); i++) {
		const struct sw_node *node = sw_node_get(root, sw_source_id(sources[i]));

		if (node && first)
			return sw_node_complain(node, err,
						"experiments run in one place: line %d has %s too",
						first->line, first->key);
		if (node) {
			first = node;
			campaign->source = sources[i];
		}
	}
	return SW_OK;
}

static bool uses_parts(const struct sw__load_levels *loads)
{
	return loads->n && loads->kind == SW__PART_OF_RATE;
}

/* What a host in place of a GPU excludes. */
static enum sw_status check_host(const struct sw_node *root, const sw_campaign *c,
				 struct sw_error *err)
{
	const struct sw_node *node = sw_node_get(root, "mechanism");

	if (sw__campaign_predictable(c))
		return SW_OK;
	if (c->source != SW_SOURCE_ENDPOINTS && c->source != SW_SOURCE_PROCESSES)
		return sw_node_complain(node, err,
					"found cpu-quota, expected endpoints or processes with it: "
					"nothing simulates a host");
	if (uses_parts(&c->alone.loads) || uses_parts(&c->together.loads))
		return sw_node_complain(node, err,
					"found cpu-quota with load, expected concurrency or rates: "
					"nobody knows what an engine sustains there");
	return SW_OK;
}

/* Every {word} is one that all models know: a slip is found now, not after an hour of runs. */
static enum sw_status check_template(const struct sw_node *section, const char *key,
				     const char *text, const sw_campaign *c, struct sw_error *err)
{
	const struct sw_node *node = sw_node_get(section, key);
	enum sw_status st = SW_OK;
	struct sw_error inner;

	for (size_t i = 0; st == SW_OK && text && i < c->n_models; i++)
		st = sw__relay(node, sw__template_check(&c->models[i].variables, text, &inner),
			       &inner, err);
	return st;
}

static enum sw_status check_launch(const struct sw_node *section, const struct sw__words *command,
				   const struct sw__pairs *environment, const sw_campaign *c,
				   struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (size_t i = 0; st == SW_OK && i < command->n; i++)
		st = check_template(section, "command", command->word[i], c, err);
	for (size_t i = 0; st == SW_OK && i < environment->n; i++)
		st = check_template(section, "environment", environment->pair[i].value, c, err);
	return st;
}

static enum sw_status check_templates(const struct sw_node *root, const sw_campaign *c,
				      struct sw_error *err)
{
	if (c->source == SW_SOURCE_PROCESSES)
		return check_launch(sw_node_get(root, "processes"), &c->processes.command,
				    &c->processes.environment, c, err);
	if (c->source == SW_SOURCE_REPLAY)
		return check_launch(sw_node_get(root, "replay"), &c->replay.command,
				    &c->replay.environment, c, err);
	return SW_OK;
}

static enum sw_status check_sections(const struct sw_node *root, const sw_campaign *c,
				     unsigned given, struct sw_error *err)
{
	const struct sw__processes *p = &c->processes;

	if (!(given & (GIVEN_ALONE | GIVEN_TOGETHER)))
		return sw_node_complain(root, err,
					"found no experiments, expected alone, together "
					"or both");
	if (c->mechanism == SW_EXCLUSIVE && (given & GIVEN_TOGETHER))
		return sw_node_complain(sw_node_get(root, "together"), err,
					"under exclusive nobody is together");
	if (c->source == SW_SOURCE_PROCESSES && p->cpu_quota && c->mechanism != SW_CPU_QUOTA)
		return sw_node_complain(sw_node_get(root, "processes"), err,
					"found cpu_quota under %s, expected mechanism: cpu-quota",
					sw_mechanism_name(c->mechanism));
	for (size_t i = 0; c->source == SW_SOURCE_ENDPOINTS && i < c->n_models; i++) {
		if (!c->models[i].url)
			return sw_node_complain(sw_node_get(root, "models")->children[i], err,
						"key url is missing: endpoints need one");
	}
	return check_host(root, c, err);
}

static enum sw_status read_head(const struct sw_node *root, struct reading *r,
				struct sw__source *source, struct sw_error *err)
{
	const struct sw_node *gpu = sw_node_get(root, "gpu");
	enum sw_status st = sw_node_read(root, head_fields, SW__FIELDS(head_fields), true, r,
					 source, NULL, err);

	if (st != SW_OK)
		return st;
	r->campaign->mechanism = mechanisms[r->mechanism];
	return sw__read_place(gpu, r->campaign->mechanism, &r->campaign->gpu, source, err);
}

/* Engines that are launched onto a few CPUs have no more cores than these, which is what a data set has to know of them. */
static void set_cores(sw_campaign *c)
{
	if (c->source != SW_SOURCE_PROCESSES || c->processes.n_cpus == 0)
		return;
	for (size_t i = 0; i < c->n_models; i++) {
		struct sw_engine *engine = &c->models[i].engine;

		if (engine->given & SW_KEY_CORES)
			continue;
		engine->cores = (double)c->processes.n_cpus;
		engine->given |= SW_KEY_CORES;
	}
}

/* What changes no single experiment is left out: more of them may come to a campaign that has begun. */
static enum sw_status set_conditions(const struct sw_node *root, sw_campaign *c,
				     struct sw_error *err)
{
	static const char *const without[] = {"name",   "alone",   "together", "repeats",
					      "budget", "metrics", NULL};

	return sw__conditions_text(root, without, &c->conditions, err);
}

static enum sw_status read_campaign(const struct sw_node *root, struct sw__source *source,
				    sw_campaign *c, struct sw_error *err)
{
	struct reading r = {.campaign = c, .defaults.engine = sw__engine_nothing_given()};
	unsigned given = 0;
	enum sw_status st = sw_node_read(root, campaign_fields, SW__FIELDS(campaign_fields), false,
					 c, source, &given, err);

	if (st == SW_OK)
		st = read_head(root, &r, source, err);
	if (st == SW_OK)
		st = sw__read_models(sw_node_get(root, "models"), &r.defaults, source, c, err);
	if (st == SW_OK)
		st = find_backend(root, c, err);
	if (st == SW_OK)
		st = check_sections(root, c, given, err);
	if (st == SW_OK)
		st = check_templates(root, c, err);
	if (st == SW_OK)
		set_cores(c);
	if (!(given & GIVEN_NAME))
		name_after_file(source->path, c->name);
	return st == SW_OK ? set_conditions(root, c, err) : st;
}

static void set_defaults(sw_campaign *c)
{
	c->burstiness = 1;
	c->repeats = 3;
	c->seed = 1;
	c->duration = (struct sw__duration){
		.requests = 200, .least_s = 30, .most_s = 600, .warm_up_s = 10};
	c->endpoints.timeout_s = 300;
	c->processes.ready_s = 600;
	c->processes.stop_s = 30;
	c->processes.others_most = 1;
	c->replay.lead_s = 60;
	c->metrics.engines = true;
	c->metrics.nvml = true;
	c->metrics.interval_s = 1;
}

enum sw_status sw_campaign_load(const sw_catalog *catalog, const char *path, sw_campaign **out,
				struct sw_error *err)
{
	struct sw__source source = {.catalog = catalog, .path = path};
	struct sw_document *document = NULL;
	sw_campaign *c = NULL;
	enum sw_status st;

	*out = NULL;
	st = sw_document_load(path, &document, err);
	if (st != SW_OK)
		return st;
	c = calloc(1, sizeof(*c));
	if (c)
		c->path = strdup(path);
	if (!c || !c->path) {
		st = sw_fail(err, SW_NO_MEMORY, "%s: out of memory", path);
		goto done;
	}
	set_defaults(c);
	st = read_campaign(sw_document_root(document), &source, c, err);
	if (st != SW_OK)
		goto done;
	*out = c;
	c = NULL;
done:
	sw_campaign_free(c);
	sw__source_free(&source);
	sw_document_free(document);
	return st;
}

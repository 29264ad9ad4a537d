// SPDX-License-Identifier: Apache-2.0
/* slicewise-replay: engines with synthetic weights on a GPU, as processes that begin their load at the same moment. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "profile/child.h"
#include "profile/driven.h"
#include "profile/experiment.h"
#include "profile/replay_records.h"
#include "profile/template.h"

/* What a run may take beyond its load: checks, weights, the last answers. */
static const double SLACK_S = 120, LOOK_S = 0.05, STOP_S = 10;

enum { FATE_MAX = 800, FOLDER_MAX = 32 };

struct replay {
	struct sw__watched_gpu watched;
	sw_catalog *catalog; /* which GPUs and models need no description */
	char folder[FOLDER_MAX]; /* for the files of a run; "" : none */
	size_t n;
	struct sw__child children[SW_TENANTS_MAX];
};

static enum sw_status open_replay(struct sw__backend *backend, struct sw_error *err)
{
	struct replay *r = calloc(1, sizeof(*r));
	enum sw_status st;

	backend->self = r;
	if (!r)
		return sw_fail(err, SW_NO_MEMORY, "replay");
	(void)snprintf(r->folder, sizeof(r->folder), "/tmp/slicewise-replay-XXXXXX");
	if (!mkdtemp(r->folder)) {
		*r->folder = '\0';
		return sw_fail(err, SW_IO, "/tmp: cannot make a folder");
	}
	st = sw_catalog_open(&r->catalog, err);
	return st == SW_OK ? sw__watch_open(&backend->campaign->metrics, &r->watched, err) : st;
}

/* "FOLDER/records-3.jsonl"; free() it. */
static char *path_in(const struct replay *r, const char *name, size_t i, const char *end)
{
	struct sw_text path = {0};

	sw_text_addf(&path, "%s/%s-%zu%s", r->folder, name, i, end);
	return path.data;
}

static void remove_files(const struct replay *r)
{
	static const char *const names[][2] = {
		{"mix", ".yaml"}, {"records", ".jsonl"}, {"rows", ".csv"}};

	for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
		for (size_t i = 0; i < SW_TENANTS_MAX; i++) {
			char *path = path_in(r, names[k][0], i, names[k][1]);

			if (path)
				(void)unlink(path);
			free(path);
		}
	}
}

static void close_replay(struct sw__backend *backend)
{
	struct replay *r = backend->self;

	if (!r)
		return;
	if (*r->folder) {
		remove_files(r);
		(void)rmdir(r->folder);
	}
	sw__watch_close(&r->watched);
	sw_catalog_free(r->catalog);
	free(r);
	backend->self = NULL;
}

static const struct sw__campaign_model *model_of(const sw_campaign *c, const char *name)
{
	for (size_t i = 0; i < c->n_models; i++) {
		if (strcmp(c->models[i].name, name) == 0)
			return &c->models[i];
	}
	return NULL;
}

/* A mix file names models; the run's own description of them is a data set's. */
static enum sw_status name_models(const sw_campaign *c, const struct sw_mix *mix, const char *json,
				  char **out, struct sw_error *err)
{
	json_t *document = json_loads(json, 0, NULL);
	json_t *tenants = json_object_get(document, "tenants");

	for (size_t i = 0; i < mix->n; i++) {
		const struct sw__campaign_model *m = model_of(c, mix->tenants[i].name);

		(void)json_object_set_new(json_array_get(tenants, i), "model",
					  json_string(m->model_text));
	}
	*out = json_dumps(document, JSON_COMPACT);
	json_decref(document);
	return *out ? SW_OK : sw_fail(err, SW_NO_MEMORY, "a mix file");
}

static enum sw_status write_mix(const struct replay *r, const sw_campaign *c,
				const struct sw_mix *mix, const char *path, struct sw_error *err)
{
	char *json = NULL, *named = NULL;
	enum sw_status st = sw_mix_to_json(r->catalog, mix, &json, err);

	if (st == SW_OK)
		st = name_models(c, mix, json, &named, err);
	if (st == SW_OK)
		st = sw_file_write(path, named, strlen(named), err);
	free(json);
	free(named);
	return st;
}

/* One process of a run. */
struct part {
	const struct sw_experiment *experiment;
	unsigned repeat;
	size_t tenant;
	bool alone; /* the only process */
	double start_at_s; /* since 1970 */
	char *mix, *records, *rows; /* paths */
};

static void free_part(struct part *part)
{
	free(part->mix);
	free(part->records);
	free(part->rows);
}

/* The options of a run behind the campaign's own words. */
static enum sw_status add_options(const sw_campaign *c, const struct part *p,
				  struct sw__words *words, struct sw_error *err)
{
	const struct sw_experiment *e = p->experiment;
	struct sw_text text = {0};
	uint64_t seed = sw__run_seed(c, e->name, p->repeat) & 0x3fffffff;
	const char *at;
	size_t n = words->n;
	char **more;

	/* A line a word: paths may have blanks. */
	sw_text_addf(&text, "%s\n--duration\n%.6g\n--warm-up\n%.6g\n--seed\n%llu\n", p->mix,
		     2 * e->warm_up_s + e->duration_s, e->warm_up_s, (unsigned long long)seed);
	sw_text_addf(&text, "--experiment\n%s\n--repeat\n%u\n--records\n%s\n--rows\n%s\n", e->name,
		     p->repeat, p->records, p->rows);
	if (!p->alone)
		sw_text_addf(&text, "--start-at\n%.3f\n", p->start_at_s);
	if (!c->replay.one_process)
		sw_text_addf(&text, "--tenant\n%s\n", e->mix->tenants[p->tenant].name);
	for (at = sw_text_string(&text); *at; at += strcspn(at, "\n") + 1) {
		more = realloc((void *)words->word, (n + 1) * sizeof(*more));
		if (!more || !(more[n] = strndup(at, strcspn(at, "\n"))))
			text.failed = true;
		if (more)
			words->word = more;
		if (text.failed)
			break;
		words->n = ++n;
	}
	if (!sw_text_ok(&text)) {
		sw_text_free(&text);
		return sw_fail(err, SW_NO_MEMORY, "a command: out of memory");
	}
	sw_text_free(&text);
	return SW_OK;
}

/* The campaign's words stand for things, the options of a run do not. */
static enum sw_status expand_command(const sw_campaign *c, const struct part *p,
				     const struct sw__template *words, struct sw__words *out,
				     struct sw_error *err)
{
	const struct sw__words *command = &c->replay.command;
	char **list;
	enum sw_status st = sw__template_command(words, command, &list, err);

	if (st != SW_OK)
		return st;
	out->word = list;
	out->n = command->n;
	return add_options(c, p, out, err);
}

static enum sw_status launch(struct replay *r, const sw_campaign *c, const struct part *p,
			     struct sw__child *child, struct sw_error *err)
{
	const struct sw_mix *mix = p->experiment->mix;
	struct sw__template words;
	struct sw__words command = {0};
	char **envp = NULL, **end;
	enum sw_status st = sw__template_make(
		mix, p->tenant, model_of(c, mix->tenants[p->tenant].name), 0, &words, err);

	(void)r;
	if (st != SW_OK)
		return st;
	st = expand_command(c, p, &words, &command, err);
	if (st == SW_OK)
		st = sw__template_environment(&words, &c->replay.environment, &envp, err);
	end = st == SW_OK ? realloc((void *)command.word, (command.n + 1) * sizeof(*end)) : NULL;
	if (end) {
		end[command.n] = NULL;
		command.word = end;
		st = sw__child_start(end, envp, NULL, 0, child, err);
	} else if (st == SW_OK) {
		st = sw_fail(err, SW_NO_MEMORY, "a command: out of memory");
	}
	sw__list_free(envp);
	sw__words_free(&command);
	sw__template_free(&words);
	return st;
}

static void stop_all(struct replay *r)
{
	while (r->n > 0)
		sw__child_stop(&r->children[--r->n], STOP_S);
}

static bool failed(const struct sw__child *child)
{
	return child->ended && child->status != 0;
}

/* Until all have ended well; one that failed ends the others, which would measure something else. */
static enum sw_status wait_all(struct sw__backend *backend, struct replay *r,
			       const struct sw_experiment *e, struct sw_error *err)
{
	const struct sw_mix *mix = e->mix;
	double until =
		sw__unix_s() + backend->campaign->replay.lead_s + sw_experiment_load_s(e) + SLACK_S;
	char fate[FATE_MAX];

	for (;;) {
		size_t ended = 0;

		for (size_t i = 0; i < r->n; i++) {
			ended += sw__child_ended(&r->children[i]);
			if (failed(&r->children[i]))
				return sw_fail(err, SW_IO, "%s: it %s", mix->tenants[i].name,
					       sw__child_fate(&r->children[i], fate, sizeof(fate)));
		}
		if (ended == r->n)
			return SW_OK;
		if (sw__stopped(backend))
			return sw_fail(err, SW_IO, "stopped");
		if (sw__unix_s() > until)
			return sw_fail(err, SW_IO, "not done in %g s beyond its load", SLACK_S);
		sw__sleep_s(LOOK_S);
	}
}

static enum sw_status start_all(struct sw__backend *backend, const struct sw_experiment *e,
				unsigned repeat, double start_at_s, struct part *parts,
				struct sw_error *err)
{
	const sw_campaign *c = backend->campaign;
	struct replay *r = backend->self;
	size_t n = c->replay.one_process ? 1 : e->mix->n;
	enum sw_status st = SW_OK;

	for (r->n = 0; st == SW_OK && r->n < n;) {
		size_t i = r->n;
		struct part *p = &parts[i];

		*p = (struct part){.experiment = e,
				   .repeat = repeat,
				   .tenant = i,
				   .alone = n == 1,
				   .start_at_s = start_at_s,
				   .mix = path_in(r, "mix", 0, ".yaml"),
				   .records = path_in(r, "records", i, ".jsonl"),
				   .rows = path_in(r, "rows", i, ".csv")};
		if (!p->mix || !p->records || !p->rows)
			return sw_fail(err, SW_NO_MEMORY, "a run's files");
		if (i == 0)
			st = write_mix(r, c, e->mix, p->mix, err);
		if (st == SW_OK)
			st = launch(r, c, p, &r->children[i], err);
		r->n += st == SW_OK;
	}
	return st;
}

static enum sw_status read_all(const sw_campaign *c, const struct sw_experiment *e,
			       const struct part *parts, struct sw__outcome *out,
			       struct sw_error *err)
{
	struct sw__window window = {e->warm_up_s, e->warm_up_s + e->duration_s};
	enum sw_status st = SW_OK;

	for (size_t i = 0; st == SW_OK && i < e->mix->n; i++)
		st = sw__replay_records_read(parts[c->replay.one_process ? 0 : i].records,
					     e->mix->tenants[i].name, &window, &out->measured[i],
					     err);
	return st;
}

static enum sw_status run_replay(struct sw__backend *backend, const struct sw_experiment *e,
				 unsigned repeat, struct sw__outcome *out, struct sw_error *err)
{
	const sw_campaign *c = backend->campaign;
	struct replay *r = backend->self;
	struct part parts[SW_TENANTS_MAX] = {{0}};
	double start_at_s = sw__unix_s() + c->replay.lead_s;
	sw__collector *collector = NULL;
	enum sw_status st =
		sw__collector_start(NULL, 0, &r->watched, c->metrics.interval_s, &collector, err);

	remove_files(r);
	if (st == SW_OK)
		st = start_all(backend, e, repeat, start_at_s, parts, err);
	if (st == SW_OK)
		st = wait_all(backend, r, e, err);
	stop_all(r);
	if (st == SW_OK)
		st = read_all(c, e, parts, out, err);
	for (size_t i = 0; i < SW_TENANTS_MAX; i++)
		free_part(&parts[i]);
	out->started_s = start_at_s + e->warm_up_s;
	out->duration_s = e->duration_s;
	out->machine = sw__this_machine(&r->watched);
	sw__collector_finish(collector, sw__origin_ns(out->started_s), NULL, 0, &out->series);
	return st;
}

const struct sw__backend_ops sw__backend_replay = {
	.open = open_replay,
	.run = run_replay,
	.close = close_replay,
};

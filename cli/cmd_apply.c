// SPDX-License-Identifier: Apache-2.0
#include <math.h>

#include "command.h"
#include "document_out.h"
#include "report.h"
#include "sheet.h"

struct apply_settings {
	struct common common;
	const char *nodes, *manifests, *name_space, *image;
};

#define AT(member) offsetof(struct apply_settings, member)

static const struct option cluster_options[] = {
	{"nodes", 0, OPTION_FILE, "NODES.json", AT(nodes),
	 .help = "the cluster's nodes with the GPUs that HAMi registered on them: what `kubectl "
		 "get nodes -o json` prints"},
};

static const struct option manifest_options[] = {
	{"manifests", 0, OPTION_FILE, "DIR", AT(manifests),
	 .help = "write a YAML file for each workload into DIR, for `kubectl apply -f DIR`"},
	{"namespace", 0, OPTION_TEXT, "NAME", AT(name_space),
	 .help = "of all objects; none is written unless given"},
	{"image", 0, OPTION_TEXT, "IMAGE", AT(image),
	 .help = "of all engines; each engine's own unless given, of its version where the plan "
		 "says one"},
};

static const struct option_group groups[] = {
	{"Cluster", cluster_options, COUNT(cluster_options), 0, NO_MASK, 0},
	{"Manifests", manifest_options, COUNT(manifest_options), 0, NO_MASK, 0},
	COMMON_GROUP,
};

static const struct option_set options = {
	"slicewise apply", groups, COUNT(groups), "PLAN.json", 1, 1,
};

static const struct column columns[] = {
	{"workload", "workload", TEXT_COLUMN},
	{"replica", "replica", 0},
	{"GPU of the plan", "plan_gpu", TEXT_COLUMN},
	{"node", "node", TEXT_COLUMN},
	{"GPU", "uuid", TEXT_COLUMN},
	{"gpumem MiB", "gpumem", 0},
	{"gpucores %", "gpucores", 0},
};

static struct sheet *sheet_of(const struct sw_manifests *manifests)
{
	struct sheet *sheet = sheet_new(columns, COUNT(columns));

	for (size_t i = 0; i < manifests->n_engines; i++) {
		const struct sw_seated_engine *e = &manifests->engines[i];

		sheet_text(sheet, e->workload);
		sheet_number(sheet, e->replica);
		sheet_text(sheet, e->plan_gpu);
		sheet_text(sheet, e->node);
		sheet_text(sheet, e->uuid);
		sheet_number(sheet, e->memory_mib);
		sheet_number(sheet, e->cores_percent > 0 ? (double)e->cores_percent : NAN);
	}
	return sheet;
}

static void print_json(const struct sw_manifests *manifests, const struct sheet *sheet, FILE *out)
{
	json_t *document = json_object(), *files = json_array();

	for (size_t i = 0; i < manifests->n_files; i++)
		json_array_append_new(files, json_string(manifests->files[i].name));
	json_object_set_new(document, "engines", sheet_json(sheet));
	json_object_set_new(document, "files", files);
	json_print(document, out);
}

static void print_table(const struct call *call, const struct sw_manifests *manifests,
			const struct sheet *sheet, FILE *out)
{
	const struct apply_settings *s = call->settings;

	sheet_print(sheet, &call->style, 0, out);
	if (s->manifests)
		(void)fprintf(out,
			      "\n%zu files written into %s; nothing was changed in a cluster\n",
			      manifests->n_files, s->manifests);
	else
		(void)fprintf(
			out, "\nnothing was written or changed; --manifests DIR writes %zu files\n",
			manifests->n_files);
}

static void print(const struct call *call, const struct sw_manifests *manifests, FILE *out)
{
	const struct apply_settings *s = call->settings;
	struct sheet *sheet = sheet_of(manifests);

	if (s->common.format == FORMAT_JSON)
		print_json(manifests, sheet, out);
	else if (s->common.format == FORMAT_CSV)
		sheet_csv(sheet, out);
	else
		print_table(call, manifests, sheet, out);
	sheet_free(sheet);
}

static enum sw_status run(const struct call *call, FILE *out, struct sw_error *err)
{
	const struct apply_settings *s = call->settings;
	const struct sw_manifest_settings settings = {s->name_space, s->image};
	struct sw_plan_mixes *plan = NULL;
	struct sw_manifests *manifests = NULL;
	enum sw_status st;

	if (!s->nodes)
		return fail(err, SW_USAGE,
			    "--nodes NODES.json is missing: `kubectl get nodes -o json` prints it");
	st = sw_plan_mixes_load(call->catalog, call->operands[0], &plan, err);
	if (st == SW_OK)
		st = sw_manifests_make(call->catalog, plan, s->nodes, &settings, &manifests, err);
	if (st == SW_OK && s->manifests)
		st = sw_manifests_save(manifests, s->manifests, err);
	if (st == SW_OK)
		print(call, manifests, out);
	sw_manifests_free(manifests);
	sw_plan_mixes_free(plan);
	return st;
}

const struct command command_apply = {
	.name = "apply",
	.summary = "a plan as manifests for a cluster with HAMi",
	.about = "Seats the GPUs of a plan on those that HAMi registered on a cluster's nodes and "
		 "says where every engine goes and what it is given. With --manifests it writes "
		 "Deployments and Services: each engine with all its settings as arguments, bound "
		 "to "
		 "its GPU, with its memory and, where it binds, its core limit. Nothing is changed "
		 "in the cluster.",
	.options = &options,
	.settings_size = sizeof(struct apply_settings),
	.run = run,
};

// SPDX-License-Identifier: Apache-2.0
/* `models:` of a campaign: which engines there are, each with what differs from the rest. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "profile/campaign_read.h"

#define MEMORY_MAX_GIB 1e5

static enum sw_status read_url(const struct sw_node *node, void *into, void *source,
			       struct sw_error *err)
{
	if (node->kind != SW_NODE_STRING ||
	    (strncmp(node->text, "http://", 7) != 0 && strncmp(node->text, "https://", 8) != 0))
		return sw_node_refuse(node, err, "http://HOST:PORT");
	return sw__read_text(node, into, source, err);
}

/* The model itself, and how a mix file elsewhere names it: not relative to this file. */
static enum sw_status read_model(const struct sw_node *node, void *into, void *source,
				 struct sw_error *err)
{
	struct sw__campaign_model *m = into;
	enum sw_status st = sw__read_model(node, &m->model, source, err);
	char *path = NULL;

	if (st == SW_OK)
		st = sw__read_path(node, source, &path, err);
	if (st != SW_OK)
		return st;
	m->model_text = path ? realpath(path, NULL) : strdup(node->text);
	free(path);
	return m->model_text ? SW_OK : sw_fail(err, SW_NO_MEMORY, "%s: out of memory", node->text);
}

#define AT(member) .offset = offsetof(struct sw__campaign_model, member)

static const struct sw_field model_fields[] = {
	{.key = "name", .type = SW_FIELD_NAME, AT(name), .capacity = SW_NAME_MAX},
	{.key = "model", .type = SW_FIELD_CALL, .read = read_model, .required = true},
	{.key = "engine", .type = SW_FIELD_CALL, AT(engine), .read = sw__read_engine},
	{.key = "prompt_tokens", .type = SW_FIELD_CALL, AT(prompt_tokens), .read = sw__read_length},
	{.key = "output_tokens", .type = SW_FIELD_CALL, AT(output_tokens), .read = sw__read_length},
	{.key = "token_ids", .type = SW_FIELD_CALL, AT(token_ids), .read = sw__read_token_ids},
	{.key = "share",
	 .type = SW_FIELD_NUMBER,
	 AT(share),
	 .max = 1,
	 .min_open = true,
	 .unit = "fraction of the compute"},
	{.key = "memory_gib",
	 .type = SW_FIELD_NUMBER,
	 AT(memory_gib),
	 .max = MEMORY_MAX_GIB,
	 .min_open = true,
	 .unit = "GiB"},
	{.key = "url", .type = SW_FIELD_CALL, AT(url), .read = read_url},
	{.key = "served_name", .type = SW_FIELD_CALL, AT(served_name), .read = sw__read_text},
	{.key = "variables", .type = SW_FIELD_CALL, AT(variables), .read = sw__read_pairs},
};

/* That the engine would start at all, on a GPU of its own. */
static enum sw_status check_engine(const struct sw_node *node, const sw_campaign *campaign,
				   const struct sw__campaign_model *m, struct sw_error *err)
{
	const struct sw_node *engine = sw_node_get(node, "engine");
	struct sw_engine resolved = m->engine;
	struct sw_error inner;

	return sw__relay(engine ? engine : node,
			 sw_engine_resolve(&resolved, &campaign->gpu, &m->model, NULL, &inner),
			 &inner, err);
}

static enum sw_status read_one(const struct sw_node *node, struct sw__source *source,
			       const sw_campaign *campaign, struct sw__campaign_model *m,
			       struct sw_error *err)
{
	enum sw_status st = node->kind == SW_NODE_MAP
				    ? sw_node_read(node, model_fields, SW__FIELDS(model_fields),
						   false, m, source, NULL, err)
				    : read_model(node, m, source, err);

	if (st != SW_OK)
		return st;
	if (!*m->name)
		(void)sw_copy_name(m->name, sizeof(m->name), m->model.id);
	if (m->name[strcspn(m->name, "@:+")])
		return sw_node_refuse(node, err, "a name without @, : and +");
	if (!(m->prompt_tokens.mean > 0))
		return sw_node_complain(node, err,
					"key prompt_tokens is missing, here and for all");
	if (!(m->output_tokens.mean > 0))
		return sw_node_complain(node, err,
					"key output_tokens is missing, here and for all");
	return check_engine(node, campaign, m, err);
}

static struct sw__campaign_model with_defaults(const struct sw__model_defaults *defaults, int line)
{
	return (struct sw__campaign_model){
		.engine = defaults->engine,
		.prompt_tokens = defaults->prompt_tokens,
		.output_tokens = defaults->output_tokens,
		.token_ids = {defaults->token_ids[0], defaults->token_ids[1]},
		.share = NAN,
		.memory_gib = NAN,
		.line = line,
	};
}

enum sw_status sw__read_models(const struct sw_node *list,
			       const struct sw__model_defaults *defaults, struct sw__source *source,
			       sw_campaign *campaign, struct sw_error *err)
{
	enum sw_status st = sw_node_check_list(list, SW__MODELS_MAX, "model", err);

	if (st != SW_OK)
		return st;
	campaign->models = calloc(list->count, sizeof(*campaign->models));
	if (!campaign->models)
		return sw_fail(err, SW_NO_MEMORY, "%s: out of memory", source->path);
	for (size_t i = 0; st == SW_OK && i < list->count; i++) {
		struct sw__campaign_model *m = &campaign->models[campaign->n_models++];

		*m = with_defaults(defaults, list->children[i]->line);
		st = read_one(list->children[i], source, campaign, m, err);
	}
	return st == SW_OK ? sw__check_unique(list, campaign->models[0].name,
					      sizeof(*campaign->models), list->count, err)
			   : st;
}

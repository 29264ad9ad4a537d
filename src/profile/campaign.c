// SPDX-License-Identifier: Apache-2.0
#include "profile/campaign.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "profile/campaign_read.h"

void sw__pairs_free(struct sw__pairs *pairs)
{
	for (size_t i = 0; i < pairs->n; i++) {
		free(pairs->pair[i].name);
		free(pairs->pair[i].value);
	}
	free(pairs->pair);
	*pairs = (struct sw__pairs){0};
}

void sw__words_free(struct sw__words *words)
{
	for (size_t i = 0; i < words->n; i++)
		free(words->word[i]);
	free((void *)words->word);
	*words = (struct sw__words){0};
}

static void free_model(struct sw__campaign_model *model)
{
	free(model->model_text);
	free(model->url);
	free(model->served_name);
	sw__pairs_free(&model->variables);
}

void sw_campaign_free(sw_campaign *campaign)
{
	if (!campaign)
		return;
	for (size_t i = 0; i < campaign->n_models; i++)
		free_model(&campaign->models[i]);
	free(campaign->models);
	free(campaign->endpoints.api_key);
	sw__words_free(&campaign->processes.command);
	sw__pairs_free(&campaign->processes.environment);
	free(campaign->processes.ready);
	sw__words_free(&campaign->replay.command);
	sw__pairs_free(&campaign->replay.environment);
	free(campaign->metrics.hami);
	free(campaign->metrics.dcgm);
	free(campaign->metrics.nvml_device);
	free(campaign->path);
	free(campaign->conditions);
	free(campaign);
}

bool sw__campaign_predictable(const sw_campaign *campaign)
{
	return campaign->mechanism != SW_CPU_QUOTA;
}

struct sw_campaign_info sw_campaign_describe(const sw_campaign *campaign)
{
	return (struct sw_campaign_info){
		.name = campaign->name,
		.gpu = campaign->gpu.id,
		.mechanism = campaign->mechanism,
		.source = campaign->source,
		.models = campaign->n_models,
		.repeats = campaign->repeats,
		.seed = campaign->seed,
	};
}

static bool named(const char *key, const char *const *names)
{
	for (; names && *names; names++) {
		if (strcmp(*names, key) == 0)
			return true;
	}
	return false;
}

static int by_key(const void *a, const void *b)
{
	const struct sw_node *const *x = a, *const *y = b;

	return strcmp((*x)->key, (*y)->key);
}

static void write_node(const struct sw_node *node, const char *const *without, struct sw_text *out);

static void write_string(const char *text, struct sw_text *out)
{
	sw_text_puts(out, "\"");
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			sw_text_addf(out, "\\%c", *text);
		else if ((unsigned char)*text < ' ')
			sw_text_addf(out, "\\u%04x", (unsigned)(unsigned char)*text);
		else
			sw_text_add(out, text, 1);
	}
	sw_text_puts(out, "\"");
}

static void write_map(const struct sw_node *node, const char *const *without, struct sw_text *out)
{
	const struct sw_node **sorted = calloc(node->count + 1, sizeof(struct sw_node *));
	const char *before = "";

	if (!sorted) {
		out->failed = true;
		return;
	}
	for (size_t i = 0; i < node->count; i++)
		sorted[i] = node->children[i];
	qsort((void *)sorted, node->count, sizeof(struct sw_node *), by_key);
	sw_text_puts(out, "{");
	for (size_t i = 0; i < node->count; i++) {
		if (named(sorted[i]->key, without))
			continue;
		sw_text_puts(out, before);
		write_string(sorted[i]->key, out);
		sw_text_puts(out, ": ");
		write_node(sorted[i], NULL, out);
		before = ", ";
	}
	sw_text_puts(out, "}");
	free((void *)sorted);
}

/* Documents are at most SW_DOCUMENT_DEPTH_MAX deep. */
static void write_node(const struct sw_node *node, const char *const *without, struct sw_text *out)
{
	switch (node->kind) {
	case SW_NODE_MAP:
		write_map(node, without, out);
		break;
	case SW_NODE_LIST:
		sw_text_puts(out, "[");
		for (size_t i = 0; i < node->count; i++) {
			sw_text_puts(out, i ? ", " : "");
			write_node(node->children[i], NULL, out);
		}
		sw_text_puts(out, "]");
		break;
	case SW_NODE_STRING:
		write_string(node->text, out);
		break;
	case SW_NODE_NUMBER:
		sw_text_addf(out, "%.15g", node->number);
		break;
	case SW_NODE_BOOL:
		sw_text_puts(out, node->number != 0 ? "true" : "false");
		break;
	default:
		sw_text_puts(out, "null");
	}
}

enum sw_status sw__conditions_text(const struct sw_node *root, const char *const *without,
				   char **out, struct sw_error *err)
{
	struct sw_text text = {0};

	*out = NULL;
	write_node(root, without, &text);
	if (!sw_text_ok(&text)) {
		sw_text_free(&text);
		return sw_fail(err, SW_NO_MEMORY, "a campaign: out of memory");
	}
	*out = text.data;
	return SW_OK;
}

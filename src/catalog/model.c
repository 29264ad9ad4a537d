// SPDX-License-Identifier: Apache-2.0
/*
 * Reading a Hugging Face config.json. Such a file holds much that no formula here needs, so unknown
 * keys are passed over; what is needed is checked as strictly as in our own files. What a key means
 * when it is left out differs from family to family: the table `families` holds that.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "catalog/names.h"
#include "catalog/readers.h"

/* Which linear layers of a family have biases. */
enum bias_rule {
	BIAS_NEVER,
	BIAS_BY_KEY, /* attention_bias for q, k, v, o and mlp_bias */
	BIAS_QKV, /* q, k and v always, nothing else */
	BIAS_ALWAYS
};

/* Which layers of a family use a sliding window where there is one. */
enum window_rule {
	WINDOW_NEVER, /* the key is not looked at */
	WINDOW_ALL, /* every layer */
	WINDOW_SWITCH, /* if use_sliding_window: the layers from max_window_layers on */
};

/*
 * The defaults are those of the configuration classes of Hugging Face transformers 4.5x, one class
 * per model_type.
 */
struct family {
	bool gated_mlp, norm_bias, parallel_block, qk_norm, lm_head_bias;
	enum bias_rule bias;
	enum window_rule window;
	unsigned default_window; /* where the key sliding_window is absent (null means none) */
};

static const struct family families[SW_FAMILY_COUNT] = {
	[SW_LLAMA] = {.gated_mlp = true, .bias = BIAS_BY_KEY, .window = WINDOW_NEVER},
	[SW_QWEN2] = {.gated_mlp = true,
		      .bias = BIAS_QKV,
		      .window = WINDOW_SWITCH,
		      .default_window = 4096},
	[SW_QWEN3] = {.gated_mlp = true,
		      .qk_norm = true,
		      .bias = BIAS_BY_KEY,
		      .window = WINDOW_SWITCH,
		      .default_window = 4096},
	[SW_MISTRAL] = {.gated_mlp = true,
			.bias = BIAS_NEVER,
			.window = WINDOW_ALL,
			.default_window = 4096},
	[SW_PHI] = {.norm_bias = true,
		    .parallel_block = true,
		    .lm_head_bias = true,
		    .bias = BIAS_ALWAYS,
		    .window = WINDOW_NEVER},
	[SW_PHI3] = {.gated_mlp = true, .bias = BIAS_NEVER, .window = WINDOW_ALL},
};

/* max_window_layers of qwen2 and qwen3 where the key is absent. */
enum { QWEN_DEFAULT_WINDOW_LAYERS = 28 };

/* The keys read by table, before the family's rules are applied. 0 and NAN: absent. */
struct config {
	unsigned hidden, intermediate, layers, heads, kv_heads, head_dim, vocab, max_position;
	unsigned max_window_layers;
	bool tied, attention_bias, mlp_bias, use_window, qk_layernorm;
	int dtype;
};

#define UINT(name, member_, max_, ...)                                                          \
	{                                                                                       \
		.key = name, .type = SW_FIELD_UINT, .offset = offsetof(struct config, member_), \
		.min = 1, .max = (max_), __VA_ARGS__                                            \
	}
#define BOOL(name, member_)                                                                     \
	{                                                                                       \
		.key = name, .type = SW_FIELD_BOOL, .offset = offsetof(struct config, member_), \
		.null_is_absent = true                                                          \
	}

static const char *const dtype_choices[] = {"float32", "float16", "bfloat16", NULL};

static const struct sw_field config_fields[] = {
	UINT("hidden_size", hidden, SW__WIDTH_MAX, .required = true),
	UINT("intermediate_size", intermediate, SW__WIDTH_MAX, .required = true),
	UINT("num_hidden_layers", layers, SW__LAYERS_MAX, .required = true),
	UINT("num_attention_heads", heads, SW__HEADS_MAX, .required = true),
	UINT("num_key_value_heads", kv_heads, SW__HEADS_MAX, .null_is_absent = true),
	UINT("head_dim", head_dim, SW__HEAD_DIM_MAX, .null_is_absent = true),
	UINT("vocab_size", vocab, SW__VOCAB_MAX, .required = true),
	UINT("max_position_embeddings", max_position, SW__POSITION_MAX, .required = true),
	{.key = "max_window_layers",
	 .type = SW_FIELD_UINT,
	 .offset = offsetof(struct config, max_window_layers),
	 .min = 0,
	 .max = SW__LAYERS_MAX,
	 .null_is_absent = true},
	BOOL("tie_word_embeddings", tied),
	BOOL("attention_bias", attention_bias),
	BOOL("mlp_bias", mlp_bias),
	BOOL("use_sliding_window", use_window),
	BOOL("qk_layernorm", qk_layernorm),
	{.key = "torch_dtype",
	 .type = SW_FIELD_CHOICE,
	 .offset = offsetof(struct config, dtype),
	 .choices = dtype_choices,
	 .null_is_absent = true},
	{.key = "dtype", /* what newer versions write instead of torch_dtype */
	 .type = SW_FIELD_CHOICE,
	 .offset = offsetof(struct config, dtype),
	 .choices = dtype_choices,
	 .null_is_absent = true},
};

static enum sw_status refuse_type(const struct sw_node *type, struct sw_error *err)
{
	struct sw_text known = {0};
	enum sw_status st;

	for (int i = 0; sw__family_names[i]; i++)
		sw_text_addf(&known, "%s%s", i ? ", " : "", sw__family_names[i]);
	st = sw_node_refuse(type, err, "a model_type that is supported: %s",
			    sw_text_string(&known));
	sw_text_free(&known);
	return st;
}

/*
 * Experts change both memory and time per token; reading such a file as a dense model would be
 * quietly wrong.
 */
static enum sw_status refuse_experts(const struct sw_node *root, struct sw_error *err)
{
	static const char *const expert_keys[] = {"num_experts",           "num_local_experts",
						  "n_routed_experts",      "num_experts_per_tok",
						  "moe_intermediate_size", "moe_num_experts"};
	static const char *const expert_types[] = {"moe",         "mixtral", "deepseek_v2",
						   "deepseek_v3", "llama4",  "gpt_oss",
						   "dbrx",        "jamba"};
	const struct sw_node *type = sw__get(root, "model_type");

	for (size_t i = 0; i < sizeof(expert_keys) / sizeof(*expert_keys); i++) {
		const struct sw_node *node = sw__get(root, expert_keys[i]);

		if (node && node->kind == SW_NODE_NUMBER && node->number > 1)
			return sw_node_refuse(node, err,
					      "a dense model; mixture-of-experts models are not "
					      "supported yet");
	}
	for (size_t i = 0; type && i < sizeof(expert_types) / sizeof(*expert_types); i++) {
		if (type->kind == SW_NODE_STRING && strstr(type->text, expert_types[i]))
			return sw_node_refuse(type, err,
					      "a dense model; mixture-of-experts models are not "
					      "supported yet");
	}
	return SW_OK;
}

static enum sw_status refuse_wrapper(const struct sw_node *root, struct sw_error *err)
{
	const struct sw_node *text = sw__get(root, "text_config");

	if (text && text->kind == SW_NODE_MAP)
		return sw_node_complain(
			text, err,
			"a multimodal model; its text part alone would leave out the "
			"memory and time of the other parts, expected a text model");
	return SW_OK;
}

static enum sw_status read_family(const struct sw_node *root, enum sw_family *family,
				  struct sw_error *err)
{
	const struct sw_node *type = sw__get(root, "model_type");
	enum sw_status st = sw_node_expect(root, SW_NODE_MAP, err);

	if (st == SW_OK)
		st = refuse_wrapper(root, err);
	if (st == SW_OK)
		st = refuse_experts(root, err);
	if (st != SW_OK)
		return st;
	if (!type)
		return sw_node_complain(root, err,
					"key model_type is missing, expected a Hugging Face "
					"config.json");
	for (int i = 0; type->kind == SW_NODE_STRING && i < SW_FAMILY_COUNT; i++) {
		if (strcmp(type->text, sw__family_names[i]) == 0) {
			*family = (enum sw_family)i;
			return SW_OK;
		}
	}
	return refuse_type(type, err);
}

static enum sw_status check_heads(const struct sw_node *root, const struct config *c,
				  struct sw_error *err)
{
	if (c->kv_heads && c->heads % c->kv_heads != 0)
		return sw_node_refuse(sw__get(root, "num_key_value_heads"), err,
				      "a divisor of num_attention_heads = %u", c->heads);
	if (!c->head_dim && c->hidden % c->heads != 0)
		return sw_node_refuse(sw__get(root, "num_attention_heads"), err,
				      "a divisor of hidden_size = %u, or a head_dim", c->hidden);
	return SW_OK;
}

/* layer_types, where newer files have it, says layer by layer what the older keys say by rule. */
static enum sw_status count_windowed(const struct sw_node *types, unsigned *layers,
				     unsigned expected, struct sw_error *err)
{
	enum sw_status st = sw_node_expect(types, SW_NODE_LIST, err);

	if (st == SW_OK && types->count != expected)
		return sw_node_complain(types, err, "%zu layers, expected num_hidden_layers = %u",
					types->count, expected);
	*layers = 0;
	for (size_t i = 0; st == SW_OK && i < types->count; i++) {
		const struct sw_node *type = types->children[i];

		if (type->kind == SW_NODE_STRING && strcmp(type->text, "sliding_attention") == 0)
			(*layers)++;
		else if (type->kind != SW_NODE_STRING || strcmp(type->text, "full_attention") != 0)
			st = sw_node_refuse(type, err, "full_attention or sliding_attention");
	}
	return st;
}

static enum sw_status read_window(const struct sw_node *root, const struct config *c,
				  struct sw_model *model, struct sw_error *err)
{
	static const struct sw_field field = {.key = "sliding_window",
					      .type = SW_FIELD_UINT,
					      .offset = offsetof(struct sw_model, sliding_window),
					      .min = 1,
					      .max = SW__POSITION_MAX};
	const struct family *family = &families[model->family];
	const struct sw_node *window = sw__get(root, "sliding_window");
	const struct sw_node *types = sw__get(root, "layer_types");
	enum sw_status st = SW_OK;

	if (family->window == WINDOW_NEVER || (family->window == WINDOW_SWITCH && !c->use_window))
		return SW_OK;
	model->sliding_window = window ? 0 : family->default_window;
	if (window && window->kind != SW_NODE_NULL)
		st = sw_node_read_field(window, &field, model, NULL, err);
	if (st == SW_OK && types && types->kind != SW_NODE_NULL)
		st = count_windowed(types, &model->window_layers, c->layers, err);
	else if (family->window == WINDOW_ALL)
		model->window_layers = c->layers;
	else if (c->max_window_layers < c->layers)
		model->window_layers = c->layers - c->max_window_layers;
	/* A window at least as long as the context never binds. */
	if (model->sliding_window >= model->max_position || model->window_layers == 0)
		model->sliding_window = model->window_layers = 0;
	if (model->sliding_window == 0)
		model->window_layers = 0;
	return st;
}

/*
 * Engines extend the trained context by rope_scaling, except for the kinds whose
 * max_position_embeddings is already the extended one (vLLM, vllm/config/model.py, the same rule).
 * Newer files call the map rope_parameters.
 */
static enum sw_status read_rope(const struct sw_node *root, struct sw_model *model,
				struct sw_error *err)
{
	static const char *const extending[] = {"linear", "dynamic", "yarn"};
	static const struct sw_field factor_field = {
		.key = "factor", .type = SW_FIELD_NUMBER, .min = 1, .max = 1024};
	const struct sw_node *rope = sw__get(root, "rope_scaling");
	const struct sw_node *type, *original, *factor_node;
	double factor = 1, base = model->max_position;
	enum sw_status st = SW_OK;
	bool extends = false;

	if (!rope || rope->kind != SW_NODE_MAP)
		rope = sw__get(root, "rope_parameters");
	type = sw__get(rope, "rope_type");
	if (!type)
		type = sw__get(rope, "type");
	for (size_t i = 0; type && i < sizeof(extending) / sizeof(*extending); i++)
		extends |= type->kind == SW_NODE_STRING && strcmp(type->text, extending[i]) == 0;
	factor_node = sw__get(rope, "factor");
	if (!extends || !factor_node || factor_node->kind == SW_NODE_NULL)
		return SW_OK;
	st = sw_node_read_field(factor_node, &factor_field, &factor, NULL, err);
	original = sw__get(rope, "original_max_position_embeddings");
	if (original && original->kind == SW_NODE_NUMBER && strcmp(type->text, "yarn") == 0)
		base = original->number;
	if (st == SW_OK && !(base >= 1 && base * factor <= SW__POSITION_MAX))
		return sw_node_complain(rope, err, "a context of %g tokens, expected at most %d",
					base * factor, SW__POSITION_MAX);
	model->max_position = (unsigned)(base * factor);
	return st;
}

static void apply_biases(const struct config *c, const struct family *family,
			 struct sw_model *model)
{
	bool by_key = family->bias == BIAS_BY_KEY, always = family->bias == BIAS_ALWAYS;

	model->qkv_bias = always || family->bias == BIAS_QKV || (by_key && c->attention_bias);
	model->o_bias = always || (by_key && c->attention_bias);
	model->mlp_bias = always || (by_key && c->mlp_bias);
}

static void apply_family(const struct config *c, enum sw_family which, struct sw_model *model)
{
	const struct family *family = &families[which];

	*model = (struct sw_model){.family = which,
				   .layers = c->layers,
				   .hidden = c->hidden,
				   .intermediate = c->intermediate,
				   .heads = c->heads,
				   .kv_heads = c->kv_heads ? c->kv_heads : c->heads,
				   .head_dim = c->head_dim ? c->head_dim : c->hidden / c->heads,
				   .vocab = c->vocab,
				   .max_position = c->max_position,
				   .tied_embeddings = c->tied,
				   .gated_mlp = family->gated_mlp,
				   .lm_head_bias = family->lm_head_bias,
				   .qk_norm =
					   family->qk_norm || (which == SW_PHI && c->qk_layernorm),
				   .norm_bias = family->norm_bias,
				   .parallel_block = family->parallel_block,
				   .dtype = (enum sw_dtype)c->dtype,
				   .quantization = SW_QUANT_NONE,
				   .weight_bits = 16};
	apply_biases(c, family, model);
}

enum sw_status sw__model_from_node(const struct sw_node *root, const char *id, struct sw_model *out,
				   struct sw_error *err)
{
	/*
	 * Hugging Face writes every dtype; a file without one was saved as its class's default,
	 * float32.
	 */
	struct config config = {.dtype = SW_FP32, .max_window_layers = QWEN_DEFAULT_WINDOW_LAYERS};
	enum sw_family family = SW_LLAMA;
	enum sw_status st = read_family(root, &family, err);

	if (st == SW_OK)
		st = sw_node_read(root, config_fields,
				  sizeof(config_fields) / sizeof(*config_fields), true, &config,
				  NULL, NULL, err);
	if (st == SW_OK)
		st = check_heads(root, &config, err);
	if (st != SW_OK)
		return st;
	apply_family(&config, family, out);
	if (!sw_copy_name(out->id, sizeof(out->id), id))
		return sw_fail(err, SW_BAD_INPUT, "%s: a name longer than %d characters", id,
			       SW_NAME_MAX - 1);
	st = read_rope(root, out, err);
	if (st == SW_OK)
		st = read_window(root, &config, out, err);
	if (st == SW_OK)
		st = sw__quantization_from_node(root, out, err);
	return st;
}

double sw__published_parameters(const struct sw_node *root)
{
	const struct sw_node *node = sw__get(sw__get(root, "slicewise"), "parameters");

	return node && node->kind == SW_NODE_NUMBER ? node->number : NAN;
}

/* Where the part of a path that ends at `end` begins: behind the '/' before it. */
static const char *part_before(const char *path, const char *end)
{
	while (end > path && end[-1] != '/')
		end--;
	return end;
}

static bool is_part(const char *start, const char *end, const char *name)
{
	return (size_t)(end - start) == strlen(name) && strncmp(start, name, strlen(name)) == 0;
}

enum sw_status sw__id_from_path(const char *path, char id[SW_NAME_MAX], struct sw_error *err)
{
	static const char suffix[] = ".json";
	const char *end = path + strlen(path), *start = part_before(path, end);
	size_t size = (size_t)(end - start);

	if (strcmp(start, "config.json") == 0 && start > path + 1) {
		const char *folder = part_before(path, start - 1);

		/* "." and ".." are folders without a name. */
		if (!is_part(folder, start - 1, ".") && !is_part(folder, start - 1, "..")) {
			size = (size_t)(start - 1 - folder);
			start = folder;
		}
	}
	if (size > strlen(suffix) &&
	    strncmp(start + size - strlen(suffix), suffix, strlen(suffix)) == 0)
		size -= strlen(suffix);
	if (size >= SW_NAME_MAX)
		return sw_fail(err, SW_BAD_INPUT, "%s: a name longer than %d characters", path,
			       SW_NAME_MAX - 1);
	memcpy(id, start, size);
	id[size] = '\0';
	if (!sw_is_plain(id))
		return sw_fail(
			err, SW_BAD_INPUT,
			"the name of a file holds a control character, expected one without");
	return SW_OK;
}

enum sw_status sw_model_read(const char *path, struct sw_model *out, struct sw_error *err)
{
	char id[SW_NAME_MAX];
	struct sw_document *document;
	enum sw_status st = sw_document_load(path, &document, err);

	if (st == SW_OK)
		st = sw__id_from_path(path, id, err);
	if (st == SW_OK)
		st = sw__model_from_node(sw_document_root(document), id, out, err);
	sw_document_free(document);
	return st;
}

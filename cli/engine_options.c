// SPDX-License-Identifier: Apache-2.0
/* The settings of an engine: as options, as JSON, in words. */
#include <limits.h>
#include <stdlib.h>

#include "document_out.h"
#include "must.h"
#include "target.h"

#define NAME(constant, id)         id,
#define NAME_OF_3(constant, id, x) id,

static const char *const engine_choices[] = {SW_ENGINE_LIST(NAME) NULL};
static const char *const dtype_choices[] = {SW_DTYPE_LIST(NAME_OF_3) NULL};
static const char *const quantization_choices[] = {SW_QUANTIZATION_LIST(NAME_OF_3) NULL};

/* No engine takes more; above it is a typing error. */
static const double cores_max = 1024;

#define AT(member) offsetof(struct sw_engine, member)

const struct option engine_options[ENGINE_OPTIONS] = {
	{"engine", 0, OPTION_CHOICE, NULL, AT(kind), .choices = engine_choices,
	 .given = SW_KEY_NAME, .help = "the inference server; vllm unless given"},
	{"max-model-len", 0, OPTION_COUNT, "TOKENS", AT(max_model_len), 1, INT_MAX,
	 .given = SW_KEY_MAX_MODEL_LEN, .help = "longest context"},
	{"max-num-seqs", 0, OPTION_COUNT, "N", AT(max_num_seqs), 1, INT_MAX,
	 .given = SW_KEY_MAX_NUM_SEQS, .help = "sequences in a batch at most"},
	{"max-num-batched-tokens", 0, OPTION_COUNT, "TOKENS", AT(max_num_batched_tokens), 1,
	 INT_MAX, .given = SW_KEY_MAX_NUM_BATCHED_TOKENS, .help = "tokens in one step at most"},
	{"cuda-graphs", 0, OPTION_SWITCH, NULL, AT(cuda_graphs), .given = SW_KEY_CUDA_GRAPHS,
	 .help = "launch captured graphs instead of single kernels"},
	{"dtype", 0, OPTION_CHOICE, NULL, AT(dtype), .choices = dtype_choices,
	 .given = SW_KEY_DTYPE, .help = "of weights and activations"},
	{"quantization", 0, OPTION_CHOICE, NULL, AT(quantization), .choices = quantization_choices,
	 .given = SW_KEY_QUANTIZATION, .help = "how the weights of linear layers are stored"},
	{"kv-cache-dtype", 0, OPTION_CHOICE, NULL, AT(kv_cache_dtype), .choices = dtype_choices,
	 .given = SW_KEY_KV_CACHE_DTYPE, .help = "of keys and values"},
	{"prefix-caching", 0, OPTION_SWITCH, NULL, AT(prefix_caching),
	 .given = SW_KEY_PREFIX_CACHING, .help = "keep the KV cache of finished prompts"},
	{"gpu-memory-utilization", 0, OPTION_NUMBER, "F", AT(gpu_memory_utilization), 0, 1, true,
	 .given = SW_KEY_GPU_MEMORY_UTILIZATION,
	 .help = "fraction of the slice's memory that the engine takes"},
	{"kv-cache-tokens", 0, OPTION_NUMBER, "TOKENS", AT(kv_cache_tokens), 1, INT_MAX,
	 .given = SW_KEY_KV_CACHE_TOKENS,
	 .help = "size of the KV cache, instead of what memory gives"},
	{"cores", 0, OPTION_NUMBER, "N", AT(cores), 0, cores_max, true, .given = SW_KEY_CORES,
	 .help = "host cores it may use; as many as it wants unless given"},
};

static json_t *name_of(const struct sw_engine *e)
{
	return json_string(sw_engine_name(e->kind));
}

static json_t *max_model_len_of(const struct sw_engine *e)
{
	return json_integer(e->max_model_len);
}

static json_t *max_num_seqs_of(const struct sw_engine *e)
{
	return json_integer(e->max_num_seqs);
}

static json_t *max_num_batched_tokens_of(const struct sw_engine *e)
{
	return json_integer(e->max_num_batched_tokens);
}

static json_t *cuda_graphs_of(const struct sw_engine *e)
{
	return json_boolean(e->cuda_graphs);
}

static json_t *dtype_of(const struct sw_engine *e)
{
	return json_string(sw_dtype_name(e->dtype));
}

static json_t *quantization_of(const struct sw_engine *e)
{
	return json_string(sw_quantization_name(e->quantization));
}

static json_t *kv_cache_dtype_of(const struct sw_engine *e)
{
	return json_string(sw_dtype_name(e->kv_cache_dtype));
}

static json_t *prefix_caching_of(const struct sw_engine *e)
{
	return json_boolean(e->prefix_caching);
}

static json_t *gpu_memory_utilization_of(const struct sw_engine *e)
{
	return json_number(e->gpu_memory_utilization);
}

static json_t *kv_cache_tokens_of(const struct sw_engine *e)
{
	return sw_known(e->kv_cache_tokens) ? json_number(e->kv_cache_tokens) : NULL;
}

static json_t *cores_of(const struct sw_engine *e)
{
	return sw_known(e->cores) ? json_number(e->cores) : NULL;
}

/* The settings of an engine by the keys that files use; `value` is NULL where nothing decides one. */
static const struct {
	const char *key;
	unsigned given;
	json_t *(*value)(const struct sw_engine *engine);
} settings[] = {
	{"name", SW_KEY_NAME, name_of},
	{"max_model_len", SW_KEY_MAX_MODEL_LEN, max_model_len_of},
	{"max_num_seqs", SW_KEY_MAX_NUM_SEQS, max_num_seqs_of},
	{"max_num_batched_tokens", SW_KEY_MAX_NUM_BATCHED_TOKENS, max_num_batched_tokens_of},
	{"cuda_graphs", SW_KEY_CUDA_GRAPHS, cuda_graphs_of},
	{"dtype", SW_KEY_DTYPE, dtype_of},
	{"quantization", SW_KEY_QUANTIZATION, quantization_of},
	{"kv_cache_dtype", SW_KEY_KV_CACHE_DTYPE, kv_cache_dtype_of},
	{"prefix_caching", SW_KEY_PREFIX_CACHING, prefix_caching_of},
	{"gpu_memory_utilization", SW_KEY_GPU_MEMORY_UTILIZATION, gpu_memory_utilization_of},
	{"kv_cache_tokens", SW_KEY_KV_CACHE_TOKENS, kv_cache_tokens_of},
	{"cores", SW_KEY_CORES, cores_of},
};

enum { HANGING_INDENT = 4 };

enum { SETTINGS = sizeof(settings) / sizeof(settings[0]) };

json_t *engine_json(const struct sw_engine *engine)
{
	json_t *object = json_object(), *defaults = json_array();

	for (size_t i = 0; i < SETTINGS; i++) {
		json_t *value = settings[i].value(engine);

		if (!value)
			continue;
		json_object_set_new(object, settings[i].key, value);
		if (!(engine->given & settings[i].given))
			json_array_append_new(defaults, json_string(settings[i].key));
	}
	if (*engine->version)
		json_object_set_new(object, "version", json_string(engine->version));
	json_object_set_new(object, "defaults", defaults);
	return object;
}

/* JSON's notation without its quotes. */
static char *words_of(json_t *value)
{
	char *text;

	if (json_is_boolean(value))
		text = must_format("%s", json_is_true(value) ? "on" : "off");
	else if (json_is_string(value))
		text = must_format("%s", json_string_value(value));
	else
		text = must_format("%.*g", NUMBER_DIGITS, json_number_value(value));
	json_decref(value);
	return text;
}

char *engine_words(const struct sw_engine *engine, bool given)
{
	char *words = must_format("%s", "");

	for (size_t i = 0; i < SETTINGS; i++) {
		json_t *setting = settings[i].value(engine);
		char *value, *longer;

		if (!setting || !(engine->given & settings[i].given) == given) {
			json_decref(setting);
			continue;
		}
		value = words_of(setting);
		longer = must_format("%s%s%s %s%s%s", words, *words ? ", " : "", settings[i].key,
				     value, i == 0 && *engine->version ? " " : "",
				     i == 0 ? engine->version : "");
		free(words);
		free(value);
		words = longer;
	}
	return words;
}

void engine_print(const char *title, const struct sw_engine *engine, bool given, FILE *out)
{
	char *words = engine_words(engine, given);
	int width = fprintf(out, "%s", title);

	text_wrap(*words ? words : "nothing", width > 0 ? (size_t)width : 0, HANGING_INDENT,
		  LINE_WIDTH, out);
	free(words);
}

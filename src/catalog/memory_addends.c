// SPDX-License-Identifier: Apache-2.0
/*
 * The addends of an engine's memory. Weights are arithmetic. The others are what an engine
 * allocates at its start-up profile: bounds with their origin. Low and high are meant to hold 9
 * times of 10; nobody publishes a distribution.
 */
#include "catalog/memory_addends.h"

#include <stdio.h>

#include "catalog/engine_traits.h"

static const double gib = 1024.0 * 1024 * 1024, mib = 1024.0 * 1024;

/*
 * CUDA context, cuBLAS workspace, loaded kernels: GiB outside the allocator. About 0.5. The bound
 * is a judgement: 0.3 where kernels load lazily, 0.9 with many modules or a profiler.
 */
static const double context_low_gib = 0.3, context_likely_gib = 0.5, context_high_gib = 0.9;

/*
 * Activations over the widest point of one layer: the allocator rounds and compiled code keeps
 * temporaries. 1.25 brings a published start-up (Qwen3-8B, vLLM 0.21, LMCache issue 3430) to 1 %; 2
 * covers eager MLPs that keep all their operands.
 */
static const double activation_likely = 1.25, activation_high = 2.0;

/*
 * Sampler, bytes per logit: 4 for the fp32 logits; the sorting top-k/top-p path holds up to 28
 * (logits 4, sorted 4, 8-byte indices, softmax 4, sum 4, result 4).
 */
static const double logit_low_bytes = 4, logit_likely_bytes = 4, logit_high_bytes = 28;

/*
 * CUDA graphs, MiB per captured graph and layer. 0.17: Qwen3-8B, 86 graphs, 36 layers, 0.52 GiB
 * (vLLM 0.21, LMCache issue 3430). 1.2: Yi-34B, 35 graphs, 60 layers, 2.4 GiB (vLLM 0.5, vLLM issue
 * 7553). Engines report 0.26 to 2.5 GiB in all, so the high bound stops there.
 */
static const double graph_low_mib = 0.10, graph_likely_mib = 0.17, graph_high_mib = 1.2,
		    graphs_most_gib = 2.5;

/* vLLM captures batches of 1, 2, 4, then every 8 up to 256, then every 16 up to 512. */
enum {
	GRAPH_SMALL = 3,
	GRAPH_STEP = 8,
	GRAPH_WIDE_FROM = 256,
	GRAPH_WIDE_STEP = 16,
	GRAPH_MOST = 512
};

/*
 * Groups of 4-bit weights where the user asks for int4 without a file that says: the usual 128,
 * with a 16-bit scale and a 4-bit zero each (GPTQ, AWQ).
 */
static const double int4_default_bits = 4 + (16.0 + 4.0) / 128;

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static double linear_bits(const struct sw_model *model, const struct sw_engine *engine)
{
#define BITS(constant, id, bits) bits,
	static const double bits[] = {SW_QUANTIZATION_LIST(BITS)};
#undef BITS

	if (engine->quantization == SW_QUANT_NONE)
		return 8 * sw_dtype_bytes(engine->dtype);
	if (engine->quantization == model->quantization)
		return model->weight_bits;
	if (engine->quantization == SW_QUANT_INT4)
		return int4_default_bits;
	return bits[engine->quantization];
}

double sw_weight_gib(const struct sw_model *model, const struct sw_engine *engine)
{
	struct sw_parameters p = sw_model_parameters_by_kind(model);
	double plain = (double)(p.embedding + p.vector + p.lm_head);

	return (plain * sw_dtype_bytes(engine->dtype) +
		(double)p.linear * linear_bits(model, engine) / 8) /
	       gib;
}

static struct sw_memory_addend weights(const struct sw_model *model, const struct sw_engine *engine)
{
	double size = sw_weight_gib(model, engine);

	return (struct sw_memory_addend){.name = "weights",
					 .low_gib = size,
					 .likely_gib = size,
					 .high_gib = size,
					 .exact = true};
}

static void say_weights(const struct sw_model *model, const struct sw_engine *engine, char *how,
			size_t size)
{
	struct sw_parameters p = sw_model_parameters_by_kind(model);

	(void)snprintf(how, size, "%llu in linear layers x %.4g bits + %llu others x %g B",
		       p.linear, linear_bits(model, engine), p.embedding + p.vector + p.lm_head,
		       sw_dtype_bytes(engine->dtype));
}

static struct sw_memory_addend context(const struct sw_model *model, const struct sw_engine *engine)
{
	(void)model;
	(void)engine;
	return (struct sw_memory_addend){.name = "CUDA context",
					 .low_gib = context_low_gib,
					 .likely_gib = context_likely_gib,
					 .high_gib = context_high_gib};
}

static void say_context(const struct sw_model *model, const struct sw_engine *engine, char *how,
			size_t size)
{
	(void)model;
	(void)engine;
	(void)snprintf(how, size, "context, libraries and loaded kernels");
}

/*
 * Elements per token that live at once at a layer's widest point: residual and normalised input,
 * and either the attention's q, k, v and output or the MLP's inner values and their product. In a
 * parallel block the attention's result waits too.
 */
static double widest_elements(const struct sw_model *m)
{
	double q = (double)m->heads * m->head_dim, kv = (double)m->kv_heads * m->head_dim;
	double attention = q + 2 * kv + q;
	double mlp = (m->gated_mlp ? 3.0 : 2.0) * m->intermediate;

	if (m->parallel_block)
		mlp += m->hidden;
	return 2.0 * m->hidden + (attention > mlp ? attention : mlp);
}

static struct sw_memory_addend activations(const struct sw_model *model,
					   const struct sw_engine *engine)
{
	double bytes = sw_dtype_bytes(engine->dtype);
	double size = widest_elements(model) * engine->max_num_batched_tokens * bytes / gib;

	return (struct sw_memory_addend){.name = "activations",
					 .low_gib = size,
					 .likely_gib = size * activation_likely,
					 .high_gib = size * activation_high};
}

static void say_activations(const struct sw_model *model, const struct sw_engine *engine, char *how,
			    size_t size)
{
	(void)snprintf(how, size, "%u tokens x %.0f elements x %g B x %g",
		       engine->max_num_batched_tokens, widest_elements(model),
		       sw_dtype_bytes(engine->dtype), activation_likely);
}

static struct sw_memory_addend sampler(const struct sw_model *model, const struct sw_engine *engine)
{
	double logits = (double)engine->max_num_seqs * model->vocab / gib;

	return (struct sw_memory_addend){.name = "sampler",
					 .low_gib = logits * logit_low_bytes,
					 .likely_gib = logits * logit_likely_bytes,
					 .high_gib = logits * logit_high_bytes};
}

static void say_sampler(const struct sw_model *model, const struct sw_engine *engine, char *how,
			size_t size)
{
	(void)snprintf(how, size, "%u sequences x %u logits x %g B", engine->max_num_seqs,
		       model->vocab, logit_likely_bytes);
}

static unsigned capture_sizes(unsigned largest)
{
	unsigned narrow = least(largest, GRAPH_WIDE_FROM);
	unsigned small = largest >= 4 ? GRAPH_SMALL : largest >= 2 ? 2 : 1;

	return small + narrow / GRAPH_STEP + (largest - narrow) / GRAPH_WIDE_STEP;
}

/*
 * vLLM captures pieces of mixed batches up to twice the sequences and whole decode steps up to the
 * sequences; the others capture decode steps only.
 */
static unsigned graph_count(const struct sw_engine *engine)
{
	unsigned most = sw__engine_traits(engine->kind)->graph_sizes_max;
	unsigned seqs = least(engine->max_num_seqs, GRAPH_MOST);

	if (most)
		return capture_sizes(least(seqs, most));
	return capture_sizes(least(2 * seqs, GRAPH_MOST)) + capture_sizes(seqs);
}

static struct sw_memory_addend graphs(const struct sw_model *model, const struct sw_engine *engine)
{
	double pieces = (double)graph_count(engine) * model->layers * mib / gib;
	struct sw_memory_addend a = {.name = "CUDA graphs",
				     .low_gib = pieces * graph_low_mib,
				     .likely_gib = fmin(pieces * graph_likely_mib, graphs_most_gib),
				     .high_gib = fmin(pieces * graph_high_mib, graphs_most_gib)};

	a.low_gib = fmin(a.low_gib, a.likely_gib);
	return a;
}

static void say_graphs(const struct sw_model *model, const struct sw_engine *engine, char *how,
		       size_t size)
{
	(void)snprintf(how, size, "%u graphs x %u layers x %g MiB", graph_count(engine),
		       model->layers, graph_likely_mib);
}

/* In their order; graphs come last because not every engine has them. */
static const struct {
	struct sw_memory_addend (*make)(const struct sw_model *, const struct sw_engine *);
	void (*say)(const struct sw_model *, const struct sw_engine *, char *, size_t);
} kinds[] = {
	{weights, say_weights}, {context, say_context}, {activations, say_activations},
	{sampler, say_sampler}, {graphs, say_graphs},
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

size_t sw__memory_addends(const struct sw_model *model, const struct sw_engine *engine,
			  struct sw_memory_addend *addends)
{
	size_t n = engine->cuda_graphs ? KINDS : KINDS - 1;

	for (size_t i = 0; i < n; i++)
		addends[i] = kinds[i].make(model, engine);
	return n;
}

void sw__memory_addends_say(const struct sw_model *model, const struct sw_engine *engine,
			    struct sw_memory_addend *addends, size_t n)
{
	for (size_t i = 0; i < n; i++)
		kinds[i].say(model, engine, addends[i].how, sizeof(addends[i].how));
}

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file engine_metrics.h
 * What an inference engine says of itself on /metrics: vLLM, SGLang and llama.cpp by their own names, in one form.
 *
 * Unknown is not zero: what an engine does not tell is NAN, a histogram that it does not have has n 0 and a count of NAN.
 * Counters and histograms count from the engine's start.
 */
#ifndef SLICEWISE_OBSERVE_ENGINE_METRICS_H
#define SLICEWISE_OBSERVE_ENGINE_METRICS_H

#include <stdbool.h>
#include <stddef.h>

/** X(name, prefix). Whose metrics they are, by what their names begin with. */
#define SW__ENGINE_FAMILY_LIST(X)       \
	X(SW__FAMILY_VLLM, "vllm:")     \
	X(SW__FAMILY_SGLANG, "sglang:") \
	X(SW__FAMILY_LLAMA_CPP, "llamacpp:")

enum sw__engine_family {
#define SW__ENGINE_FAMILY_ENUM(name, prefix) name,
	SW__ENGINE_FAMILY_LIST(SW__ENGINE_FAMILY_ENUM)
#undef SW__ENGINE_FAMILY_ENUM
		SW__FAMILY_COUNT,
	SW__FAMILY_UNKNOWN = SW__FAMILY_COUNT
};

/** "vllm"; "unknown". Static. */
const char *sw__engine_family_name(enum sw__engine_family family);

/** Histograms, in seconds or tokens. */
enum sw__engine_histogram {
	SW__SEEN_TTFT_S,
	SW__SEEN_TPOT_S, /* of a request, its first token left out */
	SW__SEEN_ITL_S, /* of a token */
	SW__SEEN_QUEUE_S, /* of a request, until its first step */
	SW__SEEN_PROMPT_TOKENS,
	SW__SEEN_OUTPUT_TOKENS,
	SW__SEEN_HISTOGRAMS
};

/** Numbers; those up to SW__SEEN_COUNTERS only grow. */
enum sw__engine_number {
	SW__SEEN_REQUESTS, /* finished, for whatever reason */
	SW__SEEN_PROMPTS, /* tokens of prompts that were computed */
	SW__SEEN_OUTPUTS, /* tokens that were generated */
	SW__SEEN_OUTPUTS_S, /* seconds that requests took to generate them, where no histogram tells */
	SW__SEEN_PREEMPTIONS,
	SW__SEEN_COUNTERS,
	SW__SEEN_RUNNING = SW__SEEN_COUNTERS, /* requests */
	SW__SEEN_WAITING,
	SW__SEEN_KV_USED, /* 0 to 1 */
	SW__SEEN_KV_BLOCKS,
	SW__SEEN_KV_BLOCK_TOKENS,
	SW__SEEN_STARTED_S, /* of the process, in seconds since 1970 */
	SW__SEEN_NUMBERS
};

enum { SW__SEEN_BOUNDS_MAX = 40 };

/** A histogram; the bucket without end is `count` less the last one. */
struct sw__seen_histogram {
	size_t n;
	double bound[SW__SEEN_BOUNDS_MAX]; /* increasing, finite */
	double below[SW__SEEN_BOUNDS_MAX]; /* so many values are at most the bound */
	double count, sum;
};

/** One answer of an engine. */
struct sw__engine_reading {
	enum sw__engine_family
		family; /* SW__FAMILY_UNKNOWN: no metric of an engine is among them */
	double number[SW__SEEN_NUMBERS];
	struct sw__seen_histogram histogram[SW__SEEN_HISTOGRAMS];
	size_t malformed; /* lines that are none of the format */
};

/**
 * Read a body of /metrics, which is cut up meanwhile. Several engines behind one endpoint (data parallelism) are added; of the ranks of one
 * engine the first is taken. Where an engine has a metric under its present and a former name, the present one counts.
 */
void sw__engine_read(char *text, struct sw__engine_reading *out);

#endif

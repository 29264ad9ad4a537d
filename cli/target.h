/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file target.h
 * One engine on one slice as options of a command: which GPU, which model, how much of it, with which engine settings.
 */
#ifndef SLICEWISE_CLI_TARGET_H
#define SLICEWISE_CLI_TARGET_H

#include <jansson.h>

#include "command.h"

/** What the options say. */
struct target {
	unsigned given; /* TARGET_... bits */
	const char *gpu_name, *model_name;
	struct sw_slice slice;
	struct sw_engine engine; /* its `given` bits are its options' mask */
	/* What they mean, filled by target_resolve(). */
	struct sw_gpu gpu;
	struct sw_model model;
};

enum target_bit {
	TARGET_GPU = 1,
	TARGET_MODEL = 2,
	TARGET_MECHANISM = 4,
	TARGET_SHARE = 8,
	TARGET_MEMORY = 16
};

/** A whole GPU, every engine setting left out. */
#define TARGET_DEFAULTS                                                                          \
	{                                                                                        \
		.slice = {.mechanism = SW_EXCLUSIVE, .share = 1, .memory_gib = NAN}, .engine = { \
			.kv_cache_tokens = NAN,                                                  \
			.cores = NAN                                                             \
		}                                                                                \
	}

extern const char *const mechanism_choices[];

/** Options that fill a struct target: which GPU, which model, which slice. */
extern const struct option target_options[];
enum { TARGET_OPTIONS = 5 };

/** Their group, for the struct target at `member` of a command's settings. */
#define TARGET_GROUP(settings, member, required)                                     \
	{                                                                            \
		"Slice", target_options, TARGET_OPTIONS, offsetof(settings, member), \
			offsetof(settings, member.given), required                   \
	}

/** `engine` options fill a struct sw_engine and its `given` bits. */
extern const struct option engine_options[];
enum { ENGINE_OPTIONS = 12 };

/** The option group of the engine of the struct target at `member` of a command's settings. */
#define ENGINE_GROUP(settings, member)                                                       \
	{                                                                                    \
		"Engine", engine_options, ENGINE_OPTIONS, offsetof(settings, member.engine), \
			offsetof(settings, member.engine.given), 0                           \
	}

/** Look up GPU and model and fill in the engine's own defaults. SW_USAGE: --share against --mechanism. */
enum sw_status target_resolve(const sw_catalog *catalog, struct target *target,
			      struct sw_error *err);

/** {"name": "vllm", ..., "defaults": ["max_num_seqs", ...]}: every setting, and which ones the user did not give. */
json_t *engine_json(const struct sw_engine *engine);

/** The settings that were given, or those that were not, in words: "max_num_seqs 256, cuda_graphs on". free(). */
char *engine_words(const struct sw_engine *engine, bool given);

/** `title` and the words, on as many lines as they need. */
void engine_print(const char *title, const struct sw_engine *engine, bool given, FILE *out);

#endif

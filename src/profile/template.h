/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file template.h
 * Texts with {words} that stand for something else: commands and environments of what a campaign launches.
 */
#ifndef SLICEWISE_PROFILE_TEMPLATE_H
#define SLICEWISE_PROFILE_TEMPLATE_H

#include "profile/campaign.h"

/** Words of every template, whatever the campaign. NULL-terminated. */
extern const char *const sw__template_words[];

/** What the words of one engine stand for. */
struct sw__template {
	const struct sw__pairs *own; /* a model's variables; they come first */
	struct sw__pairs words;
};

/**
 * The words of tenant number `index` of a mix: {name} {model} {port} {share} {share_percent} {memory_gib} {memory_mib}
 * {max_model_len} {max_num_seqs} {max_num_batched_tokens} {gpu_memory_utilization} {index}. What is not known (the memory on a
 * host) is no word. SW_NO_MEMORY. Release it with sw__template_free().
 */
enum sw_status sw__template_make(const struct sw_mix *mix, size_t index,
				 const struct sw__campaign_model *model, unsigned port,
				 struct sw__template *out, struct sw_error *err);
void sw__template_free(struct sw__template *words);

/**
 * `text` with every {word} replaced; {{ and }} stand for braces. SW_OK: *out is the caller's, free(). SW_BAD_INPUT: a word that
 * is none, or a brace alone.
 */
enum sw_status sw__template_expand(const struct sw__template *words, const char *text, char **out,
				   struct sw_error *err);

/** Whether every {word} of `text` is one of sw__template_words or of `own`; SW_BAD_INPUT names the first that is not. */
enum sw_status sw__template_check(const struct sw__pairs *own, const char *text,
				  struct sw_error *err);

/** A command's words or an environment's entries, expanded: NULL-terminated lists, of NAME=value for environments. */
enum sw_status sw__template_command(const struct sw__template *words,
				    const struct sw__words *command, char ***out,
				    struct sw_error *err);

/** This process's environment with what `pairs` say: set, or left out where the value is NULL. */
enum sw_status sw__template_environment(const struct sw__template *words,
					const struct sw__pairs *pairs, char ***out,
					struct sw_error *err);

/** Free such a list; NULL is fine. */
void sw__list_free(char **list);

#endif

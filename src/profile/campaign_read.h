/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file campaign_read.h
 * The parts of a campaign file: readers for tables of fields (SW_FIELD_CALL) and what they have in common. The context of
 * every reader is a struct sw__source.
 */
#ifndef SLICEWISE_PROFILE_CAMPAIGN_READ_H
#define SLICEWISE_PROFILE_CAMPAIGN_READ_H

#include "formats/document.h"
#include "predict/tenant_read.h"
#include "profile/campaign.h"

#define SW__FIELDS(fields) (sizeof(fields) / sizeof((fields)[0]))

/** Texts, each a new string: into char *, struct sw__words, struct sw__pairs. */
enum sw_status sw__read_text(const struct sw_node *node, void *text, void *source,
			     struct sw_error *err);
enum sw_status sw__read_words(const struct sw_node *node, void *words, void *source,
			      struct sw_error *err);
enum sw_status sw__read_pairs(const struct sw_node *node, void *pairs, void *source,
			      struct sw_error *err);

/** A list of numbers or one: 1 to SW__LEVELS_MAX of them, each in (0, max], all different. `unit` is for messages. */
enum sw_status sw__read_levels(const struct sw_node *node, double max, const char *unit,
			       double *out, size_t *n, struct sw_error *err);

/** [FIRST, LAST], into unsigned[2]. */
enum sw_status sw__read_token_ids(const struct sw_node *node, void *ids, void *source,
				  struct sw_error *err);

/** `alone` and `together`: into struct sw__alone, struct sw__together. */
enum sw_status sw__read_alone(const struct sw_node *node, void *alone, void *source,
			      struct sw_error *err);
enum sw_status sw__read_together(const struct sw_node *node, void *together, void *source,
				 struct sw_error *err);

/** The sections of the backends and of metrics, each into its structure. */
enum sw_status sw__read_simulator(const struct sw_node *node, void *simulator, void *source,
				  struct sw_error *err);
enum sw_status sw__read_endpoints(const struct sw_node *node, void *endpoints, void *source,
				  struct sw_error *err);
enum sw_status sw__read_processes(const struct sw_node *node, void *processes, void *source,
				  struct sw_error *err);
enum sw_status sw__read_replay(const struct sw_node *node, void *replay, void *source,
			       struct sw_error *err);
enum sw_status sw__read_metrics(const struct sw_node *node, void *metrics, void *source,
				struct sw_error *err);

/** What `models` of the file need of the rest: defaults. */
struct sw__model_defaults {
	struct sw_engine engine;
	struct sw_length prompt_tokens, output_tokens; /* mean 0: none */
	unsigned token_ids[2]; /* first and last */
};

/** The list of models into the campaign, whose gpu and mechanism are known. */
enum sw_status sw__read_models(const struct sw_node *list,
			       const struct sw__model_defaults *defaults, struct sw__source *source,
			       sw_campaign *campaign, struct sw_error *err);

/**
 * The file's keys and values as one line of JSON, keys sorted, without those of the root that are in `without`: two files that
 * say the same have the same text. free() it.
 */
enum sw_status sw__conditions_text(const struct sw_node *root, const char *const *without,
				   char **out, struct sw_error *err);

#endif

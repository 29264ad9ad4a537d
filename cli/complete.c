// SPDX-License-Identifier: Apache-2.0
/* What a shell may offer for the word being typed: commands, options, and the values of an option. */
#include <string.h>

#include "dataset_verbs.h"
#include "help.h"

static void offer(const char *candidate, const char *typed, FILE *out)
{
	if (strncmp(candidate, typed, strlen(typed)) == 0)
		(void)fprintf(out, "%s\n", candidate);
}

static void offer_ids(const sw_catalog *catalog, size_t n,
		      const char *(*id)(const sw_catalog *, size_t), const char *typed, FILE *out)
{
	for (size_t i = 0; i < n; i++)
		offer(id(catalog, i), typed, out);
}

static void offer_values(const sw_catalog *catalog, const struct option *option, const char *typed,
			 FILE *out)
{
	const char *const *choices = option_choices(option);

	if (option->kind == OPTION_GPU)
		offer_ids(catalog, sw_catalog_gpu_count(catalog), sw_catalog_gpu_id, typed, out);
	else if (option->kind == OPTION_MODEL)
		offer_ids(catalog, sw_catalog_model_count(catalog), sw_catalog_model_id, typed,
			  out);
	for (size_t i = 0; choices && choices[i]; i++)
		offer(choices[i], typed, out);
}

static void offer_options(const struct option_set *set, const char *typed, FILE *out)
{
	for (size_t g = 0; g < set->n_groups; g++) {
		for (size_t i = 0; i < set->groups[g].n; i++) {
			char word[64];

			(void)snprintf(word, sizeof(word), "--%s", set->groups[g].options[i].name);
			offer(word, typed, out);
		}
	}
}

/* Its verbs first; behind query and the file, the queries. */
static void offer_dataset(char *const *words, size_t n, const char *typed, FILE *out)
{
	for (size_t i = 0; n == 2 && dataset_verbs[i]; i++)
		offer(dataset_verbs[i], typed, out);
	for (size_t i = 0; n == 4 && strcmp(words[1], "query") == 0 && sw_dataset_query_at(i); i++)
		offer(sw_dataset_query_at(i)->name, typed, out);
}

void complete(const sw_catalog *catalog, char *const *words, size_t n, FILE *out)
{
	const char *typed = n ? words[n - 1] : "";
	const struct command *command = n > 1 ? command_find(words[0]) : NULL;
	const struct option *option = NULL;

	if (n <= 1) {
		for (size_t i = 0; commands[i]; i++)
			offer(commands[i]->name, typed, out);
		return;
	}
	if (!command)
		return;
	if (strncmp(words[n - 2], "--", 2) == 0)
		option = options_find(command->options, words[n - 2] + 2);
	if (option && option->kind != OPTION_FLAG)
		offer_values(catalog, option, typed, out);
	else if (*typed == '-')
		offer_options(command->options, typed, out);
	else if (command == &command_dataset)
		offer_dataset(words, n, typed, out);
	else if (command == &command_catalog) {
		offer_ids(catalog, sw_catalog_gpu_count(catalog), sw_catalog_gpu_id, typed, out);
		offer_ids(catalog, sw_catalog_model_count(catalog), sw_catalog_model_id, typed,
			  out);
	}
}

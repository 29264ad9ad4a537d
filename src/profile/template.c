// SPDX-License-Identifier: Apache-2.0
#include "profile/template.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

#define MIB_PER_GIB 1024.0

const char *const sw__template_words[] = {
	"name",
	"model",
	"port",
	"share",
	"share_percent",
	"memory_gib",
	"memory_mib",
	"max_model_len",
	"max_num_seqs",
	"max_num_batched_tokens",
	"gpu_memory_utilization",
	"index",
	NULL,
};

static bool add(struct sw__pairs *pairs, const char *name, const char *format, ...)
	SW__PRINTF(3, 4);

static bool add(struct sw__pairs *pairs, const char *name, const char *format, ...)
{
	struct sw_text value = {0};
	struct sw__pair *more = realloc(pairs->pair, (pairs->n + 1) * sizeof(*more));
	va_list args;

	if (!more)
		return false;
	pairs->pair = more;
	va_start(args, format);
	sw_text_vaddf(&value, format, args);
	va_end(args);
	more[pairs->n] = (struct sw__pair){strdup(name), value.data};
	pairs->n++;
	return more[pairs->n - 1].name && sw_text_ok(&value) && value.data;
}

/* What the engine may see of the memory; NAN on a host that was told nothing. */
static double memory_gib(const struct sw_mix *mix, const struct sw_tenant *t)
{
	return sw_known(t->slice.memory_gib) ? t->slice.memory_gib : sw_gpu_visible_gib(&mix->gpu);
}

static bool fill(const struct sw_mix *mix, size_t index, const struct sw__campaign_model *model,
		 unsigned port, struct sw__pairs *w)
{
	const struct sw_tenant *t = &mix->tenants[index];
	const struct sw_engine *e = &t->engine;
	double gib = memory_gib(mix, t);
	bool ok = add(w, "name", "%s", t->name) && add(w, "model", "%s", model->model_text) &&
		  add(w, "port", "%u", port) && add(w, "index", "%zu", index) &&
		  add(w, "share", "%.6g", t->slice.share) &&
		  add(w, "share_percent", "%.6g", 100 * t->slice.share) &&
		  add(w, "max_model_len", "%u", e->max_model_len) &&
		  add(w, "max_num_seqs", "%u", e->max_num_seqs) &&
		  add(w, "max_num_batched_tokens", "%u", e->max_num_batched_tokens) &&
		  add(w, "gpu_memory_utilization", "%.6g", e->gpu_memory_utilization);

	if (ok && sw_known(gib))
		ok = add(w, "memory_gib", "%.6g", gib) &&
		     add(w, "memory_mib", "%.0f", gib * MIB_PER_GIB);
	return ok;
}

enum sw_status sw__template_make(const struct sw_mix *mix, size_t index,
				 const struct sw__campaign_model *model, unsigned port,
				 struct sw__template *out, struct sw_error *err)
{
	*out = (struct sw__template){.own = &model->variables};
	if (fill(mix, index, model, port, &out->words))
		return SW_OK;
	sw__template_free(out);
	return sw_fail(err, SW_NO_MEMORY, "a command: out of memory");
}

void sw__template_free(struct sw__template *words)
{
	sw__pairs_free(&words->words);
}

static const char *look_up(const struct sw__pairs *pairs, const char *word, size_t size)
{
	for (size_t i = 0; pairs && i < pairs->n; i++) {
		const char *name = pairs->pair[i].name;

		if (strlen(name) == size && strncmp(name, word, size) == 0)
			return pairs->pair[i].value ? pairs->pair[i].value : "";
	}
	return NULL;
}

static bool is_word(const char *word, size_t size)
{
	for (const char *const *w = sw__template_words; *w; w++) {
		if (strlen(*w) == size && strncmp(*w, word, size) == 0)
			return true;
	}
	return false;
}

/* Where `words` is NULL, words are looked at only. */
static enum sw_status put_word(const struct sw__template *words, const struct sw__pairs *own,
			       const char *word, size_t size, struct sw_text *out,
			       struct sw_error *err)
{
	const char *value = look_up(own, word, size);

	if (!value && words)
		value = look_up(&words->words, word, size);
	if (value)
		sw_text_puts(out, value);
	else if (!is_word(word, size))
		return sw_fail(err, SW_BAD_INPUT,
			       "{%.*s}: no such word; docs/formats/campaign.md lists them",
			       (int)size, word);
	else if (words)
		return sw_fail(err, SW_BAD_INPUT, "{%.*s}: not known here; give memory_gib",
			       (int)size, word);
	return SW_OK;
}

static enum sw_status expand(const struct sw__template *words, const struct sw__pairs *own,
			     const char *text, struct sw_text *out, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	while (st == SW_OK && *text) {
		size_t plain = strcspn(text, "{}"), word;

		sw_text_add(out, text, plain);
		text += plain;
		if (!*text)
			break;
		if (text[1] == text[0]) {
			sw_text_add(out, text, 1);
			text += 2;
			continue;
		}
		word = strcspn(text + 1, "{}");
		if (*text == '}' || text[word + 1] != '}')
			return sw_fail(err, SW_BAD_INPUT,
				       "a brace alone; {{ and }} stand for braces");
		st = put_word(words, own, text + 1, word, out, err);
		text += word + 2;
	}
	return st;
}

enum sw_status sw__template_expand(const struct sw__template *words, const char *text, char **out,
				   struct sw_error *err)
{
	struct sw_text into = {0};
	enum sw_status st = expand(words, words->own, text, &into, err);

	*out = NULL;
	sw_text_puts(&into, "");
	if (st == SW_OK && !sw_text_ok(&into))
		st = sw_fail(err, SW_NO_MEMORY, "a command: out of memory");
	if (st != SW_OK) {
		sw_text_free(&into);
		return st;
	}
	*out = into.data ? into.data : strdup("");
	return *out ? SW_OK : sw_fail(err, SW_NO_MEMORY, "a command: out of memory");
}

enum sw_status sw__template_check(const struct sw__pairs *own, const char *text,
				  struct sw_error *err)
{
	struct sw_text none = {0};
	enum sw_status st = expand(NULL, own, text, &none, err);

	sw_text_free(&none);
	return st;
}

void sw__list_free(char **list)
{
	for (char **at = list; at && *at; at++)
		free(*at);
	free((void *)list);
}

enum sw_status sw__template_command(const struct sw__template *words,
				    const struct sw__words *command, char ***out,
				    struct sw_error *err)
{
	char **list = calloc(command->n + 1, sizeof(*list));
	enum sw_status st = list ? SW_OK : sw_fail(err, SW_NO_MEMORY, "a command: out of memory");

	*out = NULL;
	for (size_t i = 0; st == SW_OK && i < command->n; i++)
		st = sw__template_expand(words, command->word[i], &list[i], err);
	if (st == SW_OK)
		*out = list;
	else
		sw__list_free(list);
	return st;
}

static bool names(const char *entry, const char *name)
{
	size_t size = strlen(name);

	return strncmp(entry, name, size) == 0 && entry[size] == '=';
}

static bool overruled(const char *entry, const struct sw__pairs *pairs)
{
	for (size_t i = 0; i < pairs->n; i++) {
		if (names(entry, pairs->pair[i].name))
			return true;
	}
	return false;
}

static enum sw_status add_entry(const struct sw__template *words, const struct sw__pair *pair,
				char **out, struct sw_error *err)
{
	struct sw_text entry = {0};
	char *value;
	enum sw_status st = sw__template_expand(words, pair->value, &value, err);

	if (st != SW_OK)
		return st;
	sw_text_addf(&entry, "%s=%s", pair->name, value);
	free(value);
	*out = entry.data;
	return sw_text_ok(&entry) ? SW_OK : sw_fail(err, SW_NO_MEMORY, "an environment");
}

enum sw_status sw__template_environment(const struct sw__template *words,
					const struct sw__pairs *pairs, char ***out,
					struct sw_error *err)
{
	size_t n = 0, used = 0;
	char **list;
	enum sw_status st = SW_OK;

	*out = NULL;
	while (environ[n])
		n++;
	list = calloc(n + pairs->n + 1, sizeof(*list));
	if (!list)
		return sw_fail(err, SW_NO_MEMORY, "an environment");
	for (size_t i = 0; st == SW_OK && i < n; i++) {
		if (overruled(environ[i], pairs))
			continue;
		list[used] = strdup(environ[i]);
		if (!list[used++])
			st = sw_fail(err, SW_NO_MEMORY, "an environment");
	}
	for (size_t i = 0; st == SW_OK && i < pairs->n; i++) {
		if (pairs->pair[i].value)
			st = add_entry(words, &pairs->pair[i], &list[used++], err);
	}
	if (st == SW_OK)
		*out = list;
	else
		sw__list_free(list);
	return st;
}

// SPDX-License-Identifier: Apache-2.0
#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "must.h"
#include "report.h"
#include "slicewise/slicewise.h"

static const char *const on_off[] = {"off", "on", NULL};

static bool takes_argument(const struct option *option)
{
	return option->kind != OPTION_FLAG;
}

const char *const *option_choices(const struct option *option)
{
	return option->kind == OPTION_SWITCH ? on_off : option->choices;
}

char *option_argument(const struct option *option)
{
	const char *const *choices = option_choices(option);
	char *text;

	if (option->argument || !choices)
		return must_format("%s", option->argument ? option->argument : "");
	text = must_format("%s", choices[0]);
	for (size_t i = 1; choices[i]; i++) {
		char *longer = must_format("%s|%s", text, choices[i]);

		free(text);
		text = longer;
	}
	return text;
}

/* Where an option stands: the option and the group it is in. */
struct place {
	const struct option_group *group;
	const struct option *option;
};

static struct place find(const struct option_set *set, const char *name, size_t size, char letter)
{
	for (size_t g = 0; g < set->n_groups; g++) {
		const struct option_group *group = &set->groups[g];

		for (size_t i = 0; i < group->n; i++) {
			const struct option *option = &group->options[i];
			bool same = letter ? option->letter == letter
					   : strlen(option->name) == size &&
						     memcmp(option->name, name, size) == 0;

			if (same)
				return (struct place){group, option};
		}
	}
	return (struct place){NULL, NULL};
}

const struct option *options_find(const struct option_set *set, const char *name)
{
	return find(set, name, strlen(name), '\0').option;
}

static enum sw_status unknown_option(const struct option_set *set, const char *word,
				     struct sw_error *err)
{
	const char *names[64];
	const char *nearest;
	size_t n = 0;

	for (size_t g = 0; g < set->n_groups; g++)
		for (size_t i = 0; i < set->groups[g].n && n < 64; i++)
			names[n++] = set->groups[g].options[i].name;
	nearest = strncmp(word, "--", 2) == 0 ? sw_nearest(word + 2, names, n) : NULL;
	if (nearest)
		return fail(err, SW_USAGE, "unknown option %s; did you mean --%s?", word, nearest);
	return fail(err, SW_USAGE, "unknown option %s", word);
}

static bool parse_double(const char *text, double *out)
{
	char *end;

	/* strtod() would also take " 1", "0x1p3", "nan" and "inf". */
	if (text[strspn(text, "0123456789+-.eE")] != '\0' || !*text)
		return false;
	errno = 0;
	*out = strtod(text, &end);
	return *end == '\0' && isfinite(*out);
}

static enum sw_status refuse_number(const struct option *option, const char *value,
				    struct sw_error *err)
{
	const char *what = option->kind == OPTION_COUNT ? "a whole number" : "a number";
	char range[96];

	if (option->above_min)
		(void)snprintf(range, sizeof(range), "above %g", option->min);
	else
		(void)snprintf(range, sizeof(range), "from %g", option->min);
	if (isfinite(option->max))
		return fail(err, SW_USAGE, "--%s: found %s, expected %s %s %s %.15g", option->name,
			    value, what, range, option->above_min ? "and at most" : "to",
			    option->max);
	return fail(err, SW_USAGE, "--%s: found %s, expected %s %s", option->name, value, what,
		    range);
}

static enum sw_status set_number(const struct option *option, const char *value, void *member,
				 struct sw_error *err)
{
	double x;

	if (!parse_double(value, &x) || x > option->max ||
	    (option->above_min ? x <= option->min : x < option->min))
		return refuse_number(option, value, err);
	if (option->kind == OPTION_NUMBER) {
		memcpy(member, &x, sizeof(x));
	} else {
		unsigned count = (unsigned)x;

		if (x != floor(x))
			return refuse_number(option, value, err);
		memcpy(member, &count, sizeof(count));
	}
	return SW_OK;
}

static enum sw_status set_choice(const struct option *option, const char *value, void *member,
				 struct sw_error *err)
{
	const char *const *choices = option_choices(option);
	enum sw_status st;
	char *expected;

	for (int i = 0; choices[i]; i++) {
		if (strcmp(choices[i], value) != 0)
			continue;
		if (option->kind == OPTION_SWITCH)
			*(bool *)member = i == 1;
		else
			memcpy(member, &i, sizeof(i));
		return SW_OK;
	}
	expected = option_argument(option);
	st = fail(err, SW_USAGE, "--%s: found %s, expected %s", option->name, value, expected);
	free(expected);
	return st;
}

static enum sw_status set_option(struct place place, const char *value, void *settings,
				 struct sw_error *err)
{
	const struct option *option = place.option;
	void *member = (char *)settings + place.group->offset + option->offset;
	enum sw_status st = SW_OK;

	if (option->kind == OPTION_FLAG)
		*(bool *)member = true;
	else if (option->kind == OPTION_NUMBER || option->kind == OPTION_COUNT)
		st = set_number(option, value, member, err);
	else if (option->kind == OPTION_CHOICE || option->kind == OPTION_SWITCH)
		st = set_choice(option, value, member, err);
	else if (!*value)
		st = fail(err, SW_USAGE, "--%s: found an empty argument", option->name);
	else
		memcpy(member, &value, sizeof(value));
	if (st == SW_OK && place.group->given != NO_MASK)
		*(unsigned *)((char *)settings + place.group->given) |= option->given;
	return st;
}

/* The argument after '=' or behind a letter, else the next word; NULL where there is none. */
static const char *argument_of(const char *attached, int argc, char **argv, int *i)
{
	if (attached)
		return attached;
	return *i + 1 < argc ? argv[++*i] : NULL;
}

static enum sw_status parse_option(const struct option_set *set, int argc, char **argv, int *i,
				   void *settings, struct sw_error *err)
{
	const char *word = argv[*i];
	bool is_long = word[1] == '-';
	const char *equals = is_long ? strchr(word, '=') : NULL;
	const char *attached = equals ? equals + 1 : !is_long && word[2] ? word + 2 : NULL;
	size_t size = equals ? (size_t)(equals - word) - 2 : strlen(word) - (is_long ? 2 : 1);
	struct place place = find(set, word + 2, size, is_long ? '\0' : word[1]);
	const char *value = NULL;

	if (!place.option)
		return unknown_option(set, word, err);
	if (!takes_argument(place.option) && attached)
		return fail(err, SW_USAGE, "--%s takes no argument", place.option->name);
	if (takes_argument(place.option)) {
		value = argument_of(attached, argc, argv, i);
		if (!value)
			return fail(err, SW_USAGE, "--%s needs an argument", place.option->name);
	}
	return set_option(place, value, settings, err);
}

enum sw_status options_parse(const struct option_set *set, int argc, char **argv, void *settings,
			     size_t *n_operands, struct sw_error *err)
{
	enum sw_status st = SW_OK;
	bool only_operands = false;

	*n_operands = 0;
	for (int i = 0; i < argc && st == SW_OK; i++) {
		if (!only_operands && strcmp(argv[i], "--") == 0)
			only_operands = true;
		else if (only_operands || argv[i][0] != '-' || !argv[i][1])
			argv[(*n_operands)++] = argv[i];
		else
			st = parse_option(set, argc, argv, &i, settings, err);
	}
	return st;
}

bool option_required(const struct option_group *group, const struct option *option)
{
	return group->required & option->given;
}

static bool is_missing(const struct option_group *group, const struct option *option,
		       const void *settings)
{
	const unsigned *given = (const unsigned *)((const char *)settings + group->given);

	return option_required(group, option) && !(*given & option->given);
}

enum sw_status options_check(const struct option_set *set, const void *settings, size_t n_operands,
			     char *const *operands, struct sw_error *err)
{
	for (size_t g = 0; g < set->n_groups; g++) {
		for (size_t i = 0; i < set->groups[g].n; i++) {
			const struct option *option = &set->groups[g].options[i];

			if (is_missing(&set->groups[g], option, settings))
				return fail(err, SW_USAGE, "--%s is missing", option->name);
		}
	}
	if (n_operands < set->operands_min)
		return fail(err, SW_USAGE, "%s is missing", set->operands);
	if (n_operands > set->operands_max)
		return fail(err, SW_USAGE, "unexpected argument %s", operands[set->operands_max]);
	return SW_OK;
}

// SPDX-License-Identifier: Apache-2.0
#include "profile/run_series.h"

#include <stdlib.h>
#include <string.h>

/* Where a text is or belongs. */
static size_t place_of(const struct sw__run_series *s, const char *text)
{
	size_t low = 0, high = s->n_texts;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(s->text[middle], text) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool texts_grow(struct sw__run_series *s)
{
	size_t room = s->texts_room ? 2 * s->texts_room : 64;
	char **more;

	if (s->n_texts < s->texts_room)
		return true;
	more = realloc((void *)s->text, room * sizeof(*more));
	if (!more)
		return false;
	s->text = more;
	s->texts_room = room;
	return true;
}

/* The text, kept once; NULL without memory. */
static const char *keep(struct sw__run_series *s, const char *text)
{
	size_t at = place_of(s, text);
	char *copy;

	if (at < s->n_texts && strcmp(s->text[at], text) == 0)
		return s->text[at];
	if (!texts_grow(s))
		return NULL;
	copy = strdup(text);
	if (!copy)
		return NULL;
	memmove((void *)(s->text + at + 1), (const void *)(s->text + at),
		(s->n_texts - at) * sizeof(*s->text));
	s->text[at] = copy;
	s->n_texts++;
	return copy;
}

static bool samples_grow(struct sw__run_series *s)
{
	size_t room = s->room ? 2 * s->room : 256;
	struct sw_run_sample *more;

	if (s->n < s->room)
		return true;
	if (s->n >= SW__SERIES_MAX)
		return false;
	more = realloc(s->sample, room * sizeof(*more));
	if (!more)
		return false;
	s->sample = more;
	s->room = room;
	return true;
}

void sw__series_add(struct sw__run_series *s, double time_s, const char *source, const char *entity,
		    const char *metric, double value)
{
	struct sw_run_sample sample = {.time_s = time_s, .value = value};

	if (!sw_known(value))
		return;
	sample.source = keep(s, source);
	sample.entity = keep(s, entity);
	sample.metric = keep(s, metric);
	if (!sample.source || !sample.entity || !sample.metric || !samples_grow(s)) {
		s->cut = true;
		return;
	}
	s->sample[s->n++] = sample;
}

static bool is_of(const struct sw_run_sample *x, const char *source, const char *entity,
		  const char *metric, double from_s, double to_s)
{
	return x->time_s >= from_s && x->time_s < to_s && strcmp(x->metric, metric) == 0 &&
	       strcmp(x->entity, entity) == 0 && strcmp(x->source, source) == 0;
}

double sw__series_mean(const struct sw__run_series *s, const char *source, const char *entity,
		       const char *metric, double from_s, double to_s)
{
	double sum = 0;
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		if (!is_of(&s->sample[i], source, entity, metric, from_s, to_s))
			continue;
		sum += s->sample[i].value;
		n++;
	}
	return n ? sum / (double)n : NAN;
}

double sw__series_growth(const struct sw__run_series *s, const char *source, const char *entity,
			 const char *metric, double from_s, double to_s)
{
	double first = NAN, last = NAN;
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		if (!is_of(&s->sample[i], source, entity, metric, from_s, to_s))
			continue;
		if (n++ == 0)
			first = s->sample[i].value;
		last = s->sample[i].value;
	}
	return n >= 2 ? last - first : NAN;
}

void sw__series_free(struct sw__run_series *s)
{
	for (size_t i = 0; i < s->n_texts; i++)
		free(s->text[i]);
	free((void *)s->text);
	free(s->sample);
	*s = (struct sw__run_series){0};
}

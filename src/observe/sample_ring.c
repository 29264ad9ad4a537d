// SPDX-License-Identifier: Apache-2.0
#include "observe/sample_ring.h"

#include <stdlib.h>
#include <string.h>

enum sw_status sw__ring_init(struct sw__ring *ring, size_t capacity, size_t per_sample,
			     struct sw_error *err)
{
	*ring = (struct sw__ring){.capacity = capacity, .per_sample = per_sample};
	ring->samples = calloc(capacity, sizeof(*ring->samples));
	/* One more, because calloc(0) may be NULL. */
	ring->processes = calloc(capacity * per_sample + 1, sizeof(*ring->processes));
	if (ring->samples && ring->processes)
		return SW_OK;
	sw__ring_clear(ring);
	return sw_fail(err, SW_NO_MEMORY, "%zu samples with %zu processes each", capacity,
		       per_sample);
}

void sw__ring_clear(struct sw__ring *ring)
{
	free(ring->samples);
	free(ring->processes);
	*ring = (struct sw__ring){0};
}

void sw__ring_push(struct sw__ring *ring, const struct sw_device_sample *sample,
		   const struct sw_device_process *processes)
{
	struct sw_device_sample *slot = &ring->samples[ring->next];

	*slot = *sample;
	slot->first_process = ring->next * ring->per_sample;
	if (slot->n_processes)
		memcpy(ring->processes + slot->first_process, processes,
		       slot->n_processes * sizeof(*processes));
	ring->next = (ring->next + 1) % ring->capacity;
	if (ring->n < ring->capacity)
		ring->n++;
	else
		ring->overwritten++;
}

/* The i-th oldest sample. */
static const struct sw_device_sample *sample_at(const struct sw__ring *ring, size_t i)
{
	return &ring->samples[(ring->next + ring->capacity - ring->n + i) % ring->capacity];
}

/* Times never fall, so a window is one stretch. */
static size_t first_from(const struct sw__ring *ring, double time_s)
{
	size_t low = 0, high = ring->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (sample_at(ring, middle)->time_s < time_s)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct sw_series *series_new(size_t n, size_t n_processes)
{
	struct sw_series *series = calloc(1, sizeof(*series));

	if (!series)
		return NULL;
	series->samples = calloc(n + 1, sizeof(*series->samples));
	series->processes = calloc(n_processes + 1, sizeof(*series->processes));
	if (series->samples && series->processes)
		return series;
	sw_series_free(series);
	return NULL;
}

static void series_add(struct sw_series *series, const struct sw__ring *ring,
		       const struct sw_device_sample *from)
{
	struct sw_device_sample *to = &series->samples[series->n++];

	*to = *from;
	to->first_process = series->n_processes;
	memcpy(series->processes + to->first_process, ring->processes + from->first_process,
	       from->n_processes * sizeof(*ring->processes));
	series->n_processes += from->n_processes;
}

enum sw_status sw__ring_copy(const struct sw__ring *ring, double from_s, double to_s,
			     struct sw_series **out, struct sw_error *err)
{
	size_t first = first_from(ring, from_s), end = first_from(ring, to_s), processes = 0;
	size_t n = end > first ? end - first : 0;
	struct sw_series *series;

	for (size_t i = first; i < end; i++)
		processes += sample_at(ring, i)->n_processes;
	*out = series = series_new(n, processes);
	if (!series)
		return sw_fail(err, SW_NO_MEMORY, "a copy of %zu samples", n);
	for (size_t i = first; i < end; i++)
		series_add(series, ring, sample_at(ring, i));
	series->overwritten = ring->overwritten;
	return SW_OK;
}

void sw_series_free(struct sw_series *series)
{
	if (!series)
		return;
	free(series->samples);
	free(series->processes);
	free(series);
}

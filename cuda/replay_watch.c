// SPDX-License-Identifier: Apache-2.0
#include "replay_watch.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/file.h"

/* More than this are not named one by one. */
enum { NAMED_MAX = 16 };

struct replay_watch {
	sw_nvml *nvml;
	struct sw_device device;
	sw_sampler *sampler;
};

static enum sw_status find_as(struct replay_watch *w, const char *kind, const char *uuid,
			      struct sw_error *err)
{
	char name[96];

	(void)snprintf(name, sizeof(name), "%s-%s", kind, uuid);
	return sw_nvml_device(w->nvml, name, &w->device, err);
}

/* CUDA says the bytes of a UUID and not whose they are: a GPU's, or under MIG those of a slice of one. */
static enum sw_status find(struct replay_watch *w, const char *uuid, struct sw_error *err)
{
	enum sw_status st = find_as(w, "GPU", uuid, err);

	return st != SW_OK && find_as(w, "MIG", uuid, NULL) == SW_OK ? SW_OK : st;
}

enum sw_status replay_watch_open(const char *nvml, const char *uuid, replay_watch **out,
				 struct sw_error *err)
{
	replay_watch *w = calloc(1, sizeof(*w));
	enum sw_status st;

	*out = NULL;
	if (!w)
		return sw_fail(err, SW_NO_MEMORY, "a watch");
	st = sw_nvml_open(nvml, &w->nvml, err);
	if (st == SW_OK)
		st = find(w, uuid, err);
	if (st == SW_OK)
		st = sw_sampler_start(&w->device, NULL, &w->sampler, err);
	if (st == SW_OK)
		*out = w;
	else
		replay_watch_free(w);
	return st;
}

void replay_watch_free(replay_watch *watch)
{
	if (!watch)
		return;
	sw_sampler_free(watch->sampler);
	sw_nvml_close(watch->nvml);
	free(watch);
}

static enum sw_status others_on(const struct sw_device *device, char *sentence, size_t capacity,
				struct sw_error *err)
{
	struct sw_device_process found[NAMED_MAX];
	size_t n;
	enum sw_status st = sw_device_processes(device, found, NAMED_MAX, &n, err);

	sentence[0] = '\0';
	if (st == SW_OK)
		(void)sw_device_busy(found, n < NAMED_MAX ? n : NAMED_MAX, sentence, capacity);
	return st;
}

enum sw_status replay_watch_alone(const replay_watch *watch, struct sw_error *err)
{
	char sentence[900];
	enum sw_status st =
		watch ? others_on(&watch->device, sentence, sizeof(sentence), err) : SW_OK;

	if (!watch || st != SW_OK)
		return st;
	return sentence[0] ? sw_fail(err, SW_BAD_INPUT, "%s", sentence) : SW_OK;
}

static void read_now(const struct sw_device *device, struct sw_device_window *out)
{
	struct sw_device_sample sample;
	struct sw_series now = {.n = 1, .samples = &sample};

	(void)sw_device_read(device, &sample, NULL);
	sample.time_s = 0;
	sw_series_window(&now, -INFINITY, INFINITY, out);
}

void replay_watch_window(const replay_watch *watch, double from_s, double to_s,
			 struct replay_gpu *out)
{
	struct sw_device_window window;
	struct sw_series *series;

	*out = (struct replay_gpu){from_s, to_s, NAN, NAN, NAN, 0};
	if (!watch || sw_sampler_series(watch->sampler, from_s, to_s, &series, NULL) != SW_OK)
		return;
	if (series->n > 0)
		sw_series_window(series, -INFINITY, INFINITY, &window);
	else
		read_now(&watch->device, &window);
	sw_series_free(series);
	out->sm_clock_mhz = window.sm_clock_mhz.mean;
	out->power_w = window.power_w.mean;
	out->throttled_fraction = window.held_back_fraction;
	out->clock_reasons = window.reasons;
}

static bool add(void *to, const char *bytes, size_t size)
{
	sw_text_add(to, bytes, size);
	return sw_text_ok(to);
}

typedef enum sw_status to_csv(const struct sw_series *series, sw_write write, void *to,
			      struct sw_error *err);

static enum sw_status write_csv(const struct sw_series *series, to_csv *csv, const char *path,
				struct sw_error *err)
{
	struct sw_text text = {0};
	enum sw_status st = path ? csv(series, add, &text, err) : SW_OK;

	if (path && st == SW_OK)
		st = sw_file_write(path, text.data, text.size, err);
	sw_text_free(&text);
	return st;
}

enum sw_status replay_watch_write(const replay_watch *watch, const char *samples,
				  const char *processes, struct sw_error *err)
{
	static const struct sw_series nothing;
	struct sw_series *series = NULL;
	enum sw_status st =
		watch ? sw_sampler_series(watch->sampler, -INFINITY, INFINITY, &series, err)
		      : SW_OK;

	if (st == SW_OK)
		st = write_csv(series ? series : &nothing, sw_series_csv, samples, err);
	if (st == SW_OK)
		st = write_csv(series ? series : &nothing, sw_series_process_csv, processes, err);
	sw_series_free(series);
	return st;
}

static json_t *describe(sw_nvml *nvml, unsigned index, struct sw_error *err)
{
	struct sw_device_identity identity;
	struct sw_device device;
	char which[16], sentence[900];
	enum sw_status st;

	(void)snprintf(which, sizeof(which), "%u", index);
	st = sw_nvml_device(nvml, which, &device, err);
	if (st == SW_OK)
		st = sw_device_identify(&device, &identity, err);
	if (st != SW_OK)
		return NULL;
	st = others_on(&device, sentence, sizeof(sentence), NULL);
	return json_pack("{s:s,s:s,s:s,s:s?}", "name", identity.name, "uuid", identity.uuid,
			 "driver", identity.driver, "busy", st == SW_OK ? sentence : NULL);
}

static enum sw_status describe_all(sw_nvml *nvml, json_t *list, struct sw_error *err)
{
	unsigned n;
	enum sw_status st = sw_nvml_count(nvml, &n, err);

	for (unsigned i = 0; i < n && st == SW_OK; i++) {
		json_t *gpu = describe(nvml, i, err);

		if (!gpu || json_array_append_new(list, gpu) != 0)
			st = gpu ? sw_fail(err, SW_NO_MEMORY, "a list of GPUs") : SW_IO;
	}
	return st;
}

enum sw_status replay_watch_list(const char *nvml, FILE *out, struct sw_error *err)
{
	json_t *list = json_array();
	sw_nvml *library = NULL;
	enum sw_status st = sw_nvml_open(nvml, &library, err);

	if (st == SW_OK)
		st = describe_all(library, list, err);
	if (st == SW_OK && (json_dumpf(list, out, JSON_INDENT(1)) != 0 || fputc('\n', out) < 0))
		st = sw_fail(err, SW_IO, "the list of GPUs cannot be written");
	json_decref(list);
	sw_nvml_close(library);
	return st;
}

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file replay_watch.h
 * What the GPU does while engines are measured on it, and who else is there: src/observe for slicewise-replay.
 *
 * Nobody needs a watch to measure: NULL is one that knows nothing.
 */
#ifndef SLICEWISE_CUDA_REPLAY_WATCH_H
#define SLICEWISE_CUDA_REPLAY_WATCH_H

#include <stdio.h>

#include "replay_report.h"
#include "slicewise/observe.h"

/* The exit status where others are on the GPU. */
enum { REPLAY_BUSY = 5 };

typedef struct replay_watch replay_watch;

/**
 * Watch the GPU of `uuid` (without "GPU-") from now on, ten times a second. `nvml` NULL: the driver's own library. Else than
 * SW_OK *out is NULL and err says why nothing is known.
 */
enum sw_status replay_watch_open(const char *nvml, const char *uuid, replay_watch **out,
				 struct sw_error *err);
void replay_watch_free(replay_watch *watch);

/**
 * SW_BAD_INPUT, and the sentence: others are on the GPU. SW_IO: that is not known. Ask before this process has a context on the
 * GPU: it would find itself, and in a container not know itself, for the driver counts processes as the host does.
 */
enum sw_status replay_watch_alone(const replay_watch *watch, struct sw_error *err);

/**
 * From from_s to to_s, seconds of CLOCK_MONOTONIC. What is shorter than the time between two samples and has none is read now:
 * the sample before it belongs to what ran before.
 */
void replay_watch_window(const replay_watch *watch, double from_s, double to_s,
			 struct replay_gpu *out);

/** Both files as the library's CSV, whole or not at all; NULL: not that one. Without a watch, no lines but the header. */
enum sw_status replay_watch_write(const replay_watch *watch, const char *samples,
				  const char *processes, struct sw_error *err);

/**
 * Every GPU that the driver shows, on `out`: [{"name", "uuid", "driver", "busy"}], busy being a sentence, "" where nobody is on
 * it, null where that is not known. SW_IO: no driver answers.
 */
enum sw_status replay_watch_list(const char *nvml, FILE *out, struct sw_error *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file collector.h
 * Metrics beside a run: Prometheus endpoints read by a thread of its own, and a GPU by NVML's sampler.
 */
#ifndef SLICEWISE_PROFILE_COLLECTOR_H
#define SLICEWISE_PROFILE_COLLECTOR_H

#include <stdint.h>
#include <sys/types.h>

#include "profile/campaign.h"
#include "profile/run_series.h"
#include "slicewise/observe.h"

/** Where metrics are read. Strings are borrowed until the collector is freed. */
struct sw__target {
	const char *source; /* "metrics", "hami", "dcgm" */
	const char *entity; /* of all its samples; NULL: as its labels say */
	const char *url; /* the whole of it */
};

/** A GPU to watch; device.ops NULL: none. */
struct sw__watched_gpu {
	sw_nvml *nvml;
	struct sw_device device;
	struct sw_device_identity identity;
};

/**
 * Find NVML and the device that a campaign names. Where it is not there and was not asked for, SW_OK and nothing is watched.
 */
enum sw_status sw__watch_open(const struct sw__metrics *metrics, struct sw__watched_gpu *out,
			      struct sw_error *err);
void sw__watch_close(struct sw__watched_gpu *watched);

typedef struct sw__collector sw__collector;

/** Begin to collect, now and every interval. `watched` is borrowed. SW_NO_MEMORY, SW_IO: no thread. */
enum sw_status sw__collector_start(const struct sw__target *targets, size_t n,
				   const struct sw__watched_gpu *watched, double interval_s,
				   sw__collector **out, struct sw_error *err);

/** A process of the GPU that is one of the engines. */
struct sw__known_process {
	pid_t pid;
	const char *entity;
};

/**
 * End, and give what was collected to `series`, its times counted from `origin_ns` (CLOCK_MONOTONIC). `collector` is released;
 * NULL is fine.
 */
void sw__collector_finish(sw__collector *collector, uint64_t origin_ns,
			  const struct sw__known_process *processes, size_t n_processes,
			  struct sw__run_series *series);

/** "URL/metrics" of an engine's endpoint, whether that ends in / or /v1 or not. free(); NULL without memory. */
char *sw__metrics_url(const char *endpoint);

/** One scrape's samples into `series`, at `time_s`; what no fit asks for (buckets, the server's own process) is left out. */
void sw__collect_text(char *text, const struct sw__target *target, double time_s,
		      struct sw__run_series *series);

#endif

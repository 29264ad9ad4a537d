// SPDX-License-Identifier: Apache-2.0
#include "emulate/region_keeper.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "emulate/region_share.h"
#include "sharing/hami_region.h"

/* Eight polls are the second over which NVML's figure is meant. */
enum { POLLS_PER_REPORT = 8, NS_PER_MS = 1000000, NS_PER_S = 1000000000 };

static const double BYTES_PER_GIB = 1073741824.0;

/* docs on engines' memory: a CUDA context takes about half a GiB; 0.3 to 0.9. */
static const double CONTEXT_GIB = 0.5;

struct kept {
	double share; /* last sent to the engine; NAN: none */
	double gpu_s, at_s; /* at the last report */
};

struct sw__region_keeper {
	struct sw__engine *engines;
	char *const *paths;
	size_t n;
	bool live;
	struct kept *kept;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t stop;
	bool stopping;
};

/* A file that cannot be read for once is as if nobody had changed it. */
static void obey(struct sw__region_keeper *keeper, size_t i)
{
	struct kept *kept = &keeper->kept[i];
	double share;

	if (sw__region_share(keeper->paths[i], &share, NULL) != SW_OK || share == kept->share)
		return;
	if (sw__engine_set_share(&keeper->engines[i], share))
		kept->share = share;
}

static double used_gib(const struct sw_tenant *tenant)
{
	double used = tenant->slice.memory_gib * tenant->engine.gpu_memory_utilization;

	return sw_known(used) ? used : 0;
}

static void report(struct sw__region_keeper *keeper, size_t i)
{
	struct sw__engine *engine = &keeper->engines[i];
	struct sw_sim_engine state = sw__engine_state(engine);
	struct kept *kept = &keeper->kept[i];
	double now_s = sw__pacer_now_s(engine->pacer), gib = used_gib(engine->tenant);
	double context_gib = fmin(CONTEXT_GIB, gib), ran_s = state.gpu_s - kept->gpu_s;
	double busy = ran_s / ((now_s - kept->at_s) * engine->speed);
	struct sw__hami_activity activity = {
		.pid = (int)getpid(),
		.context_bytes = (uint64_t)(context_gib * BYTES_PER_GIB),
		.data_bytes = (uint64_t)((gib - context_gib) * BYTES_PER_GIB),
		.sm_util_percent = (unsigned)round(100 * fmin(fmax(busy, 0), 1)),
		.last_kernel_time_s = ran_s > 0 ? (uint64_t)time(NULL) : 0,
	};

	(void)sw__hami_region_report(keeper->paths[i], &activity, NULL);
	kept->gpu_s = state.gpu_s;
	kept->at_s = now_s;
}

/* Under the lock. */
static void sleep_one_poll(struct sw__region_keeper *keeper)
{
	struct timespec deadline;

	(void)clock_gettime(CLOCK_REALTIME, &deadline);
	deadline.tv_nsec += (long)SW__REGION_POLL_MS * NS_PER_MS;
	if (deadline.tv_nsec >= NS_PER_S) {
		deadline.tv_sec++;
		deadline.tv_nsec -= NS_PER_S;
	}
	(void)pthread_cond_timedwait(&keeper->stop, &keeper->lock, &deadline);
}

static void look(struct sw__region_keeper *keeper, unsigned poll)
{
	for (size_t i = 0; i < keeper->n; i++) {
		if (keeper->live)
			obey(keeper, i);
		if (poll % POLLS_PER_REPORT == 0)
			report(keeper, i);
	}
}

static void *run(void *argument)
{
	struct sw__region_keeper *keeper = argument;

	(void)pthread_mutex_lock(&keeper->lock);
	for (unsigned poll = 0; !keeper->stopping; poll++) {
		(void)pthread_mutex_unlock(&keeper->lock);
		look(keeper, poll);
		(void)pthread_mutex_lock(&keeper->lock);
		if (!keeper->stopping)
			sleep_one_poll(keeper);
	}
	(void)pthread_mutex_unlock(&keeper->lock);
	return NULL;
}

static void release(struct sw__region_keeper *keeper)
{
	(void)pthread_cond_destroy(&keeper->stop);
	(void)pthread_mutex_destroy(&keeper->lock);
	free(keeper->kept);
	free(keeper);
}

enum sw_status sw__region_keeper_start(struct sw__engine *engines, char *const *paths, size_t n,
				       bool live, struct sw__region_keeper **out,
				       struct sw_error *err)
{
	struct sw__region_keeper *keeper = calloc(1, sizeof(*keeper));
	struct kept *kept = calloc(n, sizeof(*kept));

	*out = NULL;
	if (!keeper || !kept) {
		free(keeper);
		free(kept);
		return sw_fail(err, SW_NO_MEMORY, "regions");
	}
	*keeper = (struct sw__region_keeper){
		.engines = engines, .paths = paths, .n = n, .live = live, .kept = kept};
	for (size_t i = 0; i < n; i++)
		kept[i].share = sw__engine_state(&engines[i]).share;
	(void)pthread_mutex_init(&keeper->lock, NULL);
	(void)pthread_cond_init(&keeper->stop, NULL);
	if (pthread_create(&keeper->thread, NULL, run, keeper) != 0) {
		release(keeper);
		return sw_fail(err, SW_IO, "no thread for regions");
	}
	*out = keeper;
	return SW_OK;
}

void sw__region_keeper_stop(struct sw__region_keeper *keeper)
{
	if (!keeper)
		return;
	(void)pthread_mutex_lock(&keeper->lock);
	keeper->stopping = true;
	(void)pthread_cond_signal(&keeper->stop);
	(void)pthread_mutex_unlock(&keeper->lock);
	(void)pthread_join(keeper->thread, NULL);
	release(keeper);
}

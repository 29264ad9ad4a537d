/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file served_engine.h
 * One emulated engine: the requests it has in hand, what they are answered, and what is counted. Inside src/emulate only.
 *
 * Three kinds of threads meet here. The pacer's owns the requests in hand. The server's make requests, send what the pacer
 * pushed and read counts. `lock` guards what both look at; nobody answers a client while holding it.
 */
#ifndef SLICEWISE_EMULATE_SERVED_ENGINE_H
#define SLICEWISE_EMULATE_SERVED_ENGINE_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/queue.h>

#include "emulate/completion.h"
#include "emulate/completion_answer.h"
#include "emulate/pacer.h"
#include "emulate/vllm_metrics.h"
#include "formats/distribution.h"
#include "net/http_server.h"

struct sw__engine;

/** A request from its arrival to its last token. */
struct sw__call {
	struct sw__command command; /* first: it is submitted as one */
	LIST_ENTRY(sw__call) in_bucket;
	TAILQ_ENTRY(sw__call) in_queue; /* of those that no step has taken up */
	struct sw__engine *engine;
	sw__http_exchange *exchange; /* held */
	struct sw_sim_request request;
	struct sw__completion_answer answer;
	enum sw__vllm_finish finish;
	bool stream, started;
	uint32_t done; /* tokens */
	struct sw__vllm_times times; /* of the pacer's clock */
};

enum { SW__CALL_BUCKETS = 256 };

struct sw__engine {
	size_t index;
	const struct sw_tenant *tenant;
	const struct sw__gpu_ops *ops;
	sw_sim *sim;
	double speed;
	sw__pacer *pacer;
	char *model_json;
	struct sw__lengths natural; /* lengths of answers that end by themselves */
	uint64_t seed;
	double token_bounds[SW__TOKEN_BOUNDS_MAX];
	size_t n_token_bounds;
	atomic_uint_fast64_t last_id;

	/* Of the pacer's thread. */
	LIST_HEAD(sw__bucket, sw__call) buckets[SW__CALL_BUCKETS];
	TAILQ_HEAD(sw__queue, sw__call) queue;
	size_t queued;

	pthread_mutex_t lock; /* of the rest */
	struct sw__vllm_metrics metrics;
	struct sw__histogram pacing_error;
	struct sw_sim_engine state; /* as of the last look */
	uint64_t preemptions_before; /* of processes before the last restart */
	bool failed;
};

struct sw__engine_settings {
	const struct sw_tenant *tenant;
	size_t index;
	const struct sw__gpu_ops *ops;
	sw_sim *sim;
	double speed;
	uint64_t seed;
};

/** SW_BAD_INPUT, SW_NO_MEMORY. `pacer` is to be set before the first request. Release with sw__engine_free(). */
enum sw_status sw__engine_init(struct sw__engine *engine,
			       const struct sw__engine_settings *settings, struct sw_error *err);

/** After the pacer has stopped: cuts what is in hand. */
void sw__engine_free(struct sw__engine *engine);

/* For the server's threads. */

/** Whether requests are taken: the engine is not starting and the simulator has not failed. */
bool sw__engine_ready(struct sw__engine *engine);

/** Hold the exchange and answer it as tokens come. `tokens` and `stops` are of sw__completion_length(). False: no memory. */
bool sw__engine_ask(struct sw__engine *engine, const struct sw__completion *completion,
		    uint32_t tokens, bool stops, sw__http_exchange *exchange);

/** The length of the next answer that ends by itself. */
uint32_t sw__engine_natural_length(struct sw__engine *engine);

/**
 * Restart: requests in hand are cut, counts begin anew. `share` NAN: stays. The exchange is held and answered once it has
 * begun; NULL: nobody asks. False: no memory.
 */
bool sw__engine_restart(struct sw__engine *engine, double share, sw__http_exchange *exchange);

/** Change the share of the running engine. False: no memory. */
bool sw__engine_set_share(struct sw__engine *engine, double share);

/** A piece that was due at due_s of the pacer's clock has gone to the kernel. */
void sw__engine_sent(struct sw__engine *engine, double due_s);

/** The scrape. */
void sw__engine_write_metrics(struct sw__engine *engine, struct sw_text *out);

/** The state as of the last look. */
struct sw_sim_engine sw__engine_state(struct sw__engine *engine);

/* For the pacer's thread. */

/** The simulator says: token n of request `id`, at at_s of simulated time. */
void sw__engine_token(struct sw__engine *engine, uint64_t id, uint32_t n, bool last, double at_s);

/** The simulator says: the request ended before its last token. */
void sw__engine_aborted(struct sw__engine *engine, uint64_t id);

/** Look at the engine's state between two events. */
void sw__engine_look(struct sw__engine *engine);

/** The simulator has failed: answer no more. */
void sw__engine_fail(struct sw__engine *engine);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file drive.h
 * Load on an inference server: requests sent at the moments a load says, answers read token by token, latencies measured.
 *
 *     struct sw_drive_settings settings = sw_drive_defaults();
 *     settings.endpoint = "http://127.0.0.1:8000";
 *     settings.load.rate = 4;
 *     sw_drive_new(&settings, &drive, &err);
 *     sw_drive_run(drive, &result, &err);              returns when the last answer has ended
 *     sw_drive_free(drive);
 *     ... result->summary[SW_DRIVE_TTFT].p95 ...
 *     sw_drive_result_free(result);
 *
 * The server speaks OpenAI's protocol (/v1/completions or /v1/chat/completions, streaming). In an open loop every latency
 * counts from the moment at which the request was due, so that a server which holds up the sender does not look fast.
 * Whatever the server does, a run ends: every request has a timeout, every answer a largest size. Drives are independent of
 * each other: one thread each. A program that speaks TLS ignores SIGPIPE.
 */
#ifndef SLICEWISE_DRIVE_H
#define SLICEWISE_DRIVE_H

#include <stddef.h>

#include "slicewise/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * X(name, id, whether it is the server's failure, what it means). How a request ended. Failures are late; what is neither ok
 * nor a failure was not the server's doing.
 */
#define SW_DRIVE_OUTCOME_LIST(X)                                                                   \
	X(SW_DRIVE_OK, "ok", false, "answered to the end")                                         \
	X(SW_DRIVE_REFUSED, "refused", true, "no connection")                                      \
	X(SW_DRIVE_HTTP_3XX, "http_3xx", true, "redirected; not followed")                         \
	X(SW_DRIVE_HTTP_4XX, "http_4xx", true, "status 400 to 499")                                \
	X(SW_DRIVE_HTTP_5XX, "http_5xx", true, "status 500 to 599")                                \
	X(SW_DRIVE_ERROR, "error", true, "an error inside the stream")                             \
	X(SW_DRIVE_CUT, "cut", true, "the connection or the stream ended early")                   \
	X(SW_DRIVE_GARBAGE, "garbage", true, "not HTTP, not a stream of events, or not JSON")      \
	X(SW_DRIVE_TIMED_OUT, "timed_out", true, "no token within the timeout")                    \
	X(SW_DRIVE_TOO_SLOW, "too_slow", true, "tokens came, the end did not, within the timeout") \
	X(SW_DRIVE_ENDLESS, "endless", true, "more bytes than the tokens asked for can be")        \
	X(SW_DRIVE_UNSENT, "unsent", false, "not sent: too many in flight, or no descriptors")     \
	X(SW_DRIVE_STOPPED, "stopped", false, "in flight when the run was stopped")

enum sw_drive_outcome {
#define SW_DRIVE_OUTCOME_ENUM(name, id, failure, meaning) name,
	SW_DRIVE_OUTCOME_LIST(SW_DRIVE_OUTCOME_ENUM)
#undef SW_DRIVE_OUTCOME_ENUM
		SW_DRIVE_OUTCOME_COUNT
};

/** "ok", "refused", ... Static. */
SW_API const char *sw_drive_outcome_id(enum sw_drive_outcome outcome);
/** What it means, a phrase. Static. */
SW_API const char *sw_drive_outcome_meaning(enum sw_drive_outcome outcome);
/** Whether the server failed the request. */
SW_API bool sw_drive_failed(enum sw_drive_outcome outcome);

/** X(name, id in keys). What is measured, in ms. */
#define SW_DRIVE_METRIC_LIST(X)     \
	X(SW_DRIVE_TTFT, "ttft_ms") \
	X(SW_DRIVE_TPOT, "tpot_ms") \
	X(SW_DRIVE_ITL, "itl_ms")   \
	X(SW_DRIVE_E2E, "e2e_ms")   \
	X(SW_DRIVE_SEND_LAG, "send_lag_ms")

/**
 * TTFT: from due to the first content. TPOT: from the first content to the last, over the output tokens but one, per
 * request. ITL: each gap between pieces of content. E2E: from due to the last content. Send lag: from due to sent, our own
 * error, contained in TTFT and E2E.
 */
enum sw_drive_metric {
#define SW_DRIVE_METRIC_ENUM(name, id) name,
	SW_DRIVE_METRIC_LIST(SW_DRIVE_METRIC_ENUM)
#undef SW_DRIVE_METRIC_ENUM
		SW_DRIVE_METRIC_COUNT
};

/** "ttft_ms", ... Static. */
SW_API const char *sw_drive_metric_id(enum sw_drive_metric metric);

struct sw_drive_settings {
	/* Strings are borrowed by sw_drive_new() only. */
	const char *endpoint; /* "http://host:port", with or without "/v1" */
	const char *model; /* NULL: the one that the server lists */
	const char *api_key; /* NULL: none */
	bool chat; /* /v1/chat/completions in place of /v1/completions */
	bool ignore_eos; /* ask for exactly the wanted number of tokens */

	/* What arrives. Lengths, rate, concurrency, burstiness and prefix_hit_ratio of `load` count; its trace does not. */
	struct sw_load load;
	const char *trace; /* a file with arrivals and lengths; NULL: as `load` says */
	double scale; /* times the trace's own rate; NAN: as load.rate says, or unscaled where that is NAN */
	unsigned
		max_model_len; /* prompt and output together: longer requests are cut, the output first */
	unsigned long long seed;

	/* Prompts as arrays of token ids in [first, last] instead of words; last 0: words. Not with chat. */
	unsigned token_id_first, token_id_last;

	/* How long. Requests that are due in the first warm_up_s are sent and not counted. */
	double warm_up_s;
	double duration_s; /* after the warm-up; NAN: until `requests`, or the end of the trace */
	unsigned long long requests; /* at most, with those of the warm-up; 0: no limit */
	double timeout_s; /* of a request, from when it is due */
	unsigned in_flight_max; /* more are not sent, and counted as unsent */

	/* Limits of a request, NAN: none. What breaks one, or fails, is late. */
	double ttft_limit_ms, tpot_limit_ms;
};

/** No endpoint and no load; for the rest what is usual. An initializer. */
#define SW_DRIVE_DEFAULTS                                                            \
	{                                                                            \
		.ignore_eos = true,                                                  \
		.load = {.rate = NAN,                                                \
			 .concurrency = NAN,                                         \
			 .prompt_tokens = {NAN, NAN},                                \
			 .output_tokens = {NAN, NAN},                                \
			 .burstiness = 1},                                           \
		.scale = NAN, .max_model_len = 1 << 20, .seed = 1, .duration_s = 60, \
		.timeout_s = 300, .in_flight_max = 4096, .ttft_limit_ms = NAN,       \
		.tpot_limit_ms = NAN,                                                \
	}

/** The same as a value. */
SW_API struct sw_drive_settings sw_drive_defaults(void);

/** One request. Quantities that are not known are NAN. */
struct sw_drive_request {
	double arrival_s; /* when it was due, from the start */
	double prompt_tokens,
		output_tokens; /* as the server counts; else as asked and as pieces that came */
	double prompt_tokens_asked, output_tokens_asked;
	double cached_tokens; /* of the prompt, where the server says so */
	double ttft_ms, tpot_ms, e2e_ms, send_lag_ms;
	double server_prompt_ms, server_output_ms; /* the server's own times (llama.cpp) */
	enum sw_drive_outcome outcome;
	int http_status; /* 0: none */
	bool counted; /* not of the warm-up */
	bool is_late;
};

/** A distribution; NAN where n is 0. */
struct sw_drive_summary {
	unsigned long long n;
	double mean, p50, p95, p99, max;
};

enum { SW_DRIVE_MESSAGE_MAX = 200 };

struct sw_drive_result {
	char url[512]; /* that requests went to */
	char model[SW_NAME_MAX];
	bool closed_loop;
	bool stopped; /* by sw_drive_stop() */
	bool has_limits; /* lateness is known */
	double elapsed_s; /* from the first due moment to the last answer */
	double window_s; /* of the counted requests' due moments: what rates refer to */

	size_t n; /* every request, in the order of due moments, those of the warm-up included */
	struct sw_drive_request *requests;

	/* Of the counted requests. */
	unsigned long long outcomes[SW_DRIVE_OUTCOME_COUNT];
	char messages[SW_DRIVE_OUTCOME_COUNT]
		     [SW_DRIVE_MESSAGE_MAX]; /* the first of each kind; "" */
	struct sw_drive_summary summary
		[SW_DRIVE_METRIC_COUNT]; /* of those that are ok; ITL of all, send lag of all sent */
	struct sw_drive_summary prompt_tokens, prompt_tokens_asked; /* of those that are ok */
	struct sw_drive_summary output_tokens, output_tokens_asked;
	unsigned long long short_outputs; /* ok, with fewer tokens than asked for */
	double cached_fraction; /* of the prompt tokens, where the server says so */
	double late_fraction; /* of those that are ok or failed; NAN without limits */
	double requests_per_s; /* that ended well within the window */
	double output_tokens_per_s, prompt_tokens_per_s; /* that came within the window */
};

typedef struct sw_drive sw_drive;

/**
 * Check the settings, read the trace. SW_OK: *out is the caller's; release it with sw_drive_free(). SW_BAD_INPUT names the
 * setting; SW_IO: the trace cannot be read.
 */
SW_API enum sw_status sw_drive_new(const struct sw_drive_settings *settings, sw_drive **out,
				   struct sw_error *err);

SW_API void sw_drive_free(sw_drive *drive);

/**
 * Send the load, once per drive, and wait for the answers. SW_IO: nobody listens at the endpoint, or no model's name is to
 * be had; SW_BAD_INPUT: it has several models; SW_NO_MEMORY. SW_OK also where every request failed: see `outcomes`. *out is
 * the caller's; release it with sw_drive_result_free().
 */
SW_API enum sw_status sw_drive_run(sw_drive *drive, struct sw_drive_result **out,
				   struct sw_error *err);

/** End a run soon: no further requests, those in flight are given up. Any thread, any signal handler. */
SW_API void sw_drive_stop(sw_drive *drive);

SW_API void sw_drive_result_free(struct sw_drive_result *result);

/**
 * Every request as CSV: the columns of `simulate --requests` (`tenant` is the given name; arrival_s, prompt_tokens,
 * output_tokens, ttft_ms, tpot_ms, e2e_ms, late), then status, http_status, counted, send_lag_ms, the asked lengths,
 * cached_tokens and the server's own times. Not known: an empty cell. The text is the caller's; free(). SW_NO_MEMORY.
 */
SW_API enum sw_status sw_drive_requests_csv(const struct sw_drive_result *result,
					    const char *tenant, char **out, struct sw_error *err);

#ifdef __cplusplus
}
#endif

#endif

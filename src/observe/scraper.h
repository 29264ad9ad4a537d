/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file scraper.h
 * Many /metrics endpoints, each asked once an interval, in one thread and without a thread of its own.
 *
 *     sw__scraper_new(targets, n, &settings, &scraper, err);
 *     while (...)
 *             sw__scraper_poll(scraper, until_ns);       asks who is due, hands over what came
 *     sw__scraper_free(scraper);
 *
 * The targets' moments are spread over the interval, so that a thousand of them are no burst. Who has not answered yet is not asked
 * again. Times are CLOCK_MONOTONIC: a clock that is set moves nothing.
 */
#ifndef SLICEWISE_OBSERVE_SCRAPER_H
#define SLICEWISE_OBSERVE_SCRAPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "slicewise/status.h"

struct sw__scrape_target {
	const char *url; /* the whole of it */
	const char *bearer; /* token; NULL: none */
};

/** What became of one question. */
struct sw__scraped_answer {
	size_t target;
	uint64_t asked_ns;
	char *body; /* of a whole answer with status 200, and may be changed during the call; else NULL */
	const char *why; /* body NULL: why not, for people */
};

struct sw__scraper_settings {
	double interval_s;
	double timeout_s; /* of each question; beyond the interval the next question is left out */
	void (*answered)(void *context, const struct sw__scraped_answer *answer);
	void *context;
};

/** How things went since the beginning. */
struct sw__scraper_counts {
	uint64_t asked, answered, failed;
	uint64_t skipped; /* moments at which a target had not answered yet */
};

typedef struct sw__scraper sw__scraper;

/** Targets are copied. The first are asked at once. SW_NO_MEMORY, SW_IO; SW_BAD_INPUT: an interval or timeout that is none. */
enum sw_status sw__scraper_new(const struct sw__scrape_target *targets, size_t n,
			       const struct sw__scraper_settings *settings, sw__scraper **out,
			       struct sw_error *err);

/** Work until `until_ns`, or until sw__scraper_wake(). `answered` is called meanwhile, in this thread. */
void sw__scraper_poll(sw__scraper *scraper, uint64_t until_ns);

/** End a poll, now or the next one. Any thread. */
void sw__scraper_wake(sw__scraper *scraper);

struct sw__scraper_counts sw__scraper_counts(const sw__scraper *scraper);

/** What is under way is given up without a call of `answered`. NULL is fine. */
void sw__scraper_free(sw__scraper *scraper);

#endif

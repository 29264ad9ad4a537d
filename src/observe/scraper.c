// SPDX-License-Identifier: Apache-2.0
#include "observe/scraper.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "net/http_client.h"

static const double NS_PER_S = 1e9;
/* An answer is a few hundred kB at the most. */
enum { BODY_MAX = 16 << 20 };

struct target {
	sw__scraper *scraper;
	char *url, *authorization;
	const char *headers[2];
	struct sw_text body;
	bool busy, too_long;
	uint64_t due_ns, asked_ns;
};

struct sw__scraper {
	size_t n, next; /* the target that is due first: they stay in the order of their moments */
	struct target *target;
	struct sw__scraper_settings settings;
	struct sw__scraper_counts counts;
	sw__http_client *client;
	atomic_bool woken, ending;
};

static bool on_body(void *owner, const struct sw__http_head *head, const char *bytes, size_t n,
		    uint64_t at_ns)
{
	struct target *t = owner;

	(void)at_ns;
	t->too_long = t->body.size + n > BODY_MAX;
	if (head->status != 200 || t->too_long)
		return false;
	sw_text_add(&t->body, bytes, n);
	return true;
}

static bool is_whole(const struct target *t, const struct sw__http_end *end)
{
	return end->fate == SW__HTTP_ANSWERED && end->status == 200 && sw_text_ok(&t->body) &&
	       t->body.data;
}

static const char *why_not(const struct target *t, const struct sw__http_end *end, char *room,
			   size_t size)
{
	if (t->too_long)
		return "an answer of more than 16 MiB";
	if (end->status != 0 && end->status != 200) {
		(void)snprintf(room, size, "status %d", end->status);
		return room;
	}
	return end->fate == SW__HTTP_ANSWERED ? "an empty answer" : end->message;
}

static void on_ended(void *owner, const struct sw__http_end *end)
{
	struct target *t = owner;
	sw__scraper *s = t->scraper;
	bool whole = is_whole(t, end);
	char room[32];
	struct sw__scraped_answer answer = {.target = (size_t)(t - s->target),
					    .asked_ns = t->asked_ns,
					    .body = whole ? t->body.data : NULL,
					    .why = whole ? NULL
							 : why_not(t, end, room, sizeof(room))};

	t->busy = false;
	if (!atomic_load(&s->ending)) {
		*(whole ? &s->counts.answered : &s->counts.failed) += 1;
		s->settings.answered(s->settings.context, &answer);
	}
	sw_text_free(&t->body);
}

static const struct sw__http_handler handler = {on_body, on_ended};

static void ask(sw__scraper *s, struct target *t, uint64_t now_ns)
{
	struct sw__http_request request = {.url = t->url,
					   .timeout_s = s->settings.timeout_s,
					   .headers = t->authorization ? t->headers : NULL,
					   .handler = &handler,
					   .owner = t};
	struct sw_error error = {0};

	if (t->busy) {
		s->counts.skipped++;
		return;
	}
	t->busy = true;
	t->too_long = false;
	t->asked_ns = now_ns;
	s->counts.asked++;
	if (sw__http_client_send(s->client, &request, &error) != SW_OK)
		on_ended(t, &(struct sw__http_end){.fate = SW__HTTP_OWN_FAULT,
						   .at_ns = now_ns,
						   .message = error.message});
}

static size_t find_first(const sw__scraper *s)
{
	size_t first = 0;

	for (size_t i = 1; i < s->n; i++)
		if (s->target[i].due_ns < s->target[first].due_ns)
			first = i;
	return first;
}

/* Moments that were missed, by a machine that slept, are left out; then another target may be the first one. */
static void ask_who_is_due(sw__scraper *s, uint64_t now_ns)
{
	uint64_t step = (uint64_t)(s->settings.interval_s * NS_PER_S);
	size_t asked = 0;

	for (; asked < s->n && s->target[s->next].due_ns <= now_ns; asked++) {
		struct target *t = &s->target[s->next];

		t->due_ns += ((now_ns - t->due_ns) / step + 1) * step;
		s->next = (s->next + 1) % s->n;
		ask(s, t, now_ns);
	}
	if (asked == s->n && s->n > 0)
		s->next = find_first(s);
}

void sw__scraper_poll(sw__scraper *s, uint64_t until_ns)
{
	uint64_t now = sw__http_now_ns();

	do {
		uint64_t due;

		ask_who_is_due(s, now);
		due = s->n > 0 ? s->target[s->next].due_ns : until_ns;
		sw__http_client_poll(s->client, due < until_ns ? due : until_ns);
		now = sw__http_now_ns();
	} while (now < until_ns && !atomic_exchange(&s->woken, false));
}

void sw__scraper_wake(sw__scraper *s)
{
	atomic_store(&s->woken, true);
	sw__http_client_wake(s->client);
}

struct sw__scraper_counts sw__scraper_counts(const sw__scraper *s)
{
	return s->counts;
}

void sw__scraper_free(sw__scraper *s)
{
	if (!s)
		return;
	atomic_store(&s->ending, true);
	sw__http_client_free(s->client);
	for (size_t i = 0; s->target && i < s->n; i++) {
		sw_text_free(&s->target[i].body);
		free(s->target[i].url);
		free(s->target[i].authorization);
	}
	free(s->target);
	free(s);
}

static char *authorization(const char *bearer)
{
	char *out = NULL;

	return asprintf(&out, "Authorization: Bearer %s", bearer) < 0 ? NULL : out;
}

static bool target_make(sw__scraper *s, size_t i, const struct sw__scrape_target *from,
			uint64_t start_ns)
{
	struct target *t = &s->target[i];
	double part = (double)i / (double)s->n;

	*t = (struct target){.scraper = s,
			     .url = strdup(from->url),
			     .authorization = from->bearer ? authorization(from->bearer) : NULL,
			     .due_ns = start_ns +
				       (uint64_t)(part * s->settings.interval_s * NS_PER_S)};
	t->headers[0] = t->authorization;
	return t->url && (t->authorization || !from->bearer);
}

enum sw_status sw__scraper_new(const struct sw__scrape_target *targets, size_t n,
			       const struct sw__scraper_settings *settings, sw__scraper **out,
			       struct sw_error *err)
{
	sw__scraper *s;
	enum sw_status st = SW_OK;

	*out = NULL;
	if (!(settings->interval_s > 0 && isfinite(settings->interval_s) &&
	      settings->timeout_s > 0 && isfinite(settings->timeout_s)))
		return sw_fail(err, SW_BAD_INPUT,
			       "metrics cannot be read every %g s within %g s: expected numbers "
			       "above 0",
			       settings->interval_s, settings->timeout_s);
	s = calloc(1, sizeof(*s));
	if (!s)
		return sw_fail(err, SW_NO_MEMORY, "a scraper");
	s->settings = *settings;
	s->n = n;
	s->target = calloc(n + 1, sizeof(*s->target));
	for (size_t i = 0; s->target && i < n && st == SW_OK; i++)
		if (!target_make(s, i, &targets[i], sw__http_now_ns()))
			st = sw_fail(err, SW_NO_MEMORY, "%zu targets", n);
	if (!s->target)
		st = sw_fail(err, SW_NO_MEMORY, "%zu targets", n);
	if (st == SW_OK)
		st = sw__http_client_new(&s->client, err);
	if (st != SW_OK) {
		sw__scraper_free(s);
		return st;
	}
	*out = s;
	return SW_OK;
}

// SPDX-License-Identifier: Apache-2.0
#include "plan/play_book.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "base/threads.h"
#include "catalog/at_once.h"
#include "predict/predict_mix.h"

struct sw__play_page {
	char *mix; /* in words: what tells it from others of one problem */
	size_t n;
	struct sw_prediction *said;
};

void sw__play_book_clear(struct sw__play_book *book)
{
	for (size_t i = 0; i < book->n; i++) {
		free(book->pages[i].mix);
		free(book->pages[i].said);
	}
	free(book->pages);
	*book = (struct sw__play_book){0};
}

static double nine_digits(double x)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%.9g", x);
	return strtod(text, NULL);
}

static struct sw_tenant rounded(const struct sw_tenant *tenant)
{
	struct sw_tenant out = *tenant;

	out.load.rate = nine_digits(out.load.rate);
	out.load.burstiness = nine_digits(out.load.burstiness);
	out.load.trace_stretch = nine_digits(out.load.trace_stretch);
	out.slice.share = nine_digits(out.slice.share);
	out.slice.memory_gib = nine_digits(out.slice.memory_gib);
	return out;
}

static char *words_of(const struct sw__play_job *job)
{
	struct sw_text text = {0};

	sw_text_addf(&text, "%zu", job->fleet);
	for (size_t i = 0; i < job->n; i++) {
		const struct sw_tenant *t = &job->tenants[i];

		sw_text_addf(&text, ";%s %s %.9g %.9g %u %u %u %u %d %.9g %.9g %.9g %.9g %zu",
			     t->name, t->model.id, t->slice.share, t->slice.memory_gib,
			     sw__at_once(t), t->engine.max_num_seqs,
			     t->engine.max_num_batched_tokens, t->engine.max_model_len,
			     t->engine.cuda_graphs, t->load.rate, t->load.concurrency,
			     t->load.burstiness, t->load.trace_stretch, i);
	}
	if (!sw_text_ok(&text)) {
		sw_text_free(&text);
		return NULL;
	}
	return text.data;
}

static const struct sw__play_page *find(const struct sw__play_book *book, const char *mix)
{
	for (size_t i = 0; i < book->n; i++)
		if (strcmp(book->pages[i].mix, mix) == 0)
			return &book->pages[i];
	return NULL;
}

/* Near saturation nothing is calibrated, whatever a play says there. */
static void leave_room(const struct sw__playing *playing, const struct sw_tenant *tenant,
		       struct sw_prediction *p)
{
	double most_of_capacity = sw__bound_kind(tenant) == SW__BOUND_HELD
					  ? playing->most_of_held_capacity
					  : playing->most_of_capacity;
	bool near = sw_known(tenant->load.rate) && p->busy > most_of_capacity &&
		    p->requests_per_s > most_of_capacity * p->max_rate_per_s;

	for (int m = 0; near && m < SW_METRIC_COUNT; m++)
		for (int s = 0; s < SW_STATISTIC_COUNT; s++)
			if (!isnan(p->latency[m].at[s]))
				p->latency[m].hi[s] = INFINITY;
}

/* A mix that is played: its page, until that is in the book. */
struct play {
	const struct sw__playing *playing;
	struct sw__play_job job;
	struct sw__play_page page;
	enum sw_status status;
	struct sw_error err;
};

static void play_one(void *context, size_t i)
{
	struct play *p = &((struct play *)context)[i];
	const struct sw_problem *problem = p->playing->problem;
	const struct sw_fleet_entry *entry = &problem->fleet[p->job.fleet];
	const struct sw_mix mix = {.gpu = entry->gpu,
				   .mechanism = entry->mechanism,
				   .n = p->job.n,
				   .tenants = p->job.tenants};

	p->status = sw__predict_calibrated(&mix, problem->fit, NULL, p->page.said, &p->err);
	for (size_t k = 0; k < mix.n && p->status == SW_OK; k++)
		leave_room(p->playing, &mix.tenants[k], &p->page.said[k]);
}

/* Room for what will be said; *known: it is in the book, and nothing is made. */
static enum sw_status make_play(const struct sw__play_book *book, const struct sw__playing *playing,
				const struct sw__play_job *job, struct play *out, bool *known,
				struct sw_error *err)
{
	*out = (struct play){.playing = playing, .job = *job, .page.n = job->n};
	for (size_t i = 0; i < job->n; i++)
		out->job.tenants[i] = rounded(&job->tenants[i]);
	out->page.mix = words_of(&out->job);
	*known = out->page.mix && find(book, out->page.mix);
	if (*known) {
		free(out->page.mix);
		return SW_OK;
	}
	out->page.said = calloc(job->n + 1, sizeof(*out->page.said));
	if (out->page.mix && out->page.said)
		return SW_OK;
	free(out->page.mix);
	free(out->page.said);
	return sw_fail(err, SW_NO_MEMORY, "a played mix");
}

static bool is_among(const struct play *plays, size_t n, const char *mix)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(plays[i].page.mix, mix) == 0)
			return true;
	return false;
}

/* What was played goes into the book, which has room; what failed is released. */
static enum sw_status keep_all(struct sw__play_book *book, struct play *plays, size_t n,
			       struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (size_t i = 0; i < n; i++) {
		if (plays[i].status == SW_OK) {
			book->pages[book->n++] = plays[i].page;
			continue;
		}
		if (st == SW_OK && err)
			*err = plays[i].err;
		st = st == SW_OK ? plays[i].status : st;
		free(plays[i].page.mix);
		free(plays[i].page.said);
	}
	return st;
}

static enum sw_status make_all(const struct sw__play_book *book, const struct sw__playing *playing,
			       const struct sw__play_job *jobs, size_t n, struct play *plays,
			       size_t *made, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (size_t i = 0; i < n && st == SW_OK; i++) {
		bool known;

		st = make_play(book, playing, &jobs[i], &plays[*made], &known, err);
		if (st != SW_OK || known)
			continue;
		if (is_among(plays, *made, plays[*made].page.mix)) {
			free(plays[*made].page.mix);
			free(plays[*made].page.said);
		} else {
			++*made;
		}
	}
	return st;
}

enum sw_status sw__play_book_fetch(struct sw__play_book *book, const struct sw__playing *playing,
				   const struct sw__play_job *jobs, size_t n, struct sw_error *err)
{
	struct play *plays = calloc(n + 1, sizeof(*plays));
	struct sw__play_page *grown = realloc(book->pages, (book->n + n + 1) * sizeof(*grown));
	size_t made = 0;
	enum sw_status st = SW_OK, kept;

	if (grown)
		book->pages = grown;
	st = plays && grown ? make_all(book, playing, jobs, n, plays, &made, err)
			    : sw_fail(err, SW_NO_MEMORY, "%zu played mixes", n);
	for (size_t i = 0; i < made; i++)
		plays[i].status = st; /* not played */
	if (st == SW_OK)
		sw__pieces_do(&(struct sw__pieces){made, plays, play_one, NULL}, 0);
	kept = keep_all(book, plays, made, st == SW_OK ? err : NULL);
	free(plays);
	return st == SW_OK ? kept : st;
}

enum sw_status sw__play_book_get(struct sw__play_book *book, const struct sw__playing *playing,
				 const struct sw__play_job *job, struct sw_prediction *out,
				 struct sw_error *err)
{
	enum sw_status st = sw__play_book_fetch(book, playing, job, 1, err);
	struct sw__play_job asked = *job;
	const struct sw__play_page *page;
	char *mix;

	if (st != SW_OK)
		return st;
	for (size_t i = 0; i < job->n; i++)
		asked.tenants[i] = rounded(&job->tenants[i]);
	mix = words_of(&asked);
	if (!mix)
		return sw_fail(err, SW_NO_MEMORY, "a played mix");
	page = find(book, mix);
	memcpy(out, page->said, page->n * sizeof(*out));
	free(mix);
	return SW_OK;
}

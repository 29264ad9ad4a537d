// SPDX-License-Identifier: Apache-2.0
#include "fit/fit_predict.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/error.h"
#include "math/ordered.h"
#include "predict/predict_mix.h"

/* By how much a coefficient is moved to see what follows: enough to stand out of the chance in a play. */
static const double MODEL_STEP = 0.3, SHARED_STEP = 0.6;
/* Mixes that wander for longer than so many events count by what they show until then. */
static const double EVENTS_A_REQUEST = 400;
enum { THREADS_MAX = 64 };

static void put_logs(const double from[SW_METRIC_COUNT][SW_STATISTIC_COUNT], struct sw__logs *to)
{
	for (int m = 0; m < SW_METRIC_COUNT; m++)
		for (int s = 0; s < SW_STATISTIC_COUNT; s++)
			to->at[m][s] = from[m][s] > 0 ? log(from[m][s]) : NAN;
}

static void put_quick(const struct sw_prediction *p, struct sw__case_engine *e)
{
	for (int m = 0; m < SW_METRIC_COUNT; m++)
		for (int s = 0; s < SW_STATISTIC_COUNT; s++) {
			double x = p->latency[m].at[s];

			e->quick.at[m][s] = x > 0 ? log(x) : NAN;
			e->quick_difficulty[m][s] =
				sw__quick_difficulty(p, (enum sw_metric)m, (enum sw_statistic)s);
		}
}

/* Latencies as they were played last. */
static void put_steepness(const struct sw__played *slower, struct sw__case_engine *e)
{
	struct sw__played now = {0};

	for (int m = 0; m < SW_METRIC_COUNT; m++)
		for (int s = 0; s < SW_STATISTIC_COUNT; s++) {
			now.ms[m][s] = exp(e->played.at[m][s]);
			e->steepness[m][s] = sw__steepness(&now, slower, (enum sw_metric)m,
							   (enum sw_statistic)s);
		}
}

static void put_difficulty(struct sw__case_engine *e)
{
	for (int m = 0; m < SW_METRIC_COUNT; m++)
		for (int s = 0; s < SW_STATISTIC_COUNT; s++)
			e->difficulty[m][s] = sw__difficulty(e->steepness[m][s], e->chance_at[m][s],
							     (enum sw_metric)m);
}

static void put_played(const struct sw__played *p, struct sw__case_engine *e)
{
	put_logs(p->ms, &e->played);
	e->running = p->running;
	e->overload = p->overload;
	memcpy(e->chance, p->chance, sizeof(e->chance));
	memcpy(e->chance_at, p->chance_at, sizeof(e->chance_at));
	for (int m = 0; p->overload && m < SW_METRIC_COUNT; m++)
		for (int s = 0; s < SW_STATISTIC_COUNT; s++)
			e->played.at[m][s] = NAN;
}

static size_t entry_at(const struct sw__case *c, size_t entry)
{
	size_t i = 0;

	while (c->entry[i] != entry)
		i++;
	return i;
}

/* What a case is played with to see what moves: for a part of the time, each time with the same requests. */
struct slopes {
	const struct sw__cases *cases;
	struct sw__case *c;
	const struct sw__ready_mix *ready;
	struct sw__play_length length;
	struct sw__played unmoved[SW_TENANTS_MAX];
};

/* What an engine's mean moved by, as a logarithm; not finite where one of them is none. */
static double moved_by(const struct slopes *s, const struct sw__played *played, size_t i, int m)
{
	return log(played[i].ms[m][SW_MEAN] / s->unmoved[i].ms[m][SW_MEAN]);
}

/* Played with something moved: what each latency moves by, for a coefficient that moves by one. */
static enum sw_status play_moved(const struct slopes *s, const struct sw__ready_mix *moved,
				 double step, const size_t *entries, size_t n, struct sw_error *err)
{
	struct sw__played played[SW_TENANTS_MAX];
	enum sw_status st = sw__ready_play(moved, &s->length, played, err);

	for (size_t i = 0; i < s->c->mix->n && st == SW_OK; i++)
		for (int m = 0; m < SW_METRIC_COUNT; m++) {
			double by = moved_by(s, played, i, m);

			for (size_t k = 0; k < n && isfinite(by); k++)
				s->c->engine[i].slope[m][entries[k]] += by / step;
		}
	return st;
}

static size_t entry_of(const struct slopes *s, size_t model, int coefficient)
{
	return entry_at(s->c, s->cases->vector.model[model].at + (size_t)coefficient);
}

static size_t common_entry_of(const struct slopes *s, int coefficient)
{
	return entry_at(s->c, s->cases->vector.gpu[s->c->gpu].at + (size_t)coefficient);
}

/* Beside a GPU the CPU's time of an engine is next to nothing to the others: all models' moved at once, and what each engine moves by
 * taken for its own model's. */
static bool is_own(const struct slopes *s, int coefficient)
{
	return coefficient == SW__MODEL_host && !s->cases->vector.gpu[s->c->gpu].host;
}

static enum sw_status host_slopes(const struct slopes *s, struct sw_error *err)
{
	struct sw__played played[SW_TENANTS_MAX];
	struct sw__ready_mix moved = *s->ready;
	size_t common = common_entry_of(s, SW__MODEL_host);
	enum sw_status st;

	for (size_t i = 0; i < s->c->mix->n; i++)
		moved.models[i].at[SW__MODEL_host] *= exp(MODEL_STEP);
	st = sw__ready_play(&moved, &s->length, played, err);
	for (size_t i = 0; i < s->c->mix->n && st == SW_OK; i++) {
		struct sw__case_engine *e = &s->c->engine[i];

		for (int m = 0; m < SW_METRIC_COUNT; m++) {
			double by = moved_by(s, played, i, m);

			if (!isfinite(by))
				continue;
			e->slope[m][entry_of(s, e->model, SW__MODEL_host)] += by / MODEL_STEP;
			e->slope[m][common] += by / MODEL_STEP;
		}
	}
	return st;
}

static enum sw_status model_slopes(const struct slopes *s, size_t model, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	for (int k = 0; k < SW__MODEL_COUNT && st == SW_OK; k++) {
		struct sw__ready_mix moved = *s->ready;
		const size_t entries[] = {entry_of(s, model, k), common_entry_of(s, k)};

		if (is_own(s, k))
			continue;
		for (size_t i = 0; i < s->c->mix->n; i++)
			if (s->c->engine[i].model == model)
				moved.models[i].at[k] *= exp(MODEL_STEP);
		st = play_moved(s, &moved, MODEL_STEP, entries, 2, err);
	}
	return st;
}

/* What every request waits before the scheduler knows it is added to its TTFT, and touches nobody else. */
static void frontend_slope(const struct slopes *s, size_t entry)
{
	double ms = s->ready->shared.at[SW__SHARED_frontend_ms];

	for (size_t i = 0; i < s->c->mix->n; i++) {
		double part = ms / s->unmoved[i].ms[SW_TTFT][SW_MEAN];

		s->c->engine[i].slope[SW_TTFT][entry] = isfinite(part) ? sw__smaller(1, part) : 0;
	}
}

/* Between engines: of one alone nothing moves with it. */
static bool is_between(int coefficient)
{
	return coefficient == SW__SHARED_dram_together || coefficient == SW__SHARED_sm_overlap ||
	       coefficient == SW__SHARED_launch_wait_us || coefficient == SW__SHARED_switch_ms;
}

static enum sw_status shared_slopes(const struct slopes *s, struct sw_error *err)
{
	const struct sw__vector_group *g = &s->cases->vector.group[s->c->group];
	enum sw_status st = SW_OK;

	for (int k = 0; k < SW__SHARED_COUNT && st == SW_OK; k++) {
		struct sw__ready_mix moved = *s->ready;
		size_t entry;

		if (g->at[k] < 0 || sw__is_scanned(k) || (s->c->mix->n == 1 && is_between(k)))
			continue;
		entry = entry_at(s->c, (size_t)g->at[k]);
		if (k == SW__SHARED_frontend_ms) {
			frontend_slope(s, entry);
			continue;
		}
		/* Downwards: a bandwidth ends at the datasheet's. */
		moved.shared.at[k] *= exp(-SHARED_STEP);
		st = play_moved(s, &moved, -SHARED_STEP, &entry, 1, err);
	}
	return st;
}

/* The search needs to know better where it is than which way it goes. */
static enum sw_status set_slopes(const struct sw__cases *cases, struct sw__case *c,
				 const struct sw__ready_mix *ready,
				 const struct sw__predicting *how, const struct sw__played *settled,
				 struct sw_error *err)
{
	struct slopes s = {.cases = cases,
			   .c = c,
			   .ready = ready,
			   .length = {.requests = how->requests,
				      .events = INFINITY,
				      .span_ms = how->slopes_part * c->span_ms,
				      .settled = settled}};
	enum sw_status st = sw__ready_play(ready, &s.length, s.unmoved, err);

	for (size_t i = 0; i < c->mix->n; i++)
		for (int m = 0; m < SW_METRIC_COUNT; m++)
			memset(c->engine[i].slope[m], 0, c->n_entries * sizeof(double));
	for (size_t i = 0; i < c->mix->n && st == SW_OK; i++) {
		bool again = false;

		for (size_t j = 0; j < i; j++)
			again = again || c->engine[j].model == c->engine[i].model;
		if (!again)
			st = model_slopes(&s, c->engine[i].model, err);
	}
	if (st == SW_OK && is_own(&s, SW__MODEL_host))
		st = host_slopes(&s, err);
	return st == SW_OK ? shared_slopes(&s, err) : st;
}

static enum sw_status play_now(struct sw__case *c, const struct sw__ready_mix *ready,
			       const struct sw__predicting *how, struct sw__played *played,
			       struct sw_error *err)
{
	struct sw__play_length length = {.requests = how->requests,
					 .events = EVENTS_A_REQUEST * how->requests,
					 .enough = {how->chance, how->chance / 3},
					 .span_ms = how->part * c->span_ms};
	enum sw_status st = sw__ready_play(ready, &length, played, err);

	for (size_t i = 0; st == SW_OK && i < c->mix->n; i++) {
		put_quick(&ready->quick[i], &c->engine[i]);
		put_played(&played[i], &c->engine[i]);
	}
	if (st == SW_OK && c->span_ms <= 0)
		c->span_ms = played[0].span_ms;
	return st;
}

static enum sw_status play_slower(struct sw__case *c, const struct sw__ready_mix *ready,
				  double requests, struct sw_error *err)
{
	struct sw__played slower[SW_TENANTS_MAX];
	/* What is compared is played as long, with the same requests. */
	struct sw__play_length length = {
		.requests = requests, .events = INFINITY, .span_ms = c->span_ms};
	enum sw_status st = sw__ready_play_slower(ready, &length, slower, err);

	for (size_t i = 0; st == SW_OK && i < c->mix->n; i++)
		put_steepness(&slower[i], &c->engine[i]);
	return st;
}

/* As long as predictions are: percentiles of a few requests have much chance in them, and lie low. */
static enum sw_status play_judged(struct sw__case *c, const struct sw__ready_mix *ready,
				  const struct sw__predicting *how, struct sw__played *played,
				  struct sw_error *err)
{
	struct sw__predicting all = *how;
	enum sw_status st;

	all.chance = 0;
	c->span_ms = 0;
	st = play_now(c, ready, &all, played, err);
	for (size_t i = 0; st == SW_OK && i < c->mix->n; i++)
		put_difficulty(&c->engine[i]);
	return st;
}

static enum sw_status play_surely(struct sw__case *c, const struct sw__ready_mix *ready,
				  struct sw_error *err)
{
	double steepness[SW_TENANTS_MAX][SW_METRIC_COUNT][SW_STATISTIC_COUNT];
	struct sw__played played[SW_TENANTS_MAX];
	enum sw_status st = sw__ready_play_surely(ready, played, steepness, err);

	for (size_t i = 0; st == SW_OK && i < c->mix->n; i++) {
		put_quick(&ready->quick[i], &c->engine[i]);
		put_played(&played[i], &c->engine[i]);
		memcpy(c->engine[i].steepness, steepness[i], sizeof(steepness[i]));
		put_difficulty(&c->engine[i]);
	}
	return st;
}

static enum sw_status play_case(const struct sw__cases *cases, struct sw__case *c,
				const struct sw__ready_mix *ready, const struct sw__predicting *how,
				struct sw_error *err)
{
	struct sw__played played[SW_TENANTS_MAX];
	enum sw_status st;

	switch (how->purpose) {
	case SW__AS_PREDICTED:
		return play_surely(c, ready, err);
	case SW__FOR_STEEPNESS:
		return play_slower(c, ready, how->requests, err);
	case SW__FOR_BOUNDS:
		return play_judged(c, ready, how, played, err);
	case SW__FOR_SEARCH:
		break;
	}
	st = play_now(c, ready, how, played, err);
	return st == SW_OK && how->slopes ? set_slopes(cases, c, ready, how, played, err) : st;
}

static enum sw_status predict_case(const struct sw__cases *cases, struct sw__case *c,
				   const struct sw_fit *fit, const struct sw__predicting *how,
				   struct sw_error *err)
{
	struct sw__ready_mix ready;
	enum sw_status st = sw__ready_make_again(c->mix, fit, c->known, &ready, err);

	if (st == SW_OK)
		st = play_case(cases, c, &ready, how, err);
	sw__ready_clear(&ready);
	return st;
}

struct crew {
	struct sw__cases *cases;
	const struct sw_fit *fit;
	const struct sw__predicting *how;
	atomic_size_t next;
	pthread_mutex_t lock;
	enum sw_status status;
	struct sw_error error;
};

static void *work(void *context)
{
	struct crew *crew = context;
	size_t i;

	while ((i = atomic_fetch_add(&crew->next, 1)) < crew->cases->n) {
		struct sw_error error = {0};
		enum sw_status st = predict_case(crew->cases, &crew->cases->at[i], crew->fit,
						 crew->how, &error);

		if (st == SW_OK)
			continue;
		(void)pthread_mutex_lock(&crew->lock);
		crew->status = st;
		crew->error = error;
		(void)pthread_mutex_unlock(&crew->lock);
		break;
	}
	return NULL;
}

enum sw_status sw__cases_predict(struct sw__cases *cases, const struct sw_fit *fit,
				 const struct sw__predicting *how, struct sw_error *err)
{
	struct crew crew = {.cases = cases, .fit = fit, .how = how};
	pthread_t thread[THREADS_MAX];
	size_t n = 0;

	(void)pthread_mutex_init(&crew.lock, NULL);
	while (n + 1 < how->threads && n < THREADS_MAX &&
	       pthread_create(&thread[n], NULL, work, &crew) == 0)
		n++;
	(void)work(&crew);
	while (n > 0)
		(void)pthread_join(thread[--n], NULL);
	(void)pthread_mutex_destroy(&crew.lock);
	return crew.status == SW_OK ? SW_OK : sw_fail(err, crew.status, "%s", crew.error.message);
}

enum sw_status sw__cases_predict_now(struct sw__cases *cases, const struct sw__predicting *how,
				     struct sw_error *err)
{
	struct sw_fit *fit;
	enum sw_status st = sw__vector_fit(&cases->vector, NULL, &fit, err);

	if (st == SW_OK)
		st = sw__cases_predict(cases, fit, how, err);
	sw_fit_free(fit);
	return st;
}

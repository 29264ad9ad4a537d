// SPDX-License-Identifier: Apache-2.0
/*
 * GSLICE (Dhakal et al., SoCC'20): no prediction. Engines of a GPU start with equal shares; after every period each share moves
 * by the ratio of the latency measured to its target, or of the rate offered to that done, unless that is within 10 % of 1.
 *
 * Adapted: a measurement is what our predictor says of the GPU as it stands, without bounds, and the ratio is that of the limit
 * which is nearest or most broken. Shares that add up to more than the GPU shrink alike. It ends when nothing moves any more. Queues
 * near overload answer to a share more than in proportion, and then the rule swings without end: after 50 periods the best one
 * seen is kept, which is the smallest in which nobody was late by more than the dead band, or else the one with the least late
 * of the latest; what then is late stays late. GSLICE has one GPU; which engines share one is decided as for MuxServe and ffd
 * by the slices they need alone, larger ones first, each on the first GPU with room.
 */
#include "plan/miss.h"
#include "plan/peer.h"
#include "plan/peer_packer.h"
#include "plan/peers.h"
#include "plan/rules.h"

enum { PERIODS = 50 };

static const double dead_band = 0.1;
/* What an engine that cannot keep up, and whose rate tells nothing, moves by. */
static const double move_max = 2;
/* What rules.c leaves for an engine that no share binds. */
static const double least_turn = 0.01;

static enum sw_status settle(const struct sw__packer *packer, struct sw__seating *seating,
			     bool *stays, double *dislike, struct sw_error *err)
{
	double load;
	enum sw_status st = sw__load_alone(seating, &load, err);

	(void)packer;
	*stays = load <= 1 + SW__SUM_ROUNDING;
	*dislike = 0; /* first fit */
	return st;
}

/* The shares of a GPU while they move; levels follow them. */
struct moving {
	const struct sw__board *board;
	struct sw__board_gpu *gpu;
	double share[SW__TOGETHER_MAX];
};

/* What is measured over what is meant, of latency or, where there is none, of throughput. */
static double ratio_of(const struct sw__size *size, const struct sw_prediction *measured)
{
	double ratio = sw__miss_of(measured, &size->tenant.slo).ratio;

	/* The latency of one that falls behind is out of any band in the end. */
	if (isinf(ratio))
		ratio = fmax(1 + 2 * dead_band, size->tenant.load.rate / measured->max_rate_per_s);
	return isfinite(ratio) && ratio < move_max ? ratio : move_max;
}

static double move_of(double ratio)
{
	return fabs(ratio - 1) <= dead_band ? 1 : fmax(ratio, 1 / move_max);
}

/* Shares that are more than there is shrink alike, and every engine gets the slice that its share buys. */
static bool set_levels(struct moving *m)
{
	const struct sw__levels *levels = &m->board->sizing->levels[m->gpu->fleet];
	double sum = 0, turns = 0;
	bool moved = false;

	for (size_t i = 0; i < m->gpu->n; i++) {
		m->share[i] = fmin(m->share[i], 1);
		sum += m->gpu->engine[i]->share_matters ? m->share[i] : 0;
		turns += !m->gpu->engine[i]->share_matters;
	}
	for (size_t i = 0; i < m->gpu->n; i++) {
		size_t level;

		m->share[i] /= fmax(1, sum / (1 - least_turn * turns));
		level = m->gpu->engine[i]->share_matters ? sw__level_within(levels, m->share[i])
							 : 0;
		moved = moved || level != m->gpu->level[i];
		m->gpu->level[i] = (unsigned char)level;
	}
	return moved;
}

static enum sw_status measure(const struct moving *m, struct sw_prediction *out,
			      struct sw_error *err)
{
	const struct sw__oracle *oracle = m->board->sizing->oracle;
	const sw_prepared *prepared[SW__TOGETHER_MAX];
	enum sw_status st = sw__board_predict(m->board, m->gpu, out, err);

	for (size_t i = 0; i < m->gpu->n && st == SW_OK; i++)
		st = sw__size_prepared(m->board->sizing, m->gpu->engine[i], m->gpu->level[i],
				       &prepared[i], err);
	if (st == SW_OK)
		oracle->max_rates(m->board->sizing->problem->fleet[m->gpu->fleet].mechanism,
				  prepared, m->gpu->n, out);
	return st;
}

/* A period: the levels and how they did. */
struct period {
	struct sw__board_gpu gpu;
	double worst; /* ratio */
	double share;
};

static bool period_is_better(const struct period *a, const struct period *b)
{
	bool a_holds = a->worst <= 1 + dead_band, b_holds = b->worst <= 1 + dead_band;

	if (a_holds && b_holds)
		return a->share < b->share - SW__SUM_ROUNDING;
	return a->worst < b->worst;
}

/* Measure, note the period, and move every share. */
static enum sw_status pass_period(struct moving *m, struct period *now, struct sw_error *err)
{
	struct sw_prediction measured[SW__TOGETHER_MAX];
	enum sw_status st = measure(m, measured, err);

	*now = (struct period){.gpu = *m->gpu, .share = sw__board_share(m->board, m->gpu)};
	for (size_t i = 0; i < m->gpu->n && st == SW_OK; i++) {
		double ratio = ratio_of(m->gpu->engine[i], &measured[i]);

		now->worst = fmax(now->worst, ratio);
		m->share[i] *= move_of(ratio);
	}
	return st;
}

static enum sw_status tune(const struct sw__board *board, struct sw__board_gpu *gpu,
			   struct sw_error *err)
{
	struct moving m = {.board = board, .gpu = gpu};
	struct period best = {.worst = INFINITY}, now;
	bool moves = true;
	enum sw_status st = SW_OK;

	/* Instances cannot be cut anew under running engines. */
	if (board->sizing->problem->fleet[gpu->fleet].mechanism == SW_MIG)
		return SW_OK;
	for (size_t i = 0; i < gpu->n; i++)
		m.share[i] = 1.0 / (double)gpu->n;
	(void)set_levels(&m);
	for (int period = 0; period < PERIODS && moves && st == SW_OK; period++) {
		st = pass_period(&m, &now, err);
		if (st == SW_OK && period_is_better(&now, &best))
			best = now;
		moves = st == SW_OK && set_levels(&m);
	}
	/* What has settled stays; what swings was best once. */
	*gpu = moves ? best.gpu : now.gpu;
	return st;
}

enum sw_status sw__peer_gslice(struct sw__planning *planning, struct sw__state *out,
			       struct sw_error *err)
{
	const struct sw__packer packer = {
		.need = sw__need_alone, .first_level = sw__level_alone, .settle = settle};
	const struct sw__view view = {.points = true};
	struct sw__board board = {0};
	enum sw_status st = sw__peer_open(planning, &view, err);

	if (st == SW_OK)
		st = sw__pack(&packer, &planning->peer->sizing, &board, err);
	for (size_t i = 0; i < board.n && st == SW_OK; i++)
		st = tune(&board, &board.gpu[i], err);
	if (st == SW_OK)
		st = sw__board_hand_over(&board, &planning->made, out, err);
	sw__board_close(&board);
	if (st == SW_OK)
		sw__peer_look_clear(planning->peer);
	return st;
}

// SPDX-License-Identifier: Apache-2.0
/* Sets whose refusals are remembered, against the same sets each looked at anew. */
#include "plan/find_levels.h"

#include "check.h"
#include "plan/fake_oracle.h"

enum { ENGINES = 12, SETS = 400, ON_A_GPU = 5 };

static struct sw_error err;

struct search {
	struct sw__oracle oracle;
	struct sw__sizing sizing;
	struct sw__groups groups;
};

static void fake_stretches(enum sw_mechanism mechanism, const sw_prepared *const *p, size_t n,
			   double *out)
{
	struct sw_prediction predicted[SW__TOGETHER_MAX];

	fake_predict(mechanism, p, n, predicted);
	for (size_t i = 0; i < n; i++)
		out[i] = predicted[i].slowdown;
}

static void open_search(struct search *s, bool remembers)
{
	s->oracle = fake_oracle;
	s->oracle.stretches = remembers ? fake_stretches : NULL;
	CHECK_INT(sw__sizing_open(&fake_problem, &s->oracle, &s->sizing, &err), SW_OK);
	s->sizing.economical = true;
	sw__groups_open(&s->sizing, SW__NEIGHBOURS_COUNT, &s->groups);
}

static void close_search(struct search *s)
{
	sw__groups_close(&s->groups);
	sw__sizing_close(&s->sizing);
}

static const struct sw__together *set_of(struct search *s, unsigned members)
{
	struct sw__size *sizes[ENGINES];
	const struct sw__together *t = NULL;
	size_t n = 0;

	for (size_t w = 0; w < ENGINES; w++) {
		if (members >> w & 1)
			CHECK_INT(sw__size_get(&s->sizing, w, 0, 1, &sizes[n++], &err), SW_OK);
	}
	CHECK_INT(sw__together_get(&s->groups, 0, sizes, n, &t, &err), SW_OK);
	return t;
}

static unsigned any_members(unsigned *state)
{
	unsigned members = 0;

	for (int i = 0; i < ON_A_GPU; i++) {
		*state = *state * 1664525u + 1013904223u;
		members |= 1u << (*state >> 16) % ENGINES;
	}
	return members;
}

static void a_dozen_engines(void)
{
	fake_reset();
	fake_add_gpu(SW_MPS, 100, 80, 1, 2);
	for (int i = 0; i < ENGINES; i++)
		fake_add_workload((struct fake_workload){5, 0.005, 0.1 * (i % 5), 3}, 10, 14 + i);
}

TEST(what_is_remembered_changes_no_verdict_and_saves_predictions)
{
	static struct search remembers, forgets;
	unsigned state = 7;
	int fit = 0, refused = 0;

	a_dozen_engines();
	open_search(&remembers, true);
	open_search(&forgets, false);
	for (int i = 0; i < SETS; i++) {
		unsigned members = any_members(&state);
		const struct sw__together *a = set_of(&remembers, members),
					  *b = set_of(&forgets, members);

		if (!CHECK((a != NULL) == (b != NULL)) || !a)
			continue;
		CHECK_INT(a->fits, b->fits);
		if (a->fits)
			CHECK_NEAR(a->share, b->share, 0.03);
		fit += a->fits;
		refused += !a->fits;
	}
	CHECK(fit > 20 && refused > 20);
	CHECK(10 * remembers.sizing.predicted < 8 * forgets.sizing.predicted);
	close_search(&remembers);
	close_search(&forgets);
	CHECK_INT(fake_prepared, 0);
}

TEST_MAIN()

// SPDX-License-Identifier: Apache-2.0
/* The exact search against brute force. */
#include "plan/exact.h"

#include "plan/brute_force.h"
#include "plan/greedy.h"
#include "plan/search_fixture.h"

static const struct sw__effort effort = {
	.rounds = 50, .looks = 5000, .last_looks = 2500, .visits = 100000, .nodes = 1000};

static void one_gpu_each(void)
{
	static const struct sw__rule rule = {.joining = SW__JOIN_NONE,
					     .opening = SW__OPEN_CHEAPEST,
					     .only_fleet = SW__ANY_FLEET};

	CHECK_INT(sw__build(&groups, &state, &rule, &err), SW_OK);
}

struct tally {
	size_t solved, optimal, proved;
};

/* From a plan in which nothing is shared. */
static void compare_one(void (*make)(unsigned seed), unsigned seed, struct tally *t)
{
	double best, bound, cost;

	make(seed);
	best = brute_cost();
	if (isinf(best))
		return;
	open_all();
	one_gpu_each();
	CHECK_INT(sw__exact(&groups, &state, &effort, &bound, &err), SW_OK);
	cost = sw__state_cost(&state).per_hour;
	CHECK(cost >= best * (1 - 1e-9));
	CHECK(bound <= best * (1 + 1e-9));
	CHECK(sw__state_cost(&state).unplaced == 0);
	t->solved++;
	t->optimal += cost <= best * (1 + 1e-9);
	t->proved += bound >= best * (1 - 1e-6);
	close_all();
}

static void compare_with_brute_force(void (*make)(unsigned seed), unsigned n)
{
	struct tally t = {0};

	for (unsigned seed = 0; seed < n; seed++)
		compare_one(make, seed, &t);
	CHECK(t.solved > 2 * n / 3);
	CHECK_INT(t.optimal, t.solved);
	printf("    %zu of %zu proved\n", t.proved, t.solved);
	CHECK((double)t.proved > 0.95 * (double)t.solved);
}

TEST(it_finds_and_proves_what_brute_force_finds)
{
	compare_with_brute_force(random_problem, 300);
}

TEST(and_where_cuda_graphs_are_open)
{
	compare_with_brute_force(random_hami_problem, 300);
}

TEST(and_where_some_are_told_to_have_them_or_not)
{
	compare_with_brute_force(random_graphs_problem, 100);
}

/* Beside an engine that is held to a share and hardly works there is more time for turns than the share leaves. */
TEST(shares_and_turns_do_not_add_up)
{
	static const unsigned seeds[] = {516, 706, 1461, 7707, 8081, 8176, 8280};
	struct tally t = {0};

	for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++)
		compare_one(random_hami_problem, seeds[i], &t);
	CHECK_INT(t.optimal, sizeof(seeds) / sizeof(seeds[0]));
}

TEST(and_where_engines_must_survive_and_part)
{
	compare_with_brute_force(random_wishes_problem, 300);
}

TEST_MAIN()

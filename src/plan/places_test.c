// SPDX-License-Identifier: Apache-2.0
#include "plan/places.h"

#include "plan/search_fixture.h"

enum { MOST = 16 };

static const struct fake_workload light = {5, 0.001, 0, 0.5};

static struct sw_workload *add(void)
{
	return fake_add_workload(light, 1, 40);
}

static struct sw_workload *add_pinned(const char *gpu)
{
	static char ids[MOST][1][SW_NAME_MAX];
	struct sw_workload *w = add();
	size_t at = fake_problem.n_workloads - 1;

	(void)snprintf(ids[at][0], SW_NAME_MAX, "%s", gpu);
	w->n_gpus = 1;
	w->gpus = ids[at];
	return w;
}

/* Engines of `n` workloads from `from` on, together. */
static const struct sw__together *set_of(size_t from, size_t n)
{
	struct sw__size *engines[MOST];
	const struct sw__together *set = NULL;

	for (size_t i = 0; i < n; i++)
		CHECK_INT(sw__size_get(&sizing, from + i, 0, fake_asked[from + i].replicas,
				       &engines[i], &err),
			  SW_OK);
	CHECK_INT(sw__together_get(&groups, 0, engines, n, &set, &err), SW_OK);
	return set;
}

static bool find(const struct sw__together *const *sets, size_t n, long *number)
{
	bool holds = false;

	CHECK_INT(sw__places_find(&fake_problem, 0, sets, n, number, &holds, &err), SW_OK);
	return holds;
}

static struct sw_fleet_entry *start(double count, double gpus_per_node, double cores)
{
	struct sw_fleet_entry *entry;

	fake_reset();
	entry = fake_add_gpu(SW_MPS, 100, 40, 1, 2);
	entry->count = count;
	entry->gpus_per_node = gpus_per_node;
	entry->cores_per_node = cores;
	return entry;
}

TEST(ids_name_kinds_or_single_gpus)
{
	CHECK_INT(sw__pinned_number("l4"), -1);
	CHECK_INT(sw__pinned_number("l4/17"), 17);
	CHECK(sw__names_kind("l4", "l4") && sw__names_kind("l4/1", "l4"));
	CHECK(!sw__names_kind("l40s", "l4") && !sw__names_kind("l4", "l40s"));
}

TEST(where_gpus_are_alike_they_are_counted)
{
	const struct sw__together *sets[2];
	long number[2];

	(void)start(INFINITY, NAN, NAN);
	add()->replicas = 1;
	add()->replicas = 1;
	open_all();
	CHECK(!sw__places_matter(&fake_problem));
	sets[0] = set_of(0, 1);
	sets[1] = set_of(1, 1);
	CHECK(find(sets, 2, number) && number[0] == 0 && number[1] == 1);
	CHECK_INT(sw__place_node(&fake_fleet[0], 5), -1);
	close_all();
}

/* One may be on either of two GPUs, the other on one of them only: whoever comes first, both find theirs. */
TEST(pins_are_matched)
{
	static char either[2][SW_NAME_MAX] = {"g0/3", "g0/1"};
	const struct sw__together *sets[3];
	struct sw_workload *w;
	long number[3];

	(void)start(8, NAN, NAN);
	w = add();
	w->n_gpus = 2;
	w->gpus = either;
	(void)add_pinned("g0/3");
	(void)add();
	for (size_t i = 0; i < 3; i++)
		fake_asked[i].replicas = 1;
	open_all();
	CHECK(sw__places_matter(&fake_problem));
	for (size_t i = 0; i < 3; i++)
		sets[i] = set_of(i, 1);
	CHECK(find(sets, 3, number));
	CHECK_INT(number[0], 1);
	CHECK_INT(number[1], 3);
	CHECK_INT(number[2], 0);
	CHECK(set_of(0, 2) && sw__pins_agree(&fake_problem, 0, sets[0]->engines, 1));
	close_all();
}

TEST(two_sets_pinned_to_one_gpu_find_no_places)
{
	const struct sw__together *sets[2];

	(void)start(8, NAN, NAN);
	add_pinned("g0/2")->replicas = 1;
	add_pinned("g0/2")->replicas = 1;
	add_pinned("g0/4")->replicas = 1;
	open_all();
	sets[0] = set_of(0, 1);
	sets[1] = set_of(1, 1);
	CHECK(!find(sets, 2, NULL));
	CHECK(set_of(0, 2) && find((const struct sw__together *[]){set_of(0, 2)}, 1, NULL));
	CHECK(!set_of(1, 2)); /* no GPU is both /2 and /4 */
	close_all();
}

/* Nodes of two GPUs and 10 cores: sets of 4, 3, 2 and 1 engines with two each go on two nodes as 8 + 2 and 6 + 4. */
TEST(cores_are_counted_by_node)
{
	const struct sw__together *sets[4];
	long number[4];

	(void)start(4, 2, 10);
	for (size_t i = 0; i < 10; i++)
		add()->replicas = 1;
	open_all();
	CHECK(sw__places_matter(&fake_problem));
	sets[0] = set_of(0, 4);
	sets[1] = set_of(4, 3);
	sets[2] = set_of(7, 2);
	sets[3] = set_of(9, 1);
	CHECK_NEAR(sw__cores_of(&fake_fleet[0], sets[1]->engines, 3), 6, 0);
	CHECK(find(sets, 4, number));
	CHECK_INT(number[0] / 2, 0);
	CHECK_INT(number[1] / 2, 1);
	CHECK_INT(number[2] / 2, 1);
	CHECK_INT(number[3] / 2, 0);
	fake_fleet[0].cores_per_node = 9;
	CHECK(!find(sets, 4, number));
	close_all();
}

TEST(who_survives_a_node_is_on_another)
{
	const struct sw__together *sets[2];
	long number[2];

	(void)start(INFINITY, 4, NAN);
	add()->replicas = 2;
	fake_asked[0].survive.nodes = 1;
	open_all();
	sets[0] = sets[1] = set_of(0, 1);
	CHECK(find(sets, 2, number));
	CHECK(sw__place_node(&fake_fleet[0], number[0]) !=
	      sw__place_node(&fake_fleet[0], number[1]));
	fake_fleet[0].count = 4;
	CHECK(!find(sets, 2, number));
	fake_fleet[0].gpus_per_node = NAN;
	CHECK(!sw__may_run(&fake_problem, 0, 0));
	close_all();
}

TEST_MAIN()

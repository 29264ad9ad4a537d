// SPDX-License-Identifier: Apache-2.0
#include "plan/pressed_bound.h"

#include "plan/brute_force.h"
#include "plan/search_fixture.h"

static double bound_of(void)
{
	bool placed[FAKE_WORKLOADS];
	double bound = NAN;

	for (size_t w = 0; w < FAKE_WORKLOADS; w++)
		placed[w] = true;
	open_all();
	CHECK_INT(sw__pressed_bound(&sizing, placed, &bound, &err), SW_OK);
	close_all();
	return bound;
}

/* Random problems whose cheapest plan is known. */
TEST(no_bound_is_above_what_brute_force_finds)
{
	double sum = 0, known = 0;
	int n = 0;

	for (unsigned seed = 1; seed <= 150; seed++) {
		double best, bound;

		random_problem(seed);
		best = brute_cost();
		if (isinf(best))
			continue;
		bound = bound_of();
		CHECK(bound <= best * (1 + 1e-9));
		sum += bound;
		known += best;
		n++;
	}
	CHECK(n > 100);
	printf("    %d problems, bounds %.0f %% of the optima\n", n, 100 * sum / known);
	CHECK(sum > 0.6 * known);
}

/* Eight engines of 0.24 alone: four on a GPU by sums, three beside what these do to each other. */
TEST(it_counts_what_neighbours_do)
{
	static const struct fake_workload pushing = {5, 1e-9, 1.2, 1}, gentle = {5, 1e-9, 0, 1};
	double with = NAN, without = NAN;

	for (int pass = 0; pass < 2; pass++) {
		fake_reset();
		fake_add_gpu(SW_MPS, 100, 40, 1, 2);
		for (int i = 0; i < 8; i++)
			fake_add_workload(pass ? pushing : gentle, 1, 5.5 / pow(0.24, 0.7) * 1.0001)
				->replicas = 1;
		*(pass ? &with : &without) = bound_of();
	}
	CHECK_NEAR(without, 2 * 8 * 0.24, 1e-6);
	CHECK(with > 1.5 * without);
}

/* More engines are another way to serve a load, and no other way can raise what any costs at least. */
TEST(freedom_to_divide_never_raises_it)
{
	for (unsigned seed = 1; seed <= 60; seed++) {
		double freely, as_one;

		random_state = seed;
		fake_reset();
		fake_add_gpu(SW_MPS, 10, 40, 1, 2);
		fake_add_workload((struct fake_workload){random_between(1, 4), 0.01, 0, 1},
				  random_between(10, 90), random_between(4, 12));
		freely = bound_of();
		fake_asked[0].replicas = 1;
		as_one = bound_of();
		CHECK(freely <= as_one * (1 + 1e-12) || as_one == 0);
	}
}

/* All of a random problem's workloads again and again, one after another. */
static void repeat_workloads(size_t times)
{
	size_t n = fake_problem.n_workloads;

	for (size_t i = n; i < times * n; i++) {
		struct fake_workload like = fake_workloads[i % n];
		const struct sw_workload *asked = &fake_asked[i % n];

		fake_add_workload(like, asked->load.rate, asked->slo.bound_ms[SW_TPOT][SW_P95])
			->replicas = asked->replicas;
	}
}

/* Of more workloads than weights are found for: fifty times the same ones cost at most fifty times what they cost, and what is proved
 * of some of them is nearly as good as what is proved of all. */
TEST(weights_of_some_prove_nearly_as_much_for_all)
{
	enum { TIMES = 50 };
	int n = 0;

	for (unsigned seed = 1; n < 12 && seed < 100; seed++) {
		double best, once, often;

		random_problem(seed);
		best = brute_cost();
		if (isinf(best) || fake_problem.n_workloads < 4)
			continue;
		once = bound_of();
		repeat_workloads(TIMES);
		often = bound_of();
		CHECK(often <= TIMES * best * (1 + 1e-9));
		CHECK(often > 0.97 * TIMES * once);
		n++;
	}
	CHECK_INT(n, 12);
}

TEST_MAIN()

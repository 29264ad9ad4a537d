// SPDX-License-Identifier: Apache-2.0
#include "compare/trace_part.h"

#include "check.h"

enum { ROWS = 1000 };
static double arrival_s[ROWS], prompts[ROWS], outputs[ROWS];
static const struct sw_trace trace = {NULL, ROWS, arrival_s, prompts, outputs};

/* A request every second, each with a length of its own. */
static void fill(void)
{
	for (int i = 0; i < ROWS; i++) {
		arrival_s[i] = i;
		prompts[i] = 100 + i;
		outputs[i] = 10;
	}
}

TEST(requests_of_a_stretch_in_their_order)
{
	struct sw__trace_part_ask ask = {
		.trace = &trace, .stretch = 2, .kept = 1, .duration_s = 100, .workload_seed = 3};
	struct sw_load load = {.rate = 0.5, .concurrency = NAN};
	struct sw_trace *part;
	int wrong = 0;

	fill();
	CHECK_INT(sw__trace_part(&ask, &load, &part, NULL), SW_OK);
	CHECK(load.trace == part && load.trace_once);
	CHECK(part->n == 50);
	CHECK(part->arrival_s[0] >= 0 && part->arrival_s[0] < 2);
	for (size_t i = 1; i < part->n; i++) {
		wrong += fabs(part->arrival_s[i] - part->arrival_s[i - 1] - 2) > 1e-9;
		wrong += part->prompt_tokens[i] != part->prompt_tokens[i - 1] + 1;
	}
	CHECK_INT(wrong, 0);
	sw__trace_part_free(part);
}

TEST(it_goes_round)
{
	struct sw__trace_part_ask ask = {
		.trace = &trace, .stretch = 1, .kept = 1, .duration_s = 3000, .workload_seed = 5};
	struct sw_load load = {.rate = 1, .concurrency = NAN};
	struct sw_trace *part;

	fill();
	CHECK_INT(sw__trace_part(&ask, &load, &part, NULL), SW_OK);
	CHECK_INT(part->n, 3000);
	CHECK_NEAR(part->prompt_tokens[0], part->prompt_tokens[ROWS], 0);
	CHECK_NEAR(part->arrival_s[ROWS] - part->arrival_s[0], ROWS, 1e-9);
	sw__trace_part_free(part);
}

/* Of 100 000 requests a quarter, but for chance (standard deviation 137); begun where the whole begins. */
TEST(a_replica_takes_its_part)
{
	struct sw__trace_part_ask ask = {.trace = &trace,
					 .stretch = 1,
					 .kept = 0.25,
					 .duration_s = 1e5,
					 .workload_seed = 5,
					 .engine_seed = 1};
	struct sw_load load = {.rate = 0.25, .concurrency = NAN}, other = load;
	struct sw_trace *part, *of_other;

	fill();
	CHECK_INT(sw__trace_part(&ask, &load, &part, NULL), SW_OK);
	CHECK(fabs((double)part->n - 25000) < 700);
	ask.engine_seed = 2;
	CHECK_INT(sw__trace_part(&ask, &other, &of_other, NULL), SW_OK);
	CHECK(part->n != of_other->n || part->arrival_s[10] != of_other->arrival_s[10]);
	CHECK_NEAR(fmod(part->arrival_s[0], 1), fmod(of_other->arrival_s[0], 1), 1e-6);
	sw__trace_part_free(part);
	sw__trace_part_free(of_other);
}

TEST(lengths_of_the_workload_in_place_of_the_traces)
{
	const struct sw_length prompt = {500, 1000}, output = {20, NAN};
	struct sw__trace_part_ask ask = {.trace = &trace,
					 .stretch = 1,
					 .kept = 1,
					 .duration_s = 20000,
					 .prompt_tokens = &prompt,
					 .output_tokens = &output};
	struct sw_load load = {.rate = 1, .concurrency = NAN};
	struct sw_trace *part;
	double sum = 0;

	fill();
	CHECK_INT(sw__trace_part(&ask, &load, &part, NULL), SW_OK);
	for (size_t i = 0; i < part->n; i++)
		sum += part->prompt_tokens[i];
	CHECK_NEAR(sum / (double)part->n, 500, 0.02);
	CHECK_NEAR(part->output_tokens[7], 20, 0);
	sw__trace_part_free(part);
}

TEST(where_nothing_comes_nothing_is_played)
{
	struct sw__trace_part_ask ask = {
		.trace = &trace, .stretch = 1e6, .kept = 1, .duration_s = 10, .workload_seed = 3};
	struct sw_load load = {.rate = 1e-6, .concurrency = NAN};
	struct sw_trace *part;

	fill();
	CHECK_INT(sw__trace_part(&ask, &load, &part, NULL), SW_OK);
	CHECK(!part && !load.trace && load.rate * 10 < 0.1 && load.rate > 0);
}

TEST_MAIN()

// SPDX-License-Identifier: Apache-2.0
#include "plan/demand.h"

#include <stdlib.h>

#include "check.h"

static struct sw_error err;

TEST(constant_lengths_are_half_written_on_the_mean)
{
	struct sw_load load = {.prompt_tokens = {2048, NAN}, .output_tokens = {256, NAN}};
	struct sw__demand demand;

	CHECK_INT(sw__demand_of(&load, &demand, &err), SW_OK);
	CHECK_NEAR(demand.resident_mean, 2048 + 128, 1e-12);
	CHECK_NEAR(demand.resident_sd, 256 / sqrt(12), 1e-12);
	CHECK_NEAR(demand.longest, 2304, 1e-12);
	CHECK_NEAR(sw__demand_tokens(&demand, 4), 4 * 2176 + 2.326 * 2 * 256 / sqrt(12), 1e-12);
}

/* The judge is a simulated renewal process: which request is running at a random moment, and how far it is. */
TEST(lognormal_lengths_agree_with_sampling)
{
	struct sw_load load = {.prompt_tokens = {1000, 3000}, .output_tokens = {200, 600}};
	double sigma_p = 1.6448536 - sqrt(1.6448536 * 1.6448536 - 2 * log(3.0));
	double weight = 0, sum = 0, squares = 0;
	struct sw__demand demand;
	unsigned state = 12345;
	double uniform[5];

	CHECK_INT(sw__demand_of(&load, &demand, &err), SW_OK);
	for (int i = 0; i < 2000000; i++) {
		double p, o, context;

		for (int k = 0; k < 5; k++) {
			state = state * 1664525u + 1013904223u;
			uniform[k] = (state >> 8) / 16777216.0 + 1e-9;
		}
		p = 1000 *
		    exp(sigma_p * sqrt(-2 * log(uniform[0])) * cos(6.283185307 * uniform[1]) -
			0.5 * sigma_p * sigma_p);
		o = 200 * exp(sigma_p * sqrt(-2 * log(uniform[2])) * cos(6.283185307 * uniform[3]) -
			      0.5 * sigma_p * sigma_p);
		context = p + o * uniform[4];
		weight += o;
		sum += o * context;
		squares += o * context * context;
	}
	CHECK_NEAR(demand.resident_mean, sum / weight, 0.02);
	CHECK_NEAR(demand.resident_sd, sqrt(squares / weight - sum / weight * sum / weight), 0.1);
}

TEST(a_trace_counts_its_longest_request)
{
	double at[] = {0, 1, 2}, prompt[] = {100, 5000, 20}, output[] = {10, 20, 3000};
	const struct sw_trace trace = {
		.n = 3, .arrival_s = at, .prompt_tokens = prompt, .output_tokens = output};
	struct sw_load load = {.trace = &trace};
	struct sw_model model = {.max_position = 40960};
	struct sw__demand demand;

	CHECK_INT(sw__demand_of(&load, &demand, &err), SW_OK);
	CHECK_NEAR(demand.longest, 5020, 1e-12);
	CHECK_INT(sw__demand_model_len(&demand, &model), 5120);
	model.max_position = 4096;
	CHECK_INT(sw__demand_model_len(&demand, &model), 4096);
	demand.longest = 3;
	CHECK_INT(sw__demand_model_len(&demand, &model), 2048);
}

TEST_MAIN()

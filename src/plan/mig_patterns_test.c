// SPDX-License-Identifier: Apache-2.0
#include "plan/mig_patterns.h"

#include "plan/table_fixture.h"

static struct sw_error err;

static const struct sw_gpu *a100(void)
{
	fake_reset();
	return &fake_add_mig(1)->gpu;
}

static bool legal(const struct sw_gpu *gpu, const struct sw__mig_pattern *pattern)
{
	const struct sw_mig_profile *on[16];
	unsigned starts[16];
	size_t n = 0;

	for (size_t p = 0; p < gpu->n_mig; p++)
		for (unsigned i = 0; i < pattern->count[p]; i++)
			on[n++] = &gpu->mig[p];
	return n <= 7 && sw_gpu_mig_arrange(gpu, on, n, starts);
}

/*
 * All counts of every profile, and of those that lie side by side the ones to which none can be added. By hand: 7; 4 with 3, 21 or 111; 3
 * with 3, 22, 211 or 1111; 2221, 22111, 211111, 1111111.
 */
TEST(the_full_cuts_of_an_a100)
{
	const struct sw_gpu *gpu = a100();
	struct sw__mig_patterns patterns;
	size_t n = 0;

	CHECK_INT(sw__mig_patterns_of(gpu, NULL, 0, 7, &patterns, &err), SW_OK);
	CHECK(patterns.complete);
	for (unsigned code = 0; code < 8 * 4 * 3 * 2 * 2; code++) {
		struct sw__mig_pattern p = {
			{(unsigned char)(code % 8), (unsigned char)(code / 8 % 4),
			 (unsigned char)(code / 32 % 3), (unsigned char)(code / 96 % 2),
			 (unsigned char)(code / 192)}};
		bool full = legal(gpu, &p), found = false;

		for (size_t i = 0; i < gpu->n_mig && full; i++) {
			p.count[i]++;
			full = !legal(gpu, &p);
			p.count[i]--;
		}
		for (size_t i = 0; i < patterns.n; i++)
			found = found || memcmp(&patterns.pattern[i], &p, sizeof(p)) == 0;
		CHECK_INT(found, full);
		n += full;
	}
	CHECK_INT(patterns.n, n);
	CHECK_INT(n, 12);
	free(patterns.pattern);
}

TEST(beside_what_is_there)
{
	const struct sw_gpu *gpu = a100();
	const struct sw_mig_profile *there[] = {&gpu->mig[3], &gpu->mig[1]};
	struct sw__mig_patterns patterns;

	CHECK_INT(sw__mig_patterns_of(gpu, there, 2, 7, &patterns, &err), SW_OK);
	CHECK_INT(patterns.n, 1);
	CHECK_INT(patterns.pattern[0].count[0], 1);
	free(patterns.pattern);
	CHECK_INT(sw__mig_patterns_of(gpu, there, 2, 2, &patterns, &err), SW_OK);
	CHECK(patterns.n == 1 && patterns.pattern[0].count[0] == 0);
	free(patterns.pattern);
	CHECK_INT(sw__mig_patterns_of(gpu, there, 2, 1, &patterns, &err), SW_OK);
	CHECK_INT(patterns.n, 0);
	free(patterns.pattern);
}

/* A limit of three engines makes other cuts full. */
TEST(no_more_than_are_allowed)
{
	const struct sw_gpu *gpu = a100();
	struct sw__mig_patterns patterns;

	CHECK_INT(sw__mig_patterns_of(gpu, NULL, 0, 3, &patterns, &err), SW_OK);
	for (size_t i = 0; i < patterns.n; i++) {
		unsigned n = 0;

		for (size_t p = 0; p < gpu->n_mig; p++)
			n += patterns.pattern[i].count[p];
		CHECK(n <= 3 && legal(gpu, &patterns.pattern[i]));
	}
	CHECK(patterns.n > 5);
	free(patterns.pattern);
}

TEST_MAIN()

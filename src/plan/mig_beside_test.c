// SPDX-License-Identifier: Apache-2.0
#include "plan/mig_beside.h"

#include "plan/greedy.h"
#include "plan/mig_patterns.h"
#include "plan/table_fixture.h"

static struct sw_error err;

static const struct sw_gpu *a100(void)
{
	fake_reset();
	return &fake_add_mig(1)->gpu;
}

/* Every place of the rest, one after another. */
static bool lies(const struct sw_gpu *gpu, const struct sw_mig_profile *const *p, size_t n,
		 unsigned long taken, unsigned compute)
{
	if (n == 0)
		return true;
	if (compute + p[0]->compute_slices > gpu->mig_compute_slices)
		return false;
	for (unsigned at = 0; at + p[0]->memory_slices <= gpu->mig_memory_slices; at++) {
		unsigned long slices = ((1UL << p[0]->memory_slices) - 1) << at;

		if ((p[0]->starts >> at & 1) && !(taken & slices) &&
		    lies(gpu, p + 1, n - 1, taken | slices, compute + p[0]->compute_slices))
			return true;
	}
	return false;
}

static unsigned long slices_of(const struct sw__mig_place *place)
{
	return ((1UL << place->profile->memory_slices) - 1) << place->start;
}

/* Two that stay and up to three beside them, at random, against every place there is. */
TEST(as_all_places_say)
{
	const struct sw_gpu *gpu = a100();
	uint64_t random = 3;
	unsigned fit = 0;

	for (int i = 0; i < 2000; i++) {
		struct sw__mig_place there[2];
		const struct sw_mig_profile *wanted[3];
		unsigned starts[3] = {0}, compute = 0, of[SW_MIG_PROFILES_MAX] = {0};
		unsigned long taken = 0;
		size_t n = 1 + sw__random(&random) % 3;
		bool legal = true, expected;

		for (size_t k = 0; k < 2; k++) {
			there[k].profile = &gpu->mig[sw__random(&random) % 4];
			there[k].start = (unsigned)(sw__random(&random) % 7);
			legal = legal && (there[k].profile->starts >> there[k].start & 1) &&
				!(taken & slices_of(&there[k]));
			taken |= slices_of(&there[k]);
			compute += there[k].profile->compute_slices;
			of[there[k].profile - gpu->mig]++;
		}
		for (size_t k = 0; k < n; k++) {
			wanted[k] = &gpu->mig[sw__random(&random) % 4];
			of[wanted[k] - gpu->mig]++;
		}
		for (size_t p = 0; p < gpu->n_mig; p++)
			legal = legal && of[p] <= gpu->mig[p].max_instances;
		expected = legal && lies(gpu, wanted, n, taken, compute);
		CHECK(sw__mig_beside(gpu, there, 2, wanted, n, starts) == expected);
		for (size_t k = 0; k < n && expected; k++) {
			struct sw__mig_place place = {wanted[k], starts[k]};

			CHECK(wanted[k]->starts >> starts[k] & 1);
			CHECK(!(taken & slices_of(&place)));
			taken |= slices_of(&place);
		}
		fit += expected;
	}
	CHECK(fit > 50);
}

/* By hand: a 1g at slice 1 leaves 0, 2, 3 and 4 to 6: 1g and 2g and 3g, no 4g. */
TEST(what_lies_beside_one_that_stays)
{
	const struct sw_gpu *gpu = a100();
	const struct sw__mig_place there = {&gpu->mig[0], 1};
	struct sw__mig_patterns patterns;
	bool found = false;

	CHECK_INT(sw__mig_patterns_beside(gpu, &there, 1, 7, &patterns, &err), SW_OK);
	for (size_t i = 0; i < patterns.n; i++) {
		const unsigned char *count = patterns.pattern[i].count;

		CHECK(count[3] == 0 && count[4] == 0);
		found = found || (count[0] == 1 && count[1] == 1 && count[2] == 1);
	}
	CHECK(found);
	free(patterns.pattern);
	CHECK_INT(sw__mig_patterns_beside(gpu, &there, 1, 1, &patterns, &err), SW_OK);
	CHECK(patterns.n == 1 && patterns.pattern[0].count[0] == 0);
	free(patterns.pattern);
}

TEST_MAIN()

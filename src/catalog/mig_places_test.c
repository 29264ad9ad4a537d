// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "catalog/catalog_fixture.h"

enum { SLICES = 8, MOST = 8 };

static const struct sw_mig_profile *profile_of(const struct sw_gpu *gpu, const char *name)
{
	for (size_t i = 0; i < gpu->n_mig; i++)
		if (strncmp(gpu->mig[i].name, name, strlen(name)) == 0)
			return &gpu->mig[i];
	CHECK(false);
	return &gpu->mig[0];
}

/* A second way to the same answer: every instance tries every slice, in the order given, nothing is skipped. */
static bool brute(const struct sw_gpu *gpu, const struct sw_mig_profile *const *p, size_t n,
		  unsigned char *owner)
{
	if (n == 0)
		return true;
	for (unsigned at = 0; at < gpu->mig_memory_slices; at++) {
		bool ok = p[0]->starts == 0 || ((p[0]->starts >> at) & 1);

		for (unsigned s = at; s < at + p[0]->memory_slices; s++)
			ok = ok && s < gpu->mig_memory_slices && !owner[s];
		if (!ok)
			continue;
		memset(owner + at, 1, p[0]->memory_slices);
		ok = brute(gpu, p + 1, n - 1, owner);
		memset(owner + at, 0, p[0]->memory_slices);
		if (ok)
			return true;
	}
	return false;
}

static bool sums_hold(const struct sw_gpu *gpu, const struct sw_mig_profile *const *p, size_t n)
{
	unsigned compute = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned same = 0;

		for (size_t k = 0; k < n; k++)
			same += p[k] == p[i];
		compute += p[i]->compute_slices;
		if (same > p[i]->max_instances)
			return false;
	}
	return compute <= gpu->mig_compute_slices;
}

static void check_places(const struct sw_gpu *gpu, const struct sw_mig_profile *const *p, size_t n,
			 const unsigned *starts)
{
	unsigned char owner[32] = {0};

	for (size_t i = 0; i < n; i++) {
		CHECK(p[i]->starts == 0 || (p[i]->starts & 1U << starts[i]));
		for (unsigned s = starts[i]; s < starts[i] + p[i]->memory_slices; s++)
			CHECK(s < gpu->mig_memory_slices && owner[s]++ == 0);
	}
}

static size_t compare_all(const struct sw_gpu *gpu)
{
	const struct sw_mig_profile *p[MOST];
	size_t total = 1, legal = 0;

	for (size_t n = 1; n <= 5; n++) {
		total *= gpu->n_mig;
		for (size_t code = 0; code < total; code++) {
			unsigned char owner[32] = {0};
			unsigned starts[MOST];
			size_t rest = code;
			bool found;

			for (size_t i = 0; i < n; i++, rest /= gpu->n_mig)
				p[i] = &gpu->mig[rest % gpu->n_mig];
			found = sw_gpu_mig_arrange(gpu, p, n, starts);
			CHECK_INT(found, sums_hold(gpu, p, n) && brute(gpu, p, n, owner));
			if (found)
				check_places(gpu, p, n, starts);
			legal += found;
		}
	}
	return legal;
}

TEST(every_list_of_up_to_five_instances_is_as_brute_force_says)
{
	static const char *const gpus[] = {"a100-sxm4-80gb", "a100-pcie-40gb", "h100-sxm",
					   "h200-sxm", "rtx-pro-6000-server"};

	for (size_t i = 0; i < sizeof(gpus) / sizeof(gpus[0]); i++) {
		struct sw_gpu gpu = gpu_called(gpus[i]);

		CHECK(compare_all(&gpu) > 10);
	}
}

/* What lies where, until nothing more goes in: every such arrangement once, by the slice that is filled next. */
static size_t count_full(const struct sw_gpu *gpu, const char *const *names, size_t n,
			 unsigned slice, unsigned char *owner)
{
	size_t count = 0;
	bool any = false;

	for (; slice < gpu->mig_memory_slices; slice++) {
		for (size_t i = 0; i < n; i++) {
			const struct sw_mig_profile *p = profile_of(gpu, names[i]);

			if (!(p->starts & 1U << slice))
				continue;
			any = true;
			count += count_full(gpu, names, n, slice + p->memory_slices, owner);
		}
		if (any)
			return count;
	}
	return 1;
}

/* NVIDIA's user guide draws 19 combinations of 1g, 2g, 3g, 4g and 7g on an A100. */
TEST(an_a100_can_be_filled_in_nineteen_ways)
{
	static const char *const names[] = {"1g.10gb", "2g.20gb", "3g.40gb", "4g.40gb", "7g.80gb"};
	struct sw_gpu gpu = gpu_called("a100-sxm4-80gb");
	unsigned char owner[SLICES] = {0};

	CHECK_INT(count_full(&gpu, names, 5, 0, owner), 19);
}

TEST(published_combinations)
{
	static const struct {
		const char *instances;
		bool legal;
	} cases[] = {
		{"4g.40gb 3g.40gb", true},
		{"4g.40gb 2g.20gb 1g.10gb", true},
		{"4g.40gb 1g.10gb 1g.10gb 1g.10gb", true},
		{"3g.40gb 3g.40gb", true},
		{"3g.40gb 2g.20gb 2g.20gb", true},
		{"3g.40gb 2g.20gb 1g.10gb 1g.10gb", true},
		{"3g.40gb 1g.10gb 1g.10gb 1g.10gb 1g.10gb", true},
		{"2g.20gb 2g.20gb 2g.20gb 1g.10gb", true},
		{"2g.20gb 1g.10gb 1g.10gb 1g.10gb 1g.10gb 1g.10gb", true},
		{"1g.10gb 1g.10gb 1g.10gb 1g.10gb 1g.10gb 1g.10gb 1g.10gb", true},
		{"7g.80gb", true},
		{"1g.20gb 1g.20gb 1g.20gb 1g.20gb", true},
		{"4g.40gb 1g.20gb 1g.20gb", true},
		/* sums would allow these */
		{"3g.40gb 3g.40gb 1g.10gb", false},
		{"4g.40gb 2g.20gb 1g.20gb", true},
		{"4g.40gb 1g.20gb 1g.10gb 1g.10gb", true},
		{"2g.20gb 2g.20gb 2g.20gb 1g.20gb", true},
		{"4g.40gb 4g.40gb", false},
		{"7g.80gb 1g.10gb", false},
	};
	struct sw_gpu gpu = gpu_called("a100-sxm4-80gb");

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct sw_mig_profile *p[MOST];
		const char *at = cases[i].instances;
		unsigned starts[MOST];
		size_t n = 0;

		while (at) {
			p[n++] = profile_of(&gpu, (char[]){at[0], at[1], at[2], at[3], at[4], 0});
			at = strchr(at, ' ');
			at = at ? at + 1 : NULL;
		}
		if (!CHECK(sw_gpu_mig_arrange(&gpu, p, n, starts) == cases[i].legal))
			printf("    %s\n", cases[i].instances);
	}
}

/* Six slices of which the sums say that another of two fits, and the places do not. */
TEST(room_in_the_wrong_place_is_none)
{
	struct sw_gpu gpu = {
		.mig_compute_slices = 6,
		.mig_memory_slices = 6,
		.n_mig = 2,
		.mig = {{"1g", 1, 1, 1, 1, 6, 1U << 1 | 1U << 3}, {"2g", 2, 2, 2, 2, 3, 21}},
	};
	const struct sw_mig_profile *p[] = {&gpu.mig[0], &gpu.mig[0], &gpu.mig[1], &gpu.mig[1]};
	unsigned starts[4];

	CHECK(sw_gpu_mig_arrange(&gpu, p, 3, starts));
	CHECK_INT(starts[2], 4);
	CHECK(!sw_gpu_mig_arrange(&gpu, p, 4, starts));
	gpu.mig[0].starts = 0; /* not said: anywhere */
	CHECK(sw_gpu_mig_arrange(&gpu, p, 4, starts));
}

/* A file that nobody has: an answer all the same. */
TEST(many_slices_end_in_time)
{
	struct sw_gpu gpu = {.mig_compute_slices = 32, .mig_memory_slices = 32, .n_mig = 12};
	const struct sw_mig_profile *p[13];
	unsigned starts[13];

	for (size_t i = 0; i < 12; i++) {
		gpu.mig[i] = (struct sw_mig_profile){"x", 1, 2, 1, 1, 32, 0x15555555};
		p[i] = &gpu.mig[i];
	}
	p[12] = &gpu.mig[0];
	CHECK(sw_gpu_mig_arrange(&gpu, p, 12, starts));
	for (size_t i = 0; i < 12; i++)
		gpu.mig[i].starts = 0x1ff;
	CHECK(!sw_gpu_mig_arrange(&gpu, p, 13, starts));
}

TEST_MAIN()

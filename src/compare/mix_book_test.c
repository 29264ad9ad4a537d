// SPDX-License-Identifier: Apache-2.0
#include "compare/mix_book.h"

#include "compare/compare_fixture.h"

enum { MANY = 300 };

static struct sw__planned_gpu a_gpu(const struct compare_fixture *f, double share)
{
	struct sw__planned_gpu gpu = {
		.mix = {.gpu = f->problem->fleet[0].gpu, .mechanism = SW_MPS, .n = 1}};

	gpu.mix.tenants = calloc(1, sizeof(*gpu.mix.tenants));
	gpu.workload = calloc(1, sizeof(*gpu.workload));
	gpu.mix.tenants[0].model = f->problem->workloads[0].model;
	gpu.mix.tenants[0].load = f->problem->workloads[0].load;
	gpu.mix.tenants[0].slice = (struct sw_slice){SW_MPS, share, 8};
	(void)snprintf(gpu.mix.tenants[0].name, SW_NAME_MAX, "chat/0");
	return gpu;
}

TEST(what_is_alike_is_there_once)
{
	struct sw__book book = {.loads = 2, .worlds = 3};
	struct compare_fixture f;
	size_t index = 0, wrong = 0;

	compare_fixture_open(&f, "fleet:\n  - {gpu: l40s, mechanism: mps}\n" TWO_WORKLOADS);
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < MANY; i++) {
			struct sw__planned_gpu gpu = a_gpu(&f, (i + 1) / 1000.0);

			CHECK_INT(sw__book_add(&book, &gpu, &index, NULL), SW_OK);
			wrong += index != (size_t)i;
		}
	CHECK_INT(wrong, 0);
	CHECK_INT(book.n, MANY);
	CHECK(book.mixes[0].seed != book.mixes[1].seed);
	sw__book_clear(&book);
	CHECK_INT(book.n, 0);
	compare_fixture_close(&f);
}

TEST(entries_are_apart)
{
	struct sw__book book = {.loads = 2, .worlds = 3};
	struct compare_fixture f;
	struct sw__planned_gpu gpu;
	size_t index;

	compare_fixture_open(&f, "fleet:\n  - {gpu: l40s, mechanism: mps}\n" TWO_WORKLOADS);
	gpu = a_gpu(&f, 0.5);
	CHECK_INT(sw__book_add(&book, &gpu, &index, NULL), SW_OK);
	for (unsigned load = 0; load < 2; load++)
		for (unsigned world = 0; world < 3; world++)
			sw__book_entry(&book, index, load, world)->played.events =
				10 * load + world;
	CHECK_NEAR(sw__book_entry(&book, index, 0, 2)->played.events, 2, 0);
	CHECK_NEAR(sw__book_entry(&book, index, 1, 0)->played.events, 10, 0);
	sw__book_clear(&book);
	compare_fixture_close(&f);
}

TEST_MAIN()

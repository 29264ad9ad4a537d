// SPDX-License-Identifier: Apache-2.0
#include "apply/seats.h"

#include <string.h>

#include "check.h"

enum { MOST = 16 };

static struct sw_error err;
static struct sw_mix mixes[MOST];
static struct sw_tenant tenants[MOST][4];
static struct sw_planned_gpu planned[MOST];
static struct sw_plan_mixes plan;
static struct sw__real_gpu real[MOST];
static struct sw__inventory inventory;
static size_t seat[MOST];

static void reset(void)
{
	plan = (struct sw_plan_mixes){.gpus = planned};
	inventory = (struct sw__inventory){.gpu = real};
}

static void add_planned(const char *kind, size_t n, double memory_gib)
{
	size_t i = plan.n_gpus++;

	mixes[i] = (struct sw_mix){.n = n, .tenants = tenants[i]};
	(void)snprintf(mixes[i].gpu.id, sizeof(mixes[i].gpu.id), "%s", kind);
	for (size_t k = 0; k < n; k++)
		tenants[i][k].slice.memory_gib = memory_gib;
	planned[i] = (struct sw_planned_gpu){.node = -1, .mix = &mixes[i]};
	(void)snprintf(planned[i].id, sizeof(planned[i].id), "%s/%zu", kind, i);
}

static void add_real(const char *node, const char *kind, bool healthy)
{
	size_t i = inventory.n++;

	real[i] = (struct sw__real_gpu){.tenants = 3, .memory_mib = 81920, .healthy = healthy};
	(void)snprintf(real[i].uuid, sizeof(real[i].uuid), "GPU-%zu", i);
	(void)snprintf(real[i].node, sizeof(real[i].node), "%s", node);
	(void)snprintf(real[i].gpu, sizeof(real[i].gpu), "%s", kind);
}

static enum sw_status choose(const char *const *taken)
{
	return sw__seats_choose(&plan, &inventory, taken, seat, &err);
}

TEST(each_on_a_healthy_gpu_of_its_kind_and_no_two_on_one)
{
	reset();
	add_planned("l4", 1, 10);
	add_planned("a100", 2, 20);
	add_planned("l4", 1, 10);
	add_real("n1", "l4", false);
	add_real("n1", "l4", true);
	add_real("n1", "a100", true);
	add_real("n2", "l4", true);
	CHECK_INT(choose(NULL), SW_OK);
	CHECK_INT(seat[0], 1);
	CHECK_INT(seat[1], 2);
	CHECK_INT(seat[2], 3);
}

/* Who is there stays; where that GPU is gone or sick another is taken. */
TEST(seats_that_are_taken_are_kept)
{
	static const char *const taken[] = {"GPU-2", "GPU-0"}, *const gone[] = {"GPU-9", ""};

	reset();
	add_planned("l4", 1, 10);
	add_planned("l4", 1, 10);
	for (int i = 0; i < 3; i++)
		add_real("n1", "l4", true);
	CHECK_INT(choose(taken), SW_OK);
	CHECK(seat[0] == 2 && seat[1] == 0);
	CHECK_INT(choose(gone), SW_OK);
	CHECK(seat[0] == 0 && seat[1] == 1);
	real[2].healthy = false;
	CHECK_INT(choose(taken), SW_OK);
	CHECK(seat[0] == 1 && seat[1] == 0);
}

/* Of one GPU the one whose node has no other: the other node keeps two that belong together. */
TEST(nodes_are_filled_before_others_are_begun)
{
	reset();
	add_planned("l4", 1, 10);
	add_real("n1", "l4", true);
	add_real("n1", "l4", true);
	add_real("n2", "l4", true);
	CHECK_INT(choose(NULL), SW_OK);
	CHECK_INT(seat[0], 2);
}

/* Two nodes of the plan, of two GPUs and of one: never on one real node, whatever room there is. */
TEST(nodes_of_the_plan_are_nodes)
{
	reset();
	add_planned("l4", 1, 10);
	add_planned("l4", 1, 10);
	add_planned("l4", 1, 10);
	planned[0].node = 1;
	planned[1].node = planned[2].node = 0;
	add_real("n1", "l4", true);
	add_real("n2", "l4", true);
	add_real("n2", "l4", true);
	add_real("n2", "l4", true);
	CHECK_INT(choose(NULL), SW_OK);
	CHECK_INT(seat[0], 0);
	CHECK(seat[1] != 0 && seat[2] != 0 && seat[1] != seat[2]);
	real[0].healthy = false;
	CHECK_INT(choose(NULL), SW_INFEASIBLE);
	CHECK(strstr(err.message, "node 1 of the plan") != NULL);
	/* Without nodes anything goes. */
	planned[0].node = planned[1].node = planned[2].node = -1;
	CHECK_INT(choose(NULL), SW_OK);
}

TEST(what_is_missing_is_said_with_numbers)
{
	reset();
	add_planned("l4", 1, 10);
	add_planned("l4", 1, 10);
	add_real("n1", "l4", true);
	add_real("n1", "l4", false);
	CHECK_INT(choose(NULL), SW_INFEASIBLE);
	CHECK(strstr(err.message, "2 GPUs l4") && strstr(err.message, "1 healthy"));
	reset();
	add_planned("l4", 3, 30);
	add_real("n1", "l4", true);
	CHECK_INT(choose(NULL), SW_INFEASIBLE);
	CHECK(strstr(err.message, "92160 MiB") && strstr(err.message, "81920 MiB"));
	reset();
	add_planned("l4", 4, 1);
	add_real("n1", "l4", true);
	CHECK_INT(choose(NULL), SW_INFEASIBLE);
	CHECK(strstr(err.message, "4 engines") && strstr(err.message, "for 3"));
}

TEST_MAIN()

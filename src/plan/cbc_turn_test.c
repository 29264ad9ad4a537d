// SPDX-License-Identifier: Apache-2.0
#include "plan/cbc_turn.h"

#include <coin/Cbc_C_Interface.h>
#include <pthread.h>

#include "check.h"

enum { THREADS = 4, ROUNDS = 30, ITEMS = 12 };

/* The fullest knapsack of 100 by all subsets. */
static double fullest(const int *size)
{
	int best = 0;

	for (unsigned set = 0; set < 1U << ITEMS; set++) {
		int sum = 0;

		for (int i = 0; i < ITEMS; i++)
			sum += (set >> i & 1) ? size[i] : 0;
		best = sum <= 100 && sum > best ? sum : best;
	}
	return best;
}

static double solved(const int *size)
{
	Cbc_Model *model;
	double found, value[ITEMS];
	int column[ITEMS];

	sw__cbc_enter();
	model = Cbc_newModel();
	for (int i = 0; i < ITEMS; i++) {
		Cbc_addCol(model, "", 0, 1, -size[i], 1, 0, NULL, NULL);
		column[i] = i;
		value[i] = size[i];
	}
	Cbc_addRow(model, "", ITEMS, column, value, 'L', 100);
	Cbc_setLogLevel(model, 0);
	(void)Cbc_solve(model);
	found = -Cbc_getObjValue(model);
	Cbc_deleteModel(model);
	sw__cbc_leave();
	return found;
}

static void *solve_many(void *context)
{
	int seed = *(int *)context;
	static _Thread_local int wrong;

	wrong = 0;
	for (int r = 0; r < ROUNDS; r++) {
		int size[ITEMS];

		for (int i = 0; i < ITEMS; i++)
			size[i] = 11 + (seed * 31 + r * 17 + i * i * 7) % 29;
		wrong += fabs(solved(size) - fullest(size)) > 1e-6;
	}
	*(int *)context = wrong;
	return NULL;
}

/* Without turns, threads read each other's parameters and CBC waits for commands on standard input. */
TEST(threads_that_solve_do_not_disturb_each_other)
{
	pthread_t threads[THREADS];
	int wrong[THREADS];

	for (int t = 0; t < THREADS; t++) {
		wrong[t] = t + 1;
		CHECK_INT(pthread_create(&threads[t], NULL, solve_many, &wrong[t]), 0);
	}
	for (int t = 0; t < THREADS; t++) {
		(void)pthread_join(threads[t], NULL);
		CHECK_INT(wrong[t], 0);
	}
}

TEST_MAIN()

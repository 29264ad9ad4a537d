// SPDX-License-Identifier: Apache-2.0
/* In place of boosted_trees.c where there is no XGBoost. */
#include "predict-speed/boosted_trees.h"

#include <math.h>

const char *boosted_trees_version(void)
{
	return NULL;
}

struct boosted_trees *boosted_trees_new(void)
{
	return NULL;
}

float boosted_trees_row(struct boosted_trees *trees, const float row[TREE_FEATURES])
{
	(void)trees;
	(void)row;
	return NAN;
}

void boosted_trees_free(struct boosted_trees *trees)
{
	(void)trees;
}

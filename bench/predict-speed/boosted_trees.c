// SPDX-License-Identifier: Apache-2.0
#include "predict-speed/boosted_trees.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xgboost/c_api.h>

#include "base/random.h"

/* The library's own defaults: 100 trees (of its Python classes), six deep. */
enum { TREES = 100, ROWS = 4000, TEXT = 256 };

struct boosted_trees {
	BoosterHandle booster;
	DMatrixHandle data;
	float row[TREE_FEATURES];
	char array[TEXT]; /* where `row` is, as the library wants to be told */
};

const char *boosted_trees_version(void)
{
	static char version[32];
	int major, minor, patch;

	XGBoostVersion(&major, &minor, &patch);
	(void)snprintf(version, sizeof(version), "%d.%d.%d", major, minor, patch);
	return version;
}

/* Something that is worth splitting on: products of a few features, and noise. */
static DMatrixHandle random_data(void)
{
	struct sw__random r = sw__random_make(1, 3000);
	float *x = calloc((size_t)ROWS * (TREE_FEATURES + 1), sizeof(*x)), *y;
	DMatrixHandle data = NULL;

	if (!x)
		return NULL;
	y = x + (ptrdiff_t)ROWS * TREE_FEATURES;
	for (size_t i = 0; i < (size_t)ROWS * TREE_FEATURES; i++)
		x[i] = (float)sw__random_uniform(&r);
	for (size_t i = 0; i < ROWS; i++) {
		const float *row = x + i * TREE_FEATURES;

		for (int k = 0; k + 1 < TREE_FEATURES; k++)
			y[i] += row[k] * row[k + 1];
		y[i] += (float)(0.1 * sw__random_normal(&r));
	}
	if (XGDMatrixCreateFromMat(x, ROWS, TREE_FEATURES, NAN, &data) != 0)
		data = NULL;
	else
		(void)XGDMatrixSetFloatInfo(data, "label", y, ROWS);
	free(x);
	return data;
}

static bool train(struct boosted_trees *t)
{
	if (XGBoosterCreate(&t->data, 1, &t->booster) != 0)
		return false;
	(void)XGBoosterSetParam(t->booster, "nthread", "1");
	(void)XGBoosterSetParam(t->booster, "verbosity", "0");
	(void)XGBoosterSetParam(t->booster, "tree_method", "hist");
	for (int i = 0; i < TREES; i++) {
		if (XGBoosterUpdateOneIter(t->booster, i, t->data) != 0)
			return false;
	}
	return true;
}

struct boosted_trees *boosted_trees_new(void)
{
	struct boosted_trees *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	(void)snprintf(t->array, sizeof(t->array),
		       "{\"data\": [%llu, true], \"shape\": [1, %d], \"typestr\": \"<f4\", "
		       "\"version\": 3}",
		       (unsigned long long)(uintptr_t)t->row, TREE_FEATURES);
	t->data = random_data();
	if (!t->data || !train(t)) {
		boosted_trees_free(t);
		return NULL;
	}
	return t;
}

float boosted_trees_row(struct boosted_trees *t, const float row[TREE_FEATURES])
{
	static const char how[] =
		"{\"type\": 0, \"training\": false, \"iteration_begin\": 0, \"iteration_end\": 0, "
		"\"strict_shape\": false, \"missing\": NaN, \"cache_id\": 0}";
	const bst_ulong *shape;
	const float *result;
	bst_ulong n;

	memcpy(t->row, row, sizeof(t->row));
	if (XGBoosterPredictFromDense(t->booster, t->array, how, NULL, &shape, &n, &result) != 0)
		return NAN;
	return result[0];
}

void boosted_trees_free(struct boosted_trees *t)
{
	if (!t)
		return;
	if (t->booster)
		(void)XGBoosterFree(t->booster);
	if (t->data)
		(void)XGDMatrixFree(t->data);
	free(t);
}

// SPDX-License-Identifier: Apache-2.0
#include "sim-accuracy/cnn_table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/csv.h"
#include "sim-accuracy/accuracy_sections.h"

enum { PAIRS_MAX = 8 };

/* Shares are decimals. */
static const double SAME = 1e-6;

static double number(const struct sw_csv *csv, size_t row, const char *column)
{
	double x = NAN;
	size_t at;

	if (!sw_csv_find(csv, column, &at) || sw_csv_number(csv, row, at, NULL, &x, NULL) != SW_OK)
		return NAN;
	return x;
}

static const char *word(const struct sw_csv *csv, size_t row, const char *column)
{
	size_t at;

	return sw_csv_find(csv, column, &at) ? sw_csv_cell(csv, row, at) : "";
}

static bool read_alone(const struct sw_csv *csv, struct cnn_table *out)
{
	out->alone = calloc(csv->n_rows, sizeof(*out->alone));
	for (size_t i = 0; out->alone && i < csv->n_rows; i++) {
		struct cnn_alone *a = &out->alone[out->n_alone++];

		(void)snprintf(a->model, sizeof(a->model), "%s", word(csv, i, "model"));
		a->batch = number(csv, i, "batch");
		a->share = number(csv, i, "share");
		a->latency_ms = number(csv, i, "latency_ms");
		a->l2 = number(csv, i, "l2_pct") / 100;
		a->dram = number(csv, i, "dram_pct") / 100;
	}
	return out->alone != NULL;
}

const struct cnn_alone *cnn_find(const struct cnn_table *table, const char *model, double batch,
				 double share)
{
	for (size_t i = 0; i < table->n_alone; i++) {
		const struct cnn_alone *a = &table->alone[i];

		if (strcmp(a->model, model) == 0 && a->batch == batch &&
		    fabs(a->share - share) < SAME && !isnan(a->dram))
			return a;
	}
	return NULL;
}

static size_t pair_of(struct cnn_table *t, const char *first, const char *second)
{
	char name[sizeof(*t->pairs)];
	size_t i = 0;

	(void)snprintf(name, sizeof(name), "%s and %s", first, second);
	while (i < t->n_pairs && strcmp(t->pairs[i], name) != 0)
		i++;
	if (i == t->n_pairs && i < PAIRS_MAX)
		memcpy(t->pairs[t->n_pairs++], name, sizeof(name));
	return i;
}

static void add_row(const struct sw_csv *csv, size_t row, struct cnn_table *out)
{
	const char *first = word(csv, row, "model_1"), *second = word(csv, row, "model_2");
	double share = number(csv, row, "share_1_pct") / 100;
	const struct cnn_alone *a = cnn_find(out, first, number(csv, row, "batch_1"), share);
	const struct cnn_alone *b = cnn_find(out, second, number(csv, row, "batch_2"), 1 - share);
	size_t pair = pair_of(out, first, second);

	if (!a || !b)
		return;
	out->together[out->n_together++] =
		(struct cnn_together){pair, a, b, number(csv, row, "latency_1_ms")};
	out->together[out->n_together++] =
		(struct cnn_together){pair, b, a, number(csv, row, "latency_2_ms")};
}

static bool read_together(const struct sw_csv *csv, struct cnn_table *out)
{
	out->together = calloc(2 * csv->n_rows, sizeof(*out->together));
	out->pairs = calloc(PAIRS_MAX, sizeof(*out->pairs));
	for (size_t i = 0; out->together && out->pairs && i < csv->n_rows; i++)
		add_row(csv, i, out);
	return out->together && out->pairs;
}

bool cnn_table_read(struct cnn_table *out)
{
	struct sw_csv *alone = NULL, *together = NULL;
	bool ok;

	*out = (struct cnn_table){0};
	ok = sw_csv_load(SW_MEASURED_DIR "/pairs/cnn-v100-mps-solo.csv", &alone, NULL) == SW_OK &&
	     sw_csv_load(SW_MEASURED_DIR "/pairs/cnn-v100-mps.csv", &together, NULL) == SW_OK &&
	     read_alone(alone, out) && read_together(together, out);
	sw_csv_free(alone);
	sw_csv_free(together);
	return ok;
}

void cnn_table_free(struct cnn_table *table)
{
	free(table->alone);
	free(table->together);
	free(table->pairs);
}

/* AlexNet 5 + 3 + 3 and 2 normalisations; VGG-19 16 + 3 + 5; ResNet-50 53 + 1 + 2; SSD300 on VGG-16 35 + 5 and its detections. */
double cnn_kernels(const char *model)
{
	static const struct {
		const char *model;
		double kernels;
	} known[] = {{"alexnet", 13}, {"vgg19", 24}, {"resnet50", 56}, {"ssd", 45}};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i].model, model) == 0)
			return known[i].kernels;
	return 0;
}

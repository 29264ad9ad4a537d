/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file cnn_table.h
 * Pairs of CNNs under MPS caps on a V100, and the same CNNs alone on a grid of batches and shares: iGniter.
 */
#ifndef SLICEWISE_BENCH_CNN_TABLE_H
#define SLICEWISE_BENCH_CNN_TABLE_H

#include <stdbool.h>
#include <stddef.h>

/** A CNN alone on its share. */
struct cnn_alone {
	char model[16];
	double batch, share;
	double latency_ms;
	double l2, dram; /* utilisation, fractions */
};

/** One of two together. */
struct cnn_together {
	size_t pair; /* of models */
	const struct cnn_alone *own, *neighbour;
	double latency_ms;
};

struct cnn_table {
	size_t n_alone, n_together, n_pairs;
	struct cnn_alone *alone;
	struct cnn_together *together; /* two a row of the file, the first model's first */
	char (*pairs)[40]; /* "alexnet and vgg19" */
};

/** False: the measurements are not here. Release it with cnn_table_free(), also then. */
bool cnn_table_read(struct cnn_table *out);
void cnn_table_free(struct cnn_table *table);

/** A row of the grid; NULL: not measured. */
const struct cnn_alone *cnn_find(const struct cnn_table *table, const char *model, double batch,
				 double share);

/** Kernels of a request by the published architectures, activations fused: convolutions, full layers, pooling. The solo grid does not
 * say it. 0: not one of the four. */
double cnn_kernels(const char *model);

#endif

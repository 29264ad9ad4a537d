/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tabled.h
 * Predictions of one engine as a table over one stretch of its steps: README.md, "Tables".
 *
 * The stretch is that of all GPU time where engines take turns, that of what waits for DRAM where they overlap. Between two
 * neighbouring rows numbers are interpolated linearly; rows are closer where they must be.
 */
#ifndef SLICEWISE_PREDICT_TABLED_H
#define SLICEWISE_PREDICT_TABLED_H

#include <string.h>

#include "predict/contention.h"
#include "predict/crowd.h"

/* Sixteen cells an octave, each as wide as its neighbours of the same octave: the cell of a stretch is read off its bits. More than
 * five octaves do not occur: sixteen engines that take turns stretch by 18. */
enum { SW__CELL_BITS = 19, SW__CELLS_PER_OCTAVE = 16, SW__CELLS = 5 * SW__CELLS_PER_OCTAVE };

/** Where a stretch of 1 and more lies: cell and part of it, [0, 1). Beyond the last cell: at its end. */
struct sw__cell {
	size_t cell;
	float part;
};

static inline struct sw__cell sw__cell_of(float stretch)
{
	enum { ONE_BITS = 0x3f800000, PART = (1 << SW__CELL_BITS) - 1 };
	uint32_t bits, last = SW__CELLS << SW__CELL_BITS;

	stretch = stretch > 1 ? stretch : 1;
	memcpy(&bits, &stretch, sizeof(bits));
	bits -= ONE_BITS;
	bits = bits < last ? bits : last - 1;
	return (struct sw__cell){bits >> SW__CELL_BITS,
				 (float)(bits & PART) * (1.0f / (1 << SW__CELL_BITS))};
}

/** The stretch at which a cell begins. */
static inline float sw__cell_begin(size_t cell)
{
	return (float)((SW__CELLS_PER_OCTAVE + cell % SW__CELLS_PER_OCTAVE)
		       << (cell / SW__CELLS_PER_OCTAVE)) /
	       SW__CELLS_PER_OCTAVE;
}

/* What a row has of a prediction: latencies first, in the order of struct sw_latency. */
enum {
	SW__ROW_LATENCY = 2 * SW_STATISTIC_COUNT + 1,
	SW__ROW_REQUESTS = SW_METRIC_COUNT * SW__ROW_LATENCY,
	SW__ROW_TOKENS,
	SW__ROW_SLOWDOWN,
	SW__ROW_RUNNING,
	SW__ROW_BUSY,
	SW__ROW_GPU_BUSY,
	SW__ROW_NUMBERS
};

/* Steady loads take 150, recorded ones, which have more edges, up to 400. */
enum { SW__ROWS_MAX = 1024 };
/** Just below the end of the last cell, where the last row stands. */
#define SW__STRETCH_MOST 0x1.fffffep4F

struct sw__row {
	float number[SW__ROW_NUMBERS];
};

struct sw_tabled {
	enum sw_mechanism mechanism;
	bool extrapolated;
	double kv_cache_tokens;
	struct sw__presence presence;
	struct sw__activity alone;
	struct {
		float gpu, prefill;
	} activity[SW__CELLS + 1]; /* at the beginnings of cells */
	size_t n; /* rows, at least two */
	uint16_t first[SW__CELLS]; /* the last row at or before the beginning of a cell */
	float *at; /* stretches of the rows, increasing from 1 to the end of the last cell */
	unsigned char *binds; /* of the rows */
	struct sw__row *row;
	struct sw_prepared prepared; /* for mixes that are not tabulated */
};

/** Bytes that it takes. */
size_t sw__tabled_bytes(size_t n_rows);

/** A prediction as a row, and back. */
void sw__row_of(const struct sw_prediction *prediction, struct sw__row *out);
void sw__row_read(const struct sw__row *row, struct sw_prediction *out);

/** The row at a part, (0, 1), of the way between two; beyond a bound's edge it is infinite. */
void sw__row_between(const struct sw__row *a, const struct sw__row *b, float part,
		     struct sw__row *out);

#endif

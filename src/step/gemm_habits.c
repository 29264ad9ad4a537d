// SPDX-License-Identifier: Apache-2.0
#include "step/gemm_habits.h"

#include <stdint.h>
#include <string.h>

/* One dimension of the grid. Rows of 1 to 32768 by 32 to 65536 by 32 to 65536 were measured. */
struct axis {
	double knots[SW__HABITS_K];
	double per_width[SW__HABITS_K - 1];
	size_t n;
	double low, high;
};

/* Powers of 2, at which the line below is log2 itself. Chosen among a dozen grids of 54 to 150 numbers by shapes left
 * out; doubt: most of them are within 0.2 points of each other. */
static const struct axis rows = {
	{4, 7, 10, 15}, {1 / 3.0, 1 / 3.0, 1 / 5.0}, SW__HABITS_M, 1, 32768};
static const struct axis columns = {
	{5, 8, 11, 16}, {1 / 3.0, 1 / 3.0, 1 / 5.0}, SW__HABITS_N, 32, 65536};
static const struct axis depths = {
	{5, 7, 10, 13, 16}, {1 / 2.0, 1 / 3.0, 1 / 3.0, 1 / 3.0}, SW__HABITS_K, 32, 65536};

/* Where a number lies on an axis: between knots i and i + 1, `part` of the way; `kept` of the deviation holds there. */
struct place {
	size_t i;
	double part;
	double kept;
};

/* log2 at powers of 2 and straight lines between them: exponent and mantissa of the double. */
static double log2_line(double x)
{
	uint64_t bits;

	memcpy(&bits, &x, sizeof(bits));
	return (double)(int64_t)bits * 0x1p-52 - 1023;
}

static double within(double x, double low, double high)
{
	return x < low ? low : x > high ? high : x;
}

static struct place locate(const struct axis *axis, double x)
{
	double inside = within(x, axis->low, axis->high);
	double at = within(log2_line(inside), axis->knots[0], axis->knots[axis->n - 1]);
	size_t i = 0;

	for (size_t j = 1; j + 1 < axis->n; j++)
		i += at >= axis->knots[j];
	return (struct place){
		.i = i,
		.part = (at - axis->knots[i]) * axis->per_width[i],
		.kept = x == inside  ? 1
			: x > inside ? inside / x
				     : x / inside,
	};
}

struct sw__habit_weights sw__habit_weights(double m, double n, double k)
{
	struct place a = locate(&rows, m), b = locate(&columns, n), c = locate(&depths, k);
	double kept = a.kept * b.kept * c.kept;
	struct sw__habit_weights w;

	for (size_t corner = 0; corner < SW__HABIT_CORNERS; corner++) {
		size_t i = corner & 1, j = corner >> 1 & 1, l = corner >> 2;

		w.at[corner] = ((a.i + i) * SW__HABITS_N + b.i + j) * SW__HABITS_K + c.i + l;
		w.weight[corner] = kept * (i ? a.part : 1 - a.part) * (j ? b.part : 1 - b.part) *
				   (l ? c.part : 1 - c.part);
	}
	return w;
}

static double between(double a, double b, double part)
{
	return a + (b - a) * part;
}

/* The square of n and k at one knot of m. */
static double square(const double *corner, const struct place *n, const struct place *k)
{
	return between(between(corner[0], corner[1], k->part),
		       between(corner[SW__HABITS_K], corner[SW__HABITS_K + 1], k->part), n->part);
}

/* The sum of sw__habit_weights() by straight lines, which takes half the time. */
double sw__habit(const double *table, double m, double n, double k)
{
	struct place a = locate(&rows, m), b = locate(&columns, n), c = locate(&depths, k);
	const double *corner = table + (a.i * SW__HABITS_N + b.i) * SW__HABITS_K + c.i;
	double low = square(corner, &b, &c);
	double high = square(corner + SW__HABITS_N * SW__HABITS_K, &b, &c);

	return within(a.kept * b.kept * c.kept * between(low, high, a.part), -SW__HABIT_BOUND,
		      SW__HABIT_BOUND);
}

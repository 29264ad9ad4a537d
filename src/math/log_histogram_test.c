// SPDX-License-Identifier: Apache-2.0
#include "math/log_histogram.h"

#include <stdlib.h>

#include "base/random.h"
#include "check.h"
#include "math/ordered.h"

static struct sw__histogram empty, it;

TEST(without_values_nothing_is_known)
{
	CHECK(isnan(sw__histogram_mean(&empty)));
	CHECK(isnan(sw__histogram_quantile(&empty, 0.5)));
}

TEST(percentiles_are_those_of_the_sorted_values)
{
	enum { N = 20001 };
	static const double probabilities[] = {0.01, 0.5, 0.95, 0.99, 0.999};
	static double values[N];
	struct sw__random random = sw__random_make(1, 1);
	double sum = 0;

	it = empty;
	for (size_t i = 0; i < N; i++) {
		values[i] = 20 * exp(2 * sw__random_normal(&random));
		sum += values[i];
		sw__histogram_add(&it, values[i]);
	}
	qsort(values, N, sizeof(values[0]), sw__ascending);
	CHECK_NEAR(sw__histogram_mean(&it), sum / N, 1e-9);
	CHECK_NEAR(it.max, values[N - 1], 0);
	for (size_t i = 0; i < sizeof(probabilities) / sizeof(probabilities[0]); i++)
		CHECK_NEAR(sw__histogram_quantile(&it, probabilities[i]),
			   sw__sorted_quantile(values, N, probabilities[i]), 0.01);
}

TEST(one_value_is_every_percentile)
{
	static const double values[] = {1e-6, 0.001, 1, 123.4, 1e6};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		it = empty;
		sw__histogram_add(&it, values[i]);
		CHECK_NEAR(sw__histogram_quantile(&it, 0.01), values[i],
			   SW__HISTOGRAM_ERROR * 1.01);
		CHECK_NEAR(sw__histogram_quantile(&it, 1), values[i], SW__HISTOGRAM_ERROR * 1.01);
	}
}

TEST(values_beyond_the_ends_are_kept_in_the_end_bins)
{
	it = empty;
	sw__histogram_add(&it, -1);
	sw__histogram_add(&it, 0);
	sw__histogram_add(&it, 1e30);
	CHECK_INT(it.n, 3);
	CHECK(sw__histogram_quantile(&it, 0.5) < 2e-6);
	CHECK(sw__histogram_quantile(&it, 1) > 9e8);
}

TEST_MAIN()

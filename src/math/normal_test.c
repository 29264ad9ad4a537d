// SPDX-License-Identifier: Apache-2.0
#include "math/normal.h"

#include "check.h"

#include <math.h>

TEST(cdf_at_known_points)
{
	CHECK_NEAR(sw__normal_cdf(0), 0.5, 1e-15);
	CHECK_NEAR(sw__normal_cdf(1.6448536269514722), 0.95, 1e-14);
	CHECK_NEAR(sw__normal_cdf(-2.3263478740408408), 0.01, 1e-13);
}

TEST(quantile_inverts_cdf_far_into_the_tails)
{
	static const double p[] = {1e-300, 1e-12, 1e-4, 0.01, 0.3, 0.4999, 0.7, 0.95, 0.999999};

	for (size_t i = 0; i < sizeof(p) / sizeof(p[0]); i++)
		CHECK_NEAR(sw__normal_cdf(sw__normal_quantile(p[i])), p[i], 1e-10);
}

TEST(quantile_at_the_edges)
{
	CHECK(isinf(sw__normal_quantile(0)) && sw__normal_quantile(0) < 0);
	CHECK(isinf(sw__normal_quantile(1)) && sw__normal_quantile(1) > 0);
	CHECK(isinf(sw__normal_quantile(1e-320)));
	CHECK(isnan(sw__normal_quantile(-0.1)));
	CHECK(isnan(sw__normal_quantile(NAN)));
	CHECK_NEAR(sw__normal_quantile(0.5) + 1, 1, 1e-15);
}

TEST_MAIN()

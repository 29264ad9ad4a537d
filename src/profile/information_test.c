// SPDX-License-Identifier: Apache-2.0
#include "profile/information.h"

#include "base/random.h"
#include "check.h"

enum { P = 4, N = 9 };

static struct sw_error err;

/* Rows of each experiment's two metrics, by chance. */
static double table[N][SW_METRIC_COUNT * P];
static struct sw_mix mixes[N];
static struct sw_experiment experiments[N];

static enum sw_status rows(void *self, const struct sw_mix *mix, double *out, struct sw_error *e)
{
	(void)self, (void)e;
	memcpy(out, table[mix - mixes], sizeof(table[0]));
	return SW_OK;
}

static void fill(uint64_t seed)
{
	struct sw__random random = sw__random_make(seed, 1);

	for (size_t i = 0; i < N; i++) {
		mixes[i].n = 1;
		experiments[i].mix = &mixes[i];
		for (size_t k = 0; k < SW_METRIC_COUNT * P; k++)
			table[i][k] = sw__random_normal(&random);
	}
}

/* log det of the information of a subset, by elimination: no update formula. */
static double log_det(const bool *in)
{
	double m[P][P] = {{0}}, sum = 0;

	for (size_t a = 0; a < P; a++)
		m[a][a] = 1 / (sw__prior_deviation * sw__prior_deviation);
	for (size_t i = 0; i < N; i++) {
		for (size_t r = 0; in[i] && r < SW_METRIC_COUNT; r++) {
			for (size_t a = 0; a < P * P; a++)
				m[a / P][a % P] += table[i][r * P + a / P] *
						   table[i][r * P + a % P] /
						   (sw__latency_deviation * sw__latency_deviation);
		}
	}
	for (size_t a = 0; a < P; a++) {
		sum += log(m[a][a]);
		for (size_t b = a + 1; b < P; b++) {
			double factor = m[b][a] / m[a][a];

			for (size_t c = a; c < P; c++)
				m[b][c] -= factor * m[a][c];
		}
	}
	return sum;
}

TEST(each_choice_is_the_best_there_is_by_another_determinant)
{
	const struct sw__sensitivity sensitivity = {.n = P, .rows = rows};
	size_t order[N];
	double gain[N];

	for (uint64_t seed = 0; seed < 20; seed++) {
		bool in[N] = {false};

		fill(seed);
		CHECK_INT(sw__choose(&sensitivity, experiments, N, N, order, gain, &err), SW_OK);
		for (size_t k = 0; k < N; k++) {
			double before = log_det(in), best = -INFINITY;
			size_t which = N;

			for (size_t i = 0; i < N; i++) {
				double more;

				if (in[i])
					continue;
				in[i] = true;
				more = log_det(in) - before;
				in[i] = false;
				if (more > best + 1e-12) {
					best = more;
					which = i;
				}
			}
			CHECK_INT(order[k], which);
			CHECK_NEAR(gain[k], best, 1e-9);
			in[order[k]] = true;
		}
	}
}

TEST(of_equals_the_first_is_taken_and_nothing_is_learned_from_nothing)
{
	const struct sw__sensitivity sensitivity = {.n = P, .rows = rows};
	size_t order[2];
	double gain[2];

	fill(1);
	memset(table, 0, sizeof(table));
	table[3][0] = table[5][0] = 1;
	CHECK_INT(sw__choose(&sensitivity, experiments, N, 2, order, gain, &err), SW_OK);
	CHECK_INT(order[0], 3);
	CHECK_INT(order[1], 5);
	CHECK_NEAR(gain[0], log1p(9), 1e-9); /* 0.3^2 / 0.1^2 */
	memset(table, 0, sizeof(table));
	CHECK_INT(sw__choose(&sensitivity, experiments, N, 1, order, gain, &err), SW_OK);
	CHECK_INT(order[0], 0);
	CHECK_NEAR(gain[0], 0, 0);
}

TEST_MAIN()

// SPDX-License-Identifier: Apache-2.0
#include "step/gemm.h"

#include <stdlib.h>

#include "check.h"

/* Round numbers near the fitted ones of an H100. */
static const struct sw__gemm_cal near_h100 = {
	.launch_us = 2.6,
	.tensor_efficiency = 0.95,
	.tile_half = 0.2,
	.k_cycles = 2.2,
	.lone_cta = 0.9,
	.pipeline_k = 32,
	.vector_latency = 0.9,
	.tile_cycles = 15,
	.epilogue_cycles = 1800,
	.wave_rigidity = 0.05,
	.l2_efficiency = 1.4,
	.l2_reach = 0.5,
	.dram_efficiency = 0.87,
	.write_cost = 0.4,
	.bandwidth_knee = 0.1,
	.split_k = 2000,
	.split_spread = 0.5,
	.split_aspect = 0.5,
	.split_area = 1e9,
	.split_rows = 1e9,
	.split_volume = 0,
	.split_fill = 2,
	.split_us = 1.8,
	.split_part_cycles = 65,
	.split_traffic = 0.5,
	.throttle = 0.15,
	.throttle_us = 380,
};

/* The other habits: rigid waves, splits by size. */
static const struct sw__gemm_cal near_rtx_pro = {
	.launch_us = 1.4,
	.tensor_efficiency = 0.98,
	.tile_half = 0.3,
	.k_cycles = 8.6,
	.lone_cta = 0.2,
	.pipeline_k = 75,
	.vector_latency = 0.1,
	.tile_cycles = 1300,
	.epilogue_cycles = 1400,
	.wave_rigidity = 1,
	.l2_efficiency = 0.25,
	.l2_reach = 0.8,
	.dram_efficiency = 0.93,
	.write_cost = 0.5,
	.write_exposed = 0.4,
	.bandwidth_knee = 0.1,
	.split_k = 1500,
	.split_spread = 0.5,
	.split_aspect = 1,
	.split_area = 1e5,
	.split_rows = 1e9,
	.split_volume = 0x1p21,
	.split_fill = 2,
	.split_us = 1,
	.split_part_cycles = 50,
	.split_traffic = 0.5,
	.throttle = 0,
	.throttle_us = 380,
};

static const struct sw__gemm_cal *const cals[] = {&near_h100, &near_rtx_pro};
enum { n_cals = sizeof(cals) / sizeof(cals[0]) };

static const struct sw__device h100 = {.sms = 132,
				       .gpu_sms = 132,
				       .clock_mhz = 1830,
				       .peak_tflops = 989.4,
				       .dram_gb_s = 3352,
				       .l2_mib = 50,
				       .element_bytes = 2};

static const double sizes[] = {1, 1.5, 2, 7, 16, 33, 100, 128, 1000, 4096, 12289, 65536, 1e6};
enum { n_sizes = sizeof(sizes) / sizeof(sizes[0]) };

static void for_all_shapes(void (*check)(const struct sw__gemm_cal *cal,
					 const struct sw__gemm_shape *shape))
{
	for (size_t c = 0; c < n_cals; c++)
		for (size_t i = 0; i < n_sizes * n_sizes * n_sizes; i++) {
			struct sw__gemm_shape shape = {sizes[i % n_sizes],
						       sizes[i / n_sizes % n_sizes],
						       sizes[i / n_sizes / n_sizes], INFINITY};

			check(cals[c], &shape);
		}
}

static void check_sound(const struct sw__gemm_cal *cal, const struct sw__gemm_shape *shape)
{
	struct sw__gemm_cost cost = sw__gemm(cal, &h100, shape);

	CHECK(isfinite(cost.us) && cost.us >= cal->launch_us);
	CHECK(cost.us >= cost.dram_us && cost.us * 1.2 >= 1e6 * cost.tflop / h100.peak_tflops);
	CHECK(isfinite(cost.tensor_us) && isfinite(cost.l2_us) && cost.dram_gb > 0);
	CHECK_NEAR(cost.tflop, 2e-12 * shape->m * shape->n * shape->k, 1e-12);
	CHECK(cost.us == sw__gemm_us(cal, &h100, shape->m, shape->n, shape->k));
}

TEST(every_size_costs_a_finite_time_no_less_than_the_datasheet_allows)
{
	for_all_shapes(check_sound);
}

/* 2^53 tiles of C and more: no integer holds their number. */
TEST(absurd_sizes_stay_finite)
{
	CHECK(isfinite(sw__gemm_us(&near_h100, &h100, 1e12, 1e12, 1e12)));
}

/* Parts of a split are whole numbers and their k whole steps, so that a few per cent may be lost where one is added. */
static void check_sms(const struct sw__gemm_cal *cal, const struct sw__gemm_shape *shape)
{
	static const double counts[] = {1, 13, 40, 66, 92, 119, 131, 132};
	double before = INFINITY;

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		struct sw__device slice = h100;
		double us;

		slice.sms = counts[i];
		us = sw__gemm(cal, &slice, shape).us;
		CHECK(us <= before * 1.06);
		before = us;
	}
}

TEST(more_sms_are_not_slower)
{
	for_all_shapes(check_sms);
}

static void check_growth(const struct sw__gemm_cal *cal, const struct sw__gemm_shape *shape)
{
	double us = sw__gemm(cal, &h100, shape).us;
	struct sw__gemm_shape taller = *shape, wider = *shape;

	taller.m *= 2;
	wider.n *= 2;
	if (shape->m >= 2 && shape->m * shape->n * shape->k >= 0x1p21) {
		CHECK(sw__gemm(cal, &h100, &taller).us >= us * 0.97);
		CHECK(sw__gemm(cal, &h100, &wider).us >= us * 0.97);
	}
}

TEST(more_rows_or_columns_are_not_faster_but_for_splits)
{
	for_all_shapes(check_growth);
}

/* An independent count: every CTA is put on the SM that is free first. */
static double simulated_us(double m, double n, double k, int rows, int columns)
{
	double busy[132] = {0}, last = 0;
	double cta_us = 2.0 * rows * columns * k / (h100.peak_tflops * 1e6 / h100.gpu_sms);

	for (double i = 0; i < m; i += rows)
		for (double j = 0; j < n; j += columns) {
			int first = 0;

			for (int sm = 1; sm < 132; sm++)
				if (busy[sm] < busy[first])
					first = sm;
			busy[first] += cta_us;
			last = fmax(last, busy[first]);
		}
	return last;
}

/* Every tile's time, weighted by the 32nd power of how near it is to the best. */
static double expected_us(double m, double n, double k)
{
	static const int tiles[][2] = {{16, 32},  {16, 64},   {16, 128}, {32, 64},   {32, 128},
				       {64, 64},  {64, 128},  {128, 64}, {128, 128}, {64, 256},
				       {256, 64}, {128, 256}, {256, 128}};
	double us[13], best = INFINITY, sum = 0, weights = 0;

	for (int i = 0; i < 13; i++) {
		us[i] = simulated_us(m, n, k, tiles[i][0], tiles[i][1]);
		best = fmin(best, us[i]);
	}
	for (int i = 0; i < 13; i++) {
		double weight =
			tiles[i][0] > 16 && tiles[i][0] >= 2 * m ? 0 : pow(best / us[i], 32);

		weights += weight;
		sum += weight * us[i];
	}
	return sum / weights;
}

TEST(tensor_time_is_that_of_ctas_put_on_sms_one_by_one)
{
	struct sw__gemm_cal cal = {.tensor_efficiency = 1,
				   .wave_rigidity = 1,
				   .l2_efficiency = 1e9,
				   .l2_reach = 1,
				   .dram_efficiency = 1e9,
				   .split_k = 1e9,
				   .split_area = 1e9,
				   .split_rows = 1e9,
				   .split_spread = 1,
				   .split_fill = 1,
				   .throttle_us = 1};
	static const double cases[][3] = {{128, 128, 4096},   {129, 4096, 512},  {1000, 3000, 64},
					  {4096, 4096, 4096}, {2049, 2561, 320}, {17, 16384, 1024}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const double *c = cases[i];

		CHECK_NEAR(sw__gemm_us(&cal, &h100, c[0], c[1], c[2]),
			   expected_us(c[0], c[1], c[2]), 1e-9);
	}
}

TEST(a_decode_product_takes_the_time_of_reading_its_weights)
{
	struct sw__gemm_shape shape = {16, 16384, 16384, INFINITY};
	struct sw__gemm_cost cost = sw__gemm(&near_h100, &h100, &shape);
	double weights_gb = 2 * 16384.0 * 16384.0 * 1e-9;

	CHECK_NEAR(cost.dram_gb, weights_gb, 0.01);
	CHECK_NEAR(cost.us, weights_gb / (0.87 * 3352) * 1e6, 0.05);
}

TEST(weights_that_come_again_soon_stay_in_l2)
{
	struct sw__gemm_shape shape = {16, 1024, 1024, 1};
	struct sw__gemm_cost near = sw__gemm(&near_h100, &h100, &shape), far;

	shape.weight_sets = INFINITY;
	far = sw__gemm(&near_h100, &h100, &shape);
	CHECK(near.dram_gb < 1e-3 * far.dram_gb);
	CHECK_NEAR(far.dram_gb, 2e-9 * 1024 * 1024, 0.01);
	CHECK(near.us <= far.us);
}

TEST(half_the_sms_reach_more_than_half_of_the_bandwidth)
{
	struct sw__device half = h100;
	double whole_us, half_us;

	half.sms = 66;
	whole_us = sw__gemm_us(&near_h100, &h100, 16, 16384, 16384);
	half_us = sw__gemm_us(&near_h100, &half, 16, 16384, 16384);
	CHECK_NEAR(half_us / whole_us, 1.0 / (0.5 * 1.1 / 0.6), 0.02);
}

TEST(a_long_product_of_few_tiles_is_split)
{
	struct sw__gemm_cal never = near_h100;
	double split = sw__gemm_us(&near_h100, &h100, 64, 128, 16384), whole;

	never.split_k = 1e9;
	whole = sw__gemm_us(&never, &h100, 64, 128, 16384);
	CHECK(split < whole / 2);
	CHECK_NEAR(sw__gemm_us(&near_h100, &h100, 64, 128, 512),
		   sw__gemm_us(&never, &h100, 64, 128, 512), 1e-12);
}

/* What a split saves at m, n, k by a calibration, as a part of the time without. */
static double split_saves(const struct sw__gemm_cal *cal, double m, double n, double k)
{
	struct sw__gemm_cal never = *cal;

	never.split_k = 1e9;
	return 1 - sw__gemm_us(cal, &h100, m, n, k) / sw__gemm_us(&never, &h100, m, n, k);
}

TEST(a_larger_area_of_c_is_split_from_a_longer_k_on)
{
	struct sw__gemm_cal cal = near_rtx_pro;

	cal.split_spread = 0.01;
	cal.split_area = 8192;
	CHECK(split_saves(&cal, 64, 128, 1600) > 0.2);
	CHECK(split_saves(&cal, 256, 128, 1600) == 0); /* four times the area: from k = 2121 */
	CHECK(split_saves(&cal, 256, 128, 2200) > 0.1);
}

/* So that 64 columns may take longer than 65, as measured. */
TEST(a_thin_c_of_many_rows_is_split_late)
{
	struct sw__gemm_cal cal = near_rtx_pro;

	cal.split_rows = 2000;
	CHECK(split_saves(&cal, 1900, 64, 6000) > 0.05);
	CHECK(split_saves(&cal, 2100, 64, 6000) == 0);
	CHECK(split_saves(&cal, 2100, 65, 6000) > 0.05);
}

/* As measured on an L40S: 16 x 32 waits for 2^21 operations, 17 x 32 for k = 2048. */
TEST(a_small_product_is_left_whole)
{
	CHECK(split_saves(&near_rtx_pro, 16, 32, 4000) == 0);
	CHECK(split_saves(&near_rtx_pro, 16, 32, 4096) > 0.5);
	CHECK(split_saves(&near_rtx_pro, 17, 32, 2000) == 0);
	CHECK(split_saves(&near_rtx_pro, 17, 32, 2100) > 0.3);
}

TEST(writes_that_computing_does_not_hide_add_to_the_time)
{
	struct sw__gemm_cal hidden = near_h100, exposed = near_h100;
	double write_us = 0.4 * 2 * 32768.0 * 65536 / (0.87 * 3352e3);

	exposed.write_exposed = 0.5;
	CHECK_NEAR(sw__gemm_us(&exposed, &h100, 32768, 65536, 1024) -
			   sw__gemm_us(&hidden, &h100, 32768, 65536, 1024),
		   0.5 * write_us, 0.03);
	CHECK_NEAR(sw__gemm_us(&exposed, &h100, 64, 512, 512), /* C stays in L2 */
		   sw__gemm_us(&hidden, &h100, 64, 512, 512), 1e-6);
}

static double with_all_habits(double habit, double n, double weight_sets)
{
	struct sw__gemm_cal cal = near_h100;
	struct sw__gemm_shape shape = {16, n, n, weight_sets};

	for (size_t i = 0; i < SW__HABITS; i++)
		cal.habits[i] = habit;
	return sw__gemm(&cal, &h100, &shape).us;
}

/* 1024 x 1024 was in L2 when its habit was measured: in an engine it waits for DRAM besides, no longer than ever.
 * 16384 x 16384 came from DRAM then as it does now. */
TEST(habits_leave_alone_what_they_were_not_measured_on)
{
	double read_us = 2 * 1024.0 * 1024 / (0.87 * 3352e3);
	double warm = with_all_habits(0, 1024, SW__GEMM_BENCHMARK_SETS);
	double cold = with_all_habits(0, 1024, INFINITY),
	       large = with_all_habits(0, 16384, INFINITY);

	CHECK_NEAR(with_all_habits(0.2, 1024, SW__GEMM_BENCHMARK_SETS), 1.2 * warm, 1e-9);
	CHECK_NEAR(with_all_habits(0.2, 1024, INFINITY), cold + 0.2 * (cold - read_us), 1e-3);
	CHECK_NEAR(with_all_habits(0.2, 16384, INFINITY), 1.2 * large, 1e-9);
}

TEST_MAIN()

// SPDX-License-Identifier: Apache-2.0
#include "step/engine_part.h"

#include "check.h"

static const struct sw__engine_cal cal = {.small_kernel_us = 2,
					  .l2_speed = 4,
					  .l2_reach = 0.5,
					  .dram_efficiency = 0.8,
					  .dram_sm_share = 0.4,
					  .sampler_us = 25,
					  .sampler_passes = 2,
					  .host_ms = 1.5,
					  .host_sequence_us = 2,
					  .eager_layer_us = 400};
static const struct sw__device whole = {.sms = 100,
					.gpu_sms = 100,
					.clock_mhz = 1500,
					.peak_tflops = 300,
					.dram_gb_s = 1000,
					.l2_mib = 64,
					.element_bytes = 2};
static const struct sw__model_ops ops = {.layers = 10,
					 .hidden = 1000,
					 .norm_elements = 8000,
					 .rope_elements = 1000,
					 .act_elements = 6000,
					 .small_kernels = 4,
					 .lm_head = {50000, 1000}};

TEST(a_small_kernel_by_hand)
{
	CHECK_NEAR(sw__small_kernel_us(&cal, &whole, 0), 2, 1e-12);
	/* 4 MB at 4 TB/s: 1 us. */
	CHECK_NEAR(sw__small_kernel_us(&cal, &whole, 4e6), 3, 1e-12);
	/* 64 MiB: 16.78 us in L2, and 32 MiB of it at 0.8 TB/s: 41.94 us. */
	CHECK_NEAR(sw__small_kernel_us(&cal, &whole, 64 * 1048576.0), 2 + 16.777216 + 41.94304,
		   1e-9);
}

TEST(fewer_sms_are_never_faster)
{
	double before = INFINITY;

	for (double sms = 1; sms <= 100; sms += 1) {
		struct sw__device part = whole;
		double us;

		part.sms = sms;
		us = sw__small_kernels_us(&cal, &part, &ops, 4096);
		CHECK(us <= before);
		before = us;
	}
}

TEST(kernels_of_all_layers_by_hand_for_no_traffic)
{
	/* Two norms, rope and activation in ten layers, embedding and final norm. */
	CHECK_NEAR(sw__small_kernels_us(&cal, &whole, &ops, 0), 42 * 2, 1e-12);
	CHECK_NEAR(sw__sampler_us(&cal, &whole, &ops, 0), 0, 0);
	CHECK_NEAR(sw__sampler_us(&cal, &whole, &ops, 10), 25 + 10 * 50000 * 8 / 4e6, 1e-9);
}

TEST(eager_launches_hide_behind_the_gpu)
{
	CHECK_NEAR(sw__host_ms(&cal, &ops, 50, true, 1, 1), 1.6, 1e-12);
	CHECK_NEAR(sw__host_ms(&cal, &ops, 50, false, 1, 1), 1.6 + 3, 1e-12);
	CHECK_NEAR(sw__host_ms(&cal, &ops, 50, false, 1, 9), 1.6, 1e-12);
}

TEST_MAIN()

// SPDX-License-Identifier: Apache-2.0
#include "step_timer.h"

#include "check.h"
#include "tiny_fixture.h"

static const struct transformer_limits limits = {64, 4, 128, 10};

TEST(a_decode_is_one_token_behind_others)
{
	CHECK(step_shape_is_decode(&(struct step_shape){3, 2, 1}));
	CHECK(!step_shape_is_decode(&(struct step_shape){3, 1, 1}));
	CHECK(!step_shape_is_decode(&(struct step_shape){1, 64, 64}));
	CHECK_INT(step_shape_blocks(16), 1);
	CHECK_INT(step_shape_blocks(17), 2);
}

TEST(every_limit_holds)
{
	CHECK(step_shape_fits(&(struct step_shape){4, 32, 1}, &limits));
	CHECK(!step_shape_fits(&(struct step_shape){5, 16, 1}, &limits)); /* sequences */
	CHECK(!step_shape_fits(&(struct step_shape){4, 33, 1}, &limits)); /* 12 blocks */
	CHECK(!step_shape_fits(&(struct step_shape){1, 129, 1}, &limits)); /* context */
	CHECK(!step_shape_fits(&(struct step_shape){2, 33, 33}, &limits)); /* tokens */
}

TEST(steps_one_after_the_other_have_times)
{
	/* 40 blocks: more than one flush of the table carries. */
	static const struct transformer_limits wide = {64, 4, 160, 40};
	static const struct step_shape shapes[] = {
		{1, 64, 64}, {4, 160, 1}, {1, 128, 1}, {2, 17, 16}};
	struct sw_model model = tiny_model();
	struct step_timer timer;
	struct device *device;
	struct sw_error err = {0};

	CHECK_INT(device_open_emulated(&device, NULL), SW_OK);
	CHECK_INT(step_timer_open(device, &model, &wide, 1, false, &timer, &err), SW_OK);
	CHECK(transformer_updates_max(timer.transformer) < wide.kv_blocks);
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		double ms = NAN;

		CHECK_INT(step_timer_median(&timer, &shapes[i], &ms, &err), SW_OK);
		CHECK(ms > 0);
		CHECK_INT(transformer_input(timer.transformer)->n_tokens,
			  shapes[i].batch * shapes[i].fresh);
	}
	CHECK_STR(err.message, "");
	step_timer_close(&timer);
	device->operations->close(device);
}

TEST(a_device_without_graphs_says_so)
{
	struct sw_model model = tiny_model();
	struct step_timer timer;
	struct device *device;
	struct sw_error err = {0};

	CHECK_INT(device_open_emulated(&device, NULL), SW_OK);
	CHECK_INT(step_timer_open(device, &model, &limits, 1, true, &timer, &err), SW_INFEASIBLE);
	CHECK(strstr(err.message, "no CUDA graphs"));
	step_timer_close(&timer);
	device->operations->close(device);
}

TEST_MAIN()

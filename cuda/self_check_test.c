// SPDX-License-Identifier: Apache-2.0
/* The whole way on the CPU: scheduler, batch, kernels thread by thread, and the reference. */
#include "self_check.h"

#include "check.h"
#include "transformer_reference.h"

TEST(kernels_and_reference_are_the_same_model)
{
	struct self_check_result result;
	struct sw_error err = {0};
	struct device *device;

	CHECK_INT(device_open_emulated(&device, NULL), SW_OK);
	CHECK_INT(self_check(device, false, &result, &err), SW_OK);
	CHECK_STR(err.message, "");
	printf("%u samples, %u preemptions, worst %.4f\n", result.samples, result.preemptions,
	       result.worst);
	CHECK(result.worst > 0 && result.worst < SELF_CHECK_TOLERANCE);
	CHECK_INT(result.samples, 46);
	CHECK(result.preemptions > 0);
	CHECK_INT(self_check(device, true, &result, &err), SW_INFEASIBLE);
	device->operations->close(device);
}

TEST_MAIN()

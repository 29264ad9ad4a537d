// SPDX-License-Identifier: Apache-2.0
#include "catalog/names.h"

#include "check.h"

TEST(names_are_those_of_the_formats)
{
	CHECK_STR(sw_dtype_name(SW_BF16), "bfloat16");
	CHECK_STR(sw_dtype_name(SW_INT4), "int4");
	CHECK_STR(sw_mechanism_name(SW_TIMESLICE), "timeslice");
	CHECK_STR(sw_architecture_name(SW_BLACKWELL), "blackwell");
	CHECK_STR(sw_family_name(SW_PHI3), "phi3");
	CHECK_STR(sw_engine_name(SW_LLAMA_CPP), "llama.cpp");
	CHECK_STR(sw_quantization_name(SW_QUANT_NONE), "none");
	CHECK(sw__dtype_names[SW_DTYPE_COUNT] == NULL);
	CHECK(sw__family_names[SW_FAMILY_COUNT] == NULL);
}

TEST(beyond_the_last_there_is_no_name)
{
	CHECK_STR(sw_dtype_name(SW_DTYPE_COUNT), "?");
	CHECK_STR(sw_engine_name((enum sw_engine_kind)99), "?");
	CHECK_NEAR(sw_dtype_bytes(SW_DTYPE_COUNT), NAN, 0);
	CHECK_NEAR(sw_dtype_bytes(SW_INT4), 0.5, 0);
}

TEST_MAIN()

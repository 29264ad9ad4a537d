// SPDX-License-Identifier: Apache-2.0
#include "emulate/region_share.h"

#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "sharing/hami_region.h"

static char folder[] = "/tmp/slicewise-region-XXXXXX";

TEST(paths_are_as_hamis_and_safe)
{
	struct sw_text path = {0};

	sw__region_path(&path, "/d", "chat");
	CHECK_STR(sw_text_string(&path), "/d/emulate_chat/chat.cache");
	path.size = 0;
	sw__region_path(&path, "/d", "../a_b c");
	CHECK_STR(sw_text_string(&path), "/d/emulate_..-a-b-c/..-a-b-c.cache");
	sw_text_free(&path);
}

TEST(a_region_begins_with_the_tenants_slice_and_then_stays)
{
	struct sw_tenant tenant = {.slice = {SW_HAMI, 0.305, 2.5}};
	struct sw__hami_region region;
	struct sw_text path = {0};
	struct sw_error err;
	double share = 0;

	CHECK(mkdtemp(folder));
	sw__region_path(&path, folder, "x");
	CHECK_INT(sw__region_ensure(sw_text_string(&path), &tenant, 7, &err), SW_OK);
	CHECK_INT(sw__hami_region_read(sw_text_string(&path), &region, &err), SW_OK);
	CHECK_INT(region.devices[0].sm_limit_percent, 31);
	CHECK_INT(region.devices[0].memory_limit_bytes, 5LL << 29);
	CHECK_STR(region.devices[0].uuid, "GPU-51ce0000-0000-4000-8000-000000000007");
	CHECK_INT(sw__hami_region_set_sm_limit(sw_text_string(&path), 0, 60, &err), SW_OK);
	CHECK_INT(sw__region_ensure(sw_text_string(&path), &tenant, 7, &err), SW_OK);
	CHECK_INT(sw__region_share(sw_text_string(&path), &share, &err), SW_OK);
	CHECK_NEAR(share, 0.6, 0);
	CHECK_INT(sw__hami_region_set_sm_limit(sw_text_string(&path), 0, 0, &err), SW_OK);
	CHECK_INT(sw__region_share(sw_text_string(&path), &share, &err), SW_OK);
	CHECK_NEAR(share, 1, 0);
	CHECK_INT(unlink(sw_text_string(&path)), 0);
	path.size = 0;
	sw_text_addf(&path, "%s/emulate_x", folder);
	CHECK_INT(rmdir(sw_text_string(&path)), 0);
	CHECK_INT(rmdir(folder), 0);
	sw_text_free(&path);
}

TEST(a_limit_of_no_size_is_none)
{
	struct sw_tenant tenant = {.slice = {SW_HAMI, 0.001, NAN}};
	struct sw__hami_region region;
	struct sw_error err;
	const char *path = "region-of-no-size.cache";

	CHECK_INT(sw__region_ensure(path, &tenant, 0, &err), SW_OK);
	CHECK_INT(sw__hami_region_read(path, &region, &err), SW_OK);
	CHECK_INT(region.devices[0].memory_limit_bytes, 0);
	CHECK_INT(region.devices[0].sm_limit_percent, 1);
	CHECK_INT(unlink(path), 0);
}

TEST_MAIN()

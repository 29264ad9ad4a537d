// SPDX-License-Identifier: Apache-2.0
#include "apply/inventory.h"

#include <string.h>

#include "check.h"

static struct sw_error err;
static struct sw__inventory inventory;

static enum sw_status read_nodes(json_t *nodes)
{
	sw_catalog *catalog;
	enum sw_status st;

	CHECK_INT(sw_catalog_open(&catalog, &err), SW_OK);
	st = sw__inventory_read(catalog, nodes, "nodes.json", &inventory, &err);
	sw_catalog_free(catalog);
	json_decref(nodes);
	return st;
}

/* A list of one node with this annotation. */
static enum sw_status read_devices(const char *devices)
{
	return read_nodes(json_pack("{s:[{s:{s:s, s:{s:s}}}]}", "items", "metadata", "name", "n1",
				    "annotations", "hami.io/node-nvidia-register", devices));
}

static enum sw_status read_text(const char *text)
{
	return read_nodes(json_loads(text, 0, NULL));
}

TEST(what_hami_registers)
{
	CHECK_INT(read_devices("[{\"id\":\"GPU-b\",\"index\":1,\"count\":10,\"devmem\":81920,"
			       "\"devcore\":100,\"type\":\"NVIDIA-NVIDIA A100-SXM4-80GB\","
			       "\"mode\":\"hami-core\",\"health\":true},"
			       "{\"id\":\"GPU-a\",\"count\":10,\"devmem\":49140,"
			       "\"type\":\"NVIDIA RTX 6000 Ada Generation\"}]"),
		  SW_OK);
	CHECK_INT(inventory.n, 2);
	CHECK_STR(inventory.gpu[0].uuid, "GPU-a");
	CHECK_STR(inventory.gpu[0].gpu, "rtx-6000-ada");
	CHECK(!inventory.gpu[0].healthy); /* left out: false */
	CHECK_STR(inventory.gpu[1].gpu, "a100-sxm4-80gb");
	CHECK_STR(inventory.gpu[1].node, "n1");
	CHECK_INT(inventory.gpu[1].tenants, 10);
	CHECK_NEAR(inventory.gpu[1].memory_mib, 81920, 0);
	CHECK(inventory.gpu[1].healthy);
	sw__inventory_free(&inventory);
}

/* Names as drivers and HAMi write them; what the catalogue lacks is there, and is none of it. */
TEST(types_are_found_in_the_catalogue_by_their_names)
{
	static const char *const types[][2] = {
		{"NVIDIA-Quadro RTX 6000", "quadro-rtx-6000"},
		{"NVIDIA-NVIDIA H100 80GB HBM3", "h100-sxm"},
		{"NVIDIA-NVIDIA L40S", "l40s"},
		{"NVIDIA-NVIDIA Something", ""},
		{"", ""},
	};
	char devices[256];

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		(void)snprintf(devices, sizeof(devices), "[{\"id\":\"GPU-a\",\"type\":\"%s\"}]",
			       types[i][0]);
		CHECK_INT(read_devices(devices), SW_OK);
		CHECK_STR(inventory.gpu[0].gpu, types[i][1]);
		sw__inventory_free(&inventory);
	}
}

TEST(nodes_without_gpus_are_passed_over_and_one_node_is_a_list)
{
	CHECK_INT(read_text("{\"items\":[{\"metadata\":{\"name\":\"a\"}},"
			    "{\"metadata\":{\"name\":\"b\",\"annotations\":{}}}]}"),
		  SW_OK);
	CHECK_INT(inventory.n, 0);
	sw__inventory_free(&inventory);
	CHECK_INT(
		read_text("{\"kind\":\"Node\",\"metadata\":{\"name\":\"a\",\"annotations\":"
			  "{\"hami.io/node-nvidia-register\":\"[{\\\"id\\\":\\\"GPU-a\\\"}]\"}}}"),
		SW_OK);
	CHECK_INT(inventory.n, 1);
	sw__inventory_free(&inventory);
}

TEST(what_is_none_of_it_is_refused_by_the_name_of_the_node)
{
	static const char *const bad[] = {
		"GPU-a,10,81920,100,NVIDIA-A100,0,true:", /* HAMi before 2.4 */
		"{}",
		"[{\"index\":1}]",
		"[{\"id\":\"\"}]",
		"[{\"id\":\"GPU-a\",\"count\":-1}]",
		"[{\"id\":\"GPU-a\",\"devmem\":1e300}]",
		"[{\"id\":\"GPU-a\"},{\"id\":\"GPU-a\",\"index\":1}]",
		"[",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK_INT(read_devices(bad[i]), SW_BAD_INPUT);
		CHECK(strstr(err.message, "nodes.json") && strstr(err.message, "n1"));
		sw__inventory_free(&inventory);
	}
	CHECK_INT(read_text("{}"), SW_BAD_INPUT);
	CHECK_INT(read_text("{\"items\":[{}]}"), SW_BAD_INPUT);
	CHECK_INT(read_text("{\"items\":[7]}"), SW_BAD_INPUT);
}

TEST_MAIN()

// SPDX-License-Identifier: Apache-2.0
/* A program of somebody else's: the public headers and the library are all it knows. */
#include <slicewise/slicewise.h>
#include <stdio.h>

int main(void)
{
	struct sw_error err = {0};
	sw_catalog *catalog;
	struct sw_gpu gpu;
	enum sw_status st = sw_catalog_open(&catalog, &err);

	if (st == SW_OK)
		st = sw_catalog_gpu(catalog, "l4", &gpu, &err);
	if (st == SW_OK)
		printf("slicewise %s knows the %s\n", sw_version(), gpu.name);
	sw_catalog_free(catalog);
	return sw_status_exit(st);
}

// SPDX-License-Identifier: Apache-2.0
#include "emulate/region_share.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sharing/hami_region.h"

static const double BYTES_PER_GIB = 1073741824.0;

enum { FOLDER_MODE = 0777 };

static void put_name(struct sw_text *out, const char *name)
{
	for (; *name; name++) {
		bool plain = isalnum((unsigned char)*name) || *name == '-' || *name == '.';

		sw_text_add(out, plain ? name : "-", 1);
	}
}

void sw__region_path(struct sw_text *out, const char *folder, const char *name)
{
	sw_text_addf(out, "%s/emulate_", folder);
	put_name(out, name);
	sw_text_puts(out, "/");
	put_name(out, name);
	sw_text_puts(out, ".cache");
}

/* The folder of the file and the one above it. */
static enum sw_status make_folders(const char *path, struct sw_error *err)
{
	struct sw_text folder = {0};
	enum sw_status st = SW_OK;

	for (int above = 2; above >= 1 && st == SW_OK; above--) {
		size_t size = strlen(path);

		for (int i = 0; i < above; i++) {
			while (size > 0 && path[--size] != '/')
				;
		}
		folder.size = 0;
		sw_text_add(&folder, path, size);
		if (!sw_text_ok(&folder))
			st = sw_fail(err, SW_NO_MEMORY, "a region");
		else if (size && mkdir(folder.data, FOLDER_MODE) != 0 && errno != EEXIST)
			st = sw_fail(err, SW_IO, "%s: cannot make the folder: %s", folder.data,
				     strerror(errno));
	}
	sw_text_free(&folder);
	return st;
}

static enum sw_status create(const char *path, const struct sw_tenant *tenant, uint64_t seed,
			     struct sw_error *err)
{
	double percent = fmax(1, round(100 * tenant->slice.share));
	double bytes = tenant->slice.memory_gib * BYTES_PER_GIB;
	char uuid[64];

	(void)snprintf(uuid, sizeof(uuid), "GPU-51ce0000-0000-4000-8000-%012" PRIx64,
		       seed & 0xffffffffffff);
	return sw__hami_region_create(
		path,
		&(struct sw__hami_start){uuid, sw_known(bytes) ? (uint64_t)bytes : 0,
					 (unsigned)percent},
		err);
}

enum sw_status sw__region_ensure(const char *path, const struct sw_tenant *tenant, uint64_t seed,
				 struct sw_error *err)
{
	enum sw_status st = make_folders(path, err);
	double share;

	if (st != SW_OK)
		return st;
	if (access(path, F_OK) != 0)
		return create(path, tenant, seed, err);
	return sw__region_share(path, &share, err);
}

enum sw_status sw__region_share(const char *path, double *out, struct sw_error *err)
{
	unsigned percent;
	enum sw_status st = sw__hami_region_sm_limit(path, 0, &percent, err);

	if (st == SW_OK)
		*out = percent == 0 ? 1 : percent / 100.0;
	return st;
}

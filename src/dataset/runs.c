// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "slicewise/dataset.h"

static const char *const source_ids[] = {
#define SOURCE_ID(name, id) id,
	SW_SOURCE_LIST(SOURCE_ID)
#undef SOURCE_ID
};

const char *sw_source_id(enum sw_source source)
{
	return (unsigned)source < SW_SOURCE_COUNT ? source_ids[source] : "?";
}

static void clear_run(struct sw_run *run)
{
	sw_mix_free(run->mix);
	free(run->measured);
	free(run->failed);
	free(run->origin);
}

void sw_runs_clear(struct sw_runs *runs)
{
	if (!runs)
		return;
	for (size_t i = 0; i < runs->n; i++)
		clear_run(&runs->run[i]);
	free(runs->run);
	*runs = (struct sw_runs){0};
}

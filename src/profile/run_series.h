/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file run_series.h
 * Samples beside one run, as the data set takes them, with the texts they name. `{0}` is a valid empty one.
 */
#ifndef SLICEWISE_PROFILE_RUN_SERIES_H
#define SLICEWISE_PROFILE_RUN_SERIES_H

#include "slicewise/dataset.h"

/* An hour of four engines and a GPU with a hundred metrics a second. */
enum { SW__SERIES_MAX = 2000000 };

struct sw__run_series {
	size_t n, room;
	struct sw_run_sample *sample;
	size_t n_texts, texts_room;
	char **text; /* each once, sorted */
	bool cut; /* there were more than SW__SERIES_MAX, or no memory */
};

/** One more. Texts are copied; a value that is not known is left out. */
void sw__series_add(struct sw__run_series *series, double time_s, const char *source,
		    const char *entity, const char *metric, double value);

/** Mean of one metric from from_s on, before to_s; NAN where there is none. */
double sw__series_mean(const struct sw__run_series *series, const char *source, const char *entity,
		       const char *metric, double from_s, double to_s);

/** Last minus first value of a counter within the window; NAN where there are less than two. */
double sw__series_growth(const struct sw__run_series *series, const char *source,
			 const char *entity, const char *metric, double from_s, double to_s);

void sw__series_free(struct sw__run_series *series);

#endif

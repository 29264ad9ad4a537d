/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file store.h
 * An open data set, inside.
 */
#ifndef SLICEWISE_DATASET_STORE_H
#define SLICEWISE_DATASET_STORE_H

#include "dataset/sql.h"
#include "slicewise/dataset.h"

struct sw_dataset {
	char *name; /* the path it was opened by */
	sqlite3 *db;
	sw_catalog *catalog; /* which ids need no description */
};

/** sw__sql() on it. */
static inline struct sw__sql sw__store_sql(const sw_dataset *dataset, const char *sql)
{
	return sw__sql(dataset->db, dataset->name, sql);
}

/** The runs that a filter lets through, in SQL; it takes the parameters 1 to 6, which sw__store_bind_filter() binds. */
#define SW__STORE_PICKED                                                                \
	"(?1 IS NULL OR runs.experiment = ?1) AND (?2 IS NULL OR runs.gpu = ?2)"        \
	" AND (?3 IS NULL OR runs.mechanism = ?3) AND (?4 IS NULL OR runs.source = ?4)" \
	" AND (?5 = 0 OR runs.campaign = ?5) AND (NOT ?6 OR runs.failed IS NULL)"

/** `filter` NULL: all. */
void sw__store_bind_filter(struct sw__sql *sql, const struct sw_run_filter *filter);

#endif

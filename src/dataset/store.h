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

#endif

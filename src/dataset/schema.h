/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file schema.h
 * The tables of a data set, by version: docs/formats/dataset.md.
 */
#ifndef SLICEWISE_DATASET_SCHEMA_H
#define SLICEWISE_DATASET_SCHEMA_H

#include <sqlite3.h>

#include "base/error.h"

/** "SWds": what the header of the file has at 68, so that file(1) and we know whose it is. */
#define SW__APPLICATION_ID 0x53576473

/** What the newest data sets have as user_version. A new version is a new step in schema.c, never a changed one. */
enum { SW__SCHEMA_VERSION = 2 };

/** Bring the tables from `version` (0: none) to the newest, in one transaction. `name` is the file's. */
enum sw_status sw__schema_migrate(sqlite3 *db, const char *name, int version, struct sw_error *err);

#endif

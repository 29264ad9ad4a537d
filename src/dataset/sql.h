/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file sql.h
 * SQLite with our statuses: statements that remember their first failure, so that a writer binds without asking after each.
 */
#ifndef SLICEWISE_DATASET_SQL_H
#define SLICEWISE_DATASET_SQL_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/** One statement on its way. */
struct sw__sql {
	sqlite3 *db;
	const char *name; /* of the file, for messages; borrowed */
	sqlite3_stmt *statement;
	int code; /* SQLite's; SQLITE_OK so far */
	char why[128]; /* in SQLite's words, which the next call would overwrite */
	int next; /* parameter that is bound next, from 1 */
};

/** What a call that gave `code` comes to: SW_NO_MEMORY, SW_BAD_INPUT where the file is at fault, SW_IO. */
enum sw_status sw__sql_fail(const char *name, int code, const char *why, struct sw_error *err);

/** The words of `db` (may be NULL) for the `code` that it just gave. */
const char *sw__sql_words(sqlite3 *db, int code);

/** Run statements without results. */
enum sw_status sw__sql_run(sqlite3 *db, const char *name, const char *sql, struct sw_error *err);

/** Prepare one; sw__sql_end() it in any case. */
struct sw__sql sw__sql(sqlite3 *db, const char *name, const char *sql);

/** Bind the next parameter. NULL text and NAN are NULL: not known. Text is the caller's until the statement ends. */
void sw__sql_text(struct sw__sql *sql, const char *text);
void sw__sql_number(struct sw__sql *sql, double number);
void sw__sql_whole(struct sw__sql *sql, int64_t number);
void sw__sql_bool(struct sw__sql *sql, bool value);
void sw__sql_null(struct sw__sql *sql);

/** The next row: true while there is one. */
bool sw__sql_next(struct sw__sql *sql);

/** Make it ready to be bound and run again. */
void sw__sql_again(struct sw__sql *sql);

/** Columns of a row, from 0. NULL is NAN; text is NULL then, and borrowed until the next row. */
double sw__sql_number_at(struct sw__sql *sql, int column);
int64_t sw__sql_whole_at(struct sw__sql *sql, int column);
const char *sw__sql_text_at(struct sw__sql *sql, int column);

/** Release it. The first failure since sw__sql(), if there was one. */
enum sw_status sw__sql_end(struct sw__sql *sql, struct sw_error *err);

#endif

// SPDX-License-Identifier: Apache-2.0
#include "dataset/sql.h"

#include <math.h>
#include <stddef.h>

#include "base/text.h"

static enum sw_status status_of(int code)
{
	switch (code & 0xff) { /* without what extends it */
	case SQLITE_NOMEM:
		return SW_NO_MEMORY;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_ERROR: /* our own statements are right: it is the file that has no such table */
	case SQLITE_CONSTRAINT:
	case SQLITE_MISMATCH:
	case SQLITE_TOOBIG:
		return SW_BAD_INPUT;
	default:
		return SW_IO;
	}
}

const char *sw__sql_words(sqlite3 *db, int code)
{
	return db && sqlite3_extended_errcode(db) == code ? sqlite3_errmsg(db)
							  : sqlite3_errstr(code);
}

enum sw_status sw__sql_fail(const char *name, int code, const char *why, struct sw_error *err)
{
	if (status_of(code) == SW_BAD_INPUT)
		return sw_fail(err, SW_BAD_INPUT, "%s: found %s, expected a whole data set", name,
			       why);
	return sw_fail(err, status_of(code), "%s: %s", name, why);
}

enum sw_status sw__sql_run(sqlite3 *db, const char *name, const char *sql, struct sw_error *err)
{
	int code = sqlite3_exec(db, sql, NULL, NULL, NULL);

	return code == SQLITE_OK ? SW_OK : sw__sql_fail(name, code, sw__sql_words(db, code), err);
}

static void remember(struct sw__sql *sql, int code)
{
	if (sql->code != SQLITE_OK || code == SQLITE_OK)
		return;
	sql->code = code;
	(void)sw_copy_name(sql->why, sizeof(sql->why), sw__sql_words(sql->db, code));
}

struct sw__sql sw__sql(sqlite3 *db, const char *name, const char *sql)
{
	struct sw__sql made = {.db = db, .name = name, .next = 1};

	remember(&made, sqlite3_prepare_v2(db, sql, -1, &made.statement, NULL));
	return made;
}

void sw__sql_text(struct sw__sql *sql, const char *text)
{
	if (sql->code == SQLITE_OK)
		remember(sql, sqlite3_bind_text(sql->statement, sql->next++, text, -1, NULL));
}

void sw__sql_number(struct sw__sql *sql, double number)
{
	/* SQLite takes NAN for NULL by itself; infinities are no measurements. */
	if (sql->code == SQLITE_OK)
		remember(sql, sqlite3_bind_double(sql->statement, sql->next++,
						  isfinite(number) ? number : (double)NAN));
}

void sw__sql_whole(struct sw__sql *sql, int64_t number)
{
	if (sql->code == SQLITE_OK)
		remember(sql, sqlite3_bind_int64(sql->statement, sql->next++, number));
}

void sw__sql_bool(struct sw__sql *sql, bool value)
{
	sw__sql_whole(sql, value);
}

void sw__sql_null(struct sw__sql *sql)
{
	sw__sql_text(sql, NULL);
}

bool sw__sql_next(struct sw__sql *sql)
{
	int code;

	if (sql->code != SQLITE_OK)
		return false;
	code = sqlite3_step(sql->statement);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		remember(sql, code);
	return code == SQLITE_ROW;
}

void sw__sql_again(struct sw__sql *sql)
{
	if (sql->code == SQLITE_OK)
		remember(sql, sqlite3_reset(sql->statement));
	sql->next = 1;
}

double sw__sql_number_at(struct sw__sql *sql, int column)
{
	return sqlite3_column_type(sql->statement, column) == SQLITE_NULL
		       ? (double)NAN
		       : sqlite3_column_double(sql->statement, column);
}

int64_t sw__sql_whole_at(struct sw__sql *sql, int column)
{
	return sqlite3_column_int64(sql->statement, column);
}

const char *sw__sql_text_at(struct sw__sql *sql, int column)
{
	bool known = sqlite3_column_type(sql->statement, column) != SQLITE_NULL;
	const char *text = (const char *)sqlite3_column_text(sql->statement, column);

	if (known && !text)
		remember(sql, SQLITE_NOMEM);
	return text;
}

enum sw_status sw__sql_end(struct sw__sql *sql, struct sw_error *err)
{
	int code = sql->code;
	enum sw_status st = SW_OK;

	if (code != SQLITE_OK)
		st = sw__sql_fail(sql->name, code, sql->why, err);
	(void)sqlite3_finalize(sql->statement);
	sql->statement = NULL;
	return st;
}

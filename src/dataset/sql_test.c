// SPDX-License-Identifier: Apache-2.0
#include "dataset/sql.h"

#include <math.h>

#include "check.h"

static sqlite3 *db;
static struct sw_error err;

TEST(what_is_not_known_is_null_and_comes_back_so)
{
	struct sw__sql sql;

	CHECK_INT(sw__sql_run(db, "f", "CREATE TABLE t (a, b, c, d)", &err), SW_OK);
	sql = sw__sql(db, "f", "INSERT INTO t VALUES (?, ?, ?, ?)");
	sw__sql_text(&sql, "x");
	sw__sql_number(&sql, 0.1);
	sw__sql_whole(&sql, INT64_MIN);
	sw__sql_bool(&sql, true);
	CHECK(!sw__sql_next(&sql));
	sw__sql_again(&sql);
	sw__sql_text(&sql, NULL);
	sw__sql_number(&sql, NAN);
	sw__sql_null(&sql);
	sw__sql_number(&sql, INFINITY);
	CHECK(!sw__sql_next(&sql));
	CHECK_INT(sw__sql_end(&sql, &err), SW_OK);
	sql = sw__sql(db, "f", "SELECT a, b, c, d FROM t ORDER BY rowid");
	CHECK(sw__sql_next(&sql));
	CHECK_STR(sw__sql_text_at(&sql, 0), "x");
	CHECK_NEAR(sw__sql_number_at(&sql, 1), 0.1, 0);
	CHECK(sw__sql_whole_at(&sql, 2) == INT64_MIN && sw__sql_whole_at(&sql, 3) == 1);
	CHECK(sw__sql_next(&sql));
	CHECK(!sw__sql_text_at(&sql, 0) && isnan(sw__sql_number_at(&sql, 1)));
	CHECK(isnan(sw__sql_number_at(&sql, 2)) && isnan(sw__sql_number_at(&sql, 3)));
	CHECK(!sw__sql_next(&sql));
	CHECK_INT(sw__sql_end(&sql, &err), SW_OK);
}

TEST(the_first_failure_is_the_one_that_is_told)
{
	struct sw__sql sql = sw__sql(db, "f", "SELECT x FROM none");

	sw__sql_text(&sql, "x");
	CHECK(!sw__sql_next(&sql));
	sw__sql_again(&sql);
	CHECK_INT(sw__sql_end(&sql, &err), SW_BAD_INPUT);
	CHECK_STR(err.message, "f: found no such table: none, expected a whole data set");
	CHECK_INT(sw__sql_end(&sql, NULL), SW_BAD_INPUT);
}

TEST(statuses_are_whose_fault_it_is)
{
	CHECK_INT(sw__sql_fail("f", SQLITE_NOMEM, "w", &err), SW_NO_MEMORY);
	CHECK_INT(sw__sql_fail("f", SQLITE_IOERR_READ, "w", &err), SW_IO);
	CHECK_INT(sw__sql_fail("f", SQLITE_BUSY, "w", &err), SW_IO);
	CHECK_STR(err.message, "f: w");
	CHECK_INT(sw__sql_fail("f", SQLITE_CORRUPT_INDEX, "w", &err), SW_BAD_INPUT);
	CHECK_INT(sw__sql_fail("f", SQLITE_CONSTRAINT_UNIQUE, "w", &err), SW_BAD_INPUT);
}

int main(void)
{
	int status;

	if (sqlite3_open(":memory:", &db) != SQLITE_OK)
		return 1;
	status = check_main();
	return sqlite3_close(db) == SQLITE_OK ? status : 1;
}

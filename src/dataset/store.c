// SPDX-License-Identifier: Apache-2.0
#include "dataset/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "dataset/schema.h"
#include "dataset/store_header.h"

/* Another writer holds the file for one run's time. */
enum { BUSY_MS = 5000 };

static enum sw_status no_memory(const char *path, struct sw_error *err)
{
	return sw_fail(err, SW_NO_MEMORY, "%s: out of memory", path);
}

/*
 * A file from outside runs nothing: no triggers or views with side effects, no memory mapped that could change. The journal is the one
 * that goes away: between two runs the file alone is the data set, and a writer that is killed loses the run it was adding.
 */
static enum sw_status set_up(sqlite3 *db, const char *path, struct sw_error *err)
{
	(void)sqlite3_extended_result_codes(db, 1);
	(void)sqlite3_busy_timeout(db, BUSY_MS);
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	return sw__sql_run(db, path,
			   "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL;"
			   "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;",
			   err);
}

static enum sw_status connect(const char *path, int flags, sqlite3 **db, struct sw_error *err)
{
	int code = sqlite3_open_v2(path, db, flags | SQLITE_OPEN_NOMUTEX, NULL);
	enum sw_status st = code == SQLITE_OK
				    ? set_up(*db, path, err)
				    : sw__sql_fail(path, code, sw__sql_words(*db, code), err);

	if (st == SW_OK)
		return SW_OK;
	(void)sqlite3_close(*db);
	*db = NULL;
	return st;
}

/* SQLite's own look at every page, which finds what a header cannot tell. */
static enum sw_status check_pages(sqlite3 *db, const char *path, struct sw_error *err)
{
	struct sw__sql sql = sw__sql(db, path, "PRAGMA quick_check(1)");
	enum sw_status st = SW_OK;

	if (sw__sql_next(&sql)) {
		const char *found = sw__sql_text_at(&sql, 0);

		if (found && strcmp(found, "ok") != 0)
			st = sw_fail(err, SW_BAD_INPUT,
				     "%s: found damage (%s), expected a whole data set", path,
				     found);
	}
	if (st != SW_OK) {
		(void)sw__sql_end(&sql, NULL);
		return st;
	}
	return sw__sql_end(&sql, err);
}

/*
 * A new data set appears under its name when it has its tables, not before: a file that is cut short to nothing is then no new one,
 * and a writer that is killed at once leaves none.
 */
static enum sw_status create(const char *path, struct sw_error *err)
{
	struct sw_text fresh = {0};
	sqlite3 *db = NULL;
	enum sw_status st;

	sw_text_addf(&fresh, "%s.%ld-new", path, (long)getpid());
	if (!sw_text_ok(&fresh)) {
		sw_text_free(&fresh);
		return no_memory(path, err);
	}
	(void)unlink(fresh.data);
	st = connect(fresh.data, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &db, err);
	if (st == SW_OK)
		st = sw__schema_migrate(db, path, 0, err);
	(void)sqlite3_close(db);
	/* First not rename(): who was faster keeps what is there. Some file systems have no links. */
	if (st == SW_OK && link(fresh.data, path) != 0 && errno != EEXIST &&
	    rename(fresh.data, path) != 0)
		st = sw_fail(err, SW_IO, "%s: cannot make: %s", path, strerror(errno));
	(void)unlink(fresh.data);
	sw_text_free(&fresh);
	return st;
}

/* Bring an older one up to date. Whoever else did so in the meantime is not done over again. */
static enum sw_status update(sw_dataset *dataset, struct sw_error *err)
{
	struct sw__sql sql = sw__store_sql(dataset, "PRAGMA user_version");
	int version = sw__sql_next(&sql) ? (int)sw__sql_whole_at(&sql, 0) : 0;
	enum sw_status st = sw__sql_end(&sql, err);

	if (st != SW_OK || version == SW__SCHEMA_VERSION)
		return st;
	return sw__schema_migrate(dataset->db, dataset->name, version, err);
}

/*
 * The header was looked at. Read first: what is refused is never opened to be written, but after a writer that was killed, whose half
 * of a run somebody must take back before anything can be read.
 */
static enum sw_status open_checked(sw_dataset *dataset, enum sw_dataset_access access,
				   struct sw_error *err)
{
	int flags =
		sw__store_has_journal(dataset->name) ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
	enum sw_status st = connect(dataset->name, flags, &dataset->db, err);

	if (st == SW_OK)
		st = check_pages(dataset->db, dataset->name, err);
	if (st != SW_OK || access == SW_DATASET_READ)
		return st;
	(void)sqlite3_close(dataset->db);
	dataset->db = NULL;
	st = connect(dataset->name, SQLITE_OPEN_READWRITE, &dataset->db, err);
	return st == SW_OK ? update(dataset, err) : st;
}

static enum sw_status refuse_older(const char *path, int version, struct sw_error *err)
{
	return sw_fail(err, SW_BAD_INPUT,
		       "%s: found a data set of version %d, expected %d; opening it to write (an "
		       "import) brings it up to date",
		       path, version, SW__SCHEMA_VERSION);
}

static bool is_missing(const char *path)
{
	return access(path, F_OK) != 0 && errno == ENOENT;
}

static enum sw_status look(const char *path, enum sw_dataset_access how, struct sw_error *err)
{
	int version = 0;
	enum sw_status st = SW_OK;

	if (how == SW_DATASET_WRITE && is_missing(path))
		st = create(path, err);
	if (st == SW_OK)
		st = sw__store_header(path, &version, err);
	if (st == SW_OK && how == SW_DATASET_READ && version < SW__SCHEMA_VERSION)
		return refuse_older(path, version, err);
	return st;
}

enum sw_status sw_dataset_open(const char *path, enum sw_dataset_access access, sw_dataset **out,
			       struct sw_error *err)
{
	enum sw_status st = look(path, access, err);
	sw_dataset *dataset;

	*out = NULL;
	if (st != SW_OK)
		return st;
	dataset = calloc(1, sizeof(*dataset));
	if (!dataset)
		return no_memory(path, err);
	dataset->name = strdup(path);
	st = dataset->name ? sw_catalog_open(&dataset->catalog, err) : no_memory(path, err);
	if (st == SW_OK)
		st = open_checked(dataset, access, err);
	if (st == SW_OK)
		*out = dataset;
	else
		sw_dataset_close(dataset);
	return st;
}

void sw_dataset_close(sw_dataset *dataset)
{
	if (!dataset)
		return;
	(void)sqlite3_close(dataset->db);
	sw_catalog_free(dataset->catalog);
	free(dataset->name);
	free(dataset);
}

// SPDX-License-Identifier: Apache-2.0
#include "dataset/schema.h"

#include "dataset/dataset_fixture.h"
#include "dataset/store.h"

/* A data set of version 1 as one was written then: not made by today's steps. */
static const char version_1[] =
	"PRAGMA application_id = 1398236275; PRAGMA user_version = 1;"
	"CREATE TABLE campaigns (id INTEGER PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL,"
	" text TEXT NOT NULL);"
	"CREATE INDEX campaigns_hash ON campaigns (hash);"
	"CREATE TABLE hardware (id INTEGER PRIMARY KEY, gpu TEXT NOT NULL,"
	" description TEXT NOT NULL, driver TEXT NOT NULL, cpu TEXT NOT NULL,"
	" cores INTEGER NOT NULL, UNIQUE (description, driver, cpu, cores));"
	"CREATE TABLE software (id INTEGER PRIMARY KEY, name TEXT NOT NULL,"
	" version TEXT NOT NULL, UNIQUE (name, version));"
	"CREATE TABLE runs (id INTEGER PRIMARY KEY, campaign INTEGER REFERENCES campaigns,"
	" experiment TEXT NOT NULL, repeat INTEGER NOT NULL, gpu TEXT NOT NULL,"
	" mechanism TEXT NOT NULL, engines INTEGER NOT NULL, source TEXT NOT NULL,"
	" seed INTEGER NOT NULL, started_s REAL, duration_s REAL, failed TEXT, origin TEXT,"
	" hardware INTEGER NOT NULL REFERENCES hardware, mix TEXT NOT NULL);"
	"CREATE UNIQUE INDEX runs_key ON runs (ifnull(campaign, 0), experiment, repeat);"
	"CREATE TABLE run_software (run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,"
	" software INTEGER NOT NULL REFERENCES software, PRIMARY KEY (run, software))"
	" WITHOUT ROWID;"
	"CREATE TABLE engines (run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,"
	" place INTEGER NOT NULL, tenant TEXT NOT NULL, model TEXT NOT NULL, share REAL NOT NULL,"
	" memory_gib REAL, engine TEXT NOT NULL, version TEXT, max_model_len INTEGER NOT NULL,"
	" max_num_seqs INTEGER NOT NULL, max_num_batched_tokens INTEGER NOT NULL,"
	" cuda_graphs INTEGER NOT NULL, dtype TEXT NOT NULL, quantization TEXT NOT NULL,"
	" kv_cache_dtype TEXT NOT NULL, prefix_caching INTEGER NOT NULL,"
	" gpu_memory_utilization REAL NOT NULL, kv_cache_tokens REAL, cores REAL,"
	" rate REAL, concurrency REAL, trace TEXT, prompt_tokens REAL NOT NULL,"
	" prompt_tokens_p95 REAL, output_tokens REAL NOT NULL, output_tokens_p95 REAL,"
	" prefix_hit_ratio REAL NOT NULL, burstiness REAL NOT NULL,"
	" ttft_mean_ms REAL, ttft_p50_ms REAL, ttft_p95_ms REAL, ttft_p99_ms REAL,"
	" tpot_mean_ms REAL, tpot_p50_ms REAL, tpot_p95_ms REAL, tpot_p99_ms REAL,"
	" output_tok_s REAL, requests_per_s REAL, requests REAL, failed REAL, running REAL,"
	" kv_used REAL, preemptions REAL, PRIMARY KEY (run, place)) WITHOUT ROWID;"
	"INSERT INTO hardware VALUES (1, 'l4', '{}', '535', '', 0);"
	"INSERT INTO runs VALUES (1, NULL, 'old', 3, 'l4', 'exclusive', 1, 'import', 5, NULL, 60,"
	" NULL, 'a file', 1, '{\"gpu\":\"l4\",\"mechanism\":\"exclusive\",\"tenants\":[{\"name\":"
	"\"a\",\"model\":\"qwen3-0.6b\",\"share\":1,\"load\":{\"rate\":1,\"prompt_tokens\":9,"
	"\"output_tokens\":8}}]}');"
	"INSERT INTO engines VALUES (1, 0, 'a', 'qwen3-0.6b', 1, NULL, 'vllm', NULL, 40960, 256,"
	" 2048, 1, 'bfloat16', 'none', 'bfloat16', 1, 0.9, NULL, NULL, 1, NULL, NULL, 9, NULL, 8,"
	" NULL, 0, 1, 11.5, NULL, NULL, NULL, 7.25, NULL, NULL, NULL, 8, 1, 60, 0, NULL, NULL,"
	" NULL);";

static const char *old_file(void)
{
	const char *path = path_of("old.db");
	sqlite3 *db;

	(void)unlink(path);
	CHECK_INT(sqlite3_open(path, &db), SQLITE_OK);
	if (!CHECK(sqlite3_exec(db, version_1, NULL, NULL, NULL) == SQLITE_OK))
		printf("    %s\n", sqlite3_errmsg(db));
	CHECK_INT(sqlite3_close(db), SQLITE_OK);
	return path;
}

/* Tables and indices as SQLite keeps them, in the order of their names. */
static char *tables_of(const char *path)
{
	struct sw_text text = {0};
	sqlite3_stmt *statement;
	sqlite3 *db;

	CHECK_INT(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	CHECK_INT(sqlite3_prepare_v2(db, "SELECT sql FROM sqlite_schema ORDER BY name", -1,
				     &statement, NULL),
		  SQLITE_OK);
	while (sqlite3_step(statement) == SQLITE_ROW) {
		const char *sql = (const char *)sqlite3_column_text(statement, 0);

		sw_text_addf(&text, "%s\n", sql ? sql : "");
	}
	(void)sqlite3_finalize(statement);
	(void)sqlite3_close(db);
	return text.data;
}

TEST(an_older_data_set_is_brought_up_to_date_by_a_writer)
{
	const char *path = old_file();
	struct sw_run_sample sample = {1, "nvml", "", "power_w", 70};
	struct sw_run run = run_of("new", 1, 1);
	struct sw_runs runs;
	sw_dataset *dataset;
	char *updated, *fresh;

	CHECK_INT(sw_dataset_open(path, SW_DATASET_WRITE, &dataset, &err), SW_OK);
	CHECK_INT(sw_dataset_add_run(dataset, SW_NO_CAMPAIGN, &run, &sample, 1, &err), SW_OK);
	sw_dataset_close(dataset);
	CHECK_INT(sw_dataset_open(path, SW_DATASET_READ, &dataset, &err), SW_OK);
	CHECK_INT(sw_dataset_runs(dataset, catalog, NULL, &runs, &err), SW_OK);
	sw_dataset_close(dataset);
	if (!CHECK(runs.run && runs.n == 2))
		return;
	CHECK_STR(runs.run[1].experiment, "old");
	CHECK_INT(runs.run[1].repeat, 3);
	CHECK_STR(runs.run[1].machine.driver, "535");
	CHECK_NEAR(runs.run[1].measured[0].ms[SW_TTFT][SW_MEAN], 11.5, 0);
	CHECK_NEAR(runs.run[1].measured[0].ms[SW_TPOT][SW_MEAN], 7.25, 0);
	CHECK(isnan(runs.run[1].measured[0].kv_used));
	sw_runs_clear(&runs);
	/* It cannot be told from one that was made today. */
	CHECK_INT(sw_dataset_open(path_of("today.db"), SW_DATASET_WRITE, &dataset, &err), SW_OK);
	sw_dataset_close(dataset);
	updated = tables_of(path);
	fresh = tables_of(path_of("today.db"));
	CHECK_STR(updated, fresh);
	free(updated);
	free(fresh);
	sw__dataset_run_clear(&run);
}

TEST(an_older_data_set_is_not_changed_by_a_reader)
{
	const char *path = old_file();
	struct sw_text before = bytes_of(path);
	sw_dataset *dataset;

	CHECK_INT(sw_dataset_open(path, SW_DATASET_READ, &dataset, &err), SW_BAD_INPUT);
	CHECK(strstr(err.message, "old.db: found a data set of version 1, expected 2"));
	check_same_bytes(before, bytes_of(path));
}

int main(void)
{
	return dataset_main();
}

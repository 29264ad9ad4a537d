// SPDX-License-Identifier: Apache-2.0
#include "dataset/schema.h"

#include "base/text.h"
#include "dataset/sql.h"

/*
 * steps[v] makes version v + 1 of version v. Files are out there: a step is never changed, only followed by another. The key of runs is
 * an expression because NULLs differ from each other in SQLite, and runs without a campaign must not.
 */
static const char *const steps[SW__SCHEMA_VERSION] = {
	"CREATE TABLE campaigns (id INTEGER PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL,"
	" text TEXT NOT NULL);"
	"CREATE INDEX campaigns_hash ON campaigns (hash);"
	"CREATE TABLE hardware (id INTEGER PRIMARY KEY, gpu TEXT NOT NULL, description TEXT NOT "
	"NULL,"
	" driver TEXT NOT NULL, cpu TEXT NOT NULL, cores INTEGER NOT NULL,"
	" UNIQUE (description, driver, cpu, cores));"
	"CREATE TABLE software (id INTEGER PRIMARY KEY, name TEXT NOT NULL, version TEXT NOT NULL,"
	" UNIQUE (name, version));"
	"CREATE TABLE runs (id INTEGER PRIMARY KEY, campaign INTEGER REFERENCES campaigns,"
	" experiment TEXT NOT NULL, repeat INTEGER NOT NULL, gpu TEXT NOT NULL,"
	" mechanism TEXT NOT NULL, engines INTEGER NOT NULL, source TEXT NOT NULL,"
	" seed INTEGER NOT NULL, started_s REAL, duration_s REAL, failed TEXT, origin TEXT,"
	" hardware INTEGER NOT NULL REFERENCES hardware, mix TEXT NOT NULL);"
	"CREATE UNIQUE INDEX runs_key ON runs (ifnull(campaign, 0), experiment, repeat);"
	"CREATE TABLE run_software (run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,"
	" software INTEGER NOT NULL REFERENCES software, PRIMARY KEY (run, software)) WITHOUT "
	"ROWID;"
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
	" kv_used REAL, preemptions REAL, PRIMARY KEY (run, place)) WITHOUT ROWID;",

	"CREATE TABLE samples (run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,"
	" time_s REAL NOT NULL, source TEXT NOT NULL, entity TEXT NOT NULL, metric TEXT NOT NULL,"
	" value REAL NOT NULL);"
	"CREATE INDEX samples_run ON samples (run, source, entity, metric, time_s);",
};

enum sw_status sw__schema_migrate(sqlite3 *db, const char *name, int version, struct sw_error *err)
{
	struct sw_text sql = {0};
	enum sw_status st;

	sw_text_puts(&sql, "BEGIN IMMEDIATE;");
	for (int v = version; v < SW__SCHEMA_VERSION; v++)
		sw_text_puts(&sql, steps[v]);
	sw_text_addf(&sql, "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT;",
		     SW__APPLICATION_ID, SW__SCHEMA_VERSION);
	if (!sw_text_ok(&sql)) {
		sw_text_free(&sql);
		return sw_fail(err, SW_NO_MEMORY, "%s: out of memory", name);
	}
	st = sw__sql_run(db, name, sql.data, err);
	if (st != SW_OK)
		(void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	sw_text_free(&sql);
	return st;
}

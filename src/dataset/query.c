// SPDX-License-Identifier: Apache-2.0
/*
 * Questions with names: what plots and people ask. Each is one SELECT over `picked`, the runs that the filter lets through. Series are of
 * runs that ended well, and average their repeats.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "dataset/store.h"

static const char picked[] = "WITH picked AS (SELECT * FROM runs WHERE " SW__STORE_PICKED "),"
			     /* every engine of every run that ended well */
			     " well AS (SELECT picked.id AS run_id, picked.experiment, picked.gpu,"
			     " picked.mechanism, picked.engines, picked.source, engines.*"
			     " FROM picked JOIN engines ON engines.run = picked.id"
			     " WHERE picked.failed IS NULL) ";

#define LATENCIES                                                                           \
	"count(*) AS measured, avg(ttft_mean_ms) AS ttft_mean_ms, min(ttft_mean_ms) AS"     \
	" ttft_mean_ms_min, max(ttft_mean_ms) AS ttft_mean_ms_max, avg(ttft_p50_ms) AS"     \
	" ttft_p50_ms, avg(ttft_p95_ms) AS ttft_p95_ms, avg(tpot_mean_ms) AS tpot_mean_ms," \
	" min(tpot_mean_ms) AS tpot_mean_ms_min, max(tpot_mean_ms) AS tpot_mean_ms_max,"    \
	" avg(tpot_p50_ms) AS tpot_p50_ms, avg(tpot_p95_ms) AS tpot_p95_ms,"                \
	" avg(output_tok_s) AS output_tok_s"

/* What two engines have in common whose latencies may be compared. */
#define LOAD "max_num_seqs, cuda_graphs, rate, concurrency, trace, prompt_tokens, output_tokens"

static const struct question {
	struct sw_query query;
	const char *select;
} questions[] = {
	{{"counts", "runs by GPU, mechanism and source, and how many failed"},
	 "SELECT gpu, mechanism, source, count(*) AS runs, count(failed) AS failed FROM picked"
	 " GROUP BY gpu, mechanism, source ORDER BY gpu, mechanism, source"},
	{{"sizes", "runs by the number of engines together"},
	 "SELECT engines, count(*) AS runs, count(failed) AS failed FROM picked GROUP BY engines"
	 " ORDER BY engines"},
	{{"models", "engines by model"},
	 "SELECT model, count(*) AS engines, count(DISTINCT run) AS runs FROM picked JOIN engines"
	 " ON run = picked.id GROUP BY model ORDER BY model"},
	{{"failures", "runs that failed, and why"},
	 "SELECT experiment, repeat, gpu, mechanism, source, failed AS failure FROM picked"
	 " WHERE failed IS NOT NULL ORDER BY experiment, repeat, id"},
	{{"hardware", "machines, and their runs"},
	 "SELECT hardware.gpu, nullif(driver, '') AS driver, nullif(cpu, '') AS cpu,"
	 " nullif(cores, 0) AS cores, count(*) AS runs"
	 " FROM picked JOIN hardware ON hardware.id = picked.hardware GROUP BY hardware.id"
	 " ORDER BY hardware.gpu, hardware.driver, hardware.cpu, hardware.cores, hardware.id"},
	{{"software", "programs and versions, and their runs"},
	 "SELECT name, version, count(*) AS runs FROM picked JOIN run_software ON run = picked.id"
	 " JOIN software ON software.id = software GROUP BY software.id ORDER BY name, version"},
	{{"campaigns", "campaign files and imports, and their runs"},
	 "SELECT campaigns.id AS campaign, name, hash, count(*) AS runs, count(failed) AS failed"
	 " FROM picked JOIN campaigns ON campaigns.id = campaign GROUP BY campaigns.id"
	 " ORDER BY campaigns.id"},
	{{"runs", "every run"},
	 "SELECT experiment, repeat, campaign, gpu, mechanism, engines, source, duration_s,"
	 " started_s, failed AS failure, origin FROM picked ORDER BY experiment, repeat, id"},
	{{"latency-by-share", "latencies of a model over its share, repeats together"},
	 "SELECT gpu, mechanism, source, model, engines, " LOAD ", share, " LATENCIES
	 " FROM well GROUP BY gpu, mechanism, source, model, engines, " LOAD ", share"
	 " ORDER BY gpu, mechanism, source, model, engines, " LOAD ", share"},
	{{"latency-by-concurrency", "latencies of a model over the requests in flight"},
	 "SELECT gpu, mechanism, source, model, engines, share, max_num_seqs, cuda_graphs,"
	 " prompt_tokens, output_tokens, concurrency, " LATENCIES
	 " FROM well WHERE concurrency IS NOT NULL"
	 " GROUP BY gpu, mechanism, source, model, engines, share, max_num_seqs, cuda_graphs,"
	 " prompt_tokens, output_tokens, concurrency"
	 " ORDER BY gpu, mechanism, source, model, engines, share, max_num_seqs, cuda_graphs,"
	 " prompt_tokens, output_tokens, concurrency"},
	{{"latency-by-rate", "latencies of a model over the requests that arrive a second"},
	 "SELECT gpu, mechanism, source, model, engines, share, max_num_seqs, cuda_graphs, trace,"
	 " prompt_tokens, output_tokens, rate, " LATENCIES " FROM well WHERE rate IS NOT NULL"
	 " GROUP BY gpu, mechanism, source, model, engines, share, max_num_seqs, cuda_graphs, "
	 "trace,"
	 " prompt_tokens, output_tokens, rate"
	 " ORDER BY gpu, mechanism, source, model, engines, share, max_num_seqs, cuda_graphs, "
	 "trace,"
	 " prompt_tokens, output_tokens, rate"},
	{{"throughput-by-engines", "output tokens per second of a whole GPU over its engines"},
	 "SELECT gpu, mechanism, source, engines, count(*) AS measured, avg(tok_s) AS output_tok_s,"
	 " min(tok_s) AS output_tok_s_min, max(tok_s) AS output_tok_s_max FROM"
	 " (SELECT gpu, mechanism, source, engines, sum(output_tok_s) AS tok_s FROM well"
	 " GROUP BY run_id HAVING count(output_tok_s) = engines)"
	 " GROUP BY gpu, mechanism, source, engines ORDER BY gpu, mechanism, source, engines"},
	{{"slowdown-by-neighbours",
	  "latencies beside neighbours over those alone on the same slice under the same load"},
	 ", alone AS (SELECT gpu, mechanism, source, model, share, memory_gib, " LOAD ","
	 " avg(ttft_mean_ms) AS ttft, avg(tpot_mean_ms) AS tpot FROM well WHERE engines = 1"
	 " GROUP BY gpu, mechanism, source, model, share, memory_gib, " LOAD ")"
	 " SELECT well.gpu, well.mechanism, well.source, well.model, well.share,"
	 " well.engines - 1 AS neighbours, well.max_num_seqs, well.cuda_graphs, well.rate,"
	 " well.concurrency, well.prompt_tokens, well.output_tokens, count(*) AS measured,"
	 " avg(well.ttft_mean_ms / alone.ttft) AS ttft_slowdown,"
	 " avg(well.tpot_mean_ms / alone.tpot) AS tpot_slowdown,"
	 " max(well.tpot_mean_ms / alone.tpot) AS tpot_slowdown_max"
	 " FROM well JOIN alone ON alone.gpu = well.gpu AND alone.mechanism = well.mechanism"
	 " AND alone.source = well.source AND alone.model = well.model AND alone.share = well.share"
	 " AND alone.memory_gib IS well.memory_gib AND alone.max_num_seqs = well.max_num_seqs"
	 " AND alone.cuda_graphs = well.cuda_graphs AND alone.rate IS well.rate"
	 " AND alone.concurrency IS well.concurrency AND alone.trace IS well.trace"
	 " AND alone.prompt_tokens = well.prompt_tokens"
	 " AND alone.output_tokens = well.output_tokens WHERE well.engines > 1"
	 " GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, "
	 "11, 12"},
	{{"samples", "the series beside runs; --experiment picks one"},
	 "SELECT experiment, repeat, samples.source, entity, metric, time_s, value FROM picked"
	 " JOIN samples ON run = picked.id"
	 " ORDER BY experiment, repeat, picked.id, samples.source, entity, metric, time_s"},
};

enum { QUESTIONS = sizeof(questions) / sizeof(questions[0]) };

const struct sw_query *sw_dataset_query_at(size_t i)
{
	return i < QUESTIONS ? &questions[i].query : NULL;
}

static const struct question *question_of(const char *name)
{
	for (size_t i = 0; i < QUESTIONS; i++) {
		if (strcmp(questions[i].query.name, name) == 0)
			return &questions[i];
	}
	return NULL;
}

static enum sw_status unknown(const char *name, struct sw_error *err)
{
	struct sw_text names = {0};
	enum sw_status st;

	for (size_t i = 0; i < QUESTIONS; i++)
		sw_text_addf(&names, "%s%s", i ? ", " : "", questions[i].query.name);
	st = sw_fail(err, SW_USAGE, "query: found %s, expected one of %s", name,
		     sw_text_string(&names));
	sw_text_free(&names);
	return st;
}

static enum sw_status no_memory(const sw_dataset *dataset, struct sw_error *err)
{
	return sw_fail(err, SW_NO_MEMORY, "%s: out of memory", dataset->name);
}

static enum sw_status read_columns(const sw_dataset *dataset, struct sw__sql *sql,
				   struct sw_answer *out, struct sw_error *err)
{
	out->n_columns = (size_t)sqlite3_column_count(sql->statement);
	out->columns = calloc(out->n_columns + 1, sizeof(*out->columns));
	for (size_t i = 0; out->columns && i < out->n_columns; i++) {
		const char *name = sqlite3_column_name(sql->statement, (int)i);

		out->columns[i].name = name ? strdup(name) : NULL;
		if (!out->columns[i].name)
			return no_memory(dataset, err);
	}
	return out->columns ? SW_OK : no_memory(dataset, err);
}

/* A column is what its cells are: text where one is, whole where all are. */
static void widen(struct sw_answer_column *column, int type, bool first)
{
	enum sw_answer_type found = type == SQLITE_FLOAT     ? SW_ANSWER_REAL
				    : type == SQLITE_INTEGER ? SW_ANSWER_WHOLE
							     : SW_ANSWER_TEXT;

	if (first || (column->type == SW_ANSWER_WHOLE && found != SW_ANSWER_WHOLE))
		column->type = found;
}

static enum sw_status read_row(const sw_dataset *dataset, struct sw__sql *sql, bool *seen,
			       struct sw_answer *out, struct sw_error *err)
{
	struct sw_answer_cell *row = &out->cells[out->n_rows++ * out->n_columns];

	for (size_t i = 0; i < out->n_columns; i++)
		row[i] = (struct sw_answer_cell){.number = NAN};
	for (size_t i = 0; i < out->n_columns; i++) {
		int type = sqlite3_column_type(sql->statement, (int)i);
		const char *text;

		if (type == SQLITE_NULL)
			continue;
		widen(&out->columns[i], type, !seen[i]);
		seen[i] = true;
		row[i].number = sw__sql_number_at(sql, (int)i);
		text = type == SQLITE_TEXT ? sw__sql_text_at(sql, (int)i) : NULL;
		row[i].text = text ? strdup(text) : NULL;
		if (text && !row[i].text)
			return no_memory(dataset, err);
	}
	return SW_OK;
}

static enum sw_status make_room(const sw_dataset *dataset, struct sw_answer *out,
				struct sw_error *err)
{
	size_t rows = out->n_rows ? 2 * out->n_rows : 1;
	struct sw_answer_cell *grown;

	if (out->n_rows & (out->n_rows - 1))
		return SW_OK; /* room was made at the last power of two */
	grown = realloc(out->cells, rows * out->n_columns * sizeof(*grown));
	if (!grown)
		return no_memory(dataset, err);
	out->cells = grown;
	return SW_OK;
}

static enum sw_status read_answer(const sw_dataset *dataset, struct sw__sql *sql,
				  struct sw_answer *out, struct sw_error *err)
{
	enum sw_status st = read_columns(dataset, sql, out, err);
	bool *seen = calloc(out->n_columns + 1, sizeof(*seen));

	if (!seen && st == SW_OK)
		st = no_memory(dataset, err);
	while (st == SW_OK && sw__sql_next(sql)) {
		st = make_room(dataset, out, err);
		if (st == SW_OK)
			st = read_row(dataset, sql, seen, out, err);
	}
	free(seen);
	return st;
}

static enum sw_status ask(sw_dataset *dataset, const char *text, const struct sw_run_filter *filter,
			  struct sw_answer *out, struct sw_error *err)
{
	struct sw__sql sql = sw__store_sql(dataset, text);
	enum sw_status st = SW_OK, ended;

	sw__store_bind_filter(&sql, filter);
	if (sql.code == SQLITE_OK)
		st = read_answer(dataset, &sql, out, err);
	ended = sw__sql_end(&sql, st == SW_OK ? err : NULL);
	return st == SW_OK ? ended : st;
}

enum sw_status sw_dataset_query(sw_dataset *dataset, const char *name,
				const struct sw_run_filter *filter, struct sw_answer *out,
				struct sw_error *err)
{
	const struct question *question = question_of(name);
	struct sw_text text = {0};
	enum sw_status st;

	*out = (struct sw_answer){0};
	if (!question)
		return unknown(name, err);
	sw_text_puts(&text, picked);
	sw_text_puts(&text, question->select);
	st = sw_text_ok(&text) ? ask(dataset, text.data, filter, out, err)
			       : no_memory(dataset, err);
	sw_text_free(&text);
	if (st != SW_OK)
		sw_answer_clear(out);
	return st;
}

void sw_answer_clear(struct sw_answer *answer)
{
	if (!answer)
		return;
	for (size_t i = 0; i < answer->n_rows * answer->n_columns; i++)
		free(answer->cells[i].text);
	for (size_t i = 0; answer->columns && i < answer->n_columns; i++)
		free(answer->columns[i].name);
	free(answer->cells);
	free(answer->columns);
	*answer = (struct sw_answer){0};
}

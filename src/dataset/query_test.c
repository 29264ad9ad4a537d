// SPDX-License-Identifier: Apache-2.0
#include "dataset/dataset_fixture.h"

static const struct sw_run_filter all;

/* A data set of rows of the test's own. */
static sw_dataset *set_of(const char *rows)
{
	struct sw_imported imported;
	sw_dataset *dataset = NULL;

	(void)unlink(path_of("q.db"));
	CHECK_INT(sw_dataset_open(path_of("q.db"), SW_DATASET_WRITE, &dataset, &err), SW_OK);
	if (!CHECK(sw_dataset_import(dataset, catalog, put_file("q.csv", rows), NULL, &imported,
				     &err) == SW_OK))
		printf("    %s\n", err.message);
	return dataset;
}

/* An answer as text: header, then rows; cells between blanks, "-" for unknown. */
static char *ask(sw_dataset *dataset, const char *name, const struct sw_run_filter *filter)
{
	struct sw_text text = {0};
	struct sw_answer answer;

	if (!CHECK(sw_dataset_query(dataset, name, filter, &answer, &err) == SW_OK))
		printf("    %s\n", err.message);
	for (size_t i = 0; i < answer.n_rows * answer.n_columns; i++) {
		const struct sw_answer_cell *cell = &answer.cells[i];

		if (i % answer.n_columns)
			sw_text_puts(&text, " ");
		if (answer.columns[i % answer.n_columns].type == SW_ANSWER_TEXT)
			sw_text_puts(&text, cell->text ? cell->text : "-");
		else if (isnan(cell->number))
			sw_text_puts(&text, "-");
		else
			sw_text_addf(&text, "%.10g", cell->number);
		if (i % answer.n_columns == answer.n_columns - 1)
			sw_text_puts(&text, "\n");
	}
	sw_answer_clear(&answer);
	sw_answer_clear(&answer);
	return text.data ? text.data : calloc(1, 1);
}

static void check_answer(sw_dataset *dataset, const char *name, const struct sw_run_filter *filter,
			 const char *expected)
{
	char *text = ask(dataset, name, filter);

	if (!CHECK(strcmp(text, expected) == 0))
		printf("    %s:\n%s    expected:\n%s", name, text, expected);
	free(text);
}

static const char rows[] =
	"experiment,repeat,gpu,mechanism,model,share,memory_gib,max_num_seqs,concurrency,"
	"prompt_tokens,output_tokens,ttft_mean_ms,tpot_mean_ms,output_tok_s,failure\n"
	"half,1,l4,mps,qwen3-0.6b,0.5,8,8,4,100,50,20,10,100,\n"
	"half,2,l4,mps,qwen3-0.6b,0.5,8,8,4,100,50,30,12,120,\n"
	"third,1,l4,mps,qwen3-0.6b,0.3,8,8,4,100,50,40,15,90,\n"
	"pair,1,l4,mps,qwen3-0.6b,0.5,8,8,4,100,50,50,22,80,\n"
	"pair,1,l4,mps,qwen3-0.6b,0.5,8,8,4,100,50,75,33,60,\n"
	"other,1,l4,mps,qwen3-0.6b,0.5,8,8,8,100,50,75,33,60,\n"
	"bad,1,l4,mps,qwen3-0.6b,0.5,8,8,4,100,50,,999,,killed\n";

TEST(people_see_what_is_in_it)
{
	sw_dataset *dataset = set_of(rows);
	struct sw_run_filter well = {.without_failed = true};

	check_answer(dataset, "counts", &all, "l4 mps import 6 1\n");
	check_answer(dataset, "counts", &well, "l4 mps import 5 0\n");
	check_answer(dataset, "sizes", &all, "1 5 1\n2 1 0\n");
	check_answer(dataset, "models", &all, "qwen3-0.6b 7 6\n");
	check_answer(dataset, "failures", &all, "bad 1 l4 mps import killed\n");
	check_answer(dataset, "failures", &well, "");
	check_answer(dataset, "hardware", &all, "l4 - - - 6\n");
	check_answer(dataset, "software", &all, "");
	sw_dataset_close(dataset);
}

TEST(series_average_the_repeats_of_runs_that_ended_well)
{
	sw_dataset *dataset = set_of(rows);
	struct sw_run_filter one = {.experiment = "third"};

	/* ... share, measured, ttft (mean, min, max), p50, p95, tpot (mean, min, max), p50, p95, tokens. */
	check_answer(
		dataset, "latency-by-share", &all,
		"l4 mps import qwen3-0.6b 1 8 1 - 4 - 100 50 0.3 1 40 40 40 - - 15 15 15 - - 90\n"
		"l4 mps import qwen3-0.6b 1 8 1 - 4 - 100 50 0.5 2 25 20 30 - - 11 10 12 - - 110\n"
		"l4 mps import qwen3-0.6b 1 8 1 - 8 - 100 50 0.5 1 75 75 75 - - 33 33 33 - - 60\n"
		"l4 mps import qwen3-0.6b 2 8 1 - 4 - 100 50 0.5 2 62.5 50 75 - - 27.5 22 33 - - "
		"70\n");
	check_answer(
		dataset, "latency-by-share", &one,
		"l4 mps import qwen3-0.6b 1 8 1 - 4 - 100 50 0.3 1 40 40 40 - - 15 15 15 - - 90\n");
	check_answer(
		dataset, "latency-by-concurrency", &one,
		"l4 mps import qwen3-0.6b 1 0.3 8 1 100 50 4 1 40 40 40 - - 15 15 15 - - 90\n");
	check_answer(dataset, "latency-by-rate", &all, "");
	check_answer(dataset, "throughput-by-engines", &all,
		     "l4 mps import 1 4 92.5 60 120\nl4 mps import 2 1 140 140 140\n");
	sw_dataset_close(dataset);
}

TEST(slowdown_is_over_the_same_slice_alone)
{
	sw_dataset *dataset = set_of(rows);

	/* 50/25 and 75/25; 22/11 and 33/11. The engine with 8 in flight has nothing to do with it. */
	check_answer(dataset, "slowdown-by-neighbours", &all,
		     "l4 mps import qwen3-0.6b 0.5 1 8 1 - 4 100 50 2 2.5 2.5 3\n");
	sw_dataset_close(dataset);
}

TEST(samples_come_in_the_order_of_time)
{
	static const struct sw_run_sample samples[] = {
		{1, "nvml", "", "power_w", 61.5},
		{2, "metrics", "chat", "running", 3},
		{0, "nvml", "", "power_w", 60},
	};
	struct sw_run run = run_of("new", 1, 1);
	sw_dataset *dataset = set_of(rows);
	struct sw_run_filter one = {.experiment = "new"};

	CHECK_INT(sw_dataset_add_run(dataset, SW_NO_CAMPAIGN, &run, samples, 3, &err), SW_OK);
	check_answer(dataset, "samples", &one,
		     "new 1 metrics chat running 2 3\nnew 1 nvml  power_w 0 60\n"
		     "new 1 nvml  power_w 1 61.5\n");
	check_answer(dataset, "software", &all, "slicewise 0.1.0 1\nvllm 0.10 1\n");
	sw_dataset_close(dataset);
	sw__dataset_run_clear(&run);
}

TEST(every_question_is_answered_or_named)
{
	sw_dataset *dataset = set_of(rows);
	struct sw_answer answer;
	size_t n = 0;

	for (; sw_dataset_query_at(n); n++) {
		free(ask(dataset, sw_dataset_query_at(n)->name, &all));
		CHECK(*sw_dataset_query_at(n)->what);
	}
	CHECK_INT(n, 14);
	CHECK_INT(sw_dataset_query(dataset, "nonsense", &all, &answer, &err), SW_USAGE);
	CHECK(strstr(err.message, "query: found nonsense, expected one of counts, sizes"));
	CHECK(!answer.columns && !answer.cells);
	sw_dataset_close(dataset);
}

int main(void)
{
	return dataset_main();
}

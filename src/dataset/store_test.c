// SPDX-License-Identifier: Apache-2.0
#include "dataset/store.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "dataset/dataset_fixture.h"
#include "dataset/schema.h"

static sw_dataset *open_set(const char *path, enum sw_dataset_access access)
{
	sw_dataset *dataset = NULL;

	err.message[0] = '\0';
	if (!CHECK(sw_dataset_open(path, access, &dataset, &err) == SW_OK))
		printf("    %s\n", err.message);
	return dataset;
}

/* With one run in it. */
static void make(const char *path)
{
	struct sw_run run = run_of("first", 1, 100);
	sw_dataset *dataset;

	(void)unlink(path);
	dataset = open_set(path, SW_DATASET_WRITE);
	CHECK_INT(sw_dataset_add_run(dataset, SW_NO_CAMPAIGN, &run, NULL, 0, &err), SW_OK);
	sw_dataset_close(dataset);
	sw__dataset_run_clear(&run);
}

/* Neither way of opening it does more than refuse. */
static void check_refused(const char *path, enum sw_status status, const char *says)
{
	for (int access = SW_DATASET_READ; access <= SW_DATASET_WRITE; access++) {
		struct sw_text before = bytes_of(path);
		sw_dataset *dataset;

		err.message[0] = '\0';
		CHECK_INT(sw_dataset_open(path, (enum sw_dataset_access)access, &dataset, &err),
			  status);
		CHECK(!dataset);
		if (!CHECK(strstr(err.message, says) && strstr(err.message, path)))
			printf("    %s\n", err.message);
		check_same_bytes(before, bytes_of(path));
	}
}

static void sql(const char *path, const char *text)
{
	sqlite3 *db = NULL;

	CHECK_INT(sqlite3_open(path, &db), SQLITE_OK);
	CHECK_INT(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	CHECK_INT(sqlite3_close(db), SQLITE_OK);
}

TEST(a_new_data_set_is_a_file_of_ours_and_nothing_lies_beside_it)
{
	const char *path = path_of("new.db");
	struct sw_text bytes;

	make(path);
	bytes = bytes_of(path);
	CHECK(bytes.size >= 4096 && memcmp(bytes.data, "SQLite format 3", 16) == 0);
	CHECK(memcmp(bytes.data + 68, "SWds", 4) == 0);
	CHECK_INT(bytes.data[63], SW__SCHEMA_VERSION);
	sw_text_free(&bytes);
	CHECK(access(path_of("new.db-journal"), F_OK) != 0);
	CHECK(access(path_of("new.db-wal"), F_OK) != 0);
}

TEST(what_is_not_there_or_not_readable_is_the_world_s_fault)
{
	sw_dataset *dataset;

	CHECK_INT(sw_dataset_open(path_of("none.db"), SW_DATASET_READ, &dataset, &err), SW_IO);
	CHECK(!dataset && strstr(err.message, "none.db: cannot open: No such file"));
	CHECK(access(path_of("none.db"), F_OK) != 0);
	CHECK_INT(sw_dataset_open("/nonexistent/a.db", SW_DATASET_WRITE, &dataset, &err), SW_IO);
	CHECK(strstr(err.message, "/nonexistent/a.db"));
	CHECK_INT(sw_dataset_open(folder, SW_DATASET_READ, &dataset, &err), SW_IO);
}

TEST(what_is_no_data_set_is_refused_untouched)
{
	check_refused(put_file("text.db", "experiment,gpu\n"), SW_BAD_INPUT,
		      "found something else, expected a data set (an SQLite file)");
	check_refused(put_file("empty.db", ""), SW_BAD_INPUT, "found an empty file");
	sql(path_of("other.db"), "PRAGMA application_id = 1196444487; CREATE TABLE runs (a)");
	check_refused(path_of("other.db"), SW_BAD_INPUT,
		      "another application (application_id 0x47504b47)");
	sql(path_of("nobody.db"), "CREATE TABLE runs (a)");
	check_refused(path_of("nobody.db"), SW_BAD_INPUT, "application_id 0x00000000");
	make(path_of("newer.db"));
	sql(path_of("newer.db"), "PRAGMA user_version = 99");
	check_refused(path_of("newer.db"), SW_BAD_INPUT,
		      "found a data set of version 99, expected one of 1 to 2");
}

TEST(a_file_cut_short_anywhere_is_refused_untouched)
{
	const char *path = path_of("whole.db");
	struct sw_text whole;

	make(path);
	whole = bytes_of(path);
	CHECK(whole.size > 20000);
	for (size_t size = 0; size < whole.size; size += 512) {
		FILE *file = fopen(path_of("cut.db"), "wb");

		CHECK(file && fwrite(whole.data, 1, size, file) == size && fclose(file) == 0);
		check_refused(path_of("cut.db"), SW_BAD_INPUT, "expected");
	}
	sw_text_free(&whole);
}

TEST(damage_inside_is_refused_untouched)
{
	const char *path = path_of("damaged.db");
	int fd;

	make(path);
	fd = open(path, O_WRONLY);
	for (int page = 1; page < 5; page++)
		CHECK_INT(pwrite(fd, "\xff\xff\xff\xff\xff\xff\xff\xff", 8, page * 4096), 8);
	CHECK_INT(close(fd), 0);
	check_refused(path, SW_BAD_INPUT, "damage");
}

TEST(a_file_of_ours_without_our_tables_is_refused_when_it_is_asked)
{
	struct sw_runs runs;
	sw_dataset *dataset;

	sql(path_of("hollow.db"), "PRAGMA application_id = 1398236275; PRAGMA user_version = 2;"
				  "CREATE TABLE t (a)");
	dataset = open_set(path_of("hollow.db"), SW_DATASET_READ);
	CHECK_INT(sw_dataset_runs(dataset, catalog, NULL, &runs, &err), SW_BAD_INPUT);
	CHECK(strstr(err.message, "hollow.db: found no such table: runs"));
	CHECK(runs.n == 0 && !runs.run);
	sw_dataset_close(dataset);
}

TEST(a_reader_writes_nothing)
{
	const char *path = path_of("read.db");
	struct sw_text before;
	struct sw_run run = run_of("second", 1, 1);
	struct sw_runs runs;
	sw_dataset *dataset;

	make(path);
	before = bytes_of(path);
	dataset = open_set(path, SW_DATASET_READ);
	CHECK_INT(sw_dataset_runs(dataset, catalog, NULL, &runs, &err), SW_OK);
	CHECK_INT(runs.n, 1);
	CHECK(sw_dataset_add_run(dataset, SW_NO_CAMPAIGN, &run, NULL, 0, &err) == SW_IO);
	sw_dataset_close(dataset);
	check_same_bytes(before, bytes_of(path));
	sw_runs_clear(&runs);
	sw__dataset_run_clear(&run);
}

/* A process that is killed while it adds its second run, of many samples. */
static void add_until_killed(const char *path)
{
	enum { SAMPLES = 200000 };
	struct sw_run_sample *samples = calloc(SAMPLES, sizeof(*samples));
	struct sw_run run = run_of("second", 1, 1);
	sw_dataset *dataset = open_set(path, SW_DATASET_WRITE);

	for (int i = 0; i < SAMPLES; i++)
		samples[i] = (struct sw_run_sample){i, "nvml", "", "power_w", i};
	(void)sqlite3_exec(dataset->db, "PRAGMA cache_size = 4; PRAGMA cache_spill = 1", NULL, NULL,
			   NULL);
	(void)sw_dataset_add_run(dataset, SW_NO_CAMPAIGN, &run, samples, SAMPLES, NULL);
	_exit(0);
}

TEST(a_writer_that_is_killed_loses_the_run_it_was_adding)
{
	const char *path = path_of("killed.db");
	struct stat info = {0};
	sw_dataset *dataset;
	struct sw_runs runs;
	off_t first;
	pid_t child;

	make(path);
	CHECK_INT(stat(path, &info), 0);
	first = info.st_size;
	child = fork();
	if (child == 0)
		add_until_killed(path);
	/* Its cache is small: the file grows while the run is still being added. */
	for (int i = 0; i < 100000 && info.st_size < first + 500000; i++) {
		(void)usleep(100);
		(void)stat(path, &info);
	}
	CHECK_INT(kill(child, SIGKILL), 0);
	CHECK_INT(waitpid(child, NULL, 0), child);
	CHECK(access(path_of("killed.db-journal"), F_OK) == 0);
	dataset = open_set(path, SW_DATASET_READ);
	CHECK_INT(sw_dataset_runs(dataset, catalog, NULL, &runs, &err), SW_OK);
	CHECK_INT(runs.n, 1);
	sw_dataset_close(dataset);
	CHECK(access(path_of("killed.db-journal"), F_OK) != 0);
	CHECK(stat(path, &info) == 0 && info.st_size == first);
	sw_runs_clear(&runs);
}

int main(void)
{
	return dataset_main();
}

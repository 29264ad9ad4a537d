// SPDX-License-Identifier: Apache-2.0
#include "control/journal.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/random.h"
#include "base/text.h"
#include "check.h"

static struct sw_error err;
static char path[] = "/tmp/slicewise-journal-XXXXXX";
static long long last; /* the last value that was read */
static size_t n_read;
static bool in_order;

/* Records are {"v": 0}, {"v": 1}, ... */
static void on_record(void *context, const json_t *record)
{
	long long v = json_integer_value(json_object_get(record, "v"));

	(void)context;
	in_order = in_order && v == (long long)n_read;
	last = v;
	n_read++;
}

static enum sw_status open_it(sw__journal **out, struct sw__journal_found *found)
{
	last = -1;
	n_read = 0;
	in_order = true;
	return sw__journal_open(path, on_record, NULL, out, found, &err);
}

static void append(sw__journal *j, long long v)
{
	json_t *record = json_pack("{s:I}", "v", (json_int_t)v);

	CHECK_INT(sw__journal_append(j, record, &err), SW_OK);
	json_decref(record);
}

static void write_bytes(const char *bytes, size_t size)
{
	CHECK_INT(sw_file_write(path, bytes, size, &err), SW_OK);
}

static struct sw_text file_of(long long records)
{
	struct sw_text text = {0};
	sw__journal *j;

	(void)unlink(path);
	CHECK_INT(open_it(&j, NULL), SW_OK);
	for (long long v = 0; v < records; v++)
		append(j, v);
	sw__journal_close(j);
	CHECK_INT(sw_file_read(path, 1 << 20, &text, &err), SW_OK);
	return text;
}

TEST(what_was_written_is_read_and_gone_on_with)
{
	struct sw__journal_found found;
	struct sw_text text = file_of(3);
	sw__journal *j;

	CHECK_INT(open_it(&j, &found), SW_OK);
	CHECK(n_read == 3 && in_order && found.records == 3 && found.cut_bytes == 0);
	CHECK_INT(sw__journal_size(j), text.size);
	append(j, 3);
	sw__journal_close(j);
	CHECK_INT(open_it(&j, &found), SW_OK);
	CHECK(n_read == 4 && in_order);
	sw__journal_close(j);
	sw_text_free(&text);
}

/* Cut anywhere, as by a machine that stopped: the whole records before are there, and one more goes behind them. */
TEST(a_file_cut_at_any_byte_has_all_records_before_it)
{
	struct sw_text text = file_of(3);
	size_t ends[4] = {0}, n = 0;

	for (size_t i = 0; i < text.size; i++)
		if (text.data[i] == '\n')
			ends[++n] = i + 1;
	for (size_t size = ends[1]; size <= text.size; size++) {
		struct sw__journal_found found;
		size_t whole = size >= ends[3] ? 3 : size >= ends[2] ? 2 : 1;
		sw__journal *j;

		write_bytes(text.data, size);
		CHECK_INT(open_it(&j, &found), SW_OK);
		CHECK(n_read == whole && in_order && found.cut_bytes == size - ends[whole]);
		append(j, (long long)whole);
		sw__journal_close(j);
		CHECK_INT(open_it(&j, &found), SW_OK);
		CHECK(n_read == whole + 1 && in_order && found.cut_bytes == 0);
		sw__journal_close(j);
	}
	sw_text_free(&text);
}

/* Any bit of any record but the last: refused by its line, and not touched. Of the last one: as if it were not there. */
TEST(a_bit_that_turned_is_found)
{
	struct sw_text text = file_of(3), now = {0};
	size_t last_begins = 0;
	sw__journal *j;

	for (size_t i = 0; i + 1 < text.size; i++)
		if (text.data[i] == '\n')
			last_begins = i + 1;
	for (size_t i = 0; i < text.size; i++) {
		char *copy = malloc(text.size);

		memcpy(copy, text.data, text.size);
		copy[i] = (char)(copy[i] ^ (1 << (i % 8)));
		write_bytes(copy, text.size);
		if (i < last_begins) {
			CHECK_INT(open_it(&j, NULL), SW_BAD_INPUT);
			CHECK(!j && strstr(err.message, path) && strstr(err.message, "damaged"));
			now = (struct sw_text){0};
			CHECK_INT(sw_file_read(path, 1 << 20, &now, &err), SW_OK);
			CHECK(now.size == text.size && memcmp(now.data, copy, now.size) == 0);
			sw_text_free(&now);
		} else {
			CHECK_INT(open_it(&j, NULL), SW_OK);
			CHECK(n_read == 2 && in_order);
			sw__journal_close(j);
		}
		free(copy);
	}
	sw_text_free(&text);
}

TEST(what_is_no_journal_is_refused_and_left_alone)
{
	static const char foreign[] = "name: my workloads\nfleet: []\n";
	struct sw_text now = {0};
	sw__journal *j;

	write_bytes(foreign, strlen(foreign));
	CHECK_INT(open_it(&j, NULL), SW_BAD_INPUT);
	CHECK_INT(sw_file_read(path, 1 << 20, &now, &err), SW_OK);
	CHECK_STR(sw_text_string(&now), foreign);
	sw_text_free(&now);
	CHECK_INT(sw__journal_open("/nowhere/journal", on_record, NULL, &j, NULL, &err), SW_IO);
}

TEST(one_process_at_a_time)
{
	sw__journal *one, *other;

	(void)unlink(path);
	CHECK_INT(open_it(&one, NULL), SW_OK);
	CHECK_INT(open_it(&other, NULL), SW_USAGE);
	CHECK(strstr(err.message, "another process") != NULL);
	sw__journal_close(one);
	CHECK_INT(open_it(&other, NULL), SW_OK);
	sw__journal_close(other);
}

TEST(begun_anew_it_has_one_record_and_its_lock)
{
	json_t *record = json_pack("{s:i}", "v", 0);
	struct sw_text text = file_of(5);
	sw__journal *j, *other;

	CHECK_INT(open_it(&j, NULL), SW_OK);
	CHECK_INT(sw__journal_restart(j, record, &err), SW_OK);
	CHECK(sw__journal_size(j) < text.size);
	CHECK_INT(open_it(&other, NULL), SW_USAGE);
	append(j, 1);
	sw__journal_close(j);
	CHECK_INT(open_it(&j, NULL), SW_OK);
	CHECK(n_read == 2 && in_order);
	sw__journal_close(j);
	json_decref(record);
	sw_text_free(&text);
}

/* Appends, and begins anew every few records; says each number once it is safe. */
static void write_on(int said)
{
	sw__journal *j;

	if (open_it(&j, NULL) != SW_OK)
		_exit(2);
	for (long long v = last + 1;; v++) {
		json_t *record = json_pack("{s:I, s:s}", "v", (json_int_t)v, "text",
					   "as long as a record is, so that it may be cut");

		if ((v % 7 == 6 ? sw__journal_restart(j, record, &err)
				: sw__journal_append(j, record, &err)) != SW_OK ||
		    write(said, &v, sizeof(v)) != (ssize_t)sizeof(v))
			_exit(3);
		json_decref(record);
	}
}

/* Killed at random instants: nothing that was said to be safe is lost, and at most one more is there. */
TEST(killed_at_any_instant_it_has_lost_nothing)
{
	struct sw__random random = sw__random_make(1, 0);
	long long safe = -1;

	(void)unlink(path);
	for (int round = 0; round < 100; round++) {
		struct timespec wait = {0, (long)(1e6 * (1 + 8 * sw__random_uniform(&random)))};
		int pipes[2], status;
		long long said;
		sw__journal *j;
		pid_t child;

		CHECK_INT(pipe(pipes), 0);
		child = fork();
		if (child == 0) {
			(void)close(pipes[0]);
			write_on(pipes[1]);
		}
		(void)close(pipes[1]);
		(void)nanosleep(&wait, NULL);
		(void)kill(child, SIGKILL);
		CHECK_INT(waitpid(child, &status, 0), child);
		CHECK(WIFSIGNALED(status));
		while (read(pipes[0], &said, sizeof(said)) == (ssize_t)sizeof(said))
			safe = said;
		(void)close(pipes[0]);
		CHECK_INT(open_it(&j, NULL), SW_OK);
		CHECK(last == safe || last == safe + 1);
		safe = last;
		sw__journal_close(j);
	}
	CHECK(safe > 100);
}

static void begin(void) __attribute__((constructor));
static void begin(void)
{
	int fd = mkstemp(path);

	if (fd < 0)
		abort();
	(void)close(fd);
}

static void end(void) __attribute__((destructor));
static void end(void)
{
	(void)unlink(path);
}

TEST_MAIN()

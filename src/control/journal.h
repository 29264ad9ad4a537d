/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file journal.h
 * What was decided and done, on disk before it is relied on: a file of records, each whole or not there.
 *
 * A record is a line of text: a checksum, its number, JSON. Whoever was killed while one was written finds all those before it, and
 * what is left of that one is cut off. A record that is damaged with others behind it is no accident of that kind: the file is refused, by
 * its line, and left as it is.
 */
#ifndef SLICEWISE_CONTROL_JOURNAL_H
#define SLICEWISE_CONTROL_JOURNAL_H

#include <jansson.h>
#include <stddef.h>

#include "base/error.h"

typedef struct sw__journal sw__journal;

/** What was there when it was opened. */
struct sw__journal_found {
	size_t records;
	size_t cut_bytes; /* of a record that was not whole */
};

/**
 * Open or create, and give every record to `record`, the oldest first. One process has a journal at a time: SW_USAGE where another does. SW_BAD_INPUT: no
 * journal, or a damaged one; SW_IO, SW_NO_MEMORY. *out is the caller's, sw__journal_close(). `found` may be NULL.
 */
enum sw_status sw__journal_open(const char *path,
				void (*record)(void *context, const json_t *record), void *context,
				sw__journal **out, struct sw__journal_found *found,
				struct sw_error *err);

/** When this returns SW_OK the record outlives the machine. SW_IO: it is not there, and nothing of it; SW_NO_MEMORY. */
enum sw_status sw__journal_append(sw__journal *journal, const json_t *record, struct sw_error *err);

/** Begin anew with one record that says all that the others said; they are gone or this is not there. SW_IO, SW_NO_MEMORY: as before. */
enum sw_status sw__journal_restart(sw__journal *journal, const json_t *record,
				   struct sw_error *err);

/** Bytes of the file, for those who decide when to begin anew. */
size_t sw__journal_size(const sw__journal *journal);

/** NULL is fine. */
void sw__journal_close(sw__journal *journal);

#endif

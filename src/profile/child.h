/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file child.h
 * Processes that a campaign launches: each leads a group of its own, by which everything it started is stopped.
 */
#ifndef SLICEWISE_PROFILE_CHILD_H
#define SLICEWISE_PROFILE_CHILD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "slicewise/status.h"

struct sw__child {
	pid_t pid; /* 0: none */
	int log; /* what it says on both of its outputs, in a file without a name */
	bool ended;
	int status; /* as waitpid() tells, once it has ended */
};

/**
 * Start argv[0], found as a shell would, with the environment `envp`, on the `n_cpus` CPUs given (none: anywhere). SW_IO: it
 * cannot be started.
 */
enum sw_status sw__child_start(char *const *argv, char *const *envp, const unsigned *cpus,
			       size_t n_cpus, struct sw__child *out, struct sw_error *err);

/** Whether it has ended; does not wait. */
bool sw__child_ended(struct sw__child *child);

/** "ended with status 1" or "was ended by signal 9", with its last words behind it where it said any. */
const char *sw__child_fate(const struct sw__child *child, char *out, size_t capacity);

/** The last lines of what it said, on one line; "" where it said nothing. */
const char *sw__child_words(const struct sw__child *child, char *out, size_t capacity);

/** End its group: politely, after `patience_s` by force. Release everything; a child without pid is fine. */
void sw__child_stop(struct sw__child *child, double patience_s);

/** A port of 127.0.0.1 that nobody listens at now. SW_IO. */
enum sw_status sw__free_port(unsigned *port, struct sw_error *err);

/** Wait until GET `url` answers 200. SW_IO: the child ended, `patience_s` went by, or *stop was set. */
enum sw_status sw__child_ready(struct sw__child *child, const char *url, double patience_s,
			       const atomic_bool *stop, struct sw_error *err);

#endif

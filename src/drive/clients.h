/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file clients.h
 * The clients of a closed loop: when each may send its next request.
 *
 * A client whose request failed waits a moment: else one that is refused at once would ask a thousand times a second.
 */
#ifndef SLICEWISE_DRIVE_CLIENTS_H
#define SLICEWISE_DRIVE_CLIENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** How long a client waits after a failure. */
#define SW__CLIENTS_PAUSE_NS 100000000ULL

/** Two queues, each in the order of time: of those that go on, and of those that wait. */
struct sw__clients {
	uint64_t *ready[2]; /* rings of `capacity` moments */
	size_t first[2], n[2], capacity;
};

/** `n` clients that may begin at `start_ns`. False: no memory. */
bool sw__clients_init(struct sw__clients *clients, size_t n, uint64_t start_ns);
void sw__clients_free(struct sw__clients *clients);

/** The earliest moment at which one may send; UINT64_MAX: all wait for answers. */
uint64_t sw__clients_next_ns(const struct sw__clients *clients);

/** Take that one: it sends. */
void sw__clients_take(struct sw__clients *clients);

/** One has its answer at `now_ns`, which never goes back. */
void sw__clients_give(struct sw__clients *clients, uint64_t now_ns, bool failed);

#endif

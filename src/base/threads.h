/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file threads.h
 * The same for many pieces of work, by several threads. Who does which piece is a matter of chance, so a piece leaves its
 * result in a place of its own.
 */
#ifndef SLICEWISE_BASE_THREADS_H
#define SLICEWISE_BASE_THREADS_H

#include <stddef.h>

struct sw__pieces {
	size_t n;
	void *context;
	void (*work)(void *context, size_t i); /* any thread */
	/* How many are done, told by the calling thread after each piece of its own; NULL: nobody listens. */
	void (*told)(void *context, size_t done);
};

/** Do them all, with `threads` threads (0: as many as there are processors), the calling one among them. */
void sw__pieces_do(const struct sw__pieces *pieces, unsigned threads);

#endif

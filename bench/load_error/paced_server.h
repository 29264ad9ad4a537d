/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file paced_server.h
 * A server whose delays are known: the first piece of an answer comes a fixed time after its request, the others a fixed gap
 * apart, and each says when it was sent.
 */
#ifndef SLICEWISE_BENCH_PACED_SERVER_H
#define SLICEWISE_BENCH_PACED_SERVER_H

#include <stdbool.h>
#include <stdint.h>

struct pace {
	uint64_t first_ns, gap_ns;
	bool lockstep; /* pieces of all streams at the same moments, as an engine's steps make them */
};

/** Serve connections of the listening socket for ever. Content of a piece: "RECEIVED SENT", ns of CLOCK_MONOTONIC. */
void paced_serve(int listener, const struct pace *pace) __attribute__((noreturn));

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file observe_server.h
 * A process that answers /metrics as an engine would that serves two requests a second.
 */
#ifndef SLICEWISE_BENCH_OBSERVE_SERVER_H
#define SLICEWISE_BENCH_OBSERVE_SERVER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** Its pid, and where it answers; below 0: it does not. The caller ends it. */
pid_t observe_server_start(char *url, size_t size);

/** CLOCK_MONOTONIC. */
uint64_t observe_now_ns(void);

#endif

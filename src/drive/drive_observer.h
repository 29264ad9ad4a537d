/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file drive_observer.h
 * A look into a drive while it runs, for the measurement of its own error.
 */
#ifndef SLICEWISE_DRIVE_DRIVE_OBSERVER_H
#define SLICEWISE_DRIVE_DRIVE_OBSERVER_H

#include "drive/answer.h"
#include "slicewise/drive.h"

/** Tell `listener`, which is borrowed, of every piece. Before sw_drive_run(). */
void sw__drive_listen(sw_drive *drive, const struct sw__piece_listener *listener);

/** CLOCK_MONOTONIC at which the arrivals begin; 0 before that. */
uint64_t sw__drive_start_ns(const sw_drive *drive);

#endif

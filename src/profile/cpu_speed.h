/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file cpu_speed.h
 * How fast a CPU is now: hosts of virtual machines are slower while others use the same cores and caches (README.md, "Others on the CPUs").
 */
#ifndef SLICEWISE_PROFILE_CPU_SPEED_H
#define SLICEWISE_PROFILE_CPU_SPEED_H

#include <stddef.h>

/**
 * 10^9 bytes a second that a thread on these CPUs reads, multiplies and adds: the best of some looks of less than a millisecond each, the mean of
 * the CPUs. Only good to be compared with another look at the same ones. NAN: none given, or not ours to run on.
 */
double sw__cpu_speed_gb_s(const unsigned *cpus, size_t n);

#endif

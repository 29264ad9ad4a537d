/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file disturbance.h
 * How much of its CPUs other programs took from the engines of a run, by what Linux counts (README.md, "Others on the CPUs").
 */
#ifndef SLICEWISE_PROFILE_DISTURBANCE_H
#define SLICEWISE_PROFILE_DISTURBANCE_H

#include <stddef.h>
#include <sys/types.h>

/** What the kernel has counted until now, s; NAN: it does not say. */
struct sw__cpu_look {
	double at_s; /* CLOCK_MONOTONIC */
	double busy_s; /* of the CPUs, whoever used them, and what a hypervisor kept */
	double own_s; /* of engines and of this process, there */
	double waited_s; /* engines' threads that could have run and did not */
};

/** Parts of all time of the CPUs, 0 to 1; NAN: not known. */
struct sw__disturbance {
	double others; /* what others used; also what engines had left over */
	double waited; /* of engines; also for each other */
	double taken; /* by others from engines, at most: the smaller of both */
};

/** Look at `cpus`, and at the engines by their processes. */
struct sw__cpu_look sw__cpu_look(const unsigned *cpus, size_t n_cpus, const pid_t *engines,
				 size_t n);

/** Between two looks. */
struct sw__disturbance sw__disturbance(const struct sw__cpu_look *from,
				       const struct sw__cpu_look *to, size_t n_cpus);

/** Clock ticks that `cpu` was busy, if this line of /proc/stat is of it; NAN if not. */
double sw__cpu_busy_ticks(const char *line, unsigned cpu);

#endif

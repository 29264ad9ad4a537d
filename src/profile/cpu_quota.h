/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file cpu_quota.h
 * A share of one core for a process, without cgroups: its CPU time is watched, and its group is stopped for the rest of a
 * period once it has used what the share gives it (README.md, "A quota on a plain machine").
 */
#ifndef SLICEWISE_PROFILE_CPU_QUOTA_H
#define SLICEWISE_PROFILE_CPU_QUOTA_H

#include <sys/types.h>

#include "slicewise/status.h"

typedef struct sw__cpu_quota sw__cpu_quota;

/** Hold process `pid` and its group to `share` (0, 1] of a core's time from now on. SW_IO: no such process, no thread. */
enum sw_status sw__cpu_quota_start(pid_t pid, double share, sw__cpu_quota **out,
				   struct sw_error *err);

/** Let it run again, and release the quota; NULL is fine. To be called before the process is waited for. */
void sw__cpu_quota_stop(sw__cpu_quota *quota);

/** CPU seconds that a process has used; NAN: there is none. */
double sw__cpu_used_s(pid_t pid);

#endif

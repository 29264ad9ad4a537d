/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file replay_options.h
 * What slicewise-replay may be told about a mix file.
 */
#ifndef SLICEWISE_CUDA_REPLAY_OPTIONS_H
#define SLICEWISE_CUDA_REPLAY_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "slicewise/status.h"

struct serve_settings {
	bool help, steps, gpus, busy, unchecked;
	const char *tenant, *records, *rows, *experiment, *cublas, *nvml, *samples, *processes;
	unsigned repeat, seed, gpu;
	double duration_s, warm_up_s, start_at_s;
};

/**
 * The settings of a command line: argv[1] is the mix file then, unless help or gpus, which need none. SW_USAGE names what is wrong.
 */
enum sw_status replay_options_read(int argc, char **argv, struct serve_settings *out,
				   struct sw_error *err);

/** What --help says of them. */
void replay_options_help(void);

#endif

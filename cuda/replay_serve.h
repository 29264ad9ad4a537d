/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file replay_serve.h
 * The tenants of a mix file, served on this machine's GPU: slicewise-replay's main job.
 */
#ifndef SLICEWISE_CUDA_REPLAY_SERVE_H
#define SLICEWISE_CUDA_REPLAY_SERVE_H

/** argv[0] is the program's name. Returns the exit status; REPLAY_NO_GPU (77): no GPU answers, REPLAY_BUSY (5): others are on it. */
int replay_serve(int argc, char **argv);

#endif

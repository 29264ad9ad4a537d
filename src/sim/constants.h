/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file constants.h
 * Everything that the simulator assumes and no datasheet says: name, unit, value, range, origin. There are no others.
 *
 * A world is one draw of all of them within their ranges. The value stands for the middle: half of the worlds lie
 * below it, half above, evenly on either side.
 */
#ifndef SLICEWISE_SIM_CONSTANTS_H
#define SLICEWISE_SIM_CONSTANTS_H

#include <stdint.h>

/* X(name, unit, value, low, high, origin) */
#define SW__SIM_CONSTANT_LIST(X)                                                                   \
	/* Kernels that overlap. */                                                                \
	X(dram_alone, "1", 0.92, 0.88, 0.95,                                                       \
	  "part of the datasheet's DRAM bandwidth that one stream of reads reaches: A100, H100, "  \
	  "RTX PRO 6000 rows of decode attention")                                                 \
	X(dram_together, "1", 0.83, 0.72, 0.92,                                                    \
	  "the same of several engines' kernels at once: two Qwen3-4B under MPS on an A100-40GB "  \
	  "(NVIDIA Dynamo's sharing study)")                                                       \
	X(dram_knee, "1", 8, 4, 16,                                                                \
	  "how sharply DRAM saturates: exponent of the norm that joins demand and capacity; "      \
	  "queueing at the controllers begins before they are full")                               \
	X(dram_by_requests, "1", 0.5, 0, 1,                                                        \
	  "DRAM bandwidth is split by outstanding requests (1) or evenly until all have enough "   \
	  "(0); studies of MPS pairs report something between")                                    \
	X(l2_loss, "1", 0.05, 0, 0.1,                                                              \
	  "additional DRAM traffic beside a neighbour that has all the traffic: up to 8 % of "     \
	  "time in published co-location studies")                                                 \
	X(sm_overlap, "1", 0.05, 0, 0.2,                                                           \
	  "an MPS cap is no reservation: part of a neighbour's SMs that are placed on one's own "  \
	  "although others are free")                                                              \
	X(launch_wait_us, "us", 7, 2, 10,                                                          \
	  "what a launch of an MPS client waits beside another: pairs of CNNs on a V100 "          \
	  "(iGniter), 2 to 7 us a kernel; kernels in graphs do not")                               \
	X(bound_part, "1", 0.7, 0.6, 0.85,                                                         \
	  "part of a peak from which a kernel is bound by nothing else: what calibrated kernels "  \
	  "of large shapes reach")                                                                 \
	/* Power and clocks. */                                                                    \
	X(power_idle, "of the limit", 0.2, 0.12, 0.25, "idle with memory clocked up, nvidia-smi")  \
	X(power_sm, "of the limit", 0.22, 0.15, 0.3, "all SMs busy with neither tensors nor DRAM") \
	X(power_tensor, "of the limit", 0.75, 0.6, 0.9,                                            \
	  "tensor cores at peak: with them alone at 0.73 of the peak an A100 is at its limit")     \
	X(power_dram, "of the limit", 0.3, 0.2, 0.4, "DRAM at full bandwidth")                     \
	X(clock_exponent, "1", 2.4, 2, 3,                                                          \
	  "dynamic power over clock: voltage falls with the clock")                                \
	X(clock_floor, "1", 0.5, 0.4, 0.6, "lowest clock under load, of boost")                    \
	/* Turns. */                                                                               \
	X(slice_ms, "ms", 2, 1, 4,                                                                 \
	  "the driver's default time slice (\"default\" of nvidia-smi "                            \
	  "compute-policy)")                                                                       \
	X(switch_ms, "ms", 0.25, 0.1, 0.35,                                                        \
	  "between two contexts: about a tenth of a slice in time-sliced pairs")                   \
	X(cold_l2, "1", 0.5, 0, 1, "part of L2 that must be read again after a switch")            \
	/* HAMi-core: read in its source, so no doubt, but for how grids are counted. */           \
	X(hami_tick_ms, "ms", 120, 120, 120, "HAMi-core, utilization_watcher")                     \
	X(hami_look_back_ms, "ms", 1000, 960, 1080, "HAMi-core: NVML samples of the last second")  \
	X(hami_poll_ms, "ms", 10, 10, 10, "HAMi-core, rate_limiter")                               \
	X(grid_scale, "1", 1, 0.5, 2,                                                              \
	  "thread blocks of a step over those of 128 x 128 tiles and a block a token")             \
	/* Host. */                                                                                \
	X(host_pace, "1", 1, 0.7, 1.3,                                                             \
	  "CPU time of a step over the calibration's, which is one machine's")                     \
	X(host_threads, "1", 2, 1.5, 3, "busy host threads of an engine")                          \
	X(host_starved, "1", 1.5, 1, 2.5,                                                          \
	  "exponent of CPU time over missing cores: TTFT 1.4 to 5 times in reports of too few "    \
	  "cores")                                                                                 \
	X(host_jitter, "1", 0.1, 0.03, 0.25, "relative deviation of a step's CPU time")            \
	X(frontend_ms, "ms", 4, 1, 12, "from the socket to the scheduler, tokenising included")    \
	/* Steps. */                                                                               \
	X(step_jitter, "1", 0.01, 0.003, 0.03, "relative deviation of a step's GPU time")          \
	X(prefill_doubts, "1", 0, -1.645, 1.645,                                                   \
	  "standard deviations by which prompts are slower than calibrated")                       \
	X(decode_doubts, "1", 0, -1.645, 1.645, "... by which decodes are")                        \
	/* Start of an engine. */                                                                  \
	X(start_process_s, "s", 5, 3, 10, "imports and a CUDA context: no GPU time")               \
	X(start_bus, "1", 0.3, 0.1, 0.7, "part of the PCIe bandwidth at which weights come")       \
	X(start_compile_s, "s", 15, 8, 40, "warm compile cache; cold ones take minutes")           \
	X(start_capture_s, "s", 8, 4, 20, "profiling and graph capture")                           \
	X(start_gpu, "1", 0.6, 0.3, 0.9, "part of that time with kernels on the GPU")              \
	X(start_host, "1", 1.3, 1, 2,                                                              \
	  "CPU time of the neighbours' steps while weights are read and graphs compiled: "         \
	  "starts slow neighbours 1.2 to 2 times in reports")

struct sw__sim_constants {
#define SW__SIM_CONSTANT(name, unit, value, low, high, origin) double name;
	SW__SIM_CONSTANT_LIST(SW__SIM_CONSTANT)
#undef SW__SIM_CONSTANT
};

/** The values; `world` 0: as they are, else drawn by that seed. */
void sw__sim_constants(uint64_t world, struct sw__sim_constants *out);

#endif

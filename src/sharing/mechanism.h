/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file mechanism.h
 * What a slice means under each sharing mechanism: what its engine sees of the GPU, and what its neighbours share.
 *
 * One table row per mechanism; the formulas elsewhere ask the row, never the mechanism's name.
 */
#ifndef SLICEWISE_SHARING_MECHANISM_H
#define SLICEWISE_SHARING_MECHANISM_H

#include "slicewise/types.h"

struct sw__mechanism {
	const char *id; /* sw_mechanism_name() */
	bool share_is_sms; /* the share caps the SMs an engine's kernels use */
	bool share_is_memory; /* DRAM bandwidth, L2 and memory are cut along with the SMs */
	bool share_is_duty; /* the share caps the time kernels may be launched (not from CUDA graphs) */
	bool share_is_quota; /* of one CPU core's time: the engines run on a host in place of a GPU */
	bool share_has_effect;
	bool takes_turns; /* kernels of two engines never run at once */
	bool shares_dram; /* engines that run at once compete for DRAM bandwidth */
	bool sum_may_exceed_one;
	bool memory_is_capped; /* an engine sees its memory_gib as the GPU's total */
	bool measured; /* real rows of LLMs stand behind the formulas here */
	bool unpredicted; /* data sets know it, predictions do not */
};

/** Never NULL for a member of enum sw_mechanism below SW_MECHANISM_COUNT. */
const struct sw__mechanism *sw__mechanism(enum sw_mechanism mechanism);

/**
 * SMs that an engine with `share` may use: whole ones, at least 1 (which a host counts as), all of them where the share does not
 * cap SMs. MPS rounds to pairs (TPCs) on GPUs that pair SMs; measured step times on an A100 fit 32 SMs for 30 %.
 */
double sw__mechanism_sms(enum sw_mechanism mechanism, const struct sw_gpu *gpu, double share);

/**
 * The stretch of an engine's GPU time by a launch limiter at `share`: 1 where it does not bind (CUDA graphs, other
 * mechanisms), else 1 / share. The same of a CPU quota, which binds every engine.
 */
double sw__mechanism_duty_stretch(enum sw_mechanism mechanism, double share, bool cuda_graphs);

/** Whether a launch limiter holds an engine to its share: not where it does not bind, nor where its share is all. */
bool sw__mechanism_holds(enum sw_mechanism mechanism, double share, bool cuda_graphs);

/**
 * Whether a slice can exist: share in (0, 1], only 1 under exclusive, at least one SM where SMs are shared out, and a GPU
 * that has MIG under mig. SW_BAD_INPUT says why not, beginning with "share: " or "mechanism: ".
 */
enum sw_status sw__mechanism_check(enum sw_mechanism mechanism, const struct sw_gpu *gpu,
				   double share, struct sw_error *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file step_time.h
 * The parts of sw_step_time() that the prediction of whole loads uses one by one.
 */
#ifndef SLICEWISE_STEP_STEP_TIME_H
#define SLICEWISE_STEP_STEP_TIME_H

#include "step/composed.h"

/** Whether this engine's steps come from the whole-step section: vLLM before 0.4, where the calibration has one. */
bool sw__step_is_paged(const struct sw_calibration *calibration, const struct sw_engine *engine);

/** What kernels of `engine` see of `slice`; the slice must have passed sw__mechanism_check(). */
struct sw__step_setting sw__step_setting(const struct sw_calibration *calibration,
					 const struct sw_engine *engine,
					 const struct sw_slice *slice);

/** sw_step_time() without checks, for a setting and shapes that many steps share. */
struct sw_step_time sw__step_time_of(const struct sw_calibration *calibration,
				     const struct sw_engine *engine,
				     const struct sw__step_setting *setting,
				     const struct sw__model_ops *ops,
				     const struct sw_step_work *work);

/** Its attention_ms alone. */
double sw__step_attention_ms(const struct sw_calibration *calibration,
			     const struct sw_engine *engine, const struct sw__step_setting *setting,
			     const struct sw__model_ops *ops, const struct sw_step_work *work);

#endif

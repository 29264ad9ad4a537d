// SPDX-License-Identifier: Apache-2.0
/* The program as it is, but `emulate` starts on the fake GPU: the linker puts this function in the other's place. */
#include "emulate/emulate_on.h"
#include "fake_gpu.h"

enum sw_status __wrap_sw_emulate_start(const struct sw_mix *mix,
				       const struct sw_emulate_settings *settings,
				       sw_emulation **out, struct sw_error *err);

enum sw_status __wrap_sw_emulate_start(const struct sw_mix *mix,
				       const struct sw_emulate_settings *settings,
				       sw_emulation **out, struct sw_error *err)
{
	return sw__emulate_start_on(&fake_gpu, mix, settings, out, err);
}

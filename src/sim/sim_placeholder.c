// SPDX-License-Identifier: Apache-2.0
/* In the simulator's place until it is here. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "slicewise/simulate.h"

enum sw_status sw_sim_new(const struct sw_mix *mix, const struct sw_sim_settings *settings,
			  sw_sim **out, struct sw_error *err)
{
	(void)mix, (void)settings;
	*out = NULL;
	return sw_fail(err, SW_INFEASIBLE, "the simulator is not built yet");
}

void sw_sim_free(sw_sim *sim)
{
	(void)sim;
}

double sw_sim_now_s(const sw_sim *sim)
{
	(void)sim;
	return 0;
}

double sw_sim_next_s(const sw_sim *sim)
{
	(void)sim;
	return INFINITY;
}

enum sw_status sw_sim_advance(sw_sim *sim, double to_s, struct sw_error *err)
{
	(void)sim, (void)to_s;
	return sw_fail(err, SW_INFEASIBLE, "the simulator is not built yet");
}

enum sw_status sw_sim_submit(sw_sim *sim, size_t tenant, const struct sw_sim_request *request,
			     struct sw_error *err)
{
	(void)sim, (void)tenant, (void)request;
	return sw_fail(err, SW_INFEASIBLE, "the simulator is not built yet");
}

bool sw_sim_cancel(sw_sim *sim, size_t tenant, uint64_t id)
{
	(void)sim, (void)tenant, (void)id;
	return false;
}

enum sw_status sw_sim_set_share(sw_sim *sim, size_t tenant, double share, struct sw_error *err)
{
	(void)sim, (void)tenant, (void)share;
	return sw_fail(err, SW_INFEASIBLE, "the simulator is not built yet");
}

enum sw_status sw_sim_restart(sw_sim *sim, size_t tenant, struct sw_error *err)
{
	(void)sim, (void)tenant;
	return sw_fail(err, SW_INFEASIBLE, "the simulator is not built yet");
}

void sw_sim_engine_state(const sw_sim *sim, size_t tenant, struct sw_sim_engine *out)
{
	(void)sim, (void)tenant;
	memset(out, 0, sizeof(*out));
}

// SPDX-License-Identifier: Apache-2.0
#include "plan/parts.h"

/* A whole number times a decimal fraction is seldom whole again: 10 requests in flight and a tenth are 11. */
static const double rounding = 1e-9;

unsigned sw__spare_replicas(const struct sw_workload *workload)
{
	const struct sw_survive *survive = &workload->survive;

	return survive->gpus > survive->nodes ? survive->gpus : survive->nodes;
}

unsigned sw__least_replicas(const struct sw_workload *workload)
{
	return 1 + sw__spare_replicas(workload);
}

double sw__most_replicas(const struct sw_workload *workload)
{
	double in_flight = workload->load.concurrency;

	return sw_known(in_flight) ? in_flight + sw__spare_replicas(workload) : (double)INFINITY;
}

bool sw__apart(const struct sw_workload *workload)
{
	return workload->spread || sw__spare_replicas(workload) > 0;
}

double sw__usual_part(const struct sw_workload *workload, unsigned replicas)
{
	const struct sw_load *load = &workload->load;

	return sw_known(load->rate) ? load->rate / replicas : ceil(load->concurrency / replicas);
}

struct sw_load sw__load_to_hold(const struct sw_workload *workload, unsigned replicas)
{
	struct sw_load part = workload->load;
	double left = (double)replicas - sw__spare_replicas(workload), growth = 1 + workload->room;

	part.rate = part.rate * growth / left;
	part.concurrency = ceil(part.concurrency * growth / left - rounding);
	part.trace_stretch /= growth;
	/* A router that sends each request anywhere thins the bursts too: of a renewal process of which one in r is kept,
	 * the gaps' squared variability is 1 + (c² - 1) / r. Routers that know queues do better. */
	part.burstiness = sqrt(1 + (part.burstiness * part.burstiness - 1) / left);
	return part;
}

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

/* For one part of so many of the load, as it has grown. */
static struct sw_load part_of(const struct sw_workload *workload, double parts)
{
	struct sw_load part = workload->load;
	double growth = 1 + workload->room;

	part.rate = part.rate * growth / parts;
	part.concurrency = ceil(part.concurrency * growth / parts - rounding);
	part.trace_stretch /= growth;
	/* A router that sends each request anywhere thins the bursts too: of a renewal process of which one in r is kept,
	 * the gaps' squared variability is 1 + (c² - 1) / r. Routers that know queues do better. */
	part.burstiness = sqrt(1 + (part.burstiness * part.burstiness - 1) / parts);
	return part;
}

struct sw_load sw__load_to_hold(const struct sw_workload *workload, unsigned replicas)
{
	return part_of(workload, (double)replicas - sw__spare_replicas(workload));
}

double sw__weighted_part(const struct sw_workload *workload, unsigned times, unsigned replicas)
{
	const struct sw_load *load = &workload->load;

	return sw_known(load->rate) ? load->rate * times / replicas
				    : ceil(load->concurrency * times / replicas - rounding);
}

struct sw_load sw__weighted_load(const struct sw_workload *workload, unsigned times,
				 unsigned replicas)
{
	return part_of(workload, (double)replicas / times);
}

bool sw__parts_differ(const struct sw_workload *workload)
{
	return workload->router == SW_ROUTER_WEIGHTED && workload->replicas == 0 &&
	       sw__spare_replicas(workload) == 0;
}

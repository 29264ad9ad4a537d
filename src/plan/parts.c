// SPDX-License-Identifier: Apache-2.0
#include "plan/parts.h"

/* A whole number times a decimal fraction is seldom whole again: 10 requests in flight and a tenth are 11. */
static const double rounding = 1e-9;

/* One window in forty is busier than this many standard deviations; README.md, "Windows". */
static const double busy_window_sds = 2;
static const double normal_p95 = 1.6448536269514722;

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

/* Squared coefficient of variation of a lognormal of this mean and p95; 0: all alike. */
static double variability(const struct sw_length *length)
{
	double ratio = log(length->p95 / length->mean);
	double sd = normal_p95 - sqrt(fmax(0, normal_p95 * normal_p95 - 2 * ratio));

	return sw_known(length->p95) && ratio > 0 ? exp(sd * sd) - 1 : 0;
}

double sw__window_growth(double window_s, const struct sw_load *part)
{
	double prompts = variability(&part->prompt_tokens);
	double outputs = variability(&part->output_tokens);
	double of_a_request = part->burstiness * part->burstiness + fmax(prompts, outputs);

	if (!sw_known(part->rate) || part->trace || !(window_s > 0))
		return 0;
	return busy_window_sds * sqrt(of_a_request / (part->rate * window_s));
}

/* For one part of so many of the load, as it has grown, in a busy window. */
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
	part.rate *= 1 + sw__window_growth(workload->window_s, &part);
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

// SPDX-License-Identifier: Apache-2.0
#include "plan/change_price.h"

static const double seconds_per_hour = 3600;

/*
 * Defaults. restart_s: a server that starts with weights in the host's memory, its CUDA graphs captured anew: half a minute to two
 * minutes with vLLM; start_s: with weights from a disk or the network, two to ten minutes; open_s: a node that a cloud provides
 * and that pulls an image. Each is in doubt by a factor of two. horizon_hours: traffic that stays for an hour.
 */
struct sw_replan_options sw_replan_defaults(void)
{
	return (struct sw_replan_options){
		.horizon_hours = 1,
		.restart_s = 60,
		.start_s = 240,
		.open_s = 300,
		.least_saving = 0.01,
		.noise = 0.05,
	};
}

static double price(double seconds, const struct sw_fleet_entry *entry, double share)
{
	return seconds / seconds_per_hour * share * entry->price_per_hour;
}

double sw__price_of_limit(void)
{
	return 0;
}

double sw__price_of_restart(const struct sw_replan_options *options,
			    const struct sw_fleet_entry *entry, double share)
{
	return price(options->restart_s, entry, share);
}

double sw__price_of_start(const struct sw_replan_options *options,
			  const struct sw_fleet_entry *entry, double share)
{
	return price(options->start_s, entry, share);
}

double sw__price_of_opening(const struct sw_replan_options *options,
			    const struct sw_fleet_entry *entry)
{
	return price(options->open_s, entry, 1);
}

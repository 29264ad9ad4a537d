/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file contest.h
 * A comparison while it is made: all contenders, the GPUs of their plans, and what was simulated of these.
 */
#ifndef SLICEWISE_COMPARE_CONTEST_H
#define SLICEWISE_COMPARE_CONTEST_H

#include "compare/contender.h"

struct sw__contest {
	const sw_catalog *catalog;
	const struct sw_problem *problem;
	const struct sw_compare_settings *settings;
	const struct sw__other_load *other; /* NULL: only loads as they are */
	size_t n;
	struct sw__contender *contenders;
	struct sw__book book;
	unsigned seeds; /* repetitions */
	unsigned windows; /* the most of a repetition, where no duration is given */
	double shortest_s, longest_s, events; /* of what was simulated */
};

/** Plan by every margin, all contenders at once. Contenders have their strategies and candidates their margins. SW_NO_MEMORY. */
enum sw_status sw__contest_plan(struct sw__contest *contest, struct sw_error *err);

/** Simulate in the nominal world until every contender has chosen. SW_NO_MEMORY. */
enum sw_status sw__contest_choose(struct sw__contest *contest, struct sw_error *err);

/** Simulate what was chosen in all worlds, under all kinds of load. SW_NO_MEMORY. */
enum sw_status sw__contest_play(struct sw__contest *contest, struct sw_error *err);

void sw__contest_clear(struct sw__contest *contest);

#endif

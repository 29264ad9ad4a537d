/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file profile_views.h
 * How a campaign's design, and what became of it, are shown.
 */
#ifndef SLICEWISE_CLI_PROFILE_VIEWS_H
#define SLICEWISE_CLI_PROFILE_VIEWS_H

#include <stdio.h>

#include "command.h"

/** The experiments, one a line, and what they come to. */
void design_show(const sw_campaign *campaign, const struct sw_design *design, int format,
		 const struct style *style, FILE *out);

/** What was run, and into which file. */
void profile_show(const sw_campaign *campaign, const struct sw_design *design,
		  const struct sw_profile_summary *summary, const char *data, int format,
		  FILE *out);

/** Seconds in words: "48 s", "12 min", "3 h 20 min". free() it. */
char *span_words(double seconds);

#endif

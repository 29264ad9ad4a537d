/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file mix_views.h
 * A mix and what was found of its engines, on paper, as JSON and as CSV: what predict and simulate have in common.
 * `predictions` has an element for each engine.
 */
#ifndef SLICEWISE_CLI_MIX_VIEWS_H
#define SLICEWISE_CLI_MIX_VIEWS_H

#include <jansson.h>
#include <stdio.h>

#include "latency.h"
#include "sheet.h"
#include "slicewise/slicewise.h"
#include "style.h"

/** Whether any of its engines has a limit. */
bool mix_has_limits(const struct sw_mix *mix);

/** "a100-sxm4-80gb, mps, 2 engines", without a line end. */
void mix_print_title(const struct sw_mix *mix, const struct style *style, FILE *out);

/** One row per engine: throughput, how busy, what binds. */
void mix_print_engines(const struct sw_mix *mix, const struct sw_prediction *predictions,
		       const struct style *style, FILE *out);

/** Two rows per engine, TTFT and TPOT; with `limits` also whether each upper bound holds its limit. */
void mix_print_latencies(const struct sw_mix *mix, const struct sw_prediction *predictions,
			 bool limits, const struct style *style, FILE *out);

/** A dimmed line. */
void mix_print_note(const char *note, const struct style *style, FILE *out);

/** An empty line, `title`, and the settings that engines were left, those alike together. */
void mix_print_defaults(const struct sw_mix *mix, const char *title, FILE *out);

/** The first keys of an engine's object, up to "slowdown"; and the last, from "kv_cache_tokens". */
json_t *mix_tenant_json(const struct sw_tenant *tenant, const struct sw_prediction *prediction);
void mix_tenant_json_end(json_t *object, const struct sw_tenant *tenant,
			 const struct sw_prediction *prediction);

/** "gpu", "mechanism", "tenants" into `document`; the reference to `tenants` is given away. */
void mix_json(json_t *document, const struct sw_mix *mix, json_t *tenants);

/** CSV columns from the GPU to the slowdown, and their cells. */
#define MIX_COLUMNS                                                                                \
	{NULL, "gpu", TEXT_COLUMN}, {NULL, "mechanism", TEXT_COLUMN}, {NULL, "name", TEXT_COLUMN}, \
		{NULL, "model", TEXT_COLUMN}, {NULL, "share", 0}, LATENCY_COLUMNS("ttft"),         \
		LATENCY_COLUMNS("tpot"), {NULL, "requests_per_s", 0},                              \
		{NULL, "output_tokens_per_s", 0},                                                  \
	{                                                                                          \
		NULL, "slowdown", 0                                                                \
	}
void mix_cells(const struct sw_mix *mix, size_t i, const struct sw_prediction *prediction,
	       struct sheet *sheet);

/** What the engine was left, in words. */
void mix_defaults_cell(const struct sw_tenant *tenant, struct sheet *sheet);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file accuracy_sections.h
 * The simulator beside measurements, one section a set; each says so where its measurements are not here.
 */
#ifndef SLICEWISE_BENCH_ACCURACY_SECTIONS_H
#define SLICEWISE_BENCH_ACCURACY_SECTIONS_H

#include "common/figures.h"
#include "slicewise/catalog.h"

#ifndef SW_MEASURED_DIR
#define SW_MEASURED_DIR \
	"../shared/measured" /* where the programs run without a build's absolute path */
#endif

/** 300 real requests to one engine: LLMServingSim (MIT). */
void section_requests(const sw_catalog *catalog, struct figures *figures);

/** Two engines on a GPU, alone, time-sliced and under MPS: NVIDIA Dynamo's sharing study (Apache-2.0). */
void section_pairs(const sw_catalog *catalog, struct figures *figures);

/** Steps of one engine on a part of a GPU's SMs: MuxServe (Apache-2.0). */
void section_steps(const sw_catalog *catalog, struct figures *figures);

/** Pairs of CNNs under MPS: iGniter. */
void section_cnns(const sw_catalog *catalog, struct figures *figures);

/** In place of a section's figures. */
void section_skipped(struct figures *figures);

#endif

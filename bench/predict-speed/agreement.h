/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file agreement.h
 * Predictions from tables beside sw_predict(), on random mixes of two to four engines.
 */
#ifndef SLICEWISE_BENCH_AGREEMENT_H
#define SLICEWISE_BENCH_AGREEMENT_H

#include "common/figures.h"
#include "slicewise/predict.h"

/** A section: `mixes` mixes under every mechanism that lets neighbours touch one another. */
enum sw_status agreement_section(const sw_catalog *catalog, unsigned mixes, struct figures *figures,
				 struct sw_error *err);

#endif

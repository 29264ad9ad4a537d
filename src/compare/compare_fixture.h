/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file compare_fixture.h
 * For tests: a problem written as text, read as a file.
 */
#ifndef SLICEWISE_COMPARE_COMPARE_FIXTURE_H
#define SLICEWISE_COMPARE_COMPARE_FIXTURE_H

#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "slicewise/plan.h"

/* Two small engines that have room on one GPU, and bursts of one of them. */
#define TWO_WORKLOADS                                                                         \
	"workloads:\n"                                                                        \
	"  - {name: chat, model: qwen3-0.6b, load: {rate: 2, burstiness: 2,\n"                \
	"     prompt_tokens: {mean: 400, p95: 1200}, output_tokens: {mean: 60, p95: 150}},\n" \
	"     slo: {ttft_p95_ms: 300, tpot_p95_ms: 30}}\n"                                    \
	"  - {name: tag, model: qwen2.5-0.5b, load: {concurrency: 4, prompt_tokens: 300,\n"   \
	"     output_tokens: 10}, slo: {ttft_p95_ms: 300}}\n"

struct compare_fixture {
	sw_catalog *catalog;
	struct sw_problem *problem;
	sw_fit *fit;
};

static inline void compare_fixture_open(struct compare_fixture *f, const char *yaml)
{
	char path[] = "/tmp/slicewise-compare-XXXXXX";
	int descriptor = mkstemp(path);
	struct sw_error err = {SW_OK, ""};

	*f = (struct compare_fixture){0};
	CHECK(write(descriptor, yaml, strlen(yaml)) == (ssize_t)strlen(yaml));
	(void)close(descriptor);
	CHECK_INT(sw_catalog_open(&f->catalog, NULL), SW_OK);
	CHECK_INT(sw_problem_load(f->catalog, path, &f->problem, &err), SW_OK);
	CHECK_STR(err.message, "");
	CHECK_INT(sw_fit_open(NULL, &f->fit, NULL), SW_OK);
	if (f->problem)
		f->problem->fit = f->fit;
	(void)unlink(path);
}

static inline void compare_fixture_close(struct compare_fixture *f)
{
	sw_problem_free(f->problem);
	sw_fit_free(f->fit);
	sw_catalog_free(f->catalog);
}

#endif

// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "predict/fit_known.h"
#include "slicewise/fit.h"

static struct sw_error err;

TEST(a_fit_that_is_written_and_read_is_written_the_same)
{
	char path[] = "/tmp/slicewise-fit-text-XXXXXX", *first, *second;
	int file = mkstemp(path);
	sw_fit *shipped, *again;

	CHECK(file >= 0);
	(void)close(file);
	CHECK_INT(sw_fit_open(NULL, &shipped, &err), SW_OK);
	shipped->groups[0].shared[SW__SHARED_switch_ms] = (struct sw__known){0.3333333333, 0.1};
	CHECK_INT(sw_fit_save(shipped, path, &err), SW_OK);
	CHECK_INT(sw_fit_open(path, &again, &err), SW_OK);
	CHECK_INT(sw_fit_text(shipped, &first, &err), SW_OK);
	CHECK_INT(sw_fit_text(again, &second, &err), SW_OK);
	CHECK_STR(second, first);
	CHECK_NEAR(again->groups[0].shared[SW__SHARED_switch_ms].value, 0.3333333, 1e-7);
	free(first);
	free(second);
	sw_fit_free(shipped);
	sw_fit_free(again);
	(void)unlink(path);
}

TEST(every_coefficient_has_a_line_that_says_what_it_means)
{
	sw_fit *fit;
	struct sw_fit_line line;
	size_t n = 0;

	CHECK_INT(sw_fit_open(NULL, &fit, &err), SW_OK);
	for (; sw_fit_line_at(fit, n, &line); n++) {
		CHECK(line.name && line.unit && line.meaning && *line.subject);
		CHECK(line.low <= line.value && line.value <= line.high);
		CHECK(line.learned >= 0 && line.learned <= 1);
	}
	CHECK_INT(n, fit->n_groups * SW__SHARED_COUNT + fit->n_models * SW__MODEL_COUNT);
	sw_fit_free(fit);
}

TEST_MAIN()

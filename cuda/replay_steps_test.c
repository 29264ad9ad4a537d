// SPDX-License-Identifier: Apache-2.0
#include "replay_steps.h"

#include "check.h"
#include "tiny_fixture.h"

static double now_s(void *context)
{
	return *(double *)context += 1;
}

static void gpu_since(void *context, double from_s, struct replay_gpu *out)
{
	CHECK_NEAR(from_s, *(double *)context, 0); /* nobody asked for the time since */
	*out = (struct replay_gpu){from_s, from_s, 1755, NAN, 0.5, 4};
}

static struct engine_setting setting_of(void)
{
	return (struct engine_setting){
		.model = tiny_model(),
		.serving = {SW__SERVE_MIXED, 2, 64, 128, 16, 16, true},
		.seed = 3,
	};
}

static unsigned rows_of(double budget_s, char *text, size_t size)
{
	struct engine_setting setting = setting_of();
	double clock = 0;
	struct replay_steps_ask ask = {NULL,     &setting, "h100-sxm", "mps", 0.5,
				       budget_s, now_s,    gpu_since,  &clock};
	struct sw_error err = {0};
	unsigned n = 0;
	FILE *out = fmemopen(text, size, "w");

	CHECK_INT(device_open_emulated(&ask.device, NULL), SW_OK);
	CHECK_INT(replay_steps_header(out, NULL), SW_OK);
	CHECK_INT(replay_steps(&ask, out, &n, &err), SW_OK);
	CHECK_STR(err.message, "");
	(void)fclose(out);
	ask.device->operations->close(ask.device);
	return n;
}

/* Limits: 64 tokens a step, 2 sequences, 128 tokens each, 16 blocks. */
TEST(what_fits_is_measured_and_nothing_else)
{
	static char text[8192];
	unsigned n = rows_of(INFINITY, text, sizeof(text)), lines = 0;

	for (const char *c = text; *c; c++)
		lines += *c == '\n';
	CHECK_INT(n, 1 + 2 * 2); /* a prompt of 64; contexts 64 and 128 for 1 and 2 */
	CHECK_INT(lines, n + 1);
	CHECK(strstr(text, "h100-sxm,tiny,mps,0.5,prefill,1,64,") != NULL);
	CHECK(strstr(text, "h100-sxm,tiny,mps,0.5,decode,2,128,") != NULL);
	CHECK(strstr(text, ",decode,1,512,") == NULL);
	CHECK(strstr(text, ",false,1755,,0.5\n") != NULL);
}

TEST(the_budget_ends_it)
{
	static char text[8192];

	CHECK_INT(rows_of(4.5, text, sizeof(text)), 2);
}

TEST_MAIN()

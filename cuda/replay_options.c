// SPDX-License-Identifier: Apache-2.0
#include "replay_options.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "options.h"

static const struct serve_settings serve_defaults = {
	.experiment = "replay", .seed = 1, .duration_s = 60, .warm_up_s = 10, .start_at_s = NAN};

#define AT(member) offsetof(struct serve_settings, member)

/* A day: what is longer is a typing error. */
#define SECONDS_MAX 86400

static const struct option serve_options[] = {
	{"tenant", 't', OPTION_TEXT, "NAME", AT(tenant),
	 .help = "serve this engine of the mix with all that this process sees of the GPU (MPS, "
		 "time-slicing, HAMi: a process each); else all of them here, SMs by their shares"},
	{"duration", 'd', OPTION_NUMBER, "S", AT(duration_s), 0, SECONDS_MAX, true,
	 .help = "seconds of load; 60 unless given"},
	{"warm-up", 0, OPTION_NUMBER, "S", AT(warm_up_s), 0, SECONDS_MAX,
	 .help = "requests that come before do not count; 10 unless given"},
	{"start-at", 0, OPTION_NUMBER, "UNIX_S", AT(start_at_s), 0, 1e11,
	 .help = "when the load begins, for several processes at once; unless given, as soon as "
		 "the engines are ready"},
	{"steps", 0, OPTION_FLAG, NULL, AT(steps),
	 .help = "no load: single steps of each engine alone, as rows of steps, for --duration at "
		 "most"},
	{"seed", 0, OPTION_COUNT, "N", AT(seed), 0, 1 << 30,
	 .help = "of weights, arrivals and lengths; 1 unless given"},
	{"records", 0, OPTION_FILE, "FILE", AT(records),
	 .help = "every request and every step as JSON lines"},
	{"rows", 'o', OPTION_FILE, "FILE", AT(rows),
	 .help = "add the rows of mixes to FILE; on standard output unless given"},
	{"experiment", 0, OPTION_TEXT, "NAME", AT(experiment), .help = "first column of the rows"},
	{"repeat", 0, OPTION_COUNT, "N", AT(repeat), 0, 1 << 20, .help = "second column"},
	{"gpu", 0, OPTION_COUNT, "N", AT(gpu), 0, 255, .help = "which GPU; the first unless given"},
	{"busy", 0, OPTION_FLAG, NULL, AT(busy),
	 .help = "measure beside other processes on the GPU; unless given, they are refused with "
		 "exit status 5"},
	{"samples", 0, OPTION_FILE, "FILE", AT(samples),
	 .help = "the GPU's clocks, power, utilisation and memory ten times a second, as CSV"},
	{"processes", 0, OPTION_FILE, "FILE", AT(processes),
	 .help = "who was on the GPU at those moments, as CSV"},
	{"nvml", 0, OPTION_FILE, "FILE", AT(nvml),
	 .help = "a libnvidia-ml.so to ask; none: ask nothing of the driver, refuse nobody"},
	{"gpus", 0, OPTION_FLAG, NULL, AT(gpus),
	 .help = "print which GPUs there are and who is on them, as JSON; takes no mix file"},
	{"unchecked", 0, OPTION_FLAG, NULL, AT(unchecked),
	 .help = "do not check first that the GPU computes what the reference does (--check): for "
		 "who has just done so"},
	{"cublas", 0, OPTION_FILE, "FILE", AT(cublas), .help = "a libcublasLt.so"},
	{"help", 'h', OPTION_FLAG, NULL, AT(help), .help = "print this help"},
};

static const struct option_group serve_groups[] = {
	{"Serving a mix", serve_options, COUNT(serve_options), 0, NO_MASK, 0},
};

static const struct option_set serve_set = {
	.usage_name = "slicewise-replay",
	.groups = serve_groups,
	.n_groups = COUNT(serve_groups),
	.operands = "MIX.yaml",
	.operands_min = 1,
	.operands_max = 1,
};

void replay_options_help(void)
{
	printf("usage: slicewise-replay MIX.yaml [OPTION...]\n\n"
	       "Serve the engines of a mix file with synthetic weights and write what was "
	       "measured.\n"
	       "\n");
	for (size_t i = 0; i < COUNT(serve_options); i++) {
		char *argument = option_argument(&serve_options[i]);

		printf("  --%s %s\n      %s\n", serve_options[i].name, argument,
		       serve_options[i].help);
		free(argument);
	}
}

static enum sw_status check(const struct serve_settings *s, size_t n_operands, char **argv,
			    struct sw_error *err)
{
	enum sw_status st = options_check(&serve_set, s, n_operands, argv + 1, err);

	if (st == SW_OK && !s->steps && s->warm_up_s >= s->duration_s)
		st = sw_fail(err, SW_USAGE,
			     "--warm-up: found %g s, expected less than --duration (%g s)",
			     s->warm_up_s, s->duration_s);
	return st;
}

enum sw_status replay_options_read(int argc, char **argv, struct serve_settings *out,
				   struct sw_error *err)
{
	size_t n_operands;
	enum sw_status st;

	*out = serve_defaults;
	st = options_parse(&serve_set, argc - 1, argv + 1, out, &n_operands, err);
	return st == SW_OK && !out->help && !out->gpus ? check(out, n_operands, argv, err) : st;
}

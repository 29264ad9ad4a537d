// SPDX-License-Identifier: Apache-2.0
/* slicewise-replay: engines with synthetic weights on a real GPU. */
#include <stdio.h>
#include <string.h>

#include "replay_check.h"
#include "replay_options.h"
#include "replay_serve.h"
#include "slicewise/slicewise.h"

static int print_help(const struct device_cuda_ask *ask);

static int print_version(const struct device_cuda_ask *ask)
{
	(void)ask;
	printf("slicewise-replay %s\n", sw_version());
	return 0;
}

static const struct command {
	const char *name;
	int (*run)(const struct device_cuda_ask *ask);
	const char *line;
} commands[] = {
	{"--help", print_help, "this text"},
	{"--version", print_version, "the version"},
	{"--check", replay_check, "whether the GPU computes what the reference does; 77: no GPU"},
	{"--self-test", replay_self_test,
	 "the check, what the GPU can do at most, how near an engine comes, and the GPU's halves"},
};

static int print_help(const struct device_cuda_ask *ask)
{
	(void)ask;
	replay_options_help();
	printf("\nWithout a mix file:\n");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		printf("  %-12s %s\n", commands[i].name, commands[i].line);
	return 0;
}

int main(int argc, char **argv)
{
	const struct device_cuda_ask ask = {0};

	for (size_t i = 0; argc == 2 && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(&ask);
	return replay_serve(argc, argv);
}

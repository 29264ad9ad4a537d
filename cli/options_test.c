// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "check.h"
#include "options.h"

struct settings {
	unsigned given, count;
	double share;
	const char *gpu;
	bool flag, graphs;
	int phase;
};

static const char *const phases[] = {"prefill", "decode", NULL};

#define AT(member) offsetof(struct settings, member)

static const struct option rows[] = {
	{"gpu", 0, OPTION_TEXT, "GPU", AT(gpu), .given = 1, .help = "which"},
	{"share", 's', OPTION_NUMBER, "S", AT(share), 0, 1, true, .given = 2, .help = "how much"},
	{"count", 0, OPTION_COUNT, "N", AT(count), 1, 100, .help = "how many"},
	{"flag", 'f', OPTION_FLAG, NULL, AT(flag), .help = "whether"},
	{"cuda-graphs", 0, OPTION_SWITCH, NULL, AT(graphs), .help = "or not"},
	{"phase", 0, OPTION_CHOICE, NULL, AT(phase), .choices = phases, .help = "which one"},
};

static const struct option_group groups[] = {{"All", rows, COUNT(rows), 0, AT(given), 1}};
static const struct option_set set = {"test", groups, 1, "FILE", 1, 2};

enum { WORDS_MAX = 16 };

static enum sw_status parse(const char *line, struct settings *settings, size_t *n_operands,
			    struct sw_error *err)
{
	static char text[256];
	static char *words[WORDS_MAX];
	int n = 0;

	*settings = (struct settings){.share = -1};
	(void)snprintf(text, sizeof(text), "%s", line);
	for (char *word = strtok(text, " "); word && n < WORDS_MAX; word = strtok(NULL, " "))
		words[n++] = word;
	if (options_parse(&set, n, words, settings, n_operands, err) != SW_OK)
		return SW_USAGE;
	return options_check(&set, settings, *n_operands, words, err);
}

TEST(every_way_of_writing_an_option_is_read)
{
	struct settings s;
	struct sw_error err;
	size_t n;

	CHECK_INT(parse("--gpu l4 a", &s, &n, &err), SW_OK);
	CHECK_STR(s.gpu, "l4");
	CHECK_INT(s.given, 1);
	CHECK_INT(parse("a --gpu=l4 -s.5 --count=7 -f", &s, &n, &err), SW_OK);
	CHECK_NEAR(s.share, 0.5, 0);
	CHECK_INT(s.count, 7);
	CHECK(s.flag);
	CHECK_INT(parse("--gpu l4 -s 1e-1 --cuda-graphs on --phase decode a", &s, &n, &err), SW_OK);
	CHECK_NEAR(s.share, 0.1, 0);
	CHECK(s.graphs);
	CHECK_INT(s.phase, 1);
	CHECK_INT(parse("--gpu l4 -- -f", &s, &n, &err), SW_OK);
	CHECK_INT(n, 1);
	CHECK(!s.flag);
}

struct refusal {
	const char *line, *message;
};

TEST(what_is_wrong_is_refused_with_what_was_expected)
{
	static const struct refusal refusals[] = {
		{"--gup l4 a", "unknown option --gup; did you mean --gpu?"},
		{"-x a", "unknown option -x"},
		{"--gpu", "--gpu needs an argument"},
		{"--gpu= a", "--gpu: found an empty argument"},
		{"--flag=yes a", "--flag takes no argument"},
		{"--share 0 a", "--share: found 0, expected a number above 0 and at most 1"},
		{"--share nan a", "--share: found nan, expected a number above 0 and at most 1"},
		{"--share inf a", "--share: found inf, expected a number above 0 and at most 1"},
		{"--share 0x1 a", "--share: found 0x1, expected a number above 0 and at most 1"},
		{"--share 1e999 a",
		 "--share: found 1e999, expected a number above 0 and at most 1"},
		{"--count 1.5 a", "--count: found 1.5, expected a whole number from 1 to 100"},
		{"--count -1 a", "--count: found -1, expected a whole number from 1 to 100"},
		{"--cuda-graphs yes a", "--cuda-graphs: found yes, expected off|on"},
		{"--phase x a", "--phase: found x, expected prefill|decode"},
		{"a", "--gpu is missing"},
		{"--gpu l4", "FILE is missing"},
		{"--gpu l4 a b c", "unexpected argument c"},
	};
	struct settings s;
	struct sw_error err;
	size_t n;

	for (size_t i = 0; i < COUNT(refusals); i++) {
		CHECK_INT(parse(refusals[i].line, &s, &n, &err), SW_USAGE);
		CHECK_STR(err.message, refusals[i].message);
	}
}

TEST(an_argument_has_a_name_in_help)
{
	char *argument = option_argument(options_find(&set, "phase"));

	CHECK_STR(argument, "prefill|decode");
	free(argument);
	argument = option_argument(options_find(&set, "gpu"));
	CHECK_STR(argument, "GPU");
	free(argument);
	argument = option_argument(options_find(&set, "flag"));
	CHECK_STR(argument, "");
	free(argument);
	CHECK(!options_find(&set, "gp"));
}

TEST_MAIN()

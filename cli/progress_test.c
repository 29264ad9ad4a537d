// SPDX-License-Identifier: Apache-2.0
#include "progress.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

static const char *line(double fraction, double elapsed_s)
{
	struct progress p = {.what = "simulating", .fraction = fraction};
	static char text[128];

	CHECK_INT(progress_line(&p, elapsed_s, text, sizeof(text)), strlen(text));
	return text;
}

TEST(a_bar_the_time_and_an_estimate)
{
	CHECK_STR(line(0, 2), "simulating [........................]  0 %  0:02");
	CHECK_STR(line(0.25, 20.5),
		  "simulating [======..................] 25 %  0:20, about 1:02 more");
	CHECK_STR(line(0.999, 3725),
		  "simulating [=======================.] 99 %  62:05, about 0:04 more");
	CHECK_STR(line(1, 30),
		  "simulating [========================] 100 %  0:30, about 0:00 more");
}

TEST(a_line_is_cut_where_there_is_no_room)
{
	struct progress p = {.what = "simulating", .fraction = 0.5};
	char text[20];

	CHECK_INT(progress_line(&p, 9, text, sizeof(text)), sizeof(text) - 1);
	CHECK_STR(text, "simulating [=======");
}

/* As if it had begun `s` seconds ago, on a terminal that is a text. */
static struct progress watched(FILE *out, double s)
{
	struct progress p = progress_start("waiting");

	p.out = out;
	p.started_s -= s;
	return p;
}

TEST(nothing_is_drawn_within_a_second_or_too_often)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct progress soon = watched(out, 0), later = watched(out, 10.5);

	progress_tell(&soon, 0.5);
	progress_end(&soon);
	CHECK(fflush(out) == 0 && size == 0);
	progress_tell(&later, 0.5);
	progress_tell(&later, 0.6);
	progress_end(&later);
	progress_end(&later);
	(void)fclose(out);
	CHECK_STR(text, "\r\033[Kwaiting [============............] 50 %  0:10, about 0:11 more"
			"\r\033[K");
	free(text);
}

TEST(it_never_goes_back_and_is_silent_without_a_terminal)
{
	struct progress p = {.out = NULL};
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	progress_tell(&p, 0.5);
	progress_end(&p);
	p = watched(out, 10);
	progress_tell(&p, 0.7);
	progress_tell(&p, 0.2);
	CHECK_NEAR(p.fraction, 0.7, 0);
	progress_end(&p);
	(void)fclose(out);
	free(text);
}

TEST_MAIN()

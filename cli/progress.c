// SPDX-License-Identifier: Apache-2.0
#include "progress.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A line for less than a second is a flicker; more often than this nobody can read it. */
static const double first_after_s = 1, redrawn_after_s = 0.1;

enum { BAR_WIDTH = 24, SECONDS = 60 };

/* Back to the first column, and nothing to the right of it. */
static const char erase[] = "\r\033[K";

static double now_s(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

struct progress progress_start(const char *what)
{
	const char *term = getenv("TERM");
	bool terminal = isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;

	return (struct progress){
		.out = terminal ? stderr : NULL, .what = what, .started_s = now_s()};
}

size_t progress_line(const struct progress *progress, double elapsed_s, char *out, size_t size)
{
	double left_s = elapsed_s * (1 - progress->fraction) / progress->fraction;
	int filled = (int)(progress->fraction * BAR_WIDTH), elapsed = (int)elapsed_s;
	char bar[BAR_WIDTH + 1];
	int length;

	for (int i = 0; i < BAR_WIDTH; i++)
		bar[i] = i < filled ? '=' : '.';
	bar[BAR_WIDTH] = '\0';
	length = snprintf(out, size, "%s [%s] %2.0f %%  %d:%02d", progress->what, bar,
			  floor(100 * progress->fraction), elapsed / SECONDS, elapsed % SECONDS);
	/* Of the first per cent nothing can be said about the rest. */
	if (progress->fraction > 0.01 && length >= 0 && (size_t)length < size) {
		int left = (int)ceil(left_s);

		length += snprintf(out + length, size - (size_t)length, ", about %d:%02d more",
				   left / SECONDS, left % SECONDS);
	}
	return length < 0 ? 0 : (size_t)length < size ? (size_t)length : size - 1;
}

void progress_tell(void *progress, double fraction)
{
	struct progress *p = progress;
	char line[128];
	double now;

	if (!p->out)
		return;
	p->fraction = fmax(p->fraction, fmin(1, fraction));
	now = now_s();
	if (now - p->started_s < first_after_s || now - p->drawn_s < redrawn_after_s)
		return;
	(void)progress_line(p, now - p->started_s, line, sizeof(line));
	(void)fprintf(p->out, "%s%s", erase, line);
	(void)fflush(p->out);
	p->drawn_s = now;
	p->shown = true;
}

void progress_end(struct progress *progress)
{
	if (progress->out && progress->shown) {
		(void)fputs(erase, progress->out);
		(void)fflush(progress->out);
	}
	progress->out = NULL;
}

// SPDX-License-Identifier: Apache-2.0
/*
 * How good the closed form of latency under load is: against the token-level simulator on random engines, on recorded
 * traffic, and against measurements. Writes latency.csv and latency.txt into a folder.
 *
 * usage: slicewise-latency FOLDER [ENGINES [REQUESTS]]
 */
#include "latency/judgement.h"
#include "latency/measured_loads.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Engines below 10480 were looked at while the closed form was made; these were not. */
enum { FIRST_ENGINE = 20000, ENGINES = 480, REQUESTS = 100000 };

static const double loads[] = {0.1, 0.3, 0.5, 0.7, 0.8, 0.9};

static FILE *open_in(const char *folder, const char *name)
{
	char path[4096];
	FILE *file;

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
		return NULL;
	file = fopen(path, "w");
	if (!file)
		fprintf(stderr, "%s cannot be written\n", path);
	return file;
}

static size_t judge(struct judgement *rows, unsigned engines, size_t requests, FILE *csv)
{
	size_t n = 0;

	judgement_csv_header(csv);
	for (unsigned i = 0; i < engines; i++) {
		double load = loads[i % (sizeof(loads) / sizeof(loads[0]))];

		if (!judgement_make(FIRST_ENGINE + i, load, requests, &rows[n])) {
			fprintf(stderr, "engine %u cannot be simulated\n", FIRST_ENGINE + i);
			continue;
		}
		judgement_csv(&rows[n], csv);
		n++;
	}
	return n;
}

static void report(const struct judgement *rows, size_t n, FILE *out)
{
	judgement_summary(rows, n, out);
	measured_requests(out);
	measured_loop(out);
	measured_traces(out);
}

int main(int argc, char **argv)
{
	unsigned engines = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : ENGINES;
	size_t requests = argc > 3 ? strtoul(argv[3], NULL, 10) : REQUESTS;
	struct judgement *rows;
	FILE *csv, *text;
	size_t n;

	if (argc < 2) {
		fputs("usage: slicewise-latency FOLDER [ENGINES [REQUESTS]]\n", stderr);
		return 1;
	}
	csv = open_in(argv[1], "latency.csv");
	text = open_in(argv[1], "latency.txt");
	if (!csv || !text)
		return 4;
	rows = calloc(engines, sizeof(*rows));
	if (!rows)
		return 4;
	n = judge(rows, engines, requests, csv);
	report(rows, n, text);
	report(rows, n, stdout);
	free(rows);
	return fclose(csv) != 0 || fclose(text) != 0 ? 4 : 0;
}

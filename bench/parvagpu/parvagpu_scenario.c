// SPDX-License-Identifier: Apache-2.0
#include "parvagpu/parvagpu_scenario.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH = 4096, LINE = 512 };

/* ParvaGPU's rule: the latency of a batch is below half of 0.9 of the limit. */
static const double part_of_limit = 0.45;

/* In the order of the scenarios' columns. */
static const char *const names[PARVAGPU_MODELS] = {
	"bert",      "densenet121", "densenet169", "densenet201", "inceptionv3", "mobilenetv2",
	"resnet101", "resnet152",   "resnet50",    "vgg16",       "vgg19"};

/* "slices,batch,processes,throughput of each,seconds"; false where it did not run. */
static bool read_row(const char *line, struct parvagpu_row *row)
{
	double number[5];

	for (int i = 0; i < 5; i++) {
		char *end;

		number[i] = strtod(line, &end);
		if (end == line)
			return false;
		line = *end == ',' ? end + 1 : end;
	}
	*row = (struct parvagpu_row){(unsigned)number[0], (unsigned)number[1], (unsigned)number[2],
				     number[3] * number[2], number[4] * 1000};
	return number[3] > 0;
}

static bool read_model(const char *folder, const char *name, struct parvagpu_model *out)
{
	char path[PATH], line[LINE];
	FILE *file;

	*out = (struct parvagpu_model){.name = name};
	(void)snprintf(path, sizeof(path), "%s/prof_data/%s.csv", folder, name);
	file = fopen(path, "r");
	if (!file || !fgets(line, sizeof(line), file) ||
	    strncmp(line, "Mig instance,Batch size,Workload Number,Throughput,Latency", 58) != 0) {
		(void)fprintf(stderr, "%s: not there, or another header\n", path);
		if (file)
			(void)fclose(file);
		return false;
	}
	while (fgets(line, sizeof(line), file) && out->n < PARVAGPU_ROWS_MAX)
		out->n += read_row(line, &out->rows[out->n]);
	(void)fclose(file);
	return out->n > 0;
}

/* A row a scenario, a column a model; "N/A" where the model is not in it. */
static bool read_numbers(const char *folder, const char *name, double (*out)[PARVAGPU_MODELS])
{
	char path[PATH], line[LINE];
	FILE *file;
	bool ok;

	(void)snprintf(path, sizeof(path), "%s/SLO/%s", folder, name);
	file = fopen(path, "r");
	ok = file != NULL;
	for (int s = 0; ok && s < PARVAGPU_SCENARIOS; s++) {
		char *at = line, *rest = NULL;

		ok = fgets(line, sizeof(line), file) != NULL;
		for (int m = 0; ok && m < PARVAGPU_MODELS; m++, at = NULL) {
			const char *cell = strtok_r(at, ",\n", &rest);

			ok = cell != NULL;
			out[s][m] = cell && *cell != 'N' ? strtod(cell, NULL) : (double)NAN;
		}
	}
	if (!ok)
		(void)fprintf(stderr, "%s: not there, or not six rows of eleven\n", path);
	if (file)
		(void)fclose(file);
	return ok;
}

bool parvagpu_read(const char *folder, struct parvagpu_data *out)
{
	for (int m = 0; m < PARVAGPU_MODELS; m++)
		if (!read_model(folder, names[m], &out->model[m]))
			return false;
	return read_numbers(folder, "SLO_latency.csv", out->limit_ms) &&
	       read_numbers(folder, "SLO_req_rate.csv", out->rate);
}

static bool close_written(FILE *file, const char *path)
{
	bool ok = file != NULL;

	if (file)
		ok = fclose(file) == 0;
	if (!ok)
		(void)fprintf(stderr, "%s: cannot be written\n", path);
	return ok;
}

bool parvagpu_write_tables(const struct parvagpu_data *data, const char *folder)
{
	bool ok = true;

	for (int m = 0; ok && m < PARVAGPU_MODELS; m++) {
		const struct parvagpu_model *model = &data->model[m];
		char path[PATH];
		FILE *file;

		(void)snprintf(path, sizeof(path), "%s/%s.csv", folder, model->name);
		file = fopen(path, "w");
		if (file)
			(void)fputs("batch,share,latency_ms,throughput,processes\n", file);
		for (size_t i = 0; file && i < model->n; i++)
			(void)fprintf(file, "%u,%.6f,%.9g,%.9g,%u\n", model->rows[i].batch,
				      model->rows[i].slices / 7.0, model->rows[i].latency_ms,
				      model->rows[i].throughput, model->rows[i].processes);
		ok = close_written(file, path);
	}
	return ok;
}

bool parvagpu_write_problem(const struct parvagpu_data *data, int s, const char *folder, char *path,
			    size_t size)
{
	FILE *file;

	(void)snprintf(path, size, "%s/s%d.yaml", folder, s + 1);
	file = fopen(path, "w");
	if (file)
		(void)fputs("fleet:\n  - {gpu: a100-sxm4-80gb, mechanism: mig}\nworkloads:\n",
			    file);
	for (int m = 0; file && m < PARVAGPU_MODELS; m++)
		if (!isnan(data->limit_ms[s][m]))
			(void)fprintf(file,
				      "  - {name: %s, model: {table: %s.csv}, load: {rate: %.9g}, "
				      "slo: {latency_ms: %.9g}}\n",
				      names[m], names[m], data->rate[s][m], data->limit_ms[s][m]);
	return close_written(file, path);
}

double parvagpu_fraction(const struct parvagpu_data *data, int s)
{
	double gpus = 0;

	for (int m = 0; m < PARVAGPU_MODELS; m++) {
		const struct parvagpu_model *model = &data->model[m];
		double best = 0;

		if (isnan(data->limit_ms[s][m]))
			continue;
		for (size_t i = 0; i < model->n; i++)
			if (model->rows[i].latency_ms < part_of_limit * data->limit_ms[s][m])
				best = fmax(best,
					    model->rows[i].throughput / model->rows[i].slices);
		gpus += data->rate[s][m] / best / 7;
	}
	return gpus;
}

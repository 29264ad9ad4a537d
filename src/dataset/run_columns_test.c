// SPDX-License-Identifier: Apache-2.0
#include "dataset/run_columns.h"

#include "dataset/dataset_fixture.h"
#include "dataset/mix_rows.h"

static const struct sw__run_column *column(const char *name)
{
	for (size_t i = 0; i < sw__run_columns_n; i++) {
		if (strcmp(sw__run_columns[i].name, name) == 0)
			return &sw__run_columns[i];
	}
	return NULL;
}

static char *flat(const struct sw_runs *runs, enum sw_status (*write)(FILE *, struct sw_error *))
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	CHECK_INT(runs ? sw_runs_write_flat(runs, out, &err) : write(out, &err), SW_OK);
	CHECK(fclose(out) == 0);
	return text;
}

TEST(every_setting_limit_and_number_has_its_column)
{
	for (size_t i = 0; i < SW__ENGINE_FIELDS; i++) {
		const struct sw__run_column *c = column(sw__engine_column(i));

		CHECK(c && c->index == i);
	}
	for (size_t i = 0; i < SW__SLO_FIELDS; i++) {
		char name[SW_NAME_MAX];

		sw__slo_column(i, name);
		CHECK(column(name) && column(name)->index == i);
	}
	for (size_t i = 0; i < SW__MEASURED; i++)
		CHECK(column(sw__measured_names[i]) && column(sw__measured_names[i])->index == i);
	for (size_t i = 0; i < sw__run_columns_n; i++)
		CHECK(column(sw__run_columns[i].name) == &sw__run_columns[i]);
}

TEST(flat_rows_have_cells_of_one_type)
{
	struct sw_run run = run_of("a \"b\"", 1, 1);
	struct sw_runs runs = {1, &run};
	char *text = flat(&runs, NULL);
	const char *first = strchr(text, '\n') + 1, *second = strchr(first, '\n') + 1;

	CHECK(strstr(text, "experiment,repeat,gpu,mechanism,tenant,model,share,memory_gib,") ==
	      text);
	/* Settings that were not given have the value they had. */
	CHECK(strstr(first,
		     "\"a \"\"b\"\"\",1,\"a100-sxm4-80gb\",\"mps\",\"chat\",\"qwen3-4b\",0.5,30,"
		     "32,2048,false,2.5,,500,100,1,1.33333333") == first);
	CHECK(strstr(second,
		     "\"a \"\"b\"\"\",1,\"a100-sxm4-80gb\",\"mps\",\"code\",\"qwen3-0.6b\",0.3,20,"
		     "256,2048,true,,4,300,50,21,") == second);
	CHECK(strstr(second, ",18446744073709551615,60.25,,,\"a test\",\"535.1\",\"a CPU\",64,"
			     "\"slicewise 0.1.0; vllm 0.10\"\n"));
	free(text);
	sw__dataset_run_clear(&run);
}

TEST(the_schema_has_a_line_a_column)
{
	char *text = flat(NULL, sw_runs_write_schema);
	size_t lines = 0;

	for (const char *at = text; (at = strchr(at, '\n')); at++)
		lines++;
	CHECK_INT(lines, sw__run_columns_n + 1);
	CHECK(strstr(text, "column,type,unit,meaning\nexperiment,text,,\"") == text);
	CHECK(strstr(text, "\nttft_p95_ms,double,ms,\"") && strstr(text, "\nrepeat,integer,,\""));
	CHECK(strstr(text, "\ncuda_graphs,boolean,,\""));
	free(text);
}

int main(void)
{
	return dataset_main();
}

// SPDX-License-Identifier: Apache-2.0
#include "validate/rows_read.h"

#include <string.h>

#include "base/text.h"
#include "check.h"

static const struct sw__row_schema *schema_of(const char *header)
{
	const struct sw__row_schema *schema = NULL;
	struct sw_csv *csv;

	CHECK_INT(sw_csv_parse(header, strlen(header), "x.csv", &csv, NULL), SW_OK);
	schema = sw__row_schema_of(csv);
	sw_csv_free(csv);
	return schema;
}

TEST(a_header_tells_what_the_rows_are)
{
	CHECK_INT(schema_of("k,n,m,dtype,latency_ms\n")->rows, SW_ROWS_GEMM);
	CHECK_INT(schema_of("gpu,model,mechanism,share,phase,batch,seq_len,latency_ms,who\n")->rows,
		  SW_ROWS_STEP);
	CHECK_INT(schema_of("batch,input_len,heads,kv_heads,head_dim,dtype,kv_dtype,"
			    "kv_len_before,latency_ms\n")
			  ->rows,
		  SW_ROWS_ATTENTION);
	CHECK(!schema_of("m,n,k\n"));
}

TEST(the_schemas_can_be_listed)
{
	struct sw_text text = {0};

	sw__row_schemas_list(&text);
	CHECK(strstr(text.data, "dtype,m,n,k,latency_ms"));
	CHECK(strstr(text.data, "gpu,model,mechanism"));
	sw_text_free(&text);
}

TEST_MAIN()

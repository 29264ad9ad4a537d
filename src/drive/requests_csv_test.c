// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "check.h"
#include "slicewise/drive.h"

TEST(every_request_is_a_line_and_what_is_not_known_is_empty)
{
	struct sw_drive_request requests[2] = {
		{.arrival_s = 0.5,
		 .prompt_tokens = 10,
		 .output_tokens = 3,
		 .prompt_tokens_asked = 9,
		 .output_tokens_asked = 3,
		 .cached_tokens = NAN,
		 .ttft_ms = 12.25,
		 .tpot_ms = 2,
		 .e2e_ms = 16.25,
		 .send_lag_ms = 0.125,
		 .server_prompt_ms = 11,
		 .server_output_ms = 4,
		 .outcome = SW_DRIVE_OK,
		 .http_status = 200,
		 .counted = true},
		{.arrival_s = 1,
		 .prompt_tokens = 10,
		 .output_tokens = NAN,
		 .prompt_tokens_asked = 10,
		 .output_tokens_asked = 3,
		 .cached_tokens = NAN,
		 .ttft_ms = NAN,
		 .tpot_ms = NAN,
		 .e2e_ms = NAN,
		 .send_lag_ms = NAN,
		 .server_prompt_ms = NAN,
		 .server_output_ms = NAN,
		 .outcome = SW_DRIVE_REFUSED,
		 .is_late = true},
	};
	struct sw_drive_result result = {.n = 2, .requests = requests, .has_limits = true};
	char *text;

	CHECK_INT(sw_drive_requests_csv(&result, "a,\"b\"", &text, NULL), SW_OK);
	CHECK_STR(text,
		  "tenant,arrival_s,prompt_tokens,output_tokens,ttft_ms,tpot_ms,e2e_ms,late,status,"
		  "http_status,counted,send_lag_ms,prompt_tokens_asked,output_tokens_asked,"
		  "cached_tokens,server_prompt_ms,server_output_ms\n"
		  "\"a,\"\"b\"\"\",0.5,10,3,12.25,2,16.25,0,ok,200,1,0.125,9,3,,11,4\n"
		  "\"a,\"\"b\"\"\",1,10,,,,,1,refused,,0,,10,3,,,\n");
	free(text);
	result.has_limits = false;
	result.n = 0;
	CHECK_INT(sw_drive_requests_csv(&result, "a", &text, NULL), SW_OK);
	CHECK(strchr(text, '\n') && !strchr(text, '\n')[1]);
	free(text);
}

TEST_MAIN()

// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "base/text.h"
#include "slicewise/drive.h"

static const char header[] =
	"tenant,arrival_s,prompt_tokens,output_tokens,ttft_ms,tpot_ms,e2e_ms,late,status,"
	"http_status,counted,send_lag_ms,prompt_tokens_asked,output_tokens_asked,cached_tokens,"
	"server_prompt_ms,server_output_ms\n";

/* Microseconds of a day, and ten times finer than a clock is exact. */
enum { DIGITS = 12 };

static void put_number(struct sw_text *out, double x)
{
	if (sw_known(x))
		sw_text_addf(out, ",%.*g", DIGITS, x);
	else
		sw_text_add(out, ",", 1);
}

/* RFC 4180. */
static void put_name(struct sw_text *out, const char *name)
{
	if (!name[strcspn(name, ",\"\r\n")]) {
		sw_text_puts(out, name);
		return;
	}
	sw_text_add(out, "\"", 1);
	for (; *name; name++)
		sw_text_add(out, *name == '"' ? "\"\"" : name, *name == '"' ? 2 : 1);
	sw_text_add(out, "\"", 1);
}

static void put_request(struct sw_text *out, const struct sw_drive_request *r, bool lateness_known)
{
	put_number(out, r->arrival_s);
	put_number(out, r->prompt_tokens);
	put_number(out, r->output_tokens);
	put_number(out, r->ttft_ms);
	put_number(out, r->tpot_ms);
	put_number(out, r->e2e_ms);
	sw_text_puts(out, !lateness_known ? "," : r->is_late ? ",1" : ",0");
	sw_text_addf(out, ",%s", sw_drive_outcome_id(r->outcome));
	put_number(out, r->http_status ? (double)r->http_status : (double)NAN);
	sw_text_puts(out, r->counted ? ",1" : ",0");
	put_number(out, r->send_lag_ms);
	put_number(out, r->prompt_tokens_asked);
	put_number(out, r->output_tokens_asked);
	put_number(out, r->cached_tokens);
	put_number(out, r->server_prompt_ms);
	put_number(out, r->server_output_ms);
	sw_text_add(out, "\n", 1);
}

enum sw_status sw_drive_requests_csv(const struct sw_drive_result *result, const char *tenant,
				     char **out, struct sw_error *err)
{
	struct sw_text text = {0};

	*out = NULL;
	sw_text_puts(&text, header);
	for (size_t i = 0; i < result->n; i++) {
		put_name(&text, tenant);
		put_request(&text, &result->requests[i], result->has_limits);
	}
	if (!sw_text_ok(&text)) {
		sw_text_free(&text);
		return sw_fail(err, SW_NO_MEMORY, "%zu requests", result->n);
	}
	*out = text.data;
	return SW_OK;
}

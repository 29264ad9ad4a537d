// SPDX-License-Identifier: Apache-2.0
#include "drive/tally.h"

#include <stdlib.h>

#include "base/error.h"
#include "math/ordered.h"

static const double ns_per_ms = 1e6;

static double or_else(double known, double otherwise)
{
	return sw_known(known) ? known : otherwise;
}

static double ms_between(uint64_t from_ns, uint64_t to_ns)
{
	/* A piece cannot come before its request was due, but a clock read twice may be a tick apart. */
	return to_ns > from_ns ? (double)(to_ns - from_ns) / ns_per_ms : 0;
}

void sw__tally_answer(struct sw_drive_request *request, const struct sw__answer *answer,
		      uint64_t due_ns)
{
	double tokens = or_else(answer->output_tokens, (double)answer->pieces);

	request->prompt_tokens = or_else(answer->prompt_tokens, request->prompt_tokens_asked);
	request->output_tokens = tokens;
	request->cached_tokens = answer->cached_tokens;
	request->server_prompt_ms = answer->server_prompt_ms;
	request->server_output_ms = answer->server_output_ms;
	if (request->outcome != SW_DRIVE_OK)
		return;
	request->ttft_ms = ms_between(due_ns, answer->first_ns);
	request->e2e_ms = ms_between(due_ns, answer->last_ns);
	/* One piece may hold all tokens; then there is no time between them. */
	if (tokens > 1 && answer->pieces > 1)
		request->tpot_ms = ms_between(answer->first_ns, answer->last_ns) / (tokens - 1);
}

bool sw__tally_is_late(const struct sw_drive_request *request, double ttft_limit_ms,
		       double tpot_limit_ms)
{
	if (!sw_known(ttft_limit_ms) && !sw_known(tpot_limit_ms))
		return false;
	if (request->outcome != SW_DRIVE_OK)
		return sw_drive_failed(request->outcome);
	/* Comparisons with NAN are false: no limit, no token to be late. */
	return request->ttft_ms > ttft_limit_ms || request->tpot_ms > tpot_limit_ms;
}

struct sw_drive_summary sw__tally_summary(double *values, size_t n)
{
	struct sw_drive_summary s = {0, NAN, NAN, NAN, NAN, NAN};
	double sum = 0;
	size_t known = 0;

	for (size_t i = 0; i < n; i++) {
		if (sw_known(values[i]))
			values[known++] = values[i];
	}
	if (!known)
		return s;
	qsort(values, known, sizeof(values[0]), sw__ascending);
	for (size_t i = 0; i < known; i++)
		sum += values[i];
	s.n = known;
	s.mean = sum / (double)known;
	s.p50 = sw__sorted_quantile(values, known, 0.5);
	s.p95 = sw__sorted_quantile(values, known, 0.95);
	s.p99 = sw__sorted_quantile(values, known, 0.99);
	s.max = values[known - 1];
	return s;
}

static struct sw_drive_summary summary_of_gaps(const struct sw__histogram *gaps)
{
	return (struct sw_drive_summary){
		gaps->n,
		sw__histogram_mean(gaps),
		sw__histogram_quantile(gaps, 0.5),
		sw__histogram_quantile(gaps, 0.95),
		sw__histogram_quantile(gaps, 0.99),
		gaps->n ? gaps->max : NAN,
	};
}

#define MEMBER(name) offsetof(struct sw_drive_request, name)

/* One member of every counted request; of the ones that are ok, unless `all`. */
static struct sw_drive_summary summary_of(const struct sw_drive_result *result, size_t member,
					  bool all, double *scratch)
{
	size_t n = 0;

	for (size_t i = 0; i < result->n; i++) {
		const struct sw_drive_request *r = &result->requests[i];

		if (r->counted && (all || r->outcome == SW_DRIVE_OK))
			scratch[n++] = *(const double *)((const char *)r + member);
	}
	return sw__tally_summary(scratch, n);
}

static void count(struct sw_drive_result *result)
{
	double prompts = 0, cached = 0, judged = 0, late = 0;
	bool caches = false;

	for (size_t i = 0; i < result->n; i++) {
		const struct sw_drive_request *r = &result->requests[i];

		if (!r->counted)
			continue;
		result->outcomes[r->outcome]++;
		judged += r->outcome == SW_DRIVE_OK || sw_drive_failed(r->outcome);
		late += r->is_late;
		if (r->outcome != SW_DRIVE_OK)
			continue;
		result->short_outputs += r->output_tokens < r->output_tokens_asked;
		caches = caches || sw_known(r->cached_tokens);
		prompts += r->prompt_tokens;
		cached += or_else(r->cached_tokens, 0);
	}
	result->cached_fraction = caches && prompts > 0 ? cached / prompts : NAN;
	result->late_fraction = result->has_limits && judged > 0 ? late / judged : NAN;
}

enum sw_status sw__tally(struct sw_drive_result *result, const struct sw__histogram *gaps,
			 struct sw_error *err)
{
	double *scratch = calloc(result->n ? result->n : 1, sizeof(*scratch));
	struct sw_drive_summary *s = result->summary;

	if (!scratch)
		return sw_fail(err, SW_NO_MEMORY, "%zu requests", result->n);
	count(result);
	s[SW_DRIVE_TTFT] = summary_of(result, MEMBER(ttft_ms), false, scratch);
	s[SW_DRIVE_TPOT] = summary_of(result, MEMBER(tpot_ms), false, scratch);
	s[SW_DRIVE_E2E] = summary_of(result, MEMBER(e2e_ms), false, scratch);
	s[SW_DRIVE_SEND_LAG] = summary_of(result, MEMBER(send_lag_ms), true, scratch);
	s[SW_DRIVE_ITL] = summary_of_gaps(gaps);
	result->prompt_tokens = summary_of(result, MEMBER(prompt_tokens), false, scratch);
	result->prompt_tokens_asked =
		summary_of(result, MEMBER(prompt_tokens_asked), false, scratch);
	result->output_tokens = summary_of(result, MEMBER(output_tokens), false, scratch);
	result->output_tokens_asked =
		summary_of(result, MEMBER(output_tokens_asked), false, scratch);
	free(scratch);
	return SW_OK;
}

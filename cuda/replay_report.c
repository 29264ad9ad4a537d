// SPDX-License-Identifier: Apache-2.0
#include "replay_report.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "math/ordered.h"
#include "slicewise/observe.h"

/* Seconds to the microsecond: a clock says no more. */
static const size_t digits = 12;

static enum sw_status write_line(FILE *out, json_t *line, struct sw_error *err)
{
	char *text = line ? json_dumps(line, JSON_COMPACT | JSON_REAL_PRECISION(digits)) : NULL;
	bool written;

	json_decref(line);
	if (!text)
		return sw_fail(err, SW_NO_MEMORY, "a line of the report");
	written = fputs(text, out) >= 0 && fputc('\n', out) >= 0 && fflush(out) == 0;
	free(text);
	return written ? SW_OK
		       : sw_fail(err, SW_IO, "the report cannot be written: %s", strerror(errno));
}

/* NAN is null. */
static json_t *number(double x)
{
	return isfinite(x) ? json_real(x) : json_null();
}

enum sw_status replay_write_request(FILE *out, const char *tenant,
				    const struct engine_request_record *r, struct sw_error *err)
{
	json_t *line = json_pack(
		"{s:s,s:s,s:I,s:o,s:o,s:o,s:i,s:i,s:i,s:i}", "type", "request", "tenant", tenant,
		"id", (json_int_t)r->id, "arrival_s", number(r->arrival_s), "first_token_s",
		number(r->first_s), "last_token_s", number(r->last_s), "prompt_tokens",
		(int)r->prompt_tokens, "output_tokens", (int)r->output_tokens, "cached_tokens",
		(int)r->cached_tokens, "preemptions", (int)r->preemptions);

	return write_line(out, line, err);
}

static const char *phase_of(const struct engine_step_record *r)
{
	if (r->prompts == 0)
		return "decode";
	return r->decodes == 0 ? "prefill" : "mixed";
}

enum sw_status replay_write_step(FILE *out, const char *tenant, const struct engine_step_record *r,
				 struct sw_error *err)
{
	json_t *line = json_pack(
		"{s:s,s:s,s:o,s:s,s:i,s:i,s:i,s:i,s:i,s:o,s:o}", "type", "step", "tenant", tenant,
		"start_s", number(r->start_s), "phase", phase_of(r), "decodes", (int)r->decodes,
		"decode_context", (int)r->decode_context, "prompts", (int)r->prompts,
		"prompt_tokens", (int)r->prompt_tokens, "preempted", (int)r->preempted, "device_ms",
		number(r->device_ms), "wall_ms", number(r->wall_ms));

	return write_line(out, line, err);
}

enum sw_status replay_write_gpu(FILE *out, const char *tenant, const struct replay_gpu *gpu,
				struct sw_error *err)
{
	char words[256];
	const char *reasons = sw_clocks_words(gpu->clock_reasons, words, sizeof(words));
	json_t *line =
		json_pack("{s:s,s:s,s:o,s:o,s:o,s:o,s:o,s:s?}", "type", "gpu", "tenant", tenant,
			  "from_s", number(gpu->from_s), "to_s", number(gpu->to_s), "sm_clock_mhz",
			  number(gpu->sm_clock_mhz), "power_w", number(gpu->power_w),
			  "throttled_fraction", number(gpu->throttled_fraction), "clock_reasons",
			  isfinite(gpu->throttled_fraction) ? reasons : NULL);

	return write_line(out, line, err);
}

struct samples {
	double *value;
	size_t n, room;
};

struct replay_tally {
	double from_s, last_s;
	uint64_t requests, output_tokens;
	struct samples ttft, tpot;
};

enum sw_status replay_tally_new(double from_s, replay_tally **out, struct sw_error *err)
{
	replay_tally *t = calloc(1, sizeof(*t));

	*out = t;
	if (!t)
		return sw_fail(err, SW_NO_MEMORY, "a tally");
	t->from_s = from_s;
	return SW_OK;
}

void replay_tally_free(replay_tally *tally)
{
	if (!tally)
		return;
	free(tally->ttft.value);
	free(tally->tpot.value);
	free(tally);
}

static bool keep(struct samples *s, double value)
{
	if (s->n == s->room) {
		size_t room = s->room ? 2 * s->room : 256;
		double *more = realloc(s->value, room * sizeof(*more));

		if (!more)
			return false;
		s->value = more;
		s->room = room;
	}
	s->value[s->n++] = value;
	return true;
}

enum sw_status replay_tally_add(replay_tally *tally, const struct engine_request_record *r,
				struct sw_error *err)
{
	bool kept;

	if (r->arrival_s < tally->from_s)
		return SW_OK;
	kept = keep(&tally->ttft, (r->first_s - r->arrival_s) * 1e3);
	if (kept && r->output_tokens > 1)
		kept = keep(&tally->tpot, (r->last_s - r->first_s) * 1e3 / (r->output_tokens - 1));
	if (!kept)
		return sw_fail(err, SW_NO_MEMORY, "%zu latencies", tally->ttft.n);
	tally->requests++;
	tally->output_tokens += r->output_tokens;
	tally->last_s = fmax(tally->last_s, r->last_s);
	return SW_OK;
}

static void summarize(struct samples *s, double *out)
{
	static const double levels[] = {0.5, 0.95, 0.99};
	double sum = 0;

	out[0] = out[1] = out[2] = out[3] = NAN;
	if (s->n == 0)
		return;
	qsort(s->value, s->n, sizeof(*s->value), sw__ascending);
	for (size_t i = 0; i < s->n; i++)
		sum += s->value[i];
	out[0] = sum / (double)s->n;
	for (int i = 0; i < 3; i++)
		out[1 + i] = sw__sorted_quantile(s->value, s->n, levels[i]);
}

void replay_tally_statistics(replay_tally *tally, struct replay_statistics *out)
{
	double span = tally->last_s - tally->from_s;

	out->requests = tally->requests;
	summarize(&tally->ttft, out->ttft_ms);
	summarize(&tally->tpot, out->tpot_ms);
	out->output_tok_s =
		tally->requests > 0 && span > 0 ? (double)tally->output_tokens / span : NAN;
}

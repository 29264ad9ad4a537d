// SPDX-License-Identifier: Apache-2.0
#include "observe/engine_metrics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "net/prometheus_read.h"

/* Histograms are numbered behind the numbers. */
enum { HISTOGRAM = SW__SEEN_NUMBERS, ROLES = SW__SEEN_NUMBERS + SW__SEEN_HISTOGRAMS };

/* Names after the family's prefix; of one role the earlier ones first. As of vLLM 0.30, SGLang 0.5, llama.cpp of 2026. */
static const struct name {
	enum sw__engine_family family;
	int role;
	const char *name;
} names[] = {
	{SW__FAMILY_VLLM, HISTOGRAM + SW__SEEN_TTFT_S, "time_to_first_token_seconds"},
	{SW__FAMILY_VLLM, HISTOGRAM + SW__SEEN_TPOT_S, "request_time_per_output_token_seconds"},
	{SW__FAMILY_VLLM, HISTOGRAM + SW__SEEN_ITL_S, "inter_token_latency_seconds"},
	{SW__FAMILY_VLLM, HISTOGRAM + SW__SEEN_ITL_S, "time_per_output_token_seconds"},
	{SW__FAMILY_VLLM, HISTOGRAM + SW__SEEN_QUEUE_S, "request_queue_time_seconds"},
	{SW__FAMILY_VLLM, HISTOGRAM + SW__SEEN_PROMPT_TOKENS, "request_prompt_tokens"},
	{SW__FAMILY_VLLM, HISTOGRAM + SW__SEEN_OUTPUT_TOKENS, "request_generation_tokens"},
	{SW__FAMILY_VLLM, SW__SEEN_REQUESTS, "request_success_total"},
	{SW__FAMILY_VLLM, SW__SEEN_PROMPTS, "prompt_tokens_total"},
	{SW__FAMILY_VLLM, SW__SEEN_OUTPUTS, "generation_tokens_total"},
	{SW__FAMILY_VLLM, SW__SEEN_PREEMPTIONS, "num_preemptions_total"},
	{SW__FAMILY_VLLM, SW__SEEN_RUNNING, "num_requests_running"},
	{SW__FAMILY_VLLM, SW__SEEN_WAITING, "num_requests_waiting"},
	{SW__FAMILY_VLLM, SW__SEEN_KV_USED, "kv_cache_usage_perc"},
	{SW__FAMILY_VLLM, SW__SEEN_KV_USED, "gpu_cache_usage_perc"},
	{SW__FAMILY_SGLANG, HISTOGRAM + SW__SEEN_TTFT_S, "time_to_first_token_seconds"},
	{SW__FAMILY_SGLANG, HISTOGRAM + SW__SEEN_ITL_S, "inter_token_latency_seconds"},
	{SW__FAMILY_SGLANG, HISTOGRAM + SW__SEEN_ITL_S, "time_per_output_token_seconds"},
	{SW__FAMILY_SGLANG, SW__SEEN_REQUESTS, "num_requests_total"},
	{SW__FAMILY_SGLANG, SW__SEEN_PROMPTS, "prompt_tokens_total"},
	{SW__FAMILY_SGLANG, SW__SEEN_OUTPUTS, "generation_tokens_total"},
	{SW__FAMILY_SGLANG, SW__SEEN_RUNNING, "num_running_reqs"},
	{SW__FAMILY_SGLANG, SW__SEEN_WAITING, "num_queue_reqs"},
	{SW__FAMILY_SGLANG, SW__SEEN_KV_USED, "token_usage"},
	{SW__FAMILY_LLAMA_CPP, SW__SEEN_PROMPTS, "prompt_tokens_total"},
	{SW__FAMILY_LLAMA_CPP, SW__SEEN_OUTPUTS, "tokens_predicted_total"},
	{SW__FAMILY_LLAMA_CPP, SW__SEEN_OUTPUTS_S, "tokens_predicted_seconds_total"},
	{SW__FAMILY_LLAMA_CPP, SW__SEEN_RUNNING, "requests_processing"},
	{SW__FAMILY_LLAMA_CPP, SW__SEEN_WAITING, "requests_deferred"},
	{SW__FAMILY_LLAMA_CPP, SW__SEEN_KV_USED, "kv_cache_usage_ratio"},
};

enum { NAMES = sizeof(names) / sizeof(names[0]), NOBODY = NAMES };

static const struct {
	const char *prefix;
	size_t length;
} families[] = {
#define FAMILY(name, prefix) {prefix, sizeof(prefix) - 1},
	SW__ENGINE_FAMILY_LIST(FAMILY)
#undef FAMILY
};

const char *sw__engine_family_name(enum sw__engine_family family)
{
	static const char *const ids[] = {"vllm", "sglang", "llama.cpp", "unknown"};

	return ids[family];
}

enum part { WHOLE, BUCKET, SUM, COUNT, NOT_IT };

struct reading {
	struct sw__engine_reading *out;
	size_t teller[ROLES]; /* the name that told a role; NOBODY: none yet */
};

/* What follows a histogram's name. */
static enum part part_of(const char *rest)
{
	static const char *const parts[] = {"", "_bucket", "_sum", "_count"};

	for (int i = 0; i < (int)NOT_IT; i++)
		if (strcmp(rest, parts[i]) == 0)
			return (enum part)i;
	return NOT_IT;
}

static enum sw__engine_family family_of(const char *name)
{
	for (int f = 0; f < SW__FAMILY_COUNT; f++)
		if (strncmp(name, families[f].prefix, families[f].length) == 0)
			return (enum sw__engine_family)f;
	return SW__FAMILY_UNKNOWN;
}

static size_t find_name(enum sw__engine_family family, const char *name, enum part *part)
{
	const char *own = name + families[family].length;

	for (size_t i = 0; i < NAMES; i++) {
		size_t length;

		if (names[i].family != family)
			continue;
		length = strlen(names[i].name);
		if (strncmp(own, names[i].name, length) != 0)
			continue;
		*part = part_of(own + length);
		if (*part != NOT_IT && (*part == WHOLE) == (names[i].role < HISTOGRAM))
			return i;
	}
	return NOBODY;
}

static void add(double *to, double value)
{
	*to = isnan(*to) ? value : *to + value;
}

/* In the order of their bounds, which is that of the lines. */
static void add_bucket(struct sw__seen_histogram *h, const char *le, double value)
{
	double bound = le ? strtod(le, NULL) : NAN;
	size_t i = 0;

	if (!isfinite(bound))
		return;
	while (i < h->n && h->bound[i] < bound)
		i++;
	if (i < h->n && h->bound[i] == bound) {
		h->below[i] += value;
	} else if (i == h->n && h->n < SW__SEEN_BOUNDS_MAX) {
		h->bound[h->n] = bound;
		h->below[h->n++] = value;
	}
}

static void forget(struct sw__engine_reading *r, int role)
{
	if (role < HISTOGRAM)
		r->number[role] = NAN;
	else
		r->histogram[role - HISTOGRAM] =
			(struct sw__seen_histogram){.count = NAN, .sum = NAN};
}

static void take(struct sw__engine_reading *r, int role, enum part part,
		 const struct sw__scraped *s)
{
	struct sw__seen_histogram *h = &r->histogram[role < HISTOGRAM ? 0 : role - HISTOGRAM];

	switch (part) {
	case WHOLE:
		/* The fuller cache of several is the one that engines wait for. */
		if (role == SW__SEEN_KV_USED)
			r->number[role] = fmax(r->number[role], s->value);
		else
			add(&r->number[role], s->value);
		break;
	case BUCKET:
		add_bucket(h, sw__scraped_label(s, "le"), s->value);
		break;
	case SUM:
		add(&h->sum, s->value);
		break;
	case COUNT:
		add(&h->count, s->value);
		break;
	case NOT_IT:
		break;
	}
}

/* The memory that it found: of several engines the smallest. */
static void take_config(struct sw__engine_reading *r, const struct sw__scraped *s)
{
	static const struct {
		const char *label;
		int role;
	} of[] = {{"num_gpu_blocks", SW__SEEN_KV_BLOCKS}, {"block_size", SW__SEEN_KV_BLOCK_TOKENS}};

	for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
		const char *text = sw__scraped_label(s, of[i].label);
		double value = text ? strtod(text, NULL) : 0;

		if (value > 0)
			r->number[of[i].role] = fmin(r->number[of[i].role], value);
	}
}

static bool is_first_rank(const struct sw__scraped *s)
{
	static const char *const ranks[] = {"tp_rank", "pp_rank"};

	for (size_t i = 0; i < sizeof(ranks) / sizeof(ranks[0]); i++) {
		const char *rank = sw__scraped_label(s, ranks[i]);

		if (rank && strcmp(rank, "0") != 0)
			return false;
	}
	return true;
}

static void read_sample(void *context, const struct sw__scraped *s)
{
	struct reading *r = context;
	enum sw__engine_family family = family_of(s->name);
	enum part part;
	size_t at;

	if (strcmp(s->name, "process_start_time_seconds") == 0)
		r->out->number[SW__SEEN_STARTED_S] = s->value;
	if (family == SW__FAMILY_UNKNOWN || isnan(s->value) || !is_first_rank(s))
		return;
	r->out->family = family;
	if (strcmp(s->name, "vllm:cache_config_info") == 0)
		take_config(r->out, s);
	at = find_name(family, s->name, &part);
	if (at == NOBODY || at > r->teller[names[at].role])
		return;
	if (at < r->teller[names[at].role])
		forget(r->out, names[at].role);
	r->teller[names[at].role] = at;
	take(r->out, names[at].role, part, s);
}

void sw__engine_read(char *text, struct sw__engine_reading *out)
{
	struct reading r = {.out = out};

	*out = (struct sw__engine_reading){.family = SW__FAMILY_UNKNOWN};
	for (int role = 0; role < ROLES; role++) {
		forget(out, role);
		r.teller[role] = NOBODY;
	}
	out->malformed = sw__prometheus_read(text, read_sample, &r);
}

// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "command.h"
#include "load_views.h"
#include "report.h"

enum {
	GIVEN_DURATION = 1 << 0,
	GIVEN_REQUESTS = 1 << 1,
};

struct load_settings {
	struct common common;
	unsigned given;
	struct sw_drive_settings drive;
	unsigned concurrency, requests; /* 0: not given */
	unsigned seed;
	const char *prompt_tokens, *output_tokens, *token_ids;
	const char *requests_out, *tenant;
};

static const struct load_settings defaults = {
	.drive = SW_DRIVE_DEFAULTS,
	.seed = 1,
	.tenant = "load",
};

#define AT(member)       offsetof(struct load_settings, member)
#define AT_DRIVE(member) offsetof(struct load_settings, drive.member)

static const struct option traffic_options[] = {
	{"rate", 'r', OPTION_NUMBER, "R", AT_DRIVE(load.rate), 0, 1e6, .above_min = true,
	 .help = "requests per second, whether answers come or not"},
	{"burstiness", 0, OPTION_NUMBER, "CV", AT_DRIVE(load.burstiness), 0, 100,
	 .help = "coefficient of variation of the gaps between requests; 1, a Poisson process, "
		 "unless given"},
	{"trace", 0, OPTION_FILE, "FILE", AT_DRIVE(trace),
	 .help = "arrivals and lengths from a trace; played once as it is, or rescaled by --rate "
		 "or "
		 "--scale"},
	{"scale", 0, OPTION_NUMBER, "X", AT_DRIVE(scale), 0, 1e6, .above_min = true,
	 .help = "times the trace's own rate"},
	{"concurrency", 'c', OPTION_COUNT, "N", AT(concurrency), 1, 100000,
	 .help = "clients that each send their next request when they have their answer"},
	{"prompt-tokens", 0, OPTION_TEXT, "N|MEAN:P95", AT(prompt_tokens),
	 .help = "length of the prompts: the same for all, or lognormal by mean and 95th "
		 "percentile"},
	{"output-tokens", 0, OPTION_TEXT, "N|MEAN:P95", AT(output_tokens),
	 .help = "length of the answers, likewise"},
	{"prefix-hit-ratio", 0, OPTION_NUMBER, "F", AT_DRIVE(load.prefix_hit_ratio), 0, 0.999,
	 .help = "fraction of every prompt that all prompts share; else none is like another"},
	{"max-model-len", 0, OPTION_COUNT, "TOKENS", AT_DRIVE(max_model_len), 2, 2000000,
	 .help = "longest prompt and answer together; longer ones are cut"},
	{"seed", 0, OPTION_COUNT, "N", AT(seed), 0, 4294967295.0,
	 .help = "of arrivals and lengths; 1 unless given"},
};

static const struct option run_options[] = {
	{"duration", 'd', OPTION_NUMBER, "S", AT_DRIVE(duration_s), 0.001, 1e7,
	 .given = GIVEN_DURATION,
	 .help = "seconds during which requests are sent; 60 unless --requests or --trace is "
		 "given"},
	{"requests", 'n', OPTION_COUNT, "N", AT(requests), 1, 100000000, .given = GIVEN_REQUESTS,
	 .help = "requests at most"},
	{"warm-up", 0, OPTION_NUMBER, "S", AT_DRIVE(warm_up_s), 0, 1e7,
	 .help = "seconds before that, whose requests are sent and not counted"},
	{"timeout", 0, OPTION_NUMBER, "S", AT_DRIVE(timeout_s), 0.001, 1e7,
	 .help = "seconds that a request may take in all; 300 unless given"},
	{"max-in-flight", 0, OPTION_COUNT, "N", AT_DRIVE(in_flight_max), 1, 100000,
	 .help = "requests under way at most; more are not sent; 4096 unless given"},
};

static const struct option request_options[] = {
	{"model", 0, OPTION_TEXT, "NAME", AT_DRIVE(model),
	 .help = "the model's name; the one that the server lists unless given"},
	{"chat", 0, OPTION_FLAG, NULL, AT_DRIVE(chat),
	 .help = "/v1/chat/completions in place of /v1/completions"},
	{"token-ids", 0, OPTION_TEXT, "FIRST:LAST", AT(token_ids),
	 .help = "prompts as arrays of token ids of this range in place of words, so that their "
		 "length is exact"},
	{"ignore-eos", 0, OPTION_SWITCH, NULL, AT_DRIVE(ignore_eos),
	 .help = "ask the server not to end answers early; on unless given"},
	{"api-key", 0, OPTION_TEXT, "KEY", AT_DRIVE(api_key),
	 .help = "sent as bearer token; others on this machine may see it in the list of "
		 "processes"},
};

static const struct option limit_options[] = {
	{"ttft-limit-ms", 0, OPTION_NUMBER, "MS", AT_DRIVE(ttft_limit_ms), 0, INFINITY,
	 .above_min = true, .help = "a request with a longer time to first token is late"},
	{"tpot-limit-ms", 0, OPTION_NUMBER, "MS", AT_DRIVE(tpot_limit_ms), 0, INFINITY,
	 .above_min = true, .help = "a request with a longer time per output token is late"},
};

static const struct option output_options[] = {
	{"format", 0, OPTION_CHOICE, NULL, offsetof(struct common, format),
	 .choices = format_choices, .help = "how results are printed; table unless given"},
	{"output", 'o', OPTION_FILE, "FILE", offsetof(struct common, output),
	 .help = "write the results to FILE, whole or not at all"},
	{"requests-out", 0, OPTION_FILE, "FILE", AT(requests_out),
	 .help = "also write every request to FILE as CSV"},
	{"tenant", 0, OPTION_TEXT, "NAME", AT(tenant),
	 .help = "what stands in that file's column tenant; load unless given"},
	{"help", 'h', OPTION_FLAG, NULL, offsetof(struct common, help), .help = "print this help"},
};

static const struct option_group groups[] = {
	{"Traffic", traffic_options, COUNT(traffic_options), 0, NO_MASK, 0},
	{"Run", run_options, COUNT(run_options), 0, AT(given), 0},
	{"Requests", request_options, COUNT(request_options), 0, NO_MASK, 0},
	{"Limits", limit_options, COUNT(limit_options), 0, NO_MASK, 0},
	{"Output", output_options, COUNT(output_options), 0, NO_MASK, 0},
};

static const struct option_set options = {
	"slicewise load", groups, COUNT(groups), "ENDPOINT", 1, 1,
};

/* "A" or "A:B", both at least 0; *b is NAN where it is not there. */
static bool read_pair(const char *text, double *a, double *b)
{
	char *end;

	*b = NAN;
	if (text[strspn(text, "0123456789.:")])
		return false;
	*a = strtod(text, &end);
	if (end == text || (*end && *end != ':'))
		return false;
	if (!*end)
		return true;
	text = end + 1;
	*b = strtod(text, &end);
	return end != text && !*end;
}

static enum sw_status read_length(const char *name, const char *text, struct sw_length *out,
				  struct sw_error *err)
{
	if (!text)
		return SW_OK;
	if (!read_pair(text, &out->mean, &out->p95) || out->mean < 1 ||
	    (!sw_known(out->p95) && out->mean != floor(out->mean)))
		return fail(err, SW_USAGE,
			    "--%s: found %s, expected a whole number of tokens, or MEAN:P95", name,
			    text);
	return SW_OK;
}

static enum sw_status read_token_ids(const char *text, struct sw_drive_settings *drive,
				     struct sw_error *err)
{
	static const double id_max = 4294967295.0;
	double first, last;

	if (!text)
		return SW_OK;
	if (!read_pair(text, &first, &last) || !(last > first && last <= id_max) ||
	    first != floor(first) || last != floor(last))
		return fail(err, SW_USAGE,
			    "--token-ids: found %s, expected two whole numbers FIRST:LAST", text);
	drive->token_id_first = (unsigned)first;
	drive->token_id_last = (unsigned)last;
	return SW_OK;
}

/* What the library would refuse too, in the words of the command line. */
static enum sw_status check_together(const struct load_settings *s, struct sw_error *err)
{
	const struct sw_drive_settings *d = &s->drive;
	bool rate = sw_known(d->load.rate), scale = sw_known(d->scale);
	const struct {
		bool wrong;
		const char *what;
	} rules[] = {
		{!rate && !s->concurrency && !d->trace,
		 "one of --rate, --concurrency and --trace is missing"},
		{rate && s->concurrency, "--rate and --concurrency exclude each other"},
		{d->trace && s->concurrency, "--trace and --concurrency exclude each other"},
		{rate && scale, "--rate and --scale exclude each other"},
		{scale && !d->trace, "--scale needs --trace"},
		{d->trace && (s->prompt_tokens || s->output_tokens),
		 "--trace has its own lengths: no --prompt-tokens, no --output-tokens"},
		{!d->trace && !s->prompt_tokens, "--prompt-tokens is missing"},
		{!d->trace && !s->output_tokens, "--output-tokens is missing"},
		{d->load.burstiness != 1 && (s->concurrency || d->trace),
		 "--burstiness needs --rate, and no --trace"},
		{d->chat && s->token_ids, "--chat takes no --token-ids"},
		{s->concurrency > d->in_flight_max, "--concurrency is above --max-in-flight"},
	};

	for (size_t i = 0; i < COUNT(rules); i++) {
		if (rules[i].wrong)
			return fail(err, SW_USAGE, "%s", rules[i].what);
	}
	return SW_OK;
}

static enum sw_status read_settings(const struct call *call, struct load_settings *s,
				    struct sw_error *err)
{
	enum sw_status st = check_together(s, err);

	s->drive.endpoint = call->operands[0];
	s->drive.requests = s->requests;
	s->drive.seed = s->seed;
	if (s->concurrency)
		s->drive.load.concurrency = s->concurrency;
	if (!(s->given & GIVEN_DURATION) && (s->given & GIVEN_REQUESTS || s->drive.trace))
		s->drive.duration_s = NAN;
	if (st == SW_OK)
		st = read_length("prompt-tokens", s->prompt_tokens, &s->drive.load.prompt_tokens,
				 err);
	if (st == SW_OK)
		st = read_length("output-tokens", s->output_tokens, &s->drive.load.output_tokens,
				 err);
	if (st == SW_OK)
		st = read_token_ids(s->token_ids, &s->drive, err);
	return st;
}

/* A connection is a descriptor, and a thousand of them are few. */
static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static sw_drive *interrupted_drive;

static void on_signal(int signal_number)
{
	(void)signal_number;
	sw_drive_stop(interrupted_drive);
}

/* The first Ctrl-C ends the run with the results so far; the second one ends the program. */
static void catch_signals(sw_drive *drive)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};

	interrupted_drive = drive;
	(void)sigemptyset(&action.sa_mask);
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
}

static enum sw_status write_requests(const struct load_settings *s,
				     const struct sw_drive_result *result, struct sw_error *err)
{
	enum sw_status st;
	char *text;

	if (!s->requests_out)
		return SW_OK;
	st = sw_drive_requests_csv(result, s->tenant, &text, err);
	if (st == SW_OK)
		st = sw_file_replace(s->requests_out, text, strlen(text), err);
	free(text);
	return st;
}

static void print(const struct call *call, const struct sw_drive_result *result, FILE *out)
{
	const struct load_settings *s = call->settings;

	if (s->common.format == FORMAT_JSON)
		load_json(result, out);
	else if (s->common.format == FORMAT_CSV)
		load_csv(result, out);
	else
		load_table(result, &call->style, out);
}

/* The failure that is most frequent stands for all. */
static enum sw_status nothing_succeeded(const struct sw_drive_result *result, struct sw_error *err)
{
	int most = SW_DRIVE_OK;

	for (int i = 0; i < SW_DRIVE_OUTCOME_COUNT; i++) {
		if (result->outcomes[i] > result->outcomes[most])
			most = i;
	}
	return fail(err, SW_IO, "%s: no request succeeded%s%s%s%s", result->url,
		    result->outcomes[most] ? "; " : "",
		    result->outcomes[most] ? sw_drive_outcome_id(most) : "",
		    *result->messages[most] ? ": " : "", result->messages[most]);
}

static enum sw_status run_drive(const struct call *call, sw_drive *drive, FILE *out,
				struct sw_error *err)
{
	struct sw_drive_result *result;
	enum sw_status st = sw_drive_run(drive, &result, err);

	if (st != SW_OK)
		return st;
	print(call, result, out);
	st = write_requests(call->settings, result, err);
	if (st == SW_OK && !result->outcomes[SW_DRIVE_OK])
		st = nothing_succeeded(result, err);
	sw_drive_result_free(result);
	return st;
}

static enum sw_status run(const struct call *call, FILE *out, struct sw_error *err)
{
	struct load_settings *s = call->settings;
	enum sw_status st = read_settings(call, s, err);
	sw_drive *drive;

	if (st == SW_OK)
		st = sw_drive_new(&s->drive, &drive, err);
	if (st != SW_OK)
		return st;
	raise_descriptor_limit();
	catch_signals(drive);
	st = run_drive(call, drive, out, err);
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGTERM, SIG_DFL);
	sw_drive_free(drive);
	return st;
}

const struct command command_load = {
	.name = "load",
	.summary = "open- or closed-loop load on an inference server; TTFT and TPOT",
	.about = "Sends requests to an OpenAI-compatible server, reads the streamed answers, and "
		 "reports time to first token (TTFT), time per output token (TPOT), gaps between "
		 "tokens (ITL), end-to-end time (E2E), throughput, and how requests failed.",
	.options = &options,
	.settings_size = sizeof(struct load_settings),
	.defaults = &defaults,
	.run = run,
};

// SPDX-License-Identifier: Apache-2.0
#include "plan/demand.h"

#include "formats/distribution.h"

static const double longest_quantile =
	0.999; /* far outside a p95 or p99 limit; the rest is refused by the engine */
static const double normal_p99 = 2.326; /* sums of many lengths are nearly normal */
enum { MODEL_LEN_STEP = 1024, MODEL_LEN_MIN = 2048 };

static enum sw_status lengths_of(const struct sw_length *length, const double *trace, size_t n,
				 struct sw__lengths *out, struct sw_error *err)
{
	if (trace)
		return sw__lengths_trace(trace, n, out, err);
	if (sw_known(length->p95))
		return sw__lengths_lognormal(length->mean, length->p95, out, err);
	return sw__lengths_constant(length->mean, out, err);
}

static double moment(const struct sw__lengths *lengths, int k)
{
	double sum = 0;

	for (size_t i = 0; i < lengths->n_bins; i++)
		sum += lengths->weight[i] * pow(lengths->value[i], k);
	return sum;
}

static double longest_of(const struct sw_trace *trace)
{
	double longest = 0;

	for (size_t i = 0; i < trace->n; i++)
		longest = fmax(longest, trace->prompt_tokens[i] + trace->output_tokens[i]);
	return longest;
}

enum sw_status sw__demand_of(const struct sw_load *load, struct sw__demand *out,
			     struct sw_error *err)
{
	const struct sw_trace *trace = load->trace;
	struct sw__lengths prompt, output;
	double progress, variance;
	enum sw_status st = lengths_of(&load->prompt_tokens, trace ? trace->prompt_tokens : NULL,
				       trace ? trace->n : 0, &prompt, err);

	if (st == SW_OK)
		st = lengths_of(&load->output_tokens, trace ? trace->output_tokens : NULL,
				trace ? trace->n : 0, &output, err);
	if (st != SW_OK)
		return st;
	/*
	 * A sequence is met in proportion to its output length and anywhere within it: the part written so far has mean
	 * E[O^2] / 2 E[O] and second moment E[O^3] / 3 E[O].
	 */
	progress = moment(&output, 2) / (2 * moment(&output, 1));
	variance = moment(&output, 3) / (3 * moment(&output, 1)) - progress * progress;
	variance += prompt.mean_square - prompt.mean * prompt.mean;
	out->resident_mean = prompt.mean + progress;
	out->resident_sd = sqrt(fmax(0, variance));
	out->longest = trace ? longest_of(trace)
			     : sw__lengths_quantile(&prompt, longest_quantile) +
				       sw__lengths_quantile(&output, longest_quantile);
	return SW_OK;
}

double sw__demand_tokens(const struct sw__demand *demand, double sequences)
{
	return sequences * demand->resident_mean +
	       normal_p99 * sqrt(sequences) * demand->resident_sd;
}

unsigned sw__demand_model_len(const struct sw__demand *demand, const struct sw_model *model)
{
	double steps = ceil(demand->longest / MODEL_LEN_STEP);
	double tokens = fmin(fmax(MODEL_LEN_MIN, steps * MODEL_LEN_STEP), model->max_position);

	return (unsigned)tokens;
}

// SPDX-License-Identifier: Apache-2.0
#include "plan/dial.h"

enum { DIGITS = 3 };

static const double digit_rounding = 1e-9; /* a number of three digits is itself, not the next */

static bool is_downward(const struct sw__dial *dial)
{
	return dial->kind == SW_RELAX_LOAD;
}

double sw__dial_from(const struct sw__dial *dial, const struct sw_workload *asked)
{
	if (dial->kind == SW_RELAX_LIMIT)
		return asked->slo.bound_ms[dial->metric][dial->statistic];
	if (dial->kind == SW_RELAX_LIMITS)
		return 1;
	return sw_known(asked->load.rate) ? asked->load.rate : asked->load.concurrency;
}

static double rounded(double x, bool downward)
{
	double exponent = floor(log10(x)) - (DIGITS - 1), scale = pow(10, fabs(exponent));
	double steps = exponent < 0 ? x * scale : x / scale;

	steps = downward ? floor(steps + digit_rounding) : ceil(steps - digit_rounding);
	return exponent < 0 ? steps / scale : steps * scale;
}

double sw__dial_value(const struct sw__dial *dial, const struct sw_workload *asked, double factor)
{
	double from = sw__dial_from(dial, asked);
	bool whole = is_downward(dial) && !sw_known(asked->load.rate);

	if (factor == 1)
		return from;
	if (whole)
		return fmax(1, floor(from / factor));
	return rounded(is_downward(dial) ? from / factor : from * factor, is_downward(dial));
}

static void set_rate(const struct sw_load *asked, double rate, struct sw_load *load)
{
	load->rate = rate;
	load->trace_stretch = asked->trace_stretch * asked->rate / rate;
	load->trace_once = false;
}

void sw__dial_set(const struct sw__dial *dial, const struct sw_workload *asked, double value,
		  struct sw_workload *workload)
{
	workload->slo = asked->slo;
	workload->load = asked->load;
	if (dial->kind == SW_RELAX_LIMIT)
		workload->slo.bound_ms[dial->metric][dial->statistic] = value;
	for (int m = 0; dial->kind == SW_RELAX_LIMITS && m < SW_METRIC_COUNT; m++) {
		for (int s = 0; s < SW_STATISTIC_COUNT; s++)
			workload->slo.bound_ms[m][s] *= value;
	}
	if (dial->kind == SW_RELAX_LOAD && sw_known(asked->load.rate))
		set_rate(&asked->load, value, &workload->load);
	else if (dial->kind == SW_RELAX_LOAD)
		workload->load.concurrency = value;
}

/* Between a factor that does not hold and one that does. */
static enum sw_status bisect(const struct sw__dial *dial, const struct sw_workload *asked,
			     double precision, double fails,
			     const struct sw__dial_question *question, double *factor,
			     struct sw_error *err)
{
	enum sw_status st = SW_OK;

	while (st == SW_OK && *factor / fails > precision) {
		double middle = sqrt(*factor * fails);
		double value = sw__dial_value(dial, asked, middle);
		bool holds;

		/* Between the two there is no number of three digits. */
		if (value == sw__dial_value(dial, asked, *factor) ||
		    value == sw__dial_value(dial, asked, fails))
			break;
		st = question->holds(question->context, value, &holds, err);
		if (st == SW_OK && holds)
			*factor = middle;
		else
			fails = middle;
	}
	return st;
}

enum sw_status sw__dial_turn(const struct sw__dial *dial, const struct sw_workload *asked,
			     const struct sw__dial_search *search, double from,
			     const struct sw__dial_question *question, double *factor,
			     struct sw_error *err)
{
	double fails = from;

	*factor = INFINITY;
	while (fails < search->most) {
		double next = fmin(fails * search->growth, search->most);
		bool holds;
		enum sw_status st = question->holds(question->context,
						    sw__dial_value(dial, asked, next), &holds, err);

		if (st != SW_OK)
			return st;
		if (holds) {
			*factor = next;
			return bisect(dial, asked, search->precision, fails, question, factor, err);
		}
		fails = next;
	}
	return SW_OK;
}

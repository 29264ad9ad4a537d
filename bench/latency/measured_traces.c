// SPDX-License-Identifier: Apache-2.0
#include "formats/trace.h"
#include "latency/judgement.h"
#include "latency/measured_loads.h"

/* Reruns a trace's lengths and gaps at `rate`; the rows of the report are ms, simulated (predicted). */
static void trace_row(const struct sw_trace *trace, double rate, FILE *out)
{
	double scale = sw__trace_rate(trace) / rate;
	struct scenario s = {.kind = SCENARIO_BURSTY,
			     .curve = measured_llama_rtx,
			     .rate_per_s = rate,
			     .trace = trace,
			     .trace_stretch = scale};
	struct scenario_truth truth;
	struct sw__latency l;
	double most;

	s.batching = (struct sw__batching){SW__MIXED_STEPS, 128, 2048, 4e5, true};
	s.burstiness = sw__trace_burstiness(trace);
	if (sw__lengths_trace(trace->prompt_tokens, trace->n, &s.prompt, NULL) != SW_OK ||
	    sw__lengths_trace(trace->output_tokens, trace->n, &s.output, NULL) != SW_OK)
		return;
	if (!judgement_predict(&s, &l, &most) || !scenario_run_trace(&s, trace, scale, &truth))
		return;
	fprintf(out,
		"  %5.1f/s of %5.1f: TTFT mean %6.1f (%6.1f) p50 %6.1f (%6.1f) p95 %6.1f (%6.1f) "
		"p99 %6.1f (%6.1f)"
		"  TPOT mean %5.2f (%5.2f) p95 %5.2f (%5.2f) p99 %5.2f (%5.2f)\n",
		rate, most, truth.ttft[0], l.ttft_ms[0], truth.ttft[1], l.ttft_ms[1], truth.ttft[2],
		l.ttft_ms[2], truth.ttft[3], l.ttft_ms[3], truth.tpot[0], l.tpot_ms[0],
		truth.tpot[2], l.tpot_ms[2], truth.tpot[3], l.tpot_ms[3]);
}

static void one_trace(const char *name, FILE *out)
{
	static const double shares[] = {0.2, 0.5, 0.8};
	struct scenario s = {.kind = SCENARIO_BURSTY, .curve = measured_llama_rtx, .rate_per_s = 1};
	struct sw_trace *trace;
	struct sw__latency l;
	char path[512];
	double most;

	snprintf(path, sizeof(path), "%s/traces/%s.csv", SW_MEASURED_DIR, name);
	if (sw__trace_load(path, &trace, NULL) != SW_OK) {
		fputs("  skipped: the trace is not here\n", out);
		return;
	}
	fprintf(out, " %s, coefficient of variation of the gaps %.2f\n", name,
		sw__trace_burstiness(trace));
	s.batching = (struct sw__batching){SW__MIXED_STEPS, 128, 2048, 4e5, true};
	s.burstiness = 1;
	sw__lengths_trace(trace->prompt_tokens, trace->n, &s.prompt, NULL);
	sw__lengths_trace(trace->output_tokens, trace->n, &s.output, NULL);
	if (judgement_predict(&s, &l, &most))
		for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++)
			trace_row(trace, shares[i] * most, out);
	sw__trace_free(trace);
}

void measured_traces(FILE *out)
{
	fputs("\nRecorded lengths and gaps on that engine, rescaled: ms simulated (closed form)\n",
	      out);
	one_trace("azure-2023-conv", out);
	one_trace("azure-2023-code", out);
}

// SPDX-License-Identifier: Apache-2.0
/* Samples summed up and written out. Pure: the same series gives the same bytes. */

#include "base/error.h"
#include "base/text.h"
#include "observe/sample.h"

static void summary_add(struct sw_field_summary *summary, double value)
{
	summary->min = summary->n ? fmin(summary->min, value) : value;
	summary->max = summary->n ? fmax(summary->max, value) : value;
	summary->n++;
	/* A running mean: sums of an hour at 20 Hz keep their last digits. */
	summary->mean = summary->n == 1
				? value
				: summary->mean + (value - summary->mean) / (double)summary->n;
}

static void window_add(struct sw_device_window *window, const struct sw_device_sample *sample,
		       size_t *held_back)
{
	for (unsigned i = 0; i < SW_DEVICE_FIELD_COUNT; i++) {
		enum sw_device_field field = (enum sw_device_field)i;

		if (sw_device_knows(sample, field))
			summary_add(sw__window_field(window, field),
				    sw__sample_value(sample, field));
	}
	if (sw_device_knows(sample, SW_DEVICE_CLOCK_REASONS)) {
		window->n_reasons++;
		window->reasons |= sample->clock_reasons;
		*held_back += sw_clocks_held_back(sample->clock_reasons);
	}
	if (!window->n++)
		window->first_s = sample->time_s;
	window->last_s = sample->time_s;
}

static struct sw_device_window window_empty(void)
{
	struct sw_device_window window = {.first_s = NAN, .last_s = NAN, .held_back_fraction = NAN};

	for (unsigned i = 0; i < SW_DEVICE_FIELD_COUNT; i++)
		*sw__window_field(&window, (enum sw_device_field)i) =
			(struct sw_field_summary){.mean = NAN, .min = NAN, .max = NAN};
	return window;
}

void sw_series_window(const struct sw_series *series, double from_s, double to_s,
		      struct sw_device_window *out)
{
	size_t held_back = 0;

	*out = window_empty();
	for (size_t i = 0; i < series->n; i++) {
		const struct sw_device_sample *sample = &series->samples[i];

		if (sample->time_s >= from_s && sample->time_s < to_s)
			window_add(out, sample, &held_back);
	}
	if (out->n_reasons)
		out->held_back_fraction = (double)held_back / (double)out->n_reasons;
}

/* CSV goes out in pieces of about this size, so that an hour needs no hour's memory. */
enum { PIECE = 1 << 16 };

struct output {
	sw_write write;
	void *to;
	struct sw_text text;
	bool refused;
};

static void flush(struct output *o)
{
	if (o->text.size && !o->refused && sw_text_ok(&o->text))
		o->refused = !o->write(o->to, o->text.data, o->text.size);
	if (o->text.size)
		o->text.size = 0;
}

static void line_end(struct output *o)
{
	sw_text_puts(&o->text, "\n");
	if (o->text.size >= PIECE)
		flush(o);
}

static enum sw_status output_end(struct output *o, struct sw_error *err)
{
	enum sw_status st = SW_OK;

	flush(o);
	if (!sw_text_ok(&o->text))
		st = sw_fail(err, SW_NO_MEMORY, "a CSV of samples");
	else if (o->refused)
		st = sw_fail(err, SW_IO, "samples cannot be written");
	sw_text_free(&o->text);
	return st;
}

static void cell(struct output *o, bool known, double value)
{
	sw_text_puts(&o->text, ",");
	if (known)
		sw_text_addf(&o->text, "%.10g", value);
}

static void sample_line(struct output *o, const struct sw_device_sample *sample)
{
	sw_text_addf(&o->text, "%.6f", sample->time_s);
	for (unsigned i = 0; i < SW_DEVICE_FIELD_COUNT; i++) {
		enum sw_device_field field = (enum sw_device_field)i;

		cell(o, sw_device_knows(sample, field), sw__sample_value(sample, field));
	}
	if (sw_device_knows(sample, SW_DEVICE_CLOCK_REASONS))
		sw_text_addf(&o->text, ",%llu,%d", sample->clock_reasons,
			     sw_clocks_held_back(sample->clock_reasons));
	else
		sw_text_puts(&o->text, ",,");
	cell(o, sw_device_knows(sample, SW_DEVICE_PROCESSES),
	     (double)(sample->n_processes + sample->n_left_out));
	line_end(o);
}

enum sw_status sw_series_csv(const struct sw_series *series, sw_write write, void *to,
			     struct sw_error *err)
{
	struct output o = {.write = write, .to = to};

	sw_text_puts(&o.text, "time_s");
	for (unsigned i = 0; i < SW_DEVICE_FIELD_COUNT; i++)
		sw_text_addf(&o.text, ",%s", sw__field_name((enum sw_device_field)i));
	sw_text_puts(&o.text, ",clock_reasons,held_back,processes");
	line_end(&o);
	for (size_t i = 0; i < series->n && !o.refused; i++)
		sample_line(&o, &series->samples[i]);
	return output_end(&o, err);
}

static void process_line(struct output *o, double time_s, const struct sw_device_process *process)
{
	sw_text_addf(&o->text, "%.6f,%u,%d", time_s, process->pid,
		     (process->kinds & SW_PROCESS_MPS) != 0);
	cell(o, process->known & SW_PROCESS_KNOWS_SM, process->sm_percent);
	cell(o, process->known & SW_PROCESS_KNOWS_MEMORY, process->memory_mib);
	line_end(o);
}

enum sw_status sw_series_process_csv(const struct sw_series *series, sw_write write, void *to,
				     struct sw_error *err)
{
	struct output o = {.write = write, .to = to};

	sw_text_puts(&o.text, "time_s,pid,mps,sm_percent,memory_mib");
	line_end(&o);
	for (size_t i = 0; i < series->n && !o.refused; i++) {
		const struct sw_device_sample *sample = &series->samples[i];

		for (size_t j = 0; j < sample->n_processes; j++)
			process_line(&o, sample->time_s,
				     &series->processes[sample->first_process + j]);
	}
	return output_end(&o, err);
}

// SPDX-License-Identifier: Apache-2.0
#include "check.h"
#include "observe/sample.h"

enum { N = 4 };

/* Four seconds: power known in all, clocks in the last three, nothing of memory; one power cap, one unknown reason. */
static void fill(struct sw_device_sample *samples)
{
	static const double power_w[N] = {100, 300, 200, 400};
	static const unsigned reasons[N] = {0, SW_CLOCKS_POWER_CAP, SW_CLOCKS_IDLE, 0};

	for (unsigned i = 0; i < N; i++) {
		samples[i] = sw__sample_unknown(10 + i);
		sw__sample_set(&samples[i], SW_DEVICE_POWER, power_w[i]);
		if (i > 0)
			sw__sample_set(&samples[i], SW_DEVICE_SM_CLOCK, 1000 + 100 * i);
		if (i == 3)
			continue;
		samples[i].clock_reasons = reasons[i];
		samples[i].known |= 1u << SW_DEVICE_CLOCK_REASONS;
	}
}

TEST(windows_sum_up_what_is_known)
{
	struct sw_device_sample samples[N];
	struct sw_series series = {.n = N, .samples = samples};
	struct sw_device_window w;

	fill(samples);
	sw_series_window(&series, -INFINITY, INFINITY, &w);
	CHECK_INT(w.n, 4);
	CHECK_NEAR(w.first_s, 10, 0);
	CHECK_NEAR(w.last_s, 13, 0);
	CHECK_NEAR(w.power_w.mean, 250, 1e-12);
	CHECK_NEAR(w.power_w.min, 100, 0);
	CHECK_NEAR(w.power_w.max, 400, 0);
	CHECK_INT(w.sm_clock_mhz.n, 3);
	CHECK_NEAR(w.sm_clock_mhz.mean, 1200, 1e-12);
	CHECK_NEAR(w.sm_clock_mhz.min, 1100, 0);
	CHECK_INT(w.memory_used_mib.n, 0);
	CHECK_NEAR(w.memory_used_mib.mean, NAN, 0);
	CHECK_INT(w.n_reasons, 3);
	CHECK_NEAR(w.held_back_fraction, 1.0 / 3, 1e-12);
	CHECK_INT(w.reasons, SW_CLOCKS_POWER_CAP | SW_CLOCKS_IDLE);
}

TEST(windows_have_ends)
{
	struct sw_device_sample samples[N];
	struct sw_series series = {.n = N, .samples = samples};
	struct sw_device_window w;

	fill(samples);
	sw_series_window(&series, 11, 13, &w);
	CHECK_INT(w.n, 2);
	CHECK_NEAR(w.power_w.mean, 250, 1e-12);
	CHECK_NEAR(w.power_w.min, 200, 0);
	CHECK_NEAR(w.held_back_fraction, 0.5, 1e-12);
	sw_series_window(&series, 99, 100, &w);
	CHECK_INT(w.n, 0);
	CHECK_NEAR(w.first_s, NAN, 0);
	CHECK_NEAR(w.power_w.max, NAN, 0);
	CHECK_NEAR(w.held_back_fraction, NAN, 0);
}

struct sink {
	char text[4096];
	size_t size, calls, refuse_after;
};

static bool collect(void *to, const char *bytes, size_t size)
{
	struct sink *sink = to;

	if (sink->calls++ >= sink->refuse_after)
		return false;
	if (sink->size + size < sizeof(sink->text))
		memcpy(sink->text + sink->size, bytes, size);
	sink->size += size;
	return true;
}

TEST(samples_are_written_with_empty_cells)
{
	struct sw_device_sample samples[N];
	struct sw_series series = {.n = 2, .samples = samples};
	struct sink sink = {.refuse_after = 99};

	fill(samples);
	samples[1].known |= 1u << SW_DEVICE_PROCESSES;
	samples[1].n_left_out = 2;
	CHECK_INT(sw_series_csv(&series, collect, &sink, NULL), SW_OK);
	CHECK_STR(sink.text,
		  "time_s,sm_percent,memory_percent,sm_clock_mhz,memory_clock_mhz,power_w,"
		  "power_limit_w,temperature_c,memory_used_mib,memory_total_mib,clock_reasons,"
		  "held_back,processes\n"
		  "10.000000,,,,,100,,,,,0,0,\n"
		  "11.000000,,,1100,,300,,,,,4,1,2\n");
}

TEST(processes_are_written_line_by_line)
{
	struct sw_device_process processes[] = {
		{7, SW_PROCESS_COMPUTE, SW_PROCESS_KNOWS_SM | SW_PROCESS_KNOWS_MEMORY, 0, 12.5},
		{9, SW_PROCESS_MPS, 0, NAN, NAN},
	};
	struct sw_device_sample samples[] = {{.time_s = 1, .n_processes = 2}, {.time_s = 2}};
	struct sw_series series = {2, samples, 2, processes, 0, 0, 0};
	struct sink sink = {.refuse_after = 99};

	CHECK_INT(sw_series_process_csv(&series, collect, &sink, NULL), SW_OK);
	CHECK_STR(sink.text, "time_s,pid,mps,sm_percent,memory_mib\n"
			     "1.000000,7,0,0,12.5\n"
			     "1.000000,9,1,,\n");
}

TEST(a_refused_write_is_an_error_at_once)
{
	enum { MANY = 20000 };
	static struct sw_device_sample samples[MANY];
	struct sw_series series = {.n = MANY, .samples = samples};
	struct sink sink = {.refuse_after = 2};
	struct sw_error err = {0};

	CHECK_INT(sw_series_csv(&series, collect, &sink, &err), SW_IO);
	CHECK_STR(err.message, "samples cannot be written");
	CHECK_INT(sink.calls, 3);
	sink = (struct sink){.refuse_after = 99};
	CHECK_INT(sw_series_csv(&series, collect, &sink, &err), SW_OK);
	CHECK(sink.calls > 3 && sink.size > 400000);
}

TEST_MAIN()

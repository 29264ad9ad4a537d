/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file observe.h
 * What a GPU does while engines run on it: utilisation, clocks, power, memory, who is there, and why clocks are held back.
 *
 * Unknown is not zero. A device that does not answer one question still answers the others: every sampled field has a bit
 * in `known`, and a double without its bit is NAN. Units are suffixes: _percent (0 to 100), _mhz, _w, _c (degrees Celsius),
 * _mib (2^20 bytes), _s (seconds of CLOCK_MONOTONIC).
 *
 *     sw_nvml_open(NULL, &nvml, &err);                 the driver's library, found at run time
 *     sw_nvml_device(nvml, "0", &device, &err);        an index or a UUID
 *     sw_sampler_start(&device, NULL, &sampler, &err); a thread reads it ten times a second
 *     ...
 *     sw_sampler_stop(sampler);
 *     sw_sampler_series(sampler, -INFINITY, INFINITY, &series, &err);
 *     sw_series_window(series, from_s, to_s, &window); means, extremes, how often clocks were held back
 *
 * What is given through an `out` that has a free or close function is the caller's. A device borrows the library it came
 * from, a sampler copies its device: close the library last. NVML may be asked by several threads at once, so a device may
 * be read while a sampler samples it.
 */
#ifndef SLICEWISE_OBSERVE_H
#define SLICEWISE_OBSERVE_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "slicewise/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * X(bit, member). The fields of a sample that are one number; csv columns and windows come from this list too.
 *
 * sm_percent: time during which any kernel ran, however few SMs it filled. memory_percent: time during which device memory
 * was read or written. Both are means over the driver's own period, 1/6 s to 1 s. power_w is a mean over 1 s on most GPUs
 * since Ampere, the A100 excepted. power_limit_w is the limit in force.
 */
#define SW_DEVICE_FIELD_LIST(X)                     \
	X(SW_DEVICE_SM_PERCENT, sm_percent)         \
	X(SW_DEVICE_MEMORY_PERCENT, memory_percent) \
	X(SW_DEVICE_SM_CLOCK, sm_clock_mhz)         \
	X(SW_DEVICE_MEMORY_CLOCK, memory_clock_mhz) \
	X(SW_DEVICE_POWER, power_w)                 \
	X(SW_DEVICE_POWER_LIMIT, power_limit_w)     \
	X(SW_DEVICE_TEMPERATURE, temperature_c)     \
	X(SW_DEVICE_MEMORY_USED, memory_used_mib)   \
	X(SW_DEVICE_MEMORY_TOTAL, memory_total_mib)

enum sw_device_field {
#define SW_DEVICE_FIELD_ENUM(bit, member) bit,
	SW_DEVICE_FIELD_LIST(SW_DEVICE_FIELD_ENUM)
#undef SW_DEVICE_FIELD_ENUM
		SW_DEVICE_FIELD_COUNT,
	SW_DEVICE_CLOCK_REASONS = SW_DEVICE_FIELD_COUNT, /* clock_reasons is known */
	SW_DEVICE_PROCESSES /* the list of processes is known; empty where nobody is there */
};

/** A device at one moment. */
struct sw_device_sample {
	double time_s;
	unsigned known; /* 1u << enum sw_device_field; sw_device_knows() */
#define SW_DEVICE_FIELD_MEMBER(bit, member) double member;
	SW_DEVICE_FIELD_LIST(SW_DEVICE_FIELD_MEMBER)
#undef SW_DEVICE_FIELD_MEMBER
	unsigned long long
		clock_reasons; /* bits of SW_CLOCK_REASON_LIST, and what newer drivers add */
	size_t first_process, n_processes; /* in the series that holds the sample */
	size_t n_left_out; /* processes for which the sampler had no room */
};

static inline bool sw_device_knows(const struct sw_device_sample *sample,
				   enum sw_device_field field)
{
	return (sample->known >> (unsigned)field & 1u) != 0;
}

/** X(name, bit in NVML, whether it holds clocks below what the load could have, words). */
#define SW_CLOCK_REASON_LIST(X)                                                    \
	X(SW_CLOCKS_IDLE, 0x1, false, "idle")                                      \
	X(SW_CLOCKS_SETTING, 0x2, false, "application clocks set")                 \
	X(SW_CLOCKS_POWER_CAP, 0x4, true, "power cap")                             \
	X(SW_CLOCKS_HW_SLOWDOWN, 0x8, true, "hardware slowdown")                   \
	X(SW_CLOCKS_SYNC_BOOST, 0x10, true, "slowest GPU of its sync boost group") \
	X(SW_CLOCKS_SW_THERMAL, 0x20, true, "temperature (software)")              \
	X(SW_CLOCKS_HW_THERMAL, 0x40, true, "temperature (hardware)")              \
	X(SW_CLOCKS_POWER_BRAKE, 0x80, true, "power brake from outside")           \
	X(SW_CLOCKS_DISPLAY, 0x100, false, "display clocks set")

enum sw_clock_reason {
#define SW_CLOCK_REASON_ENUM(name, bit, holds, words) name = bit,
	SW_CLOCK_REASON_LIST(SW_CLOCK_REASON_ENUM)
#undef SW_CLOCK_REASON_ENUM
};

/** Whether these reasons hold clocks back: power, temperature, brakes. Idling and clocks that somebody set do not count. */
SW_API bool sw_clocks_held_back(unsigned long long reasons);

/**
 * The reasons in words, "power cap, temperature (software)"; "none" without any; unknown bits as a number. Returns `out`,
 * cut to `capacity` (at least 1).
 */
SW_API const char *sw_clocks_words(unsigned long long reasons, char *out, size_t capacity);

/** Bits of sw_device_process.kinds: in which of the driver's lists a process stands. MPS clients may stand in both. */
enum { SW_PROCESS_COMPUTE = 1, SW_PROCESS_MPS = 2 };

/** Bits of sw_device_process.known. */
enum { SW_PROCESS_KNOWS_SM = 1, SW_PROCESS_KNOWS_MEMORY = 2 };

/** A process with a compute context on the device. */
struct sw_device_process {
	unsigned pid; /* as the driver's namespace counts: the host's, also inside a container */
	unsigned kinds;
	unsigned known;
	double sm_percent; /* of the last second; not to be trusted under MPS */
	double memory_mib;
};

enum sw_mig { SW_MIG_UNKNOWN, SW_MIG_OFF, SW_MIG_ON };

/** What does not change while a device is watched. Unknown: "", NAN, SW_MIG_UNKNOWN. */
struct sw_device_identity {
	char name[96];
	char uuid[96];
	char pci_bus[32];
	char driver[80];
	enum sw_mig mig;
	double sms; /* NVML tells it of MIG instances only; the catalogue knows whole GPUs */
};

/**
 * How a device is asked; NVML is one answer, a simulator or a test may be another. `self` and `handle` are those of struct
 * sw_device. The outputs arrive with everything unknown. Calls come from several threads.
 */
struct sw_device_ops {
	enum sw_status (*identify)(void *self, void *handle, struct sw_device_identity *out,
				   struct sw_error *err);
	/* Fields, clock reasons and their bits; time and processes are not its business. SW_IO: nothing could be read. */
	enum sw_status (*read)(void *self, void *handle, struct sw_device_sample *out,
			       struct sw_error *err);
	/* At most `capacity` into `out`; *n is how many there are, which may be more. */
	enum sw_status (*processes)(void *self, void *handle, struct sw_device_process *out,
				    size_t capacity, size_t *n, struct sw_error *err);
};

/** One device to ask. May be copied. */
struct sw_device {
	const struct sw_device_ops *ops;
	void *self;
	void *handle;
};

/** SW_IO where the device says nothing at all. */
SW_API enum sw_status sw_device_identify(const struct sw_device *device,
					 struct sw_device_identity *out, struct sw_error *err);

/** One reading, without time and processes. SW_IO where no field could be read, naming the driver's reason. */
SW_API enum sw_status sw_device_read(const struct sw_device *device, struct sw_device_sample *out,
				     struct sw_error *err);

/** Who has a compute context, by pid. At most `capacity` go into `out`; *n is how many there are, maybe more. */
SW_API enum sw_status sw_device_processes(const struct sw_device *device,
					  struct sw_device_process *out, size_t capacity, size_t *n,
					  struct sw_error *err);

/**
 * Whether anybody is there, and the sentence for it: "GPU busy: pid 41 uses 893 MiB, pid 42 (MPS) uses 12 MiB"; "" where
 * nobody is. Cut to `capacity` (at least 1).
 */
SW_API bool sw_device_busy(const struct sw_device_process *processes, size_t n, char *out,
			   size_t capacity);

/* NVML, the library that comes with NVIDIA's driver. It is opened at run time; Slicewise neither links nor includes it. */

typedef struct sw_nvml sw_nvml;

/**
 * Open and initialise NVML. `path` NULL: "libnvidia-ml.so.1" where the dynamic linker finds it. SW_IO: no such library, not
 * an NVML, or the driver does not answer; the message says which. Release it with sw_nvml_close().
 */
SW_API enum sw_status sw_nvml_open(const char *path, sw_nvml **out, struct sw_error *err);
SW_API void sw_nvml_close(sw_nvml *nvml);

/** How many devices the driver shows this process. */
SW_API enum sw_status sw_nvml_count(const sw_nvml *nvml, unsigned *out, struct sw_error *err);

/**
 * A device by index ("0", in the order of the PCI bus) or by UUID ("GPU-...", "MIG-..."). SW_BAD_INPUT where there is no
 * such device. *out borrows `nvml`.
 */
SW_API enum sw_status sw_nvml_device(sw_nvml *nvml, const char *which, struct sw_device *out,
				     struct sw_error *err);

/* The sampler. */

/** Time, so that a test may have its own. wake() ends a wait_until_ns(), also one that begins later, for good. */
struct sw_clock {
	void *self;
	unsigned long long (*now_ns)(void *self);
	void (*wait_until_ns)(void *self, unsigned long long deadline_ns);
	void (*wake)(void *self);
};

struct sw_sampler_settings {
	double interval_s; /* 0.001 to 3600; default 0.1 */
	size_t samples_max; /* 1 to 10 million; the oldest make room; default 36 000: an hour */
	size_t processes_max; /* kept per sample, up to 256; 0: processes are not asked for; default 16 */
	const struct sw_clock *clock; /* borrowed; NULL: CLOCK_MONOTONIC */
};

SW_API struct sw_sampler_settings sw_sampler_defaults(void);

typedef struct sw_sampler sw_sampler;

/**
 * Start a thread that reads `device` now and at every multiple of the interval after. A reading that takes longer skips the
 * moments it missed and counts them; the others stay where they were. `settings` NULL: the defaults. SW_BAD_INPUT: settings
 * out of range; SW_NO_MEMORY; SW_IO: no thread. Release it with sw_sampler_free().
 */
SW_API enum sw_status sw_sampler_start(const struct sw_device *device,
				       const struct sw_sampler_settings *settings, sw_sampler **out,
				       struct sw_error *err);

/** End the thread and wait for it. What was sampled stays. May be called again; start, stop and free by one thread. */
SW_API void sw_sampler_stop(sw_sampler *sampler);

/** Stop and release. */
SW_API void sw_sampler_free(sw_sampler *sampler);

/** Samples in the order of time. */
struct sw_series {
	size_t n;
	struct sw_device_sample *samples;
	size_t n_processes;
	struct sw_device_process
		*processes; /* sample i has [first_process, first_process + n_processes) */
	unsigned long long overwritten; /* samples that made room for newer ones since the start */
	unsigned long long missed; /* moments at which no sample was taken, since the start */
	unsigned long long
		failed; /* samples in which nothing could be read, since the start; they are in the series */
};

/**
 * A copy of the samples with from_s <= time < to_s, while sampling goes on or after. Any thread. SW_NO_MEMORY. Release it
 * with sw_series_free().
 */
SW_API enum sw_status sw_sampler_series(sw_sampler *sampler, double from_s, double to_s,
					struct sw_series **out, struct sw_error *err);
SW_API void sw_series_free(struct sw_series *series);

/** One field over a window; NAN where it was never known. */
struct sw_field_summary {
	size_t n; /* samples that knew it */
	double mean, min, max;
};

/** A stretch of a series. */
struct sw_device_window {
	size_t n; /* samples in it */
	double first_s, last_s; /* times of the first and the last; NAN without any */
#define SW_DEVICE_FIELD_SUMMARY(bit, member) struct sw_field_summary member;
	SW_DEVICE_FIELD_LIST(SW_DEVICE_FIELD_SUMMARY)
#undef SW_DEVICE_FIELD_SUMMARY
	size_t n_reasons; /* samples whose clock reasons are known */
	double held_back_fraction; /* of those; NAN without any */
	unsigned long long reasons; /* every reason that was seen */
};

/** Summarise the samples with from_s <= time < to_s. Every sample weighs the same. */
SW_API void sw_series_window(const struct sw_series *series, double from_s, double to_s,
			     struct sw_device_window *out);

/** Takes bytes somewhere; false: it could not. */
typedef bool (*sw_write)(void *to, const char *bytes, size_t size);

/**
 * The samples as CSV: time_s, the fields of SW_DEVICE_FIELD_LIST by name, clock_reasons (a number), held_back (0 or 1),
 * processes (how many). Unknown: an empty cell. SW_IO where `write` refused, SW_NO_MEMORY.
 */
SW_API enum sw_status sw_series_csv(const struct sw_series *series, sw_write write, void *to,
				    struct sw_error *err);

/** The processes as CSV, one line per sample and process: time_s,pid,mps,sm_percent,memory_mib. */
SW_API enum sw_status sw_series_process_csv(const struct sw_series *series, sw_write write,
					    void *to, struct sw_error *err);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file device.h
 * What an engine needs of a GPU, as a table of operations: a real one (device_cuda.h), and one that runs the same kernels on the CPU,
 * thread by thread (device_emulated.cc), for tests and for machines without a GPU.
 *
 * Everything runs in order on one stream. Operations that only queue work report its failure at the next synchronize(). A
 * device belongs to one thread.
 */
#ifndef SLICEWISE_CUDA_DEVICE_H
#define SLICEWISE_CUDA_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "portable_types.h"
#include "slicewise/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { DEVICE_MARKS = 8 };

struct device_info {
	char name[96];
	uint32_t sms; /* that this device's work may use */
	uint32_t gpu_sms;
	uint32_t major, minor; /* compute capability */
	uint64_t total_bytes, free_bytes;
	int32_t driver, runtime; /* versions as CUDA numbers them; 0: none */
};

/** y[rows][n] = x[rows][k] w[n][k]^T, and what y held before where `add`. Rows side by side, bf16, sums in float. */
struct device_product {
	const struct bf16 *x, *w;
	struct bf16 *y;
	uint32_t rows, n, k;
	bool add;
};

struct device;

struct device_operations {
	void (*close)(struct device *device);
	enum sw_status (*allocate)(struct device *device, uint64_t bytes, void **out,
				   struct sw_error *err);
	void (*release)(struct device *device, void *memory);
	/* Memory of the host that copies run from and to without waiting; zeroes. */
	enum sw_status (*allocate_host)(struct device *device, uint64_t bytes, void **out,
					struct sw_error *err);
	void (*release_host)(struct device *device, void *memory);
	enum sw_status (*copy_in)(struct device *device, void *to, const void *from, uint64_t bytes,
				  struct sw_error *err);
	enum sw_status (*copy_out)(struct device *device, void *to, const void *from,
				   uint64_t bytes, struct sw_error *err);
	enum sw_status (*multiply)(struct device *device, const struct device_product *product,
				   struct sw_error *err);
	/* A moment of the stream, and the time between two moments that have passed. */
	enum sw_status (*mark)(struct device *device, unsigned mark, struct sw_error *err);
	enum sw_status (*between_ms)(struct device *device, unsigned from, unsigned to, double *ms,
				     struct sw_error *err);
	enum sw_status (*synchronize)(struct device *device, struct sw_error *err);
	/* What is queued between begin and end becomes a graph and does not run; SW_INFEASIBLE: this device has none. */
	enum sw_status (*graph_begin)(struct device *device, struct sw_error *err);
	enum sw_status (*graph_end)(struct device *device, void **graph, struct sw_error *err);
	enum sw_status (*graph_run)(struct device *device, void *graph, struct sw_error *err);
	void (*graph_free)(struct device *device, void *graph);
};

/** The head of every device. */
struct device {
	const struct device_operations *operations;
	struct device_info info;
	void *stream; /* for the kernels */
};

/** Runs on the CPU; graphs are refused. */
enum sw_status device_open_emulated(struct device **out, struct sw_error *err);

#ifdef __cplusplus
}
#endif

#endif

// SPDX-License-Identifier: Apache-2.0
#include "replay_check.h"

#include <stdio.h>

#include "replay_speed.h"
#include "self_check.h"
#include "slicewise/catalog.h"

enum { HALVES = 2 };

/* A model whose steps keep a large GPU busy, with the batches and contexts that engines have. */
static const char speed_model[] = "llama-7b";
enum { SPEED_CONTEXT = 512, SPEED_BATCH_MAX = 32, SPEED_PROMPT = 2048 };

static int complain(const struct sw_error *err)
{
	(void)fprintf(stderr, "slicewise-replay: %s\n", err->message);
	return 1;
}

static void print_device(const struct device_info *d)
{
	const double gib = 1 << 30;

	printf("%s, compute capability %u.%u, %u SMs, %.1f GiB (%.1f free), driver %d.%d, "
	       "runtime %d.%d\n",
	       d->name, d->major, d->minor, d->gpu_sms, (double)d->total_bytes / gib,
	       (double)d->free_bytes / gib, d->driver / 1000, d->driver % 1000 / 10,
	       d->runtime / 1000, d->runtime % 1000 / 10);
}

/* One way to run: its line, and whether it passed. */
static int check_way(struct device *device, bool graphs)
{
	struct self_check_result r;
	struct sw_error err;
	int passed;

	if (self_check(device, graphs, &r, &err) != SW_OK)
		return complain(&err);
	/* Written so that NAN fails. */
	passed = r.samples > 0 && r.worst < SELF_CHECK_TOLERANCE;
	printf("%-16s  %7u  %11u  %11.5f  %s\n", graphs ? "from graphs" : "kernel by kernel",
	       r.samples, r.preemptions, r.worst, passed ? "PASS" : "FAIL");
	return passed ? 0 : 1;
}

static int check_both_ways(struct device *device)
{
	int status;

	printf("%-16s  %7s  %11s  %11s\n", "", "samples", "preemptions", "worst error");
	status = check_way(device, false);
	return check_way(device, true) || status;
}

static enum sw_status print_speed(struct device *device, const struct device_ceilings *ceilings,
				  struct sw_error *err)
{
	struct sw_model model;
	struct replay_speed_ask ask = {device,          &model,       ceilings, SPEED_CONTEXT,
				       SPEED_BATCH_MAX, SPEED_PROMPT, true};
	sw_catalog *catalog = NULL;
	enum sw_status st = sw_catalog_open(&catalog, err);

	if (st == SW_OK)
		st = sw_catalog_model(catalog, speed_model, &model, err);
	if (st == SW_OK)
		st = replay_speed(&ask, stdout, err);
	sw_catalog_free(catalog);
	return st;
}

static void print_ceilings(const struct device_ceilings *c)
{
	printf("\ncopy     %8.1f GB/s    on the GPU, read plus written\n", c->copy_gbps);
	printf("read     %8.1f GB/s\n", c->read_gbps);
	printf("product  %8.1f TFLOPS  bf16, 8192 x 8192 x 8192\n", c->bf16_tflops);
	printf("launch   %8.2f us      of an empty kernel\n", c->launch_us);
	printf("node     %8.2f us      of an empty kernel in a graph\n", c->node_us);
}

/* Below a target is a finding and no failure: the engine's rows are what they are. So is a GPU too small to tell. */
static int check_speed(struct device *device)
{
	struct device_ceilings ceilings;
	struct sw_error err;
	enum sw_status st = device_cuda_ceilings(device, &ceilings, &err);

	if (st != SW_OK)
		return complain(&err);
	print_ceilings(&ceilings);
	st = print_speed(device, &ceilings, &err);
	if (st == SW_INFEASIBLE)
		printf("\nspeed not measured: %s\n", err.message);
	return st == SW_OK || st == SW_INFEASIBLE ? 0 : complain(&err);
}

/* Marks the SMs that kernels ran on; says how many. Where `taken` has one of them, this is no partition. */
static int print_census(struct device *device, bool graph, uint32_t taken[DEVICE_CUDA_SMS_MAX],
			uint32_t owner)
{
	uint32_t seen[DEVICE_CUDA_SMS_MAX], n = 0, foreign = 0;
	struct sw_error err;

	if (device_cuda_census(device, graph, seen, &err) != SW_OK)
		return complain(&err);
	for (size_t i = 0; i < DEVICE_CUDA_SMS_MAX; i++) {
		n += seen[i];
		foreign += seen[i] && taken[i] && taken[i] != owner;
		if (seen[i])
			taken[i] = owner;
	}
	printf("%-16s  ran on %u SMs of %u%s\n", graph ? "from graphs" : "kernel by kernel", n,
	       device->info.sms, foreign ? ", some of them another's: FAIL" : "");
	return foreign > 0 || n > device->info.sms;
}

static int check_half(struct device *half, uint32_t owner, uint32_t taken[DEVICE_CUDA_SMS_MAX])
{
	struct sw_error err;
	int status;

	if (device_cuda_enter(half, &err) != SW_OK)
		return complain(&err);
	printf("\nhalf %u: %u SMs\n", owner, half->info.sms);
	status = check_both_ways(half);
	status |= print_census(half, false, taken, owner);
	return print_census(half, true, taken, owner) || status;
}

/* A driver without green contexts is no failure of the GPU. */
static int check_halves(const struct device_cuda_ask *ask, uint32_t gpu_sms)
{
	const uint32_t sms[HALVES] = {gpu_sms / HALVES, gpu_sms / HALVES};
	uint32_t taken[DEVICE_CUDA_SMS_MAX] = {0};
	struct device *half[HALVES];
	struct sw_error err;
	enum sw_status st = device_cuda_partition(ask, sms, HALVES, half, &err);
	int status = 0;

	if (st == SW_INFEASIBLE)
		printf("\nnot split: %s\n", err.message);
	if (st != SW_OK)
		return st == SW_INFEASIBLE ? 0 : complain(&err);
	for (uint32_t i = 0; i < HALVES; i++)
		status |= check_half(half[i], i + 1, taken);
	for (uint32_t i = 0; i < HALVES; i++)
		half[i]->operations->close(half[i]);
	return status;
}

static int open_gpu(const struct device_cuda_ask *ask, struct device **device)
{
	struct sw_error err;
	enum sw_status st = device_cuda_select(ask->gpu, &err);

	if (st != SW_OK) {
		(void)complain(&err);
		return st == SW_IO ? REPLAY_NO_GPU : 1;
	}
	if (device_cuda_open(ask, device, &err) != SW_OK)
		return complain(&err);
	print_device(&(*device)->info);
	return 0;
}

int replay_check(const struct device_cuda_ask *ask)
{
	struct device *device;
	int status = open_gpu(ask, &device);

	if (status != 0)
		return status;
	status = check_both_ways(device);
	device->operations->close(device);
	return status;
}

int replay_self_test(const struct device_cuda_ask *ask)
{
	uint32_t taken[DEVICE_CUDA_SMS_MAX] = {0}, gpu_sms;
	struct device *device;
	int status = open_gpu(ask, &device);

	if (status != 0)
		return status;
	status = check_both_ways(device);
	status |= check_speed(device);
	printf("\n");
	status |= print_census(device, false, taken, 1);
	status |= print_census(device, true, taken, 1);
	gpu_sms = device->info.gpu_sms;
	device->operations->close(device);
	return check_halves(ask, gpu_sms) || status;
}

// SPDX-License-Identifier: Apache-2.0
#include "step/step_time.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "catalog/described.h"
#include "sharing/mechanism.h"
#include "slicewise/catalog.h"
#include "step/host_step.h"

/* One-sided 95 %. */
static const double NORMAL_95 = 1.6448536269514722;
/* The whole-step rows were measured on the generation before CUDA graphs and chunked prefill: vLLM 0.1 to 0.3. */
enum { PAGED_MINOR_MAX = 3 };
/* Memory of a MIG instance comes in eighths of the GPU. */
static const double MIG_MEMORY_SLICES = 8;

bool sw__step_is_paged(const struct sw_calibration *calibration, const struct sw_engine *engine)
{
	char *end;
	unsigned long major = strtoul(engine->version, &end, 10), minor;

	if (!calibration->sections[SW__SECTION_PAGED].present || engine->kind != SW_VLLM ||
	    end == engine->version || major != 0 || *end != '.')
		return false;
	minor = strtoul(end + 1, NULL, 10);
	return minor <= PAGED_MINOR_MAX;
}

void sw_calibration_step_engine(const sw_calibration *calibration, struct sw_engine *engine)
{
	if (!calibration->sections[SW__SECTION_PAGED].present || engine->kind != SW_VLLM ||
	    engine->given & (SW_KEY_VERSION | SW_KEY_CUDA_GRAPHS))
		return;
	(void)snprintf(engine->version, sizeof(engine->version), "0.2");
	engine->cuda_graphs = false;
	engine->dtype = SW_FP16;
}

/* A MIG instance is a smaller GPU: its own SMs, L2 and DRAM bandwidth. */
static void cut_for_mig(struct sw__device *dev, const struct sw_gpu *gpu,
			const struct sw_slice *slice)
{
	const struct sw_mig_profile *profile =
		sw_gpu_mig_profile(gpu, slice->share, slice->memory_gib);
	double part = profile ? profile->memory_slices / MIG_MEMORY_SLICES : slice->share;
	double sms = profile ? profile->sms : dev->sms;

	dev->peak_tflops *= sms / dev->gpu_sms;
	dev->sms = sms;
	dev->gpu_sms = sms;
	dev->dram_gb_s *= part;
	dev->l2_mib *= part;
}

struct sw__step_setting sw__step_setting(const struct sw_calibration *calibration,
					 const struct sw_engine *engine,
					 const struct sw_slice *slice)
{
	struct sw__step_setting setting = {
		.dev = sw__calibration_device(calibration, engine->dtype),
		.kv_bytes = sw_dtype_bytes(engine->kv_cache_dtype),
		/* On a host nothing is launched. */
		.cuda_graphs = engine->cuda_graphs || sw__is_host(&calibration->gpu),
		.host_exposed = sw__host_exposed(engine->kind),
	};
	static const double bits[] = {
#define QUANTIZATION_BITS(name, id, width) width,
		SW_QUANTIZATION_LIST(QUANTIZATION_BITS)
#undef QUANTIZATION_BITS
	};

	setting.weight_bytes = engine->quantization == SW_QUANT_NONE
				       ? setting.dev.element_bytes
				       : bits[engine->quantization] / 8;
	setting.dev.sms = sw__mechanism_sms(slice->mechanism, &calibration->gpu, slice->share);
	if (slice->mechanism == SW_MIG)
		cut_for_mig(&setting.dev, &calibration->gpu, slice);
	return setting;
}

static struct sw_step_time paged_time(const struct sw_calibration *calibration,
				      const struct sw__step_setting *setting,
				      const struct sw__model_ops *ops,
				      const struct sw_step_work *work)
{
	struct sw__paged_time t = sw__paged_step(&calibration->paged, &setting->dev, ops, work);

	return (struct sw_step_time){.gemm_ms = t.gemm_ms,
				     .attention_ms = t.attention_ms,
				     .other_ms = t.other_ms,
				     .host_ms = t.step_ms + t.floor_ms,
				     .dram_gb = t.dram_gb,
				     .tflop = t.tflop};
}

static struct sw_step_time composed_time(const struct sw_calibration *calibration,
					 const struct sw__step_setting *setting,
					 const struct sw__model_ops *ops,
					 const struct sw_step_work *work)
{
	struct sw__composed_time t = sw__composed_step(calibration, setting, ops, work);

	return (struct sw_step_time){.gemm_ms = t.gemm_ms,
				     .attention_ms = t.attention_ms,
				     .other_ms = t.other_ms,
				     .sampling_ms = t.sampling_ms,
				     .host_ms = t.host_ms,
				     .dram_gb = t.dram_gb,
				     .tflop = t.tflop};
}

static struct sw_step_time host_time(const struct sw__step_setting *setting,
				     const struct sw__model_ops *ops,
				     const struct sw_step_work *work)
{
	struct sw__host_time t = sw__host_step(setting, ops, work, sw__host_reread);

	return (struct sw_step_time){.gemm_ms = t.prompt_ms + t.decode_ms - t.attention_ms,
				     .attention_ms = t.attention_ms,
				     .other_ms = t.engine_ms,
				     .dram_gb = t.read_gb,
				     .tflop = t.tflop};
}

static struct sw_step_time time_by_origin(const struct sw_calibration *calibration,
					  const struct sw_engine *engine,
					  const struct sw__step_setting *setting,
					  const struct sw__model_ops *ops,
					  const struct sw_step_work *work)
{
	if (sw__is_host(&calibration->gpu))
		return host_time(setting, ops, work);
	return sw__step_is_paged(calibration, engine)
		       ? paged_time(calibration, setting, ops, work)
		       : composed_time(calibration, setting, ops, work);
}

/* What most of the time goes to: the traffic at full bandwidth, the operations at full peak, the CPU, or neither. */
static const char *what_binds(const struct sw_step_time *time, const struct sw__device *dev)
{
	double dram_ms = time->dram_gb / dev->dram_gb_s * 1000;
	double compute_ms = time->tflop / (dev->peak_tflops * dev->sms / dev->gpu_sms) * 1000;
	double half = time->total_ms / 2;

	if (time->host_ms >= half)
		return "host";
	if (fmax(dram_ms, compute_ms) < half / 2)
		return "latency";
	return dram_ms >= compute_ms ? "dram" : "compute";
}

static void add_bounds(const struct sw_calibration *calibration, const struct sw_step_work *work,
		       struct sw_step_time *time)
{
	double prefill_part = work->prefill_tokens / sw__work_tokens(work);
	double doubt = prefill_part * calibration->info.prefill_doubt +
		       (1 - prefill_part) * calibration->info.decode_doubt;

	time->low_ms = time->total_ms * exp(-NORMAL_95 * doubt);
	time->high_ms = time->total_ms * exp(NORMAL_95 * doubt);
}

struct sw_step_time sw__step_time_of(const struct sw_calibration *calibration,
				     const struct sw_engine *engine,
				     const struct sw__step_setting *setting,
				     const struct sw__model_ops *ops,
				     const struct sw_step_work *work)
{
	struct sw_step_time time = time_by_origin(calibration, engine, setting, ops, work);

	time.total_ms =
		time.gemm_ms + time.attention_ms + time.other_ms + time.sampling_ms + time.host_ms;
	time.binds = what_binds(&time, &setting->dev);
	add_bounds(calibration, work, &time);
	return time;
}

double sw__step_attention_ms(const struct sw_calibration *calibration,
			     const struct sw_engine *engine, const struct sw__step_setting *setting,
			     const struct sw__model_ops *ops, const struct sw_step_work *work)
{
	if (sw__is_host(&calibration->gpu) || sw__step_is_paged(calibration, engine))
		return time_by_origin(calibration, engine, setting, ops, work).attention_ms;
	return sw__composed_attention_ms(calibration, setting, ops, work);
}

/* A launch limiter holds the GPU's part of the time below a share: the CPU's part of a step counts as rest. */
static void stretch(struct sw_step_time *time, double limit)
{
	double before = time->total_ms, gpu_ms = before - time->host_ms;
	double factor = gpu_ms > 0 ? fmax(1, limit - time->host_ms / gpu_ms) : 1;

	time->gemm_ms *= factor;
	time->attention_ms *= factor;
	time->other_ms *= factor;
	time->sampling_ms *= factor;
	time->total_ms = time->gemm_ms + time->attention_ms + time->other_ms + time->sampling_ms +
			 time->host_ms;
	time->low_ms *= time->total_ms / before;
	time->high_ms *= time->total_ms / before;
}

enum sw_status sw_step_time(const sw_calibration *calibration, const struct sw_model *model,
			    const struct sw_engine *engine, const struct sw_slice *slice,
			    const struct sw_step_work *work, struct sw_step_time *out,
			    struct sw_error *err)
{
	struct sw__step_setting setting;
	struct sw__model_ops ops = sw__model_ops(model);
	enum sw_status st =
		sw__mechanism_check(slice->mechanism, &calibration->gpu, slice->share, err);

	if (st == SW_OK)
		st = sw__work_check(work, err);
	if (st != SW_OK)
		return st;
	setting = sw__step_setting(calibration, engine, slice);
	*out = sw__step_time_of(calibration, engine, &setting, &ops, work);
	stretch(out,
		sw__mechanism_duty_stretch(slice->mechanism, slice->share, engine->cuda_graphs));
	return SW_OK;
}

double sw_gemm_ms(const sw_calibration *calibration, enum sw_dtype dtype, double m, double n,
		  double k)
{
	struct sw__device dev = sw__calibration_device(calibration, dtype);
	/* Rows of single products come from benchmarks, in which small weights stay in L2. */
	struct sw__gemm_shape shape = {m, n, k, SW__GEMM_BENCHMARK_SETS};

	return sw__gemm(&calibration->gemm, &dev, &shape).us / 1000;
}

double sw_attention_ms(const sw_calibration *calibration, enum sw_dtype dtype, double batch,
		       double input_len, double heads, double kv_heads, double head_dim,
		       double kv_len_before)
{
	struct sw__device dev = sw__calibration_device(calibration, dtype);
	/* A single kernel that is timed over and over finds its K and V in L2. */
	struct sw__attention_shape shape = {heads, kv_heads, head_dim, dev.element_bytes, 1};
	double us = input_len > 1
			    ? sw__prefill_attention_us(&calibration->attention.prefill, &dev,
						       &shape, batch, input_len, kv_len_before)
			    : sw__decode_attention_us(&calibration->attention.decode, &dev, &shape,
						      batch, batch * (kv_len_before + 1));

	return us / 1000;
}

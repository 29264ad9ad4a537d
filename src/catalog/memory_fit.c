// SPDX-License-Identifier: Apache-2.0
/*
 * Whether an engine fits into a slice, and how many tokens of KV cache are left. The budget is what
 * the slice grants times gpu_memory_utilization, whoever enforces it; what the engine *sees*
 * depends on the mechanism and decides only which number it must be told (engine_setting.c).
 */
#include "base/error.h"
#include "catalog/described.h"
#include "catalog/engine_setting.h"
#include "catalog/engine_traits.h"
#include "catalog/kv_cache.h"
#include "catalog/memory_addends.h"
#include "catalog/names.h"

static const double gib = 1024.0 * 1024 * 1024;

/*
 * The memory a slice grants, NAN where it leaves that open. Written memory is what HAMi and
 * schedulers count, of which nvidia-smi's total is the whole, while CUDA can use a little less.
 */
static enum sw_status check_slice(const struct sw_gpu *gpu, const struct sw_slice *slice,
				  struct sw_error *err)
{
	bool shares = slice->mechanism != SW_TIMESLICE && slice->mechanism != SW_EXCLUSIVE;

	if (shares && !(slice->share > 0 && slice->share <= 1))
		return sw_fail(err, SW_BAD_INPUT,
			       "share: found %g, expected a number above 0 and at most 1",
			       slice->share);
	if (!isnan(slice->memory_gib) && !(slice->memory_gib > 0))
		return sw_fail(err, SW_BAD_INPUT, "memory_gib: found %g, expected a number above 0",
			       slice->memory_gib);
	if (slice->memory_gib > gpu->dram_gib)
		return sw_fail(err, SW_BAD_INPUT,
			       "memory_gib: found %g, expected at most %.2f GiB, the memory of %s",
			       slice->memory_gib, gpu->dram_gib, gpu->id);
	return SW_OK;
}

static enum sw_status grant_mig(const struct sw_gpu *gpu, const struct sw_slice *slice,
				struct sw_memory_fit *fit, struct sw_error *err)
{
	const struct sw_mig_profile *profile =
		sw_gpu_mig_profile(gpu, slice->share, slice->memory_gib);

	if (!gpu->n_mig)
		return sw_fail(err, SW_BAD_INPUT, "mechanism: found mig, but %s has no MIG",
			       gpu->id);
	if (!profile)
		return sw_fail(err, SW_BAD_INPUT,
			       "no MIG profile of %s has a share of %g and %g GiB", gpu->id,
			       slice->share, slice->memory_gib);
	fit->seen_gib = fit->granted_gib = profile->memory_gib;
	return SW_OK;
}

static enum sw_status grant(const struct sw_gpu *gpu, const struct sw_slice *slice,
			    struct sw_memory_fit *fit, struct sw_error *err)
{
	double visible = sw_gpu_visible_gib(gpu);
	enum sw_status st = check_slice(gpu, slice, err);

	if (st != SW_OK)
		return st;
	if (slice->mechanism == SW_MIG)
		return grant_mig(gpu, slice, fit, err);
	fit->granted_gib = isnan(slice->memory_gib) ? visible : fmin(slice->memory_gib, visible);
	fit->seen_gib = slice->mechanism == SW_HAMI ? fit->granted_gib : visible;
	return SW_OK;
}

static double tokens_in(const struct sw_engine *engine, const struct sw_memory_fit *fit,
			double kv_gib)
{
	return sw__blocks_down(engine, fmax(0, kv_gib) * gib / fit->kv_bytes_per_token);
}

static void fill(const struct sw_model *model, const struct sw_engine *engine,
		 struct sw_memory_fit *fit)
{
	double low = 0, likely = 0, high = 0;

	fit->n_addends = sw__memory_addends(model, engine, fit->addends);
	for (size_t i = 0; i < fit->n_addends; i++) {
		low += fit->addends[i].low_gib;
		likely += fit->addends[i].likely_gib;
		high += fit->addends[i].high_gib;
	}
	fit->budget_gib = fit->granted_gib * engine->gpu_memory_utilization;
	fit->kv_gib = fit->budget_gib - likely;
	fit->kv_bytes_per_token = sw_kv_bytes_per_token(model, engine);
	fit->kv_tokens = tokens_in(engine, fit, fit->kv_gib);
	fit->kv_tokens_low = tokens_in(engine, fit, fit->budget_gib - high);
	fit->kv_tokens_high = tokens_in(engine, fit, fit->budget_gib - low);
	fit->block_tokens = sw__engine_traits(engine->kind)->block_tokens;
	fit->request_gib = sw_kv_request_gib(model, engine, engine->max_model_len);
}

/*
 * A given number of tokens is what the user knows better (from a running engine's log, say): no bound beside it, and the
 * budget is what they come to with the rest.
 */
static void override_tokens(const struct sw_engine *engine, struct sw_memory_fit *fit)
{
	double workspace = fit->budget_gib - fit->kv_gib;

	if (!sw_known(engine->kv_cache_tokens))
		return;
	fit->kv_tokens = sw__blocks_down(engine, engine->kv_cache_tokens);
	fit->kv_tokens_low = fit->kv_tokens_high = fit->kv_tokens;
	fit->kv_gib = fit->kv_tokens * fit->kv_bytes_per_token / gib;
	fit->budget_gib = workspace + fit->kv_gib;
}

/* With every addend at its low bound: what does not fit even then is impossible, whatever the user knows better. */
static double least_workspace(const struct sw_memory_fit *fit)
{
	double least = 0;

	for (size_t i = 0; i < fit->n_addends; i++)
		least += fit->addends[i].low_gib;
	return least;
}

static enum sw_status judge_tokens(const struct sw_gpu *gpu, const struct sw_model *model,
				   const struct sw_engine *engine, const struct sw_memory_fit *fit,
				   struct sw_error *err)
{
	double taken = least_workspace(fit) + fit->kv_gib;

	if (!sw_known(engine->kv_cache_tokens) || taken <= fit->granted_gib)
		return SW_OK;
	return sw_fail(err, SW_INFEASIBLE,
		       "%s does not fit on %s: weights, workspace and the given kv_cache_tokens of "
		       "%.15g take "
		       "at least %.2f GiB of %.2f",
		       model->id, gpu->id, engine->kv_cache_tokens, taken, fit->granted_gib);
}

static enum sw_status judge(const struct sw_gpu *gpu, const struct sw_model *model,
			    const struct sw_engine *engine, const struct sw_memory_fit *fit,
			    struct sw_error *err)
{
	double workspace = fit->budget_gib - fit->kv_gib;
	double budget = fit->granted_gib * engine->gpu_memory_utilization;

	if (workspace >= budget)
		return sw_fail(err, SW_INFEASIBLE,
			       "%s does not fit on %s: weights and workspace take %.2f GiB of %.2f "
			       "(%.2f GiB x %g)",
			       model->id, gpu->id, workspace, budget, fit->granted_gib,
			       engine->gpu_memory_utilization);
	if (fit->request_gib <= fit->kv_gib)
		return judge_tokens(gpu, model, engine, fit, err);
	return sw_fail(err, SW_INFEASIBLE,
		       "%s does not start on %s: one request of max_model_len %u takes %.2f GiB of "
		       "KV cache and %.2f are left of %.2f GiB; a max_model_len of up to %u fits",
		       model->id, gpu->id, engine->max_model_len, fit->request_gib, fit->kv_gib,
		       fit->budget_gib, fit->max_model_len_fits);
}

/*
 * Nothing here reckons with a host's memory. The engine has what it was told, or room for as many of its longest requests as it
 * runs at once, which is how llama.cpp divides its context.
 */
static void fit_on_host(const struct sw_model *model, const struct sw_engine *engine,
			struct sw_memory_fit *fit)
{
	double most = (double)engine->max_num_seqs * engine->max_model_len;

	fit->kv_bytes_per_token = sw_kv_bytes_per_token(model, engine);
	fit->kv_tokens = sw__blocks_down(
		engine, sw_known(engine->kv_cache_tokens) ? engine->kv_cache_tokens : most);
	fit->kv_tokens_low = fit->kv_tokens_high = fit->kv_tokens;
	fit->kv_gib = fit->kv_tokens * fit->kv_bytes_per_token / gib;
	fit->block_tokens = sw__engine_traits(engine->kind)->block_tokens;
	fit->request_gib = sw_kv_request_gib(model, engine, engine->max_model_len);
	fit->max_model_len_fits = engine->max_model_len;
}

enum sw_status sw__memory_fit(const struct sw_gpu *gpu, const struct sw_model *model,
			      const struct sw_engine *engine, const struct sw_slice *slice,
			      struct sw_memory_fit *out, struct sw_error *err)
{
	enum sw_status st;

	*out = (struct sw_memory_fit){0};
	if (sw__is_host(gpu)) {
		fit_on_host(model, engine, out);
		return SW_OK;
	}
	st = grant(gpu, slice, out, err);
	if (st != SW_OK)
		return st;
	fill(model, engine, out);
	override_tokens(engine, out);
	out->max_model_len_fits =
		sw__kv_longest_request(model, engine, out->kv_gib, model->max_position);
	sw__engine_setting(engine, out);
	return judge(gpu, model, engine, out, err);
}

enum sw_status sw_memory_fit(const struct sw_gpu *gpu, const struct sw_model *model,
			     const struct sw_engine *engine, const struct sw_slice *slice,
			     struct sw_memory_fit *out, struct sw_error *err)
{
	enum sw_status st = sw__memory_fit(gpu, model, engine, slice, out, err);

	sw__memory_addends_say(model, engine, out->addends, out->n_addends);
	return st;
}

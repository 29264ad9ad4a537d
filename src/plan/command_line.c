// SPDX-License-Identifier: Apache-2.0
/* How an engine of a plan is started, for people who do it by hand. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "plan/engine_args.h"
#include "slicewise/plan.h"

enum { MIB_PER_GIB = 1024 };

/* One engine of a plan with all that its command line speaks of. */
struct starting {
	const struct sw_fleet_entry *entry;
	const struct sw_plan_gpu *gpu;
	const struct sw_workload *workload;
	const struct sw_placement *placement;
	const struct sw_engine *engine;
	struct sw_text *text;
};

static void note(const struct starting *s, const char *what)
{
	sw_text_addf(s->text, "# %s\n", what);
}

static void note_checkpoint(const struct starting *s)
{
	const char *weights = sw__engine_checkpoint(s->engine, &s->workload->model);

	if (weights)
		sw_text_addf(s->text, "# the model must be a checkpoint with %s weights\n",
			     weights);
}

static double memory_mib(const struct starting *s)
{
	return floor(s->placement->memory_gib * MIB_PER_GIB);
}

/* MPS counts percent of the SMs and rounds down itself; a share is a whole number of percent. */
static void say_mps(const struct starting *s)
{
	sw_text_addf(
		s->text,
		"CUDA_MPS_ACTIVE_THREAD_PERCENTAGE=%.0f CUDA_MPS_PINNED_DEVICE_MEM_LIMIT=0=%.0fM ",
		s->placement->share * 100, memory_mib(s));
}

/* `force`: the other policies let the limit go while a neighbour is idle. */
static void say_hami(const struct starting *s)
{
	sw_text_addf(s->text,
		     "# resources: nvidia.com/gpu: 1, nvidia.com/gpumem: %.0f, "
		     "nvidia.com/gpucores: %.0f\n"
		     "GPU_CORE_UTILIZATION_POLICY=force ",
		     memory_mib(s), round(s->placement->share * 100));
}

static void say_mig(const struct starting *s)
{
	const struct sw_mig_profile *profile =
		sw_gpu_mig_profile(&s->entry->gpu, s->placement->share, s->placement->memory_gib);

	if (profile)
		sw_text_addf(s->text, "# in a MIG instance %s: nvidia-smi mig -cgi %s:%u -C\n",
			     profile->name, profile->name, s->placement->mig_start);
}

static void say_mechanism(const struct starting *s)
{
	static void (*const say[SW_MECHANISM_COUNT])(const struct starting *) = {
		[SW_MPS] = say_mps,
		[SW_HAMI] = say_hami,
		[SW_MIG] = say_mig,
	};

	if (say[s->entry->mechanism])
		say[s->entry->mechanism](s);
}

/* One word of a shell, whatever a file was called. */
static void add_word(struct sw_text *out, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "@%+=:,./_-";

	if (word[0] && word[strspn(word, plain)] == '\0') {
		sw_text_puts(out, word);
		return;
	}
	sw_text_puts(out, "'");
	for (; *word; word++) {
		if (*word == '\'')
			sw_text_puts(out, "'\\''");
		else
			sw_text_addf(out, "%c", *word);
	}
	sw_text_puts(out, "'");
}

static enum sw_status fit_memory(const struct starting *s, struct sw_memory_fit *out,
				 struct sw_error *err)
{
	const struct sw_slice slice = {s->entry->mechanism, s->placement->share,
				       s->placement->memory_gib};
	enum sw_status st =
		sw_memory_fit(&s->entry->gpu, &s->workload->model, s->engine, &slice, out, err);

	return st == SW_INFEASIBLE ? SW_INTERNAL : st;
}

static enum sw_status say_args(const struct starting *s, struct sw_error *err)
{
	struct sw__engine_start start = {.engine = s->engine, .model = &s->workload->model};
	struct sw_text reference = {0};
	struct sw__engine_args args = {.n = 0};
	enum sw_status st = fit_memory(s, &start.fit, err);

	if (st == SW_OK)
		st = sw__model_reference(start.model, &reference, err);
	start.reference = sw_text_string(&reference);
	if (st == SW_OK)
		st = sw__engine_args(&start, &args, err);
	if (st == SW_OK && args.environment)
		sw_text_addf(s->text, "%s ", args.environment);
	for (size_t i = 0; i < args.n && st == SW_OK; i++) {
		sw_text_puts(s->text, i ? " " : "");
		add_word(s->text, args.at[i]);
	}
	sw_text_free(&reference);
	return st;
}

static enum sw_status say(const struct starting *s, struct sw_error *err)
{
	enum sw_status st;

	if (s->engine->version[0])
		sw_text_addf(s->text, "# %s %s\n", sw_engine_name(s->engine->kind),
			     s->engine->version);
	note_checkpoint(s);
	if (sw_known(s->engine->cores))
		sw_text_addf(s->text, "# with %g host cores\n", s->engine->cores);
	if (s->gpu->n > 1)
		note(s,
		     "start the engines of one GPU one after another: each measures free memory");
	if (s->placement->max_in_flight)
		sw_text_addf(s->text, "# its gateway lets in %u requests at once\n",
			     s->placement->max_in_flight);
	say_mechanism(s);
	st = say_args(s, err);
	sw_text_puts(s->text, "\n");
	return st;
}

/* How the user starts what was measured, only the user knows. */
static void say_row(const struct starting *s)
{
	const struct sw_table_row *row = s->placement->row;

	say_mechanism(s);
	sw_text_addf(s->text,
		     "# %s as measured in %s: batches of %u, %u process%s, %.6g of every %.6g "
		     "requests\n",
		     s->workload->name, s->workload->table->path, row->batch, row->processes,
		     row->processes == 1 ? "" : "es", s->placement->rate_or_concurrency,
		     s->workload->load.rate);
}

enum sw_status sw_plan_command_line(const struct sw_problem *problem, const struct sw_plan *plan,
				    size_t gpu, size_t tenant, char **out, struct sw_error *err)
{
	struct sw_text text = {0};
	struct starting s = {.text = &text};
	enum sw_status st;

	*out = NULL;
	if (gpu >= plan->n_gpus || tenant >= plan->gpus[gpu].n)
		return sw_fail(err, SW_USAGE, "GPU %zu, engine %zu: the plan has none", gpu,
			       tenant);
	s.gpu = &plan->gpus[gpu];
	s.entry = &problem->fleet[s.gpu->fleet];
	s.placement = &s.gpu->tenants[tenant];
	s.workload = &problem->workloads[s.placement->workload];
	s.engine = &s.placement->engine;
	if (s.placement->row)
		say_row(&s);
	st = s.placement->row ? SW_OK : say(&s, err);
	if (st == SW_OK && !sw_text_ok(&text))
		st = sw_fail(err, SW_NO_MEMORY, "out of memory");
	if (st == SW_OK)
		*out = text.data;
	else
		sw_text_free(&text);
	return st;
}

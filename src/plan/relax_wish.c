// SPDX-License-Identifier: Apache-2.0
#include "plan/relax_wish.h"

static bool has_replicas(const struct sw_workload *w)
{
	return w->replicas > 0;
}

static void drop_replicas(struct sw_workload *w)
{
	w->replicas = 0;
}

static double replicas(const struct sw_workload *w)
{
	return w->replicas;
}

static bool has_gpus(const struct sw_workload *w)
{
	return w->n_gpus > 0;
}

static void drop_gpus(struct sw_workload *w)
{
	w->n_gpus = 0;
}

static bool has_isolation(const struct sw_workload *w)
{
	return w->isolation != SW_ISOLATION_SHARED;
}

static void drop_isolation(struct sw_workload *w)
{
	w->isolation = SW_ISOLATION_SHARED;
}

static bool has_spread(const struct sw_workload *w)
{
	return w->spread;
}

static void drop_spread(struct sw_workload *w)
{
	w->spread = false;
}

static bool has_survive(const struct sw_workload *w)
{
	return w->survive.gpus || w->survive.nodes;
}

static void drop_survive(struct sw_workload *w)
{
	w->survive = (struct sw_survive){0};
}

static bool has_room(const struct sw_workload *w)
{
	return w->room > 0;
}

static void drop_room(struct sw_workload *w)
{
	w->room = 0;
}

static double room(const struct sw_workload *w)
{
	return w->room;
}

static bool has_not_with(const struct sw_workload *w)
{
	return w->n_not_with > 0;
}

static void drop_not_with(struct sw_workload *w)
{
	w->n_not_with = 0;
}

/* Settings of the engine that were given, and a value that says so. */
#define SETTING(name, bit, member)                              \
	static bool has_##name(const struct sw_workload *w)     \
	{                                                       \
		return w->engine.given & (bit);                 \
	}                                                       \
	static void drop_##name(struct sw_workload *w)          \
	{                                                       \
		w->engine.given &= ~(unsigned)(bit);            \
	}                                                       \
	static double value_##name(const struct sw_workload *w) \
	{                                                       \
		return w->engine.member;                        \
	}
SETTING(seqs, SW_KEY_MAX_NUM_SEQS, max_num_seqs)
SETTING(tokens, SW_KEY_MAX_NUM_BATCHED_TOKENS, max_num_batched_tokens)
SETTING(length, SW_KEY_MAX_MODEL_LEN, max_model_len)
SETTING(utilization, SW_KEY_GPU_MEMORY_UTILIZATION, gpu_memory_utilization)
SETTING(kv, SW_KEY_KV_CACHE_TOKENS, kv_cache_tokens)

static void drop_kv_tokens(struct sw_workload *w)
{
	drop_kv(w);
	w->engine.kv_cache_tokens = NAN;
}

static bool is_eager(const struct sw_workload *w)
{
	return (w->engine.given & SW_KEY_CUDA_GRAPHS) && !w->engine.cuda_graphs;
}

static void drop_eager(struct sw_workload *w)
{
	w->engine.given &= ~(unsigned)SW_KEY_CUDA_GRAPHS;
}

static const struct sw__wish wishes[] = {
	{"replicas", SW_RELAX_REPLICAS, has_replicas, drop_replicas, replicas},
	{"gpus", SW_RELAX_WISH, has_gpus, drop_gpus, NULL},
	{"isolation", SW_RELAX_WISH, has_isolation, drop_isolation, NULL},
	{"spread", SW_RELAX_WISH, has_spread, drop_spread, NULL},
	{"survive", SW_RELAX_WISH, has_survive, drop_survive, NULL},
	{"room", SW_RELAX_WISH, has_room, drop_room, room},
	{"not_with", SW_RELAX_WISH, has_not_with, drop_not_with, NULL},
	{"max_num_seqs", SW_RELAX_WISH, has_seqs, drop_seqs, value_seqs},
	{"max_num_batched_tokens", SW_RELAX_WISH, has_tokens, drop_tokens, value_tokens},
	{"max_model_len", SW_RELAX_WISH, has_length, drop_length, value_length},
	{"gpu_memory_utilization", SW_RELAX_WISH, has_utilization, drop_utilization,
	 value_utilization},
	{"kv_cache_tokens", SW_RELAX_WISH, has_kv, drop_kv_tokens, value_kv},
	{"cuda_graphs", SW_RELAX_WISH, is_eager, drop_eager, NULL},
};

const struct sw__wish *sw__wish(size_t i)
{
	return i < sizeof(wishes) / sizeof(wishes[0]) ? &wishes[i] : NULL;
}

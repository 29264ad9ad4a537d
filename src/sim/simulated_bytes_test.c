// SPDX-License-Identifier: Apache-2.0
/* The same input gives the same bytes, from every compiler. */
#include "sim/sim_fixture.h"

static const char *const small = "qwen2.5-0.5b";

/* FNV-1a over the numbers' bits; what is not known is so in more than one way. */
static void mix_in(uint64_t *hash, double x)
{
	uint64_t bits = 0;

	if (!isnan(x))
		memcpy(&bits, &x, sizeof(bits));
	for (int i = 0; i < 8; i++, bits >>= 8)
		*hash = (*hash ^ (bits & 0xff)) * 1099511628211u;
}

static void mix_in_tenant(uint64_t *hash, const struct sw_simulated_tenant *t)
{
	const double numbers[] = {t->requests_per_s, t->output_tokens_per_s,
				  t->slowdown,       t->running,
				  t->busy,           t->gpu_busy,
				  t->kv_used,        t->kv_cache_tokens,
				  t->warm_up_s,      (double)t->requests,
				  t->late_fraction,  t->excess_late,
				  (double)t->binds};

	for (int m = 0; m < SW_METRIC_COUNT; m++) {
		mix_in(hash, t->latency[m].lo);
		for (int s = 0; s < SW_STATISTIC_COUNT; s++) {
			mix_in(hash, t->latency[m].at[s]);
			mix_in(hash, t->latency[m].hi[s]);
		}
	}
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		mix_in(hash, numbers[i]);
}

static uint64_t hash_of(const struct sw_simulated *s)
{
	uint64_t hash = 14695981039346656037u;

	for (size_t i = 0; i < s->n; i++)
		mix_in_tenant(&hash, &s->tenants[i]);
	for (size_t i = 0; i < s->n_requests; i++) {
		mix_in(&hash, s->requests[i].arrival_s);
		mix_in(&hash, s->requests[i].ttft_ms);
		mix_in(&hash, s->requests[i].e2e_ms);
	}
	for (size_t i = 0; i < s->n_moments; i++) {
		mix_in(&hash, s->moments[i].busy);
		mix_in(&hash, s->moments[i].power_w);
		mix_in(&hash, s->moments[i].memory_gib);
		mix_in(&hash, s->moments[i].output_tokens_per_s);
	}
	mix_in(&hash, (double)s->events);
	return hash;
}

static uint64_t hash_with(const struct sim_fixture *f, uint64_t seed, uint64_t world)
{
	struct sw_simulate_settings settings = sim_fixture_fixed(1.5, 2);
	struct sw_simulated *s;
	uint64_t hash;

	settings.seed = seed;
	settings.world = world;
	settings.alone = settings.timeline = true;
	s = sim_fixture_simulate(f, &settings);
	CHECK_INT(s->n_moments, (f->mix.n + 1) * SW_MOMENTS);
	hash = hash_of(s);
	sw_simulated_free(s);
	return hash;
}

static void mixture(struct sim_fixture *f, enum sw_mechanism mechanism)
{
	struct sw_tenant *t;

	sim_fixture_open(f, "l4", mechanism);
	t = sim_fixture_open_loop(f, small, 0.4, 10);
	t->load.prompt_tokens = (struct sw_length){300, 800};
	t->load.output_tokens = (struct sw_length){40, 100};
	t->slo.bound_ms[SW_TTFT][SW_P95] = 40;
	sim_fixture_closed_loop(f, "qwen3-0.6b", 0.4, 3)->engine.cuda_graphs = false;
}

TEST(the_same_seed_the_same_bytes)
{
	struct sim_fixture f;
	uint64_t first;

	mixture(&f, SW_MPS);
	first = hash_with(&f, 1, 0);
	CHECK(hash_with(&f, 1, 0) == first);
	CHECK(hash_with(&f, 2, 0) != first);
	CHECK(hash_with(&f, 1, 1) != first);
	CHECK(hash_with(&f, 1, 1) == hash_with(&f, 1, 1));
	CHECK(hash_with(&f, 1, 2) != hash_with(&f, 1, 1));
	sim_fixture_close(&f);
}

/*
 * What both compilers must come to, with and without optimisation. A change of the model, of its constants or of a
 * calibration changes these: then the printed ones take their place, if a build with the other compiler prints the same.
 */
TEST(the_same_bytes_from_every_compiler)
{
	static const struct {
		enum sw_mechanism mechanism;
		uint64_t hash;
	} golden[] = {
		{SW_MPS, 0x6f444c701c0eb6a6},
		{SW_TIMESLICE, 0x5871f0a38a03f4bf},
		{SW_HAMI, 0x40a81c4f2708b88b},
	};

	for (size_t i = 0; i < sizeof(golden) / sizeof(golden[0]); i++) {
		struct sim_fixture f;
		uint64_t hash;

		mixture(&f, golden[i].mechanism);
		hash = hash_with(&f, 1, 0);
		if (!CHECK(hash == golden[i].hash))
			printf("    %s: 0x%016llx\n", sw_mechanism_name(golden[i].mechanism),
			       (unsigned long long)hash);
		sim_fixture_close(&f);
	}
}

TEST_MAIN()

// SPDX-License-Identifier: Apache-2.0
#include "plan/peer_lens.h"

#include "plan/peer_fixture.h"

static struct sw__lens lens;

/* Slower by 1.5 whoever it is beside, and whatever it is. */
static double half_more(const void *context, const struct sw__traits *const *engines, size_t n,
			size_t i)
{
	(void)context, (void)engines, (void)n, (void)i;
	return 1.5;
}

static double by_neighbour(const void *context, const struct sw__traits *const *engines, size_t n,
			   size_t i)
{
	(void)context;
	return n == 2 ? 1 + engines[1 - i]->pressure : 0;
}

/* Two engines of half a GPU each, 10 requests a second of 0.02 GPU seconds: busy for 0.4 of the time. */
static void open_two(sw_prepared **out)
{
	struct sw_tenant tenant = {.slice = {.mechanism = SW_MPS, .share = 0.5, .memory_gib = 4}};

	fake_reset();
	fake_add_gpu(SW_MPS, PEER_SMS, 40, 1, 2);
	for (size_t w = 0; w < 2; w++) {
		fake_add_workload((struct fake_workload){5, 0.02, 0.3, 3}, 10, 100);
		memcpy(tenant.name, fake_asked[w].name, sizeof(tenant.name));
		tenant.load = fake_asked[w].load;
		CHECK_INT(lens.oracle.prepare(lens.oracle.context, w, 0, &tenant, &out[w], &err),
			  SW_OK);
	}
}

static void close_two(sw_prepared **prepared)
{
	lens.oracle.release(prepared[0]);
	lens.oracle.release(prepared[1]);
	CHECK_INT(fake_prepared, 0);
}

static void predict(sw_prepared *const *prepared, size_t n, struct sw_prediction *out)
{
	lens.oracle.predict(SW_MPS, (const sw_prepared *const *)prepared, n, out);
}

/* Of fake_oracle.h: TPOT = 5 / 0.5^0.7 (1 + 0.3 * 0.4); slower by s: s times that of a load s times as large. */
TEST(a_slowdown_stretches_the_engines_own_time)
{
	double step = 5 / pow(0.5, 0.7), tpot = 1.5 * step * (1 + 0.3 * 0.6);
	struct sw_prediction predicted[2];
	sw_prepared *prepared[2];

	lens = (struct sw__lens){.form = half_more};
	sw__lens_open(&fake_oracle, &lens);
	open_two(prepared);
	predict(prepared, 1, predicted);
	CHECK_NEAR(predicted->latency[SW_TPOT].at[SW_MEAN], step * (1 + 0.3 * 0.4), 1e-12);
	predict(prepared, 2, predicted);
	CHECK_NEAR(predicted->latency[SW_TPOT].at[SW_MEAN], tpot, 1e-12);
	CHECK_NEAR(predicted->latency[SW_TPOT].hi[SW_P95], 1.1 * tpot, 1e-12);
	CHECK_NEAR(predicted->latency[SW_TTFT].at[SW_P99], 10 * tpot / (1 - 0.6), 1e-12);
	/* 1.5 times slower 2.5 times the load is more than the engine sustains. */
	lens.oracle.set_rate(prepared[0], 25);
	predict(prepared, 2, predicted);
	CHECK_INT(predicted[0].binds, SW_BINDS_OVERLOAD);
	CHECK_NEAR(predicted[1].latency[SW_TPOT].at[SW_MEAN], tpot, 1e-12);
	lens.oracle.set_rate(prepared[0], 10);
	predict(prepared, 1, predicted);
	CHECK_NEAR(predicted->latency[SW_TPOT].at[SW_MEAN], step * (1 + 0.3 * 0.4), 1e-12);
	close_two(prepared);
}

/* The fake engines are slower by what the other asks of DRAM: 0.3 * 0.5. */
TEST(a_form_sees_what_engines_are_alone)
{
	struct sw_prediction predicted[2];
	struct sw__traits traits = {.layers = 7};
	sw_prepared *prepared[2], *real = NULL;
	struct sw_tenant tenant = {.name = "w0",
				   .slice = {.mechanism = SW_MPS, .share = 0.5, .memory_gib = 4},
				   .load = {.rate = 10}};

	lens = (struct sw__lens){.form = by_neighbour};
	sw__lens_open(&fake_oracle, &lens);
	open_two(prepared);
	predict(prepared, 2, predicted);
	CHECK_NEAR(predicted[1].slowdown, 1.15, 1e-12);
	close_two(prepared);
	CHECK_INT(fake_oracle.prepare(NULL, 0, 0, &tenant, &real, &err), SW_OK);
	sw__traits_of(&fake_oracle, SW_MPS, real, &traits);
	CHECK_NEAR(traits.gpu, 0.4, 1e-12);
	CHECK_NEAR(traits.pressure, 0.15, 1e-12);
	CHECK_NEAR(traits.gpu_ms, traits.latency_ms, 1e-12);
	CHECK_NEAR(traits.layers, 7, 0);
	fake_oracle.release(real);
}

/* Bounds are believed to be the predictions; looked at clearly they are what they are, and so is the slowdown. */
TEST(a_lens_can_be_cleared)
{
	struct sw_prediction seen[2], clear[2];
	sw_prepared *prepared[2];

	lens = (struct sw__lens){.form = half_more, .points = true};
	sw__lens_open(&fake_oracle, &lens);
	open_two(prepared);
	predict(prepared, 2, seen);
	CHECK(seen[0].latency[SW_TPOT].hi[SW_P95] == seen[0].latency[SW_TPOT].at[SW_P95]);
	lens.clear = true;
	predict(prepared, 2, clear);
	CHECK_NEAR(clear[0].latency[SW_TPOT].hi[SW_P95],
		   1.1 * 5 / pow(0.5, 0.7) * (1 + 0.3 * 0.4) * 1.15, 1e-12);
	close_two(prepared);
}

TEST_MAIN()

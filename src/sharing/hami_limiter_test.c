// SPDX-License-Identifier: Apache-2.0
#include "sharing/hami_limiter.h"

#include "check.h"
#include "slicewise/catalog.h"

/* An A100: 108 SMs of 2048 threads. */
static struct sw_gpu a100(void)
{
	return (struct sw_gpu){.sms = 108, .max_threads_per_sm = 2048};
}

TEST(steps_of_the_refill_are_those_of_the_source)
{
	struct sw_gpu gpu = a100();
	struct sw__hami_limiter l;

	sw__hami_limiter_start(&l, &gpu, 0.5);
	CHECK_NEAR(l.pool, 2048.0 * 108 * 32, 0);
	/* Utilisation 0, limit 50: deviation 50 > 25, so 108^2 x 2048 x 50 / 2560 x (2 x 50 / 51). */
	sw__hami_limiter_tick(&l, 0);
	CHECK_NEAR(l.refill, 108.0 * 108 * 2048 * 50 / 2560 * 100 / 51, 1e-12);
	CHECK_NEAR(l.balance, l.refill, 0);
	/* Within 5 of the limit the step is that of 5; above it, down. */
	l.refill = 1e6;
	sw__hami_limiter_tick(&l, 52);
	CHECK_NEAR(l.refill, 1e6 - 108.0 * 108 * 2048 * 5 / 2560, 1e-12);
}

TEST(a_tick_with_more_than_everything_does_nothing)
{
	struct sw_gpu gpu = a100();
	struct sw__hami_limiter l;

	sw__hami_limiter_start(&l, &gpu, 0.5);
	l.balance = -5;
	sw__hami_limiter_tick(&l, 101);
	CHECK_NEAR(l.balance, -5, 0);
	CHECK_NEAR(l.refill, 0, 0);
}

TEST(a_launch_goes_through_while_the_balance_is_not_negative_and_may_take_it_far_below)
{
	struct sw_gpu gpu = a100();
	struct sw__hami_limiter l;

	sw__hami_limiter_start(&l, &gpu, 0.3);
	CHECK(sw__hami_limiter_launch(&l, 1e6));
	CHECK_NEAR(l.balance, -1e6, 0);
	CHECK(!sw__hami_limiter_launch(&l, 1));
	CHECK_NEAR(l.balance, -1e6, 0);
}

TEST(the_balance_stops_at_the_pool_and_the_pool_doubles_in_debt)
{
	struct sw_gpu gpu = a100();
	struct sw__hami_limiter l;
	double pool;

	sw__hami_limiter_start(&l, &gpu, 0.9);
	for (int i = 0; i < 100; i++)
		sw__hami_limiter_tick(&l, 0);
	CHECK_NEAR(l.refill, l.pool, 0);
	CHECK_NEAR(l.balance, l.pool, 0);
	pool = l.pool;
	CHECK(sw__hami_limiter_launch(&l, 10 * pool));
	sw__hami_limiter_tick(&l, 0);
	CHECK_NEAR(l.pool, 2 * pool, 0);
}

TEST(no_limit_no_limiter)
{
	struct sw_gpu gpu = a100();
	struct sw__hami_limiter l;

	sw__hami_limiter_start(&l, &gpu, 1);
	for (int i = 0; i < 10; i++)
		CHECK(sw__hami_limiter_launch(&l, 1e9));
}

/* On an H100 a step down from a limit of 10 is larger than the pool: all or nothing, as observed. */
TEST(a_small_limit_on_a_large_gpu_is_bang_bang)
{
	struct sw_gpu h100 = {.sms = 132, .max_threads_per_sm = 2048};
	struct sw__hami_limiter l;

	sw__hami_limiter_start(&l, &h100, 0.1);
	l.refill = l.pool;
	sw__hami_limiter_tick(&l, 95);
	CHECK_NEAR(l.refill, 0, 0);
}

TEST_MAIN()

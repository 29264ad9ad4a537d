// SPDX-License-Identifier: Apache-2.0
#include "observe/sample_ring.h"

#include "check.h"
#include "observe/sample.h"

/* Sample t has t % 3 processes, of pid 100 t and up. */
static void push(struct sw__ring *ring, unsigned t)
{
	struct sw_device_sample sample = sw__sample_unknown(t);
	struct sw_device_process processes[2] = {{.pid = 100 * t}, {.pid = 100 * t + 1}};

	sample.n_processes = t % 3;
	sw__ring_push(ring, &sample, processes);
}

static void check_series(const struct sw_series *series, unsigned first, size_t n)
{
	size_t processes = 0;

	CHECK_INT(series->n, n);
	for (size_t i = 0; i < series->n; i++) {
		const struct sw_device_sample *s = &series->samples[i];

		CHECK_NEAR(s->time_s, first + (double)i, 0);
		CHECK_INT(s->first_process, processes);
		CHECK_INT(s->n_processes, (first + i) % 3);
		for (size_t j = 0; j < s->n_processes; j++)
			CHECK_INT(series->processes[s->first_process + j].pid,
				  100 * (first + i) + j);
		processes += s->n_processes;
	}
	CHECK_INT(series->n_processes, processes);
}

static void check_copy(const struct sw__ring *ring, double from_s, double to_s, unsigned first,
		       size_t n)
{
	struct sw_series *series;
	struct sw_error err;

	if (!CHECK(sw__ring_copy(ring, from_s, to_s, &series, &err) == SW_OK))
		return;
	check_series(series, first, n);
	CHECK_INT(series->overwritten, ring->overwritten);
	sw_series_free(series);
}

TEST(the_oldest_make_room)
{
	struct sw__ring ring;
	struct sw_error err;

	if (!CHECK(sw__ring_init(&ring, 5, 2, &err) == SW_OK))
		return;
	check_copy(&ring, -INFINITY, INFINITY, 0, 0);
	for (unsigned t = 0; t < 17; t++) {
		push(&ring, t);
		check_copy(&ring, -INFINITY, INFINITY, t < 5 ? 0 : t - 4, t < 5 ? t + 1 : 5);
	}
	CHECK_INT(ring.overwritten, 12);
	sw__ring_clear(&ring);
}

TEST(windows_take_their_beginning_and_leave_their_end)
{
	struct sw__ring ring;
	struct sw_error err;

	if (!CHECK(sw__ring_init(&ring, 8, 2, &err) == SW_OK))
		return;
	for (unsigned t = 0; t < 13; t++)
		push(&ring, t); /* 5 to 12 are held */
	check_copy(&ring, 6, 9, 6, 3);
	check_copy(&ring, 5.5, 8.5, 6, 3);
	check_copy(&ring, 0, 6, 5, 1);
	check_copy(&ring, 12, 99, 12, 1);
	check_copy(&ring, 13, 99, 0, 0);
	check_copy(&ring, 9, 6, 0, 0);
	check_copy(&ring, NAN, NAN, 0, 0);
	sw__ring_clear(&ring);
}

TEST(processes_may_be_left_away)
{
	struct sw__ring ring;
	struct sw_error err;
	struct sw_device_sample sample = sw__sample_unknown(1);

	if (!CHECK(sw__ring_init(&ring, 2, 0, &err) == SW_OK))
		return;
	sw__ring_push(&ring, &sample, NULL);
	check_copy(&ring, 2, 3, 0, 0);
	CHECK_INT(ring.n, 1);
	sw__ring_clear(&ring);
}

TEST_MAIN()

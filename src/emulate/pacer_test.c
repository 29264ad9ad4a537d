// SPDX-License-Identifier: Apache-2.0
#include "emulate/pacer.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"

/* A GPU on which something happens every 10 ms; it notes the times to which it was moved. */
struct sw_sim {
	double now_s;
	atomic_int events, fails_at, backwards, early; /* the last two: how often that happened */
	sw__pacer *_Atomic pacer;
	double speed;
};

static const double EVENT_S = 0.01;

static double now_s(const sw_sim *sim)
{
	return sim->now_s;
}

static double next_s(const sw_sim *sim)
{
	return (atomic_load(&sim->events) + 1) * EVENT_S;
}

static enum sw_status advance(sw_sim *sim, double to_s, struct sw_error *err)
{
	sw__pacer *pacer = atomic_load(&sim->pacer);

	atomic_fetch_add(&sim->backwards, to_s < sim->now_s);
	if (atomic_load(&sim->fails_at) && atomic_load(&sim->events) >= atomic_load(&sim->fails_at))
		return sw_fail(err, SW_NO_MEMORY, "worn out");
	while (next_s(sim) <= to_s) {
		double late_s = pacer ? sw__pacer_now_s(pacer) - next_s(sim) / sim->speed : 0;

		atomic_fetch_add(&sim->early, late_s < 0);
		atomic_fetch_add(&sim->events, 1);
	}
	sim->now_s = to_s;
	return SW_OK;
}

static const struct sw__gpu_ops ops = {.now_s = now_s, .next_s = next_s, .advance = advance};

static atomic_int looks, failures;

static void looked(void *context)
{
	(void)context;
	atomic_fetch_add(&looks, 1);
}

static void failed(void *context)
{
	(void)context;
	atomic_fetch_add(&failures, 1);
}

struct note {
	struct sw__command command;
	sw_sim *sim;
	double ran_at_s; /* of simulated time */
	bool alive;
	atomic_bool done;
};

static void run_note(void *context, struct sw__command *command, bool alive)
{
	struct note *note = (struct note *)command;

	(void)context;
	note->ran_at_s = note->sim->now_s;
	note->alive = alive;
	atomic_store(&note->done, true);
}

static sw__pacer *start(sw_sim *sim, double speed)
{
	sw__pacer *pacer = NULL;
	const struct sw__pacer_settings settings = {
		.ops = &ops, .sim = sim, .speed = speed, .looked = looked, .failed = failed};

	sim->speed = speed;
	atomic_store(&failures, 0);
	CHECK_INT(sw__pacer_start(&settings, &pacer, NULL), SW_OK);
	atomic_store(&sim->pacer, pacer);
	return pacer;
}

static void wait_for(const atomic_int *number, int at_least)
{
	for (int i = 0; i < 5000 && atomic_load(number) < at_least; i++)
		(void)usleep(1000);
	CHECK(atomic_load(number) >= at_least);
}

TEST(events_happen_when_they_are_due_and_not_before)
{
	struct sw_sim sim = {0};
	sw__pacer *pacer = start(&sim, 1);
	double took_s;

	wait_for(&sim.events, 20);
	took_s = sw__pacer_now_s(pacer);
	sw__pacer_stop(pacer);
	CHECK(took_s >= 20 * EVENT_S);
	CHECK(atomic_load(&looks) >= 20);
	CHECK_INT(atomic_load(&sim.early), 0);
	CHECK_INT(atomic_load(&sim.backwards), 0);
	CHECK_INT(sw__pacer_status(pacer, NULL), SW_OK);
	CHECK_INT(atomic_load(&failures), 0);
	sw__pacer_free(pacer);
}

TEST(speed_is_simulated_time_over_real_time)
{
	struct sw_sim sim = {0};
	sw__pacer *pacer = start(&sim, 20);

	wait_for(&sim.events, 200);
	CHECK(sw__pacer_now_s(pacer) >= 200 * EVENT_S / 20);
	sw__pacer_stop(pacer);
	sw__pacer_free(pacer);
}

TEST(a_command_runs_at_the_moment_it_was_posted)
{
	struct sw_sim sim = {0};
	sw__pacer *pacer = start(&sim, 2);
	struct note notes[3] = {0};

	for (int i = 0; i < 3; i++) {
		(void)usleep(7000);
		notes[i].command.run = run_note;
		notes[i].sim = &sim;
		sw__pacer_post(pacer, &notes[i].command);
	}
	for (int i = 0; i < 3; i++) {
		for (int j = 0; j < 5000 && !atomic_load(&notes[i].done); j++)
			(void)usleep(1000);
		CHECK(notes[i].alive);
		/* Not before; after only by an event that had happened meanwhile. */
		CHECK(notes[i].ran_at_s >= notes[i].command.at_s * 2 - 1e-9);
		CHECK(i == 0 || notes[i].ran_at_s >= notes[i - 1].ran_at_s);
	}
	sw__pacer_stop(pacer);
	sw__pacer_free(pacer);
}

TEST(a_simulator_that_fails_ends_it)
{
	struct sw_sim sim = {.fails_at = 5};
	sw__pacer *pacer = start(&sim, 1);
	struct note note = {.command.run = run_note, .sim = &sim};
	struct sw_error err = {SW_OK, ""};

	wait_for(&failures, 1);
	CHECK_INT(sw__pacer_status(pacer, &err), SW_NO_MEMORY);
	CHECK_STR(err.message, "worn out");
	sw__pacer_post(pacer, &note.command);
	CHECK(atomic_load(&note.done) && !note.alive);
	sw__pacer_stop(pacer);
	sw__pacer_free(pacer);
}

TEST(a_stopped_pacer_only_releases)
{
	struct sw_sim sim = {0};
	sw__pacer *pacer = start(&sim, 1);
	struct note note = {.command.run = run_note, .sim = &sim};

	sw__pacer_stop(pacer);
	sw__pacer_post(pacer, &note.command);
	CHECK(atomic_load(&note.done) && !note.alive);
	sw__pacer_free(pacer);
	sw__pacer_free(NULL);
}

TEST_MAIN()

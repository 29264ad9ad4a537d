// SPDX-License-Identifier: Apache-2.0
#include "portable.h"

#include <ucontext.h>

#include <memory>
#include <stdexcept>
#include <vector>

/* A fiber's stack: kernels keep a few hundred floats in what would be registers, and sanitizers want room. */
static const size_t stack_bytes = 32 * 1024;

/* The far end of a stack must stay as it was made. */
static const int untouched = 0x5a;
static const size_t guard_bytes = 256;

namespace
{
enum waiting { RUNS, AT_BARRIER, AT_EXCHANGE, ENDED };

struct fiber {
	ucontext_t context;
	unsigned char *stack;
	enum waiting waits;
};

/* Stacks outlive a grid: a model's step is hundreds of grids, and making stacks would take most of the time. */
std::vector<std::unique_ptr<unsigned char[]>> stacks;

unsigned char *stack_of(size_t i)
{
	while (stacks.size() <= i) {
		stacks.emplace_back(new unsigned char[stack_bytes]);
		memset(stacks.back().get(), untouched, guard_bytes);
	}
	return stacks[i].get();
}

struct warp {
	unsigned char given[32][32], taken[32][32];
};

struct block {
	std::vector<fiber> fibers;
	std::vector<warp> warps;
	std::vector<unsigned char> shared;
	const std::function<void(void)> *kernel;
	ucontext_t home;
	size_t current;
	bool alone; /* no fiber can wait */
	struct emulation_place place;
};

block *running; /* the one block of the one grid */

void enter(void)
{
	(*running->kernel)();
	running->fibers[running->current].waits = ENDED;
	swapcontext(&running->fibers[running->current].context, &running->home);
}

void wait(enum waiting what)
{
	fiber *f = &running->fibers[running->current];

	if (running->alone)
		throw std::logic_error("a thread of a kernel launched apart waits for others");
	f->waits = what;
	swapcontext(&f->context, &running->home);
}

/* Threads of [from, to) that wait at `what` go on once all of them do that have not ended. */
bool release(size_t from, size_t to, enum waiting what)
{
	bool any = false;

	for (size_t i = from; i < to; i++) {
		if (running->fibers[i].waits != what && running->fibers[i].waits != ENDED)
			return false;
		any |= running->fibers[i].waits == what;
	}
	for (size_t i = from; i < to && any; i++)
		if (running->fibers[i].waits == what)
			running->fibers[i].waits = RUNS;
	return any;
}

bool resume(size_t i)
{
	if (running->fibers[i].waits != RUNS)
		return false;
	running->current = i;
	running->place.thread = (uint32_t)i;
	swapcontext(&running->home, &running->fibers[i].context);
	return true;
}

/* Exchanges within the warps, else the barrier of all. */
bool release_any(size_t n)
{
	bool released = false;

	for (size_t w = 0; w < running->warps.size(); w++) {
		size_t to = 32 * (w + 1) < n ? 32 * (w + 1) : n;

		if (release(32 * w, to, AT_EXCHANGE)) {
			memcpy(running->warps[w].taken, running->warps[w].given,
			       sizeof(running->warps[w].taken));
			released = true;
		}
	}
	return released || release(0, n, AT_BARRIER);
}

void start(size_t i)
{
	fiber *f = &running->fibers[i];

	getcontext(&f->context);
	f->context.uc_stack.ss_sp = f->stack;
	f->context.uc_stack.ss_size = stack_bytes;
	f->context.uc_link = nullptr;
	makecontext(&f->context, enter, 0);
	f->waits = RUNS;
}

/* One thread after the other, each to its end. */
void run_apart(size_t n)
{
	running->alone = true;
	for (size_t i = 0; i < n; i++) {
		running->place.thread = (uint32_t)i;
		(*running->kernel)();
	}
}

void run_block(size_t n)
{
	bool alive = true;

	for (size_t i = 0; i < n; i++)
		start(i);
	while (alive) {
		alive = false;
		for (size_t i = 0; i < n; i++)
			alive |= resume(i);
		alive |= release_any(n);
	}
	for (size_t i = 0; i < n; i++) {
		if (running->fibers[i].waits != ENDED)
			throw std::logic_error("threads of a block wait for each other for ever");
		for (size_t k = 0; k < guard_bytes; k++)
			if (running->fibers[i].stack[k] != untouched)
				throw std::logic_error("a thread's stack is too small");
	}
}
} // namespace

void emulation_run(bool together, dim3 grid, uint32_t threads, size_t shared_bytes,
		   const std::function<void(void)> &kernel)
{
	block b;

	b.fibers.resize(threads);
	b.warps.resize((threads + 31) / 32);
	b.shared.resize(shared_bytes + 16);
	b.kernel = &kernel;
	for (size_t i = 0; i < threads; i++)
		b.fibers[i].stack = stack_of(i);
	b.alone = false;
	running = &b;
	for (uint32_t z = 0; z < grid.z; z++)
		for (uint32_t y = 0; y < grid.y; y++)
			for (uint32_t x = 0; x < grid.x; x++) {
				b.place = {0, threads, x, y, z};
				together ? run_block(threads) : run_apart(threads);
			}
	running = nullptr;
}

const struct emulation_place *emulation_here(void)
{
	return &running->place;
}

unsigned char *emulation_shared(void)
{
	uintptr_t at = (uintptr_t)running->shared.data();

	return (unsigned char *)((at + 15) & ~(uintptr_t)15);
}

void emulation_block_barrier(void)
{
	wait(AT_BARRIER);
}

const unsigned char (*emulation_exchange(const void *mine, size_t bytes))[32]
{
	size_t i = running->current;

	memcpy(running->warps[i / 32].given[i % 32], mine, bytes);
	wait(AT_EXCHANGE);
	return running->warps[i / 32].taken;
}

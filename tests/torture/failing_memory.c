// SPDX-License-Identifier: Apache-2.0
/*
 * Without sanitizers these are malloc() and its kin for the whole process, so that jansson, libyaml and zlib fail too, and
 * blocks can be counted. A sanitizer brings its own allocator: there the linker (--wrap) leads the library's calls here.
 */
#include "failing_memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#ifdef SW_WRAPPED_MEMORY
#define OURS(function) __wrap_##function
#define REAL(function) __real_##function
#else
#define OURS(function) function
#define REAL(function) __libc_##function
#endif

/* The libraries find these only where they are exported. */
#pragma GCC visibility push(default)

void *REAL(malloc)(size_t size);
void *REAL(calloc)(size_t n, size_t size);
void *REAL(realloc)(void *old, size_t size);
void *OURS(malloc)(size_t size);
void *OURS(calloc)(size_t n, size_t size);
void *OURS(realloc)(void *old, size_t size);

static bool counting, failed;
static size_t asked, failing;
static long blocks;

void memory_arm(size_t n)
{
	asked = 0;
	failing = n;
	failed = false;
	counting = true;
}

size_t memory_disarm(bool *fired)
{
	counting = false;
	*fired = failed;
	return asked;
}

long memory_blocks(void)
{
	return blocks;
}

static bool fails(void)
{
	if (!counting || ++asked != failing)
		return false;
	failed = true;
	errno = ENOMEM;
	return true;
}

static void count_block(long more)
{
#ifdef SW_WRAPPED_MEMORY
	(void)more; /* free() is not led here; a sanitizer looks for leaks */
#else
	blocks += more;
#endif
}

static void *counted(void *block)
{
	count_block(block != NULL);
	return block;
}

void *memory_that_never_fails(size_t size)
{
	return counted(REAL(malloc)(size));
}

void *OURS(malloc)(size_t size)
{
	return fails() ? NULL : counted(REAL(malloc)(size));
}

void *OURS(calloc)(size_t n, size_t size)
{
	return fails() ? NULL : counted(REAL(calloc)(n, size));
}

void *OURS(realloc)(void *old, size_t size)
{
	void *block;

	if (fails())
		return NULL;
	block = REAL(realloc)(old, size);
	if (!old)
		return counted(block);
	if (size == 0)
		count_block(-1);
	return block;
}

#ifdef SW_WRAPPED_MEMORY
char *__real_strdup(const char *text);
char *__wrap_strdup(const char *text);

/* The C library's own calls of malloc() are not led here. */
char *__wrap_strdup(const char *text)
{
	return fails() ? NULL : __real_strdup(text);
}
#else
void __libc_free(void *block);
void *_Znwm(size_t size);
void *_Znam(size_t size);

/* operator new and new[]: where they get nothing they throw, which C cannot catch. The solvers of COIN-OR are spared. */
void *_Znwm(size_t size)
{
	return memory_that_never_fails(size);
}

void *_Znam(size_t size)
{
	return memory_that_never_fails(size);
}

void free(void *block)
{
	if (block)
		count_block(-1);
	__libc_free(block);
}
#endif

#pragma GCC visibility pop

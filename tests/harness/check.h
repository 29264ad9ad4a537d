/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file check.h
 * A small test harness: one executable per test file, doubles compared as doubles.
 *
 *     TEST(a_sentence_about_what_holds) { CHECK(x > 0); CHECK_NEAR(y, 2.5, 1e-9); }
 *     TEST_MAIN()
 *
 * A failed check prints file, line and values, and the test goes on; the program exits with 1. SKIP("why") ends a test
 * that cannot run here; a program of which every test was skipped exits with 77, which CTest shows as skipped. One without
 * a test fails.
 */
#ifndef SLICEWISE_TESTS_CHECK_H
#define SLICEWISE_TESTS_CHECK_H

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct check_test {
	const char *name;
	void (*run)(void);
	struct check_test *next;
};

static struct check_test *check_first, **check_last = &check_first;
static int check_failures, check_count;
static bool check_skipped;

static inline void check_add(struct check_test *test)
{
	*check_last = test;
	check_last = &test->next;
}

static inline bool check_report(bool ok, const char *file, int line, const char *what)
{
	check_count++;
	if (!ok) {
		check_failures++;
		printf("%s:%d: failed: %s\n", file, line, what);
	}
	return ok;
}

/* NAN equals NAN here: a test that expects "unknown" says so by NAN. */
static inline bool check_near(double actual, double expected, double tolerance)
{
	double scale = fmax(fabs(actual), fabs(expected));

	if (isnan(actual) || isnan(expected))
		return isnan(actual) && isnan(expected);
	return actual == expected || fabs(actual - expected) <= tolerance * fmax(scale, 1e-300);
}

#define TEST(name)                                                        \
	static void name(void);                                           \
	static struct check_test check_test_##name = {#name, name, NULL}; \
	__attribute__((constructor)) static void check_add_##name(void)   \
	{                                                                 \
		check_add(&check_test_##name);                            \
	}                                                                 \
	static void name(void)

#define CHECK(condition) check_report((condition), __FILE__, __LINE__, #condition)

#define CHECK_NEAR(actual, expected, relative)                                                   \
	do {                                                                                     \
		double check_a = (actual), check_e = (expected);                                 \
		if (!check_report(check_near(check_a, check_e, (relative)), __FILE__, __LINE__,  \
				  #actual " is near " #expected))                                \
			printf("    actual %.12g, expected %.12g within %g\n", check_a, check_e, \
			       (double)(relative));                                              \
	} while (0)

#define CHECK_INT(actual, expected)                                                       \
	do {                                                                              \
		long long check_a = (long long)(actual), check_e = (long long)(expected); \
		if (!check_report(check_a == check_e, __FILE__, __LINE__,                 \
				  #actual " == " #expected))                              \
			printf("    actual %lld, expected %lld\n", check_a, check_e);     \
	} while (0)

#define CHECK_STR(actual, expected)                                                             \
	do {                                                                                    \
		const char *check_a = (actual), *check_e = (expected);                          \
		if (!check_report(check_a && strcmp(check_a, check_e) == 0, __FILE__, __LINE__, \
				  #actual " is " #expected))                                    \
			printf("    actual \"%s\"\n    expected \"%s\"\n",                      \
			       check_a ? check_a : "(null)", check_e);                          \
	} while (0)

#define SKIP(why)                                 \
	do {                                      \
		printf("    skipped: %s\n", why); \
		check_skipped = true;             \
		return;                           \
	} while (0)

static inline int check_main(void)
{
	int passed = 0, failed = 0, skipped = 0;

	for (struct check_test *test = check_first; test; test = test->next) {
		int before = check_failures;

		check_skipped = false;
		test->run();
		if (check_failures > before) {
			printf("FAIL %s\n", test->name);
			failed++;
		} else if (check_skipped) {
			skipped++;
		} else {
			passed++;
		}
	}
	printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped);
	if (failed || !check_first)
		return 1;
	return passed == 0 && skipped > 0 ? 77 : 0;
}

#define TEST_MAIN()                  \
	int main(void)               \
	{                            \
		return check_main(); \
	}

#endif

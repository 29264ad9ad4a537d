/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file status.h
 * How every call reports what went wrong.
 *
 * A function that can fail returns an `enum sw_status` and takes a `struct sw_error *` as its last argument, which may be
 * NULL. On success the error is untouched. The library never prints, never exits and never reads the environment.
 */
#ifndef SLICEWISE_STATUS_H
#define SLICEWISE_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

#if defined(_WIN32)
#define SW_API
#else
#define SW_API __attribute__((visibility("default")))
#endif

/** X(name, exit status of the command line, what it means). One list makes the enum, the strings and the documentation. */
#define SW_STATUS_LIST(X)                                                        \
	X(SW_OK, 0, "success")                                                   \
	X(SW_USAGE, 1, "wrong use of a command or a call")                       \
	X(SW_BAD_INPUT, 2, "input refused")                                      \
	X(SW_INFEASIBLE, 3, "no plan holds every limit, or a model fits no GPU") \
	X(SW_IO, 4, "a file, the network or a device failed")                    \
	X(SW_NO_MEMORY, 4, "out of memory")                                      \
	X(SW_INTERNAL, 4, "a result failed its own check; please report it")

enum sw_status {
#define SW_STATUS_ENUM(name, exit_status, meaning) name,
	SW_STATUS_LIST(SW_STATUS_ENUM)
#undef SW_STATUS_ENUM
};

/** What went wrong, for a person: file, line, key, what was found and what was expected, as far as they apply. */
struct sw_error {
	enum sw_status status;
	char message[1024];
};

/** The name of a status, such as "SW_BAD_INPUT". Static storage; never NULL. */
SW_API const char *sw_status_name(enum sw_status status);

/** What a status means, one line. Static storage; never NULL. */
SW_API const char *sw_status_meaning(enum sw_status status);

/** The exit status that a program reports for it (0 done, 1 usage, 2 bad input, 3 infeasible, 4 the world failed). */
SW_API int sw_status_exit(enum sw_status status);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fuzz_file.h
 * The fuzzer's bytes as a file that has a path, for readers that take one.
 */
#ifndef SLICEWISE_TESTS_FUZZ_FILE_H
#define SLICEWISE_TESTS_FUZZ_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct fuzz_file {
	int fd;
	char path[64];
};

static inline struct fuzz_file fuzz_file_open(const uint8_t *data, size_t size)
{
	struct fuzz_file file = {.fd = memfd_create("fuzz", 0)};

	if (file.fd < 0 || write(file.fd, data, size) != (ssize_t)size)
		abort();
	(void)snprintf(file.path, sizeof(file.path), "/proc/self/fd/%d", file.fd);
	return file;
}

#endif

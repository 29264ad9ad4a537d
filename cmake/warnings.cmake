# SPDX-License-Identifier: Apache-2.0
# Warnings are errors under both compilers; sanitizers when asked for.
add_library(slicewise_warnings INTERFACE)
target_compile_options(slicewise_warnings INTERFACE
	-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wundef -Wvla -Wpointer-arith -Wwrite-strings -Wformat=2 -Werror
	$<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes> $<$<COMPILE_LANGUAGE:C>:-Wmissing-prototypes>
	# The same bytes from both compilers: no fused multiply-add, no reordering of sums.
	-ffp-contract=off -fno-fast-math
	# Nobody reads errno after a square root, nor the floating-point exceptions.
	-fno-math-errno -fno-trapping-math
	-fstack-protector-strong
	# Messages are cut to their arrays on purpose; snprintf() is how.
	$<$<C_COMPILER_ID:GNU>:-Wno-format-truncation>)
if(SLICEWISE_SANITIZE)
	target_compile_options(slicewise_warnings INTERFACE
		-fsanitize=${SLICEWISE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
	target_link_options(slicewise_warnings INTERFACE -fsanitize=${SLICEWISE_SANITIZE})
endif()
if(SLICEWISE_FUZZ)
	target_compile_options(slicewise_warnings INTERFACE -fsanitize=fuzzer-no-link)
endif()

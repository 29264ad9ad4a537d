#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The release preset's slicewise and slicewise-replay, compiled for the GPU that is there; for all where none says what it is.
set -eu
cd "$(dirname "$0")/../.."
all="80;90"

configure()
{
	cmake --preset release "-DSLICEWISE_CUDA_ARCHITECTURES=$1"
}

# Packages only where something is missing: a machine with a GPU may have no network.
build()
{
	configure "$1" >/dev/null 2>&1 || { sh tools/packages.sh && configure "$1"; } || return 1
	cmake --build --preset release --target slicewise slicewise-replay
}

there=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader 2>/dev/null | head -n 1 | tr -d '. ' || true)
case $there in
'' | *[!0-9]*) there=$all ;;
esac
build "$there" || { [ "$there" != "$all" ] && build "$all"; } || {
	echo "slicewise-replay is not built: it takes nvcc, CUDA 12.5 or later (cuda/README.md)" >&2
	exit 1
}

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Put llama.cpp's server, for CPUs, at the path that is printed: built once, kept in a cache folder by version. The source
# comes with an npm package, as a git bundle. Exit status 77 where it cannot be had here; why goes to stderr.
# usage: build_llama_server.sh
set -eu
package=node-llama-cpp
version=3.22.1
cache=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/slicewise/llama-server-$package-$version
server=$cache/llama-server
tools="npm git cmake ninja g++ tar"

skip()
{
	echo "llama-server cannot be built here: $1" >&2
	exit 77
}

missing()
{
	for tool in $tools; do
		command -v "$tool" >/dev/null 2>&1 || echo "$tool"
	done
}

if [ -x "$server" ]; then
	echo "$server"
	exit 0
fi

# npm is the only one that the project itself does without.
if [ -n "$(missing)" ] && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
	{ apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y \
		--no-install-recommends nodejs npm git cmake ninja-build g++; } >&2 || true
fi
lacking=$(missing | tr '\n' ' ')
[ -z "$lacking" ] || skip "missing: $lacking"

mkdir -p "$cache"
work=$(mktemp -d "$cache/work-XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"

echo "fetching $package $version" >&2
npm pack --silent "$package@$version" >/dev/null 2>npm.log || skip "npm: $(tail -n 1 npm.log)"
tar -xzf "$package-$version.tgz" package/llama/gitRelease.bundle || skip "$package has no source"
git clone -q package/llama/gitRelease.bundle source 2>/dev/null || skip "its source is no git bundle"

# No more than the server; moderate optimisation, because the compiler's time is what this costs.
echo "building llama-server, some ten minutes on two cores" >&2
if ! { cmake -S source -B build -G Ninja -DCMAKE_BUILD_TYPE=Release \
	-DCMAKE_CXX_FLAGS_RELEASE="-O1 -DNDEBUG" -DBUILD_SHARED_LIBS=OFF \
	-DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_APP=OFF \
	-DLLAMA_BUILD_UI=OFF -DLLAMA_USE_PREBUILT_UI=OFF -DLLAMA_OPENSSL=OFF \
	-DGGML_NATIVE=OFF -DGGML_AVX512=OFF -DGGML_OPENMP=OFF &&
	cmake --build build --target llama-server; } >build.log 2>&1; then
	tail -n 20 build.log >&2
	exit 1
fi
strip -o "$server.new" build/bin/llama-server
mv "$server.new" "$server"
echo "$server"

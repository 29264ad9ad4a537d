#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What `make install` puts down is enough for a stranger: headers, pkg-config file, shared and static library, program.
# usage: installed.sh BUILD_FOLDER COMPILER
set -eu
build=$1 compiler=$2
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cmake --install "$build" --prefix "$folder/prefix" >"$folder/log"
PKG_CONFIG_PATH=$(dirname "$(find "$folder/prefix" -name slicewise.pc)")
export PKG_CONFIG_PATH
# The file names the prefix it was configured for; a stranger's is another.
config="pkg-config --define-variable=prefix=$folder/prefix"

# shellcheck disable=SC2046  # flags are words
$compiler -std=c17 -Wall -Werror -o "$folder/shared" "$here/stranger.c" $($config --cflags --libs slicewise)
LD_LIBRARY_PATH=$($config --variable=libdir slicewise) "$folder/shared"
# shellcheck disable=SC2046
$compiler -std=c17 -o "$folder/static" "$here/stranger.c" $($config --cflags slicewise) \
	"$($config --variable=libdir slicewise)/libslicewise.a" $($config --static --libs-only-l slicewise |
		sed 's/-lslicewise//')
"$folder/static"

"$folder/prefix/bin/slicewise" --version
[ -f "$folder/prefix/share/man/man1/slicewise.1" ]

# The shared library shows what the headers promise and nothing else.
hidden=$(nm -D --defined-only "$($config --variable=libdir slicewise)/libslicewise.so" | awk '{print $3}' |
	grep -v '^sw_[a-z]' || true)
[ -z "$hidden" ] || {
	echo "exported without being public: $hidden"
	exit 1
}

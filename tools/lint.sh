#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# clang-tidy over every C file that the build in folder $1 compiles. A file that passed is not looked at again until it,
# a header or .clang-tidy changes: it takes minutes otherwise.
set -eu
cd "$(dirname "$0")/.."
build=$1
passed=$build/lint
mkdir -p "$passed"

command -v clang-tidy-14 >/dev/null || {
	echo "clang-tidy-14 is missing: nothing was looked at" >&2
	exit 1
}

newest=$(find .clang-tidy cli src include tests tools bench -name '*.h' -o -name .clang-tidy | xargs ls -t 2>/dev/null | head -n 1)
todo=$(mktemp)
trap 'rm -f "$todo"' EXIT
sed -n "s|^ *\"file\": \"$PWD/\(.*\.c\)\".*|\1|p" "$build/compile_commands.json" | grep -v "^build/" | sort -u |
	while read -r file; do
		stamp=$passed/$(echo "$file" | tr / _)
		if [ ! "$stamp" -nt "$file" ] || [ ! "$stamp" -nt "$newest" ]; then
			echo "$file"
		fi
	done >"$todo"
echo "clang-tidy: $(wc -l <"$todo") files"

# One line a complaint; the paths that led there are to be had from clang-tidy itself.
xargs -r -P "$(nproc)" -I FILE sh -c '
	if said=$(clang-tidy-14 --quiet -p "$1" "$2" 2>/dev/null); then
		touch "$3/$(echo "$2" | tr / _)"
	else
		echo "$said" | grep -E ": (warning|error): "
		exit 1
	fi' sh "$build" FILE "$passed" <"$todo"

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# clang-tidy over every C file of the build in folder $1. A file that passed is not looked at again until it, a header or
# .clang-tidy changes: it takes minutes otherwise.
set -eu
cd "$(dirname "$0")/.."
build=$1
passed=$build/lint
mkdir -p "$passed"

newest=$(find .clang-tidy cli src include tests tools -name '*.h' -o -name .clang-tidy | xargs ls -t | head -n 1)
todo=$(mktemp)
trap 'rm -f "$todo"' EXIT
find cli src tools bench -name '*.c' | sort | while read -r file; do
	stamp=$passed/$(echo "$file" | tr / _)
	if [ ! "$stamp" -nt "$file" ] || [ ! "$stamp" -nt "$newest" ]; then
		echo "$file"
	fi
done >"$todo"
echo "clang-tidy: $(wc -l <"$todo") files"
xargs -r -P "$(nproc)" -I FILE sh -c \
	'clang-tidy-14 --quiet -p "$1" "$2" 2>/dev/null && touch "$3/$(echo "$2" | tr / _)"' \
	sh "$build" FILE "$passed" <"$todo"

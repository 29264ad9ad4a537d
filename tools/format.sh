#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Whether every C file is laid out as .clang-format says; with "fix" as argument they are rewritten instead.
set -eu
cd "$(dirname "$0")/.."

command -v clang-format-14 >/dev/null || {
	echo "clang-format-14 is missing: nothing was looked at" >&2
	exit 1
}

files()
{
	find cli cuda src include tests tools bench -name '*.[ch]' -print0
}

if [ "${1:-}" = fix ]; then
	files | xargs -0 -r clang-format-14 -i
	exit 0
fi
wrong=$(files | xargs -0 -r clang-format-14 --dry-run 2>&1 |
	sed -n 's/:[0-9]*:[0-9]*: warning: code should be.*//p' | sort -u)
[ -z "$wrong" ] || {
	echo "Not laid out as .clang-format says (sh tools/format.sh fix mends it):"
	echo "$wrong"
	exit 1
}

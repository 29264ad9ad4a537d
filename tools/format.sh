#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Whether every C file is laid out as .clang-format says; with "fix" as argument they are rewritten instead.
set -eu
cd "$(dirname "$0")/.."
mode="--dry-run -Werror"
[ "${1:-}" = fix ] && mode=-i
# shellcheck disable=SC2086  # two words
find cli src include tests tools bench -name '*.[ch]' -print0 | xargs -0 -r clang-format-14 $mode

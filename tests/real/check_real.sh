#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The tests that need a real engine. Where it cannot be had, they are skipped, which is said: exit status 77.
# usage: check_real.sh PROGRAM
set -eu
here=$(cd "$(dirname "$0")" && pwd)
status=0
server=$("$here/build_llama_server.sh") || status=$?
if [ "$status" -eq 77 ]; then
	echo "SKIPPED: no real engine here; load was not tested against one"
	exit 77
fi
[ "$status" -eq 0 ] || exit "$status"
python3 "$here/load_real_test.py" "$1" "$server"

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The tests that need a real engine. Where it cannot be had, they are skipped, which is said: exit status 77.
# usage: check_real.sh PROGRAM [FIGURES.txt]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
status=0
server=$("$here/build_llama_server.sh") || status=$?
if [ "$status" -eq 77 ]; then
	echo "SKIPPED: no real engine here; load was not tested against one, nor profile, fit and predict on one"
	exit 77
fi
[ "$status" -eq 0 ] || exit "$status"
python3 "$here/load_real_test.py" "$1" "$server" || status=1
# Some four minutes of measuring; with a second argument the figures are kept.
python3 "$here/chain_real_test.py" "$1" "$server" ${2:+"$2"} || status=1
exit "$status"

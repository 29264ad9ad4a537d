#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Install what apt.txt lists and is missing. Not root: say which one command root has to run.
set -eu
cd "$(dirname "$0")/.."

command -v dpkg-query >/dev/null 2>&1 || {
	echo "Not a Debian: what apt.txt lists is expected to be there." >&2
	exit 0
}

missing=
for package in $(grep -v '^#' apt.txt); do
	state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
	[ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
	echo "Packages are missing. As root, run once:" >&2
	echo "  apt-get update && apt-get install -y --no-install-recommends$missing" >&2
	exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
# shellcheck disable=SC2086  # a list of words
apt-get install -q -y --no-install-recommends $missing

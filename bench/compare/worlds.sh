#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The strategies that ours is held against, on every case of examples/paper, each plan played in many worlds.
#
# usage: worlds.sh SLICEWISE EXAMPLES FOLDER RESULT [WORLDS]
#
# Each case leaves a file in FOLDER, and is not run again where there is one: it takes minutes. RESULT is all of them, one after another.
set -eu
slicewise=$1 examples=$2 folder=$3 result=$4 worlds=${5:-100}
strategies=slicewise,exclusive,even-split,igniter,paper,packed

mkdir -p "$folder"
for mechanism in a100-hami-eager a100-mps rtx-6000-hami-eager rtx-6000-mps a100-hami rtx-6000-hami; do
	for load in light medium heavy; do
		case=$mechanism-$load
		[ -s "$folder/$case.txt" ] && continue
		"$slicewise" compare "$examples/$case.yaml" --worlds "$worlds" --strategies $strategies --no-times \
			>"$folder/$case.part" 2>"$folder/$case.err"
		mv "$folder/$case.part" "$folder/$case.txt"
	done
done
for file in "$folder"/*.txt; do
	printf '== %s\n' "$(basename "$file" .txt)"
	cat "$file"
	printf '\n'
done >"$folder/all.part"
mv "$folder/all.part" "$result"

#!/bin/sh
# SPDX-License-Identifier: MIT
# The same tests again and again, in another order each time, until TIME is over: what fails once in a
# hundred runs shows itself. A round is told with its failures; what repeats an order is in them.
#   stress.sh BUILD PLACE SECONDS LAB...     (05 04)
set -eu
cd "$(dirname "$0")/.."
. tools/labs.sh
build=$1 place=$2 end=$(($(date +%s) + $3)) rounds=0 bad=0
shift 3

while [ "$(date +%s)" -lt "$end" ]; do
	for lab in "$@"; do
		for suite in "$build/tests/lab$lab/unit" "$build/tests/lab$lab/blackbox"; do
			[ -e "$suite" ] || continue
			if [ "$place" = native ]; then
				"$suite" --shuffle
			else
				BUILD=$build tools/there.sh "$place" "$build/tools/box/box" "lab$lab" -- "$suite" --shuffle
			fi || bad=$((bad + 1))
		done
	done
	rounds=$((rounds + 1))
done
echo "stress: $rounds rounds, $bad suites with a failure"
[ "$bad" = 0 ]

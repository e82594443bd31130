#!/bin/sh
# SPDX-License-Identifier: MIT
# In the root of a tree that is built: its tests, where guests run.
#   there.sh PLACE BOX SUITES [FILE...] -- COMMAND...
# PLACE is an engine's name; BOX runs it; SUITES is a glob (lab04) for those of the tree's that are
# wanted there; the files come back. Status: the command's.
set -eu
# shellcheck disable=SC2034 # engine.sh reads them
place=$1 BOX=$2 SUITES=$3 BUILD=${BUILD:-build}
shift 3
die() {
	echo "there: $2" >&2
	exit "$1"
}
. "$(dirname "$0")/labs.sh"
. "$(dirname "$0")/engine.sh"
[ "$(about labs/"${SUITES#lab}"-* tests)" != here ] || {
	while [ "$1" != -- ]; do shift; done
	shift
	exec "$@"
}
on_engine_tests "$@"

#!/bin/sh
# SPDX-License-Identifier: MIT
# What a student gets, in short: the bare starter builds without a warning, scores 0 points, and
# says where to start. (`./lab prove` climbs the whole ladder.) Results, for tests/check:
# `pass|fail|skip NAME REASON`, one a line, appended to FILE.
#
#   starter-proof.sh BUILD FILE
set -eu
cd "$(dirname "$0")/.."
build=$(cd "$1" && pwd)
dir=$build/starter results=$2 log=$build/starter.log

pass() { echo "pass $1" >>"$results"; }
fail() { echo "fail $1 $2; see $log" >>"$results"; }

tools/starter.sh "$dir" >"$log" 2>&1 || {
	fail starter-export "it cannot be written"
	exit 0
}
pass starter-export
make -s -C "$dir" -j"$(getconf _NPROCESSORS_ONLN)" BUILD=build WERROR=-Werror >>"$log" 2>&1 || {
	fail starter-builds "it does not build without a warning"
	exit 0
}
pass starter-builds

# What does not compile must not be graded by the binaries of the day before.
(
	cd "$dir"
	cp labs/02-vcpu-run/mem.c build/mem.c
	echo 'this is no C' >>labs/02-vcpu-run/mem.c
	status=0
	ENGINE=here ./lab grade LAB=02 >build/broken.out 2>&1 || status=$?
	cp build/mem.c labs/02-vcpu-run/mem.c
	cat build/broken.out >>"$log"
	[ "$status" = 2 ] && grep -q 'it does not compile' build/broken.out
) && pass starter-broken-is-not-graded || fail starter-broken-is-not-graded \
	"a tree that does not compile must end with status 2, and say so"

status=0
(cd "$dir" && build/tests/grade) >"$1/starter.out" 2>&1 || status=$?
cat "$1/starter.out" >>"$log"
if [ "$status" = 126 ]; then
	echo "skip starter-scores-0 environment: not an x86-64 machine" >>"$results"
elif [ "$status" = 3 ]; then
	echo "skip starter-scores-0 environment: no usable /dev/kvm" >>"$results"
elif [ "$status" = 1 ] && grep -q '^Lab [0-9]*: 0/' "$1/starter.out" &&
	grep -q 'Start with [0-9.]*: labs/' "$1/starter.out"; then
	pass starter-scores-0
else
	fail starter-scores-0 "the bare starter must score 0 and say where to start"
fi

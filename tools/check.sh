#!/bin/sh
# SPDX-License-Identifier: MIT
# The tests in parts, as many at a time as there are processors: one for each lab (where guests run: in an
# emulated machine of its own), one for what stays here, and what a student gets.
#   check.sh BUILD PLACE RESULTS PART...    (lab05 common here starter ...)
# A file for each part in the directory RESULTS is for tests/check --extra; what is not passed is printed.
set -eu
cd "$(dirname "$0")/.."
. tools/labs.sh
build=$1 place=$2 results=$3
shift 3

part() {
	results=$results/$1
	case $1 in
	starter) tools/starter-proof.sh "$build" "$results" ;;
	here) suites "$(suites_here)" ;;
	*) suites "$1" ;;
	esac
	[ -s "$results" ] || echo "fail part-$1 it ended before it told how" >"$results"
}
suites() { # suites SUITE,...
	if [ "$place" = native ] || [ "$1" = "$(suites_here)" ]; then
		count "$results" "$1"
	else # what needs no KVM is a matter of this place, and an emulated CPU takes twenty times as long
		VMMLAB_PART=kvm count "$results" "$1" tools/there.sh "$place" "$build/tools/box/box" "$1" "$results" --
		[ -s "$results" ] || return 0
		more=$results.plain.log # no file of results by its name, and not the part's own log
		VMMLAB_PART=plain count "$more" "$1"
		if [ -s "$more" ]; then cat "$more" >>"$results"; else : >"$results"; fi
	fi
}
count() { # count FILE SUITE,... [COMMAND...]
	file=$1 set=$2
	shift 2
	BUILD=$build "$@" "$build/tests/check" --count="$file" --suites="$build/tests/{$set,}/{unit,blackbox}" || true
}

if [ "$1" = --part ]; then
	log=$results/$2.log
	part "$2" >"$log" 2>&1
	cat "$log" # in one piece: other parts print, too
else
	rm -rf "$results"
	mkdir -p "$results"
	printf '%s\n' "$@" | xargs -P "$(getconf _NPROCESSORS_ONLN)" -n 1 sh "$0" "$build" "$place" "$results" --part
fi

#!/bin/sh
# SPDX-License-Identifier: MIT
# All that `./lab check` has no time for: the steps of tools/steps.sh, as many at a time as there are
# processors. A step that fails does not stop the others; one that has been proven, and of which nothing
# has changed since, does not run: see tools/ledger.sh. ALL=1 runs all.
#   prove.sh BUILD [STEP...]      (those named run in any case; each one's log stays in BUILD/prove)
#   prove.sh BUILD --list         what would run now, and what is held
set -eu
cd "$(dirname "$0")/.."
. tools/labs.sh
. tools/ledger.sh
top=$PWD build=$1
shift
jobs=$(getconf _NPROCESSORS_ONLN)
# Where guests run: here, or, where /dev/kvm is of no use, in an emulated machine, which takes longer.
place=${VMMLAB_PLACE:-$("$build/tools/engine" "${ENGINE:-auto}")}
export VMMLAB_PLACE="$place"
box=$(cd "$build" && pwd)/tools/box/box
versions=${VMMLAB_VERSIONS-} tree=$build/prove/tree
[ -z "${CC-}" ] || export CC="${CC#ccache }" # the steps say themselves where it is of use
. tools/steps.sh

# What is quick, or builds what others need, runs each time.
is_kept() { case $1 in svm | book-* | ties) return 1 ;; esac }

# decide NUMBER.STEP: sets $name, $hash (nothing: it is not kept), $full (it is its turn) and $held, the day.
decide() {
	name=${1#*.} hash='' held='' full=''
	! is_kept "$name" || [ ! -f "$tree" ] || hash=$(hash_of "$name" "$tree")
	! has_its_turn "${1%%.*}" || full=1
	[ -z "$hash" ] || [ -n "$full${ALL:-}" ] || held=$(proven_on "$name" "$hash")
}

tell() { # tell NUMBER.STEP: what would happen to it
	decide "$1"
	if [ -n "$held" ]; then
		echo "held  $name since $held"
	else
		echo "runs  $name${full:+, in full: it is its turn}"
	fi
}

step() { # step NUMBER.STEP: its verdict is a line, with the log before it if it is bad
	decide "$1"
	log=$build/prove/$name.log start=$(date +%s) grade=FAIL
	if [ -n "$held" ]; then
		printf 'held  %-16s          since %s: nothing that it reads has changed\n' "$name" "$held"
		echo "held 0 $name" >>"$build/prove/verdicts"
		return
	fi
	[ -z "$full" ] || export VMMLAB_RENEW=1
	sh "$0" "$build" --in-full "$name" >"$log" 2>&1 </dev/null &&
		[ "$(grep -c '^FLAKY' "$log")" -le 3 ] && grade=ok
	said=$(tail -n 1 "$log" | cut -c 1-80)
	case $said in # a proof of nothing
	"0 recorded"* | "0 passed, 0 failed"* | "0 the same"*) grade=FAIL ;;
	esac
	took=$(($(date +%s) - start))
	line=$(printf '%-5s %-16s %4d s   %s' "$grade" "$name" "$took" "$said")
	[ "$grade" = ok ] || line="$(cat "$log")
$line"
	printf '%s\n' "$line" # in one piece: other steps print, too
	printf '%s\n' "$grade $took $name" >>"$build/prove/verdicts"
	if [ "$grade" != ok ]; then
		forget_proven "$name"
	elif [ -n "$hash" ]; then
		now=$build/prove/$name.tree
		if tree_of "$now" && [ "$(hash_of "$name" "$now")" = "$hash" ]; then
			note_proven "$name" "$hash"
		else
			echo "      $name is not noted: files that it reads have changed meanwhile"
		fi
	fi
}

count() { grep -c "^$1 " "$build/prove/verdicts" || true; }

# BUILD/prove/times has a line for each step: how many seconds it took when it ran last. durations START: says
# of this run where the time went.
durations() {
	{
		awk '$1 != "held" { print $2, $3 }' "$build/prove/verdicts"
		cat "$build/prove/times" 2>/dev/null || true
	} | awk '!seen[$2]++' | sort -rn >"$build/prove/times.new"
	mv "$build/prove/times.new" "$build/prove/times"
	took=$(($(date +%s) - $1))
	awk '$1 != "held" { print $2, $3 }' "$build/prove/verdicts" | sort -rn | awk -v took="$took" '
		{ all += $1 }
		NR <= 5 { longest = longest sep $2 " " $1; sep = ", " }
		END { printf "%d min %d s for steps of %d s; the longest: %s\n", took / 60, took % 60, all, longest }'
}

# A long log is cut somewhere; its end says what was bad.
sum_up() {
	bad=$(awk '$1 == "FAIL" { print $3 }' "$build/prove/verdicts" | sort)
	for name in $bad; do
		echo "$name, the last of what is not ok in it:"
		grep -vE '^(ok|held|pass|SKIP|skip) ' "$build/prove/$name.log" | tail -n 8 | cut -c 1-240 | sed 's/^/    /'
	done
	echo "$(count ok) passed, $(count FAIL) failed${bad:+: $(printf '%s\n' "$bad" | paste -sd ' ' -)}"
}

mkdir -p "$build/prove"
case ${1-} in
--in-full) run "$2" ;;
--step) step "$2" ;;
*)
	numbered=$(steps | tr ' ' '\n' | awk '{ print NR "." $0 }')
	how=step
	[ "${1-}" != --list ] || {
		how=tell
		shift
	}
	for step in "$@"; do
		printf '%s\n' "$numbered" | grep -qE "^[0-9]+\.$step\$" || {
			echo "prove: $step: no such step; there are $(steps | paste -sd ' ' -)" >&2
			exit 2
		}
	done
	# What would make less of a step, or build something else, is for other verbs.
	unset VMMLAB_WITHOUT VMMLAB_PART VMMLAB_LONGEST VMMLAB_ALSO VMMLAB_VMM VMMLAB_PACKETS VMMLAB_TIME_SCALE SAN TSAN \
		REFERENCE MAKEFLAGS ASAN_OPTIONS UBSAN_OPTIONS TSAN_OPTIONS
	rm -f "$tree"
	tree_of "$tree.new" && mv "$tree.new" "$tree" ||
		echo "prove: git cannot list the files, or not all of them: nothing is held, nothing is noted"
	began=$(date +%s)
	# Of these files, and of no others, are the programs that steps take from there.
	[ "$how" = tell ] || make -s -j"$jobs" BUILD="$build" all
	versions=$(versions_here)
	export VMMLAB_VERSIONS="$versions" VMMLAB_TODAY="$today"
	: >"$build/prove/verdicts"
	if [ "$how" = tell ]; then
		for step in $numbered; do tell "$step"; done
		exit
	fi
	for step in $numbered; do
		case " ${*:-${step#*.}} " in *" ${step#*.} "*) echo "$step" ;; esac
	done | ALL=${*:+1}${ALL:-} xargs -r -P "$jobs" -n 1 sh "$0" "$build" --step
	[ "$(count held)" = 0 ] || echo "$(count held) held: tests/proven has them; ALL=1 runs all"
	durations "$began"
	sum_up
	[ "$(count FAIL)" = 0 ]
	;;
esac

#!/bin/sh
# SPDX-License-Identifier: MIT
# All that `./lab check` has no time for: steps, as many at a time as there are processors. A step
# that fails does not stop the others. Time limits are generous: what is proved is no speed, and other
# steps want the machine, too. (Not for mutants, which may hang: there is a second try.)
#   prove.sh BUILD [STEP...]      (by default all; each one's log stays in BUILD/prove)
set -eu
cd "$(dirname "$0")/.."
. tools/labs.sh
. tools/ledger.sh
build=$1
shift
jobs=$(getconf _NPROCESSORS_ONLN)
# Where guests run: here, or, where /dev/kvm is of no use, in an emulated machine, which takes longer.
place=${VMMLAB_PLACE:-$("$build/tools/engine" "${ENGINE:-auto}")}
export VMMLAB_PLACE="$place"
box=$(cd "$build" && pwd)/tools/box/box
scale=5 # what time limits are multiplied by; an emulated machine's own is 5
[ "$place" = native ] || scale=15
# Tests that take longer, in seconds, are left out of many-fold runs; but for a step whose turn it is.
quick=0.3
[ -z "${VMMLAB_RENEW:-}" ] || quick=1000
versions=${VMMLAB_VERSIONS-}

# The longest first, so that no processor waits long for the last one: later labs have more to prove. What
# is of one lab is called so, and only what that lab stands on can make it run again.
steps() {
	echo svm sanitized
	for lab in $(with_tasks | sort -r); do
		lab=$(number "$lab")
		for kind in mutants ladder sanitized shuffled reference compared; do
			[ $kind != mutants ] || [ -d "tests/mutants/$lab" ] || continue
			[ $kind != compared ] || [ -d "guests/$lab" ] || continue
			echo "$kind-$lab"
		done
	done
	for lab in $(with engines); do
		for name in $(about "$lab" engines); do echo "$name-$(number "$lab")"; done
	done
	for lab in $(with packets); do echo "packets-$(number "$lab")"; done
	for lab in $(with threads); do echo "tsan-$(number "$lab")"; done
	echo fuzzed clang recorded book-student book-reference ties
}

make_in() { # make_in DIR NAME=VALUE...: not two at once, nor with less than all
	dir=$1
	shift
	flock "$build/prove/.$dir" make -s -j"$jobs" BUILD="$build/$dir" "$@" all
}
cached() { # cached COMMAND...: most objects of all those trees are the same
	CC="ccache ${CC:-gcc}" CCACHE_DIR="$build/prove/ccache" CCACHE_NOHASHDIR=1 "$@"
}
# twice COMMAND...: beside other work a test may fail once. The second try counts, and it is reported
# as FLAKY, with what the first one said. More than three of them in a step are too many: see step().
twice() { VMMLAB_SECOND_TRY=1 "$@"; }
# there BUILD SUITES COMMAND...: a command on tests of that build, where guests run
there() {
	BUILD=$1 suites=$2
	shift 2
	if [ "$place" = native ]; then "$@"; else
		BUILD=$BUILD tools/there.sh "$place" "$box" "$suites" -- "$@"
	fi
}
sanitized() { # [LAB]: ASan and UBSan; in an emulated machine lab by lab after all that needs none
	cached make_in san SAN=1 || return 1
	if [ -z "${1-}" ]; then
		VMMLAB_TIME_SCALE=3 twice "$build/san/tests/check" || [ $? = 3 ]
	elif [ "$place" != native ]; then
		export ASAN_OPTIONS=quarantine_size_mb=16 # 256 by default: too much for a machine of 384 MiB
		LIMIT=900 VMMLAB_LONGEST=$quick VMMLAB_TIME_SCALE=30 twice there "$build/san" "lab$1" \
			"$build/san/tests/check" --suites="$build/san/tests/lab$1/{unit,blackbox}"
	fi
}
tsan() { # LAB: ThreadSanitizer. By clang: gcc 12 refuses virtq.c's fence under it
	cached make_in tsan TSAN=1 CC="ccache clang" || return 1
	# What it finds has file and line, there as well. No findings: the last words, which are said in a
	# signal handler (common/obituary.c knows), and the threads that a failed test leaves behind.
	SYMBOLIZER=$(command -v addr2line)
	TSAN_OPTIONS=halt_on_error=1:external_symbolizer_path=$SYMBOLIZER:strip_path_prefix=$PWD/
	export SYMBOLIZER TSAN_OPTIONS="$TSAN_OPTIONS:report_signal_unsafe=0:report_thread_leaks=0"
	VMMLAB_LONGEST=$quick VMMLAB_TIME_SCALE=30 twice "$build/tsan/tests/lab$1/unit" \
		--no-kvm="it runs elsewhere" || return 1 # here threads run at the same time
	LIMIT=900 VMMLAB_LONGEST=$quick VMMLAB_TIME_SCALE=30 twice there "$build/tsan" "lab$1" \
		"$build/tsan/tests/check" --suites="$build/tsan/tests/lab$1/{unit,blackbox}"
}
shuffled() { # LAB: 20 orders, each with its seed; in an emulated machine 20 of what needs no KVM, and 2 of all
	for suite in "$build/tests/lab$1/unit" "$build/tests/lab$1/blackbox"; do
		[ -e "$suite" ] || continue
		if [ "$place" = native ]; then
			VMMLAB_LONGEST=$quick VMMLAB_TIME_SCALE=5 twice "$suite" --shuffle --repeat=20 || return 1
		else
			VMMLAB_LONGEST=$quick VMMLAB_TIME_SCALE=5 twice "$suite" --shuffle --repeat=20 \
				--no-kvm="it runs elsewhere" || return 1
			VMMLAB_LONGEST=$quick VMMLAB_TIME_SCALE=15 twice there "$build" "lab$1" \
				"$suite" --shuffle --repeat=2 || return 1
		fi
	done
}
reference() { # LAB: the solved tree stands alone, and no mark is left in it
	tree=$build/prove/reference-$1
	rm -rf "$tree"
	tools/starter.sh --reference "$tree"
	! grep -rnE 'TASK [0-9]+\.[0-9]+|TODO\("' "$tree/labs" --include="*.[ch]" || return 1
	cached make -s -j"$jobs" -C "$tree" BUILD=build WERROR=-Werror "lab$1" guests tests || return 1
	cd "$tree"
	there build "lab$1" build/tests/grade --lab="$1"
}
engine() { # engine NAME SUITES: those tests, on an emulated CPU
	ENGINE=$1 SUITES=$2 twice ./lab -y check
}
packets() { # LAB: 100,000
	packets=100000
	[ "$place" = native ] || packets=10000
	VMMLAB_PACKETS=$packets VMMLAB_TIME_SCALE=30 \
		there "$build" "lab$1" "$build/tests/lab$1/blackbox" --filter="$(about labs/"$1"-* packets)"
}
compared() { # LAB: with QEMU
	"$build/tools/compare" --build="$build" --engine="$place" --lab="$1"
}

run() { # run STEP
	case $1 in
	ladder-*) VMMLAB_TIME_SCALE=$scale cached "$build/tools/prove" "${1%-*}" "$build" "${1#*-}" "$place" ;;
	mutants-*) cached "$build/tools/prove" "${1%-*}" "$build" "${1#*-}" "$place" ;;
	book-*) book/build.sh "$build/book/${1#*-}" "${1#*-}" ;;
	clang) make_in clang CC=clang ;;
	svm) [ "$place" = svm ] || engine svm "$(suites_there)" ;; # there check has just run them
	svm-*) engine "${1%-*}" "lab${1##*-}" ;; # of a lab whose code differs by what is below
	fuzzed) tools/fuzz.sh "$build" 20 ;;
	recorded) ./lab -y record ;;
	ties) "$build/tools/ties" && "$build/tools/record" --blocks ;;
	*-*) "${1%-*}" "${1##*-}" ;;
	*) "$1" ;;
	esac
}

# What is quick, or builds what others need, runs each time.
is_kept() { case $1 in svm | book-* | ties) return 1 ;; esac }

step() { # step NUMBER.STEP: its verdict is a line, with the log before it if it is bad
	n=${1%%.*} name=${1#*.} hash=
	log=$build/prove/$name.log start=$(date +%s) grade=FAIL
	if is_kept "$name"; then
		hash=$(hash_of "$name") day=$(proven_on "$name")
		if [ "$day" ] && [ -z "${ALL:-}" ] && ! has_its_turn "$n"; then
			printf '%-5s %-16s          proven on %s: nothing that it reads has changed\n' held "$name" "$day"
			echo held >>"$build/prove/verdicts"
			return
		fi
	fi
	! has_its_turn "$n" || export VMMLAB_RENEW=1
	sh "$0" "$build" --in-full "$name" >"$log" 2>&1 </dev/null &&
		[ "$(grep -c '^FLAKY' "$log")" -le 3 ] && grade=ok
	line=$(printf '%-5s %-16s %4d s   %s' "$grade" "$name" $(($(date +%s) - start)) \
		"$(tail -n 1 "$log" | cut -c 1-80)")
	[ "$grade" = ok ] || line="$(cat "$log")
$line"
	printf '%s\n' "$line" # in one piece: other steps print, too
	printf '%s\n' "$grade" >>"$build/prove/verdicts"
	[ "$grade" != ok ] || [ -z "$hash" ] || [ "$(hash_of "$name")" != "$hash" ] || note_proven "$name" "$hash"
}

mkdir -p "$build/prove"
case ${1-} in
--in-full) run "$2" ;;
--step) step "$2" ;;
*)
	versions=$(versions) || true
	export VMMLAB_VERSIONS="$versions"
	: >"$build/prove/verdicts"
	n=0
	for step in $(steps); do
		n=$((n + 1))
		case " ${*:-$step} " in *" $step "*) echo "$n.$step" ;; esac
	done | xargs -P "$jobs" -n 1 sh "$0" "$build" --step
	failed=$(grep -c FAIL "$build/prove/verdicts") || true
	echo "$(grep -c ok "$build/prove/verdicts" || true) passed, $failed failed," \
		"$(grep -c held "$build/prove/verdicts" || true) held since they were proven (tests/proven; ALL=1 runs all)"
	[ "$failed" = 0 ]
	;;
esac

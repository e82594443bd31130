#!/bin/sh
# SPDX-License-Identifier: MIT
# All that `./lab check` has no time for: steps, as many at a time as there are processors. A step
# that fails does not stop the others. Time limits are generous: what is proved is no speed, and other
# steps want the machine, too. (Not for mutants, which may hang: there is a second try.)
#   prove.sh BUILD [STEP...]      (by default all; each one's log stays in BUILD/prove)
set -eu
cd "$(dirname "$0")/.."
. tools/labs.sh
build=$1
shift
jobs=$(getconf _NPROCESSORS_ONLN)
# Where guests run: here, or, where /dev/kvm is of no use, in an emulated machine, which takes longer.
place=${VMMLAB_PLACE:-$("$build/tools/engine" "${ENGINE:-auto}")}
export VMMLAB_PLACE="$place"
box=$(cd "$build" && pwd)/tools/box/box
scale=5 # what time limits are multiplied by; an emulated machine's own is 5
[ "$place" = native ] || scale=15

# The longest first, so that no processor waits long for the last one: later labs have more to prove.
steps() {
	echo svm sanitized shuffled
	for lab in $(with_tasks | sort -r); do
		lab=$(number "$lab")
		[ ! -d "tests/mutants/$lab" ] || echo "mutants-$lab"
		echo "ladder-$lab"
	done
	for lab in $(with engines); do
		for name in $(about "$lab" engines); do echo "$name-$(number "$lab")"; done
	done
	echo fuzzed reference clang compared recorded packets book-student book-reference ties
}

make_in() { # make_in DIR NAME=VALUE...
	dir=$1
	shift
	make -s -j"$jobs" BUILD="$build/$dir" "$@" all
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
sanitized() { # ASan and UBSan; in an emulated machine after all that needs none
	make_in san SAN=1 || return 1
	export ASAN_OPTIONS=quarantine_size_mb=16 # 256 by default: too much for a machine of 384 MiB
	VMMLAB_TIME_SCALE=3 twice "$build/san/tests/check" || [ $? = 3 ] || return 1
	[ "$place" = native ] || for lab in $(without tests); do
		nn=$(number "$lab")
		LIMIT=900 VMMLAB_LONGEST=0.3 VMMLAB_TIME_SCALE=30 twice there "$build/san" "lab$nn" \
			"$build/san/tests/check" --suites="$build/san/tests/lab$nn/{unit,blackbox}" || return 1
	done
}
shuffled() { # 20 orders, each with its seed; in an emulated machine 20 of what needs no KVM, and 2 of all
	for suite in "$build"/tests/lab*/unit "$build"/tests/lab*/blackbox; do
		nn=${suite#"$build"/tests/} nn=${nn%%/*}
		if [ "$place" = native ]; then
			VMMLAB_LONGEST=0.3 VMMLAB_TIME_SCALE=5 twice "$suite" --shuffle --repeat=20 || return 1
		else
			VMMLAB_LONGEST=0.3 VMMLAB_TIME_SCALE=5 twice "$suite" --shuffle --repeat=20 \
				--no-kvm="it runs elsewhere" || return 1
			VMMLAB_LONGEST=0.3 VMMLAB_TIME_SCALE=15 twice there "$build" "$nn" \
				"$suite" --shuffle --repeat=2 || return 1
		fi
	done
}
reference() { # the solved tree stands alone, and no mark is left in it
	rm -rf "$build/prove/reference"
	tools/starter.sh --reference "$build/prove/reference"
	! grep -rnE 'TASK [0-9]+\.[0-9]+|TODO\("' "$build/prove/reference/labs" --include="*.[ch]" || return 1
	cached make -s -j"$jobs" -C "$build/prove/reference" BUILD=build WERROR=-Werror
	cd "$build/prove/reference"
	for lab in $(with_tasks); do
		nn=$(number "$lab")
		(there build "lab$nn" build/tests/grade --lab="$nn") || return 1
	done
}
engine() { # engine NAME SUITES: those tests, on an emulated CPU
	ENGINE=$1 SUITES=$2 twice ./lab -y check
}
packets() { # 100,000
	packets=100000
	[ "$place" = native ] || packets=10000
	for lab in $(with packets); do
		nn=lab$(number "$lab")
		VMMLAB_PACKETS=$packets VMMLAB_TIME_SCALE=30 \
			there "$build" "$nn" "$build/tests/$nn/blackbox" --filter="$(about "$lab" packets)" || return 1
	done
}
compared() { # with QEMU
	for lab in $(without alone); do
		[ ! -d "guests/$(number "$lab")" ] ||
			"$build/tools/compare" --build="$build" --engine="$place" --lab="$(number "$lab")" || return 1
	done
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
	*) "$1" ;;
	esac
}

step() { # step STEP: its verdict is a line, with the log before it if it is bad
	log=$build/prove/$1.log start=$(date +%s) grade=FAIL
	sh "$0" "$build" --in-full "$1" >"$log" 2>&1 </dev/null &&
		[ "$(grep -c '^FLAKY' "$log")" -le 3 ] && grade=ok
	line=$(printf '%-5s %-16s %4d s   %s' "$grade" "$1" $(($(date +%s) - start)) \
		"$(tail -n 1 "$log" | cut -c 1-80)")
	[ "$grade" = ok ] || line="$(cat "$log")
$line"
	printf '%s\n' "$line" # in one piece: other steps print, too
	printf '%s\n' "$grade" >>"$build/prove/verdicts"
}

case ${1-} in
--in-full) run "$2" ;;
--step) step "$2" ;;
*)
	mkdir -p "$build/prove"
	: >"$build/prove/verdicts"
	echo "${*:-$(steps)}" | xargs -P "$jobs" -n 1 sh "$0" "$build" --step
	failed=$(grep -c FAIL "$build/prove/verdicts") || true
	echo "$(grep -c ok "$build/prove/verdicts" || true) passed, $failed failed"
	[ "$failed" = 0 ]
	;;
esac

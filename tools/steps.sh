# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154
# The steps of the proof: what each does. For tools/prove.sh, which reads this file and sets $top,
# $build, $place, $box and $jobs. KIND-NN is a step on lab NN, which only that lab, what it stands on, and what
# grades it can make fail. Time limits are generous: what is proved is no speed, and other steps want the
# machine, too. (Not for mutants, which may hang: there is a second try.)

# The longest first, so that no processor waits long for the last one: later labs have more to prove.
steps() {
	echo svm submissions sanitized-self fuzzed sanitized-common
	threads=$(with threads | head -n 1) threads=$(number "${threads:-labs/99}")
	for lab in $(with_tasks | sort -r); do
		alone=$(about "$lab" alone) bare=$(about "$lab" bare) lab=$(number "$lab")
		for kind in mutants ladder tsan sanitized shuffled reference compared recorded; do
			[ $kind != tsan ] || { [ "$lab" -ge "$threads" ] && [ -z "$alone" ]; } || continue # it stands on them
			# It is KVM's runs that are played again, and that are compared; a bare lab's own tests run both emulators.
			case $kind in recorded | compared) [ -z "$bare" ] || continue ;; esac
			[ $kind != mutants ] || [ -d "tests/mutants/$lab" ] || continue
			[ $kind != compared ] || [ -d "guests/$lab" ] || continue
			echo "$kind-$lab"
		done
	done
	for lab in $(with engines); do
		for name in $(about "$lab" engines); do echo "$name-$(number "$lab")"; done
	done
	for lab in $(with packets); do echo "packets-$(number "$lab")"; done
	for lab in $(with boots); do echo "boots-$(number "$lab")"; done
	for lab in $(with confined); do echo "calls-$(number "$lab")"; done
	for language in book/locale/*/; do echo "book-$(basename "$language")"; done
	echo proof clang book-student book-reference ties
}

run() { # run STEP
	case $1 in
	ladder-* | mutants-*) fairness "${1%-*}" "${1#*-}" ;;
	book-student | book-reference)
		book/build.sh "$build/book/${1#*-}" "${1#*-}" && tools/pages.sh "$build/book/${1#*-}"
		;;
	book-*) book/build.sh "$build/book/${1#*-}" student "${1#*-}" ;;
	proof) twice "$build/tests/proof/unit" ;; # its own tests
	clang) cached make_in clang CC="ccache clang" ;;
	svm) if [ "$place" = svm ]; then echo "check runs these"; else engine svm "$(suites_there)"; fi ;;
	svm-*) engine "${1%-*}" "lab${1##*-}" ;; # of a lab whose code differs by what is below
	fuzzed) FUZZ_CC="ccache clang" CCACHE_NOHASHDIR=1 tools/fuzz.sh "$build" 5 ;;
	ties) "$build/tools/ties" && "$build/tools/record" --blocks ;;
	recorded-*) VMMLAB_TIME_SCALE=$scale LAB=${1#*-} ./lab -y record ;;
	submissions) submissions ;;
	*-*) "${1%-*}" "${1##*-}" ;;
	*) "$1" ;;
	esac
}

scale=5 # what time limits are multiplied by; an emulated machine's own is 5
[ "$place" = native ] || scale=15
# Tests that take longer, in seconds, are left out of many-fold runs; but for a step whose turn it is.
quick=0.3
[ -z "${VMMLAB_RENEW:-}" ] || quick=1000

make_in() { # make_in DIR NAME=VALUE...: of two steps that need it, one builds
	dir=$1
	shift
	flock "$build/prove/.$dir" make -s -j"$jobs" BUILD="$build/$dir" "$@" all
}
cached() { # cached COMMAND...: most objects of all those trees are the same
	CC="ccache ${CC:-gcc}" CCACHE_NOHASHDIR=1 "$@"
}
# twice COMMAND...: beside other work a test may fail once. The second try counts, and it is reported
# as FLAKY, with what the first one said. More than three of them in a step are too many: see step().
twice() { VMMLAB_SECOND_TRY=1 "$@"; }
# there BUILD SUITES COMMAND...: a command on tests of that build, where guests run
there() {
	BUILD=$1 suites=$2
	shift 2
	if [ "$place" = native ]; then "$@"; else
		BUILD=$BUILD "$top/tools/there.sh" "$place" "$box" "$suites" -- "$@"
	fi
}
# in_parts BUILD SUITES COMMAND...: as above; but what needs no KVM runs here, where all is quicker
# (of a lab whose guests need no KVM, all does)
in_parts() {
	case $2 in
	lab*)
		[ -z "$(about labs/"${2#lab}"-* bare)" ] || {
			shift 2
			"$@"
			return
		}
		;;
	esac
	if [ "$place" != native ]; then
		dir=$1 set=$2
		shift 2
		VMMLAB_PART=plain "$@" || [ $? = 3 ] || return 1
		VMMLAB_PART=kvm
		export VMMLAB_PART
		set -- "$dir" "$set" "$@"
	fi
	there "$@"
}
fairness() { # fairness ladder|mutants LAB
	if [ "$1" = mutants ]; then # a mutant may hang, and has its own second try
		cached "$build/tools/prove" "$1" "$build" "$2" "$place"
	else
		VMMLAB_TIME_SCALE=$scale twice cached "$build/tools/prove" "$1" "$build" "$2" "$place"
	fi
}
sanitized() { # LAB|common|self: ASan and UBSan
	cached make_in san SAN=1 || return 1
	export ASAN_OPTIONS=quarantine_size_mb=16 # 256 by default: too much for a machine of 384 MiB
	check=$build/san/tests/check
	case $1 in
	self) # a test of the tests needs no guest
		VMMLAB_LONGEST=$quick VMMLAB_TIME_SCALE=3 twice "$check" --suites="$build/san/tests/{harness-self,box,marks}/{unit,blackbox}" ||
			[ $? = 3 ]
		;;
	*)
		suite=lab$1
		[ "$1" != common ] || suite=common
		LIMIT=900 VMMLAB_LONGEST=$quick VMMLAB_TIME_SCALE=30 twice in_parts "$build/san" "$suite" \
			"$check" --suites="$build/san/tests/{$suite,}/{unit,blackbox}"
		;;
	esac
}
tsan() { # LAB: ThreadSanitizer. By clang: gcc 12 refuses virtq.c's fence under it
	cached make_in tsan TSAN=1 CC="ccache clang" || return 1
	# What it finds has file and line, there as well. No findings: the last words, which are said in a
	# signal handler (common/obituary.c knows), and the threads that a failed test leaves behind.
	SYMBOLIZER=$(command -v addr2line)
	TSAN_OPTIONS=halt_on_error=1:external_symbolizer_path=$SYMBOLIZER:strip_path_prefix=$PWD/
	export SYMBOLIZER TSAN_OPTIONS="$TSAN_OPTIONS:report_signal_unsafe=0:report_thread_leaks=0"
	LIMIT=900 VMMLAB_LONGEST=$quick VMMLAB_TIME_SCALE=30 twice in_parts "$build/tsan" "lab$1" \
		"$build/tsan/tests/check" --suites="$build/tsan/tests/lab$1/{unit,blackbox}"
}
# LAB: in 20 orders, each with its seed, what needs no KVM; in fewer what does, where lab 05 takes half a minute
# an order, and in an emulated machine several.
shuffled() {
	few=5
	[ "$place" = native ] || few=2
	for suite in "$build/tests/lab$1/unit" "$build/tests/lab$1/blackbox"; do
		[ -e "$suite" ] || continue
		if [ -n "$(about labs/"$1"-* bare)" ]; then # no guest of its needs KVM, and each has an emulator
			orders=20
			case $suite in */blackbox) orders=2 ;; esac
			VMMLAB_TIME_SCALE=5 twice "$suite" --shuffle --repeat=$orders || return 1
			continue
		fi
		VMMLAB_PART=plain VMMLAB_LONGEST=$quick VMMLAB_TIME_SCALE=5 twice "$suite" --shuffle --repeat=20 || return 1
		VMMLAB_PART=kvm VMMLAB_LONGEST=$quick VMMLAB_TIME_SCALE=$scale twice there "$build" "lab$1" \
			"$suite" --shuffle --repeat=$few || return 1
	done
}
reference() { # LAB: the solved tree stands alone, and no mark is left in it
	tree=$build/prove/reference-$1
	rm -rf "$tree"
	tools/starter.sh --reference "$tree"
	! grep -rnE 'TASK [0-9]+\.[0-9]+|TODO\("' "$tree"/labs/"$1"-* --include="*.[ch]" || return 1
	cached make -s -j"$jobs" -C "$tree" BUILD=build WERROR=-Werror "lab$1" guests build/tests/grade \
		build/tests/shim.so || return 1
	cd "$tree" || return 1
	VMMLAB_TIME_SCALE=$scale there build "lab$1" build/tests/grade --lab="$1"
}
# Hostile submissions, as grade-all marks them: those that end before anything of theirs runs, the fake VMM, and
# the reference; on the step's turn all.
submissions() {
	names='' sandbox=bwrap
	bwrap --ro-bind / / true 2>/dev/null || { # as in a container, or where something is mounted over the root
		sandbox=user
		echo "bubblewrap makes no sandbox here: another user's instead"
	}
	[ -n "${VMMLAB_RENEW:-}" ] || names=$(cd tests/adversarial/submissions && echo in-* cc-* obj-* fake* ok-*)
	# shellcheck disable=SC2086 # a list of words
	VMMLAB_TIME_SCALE=$scale ENGINE=svm JOBS=$jobs SANDBOX=$sandbox tools/submissions.sh "$build" $names
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
boots() ( # LAB: a stock kernel
	. "$top/tools/engine.sh"
	. "$top/tools/linux.sh"
	die() { shift; echo "$*"; exit 1; }
	need() { :; } # ./lab prove has brought all, and built it
	build() { :; }
	[ "$place" != native ] || whole_cpu || place=svm
	boot_all "$(cd "$build" && pwd)" "$place" "$1"
)
compared() { # LAB: with QEMU
	VMMLAB_TIME_SCALE=$scale "$build/tools/compare" --build="$build" --engine="$place" --lab="$1"
}
# calls LAB: what a VMM calls while a guest runs, as strace sees it, and the list that --verbose prints of what
# it may. Every second guest runs another way. (The list is longer: other right solutions call other things.)
calls() (
	. "$top/tools/engine.sh"
	command -v strace >/dev/null || { echo "strace is missing"; exit 1; }
	BUILD=$build BOX=$box strace=$(command -v strace) runs=$build/prove/traced-$1 vmm=$(programs "$build" "$1")
	rm -f "$runs".*
	other="" way="--irqchip=kernel --notify=eventfd --vga=ram --screen=/dev/null --stats --kvm-stats --walk=0x100000"
	for image in "$build/guests/$1"/*.elf; do
		options=$other
		for device in $(wanted_devices "$image"); do
			[ "$device" != blk ] || device=$(made_disk "$runs.disk")
			[ "$device" != net ] || device=net,user
			options="$options --device=$device"
		done
		echo "$strace -A -f -qq -o $runs.trace $vmm --verbose --timeout=10 $options $image </dev/null 2>>$runs.said"
		if [ -n "$other" ]; then other=""; else other=$way; fi
	done >"$runs.sh"
	touch "$runs.trace" "$runs.said" "$runs.disk"
	LIMIT=900 on_engine --put="$strace" --put="$vmm" --put="$build/guests/$1" --put="$runs.sh" \
		--put="$runs.disk" --get="$runs.trace" --get="$runs.said" -- /bin/sh "$runs.sh" >/dev/null || true
	"$build/tools/calls" "$runs.said" "$runs.trace"
)

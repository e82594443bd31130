# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2034,SC2154
# ./lab debug T=5.2: the first test of the task that fails, under gdb. A unit test runs here; what needs
# KVM, where guests run: in an emulated machine by gdbserver, over the program's own input and output. For
# ./lab, which reads this file.

patience=300 # seconds, without a terminal: what still runs then is stopped, and shown

verb_debug() {
	[ -n "$T" ] || die 2 "debug: which task? ./lab debug T=5.2"
	known_task
	[ -z "$cross" ] || die 3 "debug: only on an x86-64 machine"
	LAB=${T%%.*} dir=$(lab_dir)
	nn=$(number "$dir")
	need run test debug
	build guests "$BUILD/tests/shim.so" "lab$nn"
	[ "$(about "$dir" tests)" != here ] || ENGINE=here
	engine
	locked scratch_dir
	find_failing || {
		say "debug: no test of $T fails that gdb can follow; ./lab grade says more"
		return
	}
	say "$outcome $failing, of $suite$where"
	[ -n "${CFLAGS:-}" ] ||
		say "where gdb says <optimized out>, build once more: CFLAGS='-Og -g' BUILD=build/debug ./lab debug T=$T"
	write_gdb
	[ "$place" = native ] || write_call
	run_gdb "$@"
}

# The first test of the task that fails: $outcome, $failing, $suite; $place is where it runs.
find_failing() {
	where='' all=$place
	place=native
	[ "$all" = native ] || export VMMLAB_PART=plain
	fails unit && return
	place=$all
	[ "$all" = native ] || VMMLAB_PART=kvm where=" (in the emulated machine $all)" SUITES=lab$nn
	[ "$all" = native ] || { fails unit && return; }
	fails blackbox
}
fails() { # fails unit|blackbox
	suite=$BUILD/tests/lab$nn/$1
	VMMLAB_COLUMNS=400 SYMBOLIZER='' on_engine_tests -- "$suite" --no-retry --no-traps --filter="$T" >"$scratch/said" || true
	first=$(awk '$1 ~ /^(FAIL|CRASH|TIMEOUT|TODO)$/ { print $1, $3; exit }' "$scratch/said")
	outcome=${first%% *} failing=${first#* }
	[ -n "$first" ]
}

# What gdb is told, in $scratch: run.gdb has the arguments of the program (of a black-box test that is the
# VMM, and the test writes it), stops.gdb is where it stops.
write_gdb() {
	case $suite$where in
	*/unit*) printf '%s\n' "set remote exec-file $suite" "set args --no-fork --filter=$failing" >"$scratch/run.gdb" ;;
	*/blackbox) "$suite" --no-retry --filter="$failing" --keep="$scratch" >/dev/null 2>&1 || true ;;
	esac
	{
		# The VMM's own signals, of labs/*/kick.h.
		printf '%s\n' 'handle SIGUSR1 SIGUSR2 nostop noprint pass' 'set breakpoint pending on'
		case $suite in */unit) echo 'break test_fail' ;; esac
		[ -z "${SAN:-}" ] || echo 'break __sanitizer_report_error_summary' # it has told, and ends
		functions | while read -r function; do echo "tbreak $function"; done
	} >"$scratch/stops.gdb"
}

# The task's functions: there one steps into it. Without a terminal, only if nothing else would stop it.
functions() {
	case $suite in */unit) [ -t 0 ] || return 0 ;; esac
	[ -t 0 ] || ! grep -Eq '(crashed with|killed by) SIG' "$scratch/said" || return 0
	awk -v task="$T" '$1 == task && $4 != "-" { gsub(",", "\n", $4); print $4 }' "$dir/tasks"
}

# $scratch/call starts gdbserver there. A black-box test runs first, and leaves its files.
write_call() {
	keep=:
	case $suite in */blackbox) keep="$suite --no-retry --filter=$failing --keep=$scratch" ;; esac
	server=$(command -v gdbserver) ALSO_THERE="$(command -v gdbserver) $scratch"
	BOX=write_words on_engine_tests -- /bin/sh -c "$keep >/dev/null 2>&1; exec $server --multi -"
}
write_words() {
	{
		printf %s "exec $BUILD/tools/box/box"
		for word in "$@"; do printf " '%s'" "$word"; done
	} >"$scratch/call"
}

# run_gdb OPTION...: at a terminal it is the user's; else it goes on to where the test fails, and says
# how it came there.
run_gdb() {
	[ "$place" = native ] || {
		case $suite in */blackbox) set -- -ex "remote get $scratch/run.gdb $scratch/run.gdb" "$@" ;; esac
		set -- -ex "target extended-remote | sh $scratch/call" "$@"
	}
	program=$suite
	case $suite in */blackbox) program=$(program) ;; esac
	set -- -q -iex 'set debuginfod enabled off' -iex 'set sysroot /' -ex "file $program" "$@" \
		-x "$scratch/run.gdb" -x "$scratch/stops.gdb" -ex run
	if [ -t 0 ]; then
		gdb "$@"
	else
		timeout -s INT -k 10 "${VMMLAB_PATIENCE:-$patience}" gdb -nx -batch "$@" -ex 'backtrace 16' </dev/null
	fi
}

# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# The labs of this tree are the folders labs/NN-name; how one differs from the others its file `about`
# says, "KEY: words". For scripts in the tree's root (lab_says() in tests/lib/tasks.h is the same in C):
#
#   program: NAME          its program is called so (default vmm)
#   alone: WHY             it stands on no lab, and no later one on it
#   libs: -lNAME...        what its program is linked with, and those of the labs above
#   run: itself            ./lab run starts it without a guest, as root: it looks at the machine
#   bare: FILE...         its program runs on a bare machine (./lab run by tools/emulate.c), with these of other labs
#   metal: FILE...        those of its own files of which the unit tests have fake ones: they need that machine
#   tests: here            its tests need no KVM: they never go into the emulated machine
#   demo: GUEST WORDS     what ./lab demo runs on this lab and those above, and what that shows
#                          (linux: a stock kernel: tools/linux.sh)
#   demo-options: ...      and with which options; %disk is a small disk
#   bench: NAME [qemu] [picture]   the measurement of tools/benchmarks; whether it needs QEMU, and draws
#   engines: svm-NAME...   on which emulated engines prove runs its tests, besides the usual one
#   packets: TEST          the test that prove feeds very many
#   confined: HOW          its program gives up what no run needs: the step calls-NN compares its calls with its list
#   boots: WHAT            the step boots-NN boots that on it (tools/linux.sh)
#   threads: WHICH         its program, and those of the labs above, have more than one: prove runs their
#                          tests under ThreadSanitizer

# about DIR KEY [DEFAULT] (by builtins: it is asked often)
about() {
	said=
	[ ! -f "$1/about" ] || while read -r word words; do
		[ "$word" != "$2:" ] || said=$words
	done <"$1/about"
	printf '%s\n' "${said:-${3-}}"
}
number() { # labs/02-vcpu-run -> 02
	set -- "${1#labs/}"
	printf '%s\n' "${1%%-*}"
}
labs() { for table in labs/[0-9][0-9]-*/tasks; do printf '%s\n' "${table%/tasks}"; done; }
# with KEY: the labs that say something of it, as DIR a line; without KEY: those that do not
with() { for lab in $(labs); do [ -z "$(about "$lab" "$1")" ] || printf '%s\n' "$lab"; done; }
without() { for lab in $(labs); do [ -n "$(about "$lab" "$1")" ] || printf '%s\n' "$lab"; done; }
# Those that ask for work: a table without a line has none yet.
with_tasks() { for lab in $(labs); do [ ! -s "$lab/tasks" ] || printf '%s\n' "$lab"; done; }
# The suites that need KVM, which go into an emulated machine where there is none; and those that stay
# here: tests of tests need no KVM, but a compiler. "common,lab01,lab02"
suites_there() { printf 'common' && suites_of "$(without tests)"; }
suites_here() { printf 'harness-self,box,marks' && suites_of "$(with tests)"; }
suites_of() { for dir in $1; do printf ',lab%s' "$(number "$dir")"; done; }
# programs ROOT [NN]: those of all labs, or of one, that are built there
programs() {
	for lab in $(labs); do
		built=$1/$lab/$(about "$lab" program vmm)
		[ "${2:-$(number "$lab")}" != "$(number "$lab")" ] || [ ! -e "$built" ] || printf '%s\n' "$built"
	done
}

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

tools/starter.sh --exact "$dir" >"$log" 2>&1 || {
	fail starter-export "it cannot be written"
	exit 0
}
pass starter-export
# Those of ./lab itself. A new script for those who work on the course goes into starter.sh's left_out.
scripts=$(cd "$dir/tools" && echo *.sh)
case $scripts in
"bare.sh build.sh debug.sh engine.sh grading.sh init.sh labs.sh linked.sh linux.sh packages.sh student.sh") pass starter-scripts ;;
*) fail starter-scripts "a starter has the scripts $scripts" ;;
esac
make -s -C "$dir" -j"$(getconf _NPROCESSORS_ONLN)" BUILD=build WERROR=-Werror >>"$log" 2>&1 || {
	fail starter-builds "it does not build without a warning"
	exit 0
}
pass starter-builds

# A lab is a folder: one more, with a program and no task yet, changes no other line.
new=labs/99-new
mkdir -p "$dir/$new"
cp "$dir/labs/02-vcpu-run/main.c" "$dir/$new" && : >"$dir/$new/tasks"
if make -s -C "$dir" BUILD=build WERROR=-Werror all lab99 >>"$log" 2>&1 &&
	[ "$("$dir/build/$new/vmm" --version)" = "$("$dir/build/labs/02-vcpu-run/vmm" --version)" ] &&
	(cd "$dir" && ./lab run GUEST=nobody 2>&1) | grep -q 'LAB=06 has .*pvh-info'; then
	pass a-lab-is-a-folder
else
	fail a-lab-is-a-folder "a folder with a main.c and an empty table is a lab"
fi
rm -rf "${dir:?}/$new" "$dir/build/$new"

# What lies beside the labs is none; but of two with one number nobody can say which is meant. And a
# pipe by the name of a file that make reads has no end.
mkdir "$dir/labs/03-notes" && cp -R "$dir/labs/02-vcpu-run" "$dir/labs/02-vcpu-run.old"
status=0
said=$(make -s -C "$dir" BUILD=build all 2>&1) || status=$?
rm -rf "$dir/labs/02-vcpu-run.old"
mkfifo "$dir/labs/02-vcpu-run/about.pipe" && mv "$dir/labs/02-vcpu-run/about" "$dir/build/about" &&
	mv "$dir/labs/02-vcpu-run/about.pipe" "$dir/labs/02-vcpu-run/about"
case $status$said in
2*'two folders labs/02-...'*)
	if timeout 60 make -s -C "$dir" BUILD=build all >>"$log" 2>&1; then
		pass beside-the-labs
	else
		fail beside-the-labs "notes, or a pipe called about, keep the tree from being built"
	fi
	;;
*) fail beside-the-labs "of two labs with one number make must say a word: $said" ;;
esac
mv "$dir/build/about" "$dir/labs/02-vcpu-run/about"
rmdir "$dir/labs/03-notes"

# It says what there is to do.
if grep -q 'a starter, version .*: \([0-9]*\) of \1 tasks are to be done, the first is 1.1$' "$log" &&
	grep -q '^Begin there with .* LAB=01 ' "$log"; then
	pass starter-says-what-it-is
else
	fail starter-says-what-it-is "it must say how many tasks are to be done, and where to begin"
fi

# A student solves two tasks and hands them in; laid over a fresh starter, as an instructor does it, that is
# the same work. And a file comes back as it was handed out.
lab=labs/02-vcpu-run
works() { # the tests of 2.2 that need no KVM
	make -s -C "$dir" BUILD=build lab02 && (cd "$dir" && VMMLAB_PART=plain build/tests/lab02/unit --filter=2.2)
}
back() { (cd "$dir" && ./lab reset FILE=$lab/vm.c && ./lab reset FILE=$lab/mem.c); }
hand_in() {
	for file in vm mem; do unifdef -t -x 2 -DSOL=202 $lab/$file.c >"$dir/$lab/$file.c"; done
	works && (cd "$dir" && ENGINE=here ./lab submit LAB=02 OUT='build/my lab.tar.gz' FORCE=1) &&
		back && ! works &&
		tar -xmzf "$dir/build/my lab.tar.gz" -C "$dir" --wildcards 'labs/[0-9][0-9]-*/*.[ch]' && works
}
if hand_in >"$dir/build/hand-in.out" 2>&1 && grep -q "^changed: $lab/mem.c\$" "$dir/build/hand-in.out" &&
	grep -q "^course: vmmlab $(cat VERSION)\$" "$dir/build/hand-in.out"; then
	pass starter-submission
else
	fail starter-submission "what is handed in must be the same work over a fresh starter"
fi
cat "$dir/build/hand-in.out" >>"$log"
back >>"$log" 2>&1 || fail starter-reset "a file must come back as it was handed out"
rm -f "$dir/$lab"/*~

# A tree with a mistake that keeps it from being built: whose mistake it is decides how grading ends,
# and never are there marks from the binaries of the day before.
ends() { # ends NAME STATUS WORDS FILE... : a grade of lab 02 with these files spoilt
	name=starter-broken-$1 want=$2 words=$3 status=0
	shift 3
	(
		cd "$dir"
		ENGINE=here COMPILE_LIMIT=${limit:-300} timeout 400 ./lab grade LAB=02 RESULTS=build/r.json
	) >"$dir/build/broken.out" 2>&1 || status=$?
	cat "$dir/build/broken.out" >>"$log"
	rm -f "$dir/$lab/string.h"
	for file in "$@"; do cp "$dir/build/whole/${file##*/}" "$dir/$file"; done
	if [ "$status" = "$want" ] && grep -q "$words" "$dir/build/broken.out" "$dir/build/r.json" &&
		grep -q '"score": null' "$dir/build/r.json"; then
		pass "$name"
	else
		fail "$name" "it must end with status $want, and say \"$words\""
	fi
}
lab=labs/02-vcpu-run mem=labs/02-vcpu-run/mem test=tests/lab02/unit_mem.c
mkdir -p "$dir/build/whole"
(cd "$dir" && cp $mem.c $mem.h $test build/whole)

echo 'this is no C' >>"$dir/$mem.c"
ends code 2 'it does not compile' $mem.c
sed -i 's/^int mem_read(/int mem_rede(/' "$dir/$mem.c"
ends function 2 'it does not compile' $mem.c
echo '#define test_tmpfile 1' >>"$dir/$mem.h" # the compiler complains of tests/harness/test.h
ends header 2 'it does not compile with the tests' $mem.h
echo 'this is no C' >>"$dir/$test"
ends test 4 'the tests do not' $test
# It is called like a header of the system: that must not keep the grader itself from being built.
mkfifo "$dir/$lab/string.h" && touch "$dir/tests/lib/show.c"
echo '#include "string.h"' >>"$dir/$mem.c"
limit=2 ends pipe 2 'compiling did not end' $mem.c

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

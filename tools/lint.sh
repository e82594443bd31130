#!/bin/sh
# SPDX-License-Identifier: MIT
# Everything that can be said about the code without running it. lint.sh BUILD
set -eu
cd "$(dirname "$0")/.."
. tools/packages.sh
build=$1 bad=0
include='-Icommon -Itests/harness -Itests/lib'
for lab in labs/*/; do include="$include -I${lab%/}"; done

step() { # step NAME COMMAND...
	name=$1
	shift
	if "$@" >"$build/lint.log" 2>&1; then
		echo "ok    $name"
	else
		cat "$build/lint.log"
		echo "FAIL  $name"
		bad=1
	fi
}

# judge NAME VERSION COMMAND: each version finds other things, and so the tree is judged by one, Debian 12's.
judge() {
	case $("$1" --version 2>&1) in
	*" $2"*) step "$1" "$3" ;;
	*) echo "-     $1: not $2 (Debian 12's), by which the tree is judged" ;;
	esac
}

# (Hostile submissions are as they are.)
c_files() { git ls-files -co --exclude-standard "$@" | grep -v ^tests/adversarial/submissions/ | sort -u; }
format() { c_files '*.c' '*.h' | xargs clang-format --dry-run -Werror; }
shell() { shellcheck -s sh -S warning -e SC1091,SC2154 lab tools/*.sh tools/debian/*.sh tools/marks/*.sh tools/marks/gradescope/* book/build.sh .ci/run; }
tidy() {
	c_files "*.c" | grep -v tests/adversarial/ | xargs -P 2 -I{} clang-tidy --quiet {} -- \
		-std=gnu11 -D_GNU_SOURCE -DSOL=9999 $include
}
check() {
	cppcheck -j 2 --quiet --error-exitcode=1 --inline-suppr --std=c11 -DSOL=9999 -D_GNU_SOURCE \
		--enable=warning,performance,portability --suppress=missingIncludeSystem \
		$include common labs tests/lab* tests/common tests/box tests/marks tests/harness tests/lib tools
}
# No line may be wider than 100 columns, no file longer than a sitting.
size() {
	c_files '*.c' '*.h' '*.s' '*.sh' lab | xargs awk '
		FNR > 450 && !told[FILENAME]++ { print FILENAME ": longer than 450 lines"; bad = 1 }
		END { exit bad }'
}

# What each lab's program has from the linker and the compiler: HARDENED in the Makefile.
hardened() {
	for program in "$build"/labs/*/*; do
		[ -f "$program" ] && [ -x "$program" ] || continue
		folder=${program#"$build"/}
		! grep -qs '^bare:' "${folder%/*}/about" || continue # it is no program of a system's
		readelf -hldW --dyn-syms "$program" >"$build/readelf.log"
		for sign in 'Type: *DYN' GNU_RELRO BIND_NOW __stack_chk_fail '__[a-z]*_chk@'; do
			grep -q "$sign" "$build/readelf.log" || { echo "$program: no $sign"; return 1; }
		done
	done
}

# A header by its name alone is one header: labs, common and the harness are on one path.
headers() { ! c_files 'labs/*.h' 'common/*.h' 'tests/harness/*.h' 'tests/lib/*.h' | sed 's,.*/,,' | sort | uniq -d | grep .; }

# A line of a comment without its blank: clang-format has filled a table that somebody made.
tables() { ! c_files '*.c' '*.h' | xargs grep -nE '^ \*[^ /[:space:]]'; }

# How much room there is, is asked of the buffer: a number is wrong one day, and sprintf() asks nobody.
rooms() { ! c_files '*.c' '*.h' | xargs grep -nE 'snprintf\([^,]*, [0-9]|\<v?sprintf\('; }

# A student reads what a test compares: no bytes of a structure, and no expression of casts and addresses.
words() { ! c_files 'tests/lab*/*.[ch]' | xargs grep -nE 'EXPECT_BYTES\(&|EXPECT_(U64|STR)\((\*|&|vq_name)'; }

# A failure names the seed of all the random numbers that its test has drawn: there is one source of them.
draws() { ! c_files 'tests/lab*/*.[ch]' tests/common | xargs grep -nE 'getrandom\(&|/dev/u?random|\<s?rand\('; }

if has_layout_version; then
	step clang-format format
else
	echo "-     clang-format: not version $layout_version, by which the layout is judged"
fi
step tables tables
step shellcheck shell
step size size
step rooms rooms
step words words
step draws draws
step headers headers
step hardened hardened
step loops tools/loops.sh "$build"
step ties "$build/tools/ties"
step blocks "$build/tools/record" --blocks
judge cppcheck 2.10 check
judge clang-tidy 14.0 tidy
exit $bad

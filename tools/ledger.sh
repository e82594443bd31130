# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154
# What has been proven, and need not be again: tests/proven. For tools/prove.sh, which reads this file and
# sets $build, $place and $versions. A line is
#
#	STEP PLACE HASH DAY VERSIONS
#
# that step was green on that day, guests running at PLACE, with inputs of that hash, with compilers,
# emulators and libraries of these versions. It holds as long as all that is so, and for ten days. And on one
# day in ten each step runs anyway, with the tests that are left out for their length on other days: so
# whoever proves each day never has it all to run again. When a step fails, its line goes.

ledger=tests/proven

# The files on which a step depends: all that git knows or would know, but for those of which it is plain
# that the step never reads them. (A list of what it reads would be shorter, and wrong one day.)
inputs() { # inputs STEP
	git ls-files -co --exclude-standard | LC_ALL=C sort | grep -Ev "$(never_read "$1")" |
		while read -r file; do [ ! -f "$file" ] || printf '%s\n' "$file"; done
}
never_read() {
	texts='^[^/]*\.md$|^LICENSE$|^\.(ci/|clang|git)|^labs/[^/]*/(README\.md$|hints/)|^tests/(README|proven)'
	book='^book/'
	# what decides which steps run, and how ./lab comes to them
	front='^lab$|^tools/(course|prove|ledger|check|starter-proof|lint|fresh|loops|mutants|grading|packages|build)\.sh$'
	tools='^tools/(recorded|benchmarks|doctor|yardstick)/|^tools/(record|bench|ties|hint)\.c$|^tools/recorded\.sh$'
	tests='^tests/(harness-self|box|adversarial)/'
	lowest=$(number "$(without alone | head -n 1)")
	case $1 in
	mutants-[0-9]*) echo "$texts|$book|$front|$tools|$tests|$(of_other_labs "${1##*-}")" ;;
	recorded-*) echo "$texts|^book/[^/]*$|$tests|^tests/(lab[0-9]*/[^/]*\.[ch]$|common/)|$(of_other_labs "${1##*-}")" ;;
	svm-*[0-9]) echo "$texts|$book|$tools|$tests|^tests/mutants/|$(of_other_labs "${1##*-}")" ;;
	sanitized-common) echo "$texts|$book|$front|$tools|$tests|^tests/(mutants|lab[0-9]*)/" ;;
	*-[0-9]*) echo "$texts|$book|$front|$tools|$tests|^tests/mutants/|$(of_other_labs "${1##*-}")" ;;
	# the tests of tests run, of all labs' programs, those of the lowest
	sanitized-self) echo "$texts|$book|$(above "$lowest")|^tests/(mutants|adversarial|lab[0-9]*|common/[^/]*\.c$)/?" ;;
	fuzzed) echo "$texts|$book|$front|$tools|^tools/box/|^tests/[b-z]|^guests/|^tools/(proof|export)/" ;;
	clang) echo "$texts|$book|^tests/(mutants|adversarial)/|^guests/|^lab$|\.sh$" ;;
	*) echo "$texts|$book|^tests/(mutants|adversarial)/" ;;
	esac
}
# What lies above a lab, and the tests and mutants of all others.
above() {
	set -- "$1" none
	for lab in $(labs); do
		lab=$(number "$lab")
		[ "$lab" -le "$1" ] || set -- "$1" "$2|$lab"
	done
	echo "^(labs|guests)/($2)[-/]"
}
of_other_labs() {
	set -- "$1" none
	for lab in $(labs); do
		lab=$(number "$lab")
		[ "$lab" = "$1" ] || set -- "$1" "$2|$lab"
	done
	echo "$(above "$1")|^tests/(lab|mutants/)($2)/"
}

hash_of() { # hash_of STEP: their names, whether they may be executed, and all bytes
	inputs "$1" >"$build/prove/$1.inputs"
	{
		cat "$build/prove/$1.inputs"
		while read -r file; do [ ! -x "$file" ] || echo "x $file"; done <"$build/prove/$1.inputs"
		git hash-object --stdin-paths <"$build/prove/$1.inputs"
	} | git hash-object --stdin
}

# As one word.
versions_here() {
	for program in "${CC:-gcc}" clang ld "${QEMU:-qemu-system-x86_64}" bochs; do
		printf '%s-%s,' "${program##*[/ ]}" "$(${program} --version 2>/dev/null </dev/null |
			sed -n 's/^[^.]*[^0-9.]\([0-9][0-9]*\.[0-9.]*[0-9]\).*/\1/p' | head -n 1)"
	done
	if [ "$place" = native ]; then uname -r; else "$box" --engine="$place" -- /bin/uname -r; fi |
		sed 's/.*/linux-&,/' | tr -d '\n'
	# The libraries' bytes: not every system tells a library's version.
	# shellcheck disable=SC2046 # a list of words
	ldd "$build/tests/grade" $(programs "$build") 2>/dev/null | sed -n 's/.*=> \(\/[^ ]*\).*/\1/p' | LC_ALL=C sort -u |
		xargs cat | git hash-object --stdin | sed 's/\(.\{12\}\).*/libraries-\1/'
	[ -z "${CFLAGS-}${LDFLAGS-}" ] || echo "$CFLAGS $LDFLAGS" | git hash-object --stdin | sed 's/^/,flags-/'
} # (uname, and so the emulated machine's kernel, is of one line)

today() { echo $(($(date +%s) / 86400)); }
# Is it the step's turn? number: its place in the list of steps
has_its_turn() { [ $((($1 + $(today)) % 10)) = 0 ]; }

# proven_on STEP HASH: the day; or nothing, or none of the last ten
proven_on() {
	day=$(found "$@")
	seconds=$(date -u -d "${day:-never}" +%s 2>/dev/null) || return 0
	[ $(($(today) - seconds / 86400)) -gt 10 ] || echo "$day"
}
found() {
	[ ! -f "$ledger" ] || awk -v step="$1" -v place="$place" -v hash="$2" -v versions="$versions" '
		$1 == step && $2 == place && $3 == hash && $5 == versions { print $4; exit }' "$ledger"
}
# note_proven STEP HASH: with HASH from before it ran. forget_proven STEP
note_proven() { note "$1" "$1 $place $2 $(date -u +%F) $versions"; }
forget_proven() { note "$1"; }
note() { # note STEP [LINE]
	{
		flock 9
		{
			[ ! -f "$ledger" ] || awk -v step="$1" -v place="$place" '$1 != step || $2 != place' "$ledger"
			[ -z "${2-}" ] || echo "$2"
		} | LC_ALL=C sort >"$build/prove/proven" && cp "$build/prove/proven" "$ledger"
	} 9>>"$build/prove/.proven"
}

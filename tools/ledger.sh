# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154
# What has been proven, and need not be again: tests/proven. For tools/prove.sh, which reads this file and
# sets $build, $place and $versions. A line is
#
#	STEP PLACE HASH DAY VERSIONS
#
# that step was green on that day, guests running at PLACE, with inputs of that hash, with compilers,
# emulators, kernel and libraries of these versions. It holds as long as all that is so, and for ten days.
# And on one day in ten each step runs anyway, with the tests that are left out for their length on other
# days: so whoever proves each day never has it all to run again. When a step fails, its line goes.

ledger=tests/proven

# tree_of FILE: a line for each file that git knows or would know: its hash, whether it may be executed, its
# name. No filter of git's, and no list of what a user wants ignored: what counts are the bytes that lie
# there. Fails if they cannot be listed.
tree_of() {
	built=${build#"$PWD/"}
	git -c core.quotePath=false ls-files -co --exclude-per-directory=.gitignore >"$1.all" || return 1
	LC_ALL=C sort -u "$1.all" | while IFS= read -r file; do
		case $file in "$built"/* | tests/proven) ;; *) [ ! -f "$file" ] || printf '%s\n' "$file" ;; esac
	done >"$1.names"
	grep -qx Makefile "$1.names" && ! grep -q '^"' "$1.names" || return 1
	git hash-object --no-filters --stdin-paths <"$1.names" >"$1.hashes" || return 1
	while IFS= read -r file; do
		if [ -x "$file" ]; then echo x; else echo -; fi
	done <"$1.names" | paste "$1.hashes" - "$1.names" >"$1"
	rm -f "$1.all" "$1.names" "$1.hashes"
}

# hash_of STEP TREE: of the files on which it depends: all but those of which it is plain that the step
# never reads them. (A list of what it reads would be shorter, and wrong one day.)
hash_of() {
	NEVER=$(never_read "$1") awk -F '\t' '$3 !~ ENVIRON["NEVER"]' "$2" >"$build/prove/$1.inputs"
	git hash-object --no-filters "$build/prove/$1.inputs"
}
never_read() {
	hints='^labs/[^/]*/hints/'
	texts='^[^/]*\.md$|^LICENSE$|^VERSION$|^\.(ci/|clang|git)|^labs/[^/]*/README\.md$|^tests/(README|claims/)'
	book='^book/'
	# what decides which steps run, and how ./lab comes to them
	front='^lab$|^tools/(course|bare|prove|ledger|check|starter-proof|lint|fresh|stress|loops|mutants|grading|marking|submissions|student|packages|build|pages)\.sh$'
	tools='^tools/(recorded|benchmarks|debian|doctor|yardstick|tied|marks)/|^tools/(record|bench|ties|hint|watch|converse)\.c$|^tools/(recorded|fuzz|debian)\.sh$'
	# (What runs as part of a lab's suite lies in a folder there, and its corpora in another.)
	fuzz='^tests/adversarial/(corpus/|submissions/|[^/]*$)'
	tests="^tests/(harness-self|proof|box|marks)/|$fuzz"
	lab=${1##*-}
	case $1 in
	proof) echo "$texts|$hints|$book|^labs/[^/]*/[^/]*\.[ch]$|^guests/|^tests/(mutants|adversarial|box|lab[0-9]*|common)/|^tools/[^/]*/" ;;
	# the tests of tests run, of all labs' programs, those of the lowest, and its hints
	sanitized-self) echo "$texts|$book|$(above "$(number "$(without alone | head -n 1)")")|^tests/(mutants|adversarial|proof|lab[0-9]*|common/[^/]*\.c$)/?" ;;
	sanitized-common) echo "$texts|$hints|$book|$front|$tools|$tests|^tests/(mutants|lab[0-9]*)/" ;;
	mutants-*) echo "$texts|$hints|$book|$front|$tools|$tests|$(of_other_labs "$lab")" ;;
	recorded-*) echo "$texts|$hints|^book/[^/]*$|$tests|^tests/(lab[0-9]*/[^/]*\.[ch]$|common/)|$(of_other_labs "$lab")" ;;
	svm-*[0-9]) echo "$texts|$hints|$book|$tools|$tests|^tests/mutants/|$(of_other_labs "$lab")" ;;
	*-[0-9]*) echo "$texts|$hints|$book|$front|$tools|$tests|^tests/mutants/|$(of_other_labs "$lab")" ;;
	# those of other labs run when it is its turn, and whatever has changed
	submissions) echo "$texts|$hints|$book|^tests/(harness-self|proof|box|marks|mutants)/|^tests/adversarial/(corpus/|escape/|[^/]*$)|$(of_other_labs 02)" ;;
	fuzzed) echo "$texts|$hints|$book|$front|^tests/([b-z]|adversarial/escape/)|^guests/|^tools/([^/]*/|[^/]*\.c$)" ;;
	clang) echo "$texts|$hints|$book|^tests/mutants/|$fuzz|^guests/|^lab$|\.sh$" ;;
	*) echo "$texts|$hints|$book|^tests/(mutants|adversarial)/" ;;
	esac
}
# What lies above a lab, and the tests and mutants of all others. (By builtins: it is asked often.)
above() { others -le "$1" && echo "^(labs|guests)/($list)[-/]"; }
of_other_labs() { above "$1" | tr -d '\n' && others '=' "$1" && echo "|^tests/(lab|mutants/)($list)/"; }
others() { # others TEST LAB: $list are the numbers of labs for which that is not so
	list=none
	for table in labs/[0-9][0-9]-*/tasks; do
		table=${table#labs/} table=${table%%-*}
		test "$table" "$1" "$2" || list="$list|$table"
	done
}

# As one word: of what runs a step, but for the repository. (bochs only where it is the machine.)
versions_here() {
	{
		for program in "${CC:-gcc}" clang ld "${QEMU:-qemu-system-x86_64}" $([ "$place" != vmx ] || echo bochs); do
			printf '%s-%s,' "${program##*[/ ]}" "$(${program} --version 2>/dev/null </dev/null |
				sed -n 's/^[^.]*[^0-9.]\([0-9][0-9]*\.[0-9.]*[0-9]\).*/\1/p' | head -n 1)"
		done
		if [ "$place" = native ]; then
			uname -r | sed 's/^/linux-/'
			short cpu- "$(grep -m 1 '^model name' /proc/cpuinfo)"
		else
			"$box" --engine="$place" -- /bin/uname -r | sed 's/^/linux-/'
		fi
		# The libraries' bytes: not every system tells a library's version.
		# shellcheck disable=SC2046 # a list of words
		short ,libraries- "$(ldd "$build/tests/grade" $(programs "$build") 2>/dev/null |
			sed -n 's/.*=> \(\/[^ ]*\).*/\1/p' | LC_ALL=C sort -u | xargs -r git hash-object --no-filters)"
		flags="$([ "${CC-}" = gcc ] || echo "${CC-}")${CFLAGS-}${LDFLAGS-}${CROSS_COMPILE-}${BOX_CPU-}"
		[ -z "$flags" ] || short ,flags- "$flags"
	} | tr -d '\n' | tr '[:space:]' _
}
short() { printf '%s%.12s' "$1" "$(printf %s "$2" | git hash-object --stdin)"; }

today=${VMMLAB_TODAY:-$(($(date +%s) / 86400))} # one for all steps
# Is it the step's turn? number: its place in the list of steps
has_its_turn() { [ $((($1 + today) % 10)) = 0 ]; }

# proven_on STEP HASH: the day, if it is one of the last ten; else nothing
proven_on() {
	day=$(found "$@")
	case $day in 2[0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]) ;; *) return 0 ;; esac
	seconds=$(date -u -d "$day" +%s 2>/dev/null) || return 0
	age=$((today - seconds / 86400))
	[ $age -lt 0 ] || [ $age -gt 10 ] || echo "$day"
}
found() {
	[ -f "$ledger" ] || return 0
	{ # another step may be writing
		flock -s 9
		awk -v step="$1" -v place="$place" -v hash="$2" -v versions="$versions" '
			NF == 5 && $1 == step && $2 == place && $3 == hash && $5 == versions { print $4; exit }'
	} 9<"$ledger" <"$ledger"
}
# note_proven STEP HASH: with HASH from before it ran. forget_proven STEP
note_proven() { note "$1" "$1 $place $2 $(date -u +%F) $versions"; }
forget_proven() { note "$1"; }
note() { # note STEP [LINE]: what is no line (of a merge, say) goes, too
	{
		flock 9
		{
			awk -v step="$1" -v place="$place" 'NF == 5 && ($1 != step || $2 != place)' "$ledger"
			[ -z "${2-}" ] || echo "$2"
		} | LC_ALL=C sort >"$build/prove/proven" && cp "$build/prove/proven" "$ledger"
	} 9>>"$ledger"
}

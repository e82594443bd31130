# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# What has been proven, and need not be again: tests/proven, for tools/prove.sh, which reads this file.
# A line of it is `STEP HASH PLACE DAY TOOLS`: that step was green on that day with inputs of that hash, the
# guests running at PLACE, with compilers and emulators of these versions. It holds as long as all that
# is so; and on one day in ten a step runs anyway, with the tests that are left out for their length on
# other days. So a line that is wrong, whoever has written it, is believed for ten days at most.

ledger=tests/proven

# The files on which a step depends: all that git knows or would, but for those of which it is plain that
# the step never reads them. (A list of what it reads would be shorter, and wrong one day.)
inputs() {
	git ls-files -co --exclude-standard | LC_ALL=C sort | grep -Ev "$(never_read "$1")" |
		while read -r file; do [ ! -f "$file" ] || printf '%s\n' "$file"; done
}
never_read() {
	texts='^[^/]*\.md$|^book/|^labs/[^/]*/(README\.md$|hints/)|^tests/README|^tests/proven$'
	others='^tests/(harness-self|box)/|^tools/(recorded|benchmarks|doctor)/|^tools/(record|bench|ties|hint)\.c$'
	others="$others|^tools/(lint|fresh|loops|recorded|mutants)\.sh$"
	case $1 in
	mutants-[0-9]*) printf '%s' "$texts|$others|^tests/adversarial/|$(of_other_labs "${1##*-}")" ;;
	*-[0-9]*) printf '%s' "$texts|$others|^tests/(adversarial|mutants)/|$(of_other_labs "${1##*-}")" ;;
	fuzzed) printf '%s' "$texts|$others|^tests/(mutants|common|lab[0-9]*)/|^guests/" ;;
	clang) printf '%s' "$texts|^tests/(mutants|adversarial/corpus)/|^guests/" ;;
	*) printf '%s' '^tests/proven$' ;;
	esac
}
# What lies above a lab, and the tests and mutants of all others.
of_other_labs() {
	above=none other=none
	for lab in $(labs); do
		lab=$(number "$lab")
		[ "$lab" = "$1" ] || other="$other|$lab"
		[ "$lab" -le "$1" ] || above="$above|$lab"
	done
	printf '%s' "^(labs|guests)/($above)[-/]|^tests/(lab|mutants/)($other)/"
}
hash_of() {
	inputs "$1" >"$build/prove/$1.inputs"
	{ cat "$build/prove/$1.inputs" && git hash-object --stdin-paths <"$build/prove/$1.inputs"; } |
		git hash-object --stdin
}

# Versions, as one word.
versions() {
	for program in "${CC:-gcc}" clang ld "${QEMU:-qemu-system-x86_64}" bochs; do
		printf '%s-%s,' "${program##*/}" "$("$program" --version 2>/dev/null </dev/null |
			sed -n 's/^[^0-9]*\([0-9][0-9.]*[0-9]\).*/\1/p' | head -n 1)"
	done
	uname -m
}

today() { echo $(($(date +%s) / 86400)); }

# Is it the step's turn? number: its place in the list of steps
has_its_turn() { [ $((($1 + $(today)) % 10)) = 0 ]; }

# The day on which it was proven; or nothing.
proven_on() {
	[ -f "$ledger" ] && awk -v step="$1" -v hash="$(hash_of "$1")" -v place="$place" -v tools="$versions" '
		$1 == step && $2 == hash && $3 == place && $5 == tools { print $4 }' "$ledger"
}
note_proven() {
	{
		flock 9
		{
			[ ! -f "$ledger" ] || awk -v step="$1" '$1 != step' "$ledger"
			echo "$1 $2 $place $(date +%F) $versions"
		} | LC_ALL=C sort >"$build/prove/proven" && cp "$build/prove/proven" "$ledger"
	} 9>>"$build/prove/.proven"
}

#!/bin/sh
# SPDX-License-Identifier: MIT
# Hostile, broken and odd submissions (tests/adversarial/submissions) graded by ./lab grade-all, and what came
# of each compared with what must:
#   submissions.sh BUILD [NAME...]
# A folder NAME has `expected`, "KEY: words" a line; files/, which are laid over the starter; append/ and
# prepend/, whose text goes to the end or the beginning of its files; and `pack`, which makes the submission $1
# (with an ending, or a folder) of tree/. ENGINE, JOBS and SANDBOX as for grade-all.
#   lab: 06           not of lab 02            base: reference  not the starter
#   state: ...        score: N, at-most: N, max: N
#   reason: words     are in the reason        flag: words     is among what a person should look at
#   ignored: path     is not taken             fails: TEST words   that test fails, and its note has the words
#   log: words        are in the compiler's log
set -eu
build=$1
shift
case $build in /*) built=$build ;; *) built=$PWD/$build ;; esac
cases=$PWD/tests/adversarial/submissions
# shellcheck disable=SC2046 # a list of words
[ $# -gt 0 ] || set -- $(ls "$cases")
work=$built/submissions
escaped=/tmp/vmmlab-escaped
rm -rf "$work" "$escaped"
mkdir -p "$work"

# lay NAME KIND: its texts before or behind those of the tree
lay() {
	[ ! -d "$cases/$1/$2" ] || (cd "$cases/$1/$2" && find . -type f) | while IFS= read -r file; do
		to=$work/make/tree/$file
		mkdir -p "${to%/*}"
		case $2 in
		files) cp "$cases/$1/$2/$file" "$to" ;;
		append) cat "$cases/$1/$2/$file" >>"$to" ;;
		prepend) cat "$cases/$1/$2/$file" "$to" >"$work/make/new" && mv "$work/make/new" "$to" ;;
		esac
	done
}
says() { sed -n "s/^$2: //p" "$cases/$1/expected"; }
lab_of() { lab=$(says "$1" lab) && echo "${lab:-02}"; }

make_submission() { # make_submission NAME
	lab=$(lab_of "$1") in=$work/in-$(lab_of "$1")
	rm -rf "$work/make"
	mkdir -p "$work/make/tree/labs"
	base=compile/labs
	[ "$(says "$1" base)" != reference ] || base=reference/labs
	for dir in "$built/marks/lab$lab/$base"/*; do # of a later lab, also what it stands on
		case $lab:${dir##*/} in 02:02-* | 0[!2]:* | [!0]*) cp -R "$dir" "$work/make/tree/labs" ;; esac
	done
	for kind in files append prepend; do lay "$1" $kind; done
	if [ -f "$cases/$1/pack" ]; then
		(cd "$work/make" && sh -e "$cases/$1/pack" "$in/$1") >"$work/$1.log" 2>&1 || {
			cat "$work/$1.log" >&2
			echo "fail $1: it cannot be packed"
		}
	else
		mv "$work/make/tree" "$in/$1"
	fi
}

# A text of the record, by jansson's own layout: a member a line.
record() { sed -n "s/^  \"$2\": \"\{0,1\}\(.*[^\",]\)\"\{0,1\},\{0,1\}\$/\1/p" "$work/out-$(lab_of "$1")/submissions/$1.json" | head -n 1; }

# compare NAME: says what is not as it must be
compare() {
	json=$work/out-$(lab_of "$1")/submissions/$1.json
	[ -s "$json" ] || { echo "no record"; return; }
	state=$(record "$1" state) score=$(record "$1" score) reason=$(record "$1" reason) most=$(says "$1" at-most)
	[ "$state" = "$(says "$1" state)" ] || echo "$state ($reason), not $(says "$1" state)"
	wanted=$(says "$1" score)
	[ -z "$wanted" ] || [ "$score" = "$wanted" ] || echo "score $score, not $wanted"
	[ -z "$most" ] || [ "$score" -le "$most" ] || echo "score $score, more than $most"
	wanted=$(says "$1" max)
	[ -z "$wanted" ] || [ "$(record "$1" max)" = "$wanted" ] || echo "max $(record "$1" max), not $wanted"
	wanted=$(says "$1" reason)
	case $reason in *"$wanted"*) ;; *) echo "the reason is: $reason" ;; esac
	for key in flag:flags ignored:ignored; do
		wanted=$(says "$1" "${key%:*}")
		[ -z "$wanted" ] || sed -n "/^  \"${key#*:}\": \[/,/\]/p" "$json" | grep -Fq -e "$wanted" || echo "no ${key%:*} $wanted"
	done
	wanted=$(says "$1" log)
	[ -z "$wanted" ] || sed -n '/^  "compile_log": /p' "$json" | grep -Fq -e "$wanted" || echo "not in the log: $wanted"
	wanted=$(says "$1" fails)
	[ -z "$wanted" ] || {
		test=${wanted%% *}
		sed -n "/^      \"id\": \".*$test\"/,/}/p" "$json" >"$work/test"
		grep -q '"outcome": "fail"' "$work/test" && grep -Fq -e "${wanted#* }" "$work/test" || echo "$test does not fail with: ${wanted#* }"
	}
}

grade() { # grade LAB IN
	BUILD=$build ./lab -y grade-all LAB="$1" IN="$2" OUT="$work/out-$1" SEED=adversarial >&2
}

# None first: with them comes the course that the others are made from.
labs=$(for name in "$@"; do lab_of "$name"; done | sort -u) status=0
mkdir -p "$work/none"
for lab in $labs; do
	mkdir -p "$work/in-$lab"
	grade "$lab" "$work/none"
done
for name in "$@"; do make_submission "$name"; done
for lab in $labs; do
	grade "$lab" "$work/in-$lab" || status=$?
done

passed=0 failed=0
for name in "$@"; do
	said=$(compare "$name" | paste -sd ';' -)
	if [ -z "$said" ]; then passed=$((passed + 1)); else
		failed=$((failed + 1))
		echo "fail $name: $said"
	fi
done
[ ! -e "$escaped" ] || { failed=$((failed + 1)); echo "fail: something was written to $escaped"; }
[ -z "$(find "${TMPDIR:-/tmp}" -maxdepth 1 -name 'vmmlab-mark-*' -newer "$work/none" -prune 2>/dev/null)" ] || {
	failed=$((failed + 1))
	echo "fail: a grade has left its directory behind"
}
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$status" = 0 ]

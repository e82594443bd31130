#!/bin/sh
# SPDX-License-Identifier: MIT
# mutants.sh OLD: the mutants are patches, and code that is redesigned leaves them behind. Rewrite each for
# the tree of HEAD; OLD is a commit at which all of them applied. First as a merge, which follows a file
# that was renamed or changed around the mistake; then by looking for the one file in which the lines now
# stand. What neither finds is named, stays as it was, and is yours. Status 0, or 1 if there is such a one.
# (prove says whether each still dies by the tests that it names.)
set -eu
cd "$(dirname "$0")/.."
old=$(git rev-parse --verify --quiet "${1-}^{commit}") || {
	echo "usage: mutants.sh COMMIT-AT-WHICH-THE-MUTANTS-APPLIED" >&2
	exit 2
}
git diff --quiet HEAD -- labs common tools || {
	echo "mutants: commit what you have changed first: mutants are rewritten for HEAD" >&2
	exit 2
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GIT_INDEX_FILE="$work/index" GIT_AUTHOR_NAME=m GIT_AUTHOR_EMAIL=m GIT_COMMITTER_NAME=m \
	GIT_COMMITTER_EMAIL=m

# tree COMMIT PATCH [OPTION...]: the name of that commit's tree with the patch applied
tree() {
	commit=$1 patch=$2
	shift 2
	git read-tree "$commit" && git apply --cached "$@" "$patch" 2>/dev/null && git write-tree
}
merged() { # merged PATCH
	with=$(tree "$old" "$1" || tree "$old" "$1" -C1) || return 1
	with=$(git commit-tree -p "$old" -m mutant "$with")
	git merge-tree --write-tree HEAD "$with" 2>/dev/null # a conflict is a status, too
}
# moved PATCH: its lines stand in exactly one other file of labs/ and common/
moved() {
	[ "$(grep -c '^--- a/' "$1")" = 1 ] || return 1
	was=$(sed -n 's,^--- a/,,p' "$1")
	: >"$work/found"
	git read-tree HEAD # OLD does not know of files that are new
	git ls-files 'labs/*.[ch]' 'common/*.[ch]' | while read -r file; do
		sed -e "s,^--- a/$was,--- a/$file," -e "s,^+++ b/$was,+++ b/$file," "$1" >"$work/try"
		patch -s -p1 -F2 --dry-run <"$work/try" >/dev/null 2>&1 && echo "$file" >>"$work/found"
	done || true
	[ "$(wc -l <"$work/found")" = 1 ] || return 1
	file=$(cat "$work/found")
	mkdir -p "$work/tree/$(dirname "$file")"
	patch -s -p1 -F2 -o "$work/tree/$file" "$file" <"$1" >/dev/null || return 1
	git update-index --cacheinfo "$(git ls-files -s "$file" | cut -c 1-6),$(git hash-object -w "$work/tree/$file"),$file"
	git write-tree
}

bad=0
for patch in tests/mutants/*/*.patch; do
	if found=$(tree HEAD "$patch") || found=$(merged "$patch") || found=$(moved "$patch"); then
		sed -n '/^#/p' "$patch" >"$work/new"
		git diff HEAD "$found" | sed -e "/^diff --git /d" -e "/^index /d" -e "s/^\(@@ .* @@\) .*/\1/" >>"$work/new"
		cmp -s "$work/new" "$patch" || {
			cp "$work/new" "$patch"
			echo "rewritten  $patch"
		}
	else
		echo "LOST       $patch"
		bad=1
	fi
done
exit $bad

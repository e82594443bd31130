#!/bin/sh
# SPDX-License-Identifier: MIT
# Write a tree for students (or, with --reference, the solved tree without marks) from this one.
#
#   starter.sh [--from=2.5 | --lab=02 | --sol=204] [--reference] [--book] [--exact] DIR
#
# --from=2.5: all before task 2.5 is solved. --lab=02: all before 2.1. --sol=204: all up to 2.4.
# --book: put the student's edition of the book there as HTML (needs Sphinx).
# --exact: files of an older tree in DIR are removed, but for its build/. (Else they stay: a student may
# have put them there.)
# A file that is there already and has not changed keeps its time, so that DIR can be built again.
set -eu
cd "$(dirname "$0")/.."

sol=0 reference='' book='' exact=''
die() {
	printf 'starter: %s\n' "$*" >&2
	exit 2
}
number() { # 2.10 -> 210
	expr "$1" : '[0-9]*\.[0-9]*$' >/dev/null || die "$1: not a task such as 2.5"
	grep -qsE "^$1[[:space:]]" labs/*/tasks || die "$1: no such task"
	echo $((${1%.*} * 100 + ${1#*.}))
}
while [ $# -gt 1 ]; do
	case $1 in
	--from=*) sol=$(($(number "${1#*=}") - 1)) ;;
	--lab=*) sol=$(($(expr "${1#*=}" : '0*\([0-9]*\)$') * 100)) ;;
	--sol=*) sol=${1#*=} ;;
	--reference) reference=1 sol=9999 ;;
	--book) book=1 ;;
	--exact) exact=1 ;;
	*) die "$1: no such option" ;;
	esac
	shift
done
out=$1
case $out in
"$PWD" | "$PWD"/labs* | "$PWD"/tools*) die "$out: would overwrite this tree" ;;
esac
[ ! -e "$out" ] || [ -z "$(ls -A "$out")" ] || [ -e "$out/.vmmlab-starter" ] ||
	die "$out: there is something else in it"
mkdir -p "$out" || exit 2
new=$(mktemp -d)
trap 'rm -rf "$new"' EXIT

# What stays behind: solutions, what proves the tests, and what makes this tree.
left_out='^(book/|tests/mutants/|tests/adversarial/|tests/(harness-self|proof|box|marks|claims)/|tests/proven$|tools/(course|prove|proof|steps|ledger|check|there|mutants|marking|submissions|starter|stress|fuzz|fresh|lint|loops|record|ties|tied|bench|calls|debian|converse|pages)|tools/yardstick/|tools/marks/|tools/export/|\.ci/|\.gitignore$|README\.md$|reference\.mk$)'

git ls-files -co --exclude-standard | grep -Ev "$left_out" | while read -r file; do
	[ ! -f "$file" ] || printf '%s\n' "$file" # it may be deleted, and not committed yet
done | tar -cf - -T - | tar -xf - -C "$new"
# The first task that is to be done; "" if there is none.
first=$(cat labs/*/tasks | awk -v sol="$sol" '/^[0-9]/ { split($1, id, "."); if (id[1] * 100 + id[2] > sol) print $1 }' | head -n 1)
if [ -n "$reference" ]; then cat tools/export/README.reference.md; else tools/starter-readme.sh "$first"; fi \
	>"$new/README.md"
cp tools/export/gitignore "$new/.gitignore"

# (All files at once, here and below: this is done for each rung of the ladder.)
grep -rl '^#if SOL >= ' "$new" >"$new.list"
xargs -d '\n' unifdef -t -x 2 -m -DSOL="$sol" <"$new.list"
# In the reference tree nothing is to be done any more.
[ -z "$reference" ] || xargs -d '\n' sed -i '/^[[:space:]]*\/\* TASK [0-9.]* \*\/$/d' <"$new.list"
# Marks by which the book finds what it quotes, and which say where a sheet's outputs are recorded.
mark='^[#/*[:space:]]*\[book:[^]]*\][*/[:space:]]*$'
sheet='^<!-- \(recorded\|not replayed\|not a run\): .* -->$'
grep -rl --include='*.[chs]' --include='*.inc' --include='*.md' -e "$mark" -e "$sheet" "$new" |
	xargs -d '\n' sed -i -e "/$mark/d" -e "/$sheet/d"

# What a student edits, once more, as it is handed out: for reset, submit, upgrade and format. (The same
# files make the same archive.)
originals=.vmmlab-originals.tar.gz
[ -n "$reference" ] || (cd "$new" && tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner \
	--mode=u=rw,go=r -cf - labs/*/*.[ch] | gzip -n >$originals)

# Only what has changed, with the modes that the umask wants.
find "$new" -type f -perm -u+x -exec chmod a=,+rwx {} +
find "$new" -type f ! -perm -u+x -exec chmod a=,+rw {} +
if [ -n "$exact" ]; then
	(cd "$out" && find . -path ./build -prune -o -type f -print) | while read -r file; do
		# (What was linked from it is linked anew.)
		[ -f "$new/$file" ] || rm -f "$out/$file" "$out"/build/tests/*/unit "$out"/build/tests/*/blackbox
	done
fi
(cd "$new" && find . -type f -print0 | xargs -0 sha256sum) >"$new.list"
(cd "$out" && LC_ALL=C sha256sum --quiet -c "$new.list" 2>/dev/null || true) |
	sed -n 's/: FAILED.*$//p' | tar -C "$new" -cf - -T - | tar -xmf - --no-same-owner --no-same-permissions -C "$out"
# By this list ./lab grade knows whose fault it is when the tests do not compile: blame.h.
(cd "$out" && find Makefile common tests labs/*/*.h -type f | LC_ALL=C sort | xargs -d '\n' sha256sum) \
	>"$new.list" && cp "$new.list" "$out/.vmmlab-starter"
rm -f "$new.list"

if grep -rlw SOL "$out" --include='*.[chs]' --include=Makefile --include='*.mk' --include=lab ||
	grep -rlE '\[book:|<!-- (recorded|not )' "$out/labs" "$out/common" "$out/guests"; then
	die "the files above still hold a mark"
fi
if [ -n "$book" ]; then
	edition=student
	[ -z "$reference" ] || edition=reference
	# (In a place of its own: another starter may be made at the same time.)
	book/build.sh "$new/book-export" "$edition" >/dev/null || die "$out is not whole: the book does not build"
	mkdir -p "$out/book"
	rm -rf "$out/book/html"
	cp -R "$new/book-export/html" "$out/book/html"
fi

# What there is to do in it: the tasks above $sol.
[ -n "$reference" ] || cat labs/*/tasks | awk -v sol="$sol" -v first="$first" -v out="$out" -v version="$(cat VERSION)" \
	-v files="$(find "$out" -type f ! -path "$out/build/*" | wc -l)" '
	/^[0-9]/ {
		split($1, id, ".")
		tasks++
		todo += id[1] * 100 + id[2] > sol
	}
	END {
		printf "%s: a starter, version %s, %d files: %d of %d tasks are to be done", out, version, files, todo, tasks
		if (!todo) {
			print ""
			exit
		}
		print ", the first is " first
		lab = sprintf("%02d", first)
		print "Begin there with ./lab doctor, then ./lab grade LAB=" lab " and the sheet labs/" lab "-*/README.md"
	}'

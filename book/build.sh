#!/bin/sh
# SPDX-License-Identifier: MIT
# build.sh OUT [student|reference] [LANGUAGE]: the book as OUT/html/index.html and OUT/vmmlab.epub (what
# book/locale has no translation of stays English); of the reference edition also the catalogues from which
# a translation begins, OUT/gettext/*.pot.
#
# It is made from a copy of the sources through which unifdef has gone: in the student's edition no
# task is solved there, so that it cannot quote an answer, not even by mistake.
set -eu
cd "$(dirname "$0")/.."

out=${1:?build.sh OUT [student|reference] [LANGUAGE]}
edition=${2:-student}
case $edition in
student) sol=0 ;;
reference) sol=9999 ;;
*)
	echo "build.sh: $edition: must be student or reference" >&2
	exit 2
	;;
esac
language=${3:-en}
[ "$language" = en ] || [ -d "book/locale/$language" ] || {
	echo "build.sh: $language: there is no book/locale/$language" >&2
	exit 2
}
for tool in unifdef dot; do
	command -v $tool >/dev/null || {
		echo "build.sh: $tool is missing" >&2
		exit 3
	}
done

# Debian's own Sphinx first: the python in PATH may be one without it.
sphinx=${SPHINXBUILD:-/usr/bin/sphinx-build}
[ -x "$sphinx" ] || sphinx="sphinx-build"
export LC_ALL=C.UTF-8

src=$out/src
rm -rf "$src" "$out/html" # pages that are no more
mkdir -p "$src"
cp -Rp book common guests labs "$src"
for file in "$src"/common/*.[ch] "$src"/labs/*/*.[ch]; do
	unifdef -t -x 2 -m -DSOL=$sol "$file"
	sed -i '/^[[:space:]]*\/\* TASK [0-9.]* \*\/$/d' "$file"
done
[ "$edition" = reference ] || sed -i '/^<!-- reference only -->$/,/^<!-- end -->$/d' "$src/book/index.md"

for builder in html epub; do
	"$sphinx" -q -W --keep-going -n -t "$edition" -b $builder -d "$out/doctrees/$builder" \
		-D language="$language" -D epub_language="$(echo "$language" | tr _ -)" "$src/book" "$out/$builder"
done
# (Catalogues for translators, OUT/gettext, of all that there is.)
[ "$edition" = student ] || "$sphinx" -q -W --keep-going -n -t "$edition" -b gettext -d "$out/doctrees/gettext" \
	"$src/book" "$out/gettext"
mv -f "$out/epub/vmmlab.epub" "$out/vmmlab.epub"
rm -rf "$out/epub" "$src"

# Debian's furo is not put together as its authors' is. It imports a style sheet from the web server
# (book.css has what we need of it) and a script as a module, neither of which a file can do, and it
# has lost "dark, if the system is".
css=$out/html/_static/styles/furo.css
sed -i '/^@import url(\/javascript/d' "$css"
if ! grep -q 'prefers-color-scheme' "$css"; then
	dark=$(sed -n '/^  body\[data-theme="dark"\] {$/,/}/p' "$css" | sed 1d)
	printf '@media (prefers-color-scheme: dark) {\n  body:not([data-theme="light"]) {\n%s\n}\n' \
		"$dark" >>"$css"
fi
js=$out/html/_static/scripts
if grep -q '^import .*Gumshoe' "$js/furo.js"; then
	cat "$js/gumshoe-patched.js" "$js/furo.js" | sed '/^import .*Gumshoe/d' >"$js/furo.tmp"
	mv "$js/furo.tmp" "$js/furo.js"
	sed -i 's|<script type="module" src="_static/scripts/furo.js|<script src="_static/scripts/furo.js|' "$out"/html/*.html
fi

#!/bin/sh
# SPDX-License-Identifier: MIT
# build.sh OUT [student|reference]: the book as OUT/html/index.html and OUT/vmmlab.epub.
#
# It is made from a copy of the sources through which unifdef has gone: in the student's edition no
# task is solved there, so that it cannot quote an answer, not even by mistake.
set -eu
cd "$(dirname "$0")/.."

out=${1:?build.sh OUT [student|reference]}
edition=${2:-student}
case $edition in
student) sol=0 ;;
reference) sol=9999 ;;
*)
	echo "build.sh: $edition: must be student or reference" >&2
	exit 2
	;;
esac
for tool in unifdef dot; do
	command -v $tool >/dev/null || {
		echo "build.sh: $tool is missing" >&2
		exit 3
	}
done

# Debian's own Sphinx first: the python in PATH may be one without it.
sphinx=${SPHINXBUILD:-/usr/bin/sphinx-build}
[ -x "$sphinx" ] || sphinx=sphinx-build
export LC_ALL=C.UTF-8

src=$out/src
rm -rf "$src"
mkdir -p "$src"
cp -Rp book common guests labs "$src"
for file in "$src"/common/*.[ch] "$src"/labs/*/*.[ch]; do
	unifdef -t -x 2 -m -DSOL=$sol "$file"
	sed -i '/^[[:space:]]*\/\* TASK [0-9.]* \*\/$/d' "$file"
done

for builder in html epub; do
	"$sphinx" -q -W --keep-going -n -t "$edition" -b $builder -d "$out/doctrees/$builder" \
		"$src/book" "$out/$builder"
done
mv -f "$out/epub/vmmlab.epub" "$out/vmmlab.epub"

# Debian's furo imports a style sheet from the web server, which a file has not (book.css has what we
# need of it), and lost "dark, if the system is": repeat its dark colours under that condition.
css=$out/html/_static/styles/furo.css
sed -i '/^@import url(\/javascript/d' "$css"
if ! grep -q 'prefers-color-scheme' "$css"; then
	{
		echo '@media (prefers-color-scheme: dark) { body:not([data-theme="light"]) {'
		sed -n '/^  body\[data-theme="dark"\] {$/,/}/p' "$css" | sed 1d
		echo '}'
	} >"$out/dark.css"
	cat "$out/dark.css" >>"$css"
	rm "$out/dark.css"
fi
rm -rf "$out/epub" "$src"

#!/bin/sh
# SPDX-License-Identifier: MIT
# gradescope.sh NN ZIP: an autograder for Gradescope, for lab NN. In it are setup.sh, run_autograder, the
# lab's number, and this tree as it is committed or lies here (what git ignores stays out), solutions and
# all: the zip is the instructor's.
# https://gradescope-autograders.readthedocs.io/en/latest/specs/
set -eu
cd "$(dirname "$0")/../.."
nn=$1 zip=$2

new=$(mktemp -d)
trap 'rm -rf "$new"' EXIT
mkdir "$new/course"
git ls-files -co --exclude-standard | while read -r file; do
	[ ! -f "$file" ] || printf '%s\n' "$file" # it may be deleted, and not committed yet
done | tar -cf - -T - | tar -xf - -C "$new/course"
cp tools/marks/gradescope/setup.sh tools/marks/gradescope/run_autograder "$new"
printf '%s\n' "$nn" >"$new/lab"
chmod 755 "$new/setup.sh" "$new/run_autograder"

# The files, not their folder: Gradescope looks for both scripts at the root.
rm -f "$zip"
bsdtar -C "$new" --format zip -cf "$zip.new" setup.sh run_autograder lab course
mv -f "$zip.new" "$zip"

#!/bin/sh
# SPDX-License-Identifier: MIT
# What Gradescope runs once, as root, when it makes the machine in which all submissions are graded:
# /autograder/source has this zip's files. Packages, the course's programs, and the emulated machine (there
# is no /dev/kvm) are made now, so that grading needs no network.
set -eu
top=${AUTOGRADER:-/autograder}
export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install -y --no-install-recommends git ca-certificates
chmod 755 "$top/source/run_autograder" # what was unpacked may have lost it

cd "$top/source/course"
[ -e .git ] || git init -q # which files are the course's, and which were built, git knows
# The same cache for whoever calls: $HOME may be another one when a submission is graded.
export XDG_CACHE_HOME="$top/cache"
mkdir -p "$XDG_CACHE_HOME"
./lab -y prepare ENGINE=svm

# The reference, graded as a submission will be: what that needs is there from now on, and it works.
lab=$(cat "$top/source/lab")
trial=$(mktemp -d)
./lab -y reference OUT="$trial/reference"
./lab -y grade-one LAB="$lab" IN="$trial/reference" OUT="$trial/marks" ENGINE=svm SANDBOX=user || true
said=$(build/tools/marks/report --as=feedback "$trial"/marks/submissions/*.json | head -n 1)
printf '%s\n' "$said"
printf '%s\n' "$said" | grep -q ': \([0-9]*\) of \1 points$' || {
	echo "setup.sh: the reference itself does not get full marks here" >&2
	exit 1
}
rm -rf "$trial"

# Solutions, tests and results are for root only.
chmod 700 "$top/source" "$top/cache"

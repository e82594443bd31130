#!/bin/sh
# SPDX-License-Identifier: MIT
# What Gradescope runs once, as root, when it makes the machine in which all submissions are graded:
# /autograder/source has this zip's files. Packages, programs and the emulated machine (there is no
# /dev/kvm) are made now, by a trial, so that grading needs no network.
set -eu
top=${AUTOGRADER:-/autograder}
export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install -y --no-install-recommends git ca-certificates

# Solutions, tests and results are for root only; the trial shows that this does.
mkdir -p "$top/cache"
chmod 700 "$top/source" "$top/cache"
chmod 755 "$top/source/run_autograder" # what was unpacked may have lost it
lab=$(cat "$top/source/lab")
cd "$top/source/course"
[ -e .git ] || git init -q # which files are the course's, and which were built, git knows

# The same for whoever calls: $HOME may be another one when a submission is graded.
echo "export XDG_CACHE_HOME=$top/cache" >"$top/source/environment"
# Only Debian's kernel is found by itself. Ubuntu's lies in two packages, which are not installed.
if ! grep -qx 'ID=debian' /etc/os-release; then
	image=$(apt-cache depends linux-image-virtual | sed -n 's/^ *Depends: \(linux-image-[0-9]\)/\1/p' | head -n 1)
	version=${image#linux-image-}
	mkdir -p "$top/cache/own-kernel"
	(
		cd "$top/cache/own-kernel"
		apt-get download "$image" "linux-modules-$version"
		for deb in *.deb; do dpkg -x "$deb" . && rm "$deb"; done
	)
	modules=$(find "$top/cache/own-kernel" -type d -path "*/lib/modules/$version" | head -n 1)
	echo "export KERNEL=$top/cache/own-kernel/boot/vmlinuz-$version MODULES=$modules" >>"$top/source/environment"
fi
. "$top/source/environment"

# The reference, graded as a submission will be.
trial=$(mktemp -d)
./lab -y reference OUT="$trial/reference"
./lab -y grade-one LAB="$lab" IN="$trial/reference" OUT="$trial/marks" ENGINE=svm SANDBOX=user || true
./lab -y marks IN="$trial/marks"
said=$(head -n 1 "$trial/marks/feedback/reference.txt")
rm -rf "$trial"
printf '%s\n' "$said"
printf '%s\n' "$said" | grep -q ': \([0-9]*\) of \1 points$' || {
	echo "setup.sh: the reference itself does not get full marks here" >&2
	exit 1
}

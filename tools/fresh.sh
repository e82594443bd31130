#!/bin/sh
# SPDX-License-Identifier: MIT
# Does a fresh machine do? In minimal Debian systems, where nothing is installed yet: a clone of what is
# committed here, below /root and below a home with mode 0700, and the verbs, as root and as a user who
# may use sudo. By hand, as root; it needs debootstrap, git, and some hours for everything.
#
#   [RELEASES="bookworm trixie"] [USERS="root ann"] [PLACES="root home"] [VERBS="demo svm check"]
#   [MIRROR=URL] tools/fresh.sh DIR
#
# svm is one guest with ENGINE=svm. DIR (10 GB) keeps the minimal systems and the packages, so that the
# next time needs less of the network, and the logs. MIRROR: where packages come from, by default as
# for this machine. A line for each run; status 0 if all of them are ok.
set -eu

die() {
	echo "fresh: $*" >&2
	exit 2
}
[ $# -gt 0 ] || die "usage: [RELEASES=...] [USERS=...] [PLACES=...] [VERBS=...] fresh.sh DIR"
[ "$(id -u)" = 0 ] || die "as root, who may mount and chroot"
if [ "$1" != --inside ]; then
	mkdir -p "$1/log"
	# Mounts of its own: however this ends, the kernel takes them away with the last process.
	exec unshare --mount --propagation private \
		sh "$(readlink -f "$0")" --inside "$(readlink -f "$1")"
fi
dir=$2 top=$(dirname "$(dirname "$0")")
mirror=${MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Label: Debian' | head -n 1)}
[ -n "$mirror" ] || die "MIRROR=URL: where do Debian's packages come from?"

# minimal RELEASE: $dir/RELEASE.tar, where only what every Debian has is installed.
minimal() {
	[ ! -e "$dir/$1.tar" ] || return 0
	rm -rf "$dir/$1.new"
	debootstrap --variant=minbase "$1" "$dir/$1.new" "$mirror" >"$dir/log/$1" 2>&1 || die "see $dir/log/$1"
	rm -f "$dir/$1.new"/var/cache/apt/archives/*.deb
	tar -C "$dir/$1.new" -cf "$dir/$1.tar.new" .
	mv "$dir/$1.tar.new" "$dir/$1.tar"
	rm -rf "$dir/$1.new"
}

inside() { # inside USER COMMAND...
	as=$1 home=/root
	shift
	[ "$as" = root ] || home=/home/$as
	chroot --userspec="$as:$as" "$root" env -i HOME="$home" USER="$as" TERM=dumb \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		${VMMLAB_TIME_SCALE:+VMMLAB_TIME_SCALE="$VMMLAB_TIME_SCALE"} "$@"
}

# fresh_root RELEASE USER: such a system, unpacked and running, in $root.
fresh_root() {
	root=$dir/system
	! mountpoint -q "$root/dev" || umount -l "$root/proc" "$root/sys" "$root/dev" "$root/var/cache/apt/archives"
	rm -rf --one-file-system "$root"
	mkdir -p "$root" "$dir/debs-$1"
	tar -C "$root" -xpf "$dir/$1.tar"
	mount -t proc proc "$root/proc"
	mount -t sysfs sysfs "$root/sys"
	mount --rbind /dev "$root/dev"
	mount --bind "$dir/debs-$1" "$root/var/cache/apt/archives"
	cp -L /etc/resolv.conf "$root/etc/resolv.conf"
	echo "127.0.0.1 localhost $(hostname)" >"$root/etc/hosts"
	apt-config dump --no-empty --format '%F "%v";%n' Acquire >"$root/etc/apt/apt.conf.d/99host"
	inside root useradd --create-home --shell /bin/sh ann
	chmod 0700 "$root/root" "$root/home/ann"
	[ "$2" != root ] || return 0
	chmod 0711 "$root/root" # or ann could not work below it
	inside root apt-get -qq update
	inside root apt-get -qq install -y --no-install-recommends sudo
	echo 'ann ALL=(ALL) NOPASSWD: ALL' >"$root/etc/sudoers.d/ann"
}

# try RELEASE USER PLACE VERB: a line about it.
try() {
	log=$dir/log/$1-$2-$3-$4 status=0 grade=ok
	case $4 in
	svm) set -- "$@" run LAB=02 GUEST=hello64 ENGINE=svm ;;
	*) set -- "$@" "$4" ;;
	esac
	release=$1 who=$2 place=$3 verb=$4
	shift 4
	inside "$who" sh -c 'cd "$0" && exec ./lab -y "$@"' "$at" "$@" >"$log" 2>&1 </dev/null || status=$?
	case $verb in
	demo) grep -q '^vmm: the guest has powered off' "$log" || grade=FAIL ;;
	svm) grep -q '^Hello from long mode' "$log" || grade=FAIL ;;
	check) grep -q '^[1-9][0-9]* passed, 0 failed' "$log" || grade=FAIL ;;
	esac
	[ "$status" = 0 ] || grade=FAIL
	printf '%-4s %-9s %-4s %-4s %-6s %3d  %s\n' "$grade" "$release" "$who" "$place" "$verb" "$status" \
		"$(tail -n 1 "$log" | cut -c 1-60)"
	[ $grade = ok ] || bad=1
}

bad=0
for release in ${RELEASES:-bookworm trixie}; do
	minimal "$release"
	for user in ${USERS:-root ann}; do
		fresh_root "$release" "$user" >"$dir/log/$release-$user" 2>&1 || die "see $dir/log/$release-$user"
		for place in ${PLACES:-root home}; do
			at=/root/vmmlab
			[ "$place" = root ] || at=/home/ann/vmmlab
			git clone -q --depth 1 "file://$top" "$root$at"
			chown -R --reference="$root$(inside "$user" sh -c 'echo $HOME')" "$root$at"
			for verb in ${VERBS:-demo svm check}; do
				try "$release" "$user" "$place" "$verb"
			done
		done
	done
done
exit $bad

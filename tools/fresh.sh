#!/bin/sh
# SPDX-License-Identifier: MIT
# Does a fresh machine do? In minimal Debian systems, where nothing is installed yet: a clone of what is
# committed here, below /root and below a home with mode 0700, and the verbs, as root and as a user who
# may use sudo. By hand, as root; it needs debootstrap, git, and some hours for everything.
#
#   [RELEASES="bookworm trixie"] [USERS="root ann"] [PLACES="root home"] [VERBS="demo svm check"]
#   [SUITES=lab01,...] [KVM=no] [MIRROR=URL] tools/fresh.sh DIR
#
# svm is one guest with ENGINE=svm; grade-08 is `grade LAB=08`, compare-08 the same; bare-amd and bare-intel are lab 08's
# hypervisor on either CPU. What begins with offline- has no network, so an earlier one has to install
# what it needs (VERBS="book offline-book"). KVM=no: there is no /dev/kvm. DIR (10 GB) keeps the
# minimal systems and the packages, so that the next time needs less of the network, and the logs.
# MIRROR: where packages come from, by default as for this machine. A line for each run; status 0 if
# all of them are ok.
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
	$net chroot --userspec="$as:$as" "$root" env -i HOME="$home" USER="$as" TERM=dumb \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		${VMMLAB_TIME_SCALE:+VMMLAB_TIME_SCALE="$VMMLAB_TIME_SCALE"} ${SUITES:+SUITES="$SUITES"} "$@"
}

# The devices of this machine, or those that every machine has.
devices() {
	if [ "${KVM:-}" != no ]; then
		mount --rbind /dev "$root/dev"
		return
	fi
	mount -t tmpfs -o mode=0755 none "$root/dev"
	for node in null zero full random urandom tty; do
		: >"$root/dev/$node"
		mount --bind "/dev/$node" "$root/dev/$node"
	done
	mkdir -m 1777 "$root/dev/pts" "$root/dev/shm"
	mount -t devpts -o newinstance,ptmxmode=0666 none "$root/dev/pts"
	ln -s pts/ptmx "$root/dev/ptmx"
	ln -s /proc/self/fd "$root/dev/fd"
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
	devices
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
	log=$dir/log/$1-$2-$3-$4 status=0 grade=ok net=
	case $4 in offline-*) net='unshare --net' ;; esac
	case ${4#offline-} in
	svm) set -- "$@" run LAB=02 GUEST=hello64 ENGINE=svm ;;
	bare-*) set -- "$@" run LAB=08 GUEST=hello64 CPU="${4##*-}" ;;
	grade-* | compare-*) verb=${4#offline-} && set -- "$@" "${verb%-*}" LAB="${4##*-}" ;;
	*) set -- "$@" "${4#offline-}" ;;
	esac
	release=$1 who=$2 place=$3 verb=$4
	shift 4
	began=$(date +%s)
	inside "$who" sh -c 'cd "$0" && exec ./lab -y "$@"' "$at" "$@" >"$log" 2>&1 </dev/null || status=$?
	seconds=$(($(date +%s) - began)) net=
	case ${verb#offline-} in
	demo) grep -q '^vmm: the guest has powered off' "$log" || grade=FAIL ;;
	svm | bare-*) grep -q '^Hello from long mode' "$log" || grade=FAIL ;;
	check) grep -q '^[1-9][0-9]* passed, 0 failed' "$log" || grade=FAIL ;;
	esac
	[ "$status" = 0 ] || grade=FAIL
	printf '%-4s %-9s %-4s %-4s %-12s %3d %5d s  %s\n' "$grade" "$release" "$who" "$place" "$verb" "$status" \
		"$seconds" "$(tail -n 1 "$log" | cut -c 1-60)"
	[ $grade = ok ] || bad=1
}

bad=0 net=
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

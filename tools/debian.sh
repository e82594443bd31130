# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154,SC2034,SC1091
# Debian's own user space on the VMM of lab 06: a root file system that debootstrap makes lies on a virtio
# disk; it boots to a login, and what is done there is in tools/debian/guest.sh: files, 100 MB (BYTES= in the
# environment: another number) by the network both ways, all devices at once for TIME seconds, power off, and
# the same disk again. OUT=dir keeps the system and what was said. It needs root, debootstrap, e2fsprogs, the
# network, and half an hour in an emulated machine. For ./lab, which reads this file.

debian_kernel() { # the modules of the box's kernel: its package, unpacked
	version=${kernel%/vmlinuz} version=${version##*/kernel-}
	[ ! -d "$dir/kernel/lib/modules/$version" ] || return 0
	(cd "$dir" && apt-get -qq -o APT::Sandbox::User=root download "linux-image-$version" && dpkg-deb -x linux-image-"$version"_*.deb kernel) ||
		die 3 "debian: the package linux-image-$version is not to be had (./lab clean, and a newer one comes)"
	rm -f "$dir"/linux-image-*.deb
}

# The order in which they need each other.
debian_modules() {
	for module in failover net_failover virtio_ring virtio virtio_mmio virtio_blk virtio_net virtio_console \
		rng-core virtio-rng; do
		find "$dir/kernel/lib/modules" -name "$module.ko"
	done
}

debian_root() {
	[ ! -e "$dir/root.made" ] || return 0
	rm -rf --one-file-system "$dir/root" "$dir/root.made"
	say "debootstrap makes a Debian in $dir/root"
	debootstrap --variant=minbase --include=sysvinit-core bookworm "$dir/root" >"$dir/log" 2>&1 ||
		die 3 "debian: debootstrap: see $dir/log"
	! mountpoint -q "$dir/root/proc" || umount "$dir/root/proc"
	(
		cd "$dir/root" || exit
		rm -rf var/cache/* var/lib/apt/lists/* usr/share/doc usr/share/man usr/share/locale usr/share/info \
			usr/share/zoneinfo usr/lib/x86_64-linux-gnu/gconv usr/lib/x86_64-linux-gnu/perl-base proc/* sys/* dev/*
		sed -i '/getty/d; /sulogin/d' etc/inittab
		# What is typed goes to the virtio console, where there is one.
		echo 'h0:2345:respawn:/sbin/getty hvc0 38400 linux' >>etc/inittab
		echo '/dev/vda / ext4 defaults,errors=remount-ro 0 1' >etc/fstab
		echo vmmlab >etc/hostname
		sed -i 's/^root:[^:]*:/root::/' etc/shadow
		cp "$(command -v busybox)" usr/local/bin/busybox
	)
	: >"$dir/root.made"
}

debian_disks() {
	cp tools/debian/guest.sh "$dir/root/usr/local/bin/guest.sh"
	chmod +x "$dir/root/usr/local/bin/guest.sh"
	size=$(($(du -sm "$dir/root" | cut -f 1) + 24))
	rm -f "$scratch/root.img"
	mkfs.ext4 -qF -d "$dir/root" "$scratch/root.img" "${size}M" >"$dir/log" 2>&1 || die 3 "debian: no file system"
	truncate -s 5M "$scratch/second.img"
}

# debian_judge FILE: "said:" lines, and a verdict for each.
debian_judge() {
	word() { sed -n "s/^.*said: $1 //p" "$said" | head -n 1 | grep -a . || echo nothing; }
	same() { [ "$(word "$1")" = "$(word "$2")" ] && [ "$(word "$1")" != nothing ]; }
	verdict() { # verdict TEXT TEST...
		what=$1
		shift
		if "$@" >/dev/null; then echo "ok    $what"; else
			echo "FAIL  $what"
			bad=1
		fi
	}
	bad=0
	verdict "root is ext4 on the first disk ($(word root))" [ "$(word root)" = "/dev/vda ext4" ]
	verdict "the disks' serial numbers differ ($(word 'serial vda'), $(word 'serial vdb'))" \
		[ "$(word 'serial vda')" != "$(word 'serial vdb')" ]
	verdict "$bytes bytes from the network ($(word received))" same received offered
	verdict "$bytes bytes to the network ($(word sent))" same sent arrived
	for what in disk files network rng consoles; do
		verdict "$seconds seconds of all devices at once: $what, rounds: $(word "stressed $what")" \
			expr "$(word "stressed $what")" : '[1-9]'
	done
	verdict "nothing came back changed" [ "$(grep -ac 'said: wrong' "$said")" = 0 ]
	verdict "a file that fsync has written is there after power off ($(word writes))" \
		same writes kept
	# That there is no PCI is what pci=off has asked for; and in an emulated machine that has to wait for
	# others, clocks drift apart.
	others=$(sed -n 's/^.*said: log //p' "$said" | grep -avE '\] (PCI: |clocksource: |hrtimer: |Unstable clock )') || true
	verdict "the kernel's log has no error and no warning of ours" [ -z "$others" ]
	printf '%s' "${others:+$others
}" | head -n 20
	verdict "both boots ended with status 0" [ "$(grep -ac 'said: boot .* ended with 0' "$said")" = 2 ]
	return $bad
}

debian() {
	[ -n "$OUT" ] || die 2 "debian: where does the system go (500 MB)? ./lab debian OUT=dir"
	[ "$(id -u)" = 0 ] || die 2 "debian: as root, for debootstrap"
	for program in debootstrap mkfs.ext4 dpkg-deb; do
		command -v $program >/dev/null || die 3 "debian: $program is missing: apt-get install debootstrap e2fsprogs"
	done
	. tools/linux.sh
	engine_for_linux
	[ "$place" != native ] || die 2 "debian: in an emulated machine only, as it sets up a network interface: ENGINE=svm"
	LAB=$(number "$(with boots | tail -n 1)")
	mkdir -p "$(from_cwd "$OUT")"
	dir=$(readlink -f "$(from_cwd "$OUT")") seconds=${TIME:-120} bytes=${BYTES:-104857600}
	mkdir -p "$dir/run"
	scratch=$dir/run
	alone debian
	build vmm "$BUILD/tools/converse"
	linux_files
	debian_kernel
	debian_root
	# shellcheck disable=SC2046 # a list of words
	"$BUILD/tools/initrd" "$initrd" tools/init.sh "$(command -v busybox)" $(debian_modules) || exit 3
	cp "$kernel" "$scratch/vmlinuz"
	debian_disks
	said=$dir/said vmm=$(program) busybox=$(command -v busybox)
	LIMIT=${LIMIT:-$((3000 + 10 * seconds + bytes / 15000))} on_engine --put="$scratch" --put="$vmm" --put="$BUILD/tools/converse" \
		--put="$busybox" --put=tools/debian/run.sh --root -- /bin/sh tools/debian/run.sh "$scratch" \
		"$(in_machine "$vmm")" "$(in_machine "$BUILD/tools/converse")" "$busybox" "$seconds" "$bytes" >"$said.raw" 2>&1 ||
		say "debian: the machine ended with $?"
	tr -d '\r' <"$said.raw" >"$said"
	debian_judge "$said" || die 1 "debian: what was said is in $said"
}
# Where a file lies in the machine, from another directory.
in_machine() {
	case $1 in
	/*) echo "$1" ;;
	*) echo "/work/$1" ;;
	esac
}

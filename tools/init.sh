#!/bin/busybox sh
# SPDX-License-Identifier: MIT
# The first program of the kernel that `./lab demo LAB=06` boots. (Its shell is busybox: each command is one
# of its own.) With vmmlab=shell on the kernel's command line it gives you a shell, with vmmlab=root the
# file system on the first disk, else it powers off.
busybox=/bin/busybox
$busybox mount -t proc proc /proc
$busybox mount -t sysfs sys /sys
$busybox mount -t devtmpfs dev /dev 2>/dev/null
for module in /modules/*.ko; do
	[ ! -f "$module" ] || $busybox insmod "$module"
done
$busybox cat /proc/version
$busybox sed 's/ .*/ seconds after its start, this kernel runs its first program/' /proc/uptime
$busybox sed -n 's/^ *\([0-9]*\): *\([0-9]*\) *\([^ ]*\).* \([^ ]*\)$/interrupt \1 of \3, \4: \2 times/p' /proc/interrupts
case " $($busybox cat /proc/cmdline) " in
*" vmmlab=root "*)
	if $busybox mount -t ext4 /dev/vda /mnt; then
		for place in dev proc sys; do $busybox mount -o move /$place /mnt/$place; done
		exec $busybox switch_root /mnt /sbin/init
	fi
	;;
*" vmmlab=shell "*)
	$busybox --install -s /bin
	echo "a shell on your own machine; \`poweroff -f\` ends it"
	PATH=/bin HOME=/ TERM=linux $busybox setsid $busybox cttyhack $busybox sh
	;;
esac
$busybox poweroff -f

#!/bin/sh
# SPDX-License-Identifier: MIT
# In Debian, on the machine of lab 06: what its devices do, a line "said: WORDS" each. tools/debian.sh
# judges. (What Debian has not, is busybox's.)
#
#   guest.sh first|second SECONDS BYTES
set -u
seconds=$2 bytes=$3 router=10.0.2.2
say() { echo "said: $*"; }
sum() { md5sum | cut -d ' ' -f 1; }

network() {
	busybox ifconfig eth0 10.0.2.15 netmask 255.255.255.0 up && busybox route add default gw $router &&
		busybox ping -c 1 $router >/dev/null && say ping
}

# A megabyte of random bytes, again and again with a number before it, so that the order counts. (So many
# random bytes cost more than their way does.)
many() {
	head -c 1048576 /dev/urandom >/tmp/piece
	n=0
	while [ $n -lt $((bytes / 1048576)) ]; do
		n=$((n + 1))
		echo $n
		cat /tmp/piece
	done
}

# Both ways; the other ends have the sums, too. (A fifo: what is sent is summed up on its way.)
transfer() {
	mkfifo /tmp/sent /tmp/open
	exec 3<>/tmp/open # an input that never ends: else nc says that nothing will come, and the other end goes
	say received "$(busybox nc $router 5001 <&3 | sum)"
	sum </tmp/sent >/tmp/sum &
	many | tee /tmp/sent | busybox nc $router 5002
	wait
	say sent "$(cat /tmp/sum)"
}

# --- all devices at once, until $end ---

goes_on() { [ "$(date +%s)" -lt "$end" ]; }
# Pieces of the second disk, from megabyte $1 on: what was written past the page cache is read back so.
disk() {
	rounds=0 out=/tmp/disk.$1 back=/tmp/back.$1
	while goes_on; do
		for size in 512 4096 65536 1048576; do
			at=$(($1 * 1048576 / size))
			head -c $size /dev/urandom >"$out"
			dd if="$out" of=/dev/vdb bs=$size seek=$at oflag=direct conv=notrunc 2>/dev/null
			dd if=/dev/vdb of="$back" bs=$size skip=$at count=1 iflag=direct 2>/dev/null
			cmp "$out" "$back" || say wrong disk
		done
		rounds=$((rounds + 1))
	done
	say stressed disk "$rounds"
}
files() {
	rounds=0
	while goes_on; do
		head -c 300000 /dev/urandom >/root/a && cp /root/a /root/b && sync /root/b
		echo 1 >/proc/sys/vm/drop_caches
		cmp /root/a /root/b || say wrong file
		rounds=$((rounds + 1))
	done
	say stressed files "$rounds"
}
echoes() {
	rounds=0
	while goes_on; do
		head -c 200000 /dev/urandom >/tmp/net
		busybox nc $router 5003 </tmp/net >/tmp/net.back
		cmp /tmp/net /tmp/net.back || say wrong echo
		rounds=$((rounds + 1))
	done
	say stressed network "$rounds"
}
random() {
	rounds=0
	while goes_on; do
		dd if=/dev/hwrng of=/dev/null bs=512 count=64 2>/dev/null || say wrong rng
		rounds=$((rounds + 1))
	done
	say stressed rng "$rounds"
}
consoles() {
	rounds=0
	while goes_on; do
		echo "a line by the virtio console: $rounds" >/dev/hvc0
		echo "a line by the serial port: $rounds" >/dev/ttyS0
		head -c 65536 /dev/zero | md5sum >/dev/null
		rounds=$((rounds + 1))
	done
	say stressed consoles "$rounds"
}
stress() {
	end=$(($(date +%s) + seconds))
	disk 1 &
	disk 3 &
	files &
	echoes &
	random &
	consoles &
	wait
}

case $1 in
first)
	say root "$(sed -n 's/^\([^ ]*\) \/ \([^ ]*\) .*/\1 \2/p' /proc/mounts | tail -n 1)"
	for disk in /sys/block/vd?; do say serial "${disk##*/}" "$(cat "$disk/serial")"; done
	network && transfer
	stress
	;;
esac
[ "$1" = first ] || say kept "$(sum </root/kept)"
dmesg -r | sed -n 's/^<[0-4]>/said: log /p'
if [ "$1" = first ]; then
	dd if=/dev/urandom of=/root/kept bs=65536 count=32 conv=fsync 2>/dev/null
	say writes "$(sum </root/kept)"
	echo o >/proc/sysrq-trigger # off at once: nothing else is written
else
	poweroff
fi

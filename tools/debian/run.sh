#!/bin/sh
# SPDX-License-Identifier: MIT
# Where guests run: Debian boots twice from its disk, somebody logs in and has guest.sh run, and the other
# ends of its connections are here. As root, for the loopback interface (of an emulated machine).
#
#   run.sh DIR VMM CONVERSE BUSYBOX SECONDS BYTES
set -u
dir=$1 vmm=$2 converse=$3 box=$4 seconds=$5 bytes=$6
cd "$dir" || exit
"$box" ifconfig lo up 2>/dev/null

many() { # as in guest.sh
	"$box" head -c 1048576 /dev/urandom >piece
	n=0
	while [ $n -lt $((bytes / 1048576)) ]; do
		n=$((n + 1))
		echo $n
		"$box" cat piece
	done
}
peers() {
	"$box" mkfifo sending open
	exec 4<>open # as in guest.sh
	"$box" md5sum <sending >offered &
	many | "$box" tee sending | "$box" nc -l -p 5001 >/dev/null &
	"$box" nc -l -p 5002 <&4 | "$box" md5sum >arrived &
	"$box" nc -ll -p 5003 -e "$box" cat &
}

# noxsave: the emulated CPU does not keep a nested guest's XCR0, and a kernel warns of that under each VMM.
# (The first device has the last window, and Linux counts from the first: the root is its vda.)
boot() { # boot first|second
	"$converse" --limit=$((900 + 5 * seconds + bytes / 20000)) " login: " root "# " "guest.sh $1 $seconds $bytes" -- "$vmm" \
		--memory=128M --irqchip=kernel --device=blk,file=second.img --device=blk,file=root.img \
		--device=net,user --device=rng --device=console --initrd=initrd \
		--append="console=ttyS0 quiet pci=off noxsave vmmlab=root" vmlinuz </dev/null
	echo "said: boot $1 ended with $?"
}

peers
boot first
boot second
echo "said: offered $("$box" cut -d ' ' -f 1 offered)"
echo "said: arrived $("$box" cut -d ' ' -f 1 arrived)"

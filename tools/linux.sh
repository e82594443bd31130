# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# A stock kernel on the VMM of lab 06. For ./lab, which reads this file.

# Debian's kernel wants a whole CPU, which is not what every /dev/kvm is: the hardware's own, or the
# emulated one's.
whole_cpu() { grep -qE '^flags.* (vmx|svm)( |$)' /proc/cpuinfo; }
engine_for_linux() {
	[ "$ENGINE" != auto ] || [ ! -e /dev/kvm ] || whole_cpu || {
		say "a kernel boots in an emulated CPU here: this one shows neither VT-x nor AMD-V, and is not all that it wants"
		ENGINE=svm
	}
	engine
}

# linux_files: sets $kernel and $initrd.
linux_files() {
	need linux
	build box "$BUILD/tools/initrd"
	kernel=$("$BUILD/tools/box/box" --kernel) || exit 3
	initrd=$scratch/initrd
	"$BUILD/tools/initrd" "$initrd" tools/init.sh "$(command -v busybox)" || exit 3
}

# demo_linux PROGRAM OPTION... -- OPTION...: the user's options come last; what they say to the kernel comes
# behind what it is told here.
demo_linux() {
	program=$1 words=
	shift
	while [ "$1" != -- ]; do
		words="$words $1"
		shift
	done
	shift
	engine_for_linux
	locked scratch_dir
	linux_files
	say "Debian's kernel, as its package has it, on $(lab_dir)"
	append="console=ttyS0 quiet pci=off vmmlab=off"
	[ ! -t 0 ] || [ ! -t 1 ] || append=${append%off}shell
	for option in "$@"; do
		shift
		case $option in
		--append=?*) append="$append ${option#*=}" ;;
		*) set -- "$@" "$option" ;;
		esac
	done
	# shellcheck disable=SC2086 # a list of words
	LIMIT=${LIMIT:-300} on_engine_run "$kernel" "$program" $words --stats --initrd="$(readlink -f "$initrd")" \
		--append="$append" "$@"
}

# What the measurement of a boot needs, in $BUILD/bench-linux: also of QEMU, and of kvmtool where that is.
bench_linux() {
	engine_for_linux
	scratch=$BUILD/bench-linux
	rm -rf "$scratch"
	mkdir -p "$scratch/roms"
	linux_files
	cp "$kernel" "$scratch/vmlinuz"
	for program in qemu-system-x86_64-microvm qemu-system-x86_64; do # the first is smaller, where it is
		[ -e "$scratch/qemu" ] || ! program=$(command -v $program) || cp "$program" "$scratch/qemu"
	done
	! program=$(command -v lkvm) || cp "$program" "$scratch/lkvm"
	for rom in bios-microvm.bin linuxboot_dma.bin kvmvapic.bin; do
		for place_of in /usr/share/qemu /usr/share/seabios /usr/local/share/qemu; do
			[ ! -e "$place_of/$rom" ] || [ -e "$scratch/roms/$rom" ] || cp -L "$place_of/$rom" "$scratch/roms"
		done
	done
	LIMIT=${LIMIT:-3000} on_engine --put="$scratch" --put="$(program)" --put="$BUILD/tools/bench" -- \
		"$BUILD/tools/bench" linux
}

number_at() { od -An -v -t u4 -j "$2" -N 4 "$1" | tr -d ' '; }

# vmlinux_of BZIMAGE OUT: the ELF file that is packed in it, whose door is PVH (Linux's boot.rst: payload_offset
# and payload_length; of LZ4, the last four bytes are the length of what comes out, and no part of it).
vmlinux_of() {
	setup=$(($(od -An -t u1 -j 497 -N 1 "$1") * 512 + 512))
	at=$((setup + $(number_at "$1" 584))) length=$(number_at "$1" 588)
	case $(od -An -t x1 -j "$at" -N 4 "$1" | tr -d ' ') in
	02214c18) unpack='lz4 -dc' length=$((length - 4)) ;;
	28b52ffd) unpack='zstd -dcq' ;;
	fd377a58) unpack='xz -dc' ;;
	1f8b08*) unpack='gzip -dc' ;;
	*) die 3 "$1: packed in a way that is not known here" ;;
	esac
	tail -c +$((at + 1)) "$1" | head -c "$length" | $unpack >"$2" || [ -s "$2" ]
}

# boot_all BUILD PLACE LAB: Debian's kernel by both doors, on both interrupt controllers, to its first program and off
# again. (For `prove`, which wants it from a VMM that is right.)
boot_all() {
	# shellcheck disable=SC2034 # engine.sh reads it
	BUILD=$1 place=$2 scratch=$1/prove/linux
	mkdir -p "$scratch"
	linux_files
	vmlinux_of "$kernel" "$scratch/vmlinux"
	cp "$kernel" "$scratch/vmlinuz"
	vmm=$(programs "$BUILD" "$3")
	for door in vmlinux vmlinuz; do
		for chip in kernel user; do # (one of the traces is looked at: see below)
			echo "$vmm --irqchip=$chip --memory=160M --device=rng --timeout=400 --initrd=$initrd" \
				"--append='console=ttyS0 quiet pci=off reboot=k' --trace=$scratch/$door-$chip.boot.svg $scratch/$door || exit 1"
		done
	done >"$scratch/boots.sh"
	traced=$scratch/vmlinuz-kernel.boot.svg
	: >"$traced"
	LIMIT=1500 on_engine --put="$vmm" --put="$scratch" --get="$traced" -- /bin/sh "$scratch/boots.sh" </dev/null >"$scratch/said" 2>&1 || {
		cat "$scratch/said"
		return 1
	}
	started=$(grep -c '^Linux version' "$scratch/said") ended=$(grep -cE 'vmm: the guest (has powered off|halted)' "$scratch/said")
	cat "$scratch/said"
	echo "$started of 4 boots reached the first program, $ended ended by themselves"
	[ "$started$ended" = 44 ] && same_stages book/figures/trace-boot.svg "$traced"
}

# Has the book's figure the stages that a boot has now, in their order?
same_stages() {
	stages_of "$1" >"$scratch/stages"
	stages_of "$2" | diff "$scratch/stages" - || {
		echo "the stages of a boot are not as in $1: draw it anew, by $2"
		return 1
	}
}
stages_of() { sed -n '/exits\{0,1\} so far/d; s/^<text x="30"[^>]*>\([a-zA-Z][^<]*\)<.*/\1/p' "$1"; }

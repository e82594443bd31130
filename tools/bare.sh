# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154
# A lab whose hypervisor runs on a bare machine: one run, an image for a real machine, and all guests
# everywhere. For ./lab, which reads this file.

# A hypervisor for the bare machine, in an emulated one; its words are after --, a guest need not be.
run_bare() {
	case $CPU in intel) need bochs ;; *) need qemu ;; esac
	build "$BUILD/tools/emulate"
	image=${GUEST:+$(guest_image)} || exit $?
	source=${image#"$BUILD"/}
	[ $# -gt 0 ] || [ -z "$image" ] || # else what the guest's header says
		set -- "$(sed -n 's/^# args: //p' "${source%.*}.s" 2>/dev/null)"
	if [ -n "$OUT" ]; then
		stick "$@"
		return
	fi
	exec "$BUILD/tools/emulate" --cpu="$CPU" --limit="${LIMIT:-10}" --words="$*" "$program" ${image:+"$image"}
}

# The same for a real machine: OUT is an image for a USB stick, from which GRUB loads what Bochs has as a ROM.
stick() {
	need stick
	locked scratch_dir
	mkdir -p "$scratch/disk/boot/grub"
	printf 'multiboot /boot/stick\nboot\n' >"$scratch/disk/boot/grub/grub.cfg"
	if "$BUILD/tools/emulate" --rom="$scratch/rom" --words="$*" "$program" ${image:+"$image"} &&
		"${CROSS_COMPILE:-}as" --32 -I "$scratch" -o "$scratch/stick.o" tools/emulated/stick.S &&
		"${CROSS_COMPILE:-}ld" -m elf_i386 -Ttext=0x4800000 -o "$scratch/disk/boot/stick" "$scratch/stick.o" &&
		grub-mkrescue -o "$(from_cwd "$OUT")" "$scratch/disk" >"$scratch/log" 2>&1; then
		say "$OUT: for a USB stick (dd), or QEMU's -cdrom; it speaks on the first serial line, at 115200 baud"
		return
	fi
	[ ! -e "$scratch/log" ] || tail -n 3 "$scratch/log" >&2
	die 1 "run: $OUT could not be made"
}

# Does each of its guests print the same everywhere? On AMD's CPU and on Intel's, and with the hypervisor as a
# guest of the VMM of the labs below, where guests have a CPU that virtualizes.
compare_bare() {
	dir=$(lab_dir)
	nn=$(number "$dir") hypervisor=$(program) bad=0 guests=0
	inside=$(LAB='' program)
	need run test qemu bochs
	build guests "$hypervisor" "$inside" "$BUILD/tools/emulate"
	engine
	case $place in native | svm-shadow) inside= ;; esac # their guests have no CPU that virtualizes, or not all of it
	[ "$(with boots)" ] || inside= # no VMM that knows how to give it a guest
	alone compare
	made=$BUILD/compared-$nn
	rm -rf "$made"
	mkdir -p "$made"
	[ -z "$inside" ] || run_inside
	printf '  %-14s %-9s %-9s %s\n' guest amd intel "${inside:+in our VMM on $place}"
	for source in guests/"$nn"/*.s; do
		compare_guest "$(basename "$source" .s)"
	done
	[ $bad = 0 ] || die 1 "$bad of $guests runs are not as the guest's header says, or as on AMD's CPU: see $made"
	say "$guests runs, all as the guests' headers say"
}

# All guests, on the hypervisor, on our VMM, in one emulated machine (some take minutes to start): what comes out of
# the serial lines, as $made/NAME.line. (Three hypervisors deep, 20 ticks are over before a guest has come to its
# first instruction.)
run_inside() {
	script=
	set --
	for source in guests/"$nn"/*.s; do
		name=$(basename "$source" .s)
		words=$(said_of "$name" args)
		[ "$words" != ticks=20 ] || words=ticks=2000
		script="$script $inside --memory=64M --mode=protected --irqchip=kernel --timeout=60 \
			--initrd=$(image_of "$name") ${words:+--append=\"$words\"} $hypervisor >$made/$name.line 2>&1 </dev/null;"
		set -- "$@" --get="$made/$name.line"
	done
	on_engine --put="$BUILD/guests/$nn" --put="$hypervisor" --put="$inside" "$@" -- /bin/sh -c "$script true" ||
		die 3 "compare: the emulated machine cannot be had"
}

compare_guest() {
	image=$(image_of "$1")
	words=$(said_of "$1" args) row=
	printf '%b' "$(said_of "$1" prints | tr -d '\n')" | sort >"$made/want"
	one amd "$1" on_bare amd
	! on_intel "$1" || one intel "$1" on_bare intel
	[ -z "$inside" ] || { [ "$place" = vmx ] && ! on_intel "$1"; } || one inside "$1" in_ours "$1"
	printf '  %-14s %s\n' "$1" "$row"
}
image_of() { ls "$BUILD/guests/$nn/$1".elf "$BUILD/guests/$nn/$1".bin 2>/dev/null || true; }
# A header's `# intel: no, why` is of a guest that uses what only AMD's CPU has.
on_intel() {
	case $(said_of "$1" intel) in no*) row="$row-         " && return 1 ;; esac
}
said_of() { sed -n "s/^# $2: //p" "guests/$nn/$1.s"; }

# Two guests take turns, and the timer says who is done first: lines in any order. What the hypervisor says
# of itself, and how many ticks there were, is the machine's. So is CR4.MCE, which state64 has in RSI: KVM gives its
# own to each guest, and hides it by an intercept of reads of CR4; Debian 13's QEMU asks for that of CR0 instead.
one() { # one WHERE GUEST COMMAND...
	where=$1 name=$2 got=0 verdict=same
	shift 2
	"$@" >"$made/out" 2>"$made/err" || got=$?
	sort <"$made/out" | cmp -s - "$made/want" || verdict=DIFFERENT
	[ "$got" = "$(said_of "$name" status)" ] || verdict="STATUS-$got"
	sed '/^hv: .* is on/d; s/its [0-9]* ticks/its ticks/; s/^hv:   RSI 0000000000000060 /hv:   RSI 0000000000000020 /' \
		"$made/err" >"$made/$name-$where.err"
	cmp -s "$made/$name-amd.err" "$made/$name-$where.err" || verdict=DIFFERENT
	cp "$made/out" "$made/$name-$where.out"
	guests=$((guests + 1))
	[ $verdict = same ] || bad=$((bad + 1))
	row=$row$(printf '%-9s ' "$verdict")
}
on_bare() { "$BUILD/tools/emulate" --cpu="$1" --limit=60 --words="$words" "$hypervisor" "$image" </dev/null; }
in_ours() { "$BUILD/tools/emulate" --heard <"$made/$1.line"; }

# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Where guests run: here, or in an emulated machine. For ./lab, which reads this file.

# Where guests run: sets $place, and brings what that needs.
engine() {
	place=native
	[ "$ENGINE" != here ] || return 0
	build "$BUILD/tools/engine" box
	chosen=0
	if [ -n "${VMMLAB_ENGINE_SAID:-}" ]; then # of all labs: once is enough
		place=$("$BUILD/tools/engine" "$ENGINE" 2>/dev/null) || chosen=$?
	else
		place=$("$BUILD/tools/engine" "$ENGINE") || chosen=$?
	fi
	[ "$chosen" -ne 3 ] || say "ENGINE=auto runs without it, in an emulated CPU; ./lab doctor tells more"
	[ "$chosen" -eq 0 ] || exit "$chosen"
	case $place in
	native) return ;;
	vmx) need vmx ;;
	*) need svm ;;
	esac
	[ "$place" != svm-shadow ] || ! misses_intercepts ||
		say "a guest may read KVM's CR3 there instead of its own: a mistake of QEMU from 9.1 on"
}
# It looks at the intercept of reads of CR0 for a read of CR3, CR4 or CR8, too.
misses_intercepts() {
	case $(qemu-system-x86_64 --version 2>/dev/null) in
	*'version '[0-8].* | *'version 9.0'* | '') return 1 ;;
	esac
}

# on_engine [--put=FILE|DIR]... [--get=FILE]... -- COMMAND...: there, with these files; elsewhere than
# here for $LIMIT seconds at most, if set (status 124).
on_engine() {
	if [ "$place" = native ]; then
		while [ "$1" != -- ]; do shift; done
		shift
		"$@"
	else
		"${BOX:-$BUILD/tools/box/box}" --engine="$place" ${LIMIT:+--limit="$LIMIT"} \
			${ASAN_OPTIONS:+--env=ASAN_OPTIONS="$ASAN_OPTIONS"} \
			${SAN:+--env=SAN="$SAN"} ${SYMBOLIZER:+--env=VMMLAB_ADDR2LINE="$SYMBOLIZER"} \
			${TSAN_OPTIONS:+--env=TSAN_OPTIONS="$TSAN_OPTIONS"} \
			${VMMLAB_SECOND_TRY:+--env=VMMLAB_SECOND_TRY="$VMMLAB_SECOND_TRY"} \
			${VMMLAB_LONGEST:+--env=VMMLAB_LONGEST="$VMMLAB_LONGEST"} \
			${VMMLAB_ALSO:+--env=VMMLAB_ALSO="$VMMLAB_ALSO"} \
			${VMMLAB_PART:+--env=VMMLAB_PART="$VMMLAB_PART"} \
			${VMMLAB_WITHOUT:+--env=VMMLAB_WITHOUT="$VMMLAB_WITHOUT"} \
			${VMMLAB_PACKETS:+--env=VMMLAB_PACKETS="$VMMLAB_PACKETS"} \
			${VMMLAB_TIME_SCALE:+--env=VMMLAB_TIME_SCALE="$VMMLAB_TIME_SCALE"} "$@"
	fi
}

# In the value of an option a comma is written twice.
commas_doubled() {
	left=$1 doubled=
	while [ "$left" != "${left#*,}" ]; do
		doubled=$doubled${left%%,*},,
		left=${left#*,}
	done
	printf '%s' "$doubled$left"
}

# The devices that a guest's header asks for.
wanted_devices() {
	source=${1#"$BUILD"/}
	sed -n 's/^# devices: //p' "${source%.*}.s" 2>/dev/null | tr ',' ' '
}

# A disk, made anew each time, as a word for --device: sector n of 64 holds n in each of its bytes.
made_disk() {
	n=0
	while [ $n -lt 64 ]; do
		sector=\\0$((n / 8))$((n % 8))
		for _ in 2 4 8 16 32 64 128 256 512; do sector=$sector$sector; done
		# shellcheck disable=SC2059
		printf "$sector"
		n=$((n + 1))
	done >"$1"
	case $1 in
	/*) printf 'blk,file=%s' "$(commas_doubled "$1")" ;;
	*) printf 'blk,file=%s' "$(commas_doubled "$PWD/$1")" ;;
	esac
}

# on_engine_run IMAGE VMM OPTION...: what the options name is a file from where the user stands. The VMM
# reads and writes it there, wherever it runs; only that a disk in the emulated machine is a copy, which
# comes back at the end.
on_engine_run() {
	image=$1 program=$2 files=0
	shift 2
	for option in "$@"; do
		shift
		case $option in
		--walk-svg=* | --report=* | --screen=* | --trace=*)
			file=$(from_cwd "${option#*=}")
			option=${option%%=*}=$file
			box_file "--get=$file"
			;;
		--initrd=?*)
			file=$(from_cwd "${option#*=}")
			option=--initrd=$file
			if [ -f "$file" ]; then box_file "--put=$file"; fi
			;;
		--device=blk,*file=?*)
			head=${option%%file=*} tail=${option#*file=}
			file=${tail%%,*} tail=${tail#"${tail%%,*}"}
			while [ "$tail" != "${tail#,,}" ]; do # that is one comma of the name
				tail=${tail#,,}
				file=$file,${tail%%,*} tail=${tail#"${tail%%,*}"}
			done
			file=$(from_cwd "$file")
			# A file that is not there is for the VMM to complain about. What a link leads to is the disk.
			if [ -f "$file" ]; then
				file=$(readlink -f "$file")
				box_file "--put=$file"
				case $head$tail, in
				*,readonly,*) ;;
				*) box_file "--get=$file" ;;
				esac
			fi
			option=${head}file=$(commas_doubled "$file")$tail
			;;
		esac
		set -- "$@" "$option"
	done
	set -- -- "$program" "$@" "$image"
	while [ "$files" -gt 0 ]; do
		eval "set -- \"\$file_$files\" \"\$@\""
		files=$((files - 1))
	done
	on_engine --put="$image" "$@"
}
box_file() {
	files=$((files + 1))
	eval "file_$files=\$1"
}

# on_engine_tests FILE... -- COMMAND...: with all that tests read (only the suites in $SUITES, if that is
# set), and addr2line as $SYMBOLIZER, by which a crash and what a sanitizer finds get their names; the
# files come back.
on_engine_tests() {
	get=
	while [ "$1" != -- ]; do
		get="$get --get=$1"
		shift
	done
	put=
	case ${SUITES:-} in
	lab[0-9][0-9]) lab=${SUITES#lab} ;; # those of one lab run its own program
	*) lab= ;;
	esac
	for file in "$BUILD"/guests labs/"$lab"*/tasks labs/"$lab"*/about $(programs "$BUILD" "$lab") tests/*/dumps "$BUILD"/tests/grade "$BUILD"/tests/check "$BUILD"/tests/shim.so "$BUILD"/tests/escape \
		"$BUILD"/tests/${SUITES:-*}/unit "$BUILD"/tests/${SUITES:-*}/unit-plan "$BUILD"/tests/${SUITES:-*}/unit-faults \
		"$BUILD"/tests/${SUITES:-*}/blackbox "$BUILD"/grade.log "$BUILD"/together ${SYMBOLIZER:-} ${ALSO_THERE:-}; do
		case $file in
		*/harness-self/* | */box/* | */marks/*) ;;
		*) [ ! -e "$file" ] || put="$put --put=$file" ;;
		esac
	done
	# shellcheck disable=SC2086 # lists of words: they are our own paths
	on_engine $put $get "$@"
}

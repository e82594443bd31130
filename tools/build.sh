# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Building, and what several ./lab in one tree must not do at once. For ./lab, which reads this file.

# Where all is built must have a name that make and its shell read as one word, or this says why not;
build_name_is_wrong() {
	signs='!"#$%&()*:;<=>?[\`{|}~'"'"
	case $BUILD in
	-* | *[[:space:]]* | *["$signs]"]*)
		printf '%s\n' "BUILD=$BUILD: make cannot build there; the name may hold no blank and none of $signs]"
		;;
	esac
}

# and it must take files.
build_dir() {
	mkdir -p "$BUILD" 2>/dev/null && (: >>"$BUILD/make.log" && : >>"$BUILD/.lock") 2>/dev/null ||
		die 3 "environment: $BUILD cannot be written; set BUILD=dir in the environment"
}

# with_lock FILE WORD COMMAND...: when no other has it.
with_lock() {
	{
		flock -n 9 || [ $? -ne 1 ] || {
			say "$2"
			flock 9
		}
		shift 2
		"$@" 9>&-
	} 9>>"$1"
}

# locked COMMAND...: what builds. Two at once in one tree would write the same files.
locked() { with_lock "$BUILD/.lock" "another ./lab builds in $BUILD; waiting for it" "$@"; }

# Build targets, showing the compiler only when something is wrong.
build() {
	build_dir
	locked make_quietly "$@" || {
		# shellcheck disable=SC2034 # grading_ends() says it, too
		! no_room || why='nothing can be built here, is there room?' die 3 \
			"environment: nothing can be built in $BUILD: is there room?"
		die 1 "it does not build; the first error above is the one to mend"
	}
}
make_quietly() {
	make -s -j"$(getconf _NPROCESSORS_ONLN)" BUILD="$BUILD" "$@" >"$BUILD/make.log" 2>&1 || {
		cat "$BUILD/make.log" >&2
		return 1
	}
}

# Did the build fail for want of a place to write to? (The compiler's words of that had none, either.)
no_room() {
	grep -Eqs 'No space left on device|Disk quota exceeded|Read-only file system' "$BUILD/make.log" ||
		! dd if=/dev/zero of="$BUILD/room" bs=65536 count=16 2>/dev/null
	full=$?
	rm -f "$BUILD/room" || true
	return $full
}

# A directory of this process alone: $scratch. What killed ones left goes with the next one.
scratch_dir() {
	for left in "$BUILD"/run.??????; do
		[ ! -d "$left" ] || flock -n "$left" rm -rf "$left" || true
	done
	scratch=$(mktemp -d "$BUILD/run.XXXXXX") || exit 3
	exec 7<"$scratch" # held, and so locked, until all that runs here has ended
	flock -n 7 || true
	trap 'rm -rf "$scratch"' EXIT
}

# From here to its end this process alone does NAME here: its files in BUILD have fixed names. (Where
# nothing can be written, what comes next says so.)
alone() {
	mkdir -p "$BUILD" 2>/dev/null && (: >>"$BUILD/.$1") 2>/dev/null || return 0
	exec 8>>"$BUILD/.$1"
	flock -n 8 || [ $? -ne 1 ] || {
		say "another ./lab $1 runs in $BUILD; waiting for it"
		flock 8
	}
}

# Where the saved machines are, as tools/box/host/cache.c keeps them.
saved_machines() {
	place=${HOME:+$HOME/.cache}
	case ${XDG_CACHE_HOME:-} in /*) place=$XDG_CACHE_HOME ;; esac
	[ -n "$place" ] && printf '%s\n' "$place/vmmlab"
}

# They are shown and removed; what is running is not disturbed.
verb_clean() {
	cache=$(saved_machines) || die 3 "clean: where are the saved machines? set HOME or XDG_CACHE_HOME"
	say "saved machines in $cache"
	[ -e "$cache/lock" ] || return 0
	[ -w "$cache/lock" ] && [ -w "$cache" ] || die 3 "environment: $cache cannot be written"
	with_lock "$cache/lock" "a machine is being made there; waiting for that" empty_cache
}
empty_cache() {
	for item in "$cache"/box-* "$cache"/modules-* "$cache"/making-* "$cache"/run-* "$cache"/kernel-*; do
		[ -d "$item" ] || continue
		size=$(du -sh "$item" | cut -f 1) what=removed
		case ${item##*/} in kernel-*) what=kept ;; esac # it was downloaded; machines are made from it
		flock -n "$item" true || what='in use'
		[ "$what" != removed ] || rm -rf "$item"
		printf '%7s  %-8s %s\n' "$size" "$what" "${item##*/}"
	done
}

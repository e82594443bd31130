# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Where guests run: here, or in an emulated machine. For ./lab, which reads this file.

# Where guests run: sets $place, and brings what that needs.
engine() {
	place=native
	[ "$ENGINE" != here ] || return 0
	build "$BUILD/tools/engine" box
	chosen=0
	place=$("$BUILD/tools/engine" "$ENGINE") || chosen=$?
	[ "$chosen" -ne 3 ] || say "ENGINE=auto runs without it, in an emulated CPU; ./lab doctor tells more"
	[ "$chosen" -eq 0 ] || exit "$chosen"
	case $place in
	native) return ;;
	vmx) need vmx ;;
	*) need svm ;;
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
		"$BUILD/tools/box/box" --engine="$place" ${LIMIT:+--limit="$LIMIT"} "$@"
	fi
}

# on_engine_tests FILE... -- COMMAND...: with all that tests read; the files come back.
on_engine_tests() {
	get=
	while [ "$1" != -- ]; do
		get="$get --get=$1"
		shift
	done
	put=
	for file in "$BUILD"/guests labs/*/tasks "$BUILD"/labs/*/vmm "$BUILD"/labs/*/vmx-detect \
		tests/*/dumps "$BUILD"/tests/grade "$BUILD"/tests/check "$BUILD"/tests/shim.so \
		"$BUILD"/tests/*/unit "$BUILD"/tests/*/blackbox "$BUILD"/grade.log; do
		case $file in
		*/harness-self/* | */box/*) ;;
		*) [ ! -e "$file" ] || put="$put --put=$file" ;;
		esac
	done
	# shellcheck disable=SC2086 # lists of words: they are our own paths
	on_engine $put $get "$@"
}

# A guest that exits at each entry can bring an emulated machine to a standstill, and its clock too:
# then no limit of the tests' own comes to an end.
limit_grade() {
	[ -n "${LIMIT:-}" ] || LIMIT=$(if [ -n "$T" ]; then echo 300; else echo 1800; fi)
	[ "$place" != vmx ] || LIMIT=$((4 * LIMIT))
}

stands_still() {
	die 3 "not graded: the emulated machine stands still. Grade one task after the other (T=) to" \
		"find the guest; see by ./lab run with --timeout=2 --stats how often it exits"
}

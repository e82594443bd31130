# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# How ./lab grade ends, whatever goes wrong on the way: each ending has its status (README.md), and
# none leaves the results of another time. For ./lab, which reads this file.

# From now on $results and $junit (or nothing) are where the results go, and until the grader has its
# say, they tell that it had not. $step: preparing, or grader, which writes its own.
grading_starts() {
	step=preparing why='' own=$BUILD/results/lab$nn
	results=${RESULTS:+$(from_cwd "$RESULTS")} junit=${JUNIT:+$(from_cwd "$JUNIT")}
	for file in "$results" "$junit"; do
		[ ! -d "$file" ] || die 64 "$file: a directory, no file for results"
	done
	trace=$BUILD/failed-lab$nn${T:+-$T}.html
	rm -f "$own".json "$own"-*.json "$trace" "$BUILD/results.json" "$BUILD/junit.xml" || true
	results=${results:-$own${T:+-$T}.json} hint=
	[ -n "$RESULTS$JUNIT" ] || hint='; set BUILD=dir in the environment' # no path of the user's own
	{ [ -n "$RESULTS" ] || mkdir -p "$BUILD/results"; } &&
		no_mark grader_error "the grader did not finish" ||
		die 3 "environment: the results cannot be written to $results${junit:+ and $junit}$hint"
	trap 'grading_ends $?' EXIT
}

# All labs, a line each, and what the first one that is not full has to say besides; its status.
grade_all() {
	build_dir
	mkdir -p "$BUILD/results" ||
		die 3 "environment: the results cannot be written to $BUILD/results"
	status=0 first=
	for dir in $(with_tasks); do
		nn=$(number "$dir") said=$BUILD/results/lab$(number "$dir").txt one=0
		"$self" ${YES:+-y} grade LAB="$nn" ENGINE="$ENGINE" V="$V" SEED="$SEED" >"$said" || one=$?
		sed -n '$p' "$said"
		[ "$one" -gt 1 ] || export VMMLAB_ENGINE_SAID=1
		[ "$one" = 0 ] || [ -n "$first" ] || first=$said status=$one
	done
	[ -z "$first" ] || {
		echo
		sed '$d' "$first"
	}
	exit "$status"
}

# The command line is wrong, as has been said. What lay there from another time is gone, too.
wrong_grade() {
	for file in "$RESULTS" "$JUNIT"; do
		[ -z "$file" ] || file=$(from_cwd "$file")
		[ ! -f "$file" ] || rm -f "$file"
	done
	exit 64
}

# no_mark STATUS WHY: results without a mark. (Fixed texts: nothing in them needs an escape.)
no_mark() {
	of=${dir#labs/}
	tell "$results" "{
  \"schema\": \"vmmlab-results/1\", \"version\": \"$(version)\", \"lab\": \"$of\", \"task\": ${T:+\"}${T:-null}${T:+\"},
  \"status\": \"$1\", \"message\": \"$2\", \"score\": null, \"tests\": []
}" && { [ -z "$junit" ] || tell "$junit" "<testsuites>
<testsuite name=\"$of\" tests=\"1\" errors=\"1\">
<testcase classname=\"-\" name=\"grading\"><error message=\"$2\"/></testcase>
</testsuite></testsuites>"; }
}

# tell FILE TEXT: what is no regular file stays what it is, and is told once, at the end.
tell() {
	if [ -e "$1" ] && [ ! -f "$1" ]; then
		[ -z "$why" ] || printf '%s\n' "$2" >"$1"
	else
		{ printf '%s\n' "$2" >"$1" || { rm -f "$1" && printf '%s\n' "$2" >"$1"; }; } 2>/dev/null
	fi
}

# grading_ends STATUS: at the exit of ./lab, with what it was about to end with.
grading_ends() {
	trap - EXIT
	case $step:$1 in
	grader:[01234]) exit "$1" ;;
	*:130) why='it was stopped' status=130 ;; # Ctrl-C, which an emulated machine has had
	*:64 | preparing:2) why='the command line is wrong' status=64 ;;
	*:3) why=${why:-something is missing on this machine} status=3 ;;
	engine:*) status=4 ;;
	grader:*) why="the grader itself ended with status $1" status=4 ;;
	*) why='the tests themselves do not build' status=4 ;;
	esac
	if [ "$step:$status" != grader:4 ] && [ "$status" = 4 ] && no_room; then
		why='nothing can be built here, is there room?' status=3
	fi
	case $status in
	3) no_mark environment "$why" || true ;;
	*) no_mark grader_error "$why" || true ;;
	esac
	say "not graded: $why"
	exit $status
}

# SAN=1: all takes longer, and what the sanitizers keep must fit into a small machine.
sanitized() {
	slow=3
	[ "$place" = native ] || slow=20
	export VMMLAB_TIME_SCALE="${VMMLAB_TIME_SCALE:-$slow}"
	export ASAN_OPTIONS="${ASAN_OPTIONS:-quarantine_size_mb=16:strip_path_prefix=$PWD/}"
}

# grade_elsewhere GRADER...: in an emulated machine; its results come back, and go where they shall.
grade_elsewhere() {
	limit_grade
	# shellcheck disable=SC2034 # on_engine_tests() reads it
	SUITES=lab$nn SYMBOLIZER=$(command -v addr2line || true)
	status=0
	on_engine_tests "$BUILD/results.json" "$BUILD/junit.xml" "$trace" -- \
		"$@" --results="$BUILD/results.json" --junit="$BUILD/junit.xml" || status=$?
	[ "$status" -ne 124 ] || stands_still
	[ "$status" -ne 130 ] || exit 130
	if [ ! -e "$BUILD/results.json" ]; then # it was the box that ended so, not the grader
		step=engine why='the emulated machine cannot be had'
		[ "$status" -ne 3 ] || exit 3
		exit 4
	fi
	hand_over "$BUILD/results.json" "$results"
	[ -z "$junit" ] || hand_over "$BUILD/junit.xml" "$junit"
	exit "$status"
}

hand_over() { # hand_over FROM TO
	cat "$1" >"$2" && return
	[ ! -f "$2" ] || rm -f "$2"
	step=engine why='the results cannot be written'
	exit 3
}

# Should an emulated machine stand still all the same (the box nudges it), so does its clock:
# then no limit of the tests' own comes to an end.
limit_grade() {
	[ -n "${LIMIT:-}" ] || LIMIT=$(if [ -n "$T" ]; then echo 300; else echo 1800; fi)
	[ "$place" != vmx ] || LIMIT=$((4 * LIMIT))
}

stands_still() {
	step=engine why='the emulated machine stands still'
	die 3 "not graded: the emulated machine stands still. Grade one task after the other (T=) to" \
		"find the guest; see by ./lab run with --timeout=2 --stats how often it exits"
}

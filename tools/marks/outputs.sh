# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154
# What is made of graded submissions: tables, feedback, insight, and the zip for Gradescope. IN= is what
# grade-all wrote (OUT= there), or a folder of several such, one a lab. For ./lab, which reads this file.

# marks_folders IN: the folders with records in it, a line each
marks_folders() {
	for folder in "$1" "$1"/*; do
		[ ! -d "$folder/submissions" ] || printf '%s\n' "$folder"
	done
}
# with_marks_folders COMMAND...: with these folders as its last arguments
with_marks_folders() {
	[ -n "$IN" ] || die 2 "$verb: of which marks? ./lab $verb IN=dir (OUT= of grade-all)"
	list=$(marks_folders "$(from_cwd "$IN")")
	[ -n "$list" ] || die 2 "$verb: IN=$IN: no graded submissions in it"
	while IFS= read -r folder; do set -- "$@" "$folder"; done <<-END
		$list
	END
	"$@"
}

# grades.csv, feedback and JUnit once more, by another course.conf; of several labs the course's table
verb_marks() {
	need run test
	build "$BUILD/tools/marks/report"
	with_marks_folders "$BUILD/tools/marks/report" ${CONF:+--conf="$(from_cwd "$CONF")"} \
		${OUT:+--course="$(from_cwd "$OUT")"} || exit $?
	printf '%s\n' "$list" | while IFS= read -r folder; do say "$folder/grades.csv"; done
	[ -z "$OUT" ] || say "$(from_cwd "$OUT")"
}

# Of one lab. The graded files themselves are in IN/taken/ID, as grade-all keeps them. Behind -- may stand
# folders of other gradings of it: a test that says something else there is flaky.
verb_insight() {
	[ -n "$IN" ] || die 2 "insight: of which marks? ./lab insight LAB=02 IN=dir (OUT= of grade-all)"
	in=$(from_cwd "$IN")
	[ -d "$in/submissions" ] || die 2 "insight: IN=$IN: no graded submissions in it"
	need run test export
	build "$BUILD/tools/marks/insight"
	for again in "$@"; do
		shift
		set -- "$@" "$(from_cwd "$again")"
	done
	set -- "$in" "$@"
	if [ -d "$in/taken" ]; then
		nn=$(number "$(lab_dir)") || exit $?
		mkdir -p "$BUILD/marks"
		tools/starter.sh --lab="$nn" --exact "$BUILD/marks/starter-$nn" >/dev/null
		tools/starter.sh --reference --exact "$BUILD/marks/reference" >/dev/null
		set -- --sources="$in/taken" --starter="$BUILD/marks/starter-$nn" \
			--reference="$BUILD/marks/reference" "$@"
	fi
	"$BUILD/tools/marks/insight" "$@" || exit $?
	cat "$in/insight/summary.txt"
	say "tables for a spreadsheet: $(cd "$in/insight" && echo *.csv) in $in/insight"
}

# A zip that Gradescope takes as an autograder: this tree, and what installs and runs it there.
verb_gradescope() {
	[ -n "$OUT" ] || die 2 "gradescope: where to? ./lab gradescope LAB=02 OUT=autograder.zip"
	nn=$(number "$(lab_dir)") || exit $?
	need export marks
	tools/marks/gradescope.sh "$nn" "$(from_cwd "$OUT")" || die $? "gradescope: the zip could not be made"
	say "$(from_cwd "$OUT"): upload it in the assignment's \"Configure Autograder\""
}

# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154
# Marks for many: grade-one and grade-all. Each submission is graded by tools/marks/core; here is what that
# stands on: a pristine tree, made once from this repository. For ./lab, which reads this file.

# marking_starts: all that grading LAB needs; sets $nn, $out, $course and $place.
marking_starts() {
	[ -n "$IN" ] && [ -n "$OUT" ] || die 2 "$verb: ./lab $verb LAB=02 IN=submissions OUT=marks"
	[ -n "$LAB" ] || die 2 "$verb: of which lab? LAB=02"
	dir=$(lab_dir) || exit $?
	nn=$(number "$dir") in=$(realpath -sm -- "$(from_cwd "$IN")") out=$(realpath -m -- "$(from_cwd "$OUT")")
	[ -e "$in" ] || die 2 "$verb: IN=$IN: there is no such thing"
	case ${SANDBOX:=bwrap} in bwrap | user | none) ;; *) die 2 "$verb: SANDBOX=$SANDBOX: must be bwrap, user or none" ;; esac
	# The default is the emulated machine: it is the same for everybody, and thrown away each time.
	[ -z "$(about "$dir" bare)" ] || ENGINE=here # (and an emulator is what it runs in)
	case $ENGINE in
	auto) ENGINE=svm ;;
	here) need qemu ;;
	svm | svm-shadow | native) ;;
	*) die 2 "$verb: ENGINE=$ENGINE: must be svm, svm-shadow or native" ;;
	esac
	[ "$(about "$dir" tests)" != here ] || ENGINE=here # an emulator of their own, or none
	need run test export
	need marks ${LOGINS:+logins}
	build box "$BUILD/tools/marks/grade-one"
	engine
	mkdir -p "$out" && (: >>"$out/.lock") 2>/dev/null || die 3 "$verb: OUT=$OUT cannot be written"
	secret
	case $BUILD in /*) root=$BUILD ;; *) root=$PWD/$BUILD ;; esac
	course=$root/marks/lab$nn
	locked make_course || die 3 "$verb: what to grade with, in $course, cannot be made, as is said above"
}

# The secret from which each student's seed is made: SEED, or one that was drawn for this OUT.
secret() {
	umask=$(umask)
	umask 077
	[ -z "$SEED" ] || printf '%s\n' "$SEED" >"$out/seed"
	[ -s "$out/seed" ] || od -An -tx1 -N16 /dev/urandom | tr -d ' ' >"$out/seed"
	umask "$umask"
	VMMLAB_SECRET=$(cat "$out/seed") || die 3 "$verb: $out/seed cannot be read"
	export VMMLAB_SECRET
}

# The course as tools/marks/core/mark.h describes it. (Made anew when a file here has changed.)
make_course() {
	mkdir -p "$course" && chmod 700 "$course" || return 1
	made_of=$(git ls-files -co --exclude-standard -z -- Makefile VERSION common guests labs tests/harness tests/lib \
		tests/lab?? tools/linked.sh tools/emulate.c tools/emulated tools/starter.sh tools/export tools/marks/core | xargs -0 sha256sum 2>/dev/null | sha256sum)
	[ "$(cat "$course/made-of" 2>/dev/null)" = "$made_of" ] || make_trees || return 1
	reference=$course/reference-$place.json
	[ -s "$reference" ] || grade_reference
}
make_trees() {
	say "making the pristine tree of lab $nn, once"
	rm -rf "$course/made-of" "$course/compile" "$course/reference" "$course"/reference-*.json
	tools/starter.sh --exact "$course/tree" >/dev/null &&
		tools/starter.sh --reference --exact "$course/solved" >/dev/null || return 1
	env -u MAKEFLAGS -u CFLAGS -u BUILD make -s -j"$(getconf _NPROCESSORS_ONLN)" -C "$course/tree" BUILD=build \
		"lab$nn" guests build/tests/grade build/tests/shim.so >"$BUILD/make.log" 2>&1 || {
		cat "$BUILD/make.log" >&2
		return 1
	}
	mkdir "$course/compile" "$course/reference" && cp -a "$course/solved/labs" "$course/reference" || return 1
	hash=$({
		(cd "$course/tree" && find Makefile common guests labs tests tools/linked.sh tools/emulate.c tools/emulated -type f -print0 | LC_ALL=C sort -z |
			xargs -0 sha256sum)
		(cd "$course/reference" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum)
		find tools/marks/core -name '*.[ch]' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
	} | sha256sum)
	leave_out
	# What a compiler sees: no test is among it.
	cp -a "$course/tree/Makefile" "$course/tree/common" "$course/tree/labs" "$course/compile" || return 1
	printf '%s %s\n' "$(version)" "${hash%% *}" >"$course/fingerprint" &&
		printf '%s\n' "$made_of" >"$course/made-of"
}
# Each submission gets its own copy of the tree. What nobody reads there once it is built, is not copied.
leave_out() {
	rm -rf "$course/tree/guests"
	find "$course/tree/build/guests" \( -name '*.o' -o -name '*.linked' \) -delete
	for other in $(with_tasks); do
		other=$(number "$other")
		[ "$other" = "$nn" ] || rm -rf "$course/tree/tests/lab$other"
		[ "$other" -le "$nn" ] || rm -rf "$course/tree/labs/$other"-* "$course/tree/build/guests/$other"
	done
}
# How the reference does, here: what others are compared with. Without full marks nobody is graded.
grade_reference() {
	say "grading the reference of lab $nn on $place, once"
	LOCAL_SECRET=$VMMLAB_SECRET VMMLAB_SECRET=reference
	reference_is_full || { reference_is_told && reference_is_full; } || { # (the machine may have been busy)
		! reference_is_told || say "the reference has no full marks in this sandbox: see $course/check"
		return 1
	}
	VMMLAB_SECRET=$LOCAL_SECRET
	mv "$course/check/submissions/reference.json" "$reference"
}
reference_is_full() {
	rm -rf "$course/check"
	(works_in "$course/work" && grade_one --reference --again --in="$course/reference" --out="$course/check" --id=reference) &&
		rm -rf "$course/work" && grep -q '"state": "graded"' "$course/check/submissions/reference.json" &&
		[ "$(number_in score)" = "$(number_in max)" ]
}
reference_is_told() { [ -e "$course/check/submissions/reference.json" ]; } # else grade-one has said what is missing
number_in() { sed -n "s/^  \"$1\": \([0-9]*\),*\$/\1/p" "$course/check/submissions/reference.json"; }

# works_in DIR: what a killed grade-one has left lies there, and goes now. (SANDBOX=user wants a place that all
# can reach.)
works_in() {
	rm -rf "$1"
	[ "$SANDBOX" = user ] || { mkdir -m 711 "$1" && export TMPDIR="$1"; }
}
grade_one() {
	"$BUILD/tools/marks/grade-one" --lab="$nn" --course="$course" --box="$root/tools/box/box" \
		--engine="$place" --sandbox="$SANDBOX" "$@"
}

verb_grade_one() {
	marking_starts
	grade_one --in="$in" --out="$out" ${ID:+--id="$ID"} ${AGAIN:+--again}
}

# --- all of them ---

verb_grade_all() {
	marking_starts
	[ -d "$in" ] || die 2 "$verb: IN=$IN: a folder with a submission in each of its entries"
	case ${JOBS:=$(getconf _NPROCESSORS_ONLN)} in 0* | *[!0-9]*) die 2 "$verb: JOBS=$JOBS: a number, of 1 or more" ;; esac
	exec 8>>"$out/.lock" # held by all that works for this OUT
	flock -n 8 || die 3 "$verb: another ./lab grades for OUT=$OUT; when it has ended, call again"
	rm -rf "$out/queue"
	"$BUILD/tools/marks/grade-one" --list="$out/queue" --in="$in" || die 3 "$verb: IN=$IN cannot be read"
	say "$(find "$out/queue" -type f | wc -l) submissions of lab $nn, $JOBS at a time"
	works_in "$out/work"
	if [ -n "$LOGINS" ]; then on_machines; else here; fi
	alone_again
	ungraded=$(cd "$out/queue" && for id in *; do [ ! -e "$id" ] || [ -e "../submissions/$id.json" ] || echo; done | wc -l)
	rm -rf "$out/queue" "$out/work"
	[ ! -f tools/marks/outputs.sh ] || "$self" marks IN="$out" || say "the table could not be made; ./lab marks IN=$out"
	told=$(cat "$out"/submissions/*.json 2>/dev/null | sed -n 's/^  "state": "\(.*\)",*$/\1/p' | sort | uniq -c |
		awk '{ printf "%s%s %s", n++ ? ", " : "", $1, $2 }')
	say "$out/submissions: $told"
	[ "$ungraded" = 0 ] || die 3 "$verb: $ungraded have not been graded, as is told above; call again, the others stand"
	case $told in *environment*) die 3 "$verb: some could not be graded on this machine; call again, the others stand" ;; esac
}

# Where a few tests have run into their time limits it may have been the others: once more, alone.
alone_again() {
	for entry in "$out"/queue/*; do
		record=$out/submissions/${entry##*/}.json
		[ ! -f "$record" ] || ! grep -q '"outcome": "timeout"' "$record" || grep -q '"alone": true' "$record" ||
			grade_one --alone --out="$out" --queued="$entry" || true # told below
	done
}

here() {
	queue=$(quoted "$out/queue/")
	find "$out/queue" -type f -printf '%f\n' | LC_ALL=C sort |
		parallel --will-cite --line-buffer -j "$JOBS" "$(quoted "$BUILD/tools/marks/grade-one" --lab="$nn" --course="$course" \
			--box="$root/tools/box/box" --engine="$place" --sandbox="$SANDBOX" --out="$out" ${AGAIN:+--again})" \
			"--queued=${queue% }{}" || true # those that failed are told below
}

# With others that have the course at the same place, and its packages: a login a line, as parallel reads it.
# What each needs goes there as an archive; the record and the log come back.
on_machines() {
	mkdir -p "$out/send" "$out/log"
	for entry in "$out"/queue/*; do
		id=${entry##*/} path=$(cat "$entry"; echo x) path=${path%x}
		if [ -d "$path" ]; then
			tar -C "${path%/*}" --transform "s|^|$id/|" -cf "$out/send/$id.tar" -- "${path##*/}"
		else
			cp -RP -- "$path" "$out/send/$id.tar" # (-R: a pipe is not waited for)
		fi
	done
	(cd "$out" && ls queue | parallel --will-cite --line-buffer -j "$JOBS" --sshloginfile "$(from_cwd "$LOGINS")" \
		--workdir ... --transferfile seed --transferfile send/{}.tar --return submissions/{}.json \
		--return log/{}.txt --return taken/{} --cleanup "$(quoted "$self") -y grade-one LAB=$nn IN=send/{}.tar \
		ID={} OUT=. ENGINE=$place SANDBOX=$SANDBOX ${AGAIN:+AGAIN=1}; mkdir -p log taken/{}; : >>log/{}.txt") || true
	rm -rf "$out/send"
}
# quoted WORD...: for a shell
quoted() {
	for word in "$@"; do printf "'%s' " "$(printf '%s\n' "$word" | sed "s/'/'\\\\''/g")"; done
}

# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# The verbs around a student's own files, labs/NN-name/*.[ch], in a starter. What was handed out lies
# there, too, in $originals (tools/starter.sh puts it there). For ./lab, which reads this file.

originals=.vmmlab-originals.tar.gz

# starter_only: goes on in a starter, with a directory of its own in $scratch (absolute), where
# $scratch/handed-out/labs/ is what was handed out.
starter_only() {
	! in_repository || die 2 "$verb: only in a starter; here git knows what has changed"
	[ -f "$originals" ] || die 2 "$verb: only in a starter; this tree does not know what was handed out" \
		"($originals is missing)"
	build_dir
	locked scratch_dir
	scratch=$(cd "$scratch" && pwd)
	handed_out . "$scratch/handed-out"
}
handed_out() { # handed_out TREE DIR
	mkdir "$2" && tar -xzf "$1/$originals" --no-same-owner -C "$2" || die 3 "$verb: $1/$originals cannot be unpacked"
}

# changes TREE HANDED_OUT LAB...: a line for each of a student's files that is not as it was handed out:
# changed or added, and its name. (A pipe is no file; and not a process for each of them.)
changes() {
	tree=$1 was=$2
	shift 2
	for lab in "$@"; do (cd "$tree" && printf '%s\n' "$lab"/*.[ch]); done | while IFS= read -r file; do
		[ ! -f "$tree/$file" ] || [ -e "$was/$file" ] || printf 'added %s\n' "$file"
		[ ! -f "$tree/$file" ] || [ ! -e "$was/$file" ] || printf '%s\n' "$file" >&3
	done 3>"$scratch/both" >"$scratch/added"
	(cd "$was" && xargs -rd '\n' sha256sum) <"$scratch/both" |
		(cd "$tree" && LC_ALL=C sha256sum --quiet -c - 2>/dev/null) | sed -n 's/: FAILED$//p' |
		sed 's/^/changed /' | LC_ALL=C sort -k 2 - "$scratch/added"
}

# named LAB...: the files that their tasks name.
named() {
	for lab in "$@"; do
		awk -v lab="$lab" '!/^[ \t]*#/ && $3 != "-" {
			n = split($3, file, ",")
			for (i = 1; i <= n; i++) print lab "/" file[i]
		}' "$lab/tasks"
	done | LC_ALL=C sort -u
}

# --- reset ---

# in_tree PATH: as seen from the tree's root. (The last part may be a link of the student's.)
in_tree() {
	path=$(realpath -m -- "$(dirname -- "$1")")/$(basename -- "$1")
	printf '%s\n' "${path#"$PWD"/}"
}

verb_reset() {
	[ -n "$FILE" ] || die 2 "reset: which file? ./lab reset FILE=labs/02-vcpu-run/vcpu.c"
	starter_only
	file=$(in_tree "$(from_cwd "$FILE")")
	[ -f "$scratch/handed-out/$file" ] || file=$(in_tree "$PWD/$FILE") # as it is called in the root
	[ -f "$scratch/handed-out/$file" ] || die 2 "reset: $FILE: not among the files labs/*/*.c and *.h that were handed out"
	if [ -f "$file" ] && cmp -s "$file" "$scratch/handed-out/$file"; then
		say "$file is as it was handed out; nothing to do"
		return
	fi
	kept='there was none'
	if [ -e "$file" ] || [ -L "$file" ]; then
		n=1
		while [ -e "$file.~$n~" ]; do n=$((n + 1)); done
		mv -- "$file" "$file.~$n~" || die 3 "reset: $file cannot be kept"
		kept="yours is now $file.~$n~"
	fi
	mkdir -p "${file%/*}"
	cp "$scratch/handed-out/$file" "$file" || die 3 "reset: $file cannot be written"
	say "$file is as it was handed out; $kept"
}

# --- submit ---

# Those whose code is in the program of a lab: itself, and what it stands on.
floors() { # floors LAB
	for lab in $(labs); do
		if [ "$lab" = "$1" ]; then
			printf '%s\n' "$lab"
		elif [ -z "$(about "$1" alone)$(about "$lab" alone)" ] && [ "$(number "$lab")" -lt "$(number "$1")" ]; then
			printf '%s\n' "$lab"
		else # a bare lab takes files of it
			case " $(about "$1" bare)" in *" $lab/"*) printf '%s\n' "$lab" ;; esac
		fi
	done
}

verb_submit() {
	[ -n "$OUT" ] || die 2 "submit: where to? ./lab submit LAB=02 OUT=lab02.tar.gz"
	dir=$(lab_dir) || exit $?
	nn=$(number "$dir") out=$(from_cwd "$OUT")
	[ ! -d "$out" ] || die 2 "submit: OUT=$OUT: a directory; name a file, such as $OUT/lab$nn.tar.gz"
	starter_only
	pack=$scratch/pack
	mkdir -p "$pack/submission"
	results=$pack/submission/results.json status=0
	"$self" ${YES:+-y} grade LAB="$nn" ENGINE="$ENGINE" RESULTS="$results" || status=$?
	case $status in
	0 | 1) ;;
	*) [ -n "$FORCE" ] || die "$status" "submit: nothing was packed: no mark here, as is said above. FORCE=1 packs it all the same" ;;
	esac
	# shellcheck disable=SC2046 # a list of words
	changes . "$scratch/handed-out" $(floors "$dir") >"$scratch/changes"
	# shellcheck disable=SC2046
	named $(floors "$dir") >"$scratch/named"
	cut -d ' ' -f 2- "$scratch/changes" | LC_ALL=C sort -u - "$scratch/named" | while IFS= read -r file; do
		[ ! -f "$file" ] || printf '%s\n' "$file"
	done >"$scratch/files"
	tar -chf - -T "$scratch/files" | tar -xf - -C "$pack"
	describe >"$pack/submission/about"
	# The same files make the same archive, whoever packs them and when.
	(cd "$pack" && find labs submission -type f) | LC_ALL=C sort >"$scratch/list"
	tar -C "$pack" -T "$scratch/list" --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=u=rw,go=r \
		-cf "$scratch/packed.tar" && gzip -n "$scratch/packed.tar" &&
		cp "$scratch/packed.tar.gz" "$out" || die 3 "submit: $out cannot be written"
	say "$out holds labs/*/*.[ch] and submission/:"
	cat "$pack/submission/about"
}

# What is in a submission, a line of "KEY: words" each.
describe() {
	printf 'course: vmmlab %s\nlab: %s\n' "$(version)" "${dir#labs/}"
	printf 'score: %s\n' "$(score_in "$results")"
	while read -r how file; do
		given=
		[ "$how" = added ] || grep -Fxqe "$file" "$scratch/named" || given=' (no task names it)'
		printf '%s: %s%s\n' "$how" "$file" "$given"
	done <"$scratch/changes"
	while IFS= read -r file; do
		[ -f "$file" ] || printf 'missing: %s\n' "$file"
	done <"$scratch/named"
	printf 'as handed out: %d files\n' "$(($(wc -l <"$scratch/files") - $(wc -l <"$scratch/changes")))"
}

# "63/100, as graded by the student (svm)". The results are the grader's: a member a line.
score_in() {
	awk -F '[:,] *' '
		/^  "(score|max_score|engine)":/ { gsub(/[" ]/, "", $1); gsub(/"/, "", $2); said[$1] = $2 }
		END {
			if (said["score"] ~ /^[0-9]+$/)
				print said["score"] "/" said["max_score"] ", as graded by the student (" said["engine"] ")"
			else
				print "none: it could not be graded"
		}' "$1" 2>/dev/null
}

# --- upgrade ---

verb_upgrade() {
	[ -n "$FROM" ] && [ -n "$OUT" ] || die 2 "upgrade: call it in the newer starter:" \
		"./lab upgrade FROM=your-tree OUT=new-directory"
	need upgrade
	from=$(realpath -m -- "$(from_cwd "$FROM")") out=$(realpath -m -- "$(from_cwd "$OUT")")
	[ -d "$from/labs" ] || die 2 "upgrade: FROM=$FROM: there is no labs/"
	[ -f "$from/$originals" ] || die 2 "upgrade: FROM=$FROM: that tree does not know what was handed out" \
		"($originals is missing)"
	[ ! -e "$out" ] || [ -z "$(ls -A "$out")" ] || die 2 "upgrade: OUT=$OUT: there is something in it"
	case $out/ in "$PWD"/* | "$from"/*) die 2 "upgrade: OUT=$OUT: it must lie outside of both trees" ;; esac
	starter_only
	# shellcheck disable=SC2046 # a list of words
	changes . "$scratch/handed-out" $(labs) >"$scratch/changes"
	[ ! -s "$scratch/changes" ] || die 2 "upgrade: take a newer starter in which nobody has worked yet; in this one:" \
		"$(head -n 1 "$scratch/changes")"
	handed_out "$from" "$scratch/base"
	same_tasks
	mkdir -p "$out" && tar -cf - --exclude=./build --exclude="./$BUILD" --exclude=./.git . |
		tar -xf - --no-same-owner -C "$out" || die 3 "upgrade: $out cannot be written"
	# shellcheck disable=SC2046
	changes "$from" "$scratch/base" $(cd "$from" && labs) >"$scratch/changes"
	bad=0
	while read -r how file; do lay_over "$how" "$file"; done <"$scratch/changes"
	say "$out is version $(version), with your work of version $(cat "$from/VERSION" 2>/dev/null)"
	[ ! -e "$from/.git" ] || say "its history stays where it is; to take it along: cp -R '$from/.git' '$out'"
	[ $bad = 0 ] || say "please see to the conflicts; then ./lab grade there"
	return $bad
}

# What was to be done there is to be done here: else solutions that were handed out would be gone, or stand
# against the student's own. (A task that only one of the two courses has is no matter.)
same_tasks() {
	ids . >"$scratch/ids" && ids "$from" | LC_ALL=C comm -12 - "$scratch/ids" >"$scratch/both"
	for side in base handed-out; do
		grep -rhoE 'TODO\("[0-9]+\.[0-9]+"' "$scratch/$side/labs" | tr -dc '0-9.\n' | LC_ALL=C sort -u |
			LC_ALL=C comm -12 - "$scratch/both"
	done >"$scratch/todo"
	other=$(sort "$scratch/todo" | uniq -u | head -n 1)
	[ -z "$other" ] || die 2 "upgrade: task $other is handed out solved in one of the two trees, and to be done in" \
		"the other; take a newer starter that was made with the same FROM="
}
ids() { awk '/^[0-9]/ { print $1 }' "$1"/labs/*/tasks | LC_ALL=C sort -u; }

# lay_over changed|added FILE: a student's file goes into the new tree. What has changed on both sides is
# merged, line by line; what has changed in the same lines is a conflict, with both in the file.
lay_over() {
	mine=$from/$2 base=$scratch/base/$2 new=$out/$2 status=0
	[ "$1" = changed ] || base=/dev/null
	if [ ! -e "$new" ] && [ "$1" = changed ]; then
		# It would be compiled, beside what took its place.
		put "$mine" "$new.yours"
		bad=1 how="CONFLICT  the course has no such file any more; yours is now $2.yours:"
	elif [ ! -e "$new" ] || cmp -s "$base" "$new"; then
		put "$mine" "$new"
		how=yours
	elif cmp -s "$mine" "$new"; then
		how='the same'
	else
		diff3 -m -a -E -L 'your work' -L 'handed out' -L "version $(version)" \
			"$mine" "$base" "$new" >"$scratch/merged" || status=$?
		case $status in
		0) how=merged ;;
		1) bad=1 how='CONFLICT  between <<<<<<< and >>>>>>> is yours, then the new one:' ;;
		*) die 3 "upgrade: $2 cannot be merged" ;;
		esac
		put "$scratch/merged" "$new"
	fi
	printf '%-9s %s\n' "$how" "$2"
}
put() { mkdir -p "${2%/*}" && cp "$1" "$2" || die 3 "upgrade: $2 cannot be written"; }

# --- format ---

# Of files that are as they were handed out not a line is moved.
verb_format() {
	want_layout
	starter_only
	# shellcheck disable=SC2046 # a list of words
	changes . "$scratch/handed-out" $(labs) >"$scratch/changes"
	while read -r _ file; do
		cp "$file" "$scratch/before" && clang-format -i "$file" || die 3 "format: $file cannot be laid out"
		cmp -s "$file" "$scratch/before" || printf 'laid out: %s\n' "$file"
	done <"$scratch/changes"
	say "$(($(wc -l <"$scratch/changes"))) files of yours are laid out as the course's are"
}

# --- watch, prepare ---

verb_watch() {
	known_task
	[ -z "$LAB" ] || dir=$(lab_dir) || exit $?
	need run test
	build "$BUILD/tools/watch"
	exec "$BUILD/tools/watch" ${LAB:+--lab="$LAB"} ${T:+--task="$T"} -- \
		"$self" ${YES:+-y} grade ENGINE="$ENGINE" ${V:+V="$V"}
}

# All that the verbs of a student need, while there is a network. (A group that has no packages is none.)
verb_prepare() {
	case $ENGINE in
	native) machine='' ;;
	auto) machine=svm ;;
	svm | svm-shadow | vmx) machine=$ENGINE ;;
	*) die 2 "prepare: ENGINE=$ENGINE: must be auto, native, svm, svm-shadow or vmx" ;;
	esac
	case $machine in
	'') set -- ;;
	vmx) set -- vmx ;;
	*) set -- svm ;;
	esac
	! in_repository || set -- "$@" all
	need run test qemu format upgrade debug "$@"
	say "packages: all are installed"
	build all
	say "$BUILD: $(du -sh "$BUILD" | cut -f 1): the programs of all labs, guests, tests and tools are built"
	[ -z "$machine" ] || {
		"$BUILD/tools/box/box" --engine="$machine" --prepare || die 3 "prepare: the emulated machine cannot be made"
		cache=$(saved_machines) && say "$cache: $(du -sh "$cache" | cut -f 1): the emulated machine $machine is saved"
	}
	say "from now on ./lab grade, run, hint, watch and the others need no network"
}

# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# The verbs of those who work on the course: no starter has them. For ./lab, which reads this file.

verb_prove() {
	need run test export prove linux marks qemu book epub
	build all
	alone prove
	ENGINE=$ENGINE ALL=$ALL tools/prove.sh "$BUILD" "$@"
}

verb_mutants() {
	need run prove
	tools/mutants.sh "$FROM"
}

verb_fuzz() {
	need run test prove
	alone fuzz
	tools/fuzz.sh "$BUILD" "${TIME:-600}"
}

# What the proof has no time for: tests in a new order each time; systems where nothing is installed; EPUB.
verb_stress() {
	need run test all
	build all
	alone stress
	engine
	# shellcheck disable=SC2046 # a list of words
	tools/stress.sh "$BUILD" "$place" "${TIME:-600}" ${LAB:+$(number "$(lab_dir)")} \
		$([ -n "$LAB" ] || test_labs | sed 's/^lab//')
}

verb_fresh() {
	[ -n "$OUT" ] || die 2 "fresh: where do the systems go (10 GB)? ./lab fresh OUT=dir"
	tools/fresh.sh "$(from_cwd "$OUT")"
}

verb_debian() {
	. tools/debian.sh
	debian
}

verb_epubcheck() {
	need book export epub
	alone book
	for edition in reference student; do
		book/build.sh "$BUILD/book/$edition" $edition || die $? "book: the $edition edition could not be made"
		tools/pages.sh "$BUILD/book/$edition" || bad=1
	done
	return ${bad:-0}
}

verb_bench() {
	need run test
	LAB=${LAB:-$(number "$(with bench | head -n 1)")}
	dir=$(lab_dir) || exit $?
	how=$(about "$dir" bench) picture=
	[ "$how" ] || die 2 "bench: there are measurements for" "$(with bench | paste -sd ' ' -)"
	case $how in *' qemu'*) need qemu ;; esac
	case $how in *' picture') picture=$BUILD/bench-${how%% *}.svg ;; esac
	build vmm guests "$BUILD/tools/bench"
	alone bench
	case $how in linux*)
		. tools/linux.sh
		bench_linux
		return
		;;
	esac
	engine
	put=
	for file in "$BUILD"/guests $(programs "$BUILD") "$BUILD"/tools/bench-*; do
		case $file in *.[do]) ;; *) put="$put --put=$file" ;; esac
	done
	status=0
	# shellcheck disable=SC2086 # a list of words: they are our own paths
	on_engine $put ${picture:+--get="$picture"} -- \
		"$BUILD/tools/bench" "${how%% *}" ${picture:+--plot="$picture"} || status=$?
	[ "$status" -ne 0 ] || [ -z "$picture" ] || [ -z "$OUT" ] || cp "$picture" "$(from_cwd "$OUT")"
	return $status
}

# Every output that a task sheet or the book shows (of LAB, or all), run again where guests run; --write
# notes down what they print now, in the sheets and chapters, too.
verb_record() {
	need run test
	build vmm guests "$BUILD/tools/record"
	nn=${LAB:+$(number "$(lab_dir)")}
	tools/recorded.sh "$BUILD" "$nn" || die 1 "the trees that recorded runs need are not built"
	engine
	put='' get=''
	for file in book/recorded tests/*/dumps labs/*/tasks labs/*/about "$BUILD/guests" \
		$(for tree in "$BUILD" "$BUILD"/record/*/; do programs "${tree%/}" "$nn"; done); do
		put="$put --put=$file"
	done
	case " $* " in
	*" --write "*) for file in book/recorded/*.txt; do get="$get --get=$file"; done ;;
	esac
	# shellcheck disable=SC2086 # lists of words: they are our own paths
	on_engine $put $get -- "$BUILD/tools/record" ${nn:+--lab="$nn"} "$@"
	[ -n "$nn" ] || "$BUILD/tools/record" --blocks ${get:+--write}
}

verb_starter() {
	need run test export book
	[ -n "$OUT" ] || die 2 "starter: where to? ./lab starter OUT=dir"
	tools/starter.sh --book ${FROM:+--from="$FROM"} ${LAB:+--lab="$LAB"} "$(from_cwd "$OUT")"
}

verb_reference() {
	need export
	[ -n "$OUT" ] || die 2 "reference: where to? ./lab reference OUT=dir"
	tools/starter.sh --reference "$(from_cwd "$OUT")"
}

verb_lint() {
	need run test lint all
	build all
	alone lint
	tools/lint.sh "$BUILD"
}

verb_format() {
	want_layout
	git ls-files '*.c' '*.h' | xargs clang-format -i
}

# Every engine by every lab. One that is missing here is said to be, and is no failure.
verb_check_engines() {
	need run test svm vmx all
	build all
	alone check-engines
	bad=0
	: >"$BUILD/engines.log"
	printf '%-12s %-22s passed  failed  skipped\n' engine tests
	for ENGINE in ${ENGINES:-native svm svm-shadow vmx}; do
		status=0
		results=$BUILD/engines.$$
		# shellcheck disable=SC2046 # a list of words
		(engine && tools/check.sh "$BUILD" "$place" "$results" common $(test_labs)) \
			>>"$BUILD/engines.log" 2>&1 || status=$?
		if [ $status -eq 0 ]; then
			cat "$results"/common "$results"/lab?? | awk -v engine="$ENGINE" '
				$1 == "fail" { print engine, $0 >"/dev/stderr" }
				$1 == "count" {
					split($5, part, "/")
					name = part[length(part) - 1]
					p[name] += $2; f[name] += $3; s[name] += $4
				}
				END { for (name in p) printf "%-12s %-22s %6d  %6d  %7d\n",
					engine, name, p[name], f[name], s[name] }' | sort
			! grep -qE '^(fail|count [0-9]+ [1-9])' "$results"/common "$results"/lab?? || bad=1
		else
			printf '%-12s skipped: %s\n' "$ENGINE" "$(tail -n 1 "$BUILD/engines.log")"
			[ $status -eq 3 ] || bad=1
		fi
		rm -rf "$results"
	done
	grep -E '^(FAIL|SKIP|CRASH|TIMEOUT|ERROR)' "$BUILD/engines.log" || true
	say "all that was said: $BUILD/engines.log"
	return $bad
}

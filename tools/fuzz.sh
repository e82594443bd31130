#!/bin/sh
# SPDX-License-Identifier: MIT
# Each libFuzzer target for SECONDS, from its kept corpus; a finding is left in BUILD/fuzz.
#   fuzz.sh BUILD SECONDS
set -eu
cd "$(dirname "$0")/.."
build=$1 seconds=$2 bad=0 targets=0

# SANITIZED: a crash is the sanitizer's to tell, and so are the stacks for it (common/crash.h). What was
# built before this script was so may be without.
mkdir -p "$build/fuzz"
find "$build/fuzz" -name '*.o' ! -newer tools/fuzz.sh -delete
make -s BUILD="$build" FUZZ_CC="${FUZZ_CC:-clang} -DSANITIZED" fuzz
for target in "$build"/fuzz/fuzz_*; do
	[ -x "$target" ] && [ ! -d "$target" ] || continue
	targets=$((targets + 1))
	name=$(basename "$target")
	corpus=tests/adversarial/corpus/${name#fuzz_}
	new=$build/fuzz/new-$name
	mkdir -p "$new"
	[ -d "$corpus" ] || corpus=
	if "$target" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=2048 -print_final_stats=0 \
		-artifact_prefix="$build/fuzz/" "$new" ${corpus:+"$corpus"} >"$new.log" 2>&1; then
		echo "ok    $name: $(grep -c . "$new.log") lines of log, silent for $seconds s"
	else
		tail -n 30 "$new.log"
		echo "FAIL  $name; the input is in $build/fuzz"
		bad=1
	fi
done
[ $targets -gt 0 ] || echo "fuzz: there is no target"
exit $((bad || targets == 0))

#!/bin/sh
# SPDX-License-Identifier: MIT
# recorded.sh BUILD [LAB]: the programs that recorded runs need besides BUILD's own: each task sheet shows what
# a run says before its task is done, and the book what a mistake (a mutant) does. BUILD/record/NAME is
# a build of this tree up to a task, or with a patch. Builds only what has changed.
set -eu
cd "$(dirname "$0")/.."
. tools/labs.sh
mkdir -p "$1/record"
build=$(cd "$1" && pwd)
if command -v ccache >/dev/null; then # most objects of all those trees are the same
	export CC="ccache ${CC:-${CROSS_COMPILE:-}gcc}" CCACHE_NOHASHDIR=1
fi

"$build/tools/record" --needs ${2:+--lab="$2"} | sort -u | while read -r tree lab; do
	folder=$(echo labs/"$lab"-*)
	program=$folder/$(about "$folder" program vmm)
	dir=$build/record/${tree#*/}
	sol=9999 src=.
	case $tree in
	*/*)
		src=$build/record/src-$lab
		rm -rf "$src"
		mkdir -p "$src/tests"
		cp -Rp Makefile reference.mk common labs guests "$src"
		cp -Rp tests/harness tests/lib "$src/tests"
		patch -s -d "$src" -p1 -F2 <"tests/mutants/$tree"
		;;
	*) sol=$((${tree%.*} * 100 + ${tree#*.})) ;;
	esac
	make -s -C "$src" -j"$(getconf _NPROCESSORS_ONLN)" BUILD="$dir" REFERENCE=-DSOL=$sol WERROR= \
		"$dir/$program"
done

#!/bin/sh
# SPDX-License-Identifier: MIT
# What is wrong with the objects of a lab's code that a unit suite is linked with, a line each:
#   linked.sh SUITE OBJECT... -- OURS...
# OURS are the objects of its tests and the archives of the harness and of common/, the last one. An object
# of a lab may not run before main() or after it, take the place of a function that the tests call, or call
# one of theirs: such a suite would say what the object likes. NM and OBJDUMP in the environment: binutils.
set -eu
suite=$1 labs=
shift
while [ "$1" != -- ]; do
	labs="$labs $1"
	shift
done
shift
# shellcheck disable=SC2086 # a list of words: make's
facts=$(
	set -e
	echo '== library' # what the suite has in common with the shared libraries
	"$NM" -DAP --defined-only "$suite"
	"$NM" -DAP --undefined-only "$suite-plan" # what the tests call there, as they are without the labs
	echo '== ours'
	"$NM" -gAP "$@"
	echo '== lab'
	"$NM" -AP $labs
	echo '== sections'
	"$OBJDUMP" -hw $labs
)
printf '%s\n' "$facts" | awk '
	function fault(file, text) {
		sub(/^.*labs\//, "labs/", file)
		sub(/\.o:?$/, ".c", file)
		gsub(/[^ -~]/, "?", text)
		if (!said[file, text]++)
			print file ": " text
	}
	$1 == "==" { part = $2; next }
	part == "sections" && /file format/ { file = $1 }
	part == "sections" && $2 ~ /^\.(preinit_array|init_array|fini_array|ctors|dtors|init|fini|interp)(\.|$)/ {
		fault(file, "has code that runs before or after main() (" $2 "): call it from where it is needed")
	}
	part == "library" { sub(/@.*/, "", $2); library[$2] = 1 }
	part == "ours" && $3 !~ /^[Uvw]$/ {
		ours[$2] = 1
		if ($1 !~ /libcommon\.a/)
			tests[$2] = 1
	}
	part != "lab" { next }
	$3 == "i" { fault($1, "has " $2 " chosen before main() (ifunc): call the function itself") }
	$3 ~ /^[a-hj-tx-z]$/ { next } # static
	$3 ~ /^[Uvw]$/ {
		if (($2 in tests && !($2 in library)) || $2 ~ /^CU_/) # (a fake ioctl() is for them)
			fault($1, "calls " $2 ", which is for the tests alone")
		next
	}
	$2 in library { fault($1, "defines " $2 ", which is a library'\''s: make it static, or give it another name") }
	$2 in ours { fault($1, "defines " $2 ", which the tests or common/ have: make it static, or give it another name") }'

#!/bin/sh
# SPDX-License-Identifier: MIT
# What is wrong with the objects of a lab's code that a unit suite is linked with, a line each:
#   linked.sh SUITE OBJECT... -- OURS...
# OURS are the objects of its tests, and the archives of the harness and, as the last one, of common/. An
# object of a lab may not run before main() or after it, take the place of a function that the tests call, or
# call one of theirs: such a suite would say what the object likes. READELF in the environment: binutils'.
# (nm takes ten times as long.) Of a lab for the bare machine the tests have a fake one: MACHINE are the
# objects that the lab's code calls there, METAL the functions of its own that need the machine.
set -eu
export LC_ALL=C
suite=$1 labs=
shift
while [ "$1" != -- ]; do
	labs="$labs $1"
	shift
done
shift
for common; do :; done # readelf names a file only where there are two
# shellcheck disable=SC2086 # a list of words: make's
facts=$(
	set -e
	echo '== library' # what the suite has in common with the shared libraries
	"$READELF" -W --dyn-syms "$suite" "$suite-plan"
	echo '== ours'
	"$READELF" -sW "$@"
	echo '== machine'
	[ -z "${MACHINE:-}" ] || "$READELF" -sW $MACHINE
	echo '== lab'
	"$READELF" -SsW $labs "$common"
)
printf '%s\n' "$facts" | awk -v metal="${METAL:-}" '
	BEGIN { for (n = split(metal, names); n > 0; n--) machine[names[n]] = 1 }
	function fault(text) {
		where = file
		sub(/^.*labs\//, "labs/", where)
		sub(/\.o$/, ".c", where)
		gsub(/[^ -~]/, "?", text)
		if (!said[where, text]++)
			print where ": " text
	}
	$1 == "==" { part = $2; next }
	$1 == "File:" { file = $2; common = file ~ /libcommon\.a\(/; next }
	part == "lab" && common { next }
	part == "lab" && /^ *\[ *[0-9]+\] / {
		sub(/^ *\[ *[0-9]+\] /, "")
		if ($1 ~ /^\.(preinit_array|init_array|fini_array|ctors|dtors|init|fini|interp|tm_clone_table)(\.|$)/)
			fault("has code that runs before or after main() (" $1 "): call it from where it is needed")
		else if ($1 ~ /^\.(gnu\.(lto_|linkonce|warning|hash|version)|dyn|hash|got|plt)/ || $1 ~ /^\.rela/ && ($2 != "RELA" || $7 ~ /A/))
			fault("has a section by which the linker does more than link (" $1 "): no task needs one")
		next
	}
	$1 !~ /^[0-9]+:$/ || $8 == "" { next } # no symbol
	part == "lab" && ($4 == "IFUNC" || $4 ~ /^</) {
		fault("has " $NF " chosen before main() (ifunc): call the function itself")
		next
	}
	$5 == "LOCAL" { next }
	{ sub(/@.*/, "", $8); missing = $7 == "UND" }
	part == "library" && missing == (file ~ /-plan$/) { library[$8] = 1 } # what the tests call, even if a lab has it
	part == "ours" && !missing { ours[$8] = 1; tests[$8] = !common }
	part == "machine" && !missing { machine[$8] = 1 }
	part == "machine" { next }
	part == "lab" && missing && ($8 ~ /^CU_/ || tests[$8] && !($8 in library) && !($8 in machine)) { # (a fake ioctl() is for them)
		fault("calls " $8 ", which is for the tests alone")
	}
	part != "lab" || missing { next }
	$8 in library { fault("defines " $8 ", which is a library'\''s: make it static, or give it another name") }
	$8 in ours { fault("defines " $8 ", which the tests or common/ have: make it static, or give it another name") }'

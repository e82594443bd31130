#!/bin/sh
# SPDX-License-Identifier: MIT
# loops.sh BUILD: no file of labs/, common/ and tools/ may need one that needs it, however long the way
# round. It needs another when it wants a symbol that this one defines: nm knows, and tsort names each
# circle. Status 1 if there is one.
set -eu
cd "$(dirname "$0")/.."
build=$1
# Who is in a circle today, and will not be tomorrow: what others want of these does not count yet.
known='tools/box/host/main.o tools/doctor/doctor.o'

needs() { # needs EXCUSED: pairs of objects, of which the first needs the second
	nm -Ag $objects | awk -v excused=" $1 " -v build="$build/" '
		{ file = substr($1, length(build) + 1); sub(/^lint\//, "", file); sub(/:.*/, "", file) }
		$(NF - 1) == "U" { wants[file, $NF]; next }
		{ defines[$NF] = file }
		END {
			for (pair in wants) {
				split(pair, want, SUBSEP)
				other = defines[want[2]]
				if (other && other != want[1] && !index(excused, " " other " "))
					print want[1], other
			}
		}' | sort -u
}
circles() { needs "$1" | tsort 2>&1 >/dev/null | sed -e 's/^tsort: -: .*/a circle:/' -e 's/^tsort: /    /'; }

objects=
for file in $(git ls-files -co --exclude-standard 'labs/*.c' 'common/*.c' 'tools/*.c'); do
	object=$build/${file%.c}.o
	if [ ! -e "$object" ]; then # of a program whose files are all compiled in one go
		object=$build/lint/${file%.c}.o
		mkdir -p "$(dirname "$object")"
		cc -std=gnu11 -D_GNU_SOURCE -Icommon -Itests/harness -c "$file" -o "$object"
	fi
	objects="$objects $object"
done
found=$(circles "$known")
if [ -z "$found" ] && [ "$known" ] && [ -z "$(circles '')" ]; then
	found='no circle is left: empty the list of known ones in tools/loops.sh'
fi
[ -z "$found" ] || echo "$found"
[ -z "$found" ]

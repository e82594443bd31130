#!/bin/sh
# SPDX-License-Identifier: MIT
# loops.sh BUILD: no file of labs/, common/ and tools/ may need one that needs it, however long the way
# round. Who wants a symbol and who defines it, nm knows; tsort names the circles. Status 1: there is one.
set -eu
cd "$(dirname "$0")/.."
build=$1 objects=

circles() {
	nm -Ag $objects | sed -e "s,^$build/,," -e 's,^lint/,,' -e 's/:.* \(.\) / \1 /' | awk '
		$2 == "U" { wants[$1 " " $3]; next }
		{ defines[$3] = $1 }
		END {
			for (pair in wants) {
				split(pair, want, " ")
				other = defines[want[2]]
				if (other)
					print want[1], other
			}
		}' | sort | tsort 2>&1 >/dev/null | sed -e 's/^tsort: -: .*/a circle:/' -e 's/^tsort: /    /'
}

# (The machine that a bare lab has below it, the tests have, too.)
for file in $(git ls-files -co --exclude-standard 'labs/*.c' 'common/*.c' 'tools/*.c' | grep -v '^labs/[^/]*/bare/'); do
	object=$build/${file%.c}.o
	[ -e "$object" ] || [ ! -e "$build/${file%.c}.bare.o" ] || object=$build/${file%.c}.bare.o
	if [ ! -e "$object" ]; then # of a program whose files are compiled in one go
		object=$build/lint/${file%.c}.o
		mkdir -p "$(dirname "$object")"
		cc -std=gnu11 -D_GNU_SOURCE -Icommon -Itests/harness -Itests/lib -c "$file" -o "$object"
	fi
	objects="$objects $object"
done
found=$(circles)
[ -z "$found" ] || { echo "$found" && exit 1; }

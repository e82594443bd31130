#!/bin/sh
# SPDX-License-Identifier: MIT
# starter-readme.sh TASK: a starter's README, with examples from the lab of the first task that is to be done
# there (tools/export/README.starter.md has names such as @TASK@ for them).
set -eu
cd "$(dirname "$0")/.."
task=${1:-1.1}
lab=$(printf '%02d' "${task%.*}")
sheet=$(echo labs/"$lab"-*/README.md)
file=$(awk -v task="$task" '$1 "" == task { split($3, file, ","); print file[1] }' "${sheet%/*}/tasks")
guests=$lab # a lab that has some
start="Start with task $task: \`$sheet\` is its sheet. What comes before it is solved."
if [ "$lab" = 01 ]; then
	guests=02
	start="Start with \`$sheet\`, a task sheet; \`$(echo labs/02-*/README.md)\` is the next.\\
(They do not build on each other: your course may begin with the second.)"
fi
guest=$(sed -n "s/.*lab run LAB=$guests GUEST=\([a-z0-9-]*\).*/\1/p" labs/"$guests"-*/README.md | head -n 1)
sed -e "s|@TASK@|$task|g" -e "s|@LAB@|$lab|g" -e "s|@GUESTS@|$guests|g" -e "s|@GUEST@|$guest|g" \
	-e "s|@FILE@|${sheet%/*}/$file|g" -e "s|^@START@\$|$start|" tools/export/README.starter.md |
	awk '/^    / && (at = index($0, "  # ")) { # the comments below each other
		$0 = sprintf("%-51s%s", substr($0, 1, at - 1), substr($0, at))
	}
	{ print }'

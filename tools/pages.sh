#!/bin/sh
# SPDX-License-Identifier: MIT
# pages.sh DIR: the book as build.sh has made it there. Is the EPUB valid? Is each page of the HTML as wide as a
# phone, 390 pixels, with no table, listing or picture cut off? (A browser has to say that; if there is none, this
# half is skipped.)
set -eu
cd "$1"

# Debian's command is the archive itself, which not every kernel can start.
jar=/usr/share/java/epubcheck.jar
if [ -f $jar ]; then set -- java -jar $jar; else set -- epubcheck; fi
"$@" -q vmmlab.epub || {
	echo "pages: the EPUB is not valid"
	exit 1
}

cd html
for browser in chromium chromium-browser google-chrome ''; do
	[ -z "$browser" ] || ! command -v "$browser" >/dev/null || break
done
[ -n "$browser" ] || {
	echo "the EPUB is valid; skipped: there is no chromium here to look at the pages"
	exit 0
}
probe=probe.$$ profile=$(mktemp -d)
trap 'rm -rf "$probe.html" "$profile"' EXIT
cat >"$probe.html" <<'END'
<!doctype html><meta charset="utf-8"><pre></pre><script>
const wide = [];
// What sticks out to the right of the page is out of sight, but for what scrolls in a box of its own.
function boxed(e) {
	for (; e.tagName != "ARTICLE"; e = e.parentElement)
		if (/auto|scroll/.test(getComputedStyle(e).overflowX)) return true;
	return false;
}
function look(name, page) {
	const width = Math.max(page.documentElement.scrollWidth, page.querySelector(".content").scrollWidth);
	if (width > 390) wide.push(`${name}: ${width} pixels wide`);
	for (const e of page.querySelectorAll("article *")) {
		const right = Math.round(e.getBoundingClientRect().right);
		const outer = Math.round(e.parentElement.getBoundingClientRect().right);
		if (right > 390 && outer <= 390 && !boxed(e))
			wide.push(`${name}: ${e.tagName} cut off, ${right}: ${e.textContent.slice(0, 60).replace(/\s+/g, " ")}`);
	}
}
async function all(names) {
	for (const name of names) {
		const frame = document.createElement("iframe");
		frame.width = 390;
		frame.height = 800;
		frame.src = name;
		await new Promise((go) => { frame.onload = go; document.body.append(frame); });
		look(name, frame.contentDocument);
		frame.remove();
	}
	document.querySelector("pre").textContent = [...wide, `the EPUB is valid; ${names.length} pages looked at`, ""].join("\n");
}
END
{
	printf 'all(['
	for page in *.html; do
		case $page in probe.* | search.html | genindex.html) ;; *) printf '"%s",' "$page" ;; esac
	done
	printf ']);</script>\n'
} >>"$probe.html"
timeout 300 "$browser" --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$profile" --virtual-time-budget=60000 \
	--allow-file-access-from-files --dump-dom "file://$PWD/$probe.html" 2>"$profile/err" |
	sed -n '/<pre>/,/<\/pre>/{ s/^.*<pre>//; s/<\/pre>.*//; s/&gt;/>/g; s/&lt;/</g; s/&amp;/\&/g; /./p }' >"$profile/said"
cat "$profile/said"
[ "$(wc -l <"$profile/said")" = 1 ] && grep -q 'pages looked at$' "$profile/said"

# SPDX-License-Identifier: MIT
# The book: Markdown by MyST, HTML by furo. build.sh calls sphinx-build with one of the tags
# `student` and `reference`; the reference edition adds the chapters named *-solutions, and
# those for teachers, marks-*.

import json
import posixpath
import re
from pathlib import Path

from docutils import nodes
from sphinx.ext.graphviz import graphviz, render_dot
from sphinx.util import logging

logger = logging.getLogger(__name__)

project = "vmmlab"
author = "the vmmlab authors"
copyright = author + ", MIT licence"
version = release = "1.0"
language = "en"  # build.sh: or another that is in locale/
locale_dirs = ["locale"]

extensions = ["myst_parser", "sphinx.ext.graphviz"]
myst_enable_extensions = ["colon_fence", "deflist"]

exclude_patterns = ["recorded/*", "figures/*"]
if not tags.has("reference"):  # noqa: F821 (Sphinx puts `tags` here)
    exclude_patterns += ["*-solutions.md", "marks-*.md"]

# Code is C unless it says otherwise. A word in backticks is not a reference.
highlight_language = "c"
smartquotes = False  # `--stats` is no dash
default_role = None

graphviz_output_format = "svg"
graphviz_dot_args = ["-Nfontname=DejaVu Sans", "-Efontname=DejaVu Sans", "-Gfontname=DejaVu Sans"]

html_theme = "furo"
html_title = "vmmlab: build a hypervisor on KVM"
html_static_path = ["_static"]
templates_path = ["_templates"]
html_css_files = ["book.css"]
html_copy_source = False  # the sources show where the answers are
html_show_sourcelink = False
html_domain_indices = False
html_theme_options = {"navigation_with_keys": True}
pygments_dark_style = "native"

epub_title = html_title
epub_description = "Write a virtual machine monitor on Linux KVM, in C, one exit at a time."
epub_publisher = author
epub_uid = epub_identifier = "vmmlab-book"
epub_cover = ("_static/cover.png", "epub-cover.html")
epub_scheme = "URN"
epub_show_urls = "footnote"
epub_css_files = ["epub-book.css"]
epub_exclude_files = ["_static/book.css"]


# --- sources: MyST takes a line that begins with % for a comment, and the words would be lost without a word ---


def refuse_comments(app, docname, source):
    fence = ""
    for number, line in enumerate(source[0].splitlines(), 1):
        word = line.strip()
        if fence:
            if word.startswith(fence) and not word.strip("`~:"):
                fence = ""
        elif re.match(r"```|~~~|:::", word):
            fence = re.match(r"`+|~+|:+", word).group()
        elif word.startswith("%"):
            logger.warning("a line that begins with % is left out", location=(docname, number))


# --- figures: in HTML a click opens the picture alone, as large as the window ---


def is_wide(path):
    """Is it drawn for more than a phone? There such a picture scrolls, since nobody could read it otherwise."""
    svg = Path(path).read_text("utf-8", "replace")
    width = re.search(r'<svg[^>]*? width="([0-9.]+)(pt)?', svg, re.S)
    if not width:
        width = re.search(r'<svg[^>]*? viewBox="0 0 ([0-9.]+)()', svg, re.S)
    return bool(width) and float(width[1]) * (4 / 3 if width[2] else 1) > 540


def draw(self, node):
    """Graphviz's picture as an image like the others. In an EPUB no SVG may have a DOCTYPE."""
    name, path = render_dot(self, node["code"], node["options"], "svg", "graphviz")
    if path:
        svg = Path(path)
        svg.write_text(re.sub(r"<!DOCTYPE[^>]*>\s*", "", svg.read_text("utf-8")), "utf-8")
        image = '<img class="graphviz" src="%s" alt="%s" />' % (name, self.encode(node.get("alt", "")))
        if self.builder.name == "html":
            kind = "image-reference wide" if is_wide(svg) else "image-reference"
            image = '<a class="%s" href="%s">%s</a>' % (kind, name, image)
        self.body.append(image)
    raise nodes.SkipNode


def open_large(app, doctree, docname):
    for image in list(doctree.findall(nodes.image)):
        if app.builder.name == "epub":
            image.attributes.pop("width", None)  # its XHTML knows pixels only; there is book.css
        elif app.builder.name == "html" and image["uri"] in app.env.images:
            name = posixpath.join("_images", app.env.images[image["uri"]][1])
            link = nodes.reference("", "", internal=True, refuri=name)
            if image["uri"].endswith(".svg") and is_wide(Path(app.srcdir, image["uri"])):
                link["classes"].append("wide")
            image.replace_self(link)
            link += image


# --- commands: where a line ends, an option stays in one piece ---


def keep_options(app, doctree, docname):
    for caption in doctree.findall(nodes.caption):
        for text in list(caption.findall(nodes.Text)):
            words = re.split(r"((?<=\s)-\S+)", text)  # each second one is an option
            parts = [nodes.inline("", w, classes=["option"]) if i % 2 else nodes.Text(w) for i, w in enumerate(words)]
            text.parent.replace(text, [part for part in parts if part.astext()])


def keep_in_listings(app, pagename, templatename, context, doctree):
    context["body"] = re.sub(
        r'<div class="highlight-console .*?</pre>',
        lambda listing: re.sub(r"(?<=[ >])--[\w=./-]+", r'<span class="option">\g<0></span>', listing[0]),
        context.get("body", ""),
        flags=re.S,
    )


# --- search: Sphinx would fetch each page for its excerpt, which a file cannot do ---


def write_excerpts(app, failed):
    if app.builder.name != "html" or failed:
        return
    pages = {}
    for docname in sorted(app.env.found_docs):
        page = Path(app.outdir, docname + ".html")
        text = re.search(r'<article role="main".*?</article>', page.read_text("utf-8"), re.S)
        if text:  # what a search looks at: the words, and the sections in which they stand
            words = re.sub(r'<a class="headerlink".*?</a>', "", text.group())
            words = re.sub(r"</(?:p|dt|dd|li|t[dh]|h[1-6]|pre|div|figcaption)>", " ", words)
            pages[page.name] = re.sub(r"<(?!/?(?:section|article))[^>]*>", "", words)
    Path(app.outdir, "_static", "excerpts.js").write_text(
        "const pages = %s;\n"
        "window.fetch = async (url) => new Response(pages[url.split('/').pop()] || '');\n" % json.dumps(pages),
        "utf-8",
    )


def setup(app):
    app.add_node(graphviz, override=True, html=(draw, None))
    app.connect("source-read", refuse_comments)
    app.connect("doctree-resolved", open_large)
    app.connect("build-finished", write_excerpts)
    app.connect("doctree-resolved", keep_options)
    app.connect("html-page-context", keep_in_listings)

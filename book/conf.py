# SPDX-License-Identifier: MIT
# The book: Markdown by MyST, HTML by furo. build.sh calls sphinx-build with one of the tags
# `student` and `reference`; the reference edition adds the chapters named *-solutions, and
# those for teachers, marks-*.

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
html_css_files = ["book.css"]
html_copy_source = False  # the sources show where the answers are
html_show_sourcelink = False
html_show_search_summary = False  # it would be fetched, which a file cannot be
html_use_index = False
html_domain_indices = False
html_theme_options = {"navigation_with_keys": True}
pygments_dark_style = "native"

epub_title = html_title
epub_description = "Write a virtual machine monitor on Linux KVM, in C, one exit at a time."
epub_publisher = author
epub_uid = "vmmlab-book"
epub_identifier = "urn:vmmlab:book"
epub_scheme = "URN"
epub_show_urls = "footnote"
epub_css_files = ["epub-book.css"]
epub_exclude_files = ["_static/book.css"]

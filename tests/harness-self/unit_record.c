// SPDX-License-Identifier: MIT
/* tools/record: what sheets and chapters show, and what a program prints now. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "self.h"

/* A tree with one sheet, one recording and one program, which prints this. */
static void tree(const char *sheet, const char *recording, const char *prints)
{
	char script[2000];

	self_tree();
	self_mkdir("book");
	self_mkdir("book/recorded");
	self_mkdir("build");
	self_mkdir("build/labs");
	self_mkdir("build/labs/02-small");
	self_mkdir("build/guests");
	self_mkdir("build/guests/02");
	self_write("book/index.md", 0644, "# Book\n");
	self_write("build/guests/02/g.bin", 0644, "");
	self_write("labs/02-small/README.md", 0644, sheet);
	self_write("book/recorded/g.txt", 0644, recording);
	snprintf(script, sizeof(script), "#!/bin/sh\n%s\n", prints);
	self_write("build/labs/02-small/vmm", 0755, script);
}

static struct proc_result record(const char *first, const char *second)
{
	char *argv[] = { (char *)self_program("tools/record"), (char *)first, (char *)second,
			 NULL };
	char build[300], *env[] = { build, NULL };

	snprintf(build, sizeof(build), "VMMLAB_BUILD=%s/build", getcwd((char[200]){ 0 }, 200));
	return self_run(argv, env);
}

/* --- runs --- */

#define RUN "# run: 02/g --stats\n"

TEST("-", a_recorded_run_is_compared, 0, .seconds = 0.4)
{
	static const struct {
		const char *head, *body, *prints,
			*differs; /* differs: what is said; NULL: nothing */
	} runs[] = {
		{ "", "# status: 0\none\ntwo\n", "echo one; echo two >&2", NULL },
		{ "", "# status: 3\none\n", "echo one; exit 3", NULL },
		{ "", "# status: 0\none\n", "echo one; exit 3", "now       # status: 3" },
		{ "", "# status: 0\none\n", "echo two", "recorded  one\n  now       two" },
		{ "", "# status: 0\none\n", "echo one; echo two", "now       two" },
		{ "", "# status: 0\nOUT  1   1.234 ms\n", "echo 'OUT  1  99.871 ms'", NULL },
		{ "", "# status: 0\nOUT  1   1.234 ms\n", "echo 'OUT  2   1.234 ms'", "OUT  2" },
		{ "# maybe: INTR\n", "# status: 0\na\n", "echo a; echo '  INTR 2'", NULL },
		{ "# maybe: INTR\n", "# status: 0\na\nINTR 1\n", "echo a", NULL },
		{ "# vary: addr\n", "# status: 0\n  addr 1\n", "echo '  addr 2'", NULL },
		{ "# vary: addr\n", "# status: 0\n  addr 1\n", "echo 'none'", "none" },
		{ "# only: a\n# only: b\n", "# status: 0\na\nb\n", "echo a; echo c; echo b", NULL },
		{ "# either: 6 pages | 5 pages\n", "# status: 0\n6 pages\n", "echo 5 pages", NULL },
		{ "# either: 6 pages | 5 pages\n", "# status: 0\n6 pages\n", "echo 4 pages",
		  "4 pages" },
		{ "# either: a\\nb | c\n", "# status: 0\na\nb\n", "echo c", NULL },
		{ "# stdin: x\\012y\\n\n", "# status: 0\nx\ny\n", "cat", NULL },
		{ "# filter: stdout\n", "# status: 0\nout\n", "echo err >&2; echo out", NULL },
		{ "# filter: stderr-first\n", "# status: 0\nerr\nout\n", "echo out; echo err >&2",
		  NULL },
		{ "# engine: svm\n", "# status: 0\nelsewhere\n", "echo here", NULL },
	};

	unsetenv("VMMLAB_ENGINE");
	for (size_t i = 0; i < ARRAY_SIZE(runs); i++) {
		char text[500];
		struct proc_result p;

		CONTEXT("%s%s now: %s", runs[i].head, runs[i].body, runs[i].prints);
		snprintf(text, sizeof(text), RUN "%s%s", runs[i].head, runs[i].body);
		tree("# Sheet\n", text, runs[i].prints);
		p = record("--check", NULL);
		EXPECT_U64(proc_exit_code(&p), runs[i].differs != NULL);
		EXPECT_CONTAINS(p.out, runs[i].differs ? "1 differ" : "0 differ");
		if (runs[i].differs)
			EXPECT_CONTAINS(p.out, runs[i].differs);
		EXPECT_STR(self_read("book/recorded/g.txt"), text);
	}
}

TEST("-", a_run_is_noted_down_as_it_is_now, 0)
{
	struct proc_result p;

	tree("# Sheet\n", RUN "# either: six | five\n# status: 0\nold\n", "echo five; exit 2");
	p = record("--write", NULL);
	EXPECT_U64(proc_exit_code(&p), 0);
	EXPECT_STR(self_read("book/recorded/g.txt"),
		   RUN "# either: six | five\n# status: 2\nsix\n");
}

TEST("-", a_tree_that_is_needed_is_named, 0)
{
	tree("# Sheet\n", "# run: 02/g\n# tree: 2.4\n# status: 0\n", "");
	EXPECT_STR(record("--needs", NULL).out, "2.4 02\n");
	tree("# Sheet\n", "# run: 02/g\n# patch: 02/x.patch\n# status: 0\n", "");
	EXPECT_STR(record("--needs", NULL).out, "02/x.patch 02\n");
}

/* --- blocks --- */

#define TEXT(marker, lines) marker "\n```text\n" lines "```\n"
#define SHEET(marker)	    TEXT(marker, "one\ntwo\n")
#define HAS		    RUN "# status: 3\none\ntwo\nthree\nT 4          1.000 ms          2.000 ms\n"

TEST("-", a_block_is_as_recorded, 0, .seconds = 0.3)
{
	static const struct {
		const char *sheet, *problem; /* NULL: none */
	} blocks[] = {
		{ SHEET(""), "README.md:2: a block of output without a line before it" },
		{ SHEET("<!-- recorded: g -->"), "README.md:5: is not as recorded" },
		{ TEXT("<!-- recorded: g -->", "...\ntwo\n"), "the recording goes on: three" },
		{ SHEET("<!-- recorded: g, part -->"), NULL },
		{ SHEET("<!-- recorded: h, part -->"), "README.md:1: no such recording: h" },
		{ SHEET("<!-- recorded: g, parts -->"), "no such word in a marker: parts" },
		{ SHEET("<!-- not a run: a picture -->"), NULL },
		{ SHEET("<!-- not replayed: by hand -->"), NULL },
		{ SHEET("<!-- not a run: -->"), "README.md:1: why?" },
		{ SHEET("<!-- not replayed: see tests/no.c -->"), "no such file: tests/no.c" },
		{ TEXT("<!-- recorded: g, part -->", "two\nthree\n"), NULL },
		{ TEXT("<!-- recorded: g, part -->", "two\nfour\n"), "README.md:4: is not as" },
		{ TEXT("<!-- recorded: g, part -->", "one\n...\nthree\n"), NULL },
		{ TEXT("<!-- recorded: g, part -->", "one\nthree\n"), "is not as recorded" },
		{ TEXT("<!-- recorded: g, part -->", "five\n"), "these lines are not in" },
		{ TEXT("<!-- recorded: g -->", "one\n...\n"), NULL },
		{ TEXT("<!-- recorded: g, part, without times -->", "T 4\n"), NULL },
		{ TEXT("<!-- recorded: g, part, without times -->", "T 5\n"), "is not as" },
		{ "```console\n$ ./lab run LAB=02 GUEST=g\n```\n", NULL },
		{ "```console\n$ ./lab run LAB=02 GUEST=g\none\n```\n",
		  "a block of output without" },
		{ "<!-- recorded: g, part -->\n```console\n$ ./lab run LAB=02 GUEST=g ENGINE=svm "
		  "-- "
		  "--stats\none\n$ echo $?\n3\n```\n",
		  NULL },
		{ "<!-- recorded: g, part -->\n```console\n$ echo $?\n4\n```\n", "recorded  3" },
		{ "<!-- recorded: g, part -->\n```console\n$ ./lab run LAB=02 GUEST=g\none\n```\n",
		  "the recording is of another command: ./lab run LAB=02 GUEST=g -- --stats" },
		{ "```c\nint x;\n```\n", NULL },
		{ "Before: `one`. After:\n\n", "no line before it such as" },
		{ "<!-- recorded: g, in words -->\nBefore, with status 3: `one`, and\n`two`. "
		  "After, "
		  "`four`.\n\n",
		  NULL },
		{ "<!-- recorded: g, in words -->\nBefore: `four`. After:\n\n",
		  "README.md:2: that is not recorded: four" },
		{ "<!-- recorded: g, in words -->\nBefore, with status 2: `one`.\n\n",
		  "README.md:2: that is not recorded: with status 2" },
		{ "Before, it was dark.\n\n", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(blocks); i++) {
		char text[1000];
		struct proc_result p;

		CONTEXT("%s", blocks[i].sheet);
		snprintf(text, sizeof(text), "%s" TEXT("<!-- recorded: g -->", "...\n"),
			 blocks[i].sheet);
		tree(text, HAS, "");
		p = record("--blocks", NULL);
		if (blocks[i].problem)
			EXPECT_CONTAINS(p.out, blocks[i].problem);
		else
			EXPECT_STR(p.out, "");
		EXPECT_U64(proc_exit_code(&p), blocks[i].problem != NULL);
		EXPECT_STR(self_read("labs/02-small/README.md"), text);
	}
}

TEST("-", blocks_are_written_as_recorded, 0)
{
	struct proc_result p;

	tree("# Sheet\n\n" TEXT("<!-- recorded: g -->",
				"eins\n") "words\n\n<!-- recorded: g, part -->\n```console\n$ "
					  "./lab run LAB=02 GUEST=g -- --stats\n"
					  "two\nthree old\n$ echo $?\n0\n```\nthe end\n",
	     HAS, "");
	p = record("--blocks", "--write");
	EXPECT_U64(proc_exit_code(&p), 0);
	EXPECT_STR(
		self_read("labs/02-small/README.md"),
		"# Sheet\n\n" TEXT(
			"<!-- recorded: g -->",
			"one\ntwo\nthree\n"
			"T 4          1.000 ms          2.000 ms\n") "words\n\n<!-- recorded: g, "
								     "part -->\n```console\n"
								     "$ ./lab run LAB=02 GUEST=g "
								     "-- --stats\ntwo\nthree\n$ "
								     "echo $?\n3\n```\nthe end\n");
	EXPECT_STR(record("--blocks", NULL).out, "");
}

TEST("-", chapters_and_figures_count_too, 0, .seconds = 0.2)
{
	tree("# Sheet\n", HAS, "");
	EXPECT_CONTAINS(record("--blocks", NULL).out, "book/recorded/g.txt: is shown nowhere");
	self_write("book/index.md", 0644,
		   "```{literalinclude} recorded/g.txt\n:caption: ./lab run LAB=02 GUEST=h\n```\n");
	EXPECT_CONTAINS(record("--blocks", NULL).out,
			"index.md:2: the recording is of another command");
	self_write("book/index.md", 0644, "```{literalinclude} recorded/h.txt\n```\n");
	EXPECT_CONTAINS(record("--blocks", NULL).out, "index.md:1: no such recording: h");
	self_write("book/recorded/g.txt", 0644,
		   "# run: 02/g\n# figure: book/x.svg\n# status: 0\nwords\n<svg>1</svg>\n");
	self_write("book/index.md", 0644, "# Book\n");
	self_write("book/x.svg", 0644, "<svg>2</svg>\n");
	EXPECT_CONTAINS(record("--blocks", NULL).out, "book/x.svg: is not the picture in");
	self_write("book/x.svg", 0644, "<svg>1</svg>\n");
	EXPECT_STR(record("--blocks", NULL).out, "");
}

// SPDX-License-Identifier: MIT
/* tools/hint and tools/ties, in small trees; and what all programs do when their words are lost. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "self.h"

static struct proc_result hint(const char *task, const char *more)
{
	char *argv[] = { (char *)self_program("tools/hint"), (char *)task, (char *)more, NULL };

	return self_run(argv, NULL);
}

static void tree_with_hints(void)
{
	self_tree();
	self_mkdir(test_tmpfile("state"));
	setenv("XDG_STATE_HOME", test_tmpfile("state/deep"), 1);
	self_mkdir("labs/02-small/hints");
	self_write("labs/02-small/hints/2.1.md", 0644, "Look.\n---\nThink.\n---\nDo.\n");
	self_write("labs/02-small/hints/2.2.md", 0644, "Look again.\n---\nThink.\n---\nDo.\n");
	self_write("labs/02-small/hints/2.3.md", 0644, "Only one.\n");
}

static char *readme_of(const char *task)
{
	return self_run((char *[]){ "tools/starter-readme.sh", (char *)task, NULL }, NULL).out;
}

TEST("-", a_starters_readme_speaks_of_its_first_task, 0, .seconds = 0.3)
{
	char *readme = readme_of("4.1");

	EXPECT_CONTAINS(readme, "Start with task 4.1: `labs/04-io-exits/README.md` is its sheet.");
	EXPECT_CONTAINS(readme, "\n    ./lab hint T=4.1  ");
	EXPECT_CONTAINS(readme, "\n    ./lab run LAB=04 GUEST=uart-hello  ");
	EXPECT_CONTAINS(readme, " FILE=labs/04-io-exits/mmio.c  ");
	EXPECT_TRUE(!strchr(readme, '@'), "a name is not filled in");
	readme = readme_of("2.10"); /* which is not 2.1 */
	EXPECT_CONTAINS(readme, " FILE=labs/02-vcpu-run/kvm_stats.c  ");
	CONTEXT("lab 01 has no guests");
	readme = readme_of("1.1");
	EXPECT_CONTAINS(readme, "Start with `labs/01-vmx-detect/README.md`, a task sheet; ");
	EXPECT_CONTAINS(readme, "\n    ./lab run LAB=02 GUEST=halt  ");
	EXPECT_CONTAINS(readme, " FILE=labs/01-vmx-detect/kvm_ask.c  ");
}

TEST("-", hints_come_one_at_a_time, 0)
{
	struct proc_result p;

	tree_with_hints();
	EXPECT_STR(hint("--task=2.1", NULL).out,
		   "Hint 1 of 3 for task 2.1, make a machine:\n\nLook.\n\n"
		   "Another one: ./lab hint T=2.1\n");
	EXPECT_CONTAINS(hint("--task=2.1", NULL).out, "Hint 2 of 3");
	EXPECT_CONTAINS(hint("--task=2.2", NULL).out, "Look again.");
	EXPECT_CONTAINS(hint("--task=2.1", NULL).out, "That was the last one.");
	p = hint("--task=2.1", NULL);
	EXPECT_CONTAINS(p.out, "Look.");
	EXPECT_CONTAINS(p.out, "These are all the hints there are.");
	EXPECT_CONTAINS(hint("--task=2.2", NULL).out, "Hint 2 of 3");
	EXPECT_CONTAINS(hint("--task=2.2", "--level=1").out, "Hint 1 of 3");
	EXPECT_CONTAINS(hint("--task=2.2", "--all").out, "Do.");
	EXPECT_CONTAINS(hint("--task=2.2", NULL).out, "Hint 3 of 3");
}

TEST("-", each_tree_has_its_own_hints, 0)
{
	tree_with_hints();
	EXPECT_CONTAINS(hint("--task=2.1", NULL).out, "Hint 1 of 3");
	self_tree();
	self_mkdir("labs/02-small/hints");
	self_write("labs/02-small/hints/2.1.md", 0644, "1\n---\n2\n---\n3\n");
	EXPECT_CONTAINS(hint("--task=2.1", NULL).out, "Hint 1 of 3");
}

TEST("-", wrong_questions_get_one_line, 0)
{
	struct proc_result p;

	tree_with_hints();
	p = hint("--task=2.9", NULL);
	EXPECT_U64(proc_exit_code(&p), 1);
	EXPECT_STR(p.err, "hint: no task 2.9 in labs/02-small/tasks\n");
	p = hint("--task=2.4", NULL);
	EXPECT_U64(proc_exit_code(&p), 1);
	EXPECT_STR(p.err, "hint: labs/02-small/hints/2.4.md: No such file or directory\n");
	p = hint("--task=2.3", NULL);
	EXPECT_CONTAINS(p.err, "hint: labs/02-small/hints/2.3.md: not three hints");
	p = hint("--task=2.1", "--level=4");
	EXPECT_U64(proc_exit_code(&p), 64);
	p = hint("--task=nonsense", NULL);
	EXPECT_U64(proc_exit_code(&p), 64);
}

TEST("-", a_hint_needs_no_memory, 0)
{
	struct proc_result p;

	tree_with_hints();
	setenv("XDG_STATE_HOME", "/dev/null/x", 1);
	p = hint("--task=2.1", NULL);
	EXPECT_U64(proc_exit_code(&p), 0);
	EXPECT_CONTAINS(p.out, "Look.");
	EXPECT_CONTAINS(p.err, "the next hint will be this one again");
}

static struct proc_result ties(void)
{
	char *argv[] = { (char *)self_program("tools/ties"), NULL };

	return self_run(argv, NULL);
}

#define CODE   "int f(void)\n{\n\t/* TASK 2.1 */\n#if SOL >= 201\n\treturn 0;\n#endif\n}\n"
#define SHEET  "## 2.1 make a machine\n"
#define ROW    SHEET "| 7 | cheats | seen | 2.1 |\n| 8 | cheats | seen | 2.1 |\n"
#define MUTANT "tests/mutants/02/2.1-wrong.patch"
#define MUSTS  "# must\n1.1.1 | be | one, three\n"

/* A new tree where everything is tied. */
static void whole_tree(void)
{
	self_tree();
	self_mkdir("labs/02-small/hints");
	self_mkdir("tests");
	self_mkdir("tests/lab02");
	self_mkdir("book");
	self_mkdir("tests/mutants");
	self_mkdir("tests/mutants/02");
	self_write(MUTANT, 0644, "# task: 2.1\n# killed by: one, three\n--- a/labs/02-small/b.c\n");
	self_write("labs/02-small/tasks", 0644, "2.1 100 a.c,b.c f - make a machine\n");
	self_write("labs/02-small/a.c", 0644, "int f(void);\nint af(void)\n{\n}\n");
	self_write("labs/02-small/b.c", 0644, CODE);
	self_write("labs/02-small/hints/2.1.md", 0644, "1\n---\n2\n---\n3\n");
	self_write("book/02.md", 0644, "(task-2.1)=\n## Machines\n");
	self_write("labs/02-small/README.md", 0644, SHEET "| 7 | cheats | seen | 2.1 |\n");
	self_write("tests/lab02/unit_a.c", 0644,
		   "TEST(\"2.1\", one, 40)\n{\n\tCONTEXT(\"row 7\")\n}\nTEST(\"-\", two, 0)\n");
	self_write("tests/lab02/blackbox_a.c", 0644, "TEST(\"2.1\", three, 60, .seconds = 1)\n");
	self_write("tests/lab02/a-musts", 0644, MUSTS "1.2 | not be | - it is not built\n");
}

TEST("-", a_tied_tree_has_no_problems, 0)
{
	struct proc_result p;

	whole_tree();
	p = ties();
	EXPECT_STR(p.out, "");
	EXPECT_U64(proc_exit_code(&p), 0);
}

TEST("-", each_loose_end_is_a_line, 0, .seconds = 0.4)
{
	static const struct {
		const char *path, *text, *problem;
	} loose[] = {
		{ "labs/02-small/b.c", "int g(void)\n{\n}\n", "2.1: no function f" },
		{ "labs/02-small/b.c", "int f(void)\n{\n}\n", "2.1: f has no /* TASK 2.1 */" },
		{ "labs/02-small/c.c", CODE, "c.c:3: task 2.1 does not list this file" },
		{ "labs/02-small/c.h", "/* TASK 2.7 */\n#if SOL >= 207\n", "c.h:1: no task 2.7" },
		{ "labs/02-small/b.c", CODE "/* TASK 2.1 */\n#if SOL >= 202\n",
		  "b.c:9: not `#if SOL >= 201`" },
		{ "labs/02-small/b.c", CODE "/* TASK 2.1 */\n#if SOL >= 201 /* x */\n",
		  "b.c:9: not `#if SOL >= 201`" },
		{ "labs/02-small/b.c", CODE "#if SOL >= 201\n", "b.c:8: #if SOL without a line" },
		{ "labs/02-small/README.md", "## 2.1 other\n",
		  "lacks the line `## 2.1 make a machine`" },
		{ "labs/02-small/README.md", "## 2.1 make a machine\nTask 2.1: 0/99.\n",
		  "README.md:2: task 2.1 does not have 99 points" },
		{ "labs/02-small/README.md", "## 2.1 make a machine\nTODO 2.1 make it  0/8  no\n",
		  "README.md:2: task 2.1 does not have 8 points" },
		{ "labs/02-small/README.md", "## 2.1 make a machine\nCall `g()`.\n",
		  "README.md:2: there is no g()" },
		{ "labs/02-small/a.h", "int i; /* as f() */\nint k; /* as h() */\n",
		  "a.h:2: there is no h()" },
		{ "labs/02-small/hints/2.1.md", "1\n---\n2\n---\n`f()`, not `ff()`\n",
		  "2.1.md:5: there is no ff()" },
		{ "labs/02-small/hints/2.1.md", "1\n---\n2\n", "has 2 parts, not 3" },
		{ "book/02.md", "(task-2.10)=\n", "2.1: no label (task-2.1)=" },
		{ "tests/lab02/unit_a.c", "TEST(\"2.1\", a, 41)\n", "unit tests give 41 points" },
		{ "tests/lab02/unit_a.c", "TEST(\"2.1\", a, 39)\n", "give 99 points, not 100" },
		{ "tests/lab02/unit_a.c", "TEST(\"2.2\", a, 40)\n", "unit_a.c:1: no task 2.2" },
		{ "labs/02-small/README.md", ROW, "README.md:3: no points for row 8 in 2.1" },
		{ "tests/lab02/unit_a.c", "TEST(\"2.1\", row_7, 0)\n",
		  "README.md:2: no points for row 7 in 2.1" },
		{ "tests/lab02/unit_a.c", "TEST(\"2.1\", rows_6_to_8, 40)\n",
		  "README.md:2: no points for row 7 in 2.1" },
		{ "labs/02-small/tasks", "2.1 99 b.c f - make a machine\n", "up to 99, not 100" },
		{ "tests/lab02/a-musts", MUSTS "1.2 | do | one, for\n",
		  "musts:3: there is no test for" },
		{ "tests/lab02/a-musts", MUSTS "1.2 | do | \n", "musts:3: no test and no reason" },
		{ "tests/lab02/a-musts", MUSTS "1.2 | do | -\n", "musts:3: no test and no reason" },
		{ "tests/lab02/a-musts", MUSTS "1.2 | do\n", "musts:3: not `section" },
		{ "tests/lab02/a-musts", MUSTS "1.2 | do | one | two\n", "musts:3: not `section" },
		{ "tests/lab02/a-musts", MUSTS "blk | do | one\n", "musts:3: not `section" },
		{ MUTANT, "# task: 2.1\n# killed by: one, thre\n",
		  "patch:2: there is no test thre of a task" },
		{ MUTANT, "# task: 2.1\n# killed by: two\n", "there is no test two of a task" },
		{ MUTANT, "# task: -\n# killed by: one\n", "no test one without a task" },
		{ MUTANT, "# task: 2.1\n# killed by: one\n# killed slowly by: slow\n",
		  "patch:3: there is no test slow" },
		{ MUTANT, "# task: 2.1\n# killed by: one\n# killed by a CPU: a-cpu\n",
		  "patch:3: there is no test a-cpu" },
		{ MUTANT, "# task: 2.1\n", "its header does not say" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(loose); i++) {
		struct proc_result p;

		whole_tree();
		CONTEXT("%s was: %s", loose[i].path, loose[i].text);
		self_write(loose[i].path, 0644, loose[i].text);
		p = ties();
		EXPECT_CONTAINS(p.out, loose[i].problem);
		EXPECT_U64(proc_exit_code(&p), 1);
	}
}

/* A book of which only one can be made in a place at a time. */
static const char a_book[] =
	"#!/bin/sh\nset -e\nmkdir -p \"$1/html\"\nmkdir \"$1/busy\"\nsleep 0.5\n"
	"echo \"for a $2\" >\"$1/html/index.html\"\nrmdir \"$1/busy\"\n";

/* A tree of which starters can be made. */
static void tree_for_starters(void)
{
	static const char *const dirs[] = { "book",  "common", "guests",
					    "tests", "tools",  "tools/export" };
	char *script = self_read("tools/starter.sh");

	self_tree();
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		self_mkdir(dirs[i]);
	self_write("tools/starter.sh", 0755, script);
	self_write("tools/starter-readme.sh", 0755, "#!/bin/sh\n");
	self_write("tools/export/README.reference.md", 0644, "solved\n");
	self_write("tools/export/gitignore", 0644, "build/\n");
	self_write("book/build.sh", 0755, a_book);
	self_write("labs/02-small/a.c", 0644, "/* [book:2.1] */\n" CODE "/* [book:end] */\n");
	self_write("labs/02-small/a.h", 0644, "int f(void);\n");
	self_write("common/types.h", 0644, "\n");
	self_write("guests/a.s", 0644, "\n");
	self_write("tests/test.h", 0644, "\n");
	self_write("Makefile", 0644, "\n");
	self_write("VERSION", 0644, "1.0\n");
}

TEST("-", two_starters_at_once_have_each_its_book, 0, .seconds = 2)
{
	char *argv[] = { "sh", "-ec",
			 "git init -q .\n"
			 "tools/starter.sh --book \"$PWD/../a\" & first=$!\n"
			 "tools/starter.sh --reference --book \"$PWD/../b\"\n"
			 "wait $first\n",
			 NULL };
	struct proc_result p;

	tree_for_starters();
	p = self_run(argv, NULL);
	EXPECT_STR(p.err, "");
	EXPECT_U64(proc_exit_code(&p), 0);
	EXPECT_STR(self_read("../a/book/html/index.html"), "for a student\n");
	EXPECT_STR(self_read("../b/book/html/index.html"), "for a reference\n");
}

/* --- words that do not arrive --- */

static void full(void *arg)
{
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0)
		_exit(99);
}

TEST("-", programs_say_the_version_of_the_course, 0)
{
	static const char *const programs[] = { "labs/01-vmx-detect/vmx-detect",
						"labs/02-vcpu-run/vmm", "labs/06-linux/vmm" };
	const char *version = test_text("vmmlab %s", self_read("VERSION"));

	for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
		char *argv[] = { (char *)self_program(programs[i]), "--version", NULL };
		struct proc_result p = self_run(argv, NULL);

		CONTEXT("%s --version", programs[i]);
		EXPECT_STR(p.out, version);
	}
}

TEST("-", no_program_ends_well_when_its_words_are_lost, 0, .seconds = 4)
{
	static const char *const lines[][3] = {
		{ "tests/grade", "--help" },
		{ "tests/check", "--help" },
		{ "tests/lab02/unit", "--help" },
		{ "tests/lab02/unit", "--list" },
		{ "tools/hint", "--help" },
		{ "tools/compare", "--help" },
		{ "tools/engine", "svm" },
		{ "tools/doctor/doctor" },
		{ "tools/record", "/dev/null" },
		{ "labs/01-vmx-detect/vmx-detect", "--help" },
		{ "labs/02-vcpu-run/vmm", "--help" },
		{ "labs/02-vcpu-run/vmm", "--version" },
		{ "tools/hint", "--task=2.1", "--all" },
	};
	char *usage[] = { "./lab", "help", NULL };
	struct proc_opts opts = { .limit = 60, .prepare = full };
	struct proc_result p;

	for (size_t i = 0; i <= ARRAY_SIZE(lines); i++) {
		const char *const *line = lines[i % ARRAY_SIZE(lines)];
		char *argv[] = { NULL, (char *)line[1], (char *)line[2], NULL };

		if (i < ARRAY_SIZE(lines))
			argv[0] = (char *)self_program(line[0]);
		CONTEXT("%s %s >/dev/full", argv[0] ? line[0] : "./lab",
			argv[0] ? line[1] : "help");
		EXPECT_ERR(proc_run(argv[0] ? argv : usage, &opts, &p), 0);
		EXPECT_TRUE(proc_exit_code(&p) != 0, "status 0");
		EXPECT_CONTAINS(p.err, "No space left on device");
	}
}

// SPDX-License-Identifier: MIT
/*
 * A student's objects in a unit suite: what they may not hold, and that such a suite brings no
 * point. In a small tree with the real Makefile; only the harness and common/ are not built anew.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "env.h"
#include "self.h"
#include "show.h"

/* What forges a record: of the one test that there is, wherever the harness may listen. */
#define FORGE                                                                                    \
	"#include <stdio.h>\n"                                                                   \
	"#include <unistd.h>\n"                                                                  \
	"static void forge(void)\n"                                                              \
	"{\n"                                                                                    \
	"	for (int fd = 3; fd < 120; fd = fd < 100 ? 100 : fd + 1)\n"                            \
	"		dprintf(fd, \"{\\\"id\\\":\\\"2.1/answers\\\",\\\"task\\\":\\\"2.1\\\",\""            \
	"\"\\\"name\\\":\\\"answers\\\",\\\"outcome\\\":\\\"pass\\\",\\\"end\\\":true}\\n\");\n" \
	"}\n"

static const char unit[] = "#include \"test.h\"\n"
			   "#include <string.h>\n"
			   "int answer(void);\n"
			   "const char *word(void);\n"
			   "TEST(\"2.1\", answers, 10)\n"
			   "{\n"
			   "	EXPECT_U64(answer(), 42);\n"
			   "	EXPECT_STR(word(), \"right\");\n"
			   "	EXPECT_TRUE(!strcmp(word(), \"right\"));\n"
			   "}\n";

static void link_from(const char *root, const char *path)
{
	char to[PATH_MAX];

	show_format(to, sizeof(to), "%s/%s", root, path);
	if (symlink(to, path))
		test_error("%s cannot be linked", path);
}

/* The tree, without the student's file. */
static void linked_tree(void)
{
	static const char *const real[] = { "Makefile", "common", "tests/harness", "tests/lib",
					    "tools/linked.sh" };
	static const char *const dirs[] = { "tests", "tests/lab02", "tools", "build" };
	char root[PATH_MAX], build[PATH_MAX];

	if (!getcwd(root, sizeof(root)))
		test_error("no directory");
	show_format(build, sizeof(build), "%s", env_build_dir());
	self_tree();
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		self_mkdir(dirs[i]);
	for (size_t i = 0; i < ARRAY_SIZE(real); i++)
		link_from(root, real[i]);
	if (chdir("build"))
		test_error("no build");
	link_from(build, "libharness.a");
	link_from(build, "libcommon.a");
	if (chdir(".."))
		test_error("no tree");
	self_write("tests/lab02/unit_small.c", 0644, unit);
	self_suites("", "");
}

/* Build the suite, its plan, and what is wrong with it, and grade that. */
static struct proc_result build_and_grade(void)
{
	char *make[] = { "make",
			 "-s",
			 "BUILD=build",
			 "-obuild/libharness.a",
			 "-obuild/libcommon.a",
			 "build/tests/lab02/unit-faults",
			 NULL };
	char *env[] = { "MAKEFLAGS=", "CFLAGS=-O1", "CCACHE_DISABLE=1", "SAN", "TSAN", NULL };
	char *argv[] = { strdup(self_program("tests/grade")), "--unit=build/tests/lab02/unit",
			 "--blackbox=./blackbox", "--results=r.json", NULL };
	struct proc_result p = self_run(make, env);

	EXPECT_U64(proc_exit_code(&p), 0);
	return self_run(argv, self_fake_kvm());
}

TEST("-", a_lab_that_is_honest, 0, .seconds = 1.5)
{
	struct proc_result p;

#ifdef SANITIZED
	SKIP("a sanitizer puts into each object what nobody else may");
#endif
	linked_tree();
	self_write("labs/02-small/vm.c", 0644,
		   "int answer(void);\n"
		   "int answer(void) { return 42; }\n"
		   "const char *word(void);\n"
		   "const char *word(void) { return \"right\"; }\n");
	p = build_and_grade();
	EXPECT_STR(self_read("build/tests/lab02/unit-faults"), "");
	EXPECT_CONTAINS(p.out, "Lab 2: 10/100. Next: task 2.2.\n");
	CONTEXT("it writes a record by itself, and ends");
	self_write("labs/02-small/vm.c", 0644,
		   FORGE "int answer(void);\n"
			 "int answer(void) { forge(); _exit(0); }\n"
			 "const char *word(void);\n"
			 "const char *word(void) { return \"right\"; }\n");
	p = build_and_grade();
	EXPECT_STR(self_read("build/tests/lab02/unit-faults"), "");
	EXPECT_CONTAINS(p.out, "CRASH 2.1 answers ");
	EXPECT_CONTAINS(p.out, "the code under test called exit(0)");
	EXPECT_CONTAINS(p.out, "Lab 2: 0/100. ");
}

/* Each in a file of its own: they must not help each other. */
TEST("-", objects_that_may_not_be_linked, 0, .seconds = 3)
{
	static const struct {
		const char *file, *text, *fault;
	} way[] = {
		{ "before", FORGE "__attribute__((constructor)) static void f(void) { forge(); }\n",
		  "has code that runs before or after main() (.init_array): call it from where it "
		  "is needed" },
		{ "first",
		  FORGE "__attribute__((constructor(101))) static void f(void) { forge(); }\n",
		  "has code that runs before or after main() (.init_array.00101): call it from "
		  "where it is needed" },
		{ "after", FORGE "__attribute__((destructor)) static void f(void) { forge(); }\n",
		  "has code that runs before or after main() (.fini_array): call it from where it "
		  "is needed" },
		{ "init", "__asm__(\".section .init; nop; .previous\");\n",
		  "has code that runs before or after main() (.init): call it from where it is "
		  "needed" },
		{ "ctors", "__asm__(\".section .ctors,\\\"aw\\\"; .quad 0; .previous\");\n",
		  "has code that runs before or after main() (.ctors): call it from where it is "
		  "needed" },
		{ "clones",
		  "__attribute__((section(\".tm_clone_table\"))) int clones[2] = { 1 };\n",
		  "has code that runs before or after main() (.tm_clone_table): call it from where "
		  "it is needed" },
		{ "once", "__attribute__((section(\".gnu.linkonce.d.x\"))) int once = 1;\n",
		  "has a section by which the linker does more than link (.gnu.linkonce.d.x): no "
		  "task needs one" },
		{ "moved",
		  "__attribute__((section(\".rela.text\"), used)) static const long r[3] = { 0 "
		  "};\nint moved(void);\nint moved(void) { return 0; }\n",
		  "has a section by which the linker does more than link (.rela.text): no task "
		  "needs one" },
		{ "chosen",
		  FORGE "static void *choose(void) { forge(); return (void *)0; }\n"
			"static int f(void) __attribute__((ifunc(\"choose\")));\n"
			"int g(void);\n"
			"int g(void) { return f(); }\n",
		  "has f chosen before main() (ifunc): call the function itself" },
		{ "equal",
		  "int strcmp(const char *a, const char *b) { (void)a; (void)b; return 0; }\n",
		  "defines strcmp, which is a library's: make it static, or give it another name" },
		{ "hidden",
		  "__attribute__((visibility(\"hidden\"))) int memcmp(const void *a, const void "
		  "*b, "
		  "unsigned long n) { return 0; }\n",
		  "defines memcmp, which is a library's: make it static, or give it another name" },
		{ "clock",
		  "__attribute__((weak)) int clock_gettime(int clock, void *t) { return 0; }\n",
		  "defines clock_gettime, which is a library's: make it static, or give it another "
		  "name" },
		{ "dumps", "char *json_dumps(void) { return 0; }\n",
		  "defines json_dumps, which is a library's: make it static, or give it another "
		  "name" },
		{ "held", "int CU_assertImplementation(void) { return 1; }\n",
		  "defines CU_assertImplementation, which is a library's: make it static, or give "
		  "it another name" },
		{ "todo", "unsigned todo_count(void) { return 0; }\n",
		  "defines todo_count, which the tests or common/ have: make it static, or give it "
		  "another name" },
		{ "says",
		  "void test_send(int);\nvoid says(void);\nvoid says(void) { test_send(1); }\n",
		  "calls test_send, which is for the tests alone" },
		{ "leaves",
		  "int CU_get_number_of_asserts(void);\nint leaves(void);\n"
		  "int leaves(void) { return CU_get_number_of_asserts(); }\n",
		  "calls CU_get_number_of_asserts, which is for the tests alone" },
	};
	char path[80], line[300];
	struct proc_result p;

#ifdef SANITIZED
	SKIP("a sanitizer puts into each object what nobody else may");
#endif
	linked_tree();
	self_write("labs/02-small/vm.c", 0644,
		   "int answer(void);\n"
		   "int answer(void) { return 41; }\n"
		   "const char *word(void);\n"
		   "const char *word(void) { return \"wrong\"; }\n");
	for (size_t i = 0; i < ARRAY_SIZE(way); i++) {
		show_format(path, sizeof(path), "labs/02-small/%s.c", way[i].file);
		self_write(path, 0644, way[i].text);
	}
	p = build_and_grade();
	for (size_t i = 0; i < ARRAY_SIZE(way); i++) {
		show_format(line, sizeof(line), "labs/02-small/%s.c: %s\n", way[i].file,
			    way[i].fault);
		EXPECT_CONTAINS(p.out, line);
	}
	EXPECT_TRUE(!strstr(p.out, "vm.c: "), "a good file is named");
	EXPECT_CONTAINS(p.out, "FAIL 2.1 answers ");
	EXPECT_CONTAINS(p.out, "Lab 2: 0/100. ");
}

// SPDX-License-Identifier: MIT
/* What is seen in the text that the compiler makes, and in objects; and SHA-256. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../../tools/marks/core/assembly.h"
#include "../../tools/marks/core/object.h"
#include "../../tools/marks/core/sha256.h"
#include "proc.h"
#include "show.h"
#include "test.h"

static const char *file_of(const char *name, const char *text)
{
	const char *path = test_tmpfile(name);
	FILE *f = fopen(path, "w");

	if (!f || fputs(text, f) < 0 || fclose(f))
		test_error("%s: %s", path, strerror(errno));
	return path;
}

TEST("-", assembly_that_a_student_wrote, 0)
{
	static const struct {
		const char *text, *refused;
		bool own;
	} way[] = {
		{ "\t.string \".incbin is a word\"\n\tmovl $1, %eax\n\t.long 5\n", "", false },
		{ "#APP\n# 12 \"x.c\" 1\n\tpause\n# 0 \"\" 2\n#NO_APP\n", "", true },
		{ "#APP\n\tcpuid\n#NO_APP\n", "", false },
		{ "#APP\n\tcpuid; syscall\n#NO_APP\n", "has inline assembly with syscall", true },
		{ "#APP\n\tSYSENTER\n#NO_APP\n", "has inline assembly with sysenter", true },
		{ "#APP\n\tint $0x80\n#NO_APP\n", "has inline assembly with int", true },
		{ "#APP\n\t.byte 0x0f, 0x05\n#NO_APP\n",
		  "has inline assembly with bytes that could be any instruction", true },
		{ "#APP\n\t.8byte 0x050f\n\t.asciz \"x\"\n#NO_APP\n",
		  "has inline assembly with bytes that could be any instruction", true },
		{ "#APP\n\t.IncBin \"/etc/passwd\"\n#NO_APP\n", "has inline assembly with .incbin",
		  true },
		{ "\t.section .data\n.incbin \"x\"\n", "has inline assembly with .incbin", false },
		{ "x: .include \"y\"\n", "has inline assembly with .include", false },
		{ "nop;.macro a\n", "has inline assembly with .macro", false },
		{ "\t.string \"a\\\"b\" ; .rept 3\n", "has inline assembly with .rept", false },
		{ "#APP\n\t/* \" */ .incbin \"x\" /* \" */\n#NO_APP\n",
		  "has inline assembly with .incbin", true },
		{ "\t.string \"a\" ; .incbin \"x\"\n", "has inline assembly with .incbin", false },
		{ "\t.ident \"\n\"; .incbin \"x\"\n",
		  "has inline assembly with a quote that stays open", false },
		{ "# 1 \"\n\t.string \" ; .rept 9 #\"\n",
		  "has inline assembly with a quote that stays open", false },
		{ "\tnop /*\n\t.string \"*/ .rept 9 #\"\n",
		  "has inline assembly with a comment over several lines", false },
		{ "\t.section .data\n.end\n#,\"aw\"\n", "has inline assembly with .end", false },
		{ "# 12 \"labs/02-vcpu-run/a\\\"b.c\" 1\n\t.string \"/* \\\" .end\"\n", "", false },
		{ "\tcall syscalls\n\t.section .rodata.int\n", "", false },
	};
	struct words known = { 0 };
	struct assembly a;

	EXPECT_ERR(assembly_read(file_of("r.s", "#APP\n\tcpuid\n#NO_APP\n\tret\n"), &known, true,
				 &a),
		   0);
	EXPECT_U64(known.n, 1);
	for (size_t i = 0; i < ARRAY_SIZE(way); i++) {
		CONTEXT("%s", way[i].text);
		EXPECT_ERR(assembly_read(file_of("x.s", way[i].text), &known, false, &a), 0);
		EXPECT_STR(a.refused, way[i].refused);
		EXPECT_U64(a.has_own, way[i].own);
	}
	EXPECT_ERR(assembly_read(test_tmpfile("none.s"), &known, false, &a), -ENOENT);
}

TEST("-", files_that_are_included, 0)
{
	static const char *const way[][2] = {
		{ "# 1 \"labs/02-vcpu-run/vm.c\"\n# 1 \"/usr/include/stdio.h\" 1 3 4\n", "" },
		{ "# 1 \"<built-in>\"\n# 1 \"common/types.h\" 1\n# 0 \"/course//\"\n", "" },
		{ "# 1 \"/tmp/vmmlab-mark-x/compile//\"\n# 1 \"x\"\n", "x" },
		{ "# 1 \"/dev/stdin\" 1\n", "/dev/stdin" },
		{ "# 1 \"labs/02-vcpu-run/../../tests/x.h\" 1\n",
		  "labs/02-vcpu-run/../../tests/x.h" },
		{ "# 1 \"tests/lab02/unit_vm.c\" 1\n", "tests/lab02/unit_vm.c" },
		{ "# 1 \"/usr/bin/env\" 1\n", "/usr/bin/env" },
	};
	char name[200], dots[2001];

	for (size_t i = 0; i < sizeof(dots) - 1; i++)
		dots[i] = i % 2 ? '/' : '.';
	dots[sizeof(dots) - 1] = 0;
	CONTEXT("a way that is too long to be seen to its end");
	EXPECT_ERR(included_elsewhere(file_of("x.i", test_text("# 1 \"labs/%s../x\" 1\n", dots)),
				      name, sizeof(name)),
		   0);
	EXPECT_CONTAINS(name, "labs/./././");
	for (size_t i = 0; i < ARRAY_SIZE(way); i++) {
		CONTEXT("%s", way[i][0]);
		EXPECT_ERR(included_elsewhere(file_of("x.i", way[i][0]), name, sizeof(name)), 0);
		EXPECT_STR(name, way[i][1]);
	}
}

static void count(const struct symbol *s, void *arg)
{
	++*(unsigned *)arg;
}

TEST("-", what_is_no_object, 0)
{
	char head[64] = "\177ELF\2\1\1";
	unsigned n = 0;
	const char *path;
	FILE *f;

	EXPECT_ERR(object_symbols(test_tmpfile("none.o"), count, &n), -ENOENT);
	EXPECT_ERR(object_symbols(file_of("text.o", "no object"), count, &n), -EINVAL);
	EXPECT_ERR(object_symbols("/dev/null", count, &n), -EINVAL);
	CONTEXT("headers of sections that lie beyond the end");
	memset(head + 16, 0xff, sizeof(head) - 16);
	head[16] = 1; /* ET_REL */
	head[17] = 0;
	path = test_tmpfile("head.o");
	f = fopen(path, "w");
	if (!f || fwrite(head, sizeof(head), 1, f) != 1)
		test_error("no file");
	fclose(f);
	EXPECT_ERR(object_symbols(path, count, &n), -EINVAL);
	EXPECT_U64(n, 0);
}

/* What is behind a compiler's back, of an object that gcc makes here. */
static const char *oddity_of(const char *source, bool metal)
{
	char *argv[] = { "gcc", "-c", "-x", "c", "-o", NULL, NULL, NULL };
	static char what[200];
	struct proc_result p;

	argv[5] = (char *)test_tmpfile("odd.o");
	argv[6] = (char *)file_of("odd.c", source);
	if (proc_run(argv, NULL, &p) || proc_exit_code(&p))
		test_error("gcc: %s", p.err ? p.err : "?");
	proc_free(&p);
	EXPECT_ERR(object_oddity(argv[5], metal, what, sizeof(what)), 0);
	return what;
}

TEST("-", objects_that_no_c_becomes, 0, .seconds = 1)
{
	static const char behind[] = "void f(void) { __asm__(\"#NO_APP\\n\\tsyscall\\n#APP\"); }\n";
	static const char quoted[] =
		"void f(void) { __asm__(\"/* \\\" */ int $0x80 /* \\\" */\"); }\n";
	static const char anew[] = "__attribute__((section(\".gnu.lto_.symtab.1\"))) int x = 1;\n";
	static const char plain[] = "int f(int x) { return x ? 0x050f050f : 0x340f; }\n"
				    "const unsigned char bytes[] = { 0x0f, 0x05 };\n";
	static const char relocated[] =
		"__attribute__((section(\".rela.text\"), used)) static const "
		"unsigned long r[3] = { 0x4000, 37, 0x1000 };\n"
		"int f(int x); int g(int x) { return f(x); }\n";
	static const char dynamic[] =
		"__attribute__((section(\".dynamic\"))) long d[2] = { 1, 1 };\n";
	static const char group[] = "__asm__(\".section .text.a,\\\"axG\\\",@progbits,g,comdat\\n"
				    "ret\\n.previous\");\n";
	static const char written[] = "__asm__(\".section mine,\\\"awx\\\"\\n\\tret\\n"
				      "\t.previous\");\n";
	static const char own[] =
		"__attribute__((section(\"devices\"))) int x = 1;\n"
		"__thread int y; int z, *p = &z; const char *const t[] = { \"t\" };\n"
		"__attribute__((cold)) int f(int a) { return t[a][0] + y; }\n";
	char what[200];

	EXPECT_STR(oddity_of(own, false), "");
	EXPECT_STR(oddity_of(relocated, true),
		   "has a section that a linker may act on: .rela.text");
	EXPECT_STR(oddity_of(dynamic, true), "has a section that a linker may act on: .dynamic");
	EXPECT_STR(oddity_of(group, true), "has a section that a linker may act on: .group");
	EXPECT_STR(oddity_of(written, true), "has code that can be written, in the section mine");
	EXPECT_STR(oddity_of(plain, false), "");
	EXPECT_STR(oddity_of(behind, false), "calls the kernel by itself, by syscall");
	EXPECT_STR(oddity_of(behind, true), "");
	EXPECT_STR(oddity_of(quoted, false), "calls the kernel by itself, by int");
	EXPECT_STR(oddity_of(anew, true),
		   "has a section that a linker may act on: .gnu.lto_.symtab.1");
	EXPECT_ERR(object_oddity(test_tmpfile("none.o"), false, what, sizeof(what)), -ENOENT);
	EXPECT_STR(what, "");
}

/* Whose stack must not hold code; gcc says so of each object, if it comes to its end. */
TEST("-", objects_and_the_stack, 0, .seconds = 1)
{
	static const char cut[] =
		"__attribute__((section(\".data.mine\\n.end\\n#\"), used)) int x = 1;\n";
	unsigned n = 0;

	EXPECT_STR(oddity_of("int x;\n", false), "");
	EXPECT_ERR(object_symbols(test_tmpfile("odd.o"), count, &n), 0);
	EXPECT_STR(oddity_of(cut, false), "");
	EXPECT_ERR(object_symbols(test_tmpfile("odd.o"), count, &n), 1);
}

/* FIPS 180-4's own examples, and lengths around that of a block. */
TEST("-", sha256_of_known_texts, 0)
{
	static const struct {
		const char *text, *sum;
		unsigned times;
	} known[] = {
		{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", 1 },
		{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", 1 },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1", 1 },
		{ "a", "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
		  1000000 },
	};
	char sum[SHA256_TEXT];
	struct sha256 h;

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		sha256_begin(&h);
		for (unsigned k = 0; k < known[i].times; k++)
			sha256_add(&h, known[i].text, strlen(known[i].text));
		sha256_end(&h, sum);
		EXPECT_STR(sum, known[i].sum);
	}
}

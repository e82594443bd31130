// SPDX-License-Identifier: MIT
/* Tokens, fingerprints, and who is alike. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../../tools/marks/out/alike.h"
#include "made.h"
#include "show.h"

static struct tokens tokens(const char *text)
{
	struct tokens t = { 0 };

	tokens_add(&t, text, strlen(text));
	return t;
}

static size_t count(const char *text)
{
	return tokens(text).n;
}

static bool same(const char *a, const char *b, bool exact)
{
	struct tokens x = tokens(a), y = tokens(b);

	return tokens_hash(&x, exact) == tokens_hash(&y, exact);
}

TEST("-", tokens_of_c, 0)
{
	EXPECT_U64(count("int f(void)\n{\n\treturn 0x10;\n}\n"), 10);
	EXPECT_U64(count("a /* b c */ d // e\nf"), 3);
	EXPECT_U64(count("#include <stdio.h>\n#  include \"x.h\"\n#define A 1\n"), 4);
	EXPECT_U64(count("\"a \\\" b\" 'c' '\\''"), 3);
	CONTEXT("what does not end, ends with the text; a text ends with its line");
	EXPECT_U64(count("/* never"), 0);
	EXPECT_U64(count("\"never\nx"), 2);
	EXPECT_U64(count("\"never\\"), 1);
	EXPECT_U64(count("/"), 1);
	EXPECT_U64(count("#"), 1);
	EXPECT_U64(count("#includ"), 2);
	EXPECT_U64(tokens("a\n\n/* \n */ b").token[1].line, 4);
}

TEST("-", names_make_no_difference, 0)
{
	EXPECT_TRUE(same("int f(int a) { return a + 1; }",
			 "int  g(int bb)\n{ return bb + 22; } // x", false));
	EXPECT_TRUE(
		!same("int f(int a) { return a + 1; }", "int g(int bb) { return bb + 22; }", true));
	EXPECT_TRUE(same("x = 1; /* a */", "x=1;", true));
	EXPECT_TRUE(!same("if (a) b();", "while (a) b();", false));
	EXPECT_TRUE(!same("a + b", "a - b", false));
}

TEST("-", any_bytes_are_tokens, 0)
{
	char bytes[4096];
	struct tokens t = { 0 };

	srand(1);
	for (int round = 0; round < 200; round++) {
		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = round % 2 ? rand() : "/*\"'\\\n#include"[rand() % 14];
		tokens_add(&t, bytes, rand() % sizeof(bytes));
	}
	EXPECT_TRUE(t.n > 0);
	tokens_free(&t);
}

/* k = 1, w = 3 over the shapes a + a - a * a: each window's least, the rightmost of equals. */
TEST("-", the_least_of_each_window, 0)
{
	struct fingerprints one = { 0 }, all = { 0 };
	struct tokens t = tokens("a + a - a * a");
	size_t kept = 0;

	winnow(&all, &t, 0, 1, 1);
	EXPECT_U64(all.n, 7);
	winnow(&one, &t, 0, 1, 3);
	CONTEXT("by hand: no three runs one after the other without a fingerprint, each least "
		"somewhere");
	for (size_t from = 0; from + 3 <= 7; from++) {
		size_t least = from, i = 0;

		for (size_t k = from; k < from + 3; k++)
			least = all.f[k].hash <= all.f[least].hash ? k : least;
		while (i < one.n && one.f[i].hash != all.f[least].hash)
			i++;
		EXPECT_TRUE(i < one.n, "window %zu", from);
		kept = i > kept ? i : kept;
	}
	EXPECT_TRUE(one.n < 7 && kept + 1 == one.n);
}

TEST("-", what_is_shorter_than_a_run_has_no_fingerprint, 0)
{
	struct fingerprints f = { 0 };
	struct tokens t = tokens("a b c");

	winnow(&f, &t, 0, 4, 2);
	EXPECT_U64(f.n, 0);
	winnow(&f, &t, 0, 3, 2);
	EXPECT_U64(f.n, 1);
	winnow(&f, &(struct tokens){ 0 }, 0, 3, 2);
	EXPECT_U64(f.n, 1);
}

/* The paper's promise: w + k - 1 tokens in common are found, wherever they stand. */
TEST("-", what_is_in_common_is_found, 0)
{
	static const char *const signs[] = { "+", "-", "*", "/", "%", "=",
					     "<", ">", "(", ")", "[", "]" };

	srand(7);
	for (int round = 0; round < 100; round++) {
		char common[400] = "", a[2000] = "", b[2000] = "";
		struct fingerprints fa = { 0 }, fb = { 0 };
		struct tokens ta, tb;
		size_t found = 0;

		for (int i = 0; i < WINNOW_K + WINNOW_W - 1; i++)
			show_append(common, sizeof(common), "%s ", signs[rand() % 12]);
		for (int i = rand() % 50; i > 0; i--)
			show_append(a, sizeof(a), "%s ", signs[rand() % 12]);
		for (int i = rand() % 50; i > 0; i--)
			show_append(b, sizeof(b), "; %s ", signs[rand() % 12]);
		show_append(a, sizeof(a), "%s x", common);
		show_append(b, sizeof(b), "%s ;", common);
		ta = tokens(a);
		tb = tokens(b);
		winnow(&fa, &ta, 0, WINNOW_K, WINNOW_W);
		winnow(&fb, &tb, 0, WINNOW_K, WINNOW_W);
		fingerprints_sort(&fa);
		fingerprints_sort(&fb);
		for (size_t i = 0; i < fa.n; i++)
			found += fingerprints_find(&fb, fa.f[i].hash) != NULL;
		EXPECT_TRUE(found > 0, "%s | %s", a, b);
	}
}

TEST("-", sets_are_subtracted, 0)
{
	struct fingerprint a[] = { { 3, 0, 9 }, { 1, 0, 1 }, { 3, 0, 2 }, { 5, 0, 3 } },
			   b[] = { { 5, 0, 0 } };
	struct fingerprints x = { a, 4, 4 }, y = { b, 1, 1 };

	fingerprints_sort(&x);
	EXPECT_U64(x.n, 3);
	EXPECT_U64(fingerprints_find(&x, 3)->line, 2);
	fingerprints_subtract(&x, &y);
	EXPECT_U64(x.n, 2);
	EXPECT_TRUE(!fingerprints_find(&x, 5));
}

/* --- whole submissions --- */

/* n statements that no other seed has. */
static void body(char *buf, size_t size, unsigned seed, int n)
{
	static const char *const ops[] = { "+", "-", "*", "&", "|", "^", "<", ">", "%", "/" };

	srand(seed);
	for (int i = 0; i < n; i++)
		show_append(buf, size, "\tx%d = (y %s z) %s (w %s 3) %s %s[%s];\n", i,
			    ops[rand() % 10], ops[rand() % 10], ops[rand() % 10], ops[rand() % 10],
			    rand() % 2 ? "-q" : "q", rand() % 2 ? "!i" : "i ? 1 : k");
}

static void submission(const char *id, const char *text)
{
	self_mkdir(test_text("taken/%s", id));
	self_mkdir(test_text("taken/%s/labs", id));
	self_mkdir(test_text("taken/%s/labs/02-small", id));
	self_write(test_text("taken/%s/labs/02-small/vm.c", id), 0644, text);
	made_file("out", id, (struct made){ 0 });
}

static void whole_class(void)
{
	static char given[20000] = "int given(void)\n{\n", own[60000], text[90000];

	self_tree();
	self_mkdir("taken");
	self_mkdir("starter");
	self_mkdir("starter/labs");
	self_mkdir("starter/labs/02-small");
	self_mkdir("reference");
	self_mkdir("reference/labs");
	self_mkdir("reference/labs/02-small");
	body(given, sizeof(given), 1, 100);
	self_write("starter/labs/02-small/vm.c", 0644, given);
	show_format(text, sizeof(text), "%s}\nint reference(void) { return 1 + 2; }\n", given);
	self_write("reference/labs/02-small/vm.c", 0644, text);
	for (unsigned i = 0; i < 4; i++) {
		own[0] = 0;
		body(own, sizeof(own), 10 + i, 40);
		show_format(text, sizeof(text), "%s%s", given, own);
		submission((const char *const[]){ "ann", "bob", "cy", "dee" }[i], text);
	}
	CONTEXT("eve has ann's, with other names; fay ann's first half and her own");
	own[0] = 0;
	body(own, sizeof(own), 10, 40);
	show_format(text, sizeof(text), "%s%s", given, own);
	for (char *p = text; *p; p++)
		*p = *p == 'x' || *p == 'q' ? 'h' : *p;
	submission("eve", text);
	own[0] = 0;
	body(own, sizeof(own), 10, 20);
	body(own, sizeof(own), 99, 20);
	show_format(text, sizeof(text), "%s%s", given, own);
	submission("fay", text);
	show_format(text, sizeof(text), "%s}\nint my_own(void) { return 7 + 8; }\n", given);
	submission("gil", text);
	submission("hal", given);
}

TEST("-", copies_are_found_and_the_starter_is_not, 0)
{
	static char csv[10000], *row;
	struct proc_result p;
	unsigned percent;

	whole_class();
	p = made_run("insight", (const char *const[5]){ "--sources=taken", "--starter=starter",
							"--reference=reference", "out" });
	EXPECT_STR(p.err, "");
	EXPECT_U64(proc_exit_code(&p), 0);
	strcpy(csv, self_read("out/insight/similar.csv"));
	row = strtok(csv, "\n");
	EXPECT_STR(row, "percent,a,b,shared,where_a,where_b");
	CONTEXT("ann and eve are the same but for names, from the end of the starter's 102 lines "
		"on");
	row = strtok(NULL, "\n");
	EXPECT_CONTAINS(row, "100,ann,eve,");
	EXPECT_CONTAINS(row, ",vm.c:102-142,vm.c:102-142");
	CONTEXT("fay has half of it; nobody else has anything of another");
	row = strtok(NULL, "\n");
	EXPECT_CONTAINS(row, ",ann,fay,");
	percent = atoi(row);
	EXPECT_TRUE(percent >= 40 && percent <= 60, "%u percent", percent);
	EXPECT_CONTAINS(strtok(NULL, "\n"), ",eve,fay,");
	EXPECT_TRUE(!strtok(NULL, "\n"));
	EXPECT_STR(self_read("out/insight/identical.csv"),
		   "id,file,as,how\n"
		   "eve,labs/02-small/vm.c,ann,\"but for names, numbers and texts\"\n"
		   "gil,labs/02-small/vm.c,reference,\"but for names, numbers and texts\"\n");
}

TEST("-", paths_of_a_record_lead_nowhere_else, 0)
{
	static const char *const paths[] = {
		"../secret.c", "/etc/passwd", "labs/../../secret.c", "labs/..", "", "link.c"
	};
	json_t *json = made_json("ann", (struct made){ 0 });
	struct source_file f;

	self_tree();
	self_mkdir("tree");
	self_mkdir("tree/labs");
	self_write("secret.c", 0644, "int secret;");
	self_write("tree/own.c", 0644, "int own;");
	EXPECT_TRUE(!symlink("../secret.c", "tree/link.c") && json);
	EXPECT_TRUE(source_file_read(&f, "tree", "own.c"));
	EXPECT_U64(f.ntokens, 3);
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		EXPECT_TRUE(!source_file_read(&f, "tree", paths[i]), "%s is read", paths[i]);
}

/* What a whole class has is the task's: of 44, a quarter is 11, and twelve are more. */
TEST("-", what_many_have_is_no_sign, 0)
{
	static struct source s[44];
	static struct fingerprint common[10], own[44][20];
	struct pair *pairs;

	EXPECT_U64(alike_common(3), 10);
	EXPECT_U64(alike_common(44), 11);
	EXPECT_U64(alike_common(400), 100);
	for (unsigned i = 0; i < 44; i++) {
		for (unsigned k = 0; k < 20; k++)
			own[i][k].hash = k < 10 && i < 12 ? k + 1 : 1000 * (i + 1) + k;
		s[i].prints = (struct fingerprints){ own[i], 20, 20 };
	}
	EXPECT_U64(alike_pairs(s, 44, 30, &pairs), 0);
	CONTEXT("the same ten fingerprints with eleven owners: 55 pairs, each with half");
	s[11].prints = (struct fingerprints){ common, 0, 0 };
	EXPECT_U64(alike_pairs(s, 44, 30, &pairs), 55);
	EXPECT_U64(pairs[0].percent, 50);
	EXPECT_U64(pairs[0].a, 0);
	EXPECT_U64(pairs[0].b, 1);
}

/* 400 submissions of 600 lines: how long it takes stands in the limit. */
TEST("-", four_hundred_take_seconds, 0, .seconds = 2)
{
	static char text[90000];
	struct proc_result p;

	self_tree();
	self_mkdir("taken");
	for (unsigned i = 0; i < 400; i++) {
		text[0] = 0;
		body(text, sizeof(text), i + 1, 600); /* srand(0) is srand(1) */
		submission(test_text("s%u", i), text);
	}
	p = made_run("insight", (const char *const[5]){ "--sources=taken", "--least=50", "out" });
	EXPECT_U64(proc_exit_code(&p), 0);
	EXPECT_STR(self_read("out/insight/similar.csv"), "percent,a,b,shared,where_a,where_b\n");
}

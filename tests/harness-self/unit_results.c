// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "print.h"
#include "put_file.h"
#include "self.h"
#include "show.h"

static const struct test_result sample = {
	.id = "2.5/out-reaches-console",
	.task = "2.5",
	.name = "out-reaches-console",
	.suite = "lab02/blackbox",
	.outcome = T_FAIL,
	.max_score = 6,
	.duration = 0.04,
	.limit = 2,
	.context =
		"the guest ran   out %al,$0xe9  with AL=0x48 'H'; your VMM should print one byte",
	.expected = "console = 48   \"H\"",
	.actual = "console = 00   \"\\0\"",
	.where = "tests/lab02/blackbox_io.c:41",
	.exits = "IO_OUT 1 HLT 1",
	.last = "IO_OUT port=0xe9 size=1 count=1 data=00 rip=0x1002\nHLT rip=0x1005",
	.code = "0x1002 e6 e9 out %al, $0xe9",
	.todos = "2.6 2.7",
};

TEST("-", a_result_survives_json, 0)
{
	struct test_result back = { 0 };
	json_t *json = result_to_json(&sample);

	EXPECT_ERR(result_from_json(&back, json), 0);
	EXPECT_STR(back.id, sample.id);
	EXPECT_STR(outcome_name(back.outcome), "fail");
	EXPECT_U64(back.max_score, 6);
	EXPECT_STR(back.context, sample.context);
	EXPECT_STR(back.actual, sample.actual);
	EXPECT_STR(back.exits, sample.exits);
	EXPECT_STR(back.last, sample.last);
	EXPECT_STR(back.code, sample.code);
	EXPECT_STR(back.todos, sample.todos);
	EXPECT_U64(json_integer_value(json_object_get(json_object_get(json, "exits"), "IO_OUT")),
		   1);
	EXPECT_U64(json_array_size(json_object_get(json, "last_exits")), 2);
}

TEST("-", bytes_that_are_no_text_are_replaced, 0)
{
	struct test_result r = sample;
	json_t *json;

	strcpy(r.output, "caf\xe9 \xff");
	json = result_to_json(&r);
	EXPECT_STR(self_member(json, "output"), "caf? ?");
}

TEST("-", other_json_is_no_result, 0)
{
	struct test_result r = sample;

	EXPECT_ERR(result_from_json(&r, json_object()), -EINVAL);
	EXPECT_ERR(result_from_json(&r, json_integer(3)), -EINVAL);
	EXPECT_STR(r.name, sample.name);
}

TEST("-", todo_lines_are_found, 0)
{
	struct test_result r = { .task = "2.10" };

	result_scan_todos(&r, "vmm: x\ntask 2.7 is not done yet: f() in labs/x/a.c\n"
			      "task 2.10 is not done yet: g() in labs/x/b.c\n"
			      "task 2.10 is not done yet: h() in labs/x/b.c\n"
			      "task 2.7 is not done yet\na task 2.8 is hard\ntask ");
	EXPECT_STR(r.stub, "g() in labs/x/b.c");
	EXPECT_STR(r.todos, "2.7 2.10");
	EXPECT_TRUE(result_has_todo(&r, "2.10"));
	EXPECT_TRUE(!result_has_todo(&r, "2.1"));
}

TEST("-", the_file_has_no_score_without_a_grade, 0)
{
	struct results r = { .path = test_tmpfile("r.json"), .lab = "02-small", .status = R_FAIL };
	struct test_result t = sample;
	json_t *json;

	t.outcome = T_PASS;
	t.score = 6;
	EXPECT_TRUE(results_add(&r, &t) != NULL);
	EXPECT_ERR(results_write(&r), 0);
	json = json_load_file(r.path, 0, NULL);
	EXPECT_STR(self_member(json, "schema"), "vmmlab-results/1");
	EXPECT_U64(json_integer_value(json_object_get(json, "score")), 6);
	json = json_array_get(json_object_get(json, "tests"), 0);
	EXPECT_STR(self_member(json, "hint"), "./lab hint T=2.5");
	EXPECT_STR(self_member(json, "book"), "task-2.5");

	r.status = R_NOT_GRADABLE;
	r.build_log = strdup("a.c:1: error: \xe2\x80\x98x\xe2\x80\x99 undeclared\xff\n");
	EXPECT_ERR(results_write(&r), 0);
	json = json_load_file(r.path, 0, NULL);
	EXPECT_TRUE(json_is_null(json_object_get(json, "score")));
	EXPECT_STR(self_member(json, "status"), "not_gradable");
	EXPECT_CONTAINS(self_member(json, "build_log"), "undeclared");
	r.path = test_tmpfile("no-directory/r.json");
	EXPECT_ERR(results_write(&r), -ENOENT);
}

TEST("-", a_file_is_put_where_a_link_leads, 0)
{
	const char *file = test_tmpfile("file"), *link = test_tmpfile("link");
	struct stat st;

	if (symlink("file", link))
		test_error("%s: %s", link, strerror(errno));
	umask(027);
	CONTEXT("the link leads to nothing yet, then to a file");
	EXPECT_ERR(put_file(link, "one", 3), 0);
	EXPECT_STR(self_read(file), "one");
	EXPECT_ERR(put_file(link, "second", 6), 0);
	EXPECT_STR(self_read(file), "second");
	EXPECT_TRUE(!lstat(link, &st) && S_ISLNK(st.st_mode), "the link is none any more");
	EXPECT_TRUE(!lstat(file, &st) && (st.st_mode & 0777) == 0640, "mode %o", st.st_mode);
}

/* As of a file that is mounted alone: it cannot be replaced, but it can be written. */
TEST("-", a_file_is_put_into_a_directory_of_others, 0)
{
	const char *file = test_tmpfile("file");

	self_write(file, 0644, "one");
	if (getuid() == 0)
		SKIP("root may write to any directory");
	EXPECT_TRUE(chmod(test_tmpdir(), 0555) == 0);
	EXPECT_ERR(put_file(file, "3", 1), 0);
	chmod(test_tmpdir(), 0755);
	EXPECT_STR(self_read(file), "3");
}

TEST("-", junit_names_are_escaped, 0)
{
	struct results r = { .lab = "02-small" };
	struct test_result t = sample;
	char *xml;

	strcpy(t.context, "a < b && \"c\"\x01");
	results_add(&r, &t);
	EXPECT_ERR(results_write_junit(&r, test_tmpfile("r.xml")), 0);
	xml = self_read(test_tmpfile("r.xml"));
	EXPECT_CONTAINS(xml, "a &#60; b &#38;&#38; &#34;c&#34;?");
	EXPECT_CONTAINS(xml, "tests=\"1\" failures=\"1\" errors=\"0\" skipped=\"0\"");
}

static char *printed(const struct test_result *r, const char *title, bool verbose)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	print_block(f, r, title, verbose);
	fclose(f);
	return text;
}

TEST("-", a_failure_is_shown_like_this, 0)
{
	EXPECT_STR(printed(&sample, "let it speak", false),
		   "FAIL 2.5 out-reaches-console                                        0/6     "
		   "(0.04 s of 2 s)\n"
		   "  the guest ran   out %al,$0xe9  with AL=0x48 'H'; your VMM should print one "
		   "byte\n"
		   "  expected  console = 48   \"H\"\n"
		   "  actual    console = 00   \"\\0\"\n"
		   "  last exits  IO_OUT port=0xe9 size=1 count=1 data=00 -> HLT\n"
		   "  code        0x1002 e6 e9 out %al, $0xe9\n"
		   "  read  book 2.5 \"let it speak\"      hint   ./lab hint T=2.5\n"
		   "  again ./lab grade T=2.5\n");
}

TEST("-", a_small_terminal_has_all_that_counts, 0)
{
	setenv("VMMLAB_COLUMNS", "60", 1);
	EXPECT_CONTAINS(printed(&sample, "let it speak to the world", false),
			"FAIL 2.5 out-reaches-console  0/6  (0.04 s of 2 s)\n");
	EXPECT_CONTAINS(printed(&sample, "let it speak to the world", false),
			"\n  read  book 2.5 \"let it speak to the world\"\n"
			"  hint  ./lab hint T=2.5\n"
			"  again ./lab grade T=2.5\n");
}

TEST("-", what_is_long_goes_on_in_the_next_line, 0)
{
	struct test_result r = sample;

	setenv("VMMLAB_COLUMNS", "60", 1);
	strcpy(r.expected, "one two three four five six seven eight nine ten eleven twelve");
	strcpy(r.actual, "0123456789012345678901234567890123456789012345678901234567890");
	EXPECT_CONTAINS(printed(&r, NULL, false),
			"  expected  one two three four five six seven eight nine ten\n"
			"            eleven twelve\n"
			"  actual    012345678901234567890123456789012345678901234567\n"
			"            8901234567890\n");
	setenv("VMMLAB_COLUMNS", "200", 1);
	EXPECT_CONTAINS(printed(&r, NULL, false), "nine ten eleven twelve\n");
}

TEST("-", a_failure_fits_100_columns, 0)
{
	struct test_result r = sample;
	unsigned lines = 0;
	char *save = NULL;

	setenv("VMMLAB_COLUMNS", "100", 1);

	memset(r.context, 'c', sizeof(r.context) - 1);
	memset(r.expected, 'e', sizeof(r.expected) - 1);
	memset(r.actual, '\x1b', sizeof(r.actual) - 1);
	memset(r.note, 'n', sizeof(r.note) - 1);
	memset(r.code, '0', sizeof(r.code) - 1);
	strcpy(r.output, "vmm: one\nvmm: two\nvmm: three\nERROR: AddressSanitizer: x\n");
	for (int i = 0; i < 8; i++)
		show_append(r.last, sizeof(r.last),
			    "\nIO_OUT port=0xe9 size=1 count=1 data=48 rip=0x1000");
	for (char *line = strtok_r(printed(&r, "let it speak", true), "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save), lines++) {
		EXPECT_TRUE(strlen(line) <= 100, "%zu columns: %s", strlen(line), line);
		EXPECT_TRUE(!strchr(line, '\x1b'), "an escape sequence gets through");
	}
	EXPECT_TRUE(lines <= 24, "%u lines", lines);
}

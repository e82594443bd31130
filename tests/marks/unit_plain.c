// SPDX-License-Identifier: MIT
/* Texts of strangers, on their way to people. */
#include <stdlib.h>
#include <string.h>

#include "../../tools/marks/out/paths.h"
#include "../../tools/marks/out/plain.h"
#include "test.h"

static char *cell(const char *text)
{
	char *out = NULL;
	size_t len;
	FILE *f = open_memstream(&out, &len);

	csv_cell(f, text);
	fclose(f);
	return out;
}

static char *xml(const char *text)
{
	char *out = NULL;
	size_t len;
	FILE *f = open_memstream(&out, &len);

	xml_text(f, text, 100, ONE_LINE);
	fclose(f);
	return out;
}

TEST("-", what_does_not_print_is_a_question_mark, 0)
{
	const char rtl[] = { '\xe2', '\x80', '\xae', 'f', 0 };
	const struct {
		const char *text, *plain;
	} texts[] = {
		{ "plain", "plain" },
		{ "Jos\xc3\xa9 \xe4\xb8\xad \xf0\x9f\x90\x90",
		  "Jos\xc3\xa9 \xe4\xb8\xad \xf0\x9f\x90\x90" },
		{ "\x1b[31mred\a\x7f", "?[31mred??" },
		{ "a\nb\tc\rd", "a b c d" },
		{ "\xff\xfe\x80", "???" },
		{ "\xc0\xaf", "??" },		/* a slash in two bytes */
		{ "\xed\xa0\x80", "???" },	/* half of a pair */
		{ "\xf4\x90\x80\x80", "????" }, /* beyond the last one */
		{ rtl, "?f" },			/* from right to left */
		{ "a\xe2\x80\x8b"
		  "b",
		  "a?b" }, /* no width */
		{ "\xef\xbb\xbf"
		  "a",
		  "?a" }, /* a byte order mark */
		{ "\xc2\x9b"
		  "31m",
		  "?31m" },		    /* the other escape */
		{ "end\xe2\x82", "end??" }, /* cut in the middle */
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		EXPECT_STR(plain(texts[i].text, 100, ONE_LINE), texts[i].plain);
	EXPECT_STR(plain("a\nb\tc\rd\x1b", 100, MANY_LINES), "a\nb\tc d?");
}

TEST("-", what_is_long_is_cut_between_characters, 0)
{
	EXPECT_STR(plain("abcdef", 6, ONE_LINE), "abcdef");
	EXPECT_STR(plain("abcdefg", 6, ONE_LINE), "abcdef [cut]");
	EXPECT_STR(plain("abcde\xc3\xa9", 6, ONE_LINE), "abcde [cut]");
	EXPECT_STR(plain("", 6, ONE_LINE), "");
}

TEST("-", every_two_bytes_come_out_clean, 0)
{
	for (unsigned c = 0x101; c < 0x10000; c++) {
		char text[] = { (char)(c >> 8), (char)c, 'x', 0 };
		char *out = plain(text, 100, ONE_LINE), *again = plain(out, 100, ONE_LINE);

		for (char *p = out; *p; p++)
			if ((unsigned char)*p < ' ' || *p == 0x7f)
				EXPECT_TRUE(false, "%04x: a control character", c);
		if (strcmp(out, again) != 0)
			EXPECT_STR(again, out);
		free(out);
		free(again);
	}
	EXPECT_TRUE(true);
}

TEST("-", no_cell_is_a_formula, 0)
{
	EXPECT_STR(cell("=HYPERLINK(\"http://x\")"), "\"'=HYPERLINK(\"\"http://x\"\")\"");
	EXPECT_STR(cell("+1"), "\"'+1\"");
	EXPECT_STR(cell("-1"), "\"'-1\"");
	EXPECT_STR(cell("@SUM(A1)"), "\"'@SUM(A1)\"");
	EXPECT_STR(cell("\t=1"), "\"' =1\"");
	EXPECT_STR(cell("\n=1"), "\"' =1\"");
	CONTEXT("the wide forms of = and @");
	EXPECT_STR(cell("\xef\xbc\x9d"
			"1"),
		   "\"'\xef\xbc\x9d"
		   "1\"");
	EXPECT_STR(cell("\xef\xbc\xa0"
			"1"),
		   "\"'\xef\xbc\xa0"
		   "1\"");
}

TEST("-", cells_are_quoted_as_rfc_4180_has_it, 0)
{
	EXPECT_STR(cell("ann"), "ann");
	EXPECT_STR(cell("a,b"), "\"a,b\"");
	EXPECT_STR(cell("say \"x\""), "\"say \"\"x\"\"\"");
	EXPECT_STR(cell("one\ntwo"), "one two");
	EXPECT_STR(cell(""), "");
	EXPECT_STR(cell("a=b"), "a=b");
}

TEST("-", xml_has_no_signs_of_its_own, 0)
{
	EXPECT_STR(xml("<a b=\"c\">&'"), "&#60;a b=&#34;c&#34;&#62;&#38;&#39;");
	EXPECT_STR(xml("]]>\x01\x0b"), "]]&#62;??");
	EXPECT_STR(xml("\xef\xbf\xbe\xef\xbf\xbf"), "??"); /* no characters of XML 1.0 */
}

static char *shortened(const char *text)
{
	char *copy = strdup(text);

	paths_shorten(copy);
	return copy;
}

TEST("-", paths_of_this_machine_are_no_students, 0)
{
	EXPECT_STR(shortened("/tmp/grade.AB12/labs/02-vcpu-run/vm.c:3:1: error"),
		   "labs/02-vcpu-run/vm.c:3:1: error");
	EXPECT_STR(shortened("cannot open /root/course/secret"), "cannot open secret");
	EXPECT_STR(shortened("\"/srv/x/tests/lab02/unit_mem.c\""), "\"tests/lab02/unit_mem.c\"");
	EXPECT_STR(shortened("/dev/kvm: Permission denied"), "/dev/kvm: Permission denied");
	EXPECT_STR(shortened("In file included from /usr/include/stdio.h:1,"),
		   "In file included from /usr/include/stdio.h:1,");
	EXPECT_STR(shortened("12/16 and labs/x and a / b and /"),
		   "12/16 and labs/x and a / b and /");
	EXPECT_STR(shortened("file:///home/ann/x"), "file:x");
	EXPECT_STR(shortened("/home/ann/"), "ann/");
}

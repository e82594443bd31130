// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include "show.h"
#include "test.h"

TEST("-", numbers_are_shown_decoded, 0)
{
	char buf[SHOW_MAX];

	EXPECT_STR(show_u64(buf, sizeof(buf), 7), "7");
	EXPECT_STR(show_u64(buf, sizeof(buf), 0x48), "0x48 (72, 'H')");
	EXPECT_STR(show_u64(buf, sizeof(buf), ~0ull), "0xffffffffffffffff (18446744073709551615)");
	EXPECT_STR(show_u64(buf, 5, 0x48), "0x48");
}

TEST("-", errors_are_shown_by_name, 0)
{
	char buf[SHOW_MAX];

	EXPECT_STR(show_err(buf, sizeof(buf), -EFAULT), "-EFAULT (-14, Bad address)");
	EXPECT_STR(show_err(buf, sizeof(buf), 0), "0");
	EXPECT_STR(show_err(buf, sizeof(buf), -99999), "-99999");
}

TEST("-", exit_statuses_are_shown_in_words, 0)
{
	char buf[SHOW_MAX];

	EXPECT_STR(show_status(buf, sizeof(buf), 0), "0");
	EXPECT_STR(show_status(buf, sizeof(buf), 3), "3 (the guest died)");
	EXPECT_STR(show_status(buf, sizeof(buf), 139), "139 (killed by SIGSEGV)");
}

TEST("-", texts_are_shown_escaped, 0)
{
	char buf[SHOW_MAX];

	EXPECT_STR(show_text(buf, sizeof(buf), "a\n\"\\\x01\0b", 7, 0),
		   "\"a\\n\\\"\\\\\\001\\0b\"");
	EXPECT_STR(show_text(buf, sizeof(buf), "\0007", 2, 0), "\"\\0007\"");
	EXPECT_STR(show_text(buf, sizeof(buf), "", 0, 0), "\"\"");
}

TEST("-", long_texts_show_the_difference, 0)
{
	char buf[SHOW_MAX], text[1000];

	memset(text, 'a', sizeof(text));
	text[500] = '!';
	show_text(buf, 60, text, sizeof(text), 500);
	EXPECT_TRUE(strlen(buf) < 60, "%zu characters", strlen(buf));
	EXPECT_CONTAINS(buf, "a!a");
	EXPECT_TRUE(!strncmp(buf, "...\"", 4), "%s", buf);
	show_text(buf, 60, text, sizeof(text), 0);
	EXPECT_TRUE(!strncmp(buf, "\"aaa", 4), "%s", buf);
}

TEST("-", bytes_are_shown_in_hex, 0)
{
	char buf[SHOW_MAX];

	EXPECT_STR(show_bytes(buf, sizeof(buf), "Hi", 2, 0), "48 69   \"Hi\"");
	EXPECT_STR(show_bytes(buf, sizeof(buf), "Hi", 2, 1), "69   \"i\"");
	EXPECT_STR(show_bytes(buf, sizeof(buf), "", 0, 0), "nothing");
}

// SPDX-License-Identifier: MIT
/* Sizes as people write them. */
#include <errno.h>

#include "options.h"
#include "test.h"

TEST("-", size_parse_good, 0)
{
	static const struct {
		const char *text;
		u64 bytes;
	} rows[] = {
		{ "0", 0 },
		{ "1", 1 },
		{ "4096", 4096 },
		{ "4K", 4096 },
		{ "64M", 64ull << 20 },
		{ "3G", 3ull << 30 },
		{ "0x1000", 4096 },
		{ "0x10K", 16384 },
		{ "0xfF", 255 },
		{ "010", 10 }, /* not octal */
		{ "0010M", 10ull << 20 },
		{ "18446744073709551615", UINT64_MAX },
		{ "0xffffffffffffffff", UINT64_MAX },
		{ "18014398509481983K", 18014398509481983ull << 10 },
		{ "17179869183G", 17179869183ull << 30 },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		u64 bytes = 0x5a5a;

		CONTEXT("size_parse(\"%s\")", rows[i].text);
		EXPECT_ERR(size_parse(rows[i].text, &bytes), 0);
		EXPECT_U64(bytes, rows[i].bytes);
	}
}

TEST("-", size_parse_bad, 0)
{
	static const char *const rows[] = {
		"",
		" ",
		"K",
		"M1",
		"-1",
		"-0",
		"+1",
		" 1",
		"1 ",
		"1k",
		"1m",
		"1T",
		"1KB",
		"1KK",
		"1.5M",
		"1e3",
		"0x",
		"0xK",
		"0x 1",
		"0x-1",
		"x10",
		"ten",
		"\t1",
		"1\n",
		"18446744073709551616",
		"0x10000000000000000",
		"18014398509481984K",
		"17592186044416M",
		"17179869184G",
		"99999999999999999999999999G",
	};

	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		u64 bytes = 0x5a5a;

		CONTEXT("size_parse(\"%s\")", rows[i]);
		EXPECT_ERR(size_parse(rows[i], &bytes), -EINVAL);
		EXPECT_U64(bytes, 0x5a5a); /* untouched */
	}
}

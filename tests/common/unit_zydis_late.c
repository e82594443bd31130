// SPDX-License-Identifier: MIT
/* libZydis is loaded when there is something to decode, not at each start. */
#include <string.h>
#include <sys/resource.h>

#include "capture.h"
#include "insn.h"

static unsigned decode(void)
{
	char text[96];

	return insn_text((const u8 *)"\xf4", 1, 64, 0, text, sizeof(text));
}

static bool is_loaded(void)
{
	return strstr(file_text("/proc/self/maps"), "/libZydis.so") != NULL;
}

TEST("-", zydis_is_loaded_when_it_is_needed, 0)
{
	EXPECT_TRUE(!is_loaded());
	EXPECT_U64(decode(), 1);
	EXPECT_TRUE(is_loaded());
}

TEST("-", zydis_cannot_be_loaded, 0)
{
	struct rlimit before, none;
	struct capture c;
	struct insn insn;
	unsigned len;
	bool decoded;

	CONTEXT("no descriptor is left to open it with");
	getrlimit(RLIMIT_NOFILE, &before);
	none = (struct rlimit){ 0, before.rlim_max };
	c = capture_begin(2);
	setrlimit(RLIMIT_NOFILE, &none);
	len = decode();
	decoded = insn_decode(&insn, (const u8 *)"\xf4", 1);
	setrlimit(RLIMIT_NOFILE, &before);
	EXPECT_CONTAINS(capture_end(&c), "vmm: no instruction can be decoded: libZydis.so");
	EXPECT_U64(len, 0);
	EXPECT_TRUE(!decoded);
	CONTEXT("and then one is");
	EXPECT_U64(decode(), 1);
}

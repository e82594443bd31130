// SPDX-License-Identifier: MIT
/* The disassembler behind "at 0x1003: e6 e9  out %al, $0xE9". */
#include <string.h>

#include "insn.h"
#include "test.h"

/* Instructions as the manual has them: Intel SDM volume 2. */
static const struct {
	const char *code;
	unsigned len, bits; /* bytes given, and the code segment */
	u64 rip;
	unsigned want; /* bytes used; 0: no instruction */
	const char *text;
} rows[] = {
	{ "\xe6\xe9", 2, 16, 0x1003, 2, "out %al, $0xE9" },
	{ "\xf4", 1, 16, 0, 1, "hlt" },
	{ "\xb8\x34\x12\x78\x56", 5, 16, 0, 3, "mov $0x1234, %ax" },
	{ "\xb8\x34\x12\x78\x56", 5, 32, 0, 5, "mov $0x56781234, %eax" },
	{ "\x48\xb8\x01\x02\x03\x04\x05\x06\x07\x08", 10, 64, 0, 10,
	  "mov $0x807060504030201, %rax" },
	{ "\x48\xff\xc0", 3, 64, 0, 3, "inc %rax" },
	{ "\x48\xff\xc0", 3, 32, 0, 1, "dec %eax" }, /* 48 is a prefix in 64-bit code only */
	{ "\x48\xff\xc0", 3, 16, 0, 1, "dec %ax" },
	{ "\xeb\xfe", 2, 16, 0x100f, 2, "jmp 0x100F" }, /* a loop shows where it leads */
	{ "\xeb\x10", 2, 64, 0xffffffff80000000, 2, "jmp 0xFFFFFFFF80000012" },
	{ "\x0f\x0b", 2, 64, 0, 2, "ud2" },
	{ "\x0f\x22\xd8", 3, 64, 0, 3, "mov %rax, %cr3" },
	{ "\xf3\x6e\x90", 3, 16, 0, 2, "rep outsb" },
	{ "\x06", 1, 64, 0, 0, "" },	 /* push %es: gone in 64-bit mode */
	{ "\xe6", 1, 16, 0, 0, "" },	 /* cut off */
	{ "\x0f\xff", 1, 64, 0, 0, "" }, /* cut off in the opcode */
	{ "", 0, 16, 0, 0, "" },
	{ "\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x90", 16, 64, 0, 0, "" },
};

TEST("-", insn_each_width, 0)
{
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		char buf[96] = "";

		CONTEXT("row %u: %u bytes of %u-bit code", i, rows[i].len, rows[i].bits);
		EXPECT_U64(insn_text((const u8 *)rows[i].code, rows[i].len, rows[i].bits,
				     rows[i].rip, buf, sizeof(buf)),
			   rows[i].want);
		EXPECT_CONTAINS(buf, rows[i].text);
	}
}

TEST("-", insn_stays_in_its_buffer, 0)
{
	char buf[32];

	for (size_t n = 1; n < sizeof("mov %rax, %cr3"); n++) {
		CONTEXT("a buffer of %u bytes for `mov %%rax, %%cr3`", (unsigned)n);
		memset(buf, '#', sizeof(buf));
		insn_text((const u8 *)"\x0f\x22\xd8", 3, 64, 0, buf, n);
		EXPECT_TRUE(buf[n] == '#');
	}
}

TEST("-", insn_any_bytes, 0)
{
	u64 state = 0x9e3779b97f4a7c15;

	CONTEXT("100,000 times 15 random bytes: never longer than what was given");
	for (unsigned i = 0; i < 100000; i++) {
		u8 code[INSN_MAX];
		char buf[96];
		unsigned bits = 16u << i % 3, len = 1 + i % INSN_MAX;

		for (unsigned k = 0; k < sizeof(code); k++) {
			state ^= state << 13;
			state ^= state >> 7;
			state ^= state << 17;
			code[k] = (u8)state;
		}
		if (insn_text(code, len, bits, state, buf, sizeof(buf)) > len)
			EXPECT_TRUE(false, "round %u: more than %u bytes", i, len);
		if (!memchr(buf, 0, sizeof(buf)) && insn_text(code, len, bits, 0, buf, 96))
			EXPECT_TRUE(false, "round %u: no end", i);
	}
	EXPECT_TRUE(true);
}

TEST("-", insn_stores_of_tables, 0)
{
	static const struct {
		const char *code;
		unsigned len, kind, size;
		int reg; /* -1: to memory, at 0x1234 */
	} row[] = {
		{ "\x0f\x01\x04\x25\x34\x12\0\0", 8, INSN_SGDT, 10, -1 },
		{ "\x0f\x01\x0c\x25\x34\x12\0\0", 8, INSN_SIDT, 10, -1 },
		{ "\x0f\x01\x24\x25\x34\x12\0\0", 8, INSN_SMSW, 2, -1 },
		{ "\x0f\x01\xe3", 3, INSN_SMSW, 4, 3 }, /* smsw %ebx */
		{ "\x66\x0f\x01\xe3", 4, INSN_SMSW, 2, 3 },
		{ "\x49\x0f\x01\xe4", 4, INSN_SMSW, 8, 12 },
		{ "\x0f\x00\x0c\x25\x34\x12\0\0", 8, INSN_STR, 2, -1 },
		{ "\x0f\x00\xcc", 3, INSN_STR, 4, 4 }, /* str %esp */
		{ "\x48\x0f\x00\xc0", 4, INSN_SLDT, 8, 0 },
		{ "\x0f\x00\x04\x25\x34\x12\0\0", 8, INSN_SLDT, 2, -1 },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(row); i++) {
		const u64 regs[16] = { 0 };
		struct insn insn;

		CONTEXT("row %u", i);
		EXPECT_TRUE(insn_decode(&insn, (const u8 *)row[i].code, row[i].len));
		EXPECT_U64(insn.kind, row[i].kind);
		EXPECT_U64(insn.len, row[i].len);
		EXPECT_U64(insn.size, row[i].size);
		EXPECT_TRUE(insn.has_memory == (row[i].reg < 0));
		if (insn.has_memory)
			EXPECT_U64(insn_address(&insn, regs, 0), 0x1234);
		else
			EXPECT_U64(insn.reg, row[i].reg);
	}
}

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

/* --- registers and addresses, built bit by bit: SDM 2, 2.1.5, 2.2.1 and 3.1.1.1 --- */

enum { REX = 0x40, REX_W = 8, REX_R = 4, REX_X = 2, REX_B = 1 };

TEST("-", insn_numbers_of_registers, 0)
{
	static const u8 rex[] = { 0, REX, REX | REX_R, REX | REX_W, REX | REX_W | REX_R };

	for (unsigned i = 0; i < 2 * 2 * ARRAY_SIZE(rex) * 8; i++) {
		const unsigned n = i % 8, r = i / 8 % ARRAY_SIZE(rex);
		const bool wide = i / 8 / ARRAY_SIZE(rex) & 1,
			   prefix66 = i / 8 / ARRAY_SIZE(rex) & 2;
		const u8 bytes[] = { prefix66 ? 0x66 : 0x3e, rex[r] ? rex[r] : 0x3e,
				     wide ? 0x89 : 0x88, (u8)(n << 3 | 3) };
		unsigned want = n | (rex[r] & REX_R ? 8 : 0);
		struct insn insn;

		/* Without REX, 4 to 7 of 8 bits are AH to BH, the upper halves of 0 to 3. */
		if (!wide && !rex[r] && n >= 4)
			want = n - 4;
		CONTEXT("store of register %u, %s bits, prefix 66 %d, REX %02x, to (%%rbx)", n,
			wide ? "16 to 64" : "8", prefix66, rex[r]);
		EXPECT_TRUE(insn_decode(&insn, bytes, sizeof(bytes)));
		EXPECT_U64(insn.reg, want);
		EXPECT_U64(insn.base, 3);
	}
}

TEST("-", insn_registers_that_are_not_general, 0)
{
	static const struct {
		const char *code;
		unsigned len;
		const char *text;
	} row[] = {
		{ "\x44\x0f\x11\x3b", 4, "movups %xmm15, (%rbx)" },
		{ "\x62\x61\x7c\x48\x11\x3b", 6, "vmovups %zmm31, (%rbx)" },
		{ "\x62\xf2\x7d\x41\x92\x0c\xb8", 7, "vgatherdps, by %zmm23" },
		{ "\x0f\x7f\x3b", 3, "movq %mm7, (%rbx)" },
		{ "\x8e\x2b", 2, "mov (%rbx), %gs" },
		{ "\x0f\x23\xf8", 3, "mov %rax, %dr7" },
		{ "\xdd\xdf", 2, "fstp %st(7)" },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(row); i++) {
		struct insn insn;

		CONTEXT("%s", row[i].text);
		EXPECT_TRUE(insn_decode(&insn, (const u8 *)row[i].code, row[i].len));
		EXPECT_U64(insn.kind, INSN_OTHER);
		EXPECT_U64(insn.reg, 0);
		EXPECT_TRUE(insn.index == -1, "index %d", insn.index);
	}
}

struct operand {
	u8 rex, modrm, sib;
	bool prefix67;
	int displacement;
};

static unsigned put_displacement(u8 *at, const struct operand *o, unsigned mod, bool always32)
{
	if (mod == 1)
		*at = (u8)o->displacement;
	else if (mod == 2 || always32)
		memcpy(at, &o->displacement, 4);
	return mod == 1 ? 1 : mod == 2 || always32 ? 4 : 0;
}

/* INVLPG with that operand: its bytes, its length, and what the manual's tables make of it. */
static unsigned build(const struct operand *o, const u64 reg[16], u64 rip, u8 *code, u64 *want)
{
	const unsigned mod = o->modrm >> 6, rm = o->modrm & 7, x = o->rex & REX_X ? 8 : 0;
	const unsigned b = o->rex & REX_B ? 8 : 0, index = x | (o->sib >> 3 & 7);
	const bool by_rip = mod == 0 && rm == 5;
	const bool no_base = mod == 0 && rm == 4 && (o->sib & 7) == 5;
	unsigned n = 0, d;
	u64 sum = 0;

	if (o->prefix67)
		code[n++] = 0x67;
	code[n++] = REX | o->rex;
	code[n++] = 0x0f;
	code[n++] = 0x01;
	code[n++] = o->modrm;
	if (rm == 4) {
		code[n++] = o->sib;
		sum += no_base ? 0 : reg[b | (o->sib & 7)];
		sum += index == 4 ? 0 : reg[index] << (o->sib >> 6);
	} else if (!by_rip) {
		sum += reg[b | rm];
	}
	d = put_displacement(code + n, o, mod, by_rip || no_base);
	n += d;
	if (d)
		sum += d == 1 ? (u64)(s64)(signed char)o->displacement : (u64)(s64)o->displacement;
	if (by_rip)
		sum += rip + n;
	*want = o->prefix67 ? (u32)sum : sum;
	return n;
}

/* Each ModRM and SIB with each REX, with and without the prefix 67h. */
TEST("-", insn_every_address, 0)
{
	const u64 rip = 0xfffffffffffff123;
	u64 reg[16];

	for (unsigned i = 0; i < ARRAY_SIZE(reg); i++)
		reg[i] = (i + 1) * 0x9e3779b97f4a7c15;
	for (u32 i = 0; i < 3 * 8 * 256 * 16; i++) {
		const struct operand o = {
			.rex = i & 7,
			.prefix67 = i & 8,
			.sib = (u8)(i >> 4),
			.modrm = (u8)((i >> 12 & 7) | 7 << 3 | (i >> 15) << 6),
			.displacement = i & 0x10 ? -0x7654321f : 0x12345672,
		};
		u8 code[INSN_MAX];
		struct insn insn = { 0 };
		u64 want, address;
		unsigned len = build(&o, reg, rip, code, &want);
		bool valid = insn_decode(&insn, code, len);

		address = insn_address(&insn, reg, rip);
		if (!valid || insn.kind != INSN_INVLPG || insn.len != len || address != want) {
			CONTEXT("rex %02x, modrm %02x, sib %02x, prefix 67 %d", o.rex, o.modrm,
				o.sib, o.prefix67);
			EXPECT_U64(address, want);
			EXPECT_U64(insn.len, len);
		}
	}
	EXPECT_TRUE(true);
}

TEST("-", insn_segments_have_no_base, 0)
{
	static const char *const prefix = "\x26\x2e\x36\x3e\x64\x65"; /* ES CS SS DS FS GS */

	for (unsigned i = 0; i < 6; i++) {
		const u8 code[] = { (u8)prefix[i], 0x0f, 0x01, 0x3c, 0x25, 0x34, 0x12, 0, 0 };
		const u64 reg[16] = { 0 };
		struct insn insn;

		CONTEXT("INVLPG of 0x1234 with the prefix %02x", code[0]);
		EXPECT_TRUE(insn_decode(&insn, code, sizeof(code)));
		EXPECT_U64(insn_address(&insn, reg, 0x1000), 0x1234);
	}
}

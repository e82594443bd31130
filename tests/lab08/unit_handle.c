// SPDX-License-Identifier: MIT
/* Task 8.3, the half that is the same on either CPU: what a guest gets for its exits. */
#include <string.h>

#include "fake.h"
#include "handle.h"
#include "machine_map.h"
#include "memory.h"
#include "x86.h"

#define HIGH 0xfedcba9800000000ULL /* what lies above the half that counts */

static struct running r;

static void begin(struct view view)
{
	fake_init();
	r = (struct running){ .guest = fake.g };
	r.guest.view = view;
	r.guest.regs.rip = 8;
}

static void expect_io(struct exit_io io, enum verdict verdict)
{
	const struct exit exit = { .cause = EXIT_IO, .length = 2, .io = io };

	EXPECT_U64_AS("handle_io()'s verdict (V_RESUME 0, V_EXIT 2, V_DEAD 3)",
		      handle_io(&r, &exit), verdict);
}

/* --- ports --- */

TEST("8.3", a_port_has_two_ways, 0)
{
	begin((struct view){ .code64 = true });
	r.guest.regs.rax = HIGH | 0x12345678;
	CONTEXT("an IN of a byte from PORT_EXIT, which ends nothing: all ones, as any other");
	expect_io((struct exit_io){ .port = PORT_EXIT, .size = 1, .in = true }, V_RESUME);
	EXPECT_U64(r.guest.regs.rax, HIGH | 0x123456ff);
	EXPECT_U64(r.guest.regs.rip, 10);
	r.guest.regs.rax = HIGH | 0x12345617;
	CONTEXT("an OUT of 4 bytes to PORT_EXIT: the lowest is the status");
	expect_io((struct exit_io){ .port = PORT_EXIT, .size = 4 }, V_EXIT);
	EXPECT_U64(r.status, 0x17);
}

/* --- strings --- */

static struct exit_io string(bool in, bool rep, unsigned size)
{
	return (struct exit_io){
		.port = PORT_CONSOLE, .size = (u8)size, .in = in, .string = true, .rep = rep
	};
}

static void put(u64 address, const char *text)
{
	memcpy(guest_at(&fake.g, address, strlen(text)), text, strlen(text));
}

static void expect_string(struct view view, u64 rsi, u64 rcx, u64 rsi_then, u64 rcx_then)
{
	begin(view);
	put(0x1010, "abc");
	put(0x10fffe, "ab");
	put(0x100000, "c");
	put(0x2010, "ABC");
	r.guest.regs.rsi = rsi;
	r.guest.regs.rcx = rcx;
	CONTEXT("REP OUTSB in %d-bit code, DS begins at 0x%llx, RSI is 0x%llx, RCX 0x%llx",
		view.code64   ? 64
		: view.code32 ? 32
			      : 16,
		(unsigned long long)view.ds_base, (unsigned long long)rsi, (unsigned long long)rcx);
	expect_io(string(false, true, 1), V_RESUME);
	EXPECT_STR(fake.guest, view.code64 ? "ABC" : "abc");
	EXPECT_U64(r.guest.regs.rsi, rsi_then);
	EXPECT_U64(r.guest.regs.rcx, rcx_then);
	EXPECT_U64(r.guest.regs.rip, 10);
}

TEST("8.3", strings_of_16_32_and_64_bits, 0)
{
	const struct view of16 = { .ds_base = 0x1000, .es_base = 0x5000 };
	const struct view of32 = { .ds_base = 0x1000, .es_base = 0x5000, .code32 = true };
	const struct view of64 = { .ds_base = 0x1000, .es_base = 0x5000, .code64 = true };

	expect_string(of16, HIGH | 0x12340010, HIGH | 0x43210003, HIGH | 0x12340013,
		      HIGH | 0x43210000);
	expect_string(of32, HIGH | 0x10, HIGH | 3, 0x13, 0);
	expect_string(of64, 0x2010, 3, 0x2013, 0);
}

TEST("8.3", sixteen_bits_go_round, 0)
{
	expect_string((struct view){ .ds_base = 0x100000 }, 0xfffe, 3, 1, 0);
}

TEST("8.3", what_is_read_goes_to_es, 0)
{
	begin((struct view){ .ds_base = 0x1000, .es_base = 0x5000, .code32 = true });
	r.guest.regs.rsi = 0x20;
	r.guest.regs.rdi = 0x40;
	r.guest.regs.rcx = 5;
	CONTEXT("INSW without REP: two bytes to ES:RDI, and RCX does not count");
	expect_io(string(true, false, 2), V_RESUME);
	EXPECT_BYTES_AS("memory from 0x503f on", guest_at(&fake.g, 0x503f, 4), "\0\xff\xff\0", 4);
	EXPECT_U64(r.guest.regs.rdi, 0x42);
	EXPECT_U64(r.guest.regs.rsi, 0x20);
	EXPECT_U64(r.guest.regs.rcx, 5);
	EXPECT_U64(r.guest.regs.rip, 10);
}

TEST("8.3", a_string_from_nowhere, 0)
{
	begin((struct view){ .code64 = true });
	r.guest.regs.rsi = 2 * GUEST_SIZE;
	CONTEXT("OUTSB, and no memory at RSI");
	expect_io(string(false, false, 1), V_DEAD);
	EXPECT_STR(fake.guest, "");
}

/* --- CPUID --- */

static void expect_cpuid(u64 rax, u64 rcx, struct cpuid want)
{
	const struct exit exit = { .cause = EXIT_CPUID, .length = 2 };

	begin((struct view){ .code64 = true });
	fake_leaf_set(1, (struct cpuid){ 1, 2, 0x20 | 4, 8 });
	fake_leaf_set(7, (struct cpuid){ 3, 5, 7, 9 });
	fake_leaf_set(0x80000001, (struct cpuid){ 1, 2, 0x2c, 8 });
	fake_leaf_set(0x8000000a, (struct cpuid){ 1, 2, 4, 8 });
	r.guest.regs.rax = rax;
	r.guest.regs.rcx = rcx;
	r.guest.regs.rbx = r.guest.regs.rdx = ~0ULL;
	CONTEXT("CPUID with RAX 0x%llx and RCX 0x%llx", (unsigned long long)rax,
		(unsigned long long)rcx);
	EXPECT_U64(handle_cpuid(&r, &exit), V_RESUME);
	EXPECT_U64(r.guest.regs.rax, want.eax);
	EXPECT_U64(r.guest.regs.rbx, want.ebx);
	EXPECT_U64(r.guest.regs.rcx, want.ecx);
	EXPECT_U64(r.guest.regs.rdx, want.edx);
	EXPECT_U64(r.guest.regs.rip, 10);
	if (want.eax != HANDLE_LEAF && want.eax)
		EXPECT_U64_AS("the subleaf that the CPU was asked for", fake.subleaf, (u32)rcx);
}

TEST("8.3", leaves_of_cpuid, 0)
{
	expect_cpuid(HIGH | 1, 0, (struct cpuid){ 1, 2, 0x80000004, 8 });
	expect_cpuid(7, HIGH | 1, (struct cpuid){ 3, 5, 7, 9 });
	expect_cpuid(0x80000001, 0, (struct cpuid){ 1, 2, 0x28, 8 });
	expect_cpuid(0x8000000a, 0, (struct cpuid){ 0 });
	expect_cpuid(HANDLE_LEAF, 0,
		     (struct cpuid){ 0x40000000, 0x6c6d6d76, 0x74206261, 0x31657079 });
}

/* --- EFER --- */

static void expect_write(u64 rcx, u64 value, bool taken)
{
	const struct exit exit = { .cause = EXIT_WRMSR, .length = 2 };

	begin((struct view){ .cr0 = CR0_PE });
	r.guest.regs.rcx = rcx;
	r.guest.regs.rax = HIGH | (u32)value;
	r.guest.regs.rdx = HIGH | value >> 32;
	CONTEXT("WRMSR with RCX 0x%llx and the value 0x%llx, which is in EDX:EAX; EFER is 0, and "
		"paging off",
		(unsigned long long)rcx, (unsigned long long)value);
	EXPECT_U64(handle_msr(&r, &exit), V_RESUME);
	EXPECT_U64_AS("exceptions that wait", r.pending.exception.type != EVENT_NONE, !taken);
	EXPECT_U64(r.guest.view.efer, taken ? value : 0);
	EXPECT_U64(r.guest.regs.rip, taken ? 10 : 8);
}

TEST("8.3", bits_of_efer_one_by_one, 0)
{
	for (unsigned bit = 0; bit < 64; bit++)
		expect_write(MSR_EFER, 1ULL << bit,
			     (1ULL << bit) & (EFER_SCE | EFER_LME | EFER_NXE));
	expect_write(HIGH | MSR_EFER, EFER_NXE, true);
	expect_write(0x10, 0, false);
}

TEST("8.3", efer_is_read_in_two_halves, 0)
{
	const struct exit exit = { .cause = EXIT_RDMSR, .length = 2 };

	begin((struct view){ .efer = EFER_LME | EFER_LMA });
	r.guest.regs.rcx = HIGH | MSR_EFER;
	r.guest.regs.rax = r.guest.regs.rdx = ~0ULL;
	CONTEXT("RDMSR of EFER, all ones in RAX and RDX before: both upper halves are cleared");
	EXPECT_U64(handle_msr(&r, &exit), V_RESUME);
	EXPECT_U64(r.guest.regs.rax, 0x500);
	EXPECT_U64(r.guest.regs.rdx, 0);
}

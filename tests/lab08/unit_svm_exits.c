// SPDX-License-Identifier: MIT
/* Task 8.3 on a fake CPU: what an exit is, and how long its instruction. */
#include <errno.h>
#include <string.h>

#include "fake.h"
#include "handle.h"
#include "machine_map.h"
#include "memory.h"
#include "svm.h"
#include "x86.h"

#define CODE 0x3000

static struct vmcb *begin(enum guest_mode mode)
{
	fake_amd_on();
	fake.host.nested = false;
	EXPECT_ERR(svm_init(&fake.g, mode, CODE), 0);
	return svm_vmcb(&fake.g);
}

TEST("8.3", every_port_and_msr_exits, 1)
{
	struct vmcb *v = begin(GUEST_REAL);
	struct guest other = fake.g;

	EXPECT_TRUE(v->intercepts[3] & INTERCEPT_IOIO, "IN and OUT do not exit");
	EXPECT_TRUE(v->intercepts[3] & INTERCEPT_MSR, "RDMSR does not exit");
	EXPECT_TRUE(v->intercepts[3] & INTERCEPT_CPUID, "CPUID does not exit");
	EXPECT_TRUE(v->intercepts[4] & INTERCEPT_VMMCALL, "VMMCALL does not exit");
	EXPECT_TRUE(v->iopm && v->iopm % PAGE_SIZE_4K == 0);
	EXPECT_TRUE(v->msrpm && v->msrpm % PAGE_SIZE_4K == 0);
	for (unsigned i = 0; i < 3 * PAGE_SIZE_4K; i++)
		EXPECT_U64_AS("a byte of the bitmap of ports", ((u8 *)at(v->iopm))[i], 0xff);
	for (unsigned i = 0; i < 2 * PAGE_SIZE_4K; i++)
		EXPECT_U64_AS("a byte of the bitmap of MSRs", ((u8 *)at(v->msrpm))[i], 0xff);
	other.tag = 2;
	EXPECT_ERR(svm_init(&other, GUEST_REAL, CODE), 0);
	CONTEXT("a second guest has the same bitmaps");
	EXPECT_U64(svm_vmcb(&other)->iopm, v->iopm);
	EXPECT_U64(svm_vmcb(&other)->msrpm, v->msrpm);
}

TEST("8.3", bitmaps_need_pages, 0)
{
	for (unsigned pages = 0; pages < 5; pages += 3) {
		fake_amd_on();
		fake.g.control = page_alloc_zeroed(&fake.pages);
		pages_init(&fake.pages, fake.pages.end - pages * PAGE_SIZE_4K, fake.pages.end);
		CONTEXT("there are %u pages left, and both bitmaps need 5", pages);
		EXPECT_ERR(svm_want_exits(&fake.g), -ENOMEM);
	}
}

TEST("8.3", long_mode_is_not_left_amid_paging, 0)
{
	const struct exit exit = { .cause = EXIT_WRMSR, .length = 2 };
	struct running r;

	begin(GUEST_LONG);
	r = (struct running){ .guest = fake.g };
	r.guest.view = (struct view){ .cr0 = CR0_PE | CR0_PG, .efer = EFER_LME | EFER_LMA };
	r.guest.regs = (struct regs){ .rcx = MSR_EFER, .rax = EFER_LMA, .rip = 8 };
	CONTEXT("the guest clears EFER.LME, with CR0.PG set");
	EXPECT_U64(handle_msr(&r, &exit), V_RESUME);
	EXPECT_U64(r.pending.exception.type, EVENT_EXCEPTION);
	EXPECT_U64(r.pending.exception.vector, VECTOR_GP);
	EXPECT_U64(r.guest.view.efer, EFER_LME | EFER_LMA);
	EXPECT_U64(r.guest.regs.rip, 8);
}

TEST("8.3", a_long_rep_comes_back, 0)
{
	const struct exit exit = { .length = 2,
				   .io = { .port = 0x80, .size = 1, .string = true, .rep = true } };
	struct running r;

	begin(GUEST_REAL);
	r = (struct running){ .guest = fake.g };
	r.guest.view = (struct view){ .code32 = true };
	r.guest.regs = (struct regs){ .rcx = STRING_MAX + 1, .rsi = CODE, .rip = 8 };
	CONTEXT("REP OUTSB, once more than STRING_MAX");
	EXPECT_U64(handle_io(&r, &exit), V_RESUME);
	EXPECT_U64(r.guest.regs.rip, 8);
	EXPECT_U64(r.guest.regs.rcx, 1);
	EXPECT_U64(r.guest.regs.rsi, CODE + STRING_MAX);
	EXPECT_U64(handle_io(&r, &exit), V_RESUME);
	EXPECT_U64(r.guest.regs.rip, 10);
	EXPECT_U64(r.guest.regs.rcx, 0);
	r.guest.regs.rip = 8;
	CONTEXT("REP OUTSB with RCX 0");
	EXPECT_U64(handle_io(&r, &exit), V_RESUME);
	EXPECT_U64(r.guest.regs.rip, 10);
	EXPECT_U64(r.guest.regs.rsi, CODE + STRING_MAX + 1);
}

TEST("8.3", what_is_the_hypervisors_alone_exits, 0)
{
	const struct vmcb *v = begin(GUEST_REAL);

	EXPECT_TRUE(v->intercepts[4] & INTERCEPT_VMLOAD, "VMLOAD does not exit");
	EXPECT_TRUE(v->intercepts[4] & INTERCEPT_VMSAVE, "VMSAVE does not exit");
	EXPECT_TRUE(v->intercepts[4] & INTERCEPT_STGI, "STGI does not exit");
	EXPECT_TRUE(v->intercepts[4] & INTERCEPT_CLGI, "CLGI does not exit");
	EXPECT_TRUE(v->intercepts[4] & INTERCEPT_SKINIT, "SKINIT does not exit");
	EXPECT_TRUE(v->intercepts[3] & INTERCEPT_INVLPGA, "INVLPGA does not exit");
	EXPECT_TRUE(v->intercepts[3] & INTERCEPT_INVD, "INVD does not exit");
}

/* The exit of an instruction with these bytes at CODE. */
static struct exit exit_of(u64 exitcode, const char *bytes, size_t n, bool code64)
{
	struct exit exit = { .cause = EXIT_OTHER };

	memset(guest_at(&fake.g, CODE, 32), 0x90, 32);
	memcpy(guest_at(&fake.g, CODE, n), bytes, n);
	svm_vmcb(&fake.g)->exitcode = exitcode;
	fake.g.regs.rip = CODE - 0x1000;
	fake.g.view = (struct view){ .code64 = code64, .cs_base = code64 ? 0x777000 : 0x1000 };
	if (code64)
		fake.g.regs.rip = CODE;
	svm_decode_instruction(&fake.g, &exit);
	return exit;
}
#define EXIT_OF(code, bytes, code64) exit_of(code, bytes, sizeof(bytes) - 1, code64)

TEST("8.3", lengths_with_prefixes, 2)
{
	begin(GUEST_REAL);
	CONTEXT("CPUID");
	EXPECT_U64(EXIT_OF(VMEXIT_CPUID, "\x0f\xa2", false).cause, EXIT_CPUID);
	EXPECT_U64(EXIT_OF(VMEXIT_CPUID, "\x0f\xa2", false).length, 2);
	CONTEXT("CPUID behind 66 F3 2E, in 16-bit code whose CS has a base");
	EXPECT_U64(EXIT_OF(VMEXIT_CPUID, "\x66\xf3\x2e\x0f\xa2", false).length, 5);
	CONTEXT("CPUID behind REX.W, in 64-bit code whose CS has a base, too, which does not "
		"count");
	EXPECT_U64(EXIT_OF(VMEXIT_CPUID, "\x48\x0f\xa2", true).length, 3);
	CONTEXT("CPUID behind 13 prefixes: 15 bytes is the most that there is");
	EXPECT_U64(EXIT_OF(VMEXIT_CPUID, "ffffffffffffffff\x0f\xa2", false).length, 15);
	CONTEXT("VMMCALL");
	EXPECT_U64(EXIT_OF(VMEXIT_VMMCALL, "\x0f\x01\xd9", true).cause, EXIT_HYPERCALL);
	EXPECT_U64(EXIT_OF(VMEXIT_VMMCALL, "\x67\x0f\x01\xd9", true).length, 4);
	CONTEXT("RDMSR, and WRMSR");
	svm_vmcb(&fake.g)->exitinfo1 = 0;
	EXPECT_U64(EXIT_OF(VMEXIT_MSR, "\x0f\x32", true).cause, EXIT_RDMSR);
	svm_vmcb(&fake.g)->exitinfo1 = 1;
	EXPECT_U64(EXIT_OF(VMEXIT_MSR, "\x66\x0f\x30", true).cause, EXIT_WRMSR);
	EXPECT_U64(EXIT_OF(VMEXIT_MSR, "\x66\x0f\x30", true).length, 3);
}

TEST("8.3", each_prefix_counts, 0)
{
	static const u8 prefixes[] = "\x66\x67\xf0\xf2\xf3\x2e\x36\x3e\x26\x64\x65";
	char code[] = "\x66\x0f\xa2";

	begin(GUEST_REAL);
	for (unsigned i = 0; prefixes[i]; i++) {
		code[0] = (char)prefixes[i];
		CONTEXT("CPUID behind the prefix 0x%02x, in 16-bit code", prefixes[i]);
		EXPECT_U64(EXIT_OF(VMEXIT_CPUID, code, false).length, 3);
	}
	for (u8 rex = 0x40; rex < 0x50; rex++) {
		code[0] = (char)rex;
		CONTEXT("CPUID behind the prefix REX 0x%02x, in 64-bit code", rex);
		EXPECT_U64(EXIT_OF(VMEXIT_CPUID, code, true).length, 3);
	}
}

TEST("8.3", code_that_cannot_be_read, 0)
{
	struct exit exit = { .cause = EXIT_OTHER };

	begin(GUEST_REAL);
	svm_vmcb(&fake.g)->exitcode = VMEXIT_CPUID;
	fake.g.view = (struct view){ .code64 = true };
	fake.g.regs.rip = 2 * GUEST_SIZE;
	CONTEXT("CPUID, and no memory at RIP: no prefixes");
	svm_decode_instruction(&fake.g, &exit);
	EXPECT_U64(exit.length, 2);
}

TEST("8.3", what_an_io_exit_says, 1)
{
	struct vmcb *v = begin(GUEST_REAL);
	struct exit exit = { .cause = EXIT_OTHER };

	v->exitcode = VMEXIT_IOIO;
	v->exitinfo1 = 0x03f8002d; /* INS, REP, 2 bytes, port 0x3f8 */
	v->exitinfo2 = CODE + 2;
	fake.g.regs.rip = CODE;
	svm_decode_instruction(&fake.g, &exit);
	EXPECT_U64(exit.cause, EXIT_IO);
	EXPECT_U64(exit.length, 2);
	EXPECT_U64(exit.io.port, 0x3f8);
	EXPECT_U64(exit.io.size, 2);
	EXPECT_TRUE(exit.io.in && exit.io.string && exit.io.rep);
	v->exitinfo1 = 0xffff0040; /* OUT, 4 bytes, port 0xffff */
	v->exitinfo2 = CODE + 4;
	svm_decode_instruction(&fake.g, &exit);
	EXPECT_U64(exit.length, 4);
	EXPECT_U64(exit.io.port, 0xffff);
	EXPECT_U64(exit.io.size, 4);
	EXPECT_TRUE(!exit.io.in && !exit.io.string && !exit.io.rep);
}

TEST("8.3", msrs_that_do_not_exist_are_faults, 0)
{
	struct running r = { .hv = &hv_svm };
	struct exit exit = { .cause = EXIT_WRMSR, .length = 2 };

	begin(GUEST_LONG);
	r.guest = fake.g;
	r.guest.regs =
		(struct regs){ .rcx = MSR_EFER, .rax = EFER_LME | EFER_LMA | EFER_SVME, .rip = 8 };
	CONTEXT("the guest sets EFER.SVME");
	EXPECT_U64(handle_msr(&r, &exit), V_RESUME);
	EXPECT_U64(r.pending.exception.vector, VECTOR_GP);
	EXPECT_TRUE(r.pending.exception.has_code);
	EXPECT_U64(r.guest.regs.rip, 8);
	EXPECT_U64(r.guest.view.efer, EFER_LME | EFER_LMA);
	r.pending.exception.type = EVENT_NONE;
	r.guest.regs.rax = EFER_LME | EFER_NXE;
	CONTEXT("the guest clears EFER.LMA");
	handle_msr(&r, &exit);
	EXPECT_U64(r.pending.exception.type, EVENT_EXCEPTION);
	r.pending.exception.type = EVENT_NONE;
	exit.cause = EXIT_RDMSR;
	r.guest.regs.rcx = 0x10;
	CONTEXT("the guest reads MSR 0x10");
	handle_msr(&r, &exit);
	EXPECT_U64(r.pending.exception.type, EVENT_EXCEPTION);
	EXPECT_U64(r.guest.regs.rip, 8);
}

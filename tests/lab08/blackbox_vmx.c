// SPDX-License-Identifier: MIT
/* Intel's half, on Bochs, tasks 8.6 and 8.7: on and off, the way in, and what the CPU refuses. */
#include <string.h>

#include "bare.h"
#include "nonce.h"

#define SECONDS .seconds = 0.5

/* --- 8.6 --- */

/* On, with these words; Bochs has seen who asked its MSRs, which the line cannot say without. */
static void expect_on(const struct bare *b, const char *words)
{
	EXPECT_CONTAINS(b->o.err, words);
	EXPECT_CONTAINS(b->log, "from MSR 480"); /* the revision */
	EXPECT_CONTAINS(b->log, "from MSR 486"); /* bits that CR0 must have */
	EXPECT_CONTAINS(b->log, "from MSR 488");
	EXPECT_TRUE(!strstr(b->o.err, "have not come back"), "%s", b->o.err);
	EXPECT_U64(b->o.status, 0);
}

TEST("8.6", vmx_is_on, 2, SECONDS)
{
	struct bare b;

	NEED_BOCHS();
	b = run_intel(.guest = NULL);
	CONTEXT("no guest: VMX goes on, and off again; firmware has left IA32_FEATURE_CONTROL "
		"open");
	expect_on(&b, "hv: VMX is on: revision 0x2b, 65536 VPIDs, EPT, no VMCS yet\n");
	EXPECT_CONTAINS(b.log, "WRMSR: write 00000000:00000005 to MSR 3a");
}

TEST("8.6", vmx_locked_on, 1, SECONDS)
{
	struct bare b;

	NEED_BOCHS();
	b = run_intel(.firmware = 5);
	CONTEXT("firmware has locked IA32_FEATURE_CONTROL with VMX allowed: writing it is #GP");
	expect_on(&b, "hv: VMX is on: ");
	EXPECT_U64_AS("writes of IA32_FEATURE_CONTROL, firmware's own with them",
		      bare_count(&b, "to MSR 3a"), 1);
}

TEST("8.6", vmx_locked_off, 1, SECONDS)
{
	struct bare b;

	NEED_BOCHS();
	b = run_intel(.firmware = 1);
	CONTEXT("firmware has locked IA32_FEATURE_CONTROL with VMX forbidden");
	EXPECT_STR(b.o.err, "hv: VMX is locked off by the firmware: IA32_FEATURE_CONTROL is 0x1\n");
	EXPECT_CONTAINS(b.log, "from MSR 3a");
	EXPECT_U64(b.o.status, 1);
}

TEST("8.6", other_cpus, 1, .seconds = 1)
{
	struct bare b;

	NEED_BOCHS();
	b = run_intel(.model = "p4_prescott_celeron_336");
	CONTEXT("a CPU without VMX; it has no IA32_FEATURE_CONTROL, either");
	EXPECT_STR(b.o.err, "hv: no VMX: CPUID leaf 1 has no ECX bit 5\n");
	EXPECT_U64(b.o.status, 1);
	b = run_intel(.model = "core2_penryn_t9600");
	CONTEXT("the first CPU with VMX had neither EPT nor VPID");
	expect_on(&b, "hv: VMX is on: revision 0x2b, 0 VPIDs, no EPT, no VMCS yet\n");
	b = run_intel(.model = "tigerlake");
	CONTEXT("and a newer one has another revision");
	expect_on(&b, "hv: VMX is on: revision 0x4, 65536 VPIDs, EPT, no VMCS yet\n");
}

/* --- 8.7 --- */

static u64 turned(u64 value, unsigned by)
{
	return by % 64 ? value << by % 64 | value >> (64 - by % 64) : value;
}

TEST("8.7", each_register_is_the_intel_guests, 2, SECONDS)
{
	static const char *const names[] = { "RCX", "RDX", "RBX", "RSP", "RBP", "RSI", "RDI", "R8",
					     "R9",  "R10", "R11", "R12", "R13", "R14", "R15" };
	struct bare b;
	u64 rax;

	NEED_BOCHS();
	b = run_intel(.guest = "08/registers");
	rax = b.o.nonce ^ REGISTERS_TURNED;
	CONTEXT("the guest has a number made of its nonce in RAX, and turned left by 4, 8, 12... "
		"bits in the others. %s",
		bochs_words(&b));
	EXPECT_U64(bochs_exits(&b, 12), 1);
	EXPECT_U64_AS("RAX", bare_register(&b, "RAX"), rax);
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		EXPECT_U64_AS(names[i], bare_register(&b, names[i]), turned(rax, 4 * (i + 1)));
	EXPECT_U64(b.o.status, 0);
	EXPECT_U64_AS("VMLAUNCHes", bare_count(&b, "VMLAUNCH VMCS"), 1);
}

TEST("8.7", intels_long_mode_is_as_in_lab_02, 1, SECONDS)
{
	struct bare b;

	NEED_BOCHS();
	b = run_intel(.guest = "08/state64");
	CONTEXT("the guest put RFLAGS into RBX, CR0, CR3, CR4 into RCX, RDX, RSI; its GDTR into "
		"R8, R9. %s",
		bochs_words(&b));
	EXPECT_U64_AS("the nonce in RAX", bare_register(&b, "RAX"), b.o.nonce);
	EXPECT_U64_AS("RFLAGS", bare_register(&b, "RBX"), 2);
	EXPECT_U64_AS("CR0", bare_register(&b, "RCX"), 0x80000011);
	EXPECT_U64_AS("CR3", bare_register(&b, "RDX"), 0x9000);
	EXPECT_U64_AS("CR4", bare_register(&b, "RSI"), 0x20);
	EXPECT_U64_AS("DS, SS and CS, 16 bits each", bare_register(&b, "RDI"), 0x1000100008);
	EXPECT_U64_AS("the limit of the GDT", bare_register(&b, "R8"), 23);
	EXPECT_U64_AS("the address of the GDT", bare_register(&b, "R9"), 0x8000);
}

/* A field is wrong before the entry: what run() must say of it, and what Bochs said in its log. */
struct refusal {
	const char *what, *words, *said, *bochs;
};

static void expect_refusals(const struct refusal *r, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct bare b =
			run_intel(.guest = "08/registers", .words = r[i].words, .refused = true);

		CONTEXT("%s: ./lab run LAB=08 GUEST=registers CPU=intel -- %s; %s", r[i].what,
			r[i].words, bochs_words(&b));
		EXPECT_CONTAINS(bochs_words(&b), r[i].bochs);
		EXPECT_CONTAINS(b.o.err, test_text("hv: the entry failed: %s", r[i].said));
		EXPECT_TRUE(!strstr(b.o.err, "the guest halted"), "no guest can have run");
		EXPECT_U64(b.o.status, 3);
	}
}

#define REASON_33 "exit reason 0x80000021, invalid guest state"

TEST("8.7", refused_for_its_controls, 1, .seconds = 2)
{
	static const struct refusal rows[] = {
		{ "pin-based controls that the CPU does not take", "field=0x4000 value=0",
		  "error 7, entry with invalid control fields", "pin-based controls" },
		{ "and VM-exit controls", "field=0x400c value=0", "error 7, ", "vmexit controls" },
		{ "the count of CR3-target values was never written",
		  "field=0x400a value=0xcccccccc", "error 7, ", "CR3 targets" },
		{ "an event of a type that there is not", "field=0x4016 value=0x80000120",
		  "error 7, ", "bad injected event type 1" },
	};

	NEED_BOCHS();
	expect_refusals(rows, ARRAY_SIZE(rows));
}

TEST("8.7", refused_for_the_host, 1, .seconds = 2)
{
	static const struct refusal rows[] = {
		{ "no TR for the host", "field=0x0c0c value=0",
		  "error 8, entry with invalid host-state fields", "host TR selector" },
		{ "no CS for the host", "field=0x0c02 value=0", "error 8, ", "host CS selector 0" },
		{ "the host's CR4 without VMXE", "field=0x6c04 value=0x20", "error 8, ",
		  "host state invalid CR4" },
		{ "the host's CR0 without NE", "field=0x6c00 value=0x80000011", "error 8, ",
		  "host state invalid CR0" },
	};

	NEED_BOCHS();
	expect_refusals(rows, ARRAY_SIZE(rows));
}

TEST("8.7", refused_for_the_guest, 1, .seconds = 2)
{
	static const struct refusal rows[] = {
		{ "the link pointer was never written", "field=0x2800 value=0xcccccccccccccccc",
		  REASON_33, "link pointer" },
		{ "the guest's CR0 without what VMX demands", "field=0x6800 value=0x80000011",
		  REASON_33, "guest invalid CR0" },
		{ "the guest's CR4 without VMXE", "field=0x6804 value=0x20", REASON_33,
		  "guest invalid CR4" },
		{ "a TSS that is not busy", "field=0x4822 value=0x89", REASON_33,
		  "incorrect TR type" },
	};

	NEED_BOCHS();
	expect_refusals(rows, ARRAY_SIZE(rows));
}

TEST("8.7", resumed_before_it_was_launched, 1, SECONDS)
{
	static const struct refusal rows[] = {
		{ "VMRESUME comes first", "resume",
		  "error 5, VMRESUME with a VMCS that is not launched", "non-launched VMCS" },
	};

	NEED_BOCHS();
	expect_refusals(rows, ARRAY_SIZE(rows));
}

TEST("8.7", a_cpu_with_fewer_controls, 0, SECONDS)
{
	struct bare b;

	NEED_BOCHS();
	b = run_intel(.guest = "08/registers", .model = "corei5_lynnfield_750");
	CONTEXT("a CPU whose guests cannot be unrestricted; in long mode they need not. %s",
		bochs_words(&b));
	EXPECT_U64_AS("RAX", bare_register(&b, "RAX"), b.o.nonce ^ REGISTERS_TURNED);
}

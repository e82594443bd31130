// SPDX-License-Identifier: MIT
/*
 * Tasks 8.8 to 8.10: the guests of 8.3 to 8.5 on Intel's CPU, where they print what they print on
 * AMD's, by the emulator's own count of their exits. (AMD's half does not run here: what is wrong
 * there costs no points of these tasks.) Then those that the host's timer interrupts.
 */
#include <stdlib.h>
#include <string.h>

#include "bare.h"
#include "nonce.h"

#define BOTH .seconds = 1

enum {
	BOCHS_INTERRUPT = 1,
	BOCHS_WINDOW = 7,
	BOCHS_HLT = 12,
	BOCHS_VMCALL = 18,
	BOCHS_IO = 30,
	BOCHS_EPT = 48,
	BOCHS_TIMER = 52,
};

static struct bare on_intel(const char *guest)
{
	struct bare b = run_intel(.guest = guest);

	CONTEXT("%s on Intel's CPU. %s", guest, bochs_words(&b));
	return b;
}

TEST("8.8", lab_02_prints_on_intel, 1, BOTH)
{
	struct bare b;

	NEED_BOCHS();
	b = on_intel("02/hello64");
	EXPECT_STR(b.o.out, "Hello from long mode\n");
	EXPECT_U64_AS("exits for I/O", bochs_exits(&b, BOCHS_IO), 22);
	EXPECT_U64(b.o.status, 0);
}

TEST("8.8", real_mode_on_intel, 1, BOTH)
{
	struct bare b;

	NEED_BOCHS();
	b = on_intel("02/echo-nonce");
	EXPECT_STR(b.o.out, nonce_text(&b.o));
	EXPECT_U64(b.o.status, nonce_status(&b.o));
	EXPECT_U64_AS("exits for I/O: REP OUTSB is one", bochs_exits(&b, BOCHS_IO), 2);
	b = on_intel("08/state16");
	EXPECT_U64_AS("FLAGS", bare_register(&b, "RBX"), 2);
	EXPECT_U64_AS("CR0", bare_register(&b, "RCX"), 0x10);
	EXPECT_U64_AS("CS, SS or ES", bare_register(&b, "RDX"), 0);
	EXPECT_U64_AS("what it read by DS", bare_register(&b, "RSI"), (u32)b.o.nonce);
	EXPECT_U64_AS("what it wrote by SS and read by ES", bare_register(&b, "RAX"),
		      (u32)b.o.nonce);
	EXPECT_U64(bochs_exits(&b, BOCHS_HLT), 1);
}

TEST("8.8", ports_on_intel, 1, BOTH)
{
	struct bare b;

	NEED_BOCHS();
	b = on_intel("08/ports");
	EXPECT_STR(b.o.out,
		   test_text("in1 11223344556677ff\nin2 112233445566ffff\nin4 00000000ffffffff\n"
			     "abcdefgh\nijklmn\n%s"
			     "left 0000 back 0001 +05\nffffffff00000000\n",
			     nonce_text(&b.o)));
	EXPECT_U64(b.o.status, 23);
}

TEST("8.8", instructions_on_intel, 1, .seconds = 3)
{
	unsigned n;
	struct bare b;

	NEED_BOCHS();
	b = on_intel("08/cpuid");
	EXPECT_STR(
		b.o.out,
		test_text("hypervisor 1\nvmmlab type1 40000000\nvmx 0\nsvm 0\nupper 00000000\n"
			  "odd 6c6d6d76\nodd 6c6d6d76\nodd 6c6d6d76\nodd 6c6d6d76\nodd 6c6d6d76\n"
			  "%08x\n",
			  (u32)b.o.nonce));
	b = on_intel("08/msr");
	EXPECT_STR(b.o.out,
		   test_text("00000000 00000500\n00000000 00000d00\n%08x\n", (u32)b.o.nonce));
	b = on_intel("08/calls");
	n = (b.o.nonce & 15) + 1;
	EXPECT_STR(b.o.out, test_text("who 0\ncpuids %02x\nno such call ffffffff\n", n));
	EXPECT_U64(bochs_exits(&b, BOCHS_VMCALL), 4);
	b = on_intel("08/segments");
	n = (u32)b.o.nonce ^ SEGMENTS_TURNED;
	EXPECT_STR(b.o.out, test_text("%08x %08x\n", n, n));
}

TEST("8.8", real_mode_where_it_cannot_be, 0, .seconds = 0.5)
{
	struct bare b;

	NEED_BOCHS();
	b = run_intel(.guest = "08/halt", .model = "corei5_lynnfield_750", .refused = true);
	CONTEXT("a CPU with EPT, whose guests cannot be unrestricted");
	EXPECT_CONTAINS(b.o.err, "hv: this CPU lacks a control that we need\n");
	EXPECT_U64(b.o.status, 1);
}

TEST("8.8", registers_outlive_intels_exit, 0, BOTH)
{
	struct bare b;

	NEED_BOCHS();
	b = on_intel("08/kept");
	CONTEXT("sixteen numbers in RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8 to R15 (bits 0 to "
		"15), "
		"and an exit: which are still there? (vmx_enter() loads and stores them)");
	EXPECT_STR(b.o.out, "kept ffff\n");
}

TEST("8.8", dr7_outlives_intels_exit, 0, BOTH)
{
	struct bare b;

	NEED_BOCHS();
	b = on_intel("08/dr7");
	CONTEXT("the guest has switched breakpoints on, and exits: is DR7 saved then, and loaded "
		"at "
		"the next entry? (vmx_init(), the controls)");
	EXPECT_STR(b.o.out, test_text("dr7 %08x\n", 0x400 | (u32)(b.o.nonce & 0xff)));
}

TEST("8.8", a_triple_fault_on_intel, 0, BOTH)
{
	struct bare b;

	NEED_BOCHS();
	b = on_intel("08/triple-fault");
	EXPECT_CONTAINS(b.o.err, "hv: the guest died of a triple fault\n");
	EXPECT_U64(b.o.status, 3);
}

TEST("8.8", pages_on_intel, 1, BOTH)
{
	struct bare b;
	unsigned n;

	NEED_BOCHS();
	b = on_intel("08/pages");
	n = (b.o.nonce & 7) + 1;
	EXPECT_STR(b.o.out, test_text("pages %02x\nagain 00\nlarge 01\nsum %08x\n"
				      "the hypervisor's own page\n",
				      n, (u32)(n * b.o.nonce)));
	EXPECT_TRUE(bochs_exits(&b, BOCHS_EPT) > n, "only %u EPT violations",
		    bochs_exits(&b, BOCHS_EPT));
}

TEST("8.8", violations_on_intel, 1, .seconds = 3)
{
	struct bare b;

	NEED_BOCHS();
	b = on_intel("08/beyond");
	EXPECT_CONTAINS(b.o.err, test_text("hv: the guest read from its physical address 0x%x: "
					   "nothing is there\n",
					   0x601000 + (u32)b.o.nonce % 0xfeff8));
	b = on_intel("08/rom");
	EXPECT_CONTAINS(b.o.err, test_text("hv: the guest wrote to its physical address 0x%x: "
					   "that is not allowed there\n",
					   0x600000 + (u32)(b.o.nonce & 0xff8)));
	b = on_intel("08/no-code");
	EXPECT_CONTAINS(b.o.err, "hv: the guest fetched an instruction from its physical address");
	b = on_intel("08/lost-table");
	EXPECT_CONTAINS(b.o.err, "hv: the guest's page tables lead to its physical address");
	EXPECT_U64(b.o.status, 3);
}

/* --- 8.9 --- */

TEST("8.9", events_go_into_intels_guests, 0, .seconds = 3)
{
	struct bare b;
	unsigned v;

	NEED_BOCHS();
	b = on_intel("08/window");
	v = 0x20 + (b.o.nonce & 7);
	EXPECT_STR(b.o.out, test_text("off 0\nbehind sti 1 vector %02x\nfirst %02x then %02x\n"
				      "woken %02x\n",
				      v, v + 8, v, v + 1));
	EXPECT_TRUE(bochs_exits(&b, BOCHS_WINDOW) > 0, "no exit for the window");
	b = on_intel("08/exceptions");
	EXPECT_STR(b.o.out, test_text("#GP %04x at 1\n#UD at 1\n#GP 0000 at 1\n",
				      (u32)(b.o.nonce & 0xfff8)));
	b = on_intel("08/nmi");
	EXPECT_STR(b.o.out, test_text("NMI\nopen\ninterrupt %02x\n", 0x30 + (u32)(b.o.nonce & 15)));
	b = on_intel("08/under-way");
	EXPECT_STR(b.o.out,
		   test_text("interrupts 1\n#GP %04x\nNMIs 1\n", (u32)(b.o.nonce & 0xfff8)));
}

TEST("8.9", what_an_instruction_made_comes_once, 0, BOTH)
{
	struct bare b;

	NEED_BOCHS();
	b = on_intel("08/under-way-int");
	CONTEXT("INT n, INT3, and INT n behind a prefix, each with its stack in a fresh page: how "
		"often does it come in, and does it return behind the instruction?");
	EXPECT_STR(b.o.out, "int 1 at 1\nint3 1 at 1\nlong int 1 at 1\n");
	EXPECT_U64(b.o.status, 0);
}

TEST("8.9", what_is_done_for_intels_guest_is_a_step, 0, BOTH)
{
	struct bare b;

	NEED_BOCHS();
	b = on_intel("08/step");
	EXPECT_STR(b.o.out, "steps 7, told 3\n");
	EXPECT_U64(b.o.status, 0);
}

TEST("8.9", interrupts_off_does_not_keep_intels_cpu, 1, BOTH)
{
	struct bare b;

	NEED_BOCHS();
	b = run_intel(.guest = "08/spin", .words = "ticks=5");
	CONTEXT("the guest clears IF and spins; Bochs holds the host's interrupts back then, but "
		"not the preemption timer. %s",
		bochs_words(&b));
	EXPECT_STR(b.o.out, "s");
	EXPECT_CONTAINS(b.o.err, "hv: the guest had its 5 ticks of the timer\n");
	EXPECT_TRUE(bochs_exits(&b, BOCHS_TIMER) >= 4, "%u exits by the preemption timer",
		    bochs_exits(&b, BOCHS_TIMER));
	EXPECT_U64(b.o.status, 124);
}

TEST("8.9", exits_do_not_keep_intels_cpu, 0, BOTH)
{
	struct bare b;

	NEED_BOCHS();
	b = run_intel(.guest = "08/busy", .words = "ticks=20");
	CONTEXT("the guest clears IF, and executes OUT all the time: the preemption timer begins "
		"anew at each entry. %s",
		bochs_words(&b));
	EXPECT_STR(b.o.out, "s");
	EXPECT_CONTAINS(b.o.err, "hv: the guest had its 20 ticks of the timer\n");
	EXPECT_U64(b.o.status, 124);
}

TEST("8.9", the_hosts_interrupts_are_its_own_on_intel, 1, BOTH)
{
	struct bare b;

	NEED_BOCHS();
	b = run_intel(.guest = "08/ticks", .words = "ticks=30000");
	CONTEXT("the guest has IF set, and a handler for the vector of the host's timer. %s",
		bochs_words(&b));
	EXPECT_STR(b.o.out, test_text("ticks have passed %08x\nstolen 0\n", (u32)b.o.nonce));
	EXPECT_TRUE(bochs_exits(&b, BOCHS_INTERRUPT) >= 3, "%u exits by interrupts",
		    bochs_exits(&b, BOCHS_INTERRUPT));
	EXPECT_U64(b.o.status, 0);
}

/* --- 8.11 --- */

TEST("8.11", one_port_less_exits_on_intel, 0, BOTH)
{
	struct bare all, some;
	unsigned n;

	NEED_BOCHS();
	all = run_intel(.guest = "08/delay");
	n = (all.o.nonce & 63) + 1;
	some = run_intel(.guest = "08/delay", .words = "open=0x80", .nonce = all.o.nonce);
	CONTEXT("the guest writes a byte to port 0x80 %u times, and two bytes to 0x7f and to 0x80. "
		"%s",
		n, bochs_words(&some));
	EXPECT_STR(some.o.out, test_text("%02x writes, %08x\n", n, (u32)all.o.nonce));
	EXPECT_STR(some.o.out, all.o.out);
	EXPECT_U64_AS("exits for I/O that are saved",
		      bochs_exits(&all, BOCHS_IO) - bochs_exits(&some, BOCHS_IO), n);
}

/* --- 8.10 --- */

/* How many VMCSs has the CPU been given? */
static unsigned vmcss(const struct bare *b)
{
	static const char word[] = "VMLAUNCH VMCS ptr: ";
	u64 seen[8] = { 0 };
	unsigned n = 0, i;

	for (const char *at = b->log; (at = strstr(at, word)); at++) {
		u64 address = strtoull(at + strlen(word), NULL, 16);

		for (i = 0; i < n && seen[i] != address; i++)
			;
		if (i == n && n < ARRAY_SIZE(seen))
			seen[n++] = address;
	}
	return n;
}

TEST("8.10", two_guests_in_turn_on_intel, 0, BOTH)
{
	unsigned long long n;
	struct bare b;

	NEED_BOCHS();
	b = run_intel(.guest = "08/two", .words = "guests=2 ticks=30000");
	n = b.o.nonce;
	CONTEXT("two guests, each with a number of its own, each preempted twice before it prints. "
		"%s",
		bochs_words(&b));
	EXPECT_CONTAINS(b.o.out, test_text("guest 0 %016llx\n", n));
	EXPECT_CONTAINS(b.o.out, test_text("guest 1 %016llx\n", n + 1));
	EXPECT_U64_AS("bytes printed", b.o.out_len, 2 * strlen("guest 0 0123456789abcdef\n"));
	EXPECT_STR(bare_said(&b), "");
	EXPECT_U64_AS("VMCSs that Bochs has seen", vmcss(&b), 2);
	EXPECT_U64_AS("VMLAUNCHes", bare_count(&b, "VMLAUNCH VMCS"), 2);
	EXPECT_U64(b.o.status, 0);
}

TEST("8.10", each_guest_has_its_own_cr2, 0, BOTH)
{
	static const char *const cpus[] = { NULL, "intel" };

	NEED_BOCHS();
	for (unsigned i = 0; i < ARRAY_SIZE(cpus); i++) {
		struct bare b = bare_run(&(struct bare_run){
			.guest = "08/cr2", .cpu = cpus[i], .words = "guests=2 ticks=30000" });

		CONTEXT("two guests on a CPU of %s, each with a number of its own in CR2",
			cpus[i] ? "Intel's" : "AMD's");
		EXPECT_STR(b.o.out, "kk");
		EXPECT_U64(b.o.status, 0);
	}
}

TEST("8.10", pages_change_places_on_intel, 1, BOTH)
{
	struct bare b;
	u32 n;

	NEED_BOCHS();
	b = on_intel("08/swap");
	n = (u32)b.o.nonce;
	EXPECT_STR(b.o.out, test_text("before %08x %08x\nafter %08x %08x\n", n, ~n, ~n, n));
}

TEST("8.10", pages_of_two_sizes_stay_where_they_are, 0, BOTH)
{
	struct bare b;

	NEED_BOCHS();
	b = on_intel("08/swap-sizes");
	CONTEXT("a page of 4 KiB shall change places with one of 2 MiB: at the large one's place "
		"it "
		"would be a table that the guest has written");
	EXPECT_STR(b.o.out, test_text("swap ffffffff\nlarge %08x\n", (u32)b.o.nonce));
	EXPECT_U64(b.o.status, 0);
}

// SPDX-License-Identifier: MIT
/* Tasks 3.6 and 3.7, as far as they need no guest: instructions, and the gates of handlers. */
#include <errno.h>

#include "fake_guest.h"
#include "nonce.h"
#include "verdicts.h"

/* --- 3.5 --- */

TEST("3.5", tables_that_lead_nowhere, 1)
{
	struct fake_guest g;
	struct shadow *s = fake_guest(&g);

	s->cpu.cr3 = 0x3000000000;
	g.trap.cr2 = 0x5000;
	CONTEXT("a page fault, and CR3 lies outside the guest's memory: that is its end, and no "
		"fault for its handler");
	EXPECT_V(shadow_page_fault(s), V_DEAD);
	EXPECT_V(run_verdict(&g.vm.run), V_DEAD);
	EXPECT_U64(s->stat.pf_guest, 0);
}

/* --- 3.6 --- */

/* An operand of LIDT in the guest's memory. */
static void put_operand(struct fake_guest *g, u64 gpa, u16 limit, u64 base)
{
	memcpy(g->memory.bytes + gpa, &limit, sizeof(limit));
	memcpy(g->memory.bytes + gpa + 2, &base, sizeof(base));
}

static void rsp_is_the_guests(void)
{
	const struct insn read_cr3 = { .kind = INSN_READ_CR, .len = 3, .cr = 3, .reg = RSP };
	const struct insn write_cr2 = { .kind = INSN_WRITE_CR, .len = 3, .cr = 2, .reg = RSP };
	struct insn lidt = { .kind = INSN_LIDT,
			     .len = 5,
			     .has_memory = true,
			     .base = RSP,
			     .index = -1,
			     .displacement = 16 };
	struct fake_guest g;
	struct shadow *s = fake_guest(&g);

	CONTEXT("mov %%cr3,%%rsp: the guest's RSP is .rsp; .reg[4] is the stub's");
	EXPECT_V(shadow_carry_out(s, &read_cr3), V_RESUME);
	EXPECT_U64(g.trap.rsp, GUEST_PML4);
	EXPECT_U64(g.trap.reg[RSP], STUBS_RSP);
	EXPECT_U64(g.trap.rip, GUEST_RIP + 3);
	g.trap.rsp = 0x7000;
	CONTEXT("mov %%rsp,%%cr2, where the guest's RSP is 0x7000 and the stub's 0x6000");
	EXPECT_V(shadow_carry_out(s, &write_cr2), V_RESUME);
	EXPECT_U64(s->cpu.cr2, 0x7000);
	put_operand(&g, 0x7010, 0x1ff, 0x123456789a);
	put_operand(&g, STUBS_RSP + 16, 0x777, 0x7777777777);
	CONTEXT("lidt 16(%%rsp), where the guest's RSP is 0x7000 and the stub's 0x6000");
	EXPECT_V(shadow_carry_out(s, &lidt), V_RESUME);
	EXPECT_U64(s->cpu.idt_limit, 0x1ff);
	EXPECT_U64(s->cpu.idt_base, 0x123456789a);
	lidt.kind = INSN_LGDT;
	CONTEXT("lgdt 16(%%rsp): the same");
	EXPECT_V(shadow_carry_out(s, &lidt), V_RESUME);
	EXPECT_U64(s->cpu.gdt_limit, 0x1ff);
	EXPECT_U64(s->cpu.gdt_base, 0x123456789a);
}

TEST("3.6", operands_of_privileged_instructions, 1)
{
	const struct insn rdmsr = { .kind = INSN_RDMSR, .len = 2 };
	const struct insn wrmsr = { .kind = INSN_WRMSR, .len = 2 };
	const u64 upper = nonce_random() << 32 | 1ULL << 63;
	const struct insn read_cr8 = { .kind = INSN_READ_CR, .len = 4, .cr = 8, .reg = RBX };
	struct fake_guest g;
	struct shadow *s = fake_guest(&g);

	rsp_is_the_guests();
	g.trap.reg[RBX] = UINT64_MAX;
	CONTEXT("mov %%cr8,%%rbx: nobody has an APIC here, and so it is 0");
	EXPECT_V(shadow_carry_out(s, &read_cr8), V_RESUME);
	EXPECT_U64(g.trap.reg[RBX], 0);
	g.trap.reg[RCX] = upper | MSR_EFER;
	g.trap.reg[RAX] = g.trap.reg[RDX] = UINT64_MAX;
	CONTEXT("rdmsr of EFER: the number is in ECX, whatever the upper half of RCX holds");
	EXPECT_V(shadow_carry_out(s, &rdmsr), V_RESUME);
	EXPECT_U64(g.trap.reg[RAX], EFER_LME | EFER_LMA);
	EXPECT_U64(g.trap.reg[RDX], 0);
	g.trap.reg[RAX] = upper | EFER_LME | EFER_LMA | EFER_NXE;
	g.trap.reg[RDX] = upper;
	CONTEXT("wrmsr of EFER: the value is EDX:EAX, whatever the upper halves hold");
	EXPECT_V(shadow_carry_out(s, &wrmsr), V_RESUME);
	EXPECT_U64(s->cpu.efer, EFER_LME | EFER_LMA | EFER_NXE);
}

static void expect_the_end(u64 cr0, const char *what)
{
	const struct insn insn = { .kind = INSN_WRITE_CR, .len = 3, .cr = 0, .reg = RBX };
	struct fake_guest g;
	struct shadow *s = fake_guest(&g);

	g.trap.reg[RBX] = cr0;
	CONTEXT("a write to CR0 without %s ends the run", what);
	EXPECT_V(shadow_carry_out(s, &insn), V_DEAD);
}

TEST("3.6", effects_of_privileged_instructions, 1)
{
	const struct insn wrmsr = { .kind = INSN_WRMSR, .len = 2 };
	const struct insn hlt = { .kind = INSN_HLT, .len = 1 };
	struct insn write_cr = { .kind = INSN_WRITE_CR, .len = 3, .reg = RBX };
	struct fake_guest g;
	struct shadow *s = fake_guest(&g);
	u64 counted;

	g.trap.reg[RCX] = MSR_EFER;
	g.trap.reg[RAX] = EFER_LME | EFER_LMA | EFER_NXE;
	CONTEXT("wrmsr of EFER changes what all walks say: a flush");
	EXPECT_V(shadow_carry_out(s, &wrmsr), V_RESUME);
	EXPECT_U64(g.flushes, 1);
	counted = s->stat.tlb_flush;
	CONTEXT("a write to CR0, and to CR4: a flush, and each counts as tlb_flush");
	g.trap.reg[RBX] = CR0_PG | CR0_WP | CR0_ET | CR0_PE;
	EXPECT_V(shadow_carry_out(s, &write_cr), V_RESUME);
	EXPECT_U64(g.flushes, 2);
	EXPECT_U64(s->cpu.cr0, CR0_PG | CR0_WP | CR0_ET | CR0_PE);
	write_cr.cr = 4;
	g.trap.reg[RBX] = CR4_PAE | CR4_SMEP;
	EXPECT_V(shadow_carry_out(s, &write_cr), V_RESUME);
	EXPECT_U64(g.flushes, 3);
	EXPECT_U64(s->stat.tlb_flush, counted + 2);
	EXPECT_U64(s->cpu.cr4, CR4_PAE | CR4_SMEP);
	CONTEXT("a write to CR3 is for shadow_load_cr3(), and counts, too; one to CR2 is neither");
	write_cr.cr = 3;
	EXPECT_V(shadow_carry_out(s, &write_cr), V_RESUME);
	write_cr.cr = 2;
	EXPECT_V(shadow_carry_out(s, &write_cr), V_RESUME);
	EXPECT_U64(g.loads, 1);
	EXPECT_U64(g.flushes, 3);
	EXPECT_U64(s->stat.tlb_flush, counted + 3);
	CONTEXT("what shadow_load_cr3() says is what comes of the instruction");
	write_cr.cr = 3;
	g.load_err = -ENOMEM;
	EXPECT_V(shadow_carry_out(s, &write_cr), V_ERROR);
	expect_the_end(CR0_ET | CR0_PE, "PG");
	expect_the_end(CR0_PG | CR0_ET, "PE");
	expect_the_end(CR0_ET, "both");
	g.trap.rip = GUEST_RIP;
	CONTEXT("hlt ends the run, and RIP is behind it");
	EXPECT_V(shadow_carry_out(s, &hlt), V_HALTED);
	EXPECT_U64(g.trap.rip, GUEST_RIP + 1);
}

/* Two devices that note what comes, at ports whose numbers end alike; each ends the run. */
struct port {
	struct device dev;
	unsigned calls, size;
	u64 off;
	u32 data;
};

static enum verdict port_io(struct device *dev, bool write, u64 off, void *data, unsigned size)
{
	struct port *port = container_of(dev, struct port, dev);

	port->calls++;
	port->size = size;
	port->off = off;
	if (write)
		memcpy(&port->data, data, size);
	else
		memset(data, 0xa5, size);
	return V_EXIT;
}

TEST("3.6", ports_by_number_and_in_dx, 1)
{
	static const u64 after_in[] = { 0x88776655443322a5, 0x887766554433a5a5, 0, 0xa5a5a5a5 };
	struct insn out = { .kind = INSN_OUT, .len = 2, .port = 0x34 };
	struct port low = { .dev.io = port_io }, high = { .dev.io = port_io };
	struct fake_guest g;
	struct shadow *s = fake_guest(&g);

	EXPECT_ERR(bus_add(&g.vm.pio, 0x34, 4, &low.dev), 0);
	EXPECT_ERR(bus_add(&g.vm.pio, 0x1234, 4, &high.dev), 0);
	for (unsigned size = 1; size <= 4; size *= 2) {
		const u32 mask = size == 4 ? UINT32_MAX : (1U << 8 * size) - 1;
		struct insn in = { .kind = INSN_IN, .len = 1, .size = size, .port_in_dx = true };

		out.size = size;
		g.trap.rip = GUEST_RIP;
		g.trap.reg[RAX] = 0x8877665544332211;
		g.trap.reg[RDX] = 0xffffffffffff1234;
		low.data = 0;
		CONTEXT("OUT of %u bytes to port 0x34; the device's verdict is the instruction's",
			size);
		EXPECT_V(shadow_carry_out(s, &out), V_EXIT);
		EXPECT_U64(low.size, size);
		EXPECT_U64(low.data, 0x44332211 & mask);
		EXPECT_U64(g.trap.rip, GUEST_RIP + 2);
		CONTEXT("IN of %u bytes from port DX, which is 0x1234", size);
		EXPECT_V(shadow_carry_out(s, &in), V_EXIT);
		EXPECT_U64(high.size, size);
		EXPECT_U64(high.off, 0);
		EXPECT_U64(g.trap.reg[RAX], after_in[size - 1]);
		EXPECT_U64(g.trap.rip, GUEST_RIP + 3);
	}
	EXPECT_U64(low.calls, 3);
	EXPECT_U64(high.calls, 3);
}

/* --- 3.7 --- */

#define GUEST_IDT  0x8000
#define HANDLER	   0x105014 /* of vector 14, */
#define HANDLER_DF 0x105008 /* and of vector 8 */
#define GATE_INT   0xe	    /* types of gates: SDM 3A, table 3-2 */
#define GATE_TRAP  0xf
#define FLAGS	   (RFLAGS_FIXED | RFLAGS_TF | RFLAGS_IF | RFLAGS_NT | RFLAGS_RF)

static void put_gate(struct fake_guest *g, unsigned vector, unsigned type, u64 handler)
{
	const u64 at = GUEST_IDT + 16 * vector;

	put_entry(&g->memory, at,
		  (handler & 0xffff) | 0x08 << 16 | (u64)type << 40 | 1ULL << 47 |
			  (handler >> 16 & 0xffff) << 48);
	put_entry(&g->memory, at + 8, handler >> 32);
}

/* What lies on the guest's stack, below 0x7000: words from below. */
static void expect_frame(struct fake_guest *g, const u64 *word, unsigned n)
{
	static const char *const what[] = { "error code", "RIP", "CS", "RFLAGS", "RSP", "SS" };

	EXPECT_U64(g->trap.rsp, 0x7000 - 8 * n);
	for (unsigned i = 0; i < n; i++) {
		u64 found = entry_at(&g->memory, 0x7000 - 8 * (n - i));

		EXPECT_TRUE(found == word[i], "%s on the stack is 0x%llx", what[6 - n + i],
			    (unsigned long long)found);
	}
	EXPECT_U64(g->trap.rflags, RFLAGS_FIXED | RFLAGS_IF);
}

/* The guest that is interrupted: an RSP that is not aligned, and all the flags that it loses. */
static struct shadow *interrupted(struct fake_guest *g, unsigned limit)
{
	struct shadow *s = fake_guest(g);

	g->trap.rsp = 0x7008;
	g->trap.cs = 0x23;
	g->trap.ss = 0x1b;
	g->trap.rflags = FLAGS;
	s->cpu.idt_base = GUEST_IDT;
	s->cpu.idt_limit = (u16)limit;
	put_gate(g, VECTOR_DF, GATE_INT, HANDLER_DF);
	return s;
}

TEST("3.7", gates_and_what_is_none, 1)
{
	static const struct {
		const char *what;
		unsigned type, limit;
		u64 handler;
		bool taken;
	} row[] = {
		{ "an interrupt gate, and the limit is its last byte", GATE_INT, 239, HANDLER,
		  true },
		{ "a trap gate", GATE_TRAP, 0xfff, HANDLER, true },
		{ "a handler in the upper half", GATE_INT, 0xfff, 0xffff800000105014, true },
		{ "the limit is one byte short of it", GATE_INT, 238, HANDLER, false },
		{ "a call gate", 0xc, 0xfff, HANDLER, false },
		{ "a task gate", 0x5, 0xfff, HANDLER, false },
		{ "an interrupt gate of 16 bits", 0x6, 0xfff, HANDLER, false },
		{ "a handler that is not canonical", GATE_INT, 0xfff, 0x800000000000, false },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(row); i++) {
		struct fake_guest g;
		struct shadow *s = interrupted(&g, row[i].limit);
		u64 frame[] = { row[i].taken ? 2 : 0, GUEST_RIP, 0x23, FLAGS, 0x7008, 0x1b };

		put_gate(&g, VECTOR_PF, row[i].type, row[i].handler);
		CONTEXT("the gate of #PF: %s; %s", row[i].what,
			row[i].taken ? "the guest goes on in its handler"
				     : "it is none, and that is a double fault, error code 0");
		EXPECT_V(shadow_reflect(s, VECTOR_PF, true, 2), V_RESUME);
		EXPECT_U64(g.trap.rip, row[i].taken ? row[i].handler : HANDLER_DF);
		expect_frame(&g, frame, 6);
	}
}

/* What task 3.6 hands on: instructions that are none of the guest's, and MSRs that nobody knows. */
static void expect_gp(struct insn insn, u64 error, const char *what)
{
	u64 frame[] = { error, GUEST_RIP, 0x23, FLAGS, 0x7008, 0x1b };
	struct fake_guest g;
	struct shadow *s = interrupted(&g, 0xfff);

	put_gate(&g, VECTOR_GP, GATE_INT, HANDLER);
	g.trap.error = 0x18;
	g.trap.reg[RCX] = MSR_EFER + 1;
	CONTEXT("%s: #GP with error code %llu, at that instruction", what,
		(unsigned long long)error);
	EXPECT_V(shadow_carry_out(s, &insn), V_RESUME);
	EXPECT_U64(g.trap.rip, HANDLER);
	expect_frame(&g, frame, 6);
}

/* What task 3.4 hands on: so many words on the stack, whatever the error code is. */
static void expect_words(unsigned vector, unsigned n, const char *what)
{
	u64 frame[] = { 0, GUEST_RIP, 0x23, FLAGS, 0x7008, 0x1b };
	struct fake_guest g;
	struct shadow *s = interrupted(&g, 0xfff);

	put_gate(&g, vector, GATE_INT, HANDLER);
	g.trap.vector = vector;
	CONTEXT("shadow_trap() with vector %u: %s", vector, what);
	EXPECT_V(shadow_trap(s), V_RESUME);
	expect_frame(&g, frame + 6 - n, n);
}

TEST("3.7", frames_on_the_stack, 1)
{
	const u64 frame[] = { GUEST_RIP, 0x23, FLAGS, 0x7008, 0x1b };
	struct fake_guest g;
	struct shadow *s = interrupted(&g, 0xfff);

	put_gate(&g, VECTOR_BP, GATE_TRAP, HANDLER);
	CONTEXT("an exception without an error code: five words on the guest's stack");
	EXPECT_V(shadow_reflect(s, VECTOR_BP, false, 0), V_RESUME);
	EXPECT_U64(g.trap.rip, HANDLER);
	expect_frame(&g, frame, 5);
	expect_words(6, 5, "#UD has no error code");
	expect_words(12, 6, "#SS has one, and here it is 0");
	expect_gp((struct insn){ .kind = INSN_OTHER, .len = 2 }, 0x18, "INSN_OTHER");
	expect_gp((struct insn){ .kind = INSN_RDMSR, .len = 2 }, 0, "RDMSR of another MSR");
	expect_gp((struct insn){ .kind = INSN_WRMSR, .len = 2 }, 0, "WRMSR of another MSR");
	s = interrupted(&g, 0);
	CONTEXT("neither a gate nor one for the double fault: the end, and nothing has changed");
	EXPECT_V(shadow_reflect(s, VECTOR_BP, false, 0), V_DEAD);
	EXPECT_STR(g.vm.run.cause, "triple fault: exception 3 at 0x100000 found no handler, and "
				   "neither did the double fault after it");
	EXPECT_U64(g.trap.rip, GUEST_RIP);
	EXPECT_U64(g.trap.rsp, 0x7008);
	EXPECT_U64(g.trap.rflags, FLAGS);
}

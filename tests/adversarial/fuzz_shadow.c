// SPDX-License-Identifier: MIT
/*
 * A fuzzer for the traps of shadow paging. A small CPU of our own walks the shadow tables, as a
 * real one would at CPL 3, and traps where they do not let it go on: page faults of accesses that
 * the input chooses, #GP of instructions that it writes, and all other exceptions. What the VMM
 * does then must hold in both directions: the guest gets what its own tables say, and never
 * anything else of the machine.
 */
#include <Zydis/Zydis.h>

#include "input.h"
#include "shadow_cache.h"
#include "vm.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#define FRAMES	  24 /* of the guest: RAM, */
#define ROM_FRAME 24 /* and one page of ROM behind it */
#define RAM_SIZE  (FRAMES * PAGE_SIZE_4K)
#define RAM_AT	  VMM_SIZE /* in the machine */
#define ROM_AT	  (VMM_SIZE + MiB(1))
#define STEPS_MAX 60

/* The guest's memory as it begins: guest-physical, and mapped to the same address. */
enum {
	PML4 = 0x1000,
	PDPT = 0x2000,
	PD = 0x3000,
	PT = 0x4000,
	CODE = 0x5000,
	IDT = 0x7000,
	STACK = 0x9000
};

struct machine {
	struct vm vm;
	struct vcpu vcpu;
	struct mmu mmu;
	struct shadow s;
	u32 frame[FRAMES + 1];
	u8 *pool; /* the VMM's own memory */
	u8 *ram, *rom;
	struct shadow_table *table;
};

/* --- the machine --- */

static void put(struct machine *m, u64 gpa, u64 value)
{
	must(!gmem_write(&m->mmu.guest, gpa, &value, 8));
}

static void guest_memory(struct machine *m)
{
	for (u64 i = 0; i <= FRAMES; i++)
		put(m, PT + 8 * i, i * PAGE_SIZE_4K | PTE_P | PTE_RW);
	put(m, PML4, PDPT | PTE_P | PTE_RW);
	put(m, PDPT, PD | PTE_P | PTE_RW);
	put(m, PDPT + 8, 0 | PTE_P | PTE_RW | PTE_PS);
	put(m, PD, PT | PTE_P | PTE_RW);
	put(m, PD + 8, 0 | PTE_P | PTE_RW | PTE_PS);
	for (u64 vector = 0; vector < 32; vector++)
		put(m, IDT + 16 * vector, (CODE + 16 * vector) | 8 << 16 | 0x8e00ULL << 32);
}

/* The shadow tables are made once; what the last input has left in them is cleared. */
static void clear_tables(struct machine *m)
{
	const u64 own = m->table[0].entry[VMM_SLOT];
	unsigned used = m->s.next > 3 ? m->s.next : 3;

	memset(m->table + 3, 0, (used - 3) * sizeof(*m->table));
	memset(m->pool + shadow_table_machine(3), 0, (used - 3) * PAGE_SIZE_4K);
	memset(m->table[0].entry, 0, PAGE_SIZE_4K);
	m->table[0].entry[VMM_SLOT] = own;
	memcpy(m->pool + shadow_table_machine(0), m->table[0].entry, PAGE_SIZE_4K);
}

static void begin(struct machine *m, u64 how)
{
	if (m->pool)
		clear_tables(m);
	else
		m->pool = calloc(1, VMM_SIZE);
	m->ram = calloc(1, RAM_SIZE);
	m->rom = calloc(1, PAGE_SIZE_4K);
	must(m->pool && m->ram && m->rom);
	m->vm = (struct vm){ .mem = { .slot = { { .gpa = 0, .size = VMM_SIZE, .hva = m->pool },
						{ .gpa = RAM_AT, .size = RAM_SIZE, .hva = m->ram },
						{ .gpa = ROM_AT,
						  .size = PAGE_SIZE_4K,
						  .hva = m->rom,
						  .readonly = true } },
				      .nslots = 3 } };
	m->vcpu = (struct vcpu){ .vm = &m->vm, .fd = -1 };
	m->s = (struct shadow){ .mmu = &m->mmu,
				.vcpu = &m->vcpu,
				.policy = how & 2 ? &shadow_cached : &shadow_plain };
	m->s.features = (struct paging){ .max_phys = 36, .page_1g = how & 1 };
	m->s.cpu = (struct virtual_cpu){ .cr0 = 0x80000011,
					 .cr3 = PML4,
					 .cr4 = 0x20,
					 .efer = 0xd00,
					 .idt_base = IDT,
					 .idt_limit = 32 * 16 - 1 };
	frames_permute(m->frame, FRAMES, RAM_AT / PAGE_SIZE_4K, how);
	m->frame[ROM_FRAME] = ROM_AT / PAGE_SIZE_4K;
	m->mmu = (struct mmu){ .shadow = &m->s };
	gmem_init(&m->mmu.guest, &m->vm.mem, m->frame, FRAMES + 1);
	m->s.trap = stub_frame(&m->vm.mem);
	m->s.mail = stub_mailbox(&m->vm.mem);
	if (!m->table) {
		must(!shadow_tables_init(&m->s));
		m->table = m->s.table;
	}
	m->s.table = m->table;
	guest_memory(m);
	must(!m->s.policy->start || !m->s.policy->start(&m->s, RAM_SIZE));
	m->s.mail->root = shadow_table_machine(0);
}

static void end(struct machine *m)
{
	cache_destroy(&m->s);
	free(m->ram);
	free(m->rom);
}

/* --- what must hold --- */

/* Where the CPU finds the tables, and what the VMM believes of them. */
static const u64 *table_at(const struct machine *m, u64 machine)
{
	unsigned t = (unsigned)((machine - STUB_POOL) / PAGE_SIZE_4K);

	must(machine >= STUB_POOL && machine < VMM_SIZE && machine % PAGE_SIZE_4K == 0);
	must(m->table[t].used);
	must(!memcmp(m->table[t].entry, m->pool + machine, PAGE_SIZE_4K));
	return (const u64 *)(const void *)(m->pool + machine);
}

/* No entry for CPL 3 leads to the VMM's memory, nor to any but the guest's. */
static void check_table(const struct machine *m, u64 machine, unsigned level)
{
	const u64 *table = table_at(m, machine);

	for (unsigned i = 0; i < TABLE_ENTRIES; i++) {
		u64 to = table[i] & PTE_ADDR;

		if (level == 4 && i == VMM_SLOT)
			must(table[i] == m->table[0].entry[VMM_SLOT] && !(table[i] & PTE_US));
		else if (!(table[i] & PTE_P))
			must(!table[i]);
		else if (level > 1)
			check_table(m, to, level - 1);
		else
			must((to >= RAM_AT && to < RAM_AT + RAM_SIZE) || to == ROM_AT ||
			     to >= HOLE_MACHINE);
	}
}

static void check_decoder(const struct machine *m, const u8 *code)
{
	ZydisDecodedOperand op[ZYDIS_MAX_OPERAND_COUNT];
	ZydisDecodedInstruction decoded;
	ZydisRegisterContext regs = { 0 };
	ZydisDecoder decoder;
	struct insn insn;
	u64 want;

	if (!insn_decode(&insn, code, INSN_MAX))
		return;
	must(insn.reg < 16 && insn.base >= -1 && insn.base <= INSN_RIP && insn.index >= -1 &&
	     insn.index < 16);
	ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	ZydisDecoderDecodeFull(&decoder, code, INSN_MAX, &decoded, op);
	for (unsigned i = 0; i < 16; i++) {
		regs.values[ZYDIS_REGISTER_RAX + i] = m->s.trap->reg[i];
		regs.values[ZYDIS_REGISTER_EAX + i] = (u32)m->s.trap->reg[i];
	}
	/* Zydis takes R13D where there is no base: see insn.c. */
	if (insn.kind == INSN_OTHER || !insn.has_memory || op[0].mem.base == ZYDIS_REGISTER_R13D ||
	    !ZYAN_SUCCESS(ZydisCalcAbsoluteAddressEx(&decoded, op, m->s.trap->rip, &regs, &want)))
		return;
	must(insn_address(&insn, m->s.trap->reg, m->s.trap->rip) == want);
}

/* --- the CPU --- */

/* The stub: a trap, the VMM's turn, and the stores that it has left in the mailbox. */
static enum verdict trap(struct machine *m, u64 vector, u64 error)
{
	struct trap_frame *f = m->s.trap;
	enum verdict verdict;

	f->vector = vector;
	f->error = error;
	f->cs = 0x23;
	f->ss = 0x1b;
	verdict = shadow_knock(&m->s);
	must(verdict != V_ERROR);
	if (verdict != V_RESUME)
		return verdict;
	must(m->s.mail->count <= MAILBOX_MAX && is_canonical(f->rip) && f->cs == 0x23);
	for (u64 i = 0; i < m->s.mail->count; i++) {
		u64 at = m->s.mail->store[i].gva - VMM_GVA;

		must(at >= STUB_POOL && at <= VMM_SIZE - 8);
		memcpy(m->pool + at, &m->s.mail->store[i].value, 8);
	}
	check_table(m, m->s.mail->root, 4);
	for (unsigned i = 0; i < PAGE_SIZE_4K; i++)
		must(!m->rom[i]);
	return V_RESUME;
}

/* Where the CPU goes by the shadow tables, or what its page fault says. */
static bool cpu_walk(const struct machine *m, u64 gva, u32 access, u64 *machine, u64 *error)
{
	u64 at = m->s.mail->root, all = PTE_RW | PTE_US, nx = 0, entry = 0;

	*error = PF_U | (access & ACCESS_WRITE ? PF_W : 0) | (access & ACCESS_FETCH ? PF_I : 0);
	for (unsigned level = 4; level >= 1; level--) {
		entry = table_at(m, at)[LEVEL_INDEX(gva, level)];
		if (!(entry & PTE_P))
			return false;
		all &= entry;
		nx |= entry & PTE_NX;
		if (!(all & PTE_US)) /* the VMM's own part */
			break;
		at = entry & PTE_ADDR;
	}
	*error |= PF_P;
	if (!(all & PTE_US) || ((access & ACCESS_WRITE) && !(all & PTE_RW)) ||
	    ((access & ACCESS_FETCH) && nx))
		return false;
	*machine = at | gva % PAGE_SIZE_4K;
	return true;
}

/* One access of the guest's. What the VMM has mended must be what the guest's own tables say. */
static enum verdict access_memory(struct machine *m, u64 gva, u32 access, u64 value)
{
	enum verdict verdict = V_RESUME;
	u64 machine, error, len = 8;
	struct paging p;
	struct walk w;
	void *to;

	gva &= ~7ULL;
	if (!is_canonical(gva))
		return trap(m, 13, 0);
	for (unsigned tries = 0; !cpu_walk(m, gva, access, &machine, &error); tries++) {
		u64 reflected = m->s.stat.pf_guest, rip = m->s.trap->rip;

		must(tries < 2); /* or the guest would never go on */
		m->s.trap->cr2 = gva;
		verdict = trap(m, 14, error);
		if (verdict != V_RESUME || m->s.stat.pf_guest != reflected)
			return verdict;
		must(m->s.trap->rip == rip);
		shadow_paging(&m->s, &p);
		must(!walk(&p, &m->mmu.guest.pm, gva, access, &w));
		must(cpu_walk(m, gva, access, &machine, &error));
		must(machine == (shadow_machine_page(&m->s, w.gpa) | gva % PAGE_SIZE_4K));
	}
	to = mem_span_write(&m->vm.mem, machine, &len);
	if (to && (access & ACCESS_WRITE))
		memcpy(to, &value, len);
	return verdict;
}

/* --- what the input says --- */

/* An address, or what a register might hold. */
static u64 take_value(struct input *in)
{
	static const u64 near[] = {
		0,	    PML4,
		PDPT,	    PD,
		PT,	    CODE,
		IDT,	    STACK,
		MiB(2),	    GiB(1),
		VMM_GVA,    0x7ffffffffff8,
		-8ULL,	    0x8000000000000000,
		0x80000011, 0xc0000080,
	};
	u64 how = take(in, 1);

	if (how == 0xff)
		return take(in, 8);
	return near[how % ARRAY_SIZE(near)] + (how & 0x80 ? take(in, 2) : 8 * (how >> 4));
}

static void take_registers(struct input *in, struct trap_frame *f)
{
	u64 which = take(in, 2);

	for (unsigned i = 0; i < 16; i++)
		if (which >> i & 1)
			f->reg[i] = take_value(in);
	f->rsp = which & 1 << 4 ? f->reg[4] : STACK + 0x800;
	f->reg[4] = f->rsp; /* the stub's own, which nobody may look at: here the same */
	f->rflags = 0x202 | (which & 1 ? 1 << 10 : 0) | (which & 2 ? 1 << 18 : 0);
}

/* An instruction that the input spells, somewhere on two pages. */
static enum verdict privileged(struct machine *m, struct input *in)
{
	u8 code[INSN_MAX] = { 0 };
	u64 at = CODE + take(in, 2) % (2 * PAGE_SIZE_4K - INSN_MAX), len = take(in, 1) % 16;

	for (u64 i = 0; i < len && i < INSN_MAX; i++)
		code[i] = (u8)take(in, 1);
	must(!gmem_write(&m->mmu.guest, at, code, INSN_MAX));
	take_registers(in, m->s.trap);
	m->s.trap->rip = at;
	check_decoder(m, code);
	return trap(m, 13, 0);
}

static enum verdict step(struct machine *m, struct input *in)
{
	u64 how = take(in, 1), at;

	switch (how % 8) {
	case 0: /* a store of the guest's into its tables */
		at = PML4 + take(in, 1) % 8 * PAGE_SIZE_4K;
		at += 8 * (how & 0x80 ? take(in, 2) % TABLE_ENTRIES : how >> 4);
		return access_memory(m, at, ACCESS_WRITE,
				     take_value(in) | (how & 8 ? PTE_P | PTE_RW : take(in, 1)));
	case 1:
		return access_memory(m, take_value(in), 0, 0);
	case 2:
		return access_memory(m, take_value(in), ACCESS_WRITE, take_value(in));
	case 3:
		return access_memory(m, take_value(in), ACCESS_FETCH, 0);
	case 4: /* any exception; a page fault need not be one of what the tables say */
		m->s.trap->cr2 = take_value(in);
		return trap(m, take(in, 1) % 32, take(in, 1));
	default:
		return privileged(m, in);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct machine m;
	struct input in = { data, size };
	enum verdict verdict = V_RESUME;

	begin(&m, take(&in, 1));
	for (unsigned i = 0; in.left && i < STEPS_MAX && verdict == V_RESUME; i++)
		verdict = step(&m, &in);
	end(&m);
	return 0;
}

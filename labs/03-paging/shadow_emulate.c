// SPDX-License-Identifier: MIT
#include <string.h>

#include "shadow.h"
#include "todo.h"
#include "x86.h"

/* What the guest's CPU knows of these. (Not SMAP: the guest sets AC by POPF, which does not trap.)
 */
#define CR4_KNOWN  (0xfff | CR4_SMEP) /* VME to UMIP; SMEP */
#define EFER_KNOWN (EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE)

/* What one instruction may do at most before the VMM looks at signals again. */
#define STRING_MAX 512

static u64 *reg(struct shadow *s, unsigned n)
{
	return n == RSP ? &s->trap->rsp : &s->trap->reg[n];
}

/* For the obituary. */
static void note_io(struct shadow *s, u16 port, bool write, const void *data, unsigned size)
{
	struct past_trap *now = shadow_now(s);

	now->io.port = port;
	now->io.write = write;
	now->io.size = (u8)size;
	now->io.data = 0;
	memcpy(&now->io.data, data, min_u64(size, sizeof(now->io.data)));
}

/* The guest's own accesses never reach the stub's port. */
enum verdict shadow_port_io(struct shadow *s, u16 port, bool write, void *data, unsigned size)
{
	enum verdict verdict = V_RESUME;

	if (port == TRAP_PORT && size == 1) {
		memset(data, 0xff, size);
		return V_RESUME;
	}
	if (port <= TRAP_PORT && TRAP_PORT < port + size) {
		for (unsigned i = 0; i < size && verdict == V_RESUME; i++)
			verdict = shadow_port_io(s, port + i, write, (u8 *)data + i, 1);
		return verdict;
	}
	verdict = bus_io(&s->vcpu->vm->pio, port, write, data, size);
	note_io(s, port, write, data, size);
	return verdict;
}

/* INS and OUTS: RCX elements, each at RDI or RSI, which move on, or back if DF is set. */
enum verdict shadow_string_io(struct shadow *s, const struct insn *insn, u16 port)
{
	bool write = insn->kind == INSN_OUT;
	const u64 mask = insn->address32 ? UINT32_MAX : UINT64_MAX;
	const u64 step = s->trap->rflags & RFLAGS_DF ? -(u64)insn->size : insn->size;
	u64 *at = reg(s, write ? RSI : RDI), *rcx = reg(s, RCX), n = insn->rep ? *rcx & mask : 1;
	enum verdict verdict = V_RESUME;

	for (unsigned i = 0; n && verdict == V_RESUME; i++) {
		u64 data = 0;
		struct walk w;
		int err;

		if (i == STRING_MAX)
			return V_RESUME; /* the same instruction again, with what is left */
		/* INS looks first whether it may write: what was read from a port is gone. */
		err = shadow_copy(s, *at & mask, write ? &data : NULL, insn->size,
				  write ? 0 : ACCESS_WRITE, &w);
		if (!err)
			verdict = shadow_port_io(s, port, write, &data, insn->size);
		if (!err && !write)
			err = shadow_copy(s, *at & mask, &data, insn->size, ACCESS_WRITE, &w);
		if (err)
			return shadow_copy_failed(s, err, &w);
		*at = (*at + step) & mask;
		n--;
		if (insn->rep)
			*rcx = n;
	}
	s->trap->rip += insn->len;
	return verdict;
}

/* [book:3.6] */
/* TASK 3.6 */
#if SOL >= 306
static enum verdict next_instruction(struct shadow *s, const struct insn *insn)
{
	s->trap->rip += insn->len;
	return V_RESUME;
}

static void flush(struct shadow *s)
{
	s->stat.tlb_flush++;
	shadow_flush(s);
}

static enum verdict read_cr(struct shadow *s, const struct insn *insn)
{
	const u64 value[] = { s->cpu.cr0, 0, s->cpu.cr2, s->cpu.cr3, s->cpu.cr4 };

	*reg(s, insn->reg) = insn->cr < 5 ? value[insn->cr] : 0;
	return next_instruction(s, insn);
}

static enum verdict write_cr(struct shadow *s, const struct insn *insn)
{
	u64 value = *reg(s, insn->reg);

	switch (insn->cr) {
	case 0:
		if (~value & (CR0_PG | CR0_PE))
			return shadow_dead(
				s, "it leaves 64-bit mode, which shadow paging here does not "
				   "follow");
		s->cpu.cr0 = value;
		flush(s);
		break;
	case 2:
		s->cpu.cr2 = value;
		break;
	case 3:
		s->stat.tlb_flush++;
		s->trap->rip += insn->len;
		return shadow_load_cr3(s, value);
	case 4:
		s->cpu.cr4 = value;
		flush(s);
		break;
	default:
		break;
	}
	return next_instruction(s, insn);
}

static enum verdict access_msr(struct shadow *s, const struct insn *insn)
{
	u64 *rax = reg(s, RAX), *rdx = reg(s, RDX);

	if ((u32)*reg(s, RCX) != MSR_EFER)
		return shadow_reflect(s, VECTOR_GP, true, 0);
	if (insn->kind == INSN_RDMSR) {
		*rax = (u32)s->cpu.efer;
		*rdx = s->cpu.efer >> 32;
	} else {
		s->cpu.efer = (u32)*rax | *rdx << 32;
		flush(s);
	}
	return next_instruction(s, insn);
}

/* LIDT and LGDT: two bytes of limit, eight of base. */
static enum verdict load_table(struct shadow *s, const struct insn *insn, u64 address)
{
	u8 operand[10];
	struct walk w;
	int err = shadow_copy(s, address, operand, sizeof(operand), 0, &w);

	if (err)
		return shadow_copy_failed(s, err, &w);
	if (insn->kind == INSN_LIDT) {
		memcpy(&s->cpu.idt_limit, operand, 2);
		memcpy(&s->cpu.idt_base, operand + 2, 8);
	} else {
		memcpy(&s->cpu.gdt_limit, operand, 2);
		memcpy(&s->cpu.gdt_base, operand + 2, 8);
	}
	return next_instruction(s, insn);
}

static enum verdict in_out(struct shadow *s, const struct insn *insn)
{
	u16 port = insn->port_in_dx ? (u16)*reg(s, RDX) : insn->port;
	u64 *rax = reg(s, RAX), data = *rax;
	enum verdict verdict;

	if (insn->string)
		return shadow_string_io(s, insn, port);
	verdict = shadow_port_io(s, port, insn->kind == INSN_OUT, &data, insn->size);
	if (insn->kind == INSN_IN)
		memcpy(rax, &data, insn->size);
	if (insn->kind == INSN_IN && insn->size == 4)
		*rax = (u32)*rax; /* a 32-bit register clears the upper half */
	s->trap->rip += insn->len;
	return verdict;
}

#endif

enum verdict shadow_carry_out(struct shadow *s, const struct insn *insn)
{
	/* TASK 3.6 */
#if SOL >= 306
	u64 regs[16], address;

	memcpy(regs, s->trap->reg, sizeof(regs));
	regs[RSP] = s->trap->rsp;
	address = insn_address(insn, regs, s->trap->rip);
	switch (insn->kind) {
	case INSN_READ_CR:
		return read_cr(s, insn);
	case INSN_WRITE_CR:
		return write_cr(s, insn);
	case INSN_INVLPG:
		s->stat.invlpg++;
		shadow_drop_page(s, address);
		return next_instruction(s, insn);
	case INSN_LIDT:
	case INSN_LGDT:
		return load_table(s, insn, address);
	case INSN_HLT:
		s->trap->rip += insn->len;
		return V_HALTED;
	case INSN_IN:
	case INSN_OUT:
		return in_out(s, insn);
	case INSN_RDMSR:
	case INSN_WRMSR:
		return access_msr(s, insn);
	case INSN_NO_EFFECT:
		return next_instruction(s, insn);
	default:
		return shadow_reflect(s, VECTOR_GP, true, (u32)s->trap->error);
	}
#else
	return (TODO("3.6"), V_ERROR);
#endif
}
/* [book:end] */

/* What a CPU would refuse with #GP(0): SDM 2, MOV to control registers and WRMSR. */
static bool is_refused(struct shadow *s, const struct insn *insn)
{
	u64 value = *reg(s, insn->reg);
	struct paging p;

	if (insn->kind == INSN_WRMSR && (u32)*reg(s, RCX) == MSR_EFER) {
		value = (u32)*reg(s, RAX) | *reg(s, RDX) << 32;
		return (value & ~EFER_KNOWN) || !(value & EFER_LME);
	}
	if (insn->kind != INSN_WRITE_CR)
		return false;
	switch (insn->cr) {
	case 0:
		return value >> 32 || ((value & CR0_NW) && !(value & CR0_CD));
	case 3:
		shadow_paging(s, &p);
		return value >> p.max_phys;
	case 4:
		return (value & ~CR4_KNOWN) || !(value & CR4_PAE);
	case 8:
		return value > 15;
	default:
		return false;
	}
}

enum verdict shadow_general_protection(struct shadow *s)
{
	u8 code[INSN_MAX] = { 0 };
	u64 len = INSN_MAX;
	struct insn insn;
	struct walk w;
	int err;

	if (s->trap->error) /* a selector's */
		return shadow_reflect(s, VECTOR_GP, true, (u32)s->trap->error);
	err = shadow_copy(s, s->trap->rip, code, len, ACCESS_FETCH, &w);
	if (err) /* the next page need not be there, if the instruction ends before */
		len = w.gva - s->trap->rip;
	if (insn_decode(&insn, code, len) && !is_refused(s, &insn))
		return insn.kind >= INSN_SGDT ? shadow_hole(s, &insn) : shadow_carry_out(s, &insn);
	return err ? shadow_copy_failed(s, err, &w) : shadow_reflect(s, VECTOR_GP, true, 0);
}

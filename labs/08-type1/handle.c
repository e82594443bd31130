// SPDX-License-Identifier: MIT
#include "handle.h"

#include <string.h>

#include "cpu_insn.h"
#include "memory.h"
#include "host_pic.h"
#include "say.h"
#include "todo.h"
#include "x86.h"

/* [book:8.3io] */
/* TASK 8.3 */
#if SOL >= 803
/* The low bytes of a register, as an instruction of that size changes it. */
static u64 part(u64 old, u64 value, unsigned size)
{
	u64 mask = (1ULL << 8 * size) - 1;

	return size == 4 ? value & mask : (old & ~mask) | (value & mask);
}

static enum verdict port_out(struct running *r, const struct exit_io *io, u32 value)
{
	if (io->port == PORT_CONSOLE)
		print_guest(&value, io->size);
	if (io->port != PORT_EXIT)
		return V_RESUME;
	r->status = (u8)value;
	return V_EXIT;
}

/* Bytes of RSI, RDI and RCX that a string instruction uses. */
static unsigned address_size(const struct view *v)
{
	return v->code64 ? 8 : v->code32 ? 4 : 2;
}

static u64 low(u64 value, unsigned bytes)
{
	return bytes == 8 ? value : value & ((1ULL << 8 * bytes) - 1);
}

static u64 put_low(u64 old, u64 value, unsigned bytes)
{
	return bytes == 8 ? value : part(old, value, bytes);
}

static enum verdict string_io(struct running *r, const struct exit *exit)
{
	const struct exit_io *io = &exit->io;
	struct regs *regs = &r->guest.regs;
	const struct view *v = &r->guest.view;
	unsigned bytes = address_size(v);
	u64 *index = io->in ? &regs->rdi : &regs->rsi, base = io->in ? v->es_base : v->ds_base;
	u64 step = regs->rflags & RFLAGS_DF ? -(u64)io->size : io->size;
	u64 count = io->rep ? low(regs->rcx, bytes) : 1;
	u64 end = count > STRING_MAX ? count - STRING_MAX : 0;
	enum verdict verdict = V_RESUME;

	for (; count > end && verdict == V_RESUME; count--) {
		u64 linear = (v->code64 ? 0 : base) + low(*index, bytes);
		u32 value = ~0u;

		if (io->in ? memory_write(&r->guest, linear, &value, io->size)
			   : memory_read(&r->guest, linear, &value, io->size)) {
			print("hv: a string instruction at RIP 0x%lx: no memory at 0x%lx\n",
			      regs->rip, linear);
			return V_DEAD;
		}
		if (!io->in)
			verdict = port_out(r, io, value);
		*index = put_low(*index, *index + step, bytes);
		if (io->rep)
			regs->rcx = put_low(regs->rcx, count - 1, bytes);
	}
	if (count == 0 || verdict == V_EXIT)
		regs->rip += exit->length;
	return verdict;
}
#endif

enum verdict handle_io(struct running *r, const struct exit *exit)
{
	/* TASK 8.3 */
#if SOL >= 803
	struct regs *regs = &r->guest.regs;
	const struct exit_io *io = &exit->io;
	enum verdict verdict = V_RESUME;

	if (io->string)
		return string_io(r, exit);
	if (io->in)
		regs->rax = part(regs->rax, ~0ULL, io->size);
	else
		verdict = port_out(r, io, (u32)regs->rax);
	regs->rip += exit->length;
	return verdict;
#else
	return (TODO("8.3"), V_DEAD);
#endif
}
/* [book:end] */

/* [book:8.3cpuid] */
enum verdict handle_cpuid(struct running *r, const struct exit *exit)
{
	/* TASK 8.3 */
#if SOL >= 803
	struct regs *regs = &r->guest.regs;
	u32 leaf = (u32)regs->rax;
	struct cpuid c = cpuid(leaf, (u32)regs->rcx);

	if (leaf == 1)
		c.ecx = (c.ecx | 1u << 31) & ~(1u << 5);
	else if (leaf == 0x80000001)
		c.ecx &= ~(1u << 2);
	else if (leaf == 0x8000000a)
		c = (struct cpuid){ 0 };
	if (leaf == HANDLE_LEAF) {
		c.eax = HANDLE_LEAF;
		memcpy(&c.ebx, HANDLE_SIGNATURE, 4);
		memcpy(&c.ecx, &HANDLE_SIGNATURE[4], 4);
		memcpy(&c.edx, &HANDLE_SIGNATURE[8], 4);
	}
	regs->rax = c.eax;
	regs->rbx = c.ebx;
	regs->rcx = c.ecx;
	regs->rdx = c.edx;
	regs->rip += exit->length;
	return V_RESUME;
#else
	return (TODO("8.3"), V_DEAD);
#endif
}
/* [book:end] */

/* [book:8.3msr] */
enum verdict handle_msr(struct running *r, const struct exit *exit)
{
	/* TASK 8.3 */
#if SOL >= 803
	const u64 free = EFER_SCE | EFER_NXE | (r->guest.view.cr0 & CR0_PG ? 0 : EFER_LME);
	struct regs *regs = &r->guest.regs;
	u64 *efer = &r->guest.view.efer, value = (u32)regs->rax | regs->rdx << 32;

	if ((u32)regs->rcx != MSR_EFER || (exit->cause == EXIT_WRMSR && (value ^ *efer) & ~free)) {
		pending_exception(&r->pending, VECTOR_GP, true, 0);
		return V_RESUME;
	}
	if (exit->cause == EXIT_WRMSR) {
		*efer = value;
	} else {
		regs->rax = (u32)*efer;
		regs->rdx = *efer >> 32;
	}
	regs->rip += exit->length;
	return V_RESUME;
#else
	return (TODO("8.3"), V_DEAD);
#endif
}
/* [book:end] */

// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include "shadow.h"
#include "todo.h"
#include "x86.h"

/* [book:3.7] */
/* TASK 3.7 */
#if SOL >= 307
/* The guest's gate for a vector: SDM 3A, 6.14.1. Returns the handler, or 0 if there is none. */
static u64 handler_of(struct shadow *s, unsigned vector)
{
	u64 gate[2];
	struct walk w;

	if (16 * vector + 15 > s->cpu.idt_limit ||
	    shadow_copy(s, s->cpu.idt_base + 16 * vector, gate, sizeof(gate), 0, &w))
		return 0;
	if (!(gate[0] >> 47 & 1) || (gate[0] >> 40 & 0x1e) != 0xe) /* present; interrupt or trap */
		return 0;
	return (gate[0] & 0xffff) | (gate[0] >> 32 & 0xffff0000) | gate[1] << 32;
}

/* What the CPU pushes, but with the selectors that the guest really has: its IRETQ takes them. */
static int push_frame(struct shadow *s, bool has_error, u32 error)
{
	u64 frame[6] = { error,		  s->trap->rip, s->trap->cs,
			 s->trap->rflags, s->trap->rsp, s->trap->ss };
	u64 size = has_error ? 48 : 40, rsp = (s->trap->rsp & ~15ULL) - size;
	struct walk w;

	/* All of it or nothing: it may lie across two pages. */
	if (shadow_copy(s, rsp, NULL, size, ACCESS_WRITE, &w) ||
	    shadow_copy(s, rsp, frame + !has_error, size, ACCESS_WRITE, &w))
		return -EFAULT;
	s->trap->rsp = rsp;
	return 0;
}

static int deliver(struct shadow *s, unsigned vector, bool has_error, u32 error)
{
	u64 handler = handler_of(s, vector);

	if (!handler || !is_canonical(handler) || push_frame(s, has_error, error))
		return -EFAULT;
	s->trap->rip = handler;
	s->trap->rflags &= ~(RFLAGS_TF | RFLAGS_NT | RFLAGS_RF);
	return 0;
}

#endif

/* If it cannot be delivered there is a double fault; if not even that, the machine is at its end.
 */
enum verdict shadow_reflect(struct shadow *s, unsigned vector, bool has_error, u32 error)
{
	/* TASK 3.7 */
#if SOL >= 307
	if (!deliver(s, vector, has_error, error) || !deliver(s, VECTOR_DF, true, 0))
		return V_RESUME;
	return shadow_dead(
		s,
		"triple fault: exception %u at 0x%llx found no handler, and neither did the "
		"double fault after it",
		vector, (unsigned long long)s->trap->rip);
#else
	return (TODO("3.7"), V_ERROR);
#endif
}

enum verdict shadow_reflect_page_fault(struct shadow *s, u64 cr2, u32 error)
{
	/* TASK 3.7 */
#if SOL >= 307
	s->stat.pf_guest++;
	s->cpu.cr2 = cr2;
	return shadow_reflect(s, VECTOR_PF, true, error);
#else
	return (TODO("3.7"), V_ERROR);
#endif
}
/* [book:end] */

enum verdict shadow_copy_failed(struct shadow *s, int err, const struct walk *w)
{
	if (err == -EACCES)
		return shadow_reflect_page_fault(s, w->gva, w->error);
	if (err == -ERANGE) /* no address */
		return shadow_reflect(s, VECTOR_GP, true, 0);
	return shadow_dead(s, "its page tables lead outside its memory: 0x%llx, from CR3 0x%llx",
			   (unsigned long long)w->gva, (unsigned long long)s->cpu.cr3);
}

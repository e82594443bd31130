// SPDX-License-Identifier: MIT
/* The run loop's one turn: handle(). */
#include <errno.h>

#include "handle.h"
#include "memory.h"
#include "host_pic.h"
#include "say.h"
#include "x86.h"

static enum verdict halted(struct running *r, const struct exit *exit)
{
	bool interrupts = r->guest.regs.rflags & RFLAGS_IF;

	r->guest.regs.rip += exit->length;
	if (r->guest.regs.rflags & RFLAGS_TF)
		return V_RESUME; /* the step's #DB wakes it */
	return pending_is_idle(&r->pending, interrupts) ? V_HALTED : V_RESUME;
}

static enum verdict touched(struct running *r, const struct exit *exit)
{
	int err = memory_touched(&r->guest, &exit->memory);

	if (!err)
		return V_RESUME;
	if (err != -ENOSYS)
		memory_explain(&r->guest, &exit->memory);
	return V_DEAD;
}

/* The host's timer may have ticked while the guest ran, or when it had exited for another reason.
 */
static enum verdict ticked(struct running *r)
{
	u64 now = timer_ticks();

	r->ticks += now - r->tick;
	r->tick = now;
	return r->tick_limit && r->ticks >= r->tick_limit ? V_TIMEOUT : V_RESUME;
}

static enum verdict died(const struct running *r, const struct exit *exit)
{
	if (exit->cause == EXIT_SHUTDOWN)
		print("hv: the guest died of a triple fault\n");
	else if (exit->cause != EXIT_REFUSED)
		print("hv: an exit of nobody's: 0x%lx, at the guest's RIP 0x%lx\n", exit->raw,
		      r->guest.regs.rip);
	return V_DEAD;
}

static enum verdict dispatch(struct running *r, const struct exit *exit)
{
	switch (exit->cause) {
	case EXIT_HLT:
		return halted(r, exit);
	case EXIT_IO:
		return handle_io(r, exit);
	case EXIT_CPUID:
		return handle_cpuid(r, exit);
	case EXIT_RDMSR:
	case EXIT_WRMSR:
		return handle_msr(r, exit);
	case EXIT_HYPERCALL:
		return handle_call(r, exit);
	case EXIT_MEMORY:
		return touched(r, exit);
	case EXIT_EXCEPTION:
		r->pending.exception = exit->event;
		return V_RESUME;
	case EXIT_WINDOW:
	case EXIT_INTERRUPT:
	case EXIT_TIMER:
		return V_RESUME;
	default:
		return died(r, exit);
	}
}

/*
 * INT n, INT3, INTO: RIP is still at the instruction, so the guest does it again by itself. As an
 * event it would come twice: only the CPU knows how long the instruction was, and where to return.
 * (INT1, too, on Intel's CPU; AMD's does not tell it from another #DB.)
 */
static bool comes_by_itself(const struct event *e)
{
	return e->type == EVENT_SOFTWARE ||
	       (e->type == EVENT_EXCEPTION && (e->vector == VECTOR_BP || e->vector == VECTOR_OF));
}

/*
 * Of a guest that goes step by step (RFLAGS.TF): an instruction that was done for it here is a step
 * as well, of which its CPU knows nothing. (With an exception of its own it has not come so far.)
 */
static void step(struct running *r, u64 rip_before)
{
	const struct regs *regs = &r->guest.regs;

	if (!(regs->rflags & RFLAGS_TF) || regs->rip == rip_before || r->pending.exception.type)
		return;
	pending_exception(&r->pending, VECTOR_DB, false, 0);
	r->guest.step = true;
}

enum verdict handle(struct running *r)
{
	struct exit exit = { .cause = EXIT_OTHER };
	enum verdict verdict;
	u64 rip;
	int err = pending_deliver(&r->pending, r->hv, &r->guest);

	r->tick = timer_ticks();
	if (!err)
		err = r->hv->run(&r->guest, &exit);
	if (err) {
		if (err != -ENOSYS)
			print("hv: the guest cannot run: error %d\n", -err);
		return V_DEAD;
	}
	r->exits[exit.cause]++;
	if (exit.under_way.type && !comes_by_itself(&exit.under_way))
		r->pending.again = exit.under_way;
	rip = r->guest.regs.rip;
	verdict = dispatch(r, &exit);
	step(r, rip);
	return verdict == V_RESUME ? ticked(r) : verdict;
}

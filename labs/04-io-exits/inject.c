// SPDX-License-Identifier: MIT
#include "inject.h"

#include <errno.h>
#include <sys/ioctl.h>

#include "kick.h"
#include "shadow.h"
#include "todo.h"
#include "trace.h"

/* [book:4.4] */
int inject_interrupt(struct inject *in)
{
	/* TASK 4.4 */
#if SOL >= 404
	struct kvm_run *run = in->vcpu->run;

	if (pics_pending(in->pics) && run->ready_for_interrupt_injection && run->if_flag) {
		struct kvm_interrupt irq = { .irq = pics_ack(in->pics) };

		if (ioctl(in->vcpu->fd, KVM_INTERRUPT, &irq) < 0)
			return -errno;
		/* What KVM said of the CPU was good for this one. */
		run->ready_for_interrupt_injection = 0;
	}
	return pics_pending(in->pics);
#else
	return 0; /* there are no interrupts yet */
#endif
}

/* Has KVM an NMI for the CPU that wakes it, whatever IF is? api.rst 4.31. */
static bool nmi_waits(const struct vcpu *vcpu)
{
	struct kvm_vcpu_events events;

	if (ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, &events) < 0)
		return false;
	return events.nmi.injected || (events.nmi.pending && !events.nmi.masked);
}

enum verdict exit_hlt_wait(struct vcpu *vcpu, void *ctx)
{
	struct inject *in = ctx;

	if (nmi_waits(vcpu))
		return V_RESUME;
	if (!vcpu->run->if_flag || !in->pics) {
		return V_HALTED;
	}
	/* TASK 4.4 */
#if SOL >= 404
	sigset_t mask;

	inject_wait_begin(in, &mask);
	while (!pics_pending(in->pics) && !run_is_over(&vcpu->vm->run))
		inject_wait_sleep(in, &mask);
	inject_wait_end(in, &mask);
	return run_verdict(&vcpu->vm->run);
#else
	return (TODO("4.4"), V_ERROR);
#endif
}
/* [book:end] */

/* [book:4.5] */
int inject_window(struct inject *in, bool waiting)
{
	/* TASK 4.5 */
#if SOL >= 405
	in->vcpu->run->request_interrupt_window = waiting;
	return 0;
#else
	return waiting ? TODO("4.5") : 0;
#endif
}

enum verdict exit_irq_window(struct vcpu *vcpu, void *ctx)
{
	/* TASK 4.5 */
#if SOL >= 405
	return V_RESUME;
#else
	return (TODO("4.5"), V_ERROR);
#endif
}
/* [book:end] */

void inject_wait_begin(struct inject *in, sigset_t *mask)
{
	sigset_t wakes;

	sigemptyset(&wakes);
	sigaddset(&wakes, SIG_KICK);
	sigaddset(&wakes, SIG_TIME_LIMIT);
	pthread_sigmask(SIG_BLOCK, &wakes, mask);
	pics_lock(in->pics);
}

void inject_wait_sleep(struct inject *in, const sigset_t *mask)
{
	pics_unlock(in->pics);
	sigsuspend(mask);
	/* Its handler has asked to leave KVM_RUN, too. That is over; the signal is blocked again,
	 * so what it came for is seen by whoever looks now. */
	__atomic_store_n(&in->vcpu->run->immediate_exit, 0, __ATOMIC_SEQ_CST);
	pics_lock(in->pics);
}

void inject_wait_end(struct inject *in, const sigset_t *mask)
{
	pics_unlock(in->pics);
	pthread_sigmask(SIG_SETMASK, mask, NULL);
}

/* [book:4.9] */
int inject_nmi(struct vcpu *vcpu)
{
	/* TASK 4.9 */
#if SOL >= 409
	return ioctl(vcpu->fd, KVM_NMI) < 0 ? -errno : 0;
#else
	return TODO("4.9");
#endif
}

int inject_exception(struct vcpu *vcpu, u8 vector, u32 error_code)
{
	/* TASK 4.9 */
#if SOL >= 409
	struct kvm_vcpu_events events;

	if (vector > 31 || (vector >= 2 && vector <= 4))
		return -EINVAL;
	if (ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, &events) < 0)
		return -errno;
	/* The CPU takes one event at an entry: an interrupt that came along would be lost. */
	vcpu->run->ready_for_interrupt_injection = 0;
	events.exception.injected = 1;
	events.exception.nr = vector;
	events.exception.has_error_code = trap_has_error(vector);
	events.exception.error_code = error_code;
	return ioctl(vcpu->fd, KVM_SET_VCPU_EVENTS, &events) < 0 ? -errno : 0;
#else
	return TODO("4.9");
#endif
}
/* [book:end] */

/* For --trace: which one was it? KVM has it now, for the next entry (api.rst 4.31). */
static void trace_injection(struct inject *in)
{
	struct kvm_vcpu_events events;

	pics_trace(in->pics);
	if (trace_mine && ioctl(in->vcpu->fd, KVM_GET_VCPU_EVENTS, &events) == 0 &&
	    events.interrupt.injected)
		trace_note(TRACE_INJECT, .a = events.interrupt.nr);
}

/* [book:prepare] */
static enum verdict prepare(struct vcpu *vcpu, void *ctx)
{
	struct inject *in = ctx;
	bool ready = vcpu->run->ready_for_interrupt_injection;
	int waiting;

	if (!in->pics)
		return V_RESUME;
	pics_lock(in->pics);
	waiting = inject_interrupt(in);
	if (ready && !vcpu->run->ready_for_interrupt_injection)
		trace_injection(in);
	pics_unlock(in->pics);
	/* Was there one for the guest, and was it free to take it? */
	ready &= waiting > 0 || !vcpu->run->ready_for_interrupt_injection;
	if (ready && in->nesting.possible)
		nesting_tell(&in->nesting, vcpu);
	if (waiting >= 0 && inject_window(in, waiting) == 0)
		return V_RESUME;
	return run_end(&vcpu->vm->run, V_ERROR, 0, "KVM did not take the interrupt");
}
/* [book:end] */

int inject_init(struct inject *in, struct vcpu *vcpu, struct pics *pics)
{
	*in = (struct inject){ .vcpu = vcpu, .pics = pics };
	if (pics)
		nesting_init(&in->nesting, vcpu);
	vcpu_on_exit(vcpu, KVM_EXIT_HLT, exit_hlt_wait, in);
	vcpu_on_exit(vcpu, KVM_EXIT_IRQ_WINDOW_OPEN, exit_irq_window, in);
	return hook_add(vcpu->before, prepare, in);
}

/* SPDX-License-Identifier: MIT */
/*
 * Tasks 4.4, 4.5 and 4.9: events for the CPU that are not its own doing: interrupts, NMIs,
 * exceptions. All on the vCPU's own thread, between two entries.
 */
#ifndef INJECT_H
#define INJECT_H

#include <signal.h>

#include "nesting.h"
#include "pic.h"
#include "vcpu.h"

struct inject {
	struct vcpu *vcpu;
	struct pics *pics; /* NULL with --irqchip=kernel: there KVM does all of it */
	struct nesting nesting;
};

/*
 * Given: sign up for what happens before each entry, for KVM_EXIT_HLT instead of lab 02, and for
 * KVM_EXIT_IRQ_WINDOW_OPEN; each with in as its ctx. 0, or what hook_add() says.
 */
int inject_init(struct inject *in, struct vcpu *vcpu, struct pics *pics);

/*
 * [task 4.4] If the controller has a request and the CPU can take an interrupt now, acknowledge the
 * one (pics_ack()) and give the other the vector: KVM_INTERRUPT (api.rst 4.16). It can if KVM said
 * so at the last exit: run->ready_for_interrupt_injection, and the guest's own run->if_flag
 * (api.rst 5). What was said is good for one interrupt. The controller's lock is held.
 *
 * Returns 1 if there is a request that has to wait, 0 if there is none, or a negative errno.
 */
int inject_interrupt(struct inject *in);

/*
 * [task 4.4] HLT with interrupts on stops the CPU until something wakes it: wait until the
 * controller has a request, or the run is over. Returns what run_verdict() says then (run.h).
 *
 * Given: an NMI that KVM still has for the CPU wakes it at once. Else, with interrupts off nothing
 * can wake it, as in lab 02.
 */
exit_fn exit_hlt_wait;

/*
 * [task 4.5] A request that has to wait should not wait until an exit happens to come.
 * run->request_interrupt_window (api.rst 5) asks for KVM_EXIT_IRQ_WINDOW_OPEN as soon as the guest
 * can take it: when IF is 1, and one instruction after STI or MOV SS (SDM 6.8.1, 6.8.3). Ask only
 * while something is waiting: the window of a guest with IF = 1 is open all the time.
 *
 * Returns 0 or a negative errno.
 */
int inject_window(struct inject *in, bool waiting);

/* [task 4.5] The exit that was asked for: there is nothing to do but to go on. */
exit_fn exit_irq_window;

/*
 * Given: sleep until a kick arrives, or the time limit. From begin to end the controller's lock is
 * held, but for the sleep. A kick that has come since inject_wait_begin() counts, so there is no
 * gap between looking and sleeping:
 *
 *	begin; while (nothing has come) sleep; end
 *
 * The kick that ends the sleep is used up: it does not interrupt the next KVM_RUN as well.
 */
void inject_wait_begin(struct inject *in, sigset_t *mask);
void inject_wait_sleep(struct inject *in, const sigset_t *mask);
void inject_wait_end(struct inject *in, const sigset_t *mask);

/*
 * [task 4.9] A non-maskable interrupt: KVM_NMI (api.rst 4.64). KVM keeps it until the CPU can take
 * it; of many that come at once, only one is kept besides the one that is being handled
 * (SDM 6.7.1). Returns 0 or a negative errno.
 */
int inject_nmi(struct vcpu *vcpu);

/*
 * [task 4.9] An exception, before the guest's next instruction: KVM_GET_VCPU_EVENTS, then
 * KVM_SET_VCPU_EVENTS with exception.injected (api.rst 4.31, 4.32). Those that have an error code
 * (SDM 6.13; trap_has_error() of lab 03, if you have written it) get this one, all 32 bits of it; 0
 * is one, too. At one entry the CPU takes one event: so it is not ready for an interrupt any more,
 * and run->ready_for_interrupt_injection has to say so.
 *
 * Returns 0; or what KVM says; or -EINVAL for what is no such exception: above 31; 2, which is the
 * NMI; 3 and 4, which INT3 and INTO cause (the CPU would have to know the instruction's length).
 */
int inject_exception(struct vcpu *vcpu, u8 vector, u32 error_code);

#endif

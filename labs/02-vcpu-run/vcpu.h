/* SPDX-License-Identifier: MIT */
#ifndef VCPU_H
#define VCPU_H

#include <linux/kvm.h>
#include <pthread.h>
#include <time.h>

#include "recorder.h"
#include "verdict.h"
#include "vm.h"

#define EXIT_REASONS 64 /* KVM_EXIT_* are numbers below this */

#define VCPU_HOOKS_MAX 4

struct vcpu;

/*
 * What to do about one exit, whose details are in vcpu->run; or before each entry, or after each
 * exit. ctx is what it was signed up with.
 */
typedef enum verdict exit_fn(struct vcpu *vcpu, void *ctx);

struct hook {
	exit_fn *fn; /* NULL: nobody has signed up */
	void *ctx;
};

struct vcpu {
	struct vm *vm;
	unsigned id; /* its number, from 0 on */
	int fd;
	struct kvm_run
		*run;	 /* the page that KVM and we share (api.rst 5, "The kvm_run structure") */
	size_t run_size; /* bytes mapped at run */
	struct recorder *rec;		    /* notes every exit */
	struct hook on_exit[EXIT_REASONS];  /* who handles it: vcpu_on_exit() */
	struct hook before[VCPU_HOOKS_MAX]; /* before each entry: hook_add() */
	struct hook after[VCPU_HOOKS_MAX];  /* after each KVM_RUN, before its exit is handled */
	/* For messages, as in struct witness: what the guest believes its registers to be. */
	void (*guest_view)(void *ctx, struct kvm_regs *regs, struct kvm_sregs *sregs);
	bool (*exit_view)(void *ctx, u64 i, char *text, size_t size);
	void *guest_view_ctx;
	pthread_t thread; /* the thread that calls vcpu_run() */
	timer_t timer;	  /* of the time limit, if has_timer */
	bool has_timer;
};

/*
 * [task 2.3] Make the vCPU with this number in the VM, map its kvm_run page, and give it the CPUID
 * that this KVM supports.
 *
 * api.rst 4.7 KVM_CREATE_VCPU; 4.5 KVM_GET_VCPU_MMAP_SIZE (on kvm_fd); 4.46
 * KVM_GET_SUPPORTED_CPUID (on kvm_fd; E2BIG: the array was too small; there are up to 256 entries
 * so far); 4.20 KVM_SET_CPUID2.
 * Without a CPUID that offers long mode, the guest may not set EFER.LME.
 *
 * Fills fd, run and run_size. Returns 0 or a negative errno. (Given: vm, id, thread (the caller's),
 * and vm->run.vcpu[id]; -EINVAL for a number that has no room there.)
 */
int vcpu_init(struct vcpu *vcpu, struct vm *vm, unsigned id);

/*
 * Given: from now on fn handles the exits with this reason (KVM_EXIT_*). The last one who asks for
 * a reason has it; an exit that is nobody's ends the run with V_DEAD.
 */
void vcpu_on_exit(struct vcpu *vcpu, u32 reason, exit_fn *fn, void *ctx);

/*
 * Given: from now on fn is called, too, behind those that are in vcpu->before or vcpu->after
 * already. All but V_RESUME ends the run. 0, or -ENOSPC.
 */
int hook_add(struct hook *list, exit_fn *fn, void *ctx);

/*
 * [task 2.4] Enter the guest once: KVM_RUN (api.rst 4.10). Returns 0 when the guest has come out
 * with a reason in vcpu->run->exit_reason, or the negative errno of the ioctl.
 */
int vcpu_enter(struct vcpu *vcpu);

/*
 * [task 2.5] Run the guest until an exit's verdict is something else than V_RESUME, and return
 * that verdict.
 */
enum verdict vcpu_run(struct vcpu *vcpu);

/*
 * [task 2.9] KVM_RUN has failed with err (negative): what now? A signal that has come (-EINTR) or
 * -EAGAIN means: as run_verdict() says, again or not (run.h). All else is V_ERROR.
 * Clears run->immediate_exit, which would otherwise interrupt each KVM_RUN from now on.
 */
enum verdict vcpu_interrupted(struct vcpu *vcpu, int err);

void vcpu_destroy(struct vcpu *vcpu);

#endif

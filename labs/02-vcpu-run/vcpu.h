/* SPDX-License-Identifier: MIT */
#ifndef VCPU_H
#define VCPU_H

#include <linux/kvm.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "recorder.h"
#include "verdict.h"
#include "vm.h"

#define EXIT_REASONS 64 /* KVM_EXIT_* are numbers below this */

struct inject;
struct vcpu;

/* What to do about one exit; it finds the details in vcpu->run. */
typedef enum verdict exit_fn(struct vcpu *vcpu);

struct vcpu {
	struct vm *vm;
	int fd;
	struct kvm_run
		*run;	 /* the page that KVM and we share (api.rst 5, "The kvm_run structure") */
	size_t run_size; /* bytes mapped at run */
	struct recorder *rec;		/* notes every exit */
	exit_fn *on_exit[EXIT_REASONS]; /* filled by main, io_init() and so on; NULL: nobody's */
	exit_fn *prepare;      /* lab 04: before each entry; NULL: there is nothing to do */
	exit_fn *collect;      /* lab 04: after each KVM_RUN, before its exit is handled; or NULL */
	struct inject *inject; /* lab 04: what prepare works on, or NULL */
	struct kvm_coalesced_mmio_ring *ring; /* lab 04: what collect works on, or NULL */
	int status;	   /* V_EXIT: the byte that the guest wrote to port 0xf4 */
	const char *cause; /* V_DEAD, V_ERROR: why, where the last exit does not tell; or NULL */
	/* For messages, as in struct witness: what the guest believes its registers to be. */
	void (*guest_view)(void *ctx, struct kvm_regs *regs, struct kvm_sregs *sregs);
	void *guest_view_ctx;
	pthread_t thread; /* the thread that calls vcpu_run() */
	timer_t timer;	  /* of the time limit, if has_timer */
	bool has_timer;
	volatile sig_atomic_t timed_out; /* set by the signal handler of kick.c */
};

/*
 * [task 2.3] Make vCPU 0 of the VM, map its kvm_run page, and give it the CPUID that this KVM
 * supports.
 *
 * api.rst 4.7 KVM_CREATE_VCPU; 4.5 KVM_GET_VCPU_MMAP_SIZE (on kvm_fd); 4.46
 * KVM_GET_SUPPORTED_CPUID (on kvm_fd; E2BIG: the array was too small); 4.20 KVM_SET_CPUID2.
 * Without a CPUID that offers long mode, the guest may not set EFER.LME.
 *
 * Fills vm, fd, run, run_size and thread (the caller's). Returns 0 or a negative errno.
 */
int vcpu_init(struct vcpu *vcpu, struct vm *vm);

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
 * -EAGAIN means: again, unless the time limit is over (V_TIMEOUT). All else is V_ERROR.
 * Clears run->immediate_exit, which would otherwise interrupt each KVM_RUN from now on.
 */
enum verdict vcpu_interrupted(struct vcpu *vcpu, int err);

void vcpu_destroy(struct vcpu *vcpu);

#endif

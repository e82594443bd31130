/* SPDX-License-Identifier: MIT */
#ifndef KICK_H
#define KICK_H

#include <signal.h>

#include "vcpu.h"

/*
 * Getting a vCPU out of KVM_RUN from outside: a signal makes KVM_RUN answer EINTR. But a signal
 * that comes just before KVM_RUN would be gone by the time the guest is entered, so the handler
 * also sets run->immediate_exit, which makes the next KVM_RUN return at once (api.rst 5,
 * "immediate_exit"). The signal carries the vCPU as its value, hence no global variable.
 *
 * The time limit does the same, and ends the run. These are two messages, so there are two signals,
 * and each handler says one thing. Anybody may send either: a handler asks who did (si_code).
 */
#define SIG_KICK       SIGUSR1
#define SIG_TIME_LIMIT SIGUSR2

/*
 * [task 2.9] Install the handlers of both, which you write too. That of SIG_TIME_LIMIT ends the
 * run: run_end() with V_TIMEOUT (run.h). A signal that is neither a kick of this process nor the
 * timer's changes nothing, and its value is not looked at. (SA_RESTART or not is free: KVM_RUN ends
 * all the same, and what is given here goes on after EINTR.) 0 or a negative errno.
 */
int kick_init(void);

/*
 * [task 2.9] Bring the vCPU out of KVM_RUN as soon as possible, or keep it from getting in; from
 * any thread. vcpu_run() goes on by itself if nothing else has changed.
 */
void vcpu_kick(struct vcpu *vcpu);

/*
 * [task 2.9] Start the time limit: after ms milliseconds of real time, SIG_TIME_LIMIT is sent to
 * the thread that calls this, which is vcpu->thread, and the run ends with V_TIMEOUT. 0: no limit.
 * (timer_create(2), SIGEV_THREAD_ID: it wants the kernel's number of that thread, gettid(2); a
 * pthread_t is none.) Returns 0 or a negative errno. vcpu_destroy() stops the timer.
 */
int timeout_start(struct vcpu *vcpu, unsigned ms);

#endif

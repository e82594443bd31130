// SPDX-License-Identifier: MIT
#include <errno.h>
#include <unistd.h>

#include "kick.h"
#include "todo.h"

/* Older C libraries leave out the name that timer_create(2) uses. */
#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

/* [book:2.9] */
/* TASK 2.9 */
#if SOL >= 209
/* Both run on the vCPU's own thread. Anybody may send such signals: only ours carry a vCPU. */
static void on_kick(int sig, siginfo_t *info, void *context)
{
	struct vcpu *vcpu = info->si_value.sival_ptr;

	if (info->si_code != SI_QUEUE || info->si_pid != getpid())
		return;
	__atomic_store_n(&vcpu->run->immediate_exit, 1, __ATOMIC_SEQ_CST);
}

static void on_time_limit(int sig, siginfo_t *info, void *context)
{
	struct vcpu *vcpu = info->si_value.sival_ptr;

	if (info->si_code != SI_TIMER)
		return;
	run_end(&vcpu->vm->run, V_TIMEOUT, 0, NULL);
	__atomic_store_n(&vcpu->run->immediate_exit, 1, __ATOMIC_SEQ_CST);
}

/* SA_RESTART: KVM_RUN ends all the same (api.rst 4.10), but no write() of ours is cut short. */
static int install(int sig, void (*handler)(int sig, siginfo_t *info, void *context))
{
	struct sigaction sa = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_RESTART };

	return sigaction(sig, &sa, NULL) < 0 ? -errno : 0;
}
#endif

int kick_init(void)
{
	/* TASK 2.9 */
#if SOL >= 209
	int err = install(SIG_KICK, on_kick);

	return err ? err : install(SIG_TIME_LIMIT, on_time_limit);
#else
	return TODO("2.9");
#endif
}

void vcpu_kick(struct vcpu *vcpu)
{
	/* TASK 2.9 */
#if SOL >= 209
	pthread_sigqueue(vcpu->thread, SIG_KICK, (union sigval){ .sival_ptr = vcpu });
#else
	TODO("2.9");
#endif
}

int timeout_start(struct vcpu *vcpu, unsigned ms)
{
	/* TASK 2.9 */
#if SOL >= 209
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD_ID,
		.sigev_signo = SIG_TIME_LIMIT,
		.sigev_value.sival_ptr = vcpu,
		.sigev_notify_thread_id = gettid(),
	};
	struct itimerspec when = {
		.it_value.tv_sec = ms / 1000,
		.it_value.tv_nsec = ms % 1000 * 1000000L,
	};

	if (ms == 0)
		return 0;
	if (timer_create(CLOCK_MONOTONIC, &event, &vcpu->timer) < 0)
		return -errno;
	vcpu->has_timer = true;
	return timer_settime(vcpu->timer, 0, &when, NULL) < 0 ? -errno : 0;
#else
	return ms ? TODO("2.9") : 0;
#endif
}
/* [book:end] */

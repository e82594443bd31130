// SPDX-License-Identifier: MIT
/* Task 2.9: which thread a kick and the time limit reach, and what happens in between. */
#include <errno.h>
#include <sched.h>
#include <sys/mman.h>
#include <time.h>

#include "kick.h"
#include "test.h"
#include "verdicts.h"

static struct vm vm;
static struct vcpu vcpu;

/* A vCPU of this thread, with a page of its own. */
static void begin(void)
{
	vm.run = (struct run){ .verdict = V_RESUME };
	vcpu = (struct vcpu){ .vm = &vm, .fd = -1, .thread = pthread_self() };
	vcpu.run = mmap(NULL, PAGE_SIZE_4K, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			0);
	if (vcpu.run == MAP_FAILED)
		test_error("no memory");
	EXPECT_ERR(kick_init(), 0);
}

static void set_mask(int how, int sig)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	pthread_sigmask(how, &set, NULL);
}

/* Does the signal wait for this thread, or for any? */
static bool is_pending(int sig)
{
	sigset_t set;

	sigpending(&set);
	return sigismember(&set, sig) == 1;
}

static void *kick(void *for_anybody)
{
	vcpu_kick(&vcpu);
	*(bool *)for_anybody = is_pending(SIG_KICK);
	return NULL;
}

TEST("2.9", a_kick_is_for_its_thread, 1)
{
	bool for_anybody = false;
	pthread_t thread;

	begin();
	set_mask(SIG_BLOCK, SIG_KICK);
	if (pthread_create(&thread, NULL, kick, &for_anybody))
		test_error("no thread");
	pthread_join(thread, NULL);
	CONTEXT("another thread kicks the vCPU, with the signal blocked: it waits for the vCPU's "
		"thread, and for no other");
	EXPECT_TRUE(is_pending(SIG_KICK), "it does not wait for the vCPU's thread");
	EXPECT_TRUE(!for_anybody, "it waits for the other thread, too");
	EXPECT_U64(vcpu.run->immediate_exit, 0);
	set_mask(SIG_UNBLOCK, SIG_KICK);
	EXPECT_U64(vcpu.run->immediate_exit, 1);
}

/* A thread that starts the time limit, and waits until it is over; and what came of it. */
struct starter {
	int err;
	bool came, over, seen;
};

static void *start_limit(void *arg)
{
	const struct timespec nap = { .tv_nsec = 20000000 };
	struct starter *s = arg;

	vcpu.thread = pthread_self();
	s->err = timeout_start(&vcpu, 20);
	for (unsigned i = 0; i < 50 && !s->err && !is_pending(SIG_TIME_LIMIT); i++)
		nanosleep(&nap, NULL);
	s->came = is_pending(SIG_TIME_LIMIT);
	__atomic_store_n(&s->over, true, __ATOMIC_SEQ_CST);
	while (!__atomic_load_n(&s->seen, __ATOMIC_SEQ_CST))
		sched_yield();
	return NULL;
}

TEST("2.9", a_limit_is_for_its_thread, 1)
{
	struct starter s = { 0 };
	pthread_t thread;
	bool for_anybody;

	begin();
	set_mask(SIG_BLOCK, SIG_TIME_LIMIT);
	if (pthread_create(&thread, NULL, start_limit, &s))
		test_error("no thread");
	while (!__atomic_load_n(&s.over, __ATOMIC_SEQ_CST))
		sched_yield();
	for_anybody = is_pending(SIG_TIME_LIMIT);
	__atomic_store_n(&s.seen, true, __ATOMIC_SEQ_CST);
	pthread_join(thread, NULL);
	CONTEXT("the vCPU's thread starts a time limit of 20 ms, with the signal blocked: it waits "
		"for that thread, and for no other");
	EXPECT_ERR(s.err, 0);
	EXPECT_TRUE(s.came, "it does not wait for the vCPU's thread, which has slept for a second");
	EXPECT_TRUE(!for_anybody, "it waits for the other thread, too");
}

TEST("2.9", a_limit_of_real_time, 0)
{
	const struct timespec nap = { .tv_nsec = 20000000 };

	begin();
	EXPECT_ERR(timeout_start(&vcpu, 20), 0);
	for (unsigned i = 0; i < 50 && !run_is_over(&vm.run); i++)
		nanosleep(&nap, NULL);
	CONTEXT("a time limit of 20 ms, and the thread sleeps all the time");
	EXPECT_V(run_verdict(&vm.run), V_TIMEOUT);
	EXPECT_U64(vcpu.run->immediate_exit, 1);
}

/* The page could not be written, since it was read-only: the time limit is over at this moment. */
static void limit_is_over(int sig, siginfo_t *info, void *context)
{
	run_end(&vm.run, V_TIMEOUT, 0, NULL);
	mprotect(vcpu.run, PAGE_SIZE_4K, PROT_READ | PROT_WRITE);
}

TEST("2.9", a_limit_while_the_kick_is_cleared, 1, .traps = true)
{
	struct sigaction sa = { .sa_sigaction = limit_is_over, .sa_flags = SA_SIGINFO };

	begin();
	vcpu.run->immediate_exit = 1;
	sigaction(SIGSEGV, &sa, NULL);
	if (mprotect(vcpu.run, PAGE_SIZE_4K, PROT_READ))
		test_error("the page cannot be made read-only");
	CONTEXT("the time limit is over at the moment at which vcpu_interrupted() clears "
		"immediate_exit: it sees that, since nothing else will stop KVM_RUN any more");
	EXPECT_V(vcpu_interrupted(&vcpu, -EINTR), V_TIMEOUT);
	EXPECT_U64(vcpu.run->immediate_exit, 0);
}

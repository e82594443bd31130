// SPDX-License-Identifier: MIT
/* Who is called before an entry, and with what; and the end of a run. Without KVM. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <unistd.h>

#include "console.h"
#include "kick.h"
#include "test.h"
#include "vcpu.h"
#include "verdicts.h"

struct note {
	unsigned *calls, seen; /* calls of all so far; and when this one came */
	enum verdict verdict;
};

static enum verdict note(struct vcpu *vcpu, void *ctx)
{
	struct note *n = ctx;

	n->seen = ++*n->calls;
	return n->verdict;
}

TEST("-", hooks_are_called_in_their_order, 0)
{
	struct vm vm = { .lock = PTHREAD_MUTEX_INITIALIZER };
	struct vcpu vcpu = { .vm = &vm, .fd = -1 };
	struct note n[VCPU_HOOKS_MAX];
	unsigned calls = 0;

	for (unsigned i = 0; i < VCPU_HOOKS_MAX; i++) {
		n[i] = (struct note){ .calls = &calls, .verdict = i == 2 ? V_EXIT : V_RESUME };
		EXPECT_ERR(hook_add(vcpu.before, note, &n[i]), 0);
	}
	CONTEXT("%d hooks, each with a context of its own; the third ends the run", VCPU_HOOKS_MAX);
	EXPECT_V(vcpu_run(&vcpu), V_EXIT);
	for (unsigned i = 0; i < VCPU_HOOKS_MAX; i++)
		EXPECT_U64(n[i].seen, i < 3 ? i + 1 : 0);
	CONTEXT("the list is full");
	EXPECT_ERR(hook_add(vcpu.before, note, &n[0]), -ENOSPC);
	EXPECT_ERR(hook_add(vcpu.after, note, &n[0]), 0);
}

/* A vCPU on a thread of its own, which waits for a kick. */
struct other {
	struct vcpu vcpu;
	struct kvm_run page;
	bool ready;
};

static void *wait_for_kick(void *arg)
{
	struct other *o = arg;

	o->vcpu.thread = pthread_self();
	__atomic_store_n(&o->ready, true, __ATOMIC_SEQ_CST);
	while (!__atomic_load_n(&o->page.immediate_exit, __ATOMIC_SEQ_CST))
		sched_yield();
	return NULL;
}

TEST("-", the_end_kicks_every_other_vcpu, 0)
{
	struct kvm_run page = { .immediate_exit = 0 };
	struct other other[RUN_VCPUS_MAX - 1] = { 0 };
	pthread_t thread[RUN_VCPUS_MAX - 1];
	struct vm vm = { .fd = -1 };
	struct vcpu vcpu = { .vm = &vm, .run = &page, .thread = pthread_self() };

	if (kick_init())
		SKIP("task 2.9 comes first");
	vm.run.vcpu[2] = &vcpu;
	for (unsigned i = 0; i < RUN_VCPUS_MAX - 1; i++) {
		other[i].vcpu = (struct vcpu){ .vm = &vm, .run = &other[i].page };
		vm.run.vcpu[i < 2 ? i : i + 1] = &other[i].vcpu;
		if (pthread_create(&thread[i], NULL, wait_for_kick, &other[i]))
			test_error("no thread");
		while (!__atomic_load_n(&other[i].ready, __ATOMIC_SEQ_CST))
			sched_yield();
	}
	CONTEXT("%d vCPUs, each on its own thread; the one of this thread ends the run",
		RUN_VCPUS_MAX);
	EXPECT_TRUE(!run_is_over(&vm.run));
	EXPECT_V(run_end(&vm.run, V_DEAD, 0, "a reason"), V_DEAD);
	EXPECT_TRUE(run_is_over(&vm.run));
	for (unsigned i = 0; i < RUN_VCPUS_MAX - 1; i++)
		pthread_join(thread[i], NULL);
	EXPECT_STR(vm.run.cause, "a reason");
	EXPECT_U64(page.immediate_exit, 0);
}

/* A device that ends the run, and has nothing to return. */
static enum verdict end_it(struct vcpu *vcpu, void *ctx)
{
	run_end(&vcpu->vm->run, V_ERROR, 0, NULL);
	return V_RESUME;
}

TEST("-", an_end_amid_an_exit, 0)
{
	struct vm vm = { .lock = PTHREAD_MUTEX_INITIALIZER };
	struct vcpu vcpu = { .vm = &vm, .fd = -1, .thread = pthread_self() };

	EXPECT_ERR(hook_add(vcpu.before, end_it, NULL), 0);
	CONTEXT("what is called before the entry ends the run: there is no entry");
	EXPECT_V(vcpu_run(&vcpu), V_ERROR);
}

/* --- a byte that nobody reads --- */

struct printer {
	struct run run;
	struct bus pio;
	struct console console;
	pthread_mutex_t lock;
};

static void *print(void *arg)
{
	struct printer *p = arg;
	u8 byte = 'x';

	device_io(&p->console.dev, true, 0, &byte, 1);
	return NULL;
}

/* Standard output is a full pipe. Returns the other end; *before is what it was. */
static int fill_stdout(int *before)
{
	int ends[2];

	if (pipe2(ends, O_NONBLOCK))
		test_error("no pipe");
	while (write(ends[1], "0123456789abcdef", 16) == 16)
		;
	*before = dup(STDOUT_FILENO);
	dup2(ends[1], STDOUT_FILENO);
	return ends[0];
}

/* Does the lock get free while the printer waits? It looks for a reader each 100 ms. */
static bool lock_is_let_go(struct printer *p)
{
	for (unsigned ms = 0; ms < 1000; ms++) {
		if (pthread_mutex_trylock(&p->lock) == 0) {
			pthread_mutex_unlock(&p->lock);
			if (ms > 50) /* the printer has begun by now */
				return true;
		}
		poll(NULL, 0, 1);
	}
	return false;
}

TEST("-", a_byte_that_waits_holds_nobody_up, 0)
{
	struct printer p = { .lock = PTHREAD_MUTEX_INITIALIZER, .pio.lock = &p.lock };
	char rest[65536];
	pthread_t thread;
	int before, end;
	bool free;

	EXPECT_ERR(console_init(&p.console, &p.pio, &p.run), 0);
	end = fill_stdout(&before);
	if (pthread_create(&thread, NULL, print, &p))
		test_error("no thread");
	free = lock_is_let_go(&p);
	while (read(end, rest, sizeof(rest)) > 0)
		;
	pthread_join(thread, NULL);
	dup2(before, STDOUT_FILENO);
	CONTEXT("a byte to port 0xe9, while standard output is a full pipe");
	EXPECT_TRUE(free, "the lock is held all the time");
	EXPECT_TRUE(!p.console.lost && !p.console.err);
	EXPECT_TRUE(read(end, rest, sizeof(rest)) == 1 && rest[0] == 'x');
}

// SPDX-License-Identifier: MIT
/* Who is called before an entry, and with what; and the end of a run. Without KVM. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
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
	vm.run.kick = vcpu_kick;
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
	struct sink sink;
	struct console console;
	pthread_mutex_t lock;
	pthread_t thread;
	int end, before;     /* of the pipe that stdout is; and what it was */
	size_t full, behind; /* bytes that were in it; and those that came out of it */
};

static void *print(void *arg)
{
	struct printer *p = arg;
	u8 byte = 'x';

	device_io(&p->console.dev, true, 0, &byte, 1);
	return NULL;
}

/* A thread prints a byte into a full pipe, and waits by now. */
static struct printer *begin_to_print(void)
{
	struct printer *p = calloc(1, sizeof(*p));
	int ends[2];

	if (!p || pipe2(ends, O_NONBLOCK))
		test_error("no memory, or no pipe");
	while (write(ends[1], "", 1) == 1)
		p->full++;
	p->end = ends[0];
	p->before = dup(STDOUT_FILENO);
	dup2(ends[1], STDOUT_FILENO);
	pthread_mutex_init(&p->lock, NULL);
	p->pio.lock = &p->lock;
	sink_init(&p->sink, &p->run);
	EXPECT_ERR(console_init(&p->console, &p->pio, &p->sink), 0);
	if (pthread_create(&p->thread, NULL, print, p))
		test_error("no thread");
	while (pthread_mutex_trylock(&p->lock) == 0) {
		pthread_mutex_unlock(&p->lock);
		sched_yield();
	}
	return p;
}

/* Somebody reads all there is, and once more when the printer is through. */
static void read_on(struct printer *p, bool at_once)
{
	u8 bytes[4096];
	ssize_t got;

	while (at_once && (got = read(p->end, bytes, sizeof(bytes))) > 0)
		p->behind += (size_t)got;
	pthread_join(p->thread, NULL);
	while ((got = read(p->end, bytes, sizeof(bytes))) > 0)
		p->behind += (size_t)got;
	dup2(p->before, STDOUT_FILENO);
}

TEST("-", output_outlives_the_guests_own_end, 0)
{
	struct printer *p = begin_to_print();

	run_end(&p->run, V_EXIT, 0, NULL);
	poll(NULL, 0, 250); /* it has looked whether the run is cut off */
	read_on(p, true);
	CONTEXT("a byte for a full pipe; the guest exits, and then somebody reads");
	EXPECT_TRUE(!p->sink.lost && !p->sink.err);
	EXPECT_U64(p->behind, p->full + 1);
}

TEST("-", output_does_not_outlive_the_time_limit, 0)
{
	static const enum verdict verdict[] = { V_TIMEOUT, V_LEFT };

	for (unsigned i = 0; i < ARRAY_SIZE(verdict); i++) {
		struct printer *p = begin_to_print();

		run_end(&p->run, V_EXIT, 5, NULL);
		EXPECT_V(run_end(&p->run, verdict[i], 0, NULL), V_EXIT);
		read_on(p, false);
		CONTEXT("a byte for a full pipe that nobody reads; the guest exits, then %s comes",
			verdict_name(verdict[i]));
		EXPECT_TRUE(p->sink.lost);
		EXPECT_U64(p->behind, p->full);
		EXPECT_V(run_cut_off(&p->run), verdict[i]);
		EXPECT_U64(p->run.status, 5);
	}
}

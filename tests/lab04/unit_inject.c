// SPDX-License-Identifier: MIT
/* Tasks 4.4, 4.5, 4.9 and 4.10: what is handed to KVM, and when. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>

#include "cpu_mode.h"
#include "doorbell.h"
#include "inject.h"
#include "kick.h"
#include "test.h"
#include "verdicts.h"

struct machine {
	struct vm vm;
	struct vcpu vcpu;
	struct pics pics;
	struct inject inject;
	struct kvm_run run; /* of a vCPU without KVM */
	pid_t sleeper;	    /* the vCPU's thread: raiser() waits until it sleeps; 0: it does not */
};

/* Both controllers started, vectors from 0x20 and 0x28 on, nothing masked. */
static void start(struct pics *pics)
{
	for (unsigned chip = 0; chip < 2; chip++) {
		pic_write(pics, chip, 0, 0x11);
		pic_write(pics, chip, 1, chip ? 0x28 : 0x20);
		pic_write(pics, chip, 1, chip ? 2 : 4);
		pic_write(pics, chip, 1, 1);
		pic_write(pics, chip, 1, 0);
	}
}

/* A vCPU that KVM does not know: whatever is handed to it is refused (EBADF). */
static struct machine *without_kvm(void)
{
	struct machine *m = calloc(1, sizeof(*m));

	if (!m)
		test_error("no memory");
	m->vcpu = (struct vcpu){ .vm = &m->vm, .fd = -1, .run = &m->run, .thread = pthread_self() };
	pthread_mutex_init(&m->vm.lock, NULL);
	m->vm.pio.lock = &m->vm.lock;
	EXPECT_ERR(pics_init(&m->pics, &m->vm.pio), 0);
	start(&m->pics);
	EXPECT_ERR(inject_init(&m->inject, &m->vcpu, &m->pics), 0);
	return m;
}

static struct machine *with_kvm(void)
{
	struct machine *m = calloc(1, sizeof(*m));

	if (!m)
		test_error("no memory");
	EXPECT_ERR(vm_init(&m->vm, "/dev/kvm"), 0);
	EXPECT_ERR(mem_add(&m->vm.mem, m->vm.fd, 0, MiB(1)), 0);
	EXPECT_ERR(vcpu_init(&m->vcpu, &m->vm, 0), 0);
	EXPECT_ERR(pics_init(&m->pics, &m->vm.pio), 0);
	start(&m->pics);
	EXPECT_ERR(inject_init(&m->inject, &m->vcpu, &m->pics), 0);
	return m;
}

static enum verdict before_entry(struct machine *m)
{
	return m->vcpu.before[0].fn(&m->vcpu, m->vcpu.before[0].ctx);
}

static enum verdict leave(struct machine *m, u32 reason)
{
	return m->vcpu.on_exit[reason].fn(&m->vcpu, m->vcpu.on_exit[reason].ctx);
}

static struct kvm_vcpu_events events_of(const struct machine *m)
{
	struct kvm_vcpu_events events;

	if (ioctl(m->vcpu.fd, KVM_GET_VCPU_EVENTS, &events) < 0)
		test_error("KVM_GET_VCPU_EVENTS: %s", strerror(errno));
	return events;
}

TEST_KVM("4.4", vector_reaches_kvm, 1)
{
	struct machine *m = with_kvm();

	CONTEXT("no line is up: nothing is injected");
	m->vcpu.run->if_flag = m->vcpu.run->ready_for_interrupt_injection = 1;
	EXPECT_V(before_entry(m), V_RESUME);
	EXPECT_U64(events_of(m).interrupt.injected, 0);
	CONTEXT("line 10 rises, but the guest's IF is 0");
	pics_set(&m->pics, 10, true);
	m->vcpu.run->if_flag = 0;
	EXPECT_U64(inject_interrupt(&m->inject), 1);
	EXPECT_U64(events_of(m).interrupt.injected, 0);
	CONTEXT("line 10 is up, and KVM has said that the guest can take an interrupt");
	m->vcpu.run->if_flag = 1;
	EXPECT_V(before_entry(m), V_RESUME);
	EXPECT_U64(events_of(m).interrupt.injected, 1);
	EXPECT_U64(events_of(m).interrupt.nr, 0x2a);
	EXPECT_TRUE(!pics_pending(&m->pics), "the controller still has the request");
	CONTEXT("line 0 rises; KVM has not said anything new since the last interrupt");
	pics_set(&m->pics, 0, true);
	EXPECT_U64(inject_interrupt(&m->inject), 1);
	EXPECT_U64(events_of(m).interrupt.nr, 0x2a);
	EXPECT_TRUE(pics_pending(&m->pics), "the request of line 0 was acknowledged, and is lost");
}

TEST("4.5", window_is_asked_for_while_one_waits, 3)
{
	struct machine *m = without_kvm();
	struct kvm_run *run = &m->run;

	CONTEXT("no line is up: the window of a running guest is always open, do not ask for it");
	EXPECT_V(before_entry(m), V_RESUME);
	EXPECT_U64(run->request_interrupt_window, 0);
	pics_set(&m->pics, 5, true);
	for (unsigned said = 0; said < 3; said++) {
		run->if_flag = said & 1;
		run->ready_for_interrupt_injection = said >> 1;
		run->request_interrupt_window = 0;
		CONTEXT("line 5 is up; if_flag %u, ready_for_interrupt_injection %u: it has to "
			"wait",
			said & 1, said >> 1);
		EXPECT_V(before_entry(m), V_RESUME);
		EXPECT_U64(run->request_interrupt_window, 1);
		EXPECT_TRUE(pics_pending(&m->pics), "the request was acknowledged too early");
	}
	CONTEXT("the guest masks line 5: nothing waits any more");
	pic_write(&m->pics, 0, 1, 0x20);
	EXPECT_V(before_entry(m), V_RESUME);
	EXPECT_U64(run->request_interrupt_window, 0);
	CONTEXT("the exit that was asked for: the injection comes where it always comes");
	pic_write(&m->pics, 0, 1, 0);
	run->if_flag = run->ready_for_interrupt_injection = 1;
	EXPECT_V(leave(m, KVM_EXIT_IRQ_WINDOW_OPEN), V_RESUME);
	EXPECT_TRUE(pics_pending(&m->pics), "the request was acknowledged in the exit");
}

static bool is_asleep(pid_t tid)
{
	char path[60], state = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	f = fopen(path, "r");
	if (!f || fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
		test_error("%s cannot be read", path);
	fclose(f);
	return state == 'S';
}

static void wait_for_sleep(const struct machine *m)
{
	while (m->sleeper && !is_asleep(m->sleeper))
		sched_yield();
}

/* Raises line 5 from another thread. A kick comes before that, for nothing. */
static void *raiser(void *arg)
{
	struct machine *m = arg;

	wait_for_sleep(m);
	vcpu_kick(
		&m->vcpu); /* from here on its thread is not asleep, until it looks and sleeps on */
	wait_for_sleep(m);
	pthread_mutex_lock(&m->vm.lock);
	pics_set(&m->pics, 5, true);
	vcpu_kick(&m->vcpu);
	pthread_mutex_unlock(&m->vm.lock);
	return NULL;
}

TEST("4.4", hlt_waits_for_a_request, 1)
{
	for (unsigned i = 0; i < 50; i++) {
		struct machine *m = without_kvm();
		pthread_t thread;

		CONTEXT("HLT with IF = 1, line 3 is up and masked; another thread kicks for "
			"nothing, then raises line 5 and kicks again (round %u)",
			i);
		pic_write(&m->pics, 0, 1, 0x08);
		pics_set(&m->pics, 3, true);
		EXPECT_ERR(kick_init(), 0);
		m->run.if_flag = 1;
		m->sleeper = i % 2 ? gettid() : 0; /* else its kick may come before we sleep */
		if (pthread_create(&thread, NULL, raiser, m))
			test_error("no thread");
		EXPECT_V(leave(m, KVM_EXIT_HLT), V_RESUME);
		EXPECT_TRUE(pics_pending(&m->pics), "nothing has come, and the guest runs on");
		pthread_join(thread, NULL);
		run_end(&m->vm.run, V_TIMEOUT, 0, NULL);
		pic_write(&m->pics, 0, 1, 0xff);
		EXPECT_V(leave(m, KVM_EXIT_HLT), V_TIMEOUT);
		pic_write(&m->pics, 0, 1, 0);
		CONTEXT("HLT with IF = 1, a request is there, but the run is over: the time limit");
		EXPECT_V(leave(m, KVM_EXIT_HLT), V_TIMEOUT);
		pic_write(&m->pics, 0, 1, 0xff);
		m->vm.run = (struct run){ .verdict = V_RESUME };
		run_end(&m->vm.run, V_EXIT, 0, NULL);
		CONTEXT("HLT with IF = 1; the user has said that it is enough");
		EXPECT_V(leave(m, KVM_EXIT_HLT), V_EXIT);
		free(m);
	}
}

/* It was for the wait; if it stayed, the next KVM_RUN would come back at once, for nothing. */
TEST("-", the_kick_of_a_wait_is_used_up, 0)
{
	struct machine *m = without_kvm();
	pthread_t thread;

	EXPECT_ERR(kick_init(), 0);
	m->run.if_flag = 1;
	m->sleeper = gettid();
	if (pthread_create(&thread, NULL, raiser, m))
		test_error("no thread");
	CONTEXT("HLT; another thread kicks when we sleep");
	EXPECT_V(leave(m, KVM_EXIT_HLT), V_RESUME);
	pthread_join(thread, NULL);
	EXPECT_U64(m->run.immediate_exit, 0);
}

TEST_KVM("4.9", exception_as_kvm_holds_it, 1)
{
	const u32 with_error_code = 1 << 8 | 0x1f << 10 | 1 << 17 | 1 << 21;
	struct machine *m = with_kvm(); /* one for all: a VM's end can take long */
	struct kvm_vcpu_events none = events_of(m);

	for (unsigned vector = 0; vector < 32; vector++) {
		struct kvm_vcpu_events events;

		if (vector >= 2 && vector <= 4)
			continue;
		EXPECT_TRUE(ioctl(m->vcpu.fd, KVM_SET_VCPU_EVENTS, &none) == 0);
		CONTEXT("exception %u, error code 0x50", vector);
		m->vcpu.run->ready_for_interrupt_injection = 1;
		EXPECT_ERR(inject_exception(&m->vcpu, (u8)vector, 0x50), 0);
		EXPECT_U64(m->vcpu.run->ready_for_interrupt_injection, 0);
		events = events_of(m);
		EXPECT_U64(events.exception.injected, 1);
		EXPECT_U64(events.exception.nr, vector);
		EXPECT_U64(events.exception.has_error_code, with_error_code >> vector & 1);
		if (events.exception.has_error_code)
			EXPECT_U64(events.exception.error_code, 0x50);
	}
}

TEST_KVM("4.9", exception_drops_no_interrupt, 0)
{
	struct machine *m = with_kvm();
	struct kvm_interrupt irq = { .irq = 0x2a };

	EXPECT_TRUE(ioctl(m->vcpu.fd, KVM_INTERRUPT, &irq) == 0);
	CONTEXT("interrupt 0x2a is on its way to the guest when an exception is injected");
	EXPECT_ERR(inject_exception(&m->vcpu, 13, 0), 0);
	EXPECT_U64(events_of(m).interrupt.injected, 1);
	EXPECT_U64(events_of(m).interrupt.nr, 0x2a);
}

TEST("4.10", rings_are_collected, 2)
{
	struct doorbell bell = { .state.rings = 7, .ring_fd = -1 };

	CONTEXT("without an eventfd there is nothing to collect");
	EXPECT_U64(doorbell_collect(&bell), 0);
	EXPECT_U64(bell.state.rings, 7);
	bell.ring_fd = eventfd(0, EFD_NONBLOCK);
	CONTEXT("an eventfd that nobody has written to");
	EXPECT_U64(doorbell_collect(&bell), 0);
	CONTEXT("KVM has added 3, then 2");
	eventfd_write(bell.ring_fd, 3);
	eventfd_write(bell.ring_fd, 2);
	EXPECT_U64(doorbell_collect(&bell), 5);
	EXPECT_U64(bell.state.rings, 12);
	CONTEXT("they have been taken; no more have come");
	EXPECT_U64(doorbell_collect(&bell), 0);
	EXPECT_U64(bell.state.rings, 12);
	CONTEXT("a guest that rings for long: KVM has added 0x12345678");
	eventfd_write(bell.ring_fd, 0x12345678);
	EXPECT_U64(doorbell_collect(&bell), 0x12345678);
	EXPECT_U64(bell.state.rings, 12 + 0x12345678);
	eventfd_write(bell.ring_fd, 1);
	EXPECT_U64(doorbell_collect(&bell), 1);
	EXPECT_U64(bell.state.rings, 13 + 0x12345678);
}

TEST_KVM("4.10", eventfd_does_not_block, 0)
{
	struct machine *m = with_kvm();
	struct doorbell bell = { .ring_fd = -1 };

	CONTEXT("the eventfd that doorbell_connect() makes");
	EXPECT_ERR(doorbell_connect(&bell, m->vm.fd), 0);
	EXPECT_TRUE(fcntl(bell.ring_fd, F_GETFL) & O_NONBLOCK,
		    "a read of it would wait for a ring, with the lock held");
	EXPECT_TRUE(fcntl(bell.ring_fd, F_GETFD) & FD_CLOEXEC);
	EXPECT_U64(doorbell_collect(&bell), 0);
}

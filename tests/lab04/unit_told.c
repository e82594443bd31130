// SPDX-License-Identifier: MIT
/*
 * Tasks 4.4, 4.8, 4.9 and 4.10: what KVM is told, and what comes of its refusal; with a KVM
 * that the tests make up.
 */
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>

#include "chip_kernel.h"
#include "doorbell.h"
#include "fake_kvm.h"
#include "inject.h"
#include "test.h"

/* A vCPU of that KVM, ready for an interrupt, and our two controllers; see begin(). */
struct machine {
	struct vm vm;
	struct vcpu vcpu;
	struct kvm_run run;
	struct pics pics;
	struct inject inject;
};

static void begin(struct machine *m, u8 icw4)
{
	fake_kvm = (struct fake_kvm){ .on = true };
	*m = (struct machine){ .vm = { .kvm_fd = -1, .fd = -1 } };
	m->vcpu = (struct vcpu){ .vm = &m->vm, .fd = -1, .run = &m->run };
	m->inject = (struct inject){ .vcpu = &m->vcpu, .pics = &m->pics };
	m->run.if_flag = m->run.ready_for_interrupt_injection = 1;
	EXPECT_ERR(pics_init(&m->pics, &m->vm.pio), 0);
	for (unsigned chip = 0; chip < 2; chip++) {
		pic_write(&m->pics, chip, 0, 0x11);
		pic_write(&m->pics, chip, 1, chip ? 0x28 : 0x20);
		pic_write(&m->pics, chip, 1, chip ? 2 : 4);
		pic_write(&m->pics, chip, 1, icw4);
	}
}

/* KVM was told of so many interrupts, and this was the last. */
static void expect_interrupts(unsigned n, u32 last)
{
	struct kvm_interrupt irq;

	EXPECT_U64(fake_count(KVM_INTERRUPT), n);
	memcpy(&irq, fake_last(KVM_INTERRUPT), sizeof(irq));
	EXPECT_U64(irq.irq, last);
}

TEST("4.4", what_still_has_to_wait, 1)
{
	struct machine m;

	begin(&m, 1);
	CONTEXT("no line is up: inject_interrupt() says that nothing waits");
	EXPECT_U64(inject_interrupt(&m.inject), 0);
	pics_set(&m.pics, 5, true);
	CONTEXT("line 5 is up, and the guest can take it: then nothing waits any more");
	EXPECT_U64(inject_interrupt(&m.inject), 0);
	expect_interrupts(1, 0x25);
	pics_set(&m.pics, 1, true);
	CONTEXT("line 1 comes, too, and KVM has not said anything new: it waits");
	EXPECT_U64(inject_interrupt(&m.inject), 1);
	expect_interrupts(1, 0x25);

	begin(&m, 3);
	pics_set(&m.pics, 5, true);
	pics_set(&m.pics, 3, true);
	CONTEXT("automatic EOI, lines 3 and 5 are up: KVM gets one, and the other waits");
	EXPECT_U64(inject_interrupt(&m.inject), 1);
	expect_interrupts(1, 0x23);
	EXPECT_U64(inject_interrupt(&m.inject), 1);
	m.run.ready_for_interrupt_injection = 1;
	CONTEXT("then the guest can take the other");
	EXPECT_U64(inject_interrupt(&m.inject), 0);
	expect_interrupts(2, 0x25);

	begin(&m, 1);
	fake_kvm.fails = KVM_INTERRUPT;
	fake_kvm.err = -EEXIST;
	pics_set(&m.pics, 5, true);
	CONTEXT("KVM_INTERRUPT fails with EEXIST");
	EXPECT_ERR(inject_interrupt(&m.inject), -EEXIST);
}

TEST("4.8", a_kernel_that_refuses, 0)
{
	static const struct {
		unsigned long request;
		const char *name;
	} row[] = {
		{ KVM_CREATE_IRQCHIP, "KVM_CREATE_IRQCHIP" },
		{ KVM_CREATE_PIT2, "KVM_CREATE_PIT2" },
	};
	struct vm vm = { .kvm_fd = -1, .fd = -1 };
	struct chip_kernel k;

	for (unsigned i = 0; i < ARRAY_SIZE(row); i++) {
		fake_kvm = (struct fake_kvm){ .on = true, .fails = row[i].request, .err = -EEXIST };
		CONTEXT("%s fails with EEXIST: so does chip_kernel_init()", row[i].name);
		EXPECT_ERR(chip_kernel_init(&k, &vm), -EEXIST);
	}
	fake_kvm = (struct fake_kvm){ .on = true };
	EXPECT_ERR(chip_kernel_init(&k, &vm), 0);
	fake_kvm.fails = KVM_IRQFD;
	fake_kvm.err = -EBUSY;
	CONTEXT("KVM_IRQFD fails with EBUSY: so does chip_kernel_irqfd()");
	EXPECT_ERR(chip_kernel_irqfd(&k.chip, 9, 0), -EBUSY);
}

TEST("4.9", vectors_that_are_no_exceptions, 1)
{
	static const u8 none[] = { 2, 3, 4, 32, 255 };
	struct machine m;

	begin(&m, 1);
	for (unsigned i = 0; i < ARRAY_SIZE(none); i++) {
		CONTEXT("vector %u is no exception that can be injected: -EINVAL, and KVM is not "
			"asked",
			none[i]);
		EXPECT_ERR(inject_exception(&m.vcpu, none[i], 0), -EINVAL);
		EXPECT_U64(fake_kvm.calls, 0);
		EXPECT_U64(m.run.ready_for_interrupt_injection, 1);
	}
}

TEST("4.9", all_else_stays_as_it_was, 1)
{
	const struct kvm_vcpu_events before = {
		.interrupt = { .injected = 1, .nr = 0x2a },
		.nmi = { .pending = 1, .masked = 1 },
	};
	struct kvm_vcpu_events told;
	struct machine m;

	begin(&m, 1);
	fake_kvm.events = before;
	CONTEXT("an interrupt is on its way to the guest, and an NMI, when it gets exception 13");
	EXPECT_ERR(inject_exception(&m.vcpu, 13, 0x50), 0);
	EXPECT_U64(fake_count(KVM_SET_VCPU_EVENTS), 1);
	memcpy(&told, fake_last(KVM_SET_VCPU_EVENTS), sizeof(told));
	EXPECT_U64(told.exception.injected, 1);
	EXPECT_U64(told.exception.nr, 13);
	EXPECT_U64(told.exception.has_error_code, 1);
	EXPECT_U64(told.exception.error_code, 0x50);
	EXPECT_U64(told.interrupt.injected, before.interrupt.injected);
	EXPECT_U64(told.interrupt.nr, before.interrupt.nr);
	EXPECT_U64(told.interrupt.soft, before.interrupt.soft);
	EXPECT_U64(told.interrupt.shadow, before.interrupt.shadow);
	EXPECT_U64(told.nmi.injected, before.nmi.injected);
	EXPECT_U64(told.nmi.pending, before.nmi.pending);
	EXPECT_U64(told.nmi.masked, before.nmi.masked);
	fake_kvm.err = -EFAULT;
	fake_kvm.fails = KVM_GET_VCPU_EVENTS;
	CONTEXT("KVM_GET_VCPU_EVENTS, KVM_SET_VCPU_EVENTS and then KVM_NMI fail with EFAULT");
	EXPECT_ERR(inject_exception(&m.vcpu, 13, 0x50), -EFAULT);
	EXPECT_U64(fake_count(KVM_SET_VCPU_EVENTS), 1);
	fake_kvm.fails = KVM_SET_VCPU_EVENTS;
	EXPECT_ERR(inject_exception(&m.vcpu, 13, 0x50), -EFAULT);
	fake_kvm.fails = KVM_NMI;
	EXPECT_ERR(inject_nmi(&m.vcpu), -EFAULT);
}

/* The last KVM_IOEVENTFD for this address; zeros if there was none. */
static struct kvm_ioeventfd eventfd_at(u64 addr)
{
	struct kvm_ioeventfd found = { 0 };

	for (unsigned i = 0; i < fake_kvm.calls; i++) {
		struct kvm_ioeventfd told;

		memcpy(&told, fake_kvm.call[i].arg, sizeof(told));
		if (fake_kvm.call[i].request == KVM_IOEVENTFD && told.addr == addr)
			found = told;
	}
	return found;
}

TEST("4.10", no_eventfd_no_doorbell, 0)
{
	const struct rlimit none = { .rlim_cur = 0, .rlim_max = 0 };
	struct doorbell bell = { .ring_fd = -1 };

	fake_kvm = (struct fake_kvm){ .on = true };
	if (setrlimit(RLIMIT_NOFILE, &none))
		test_error("no limit");
	CONTEXT("there are no descriptors left: KVM is told nothing");
	EXPECT_ERR(doorbell_connect(&bell, -1), -EMFILE);
	EXPECT_U64(fake_count(KVM_IOEVENTFD), 0);
}

TEST("4.10", one_eventfd_at_two_addresses, 0)
{
	struct doorbell bell = { .ring_fd = -1 };
	struct kvm_ioeventfd port, memory;

	fake_kvm = (struct fake_kvm){ .on = true };
	EXPECT_ERR(doorbell_connect(&bell, -1), 0);
	port = eventfd_at(DOORBELL_PORT);
	memory = eventfd_at(DOORBELL_GPA);
	CONTEXT("the port and the memory, by KVM_IOEVENTFD: 4 bytes, whatever is written, and the "
		"flag for ports at one of them");
	EXPECT_U64(fake_count(KVM_IOEVENTFD), 2);
	EXPECT_U64(port.len, 4);
	EXPECT_U64(memory.len, 4);
	EXPECT_U64(port.flags, KVM_IOEVENTFD_FLAG_PIO);
	EXPECT_U64(memory.flags, 0);
	EXPECT_TRUE(bell.ring_fd >= 0 && port.fd == bell.ring_fd && memory.fd == bell.ring_fd);
	eventfd_write(bell.ring_fd, 5);
	CONTEXT("KVM has added 5 to it: one read gives them all");
	EXPECT_U64(doorbell_collect(&bell), 5);
	EXPECT_U64(doorbell_collect(&bell), 0);
	for (unsigned passes = 0; passes < 2; passes++) {
		fake_kvm = (struct fake_kvm){
			.on = true, .fails = KVM_IOEVENTFD, .err = -ENOSPC, .passes = passes
		};
		bell.ring_fd = -1;
		CONTEXT("KVM_IOEVENTFD number %u fails with ENOSPC", passes + 1);
		EXPECT_ERR(doorbell_connect(&bell, -1), -ENOSPC);
	}
}

// SPDX-License-Identifier: MIT
/*
 * Tasks 4.4, 4.8 and 4.9: what KVM is told, and what comes of its refusal; with a KVM that the
 * tests make up. (4.10 to 4.12: unit_told_fast.c.)
 */
#include <errno.h>
#include <string.h>

#include "chip_kernel.h"
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

/* In real mode vectors are free: a PC's BIOS has lines 0 to 7 at 8. */
TEST("4.4", vectors_of_a_bios, 0)
{
	struct machine m;

	for (unsigned n = 0; n < 8; n++) {
		if (n == PIC_CASCADE)
			continue;
		begin(&m, 1);
		pic_write(&m.pics, 0, 0, 0x11);
		pic_write(&m.pics, 0, 1, n < 4 ? 0 : 8);
		pic_write(&m.pics, 0, 1, 4);
		pic_write(&m.pics, 0, 1, 1);
		pics_set(&m.pics, n, true);
		CONTEXT("line %u is up, and the guest has given it vector %u", n,
			n < 4 ? n : 8 + n);
		EXPECT_U64(inject_interrupt(&m.inject), 0);
		expect_interrupts(1, n < 4 ? n : 8 + n);
	}
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

/* A level is not a pulse: what KVM was told last of the line is what it stays at. */
TEST("4.8", a_line_keeps_its_level, 0)
{
	struct vm vm = { .kvm_fd = -1, .fd = -1 };
	struct chip_kernel k;

	fake_kvm = (struct fake_kvm){ .on = true };
	EXPECT_ERR(chip_kernel_init(&k, &vm), 0);
	for (unsigned i = 0; i < 32; i++) {
		struct kvm_irq_level told;

		fake_kvm = (struct fake_kvm){ .on = true };
		CONTEXT("line %u is set %s: this is the last that KVM hears of it (KVM_IRQ_LINE)",
			i / 2, i % 2 ? "low" : "high");
		chip_kernel_set(&k.chip, i / 2, !(i % 2));
		EXPECT_TRUE(fake_count(KVM_IRQ_LINE) > 0, "KVM was told nothing");
		memcpy(&told, fake_last(KVM_IRQ_LINE), sizeof(told));
		EXPECT_U64(told.irq, i / 2);
		EXPECT_U64(told.level, !(i % 2));
	}
}

TEST("4.8", an_irqfd_as_kvm_is_told, 0)
{
	struct vm vm = { .kvm_fd = -1, .fd = -1 };
	struct chip_kernel k;

	fake_kvm = (struct fake_kvm){ .on = true };
	EXPECT_ERR(chip_kernel_init(&k, &vm), 0);
	for (unsigned n = 0; n < 16; n++) {
		struct kvm_irqfd told;

		CONTEXT("eventfd %u is to be line %u: KVM_IRQFD, without flags", 100 + n, n);
		EXPECT_ERR(chip_kernel_irqfd(&k.chip, n, (int)(100 + n)), 0);
		EXPECT_U64(fake_count(KVM_IRQFD), n + 1);
		memcpy(&told, fake_last(KVM_IRQFD), sizeof(told));
		EXPECT_U64(told.fd, 100 + n);
		EXPECT_U64(told.gsi, n);
		EXPECT_U64(told.flags, 0);
	}
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
		.interrupt = { .injected = 1, .nr = 0x2a, .shadow = KVM_X86_SHADOW_INT_STI },
		.nmi = { .pending = 1, .masked = 1 },
		/* there is none, but KVM shows what the last one left behind */
		.exception = { .nr = 6, .error_code = 0xf00f },
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
	fake_kvm = (struct fake_kvm){ .on = true };
	CONTEXT("one NMI: KVM hears of one");
	EXPECT_ERR(inject_nmi(&m.vcpu), 0);
	EXPECT_U64(fake_count(KVM_NMI), 1);
}

TEST("4.9", error_codes_as_they_are, 0)
{
	static const u32 code[] = { 0, 0x50, 0x8000, 0x80018004, 0xffffffff };
	struct kvm_vcpu_events told;
	struct machine m;

	for (unsigned i = 0; i < ARRAY_SIZE(code); i++) {
		begin(&m, 1);
		CONTEXT("#PF, which has an error code: 0x%x, with all of its 32 bits", code[i]);
		EXPECT_ERR(inject_exception(&m.vcpu, 14, code[i]), 0);
		memcpy(&told, fake_last(KVM_SET_VCPU_EVENTS), sizeof(told));
		EXPECT_U64(told.exception.has_error_code, 1);
		EXPECT_U64(told.exception.error_code, code[i]);
		CONTEXT("#UD, which has none, whatever 0x%x is", code[i]);
		EXPECT_ERR(inject_exception(&m.vcpu, 6, code[i]), 0);
		memcpy(&told, fake_last(KVM_SET_VCPU_EVENTS), sizeof(told));
		EXPECT_U64(told.exception.has_error_code, 0);
	}
}

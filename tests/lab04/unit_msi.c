// SPDX-License-Identifier: MIT
/* Task 4.11: the table of messages, with a controller that notes them; and KVM's local APIC. */
#include <string.h>
#include <sys/ioctl.h>

#include "chip_kernel.h"
#include "msi.h"
#include "test.h"
#include "vcpu.h"
#include "verdicts.h"

struct notes {
	struct irqchip chip;
	struct msi msi;
	struct bus mmio;
	unsigned sent;
	u64 address;
	u32 data;
};

static int note(struct irqchip *chip, u64 address, u32 data)
{
	struct notes *n = container_of(chip, struct notes, chip);

	n->sent++;
	n->address = address;
	n->data = data;
	return 1;
}

static const struct irqchip_ops notes_ops = { .message = note };

static void make(struct notes *n)
{
	*n = (struct notes){ .chip.ops = &notes_ops };
	EXPECT_ERR(msi_init(&n->msi, &n->mmio, &n->chip), 0);
}

static void write_at(struct notes *n, unsigned off, unsigned size, u64 value)
{
	EXPECT_V(bus_io(&n->mmio, MSI_GPA + off, true, &value, size), V_RESUME);
}

static u64 read_at(struct notes *n, unsigned off, unsigned size)
{
	u64 value = 0;

	EXPECT_V(bus_io(&n->mmio, MSI_GPA + off, false, &value, size), V_RESUME);
	return value;
}

#define DUE 0x40 /* the register behind the table */

TEST("4.11", message_is_sent_as_it_stands, 0)
{
	static const u32 no_message[] = { 4, 32, 0x100, 0x10002, 0x80000000, 0xffffffff };
	struct notes n;

	make(&n);
	CONTEXT("message 2 is 0x12345678 to address 0x1fee34000, not masked; it is due");
	write_at(&n, 0x20, 8, 0x1fee34000);
	write_at(&n, 0x28, 8, 0x12345678);
	write_at(&n, DUE, 4, 2);
	EXPECT_U64(n.sent, 1);
	EXPECT_U64(n.address, 0x1fee34000);
	EXPECT_U64(n.data, 0x12345678);
	EXPECT_U64(read_at(&n, DUE, 4), 0);
	CONTEXT("what it was told can be read back; of its control, bit 0");
	EXPECT_U64(read_at(&n, 0x20, 8), 0x1fee34000);
	EXPECT_U64(read_at(&n, 0x28, 4), 0x12345678);
	write_at(&n, 0x2c, 4, 0xfffffffe);
	EXPECT_U64(read_at(&n, 0x2c, 4), 0);
	write_at(&n, 0x2c, 4, 0xffffffff);
	EXPECT_U64(read_at(&n, 0x2c, 4), 1);
	for (unsigned i = 0; i < ARRAY_SIZE(no_message); i++) {
		CONTEXT("there is no message %#x", no_message[i]);
		write_at(&n, DUE, 4, no_message[i]);
		EXPECT_U64(n.sent, 1);
		EXPECT_U64(read_at(&n, DUE, 4), 0);
	}
	write_at(&n, 0x2c, 4, 0);
	write_at(&n, 0x20, 8, 0x87654321fee00000);
	write_at(&n, 0x28, 4, 0x51);
	CONTEXT("message 2 is not masked, and the guest changes it: it is not due");
	EXPECT_U64(n.sent, 1);
	EXPECT_U64(read_at(&n, 0x20, 8), 0x87654321fee00000);
}

TEST("4.11", masked_message_waits, 0)
{
	struct notes n;

	make(&n);
	CONTEXT("at first all are masked; messages 1 and 3 are due, one of them twice");
	write_at(&n, DUE, 4, 1);
	write_at(&n, DUE, 4, 3);
	write_at(&n, DUE, 4, 3);
	EXPECT_U64(n.sent, 0);
	EXPECT_U64(read_at(&n, DUE, 4), 0xa);
	CONTEXT("the guest changes message 3 while it waits");
	write_at(&n, 0x30, 4, 0xfee00000);
	write_at(&n, 0x38, 4, 0x77);
	EXPECT_U64(n.sent, 0);
	CONTEXT("masks it once more: it waits as before");
	write_at(&n, 0x3c, 4, 1);
	EXPECT_U64(n.sent, 0);
	EXPECT_U64(read_at(&n, DUE, 4), 0xa);
	CONTEXT("and unmasks it, by bit 0: it is sent once, as it is now");
	write_at(&n, 0x3c, 4, 0xfffffffe);
	EXPECT_U64(n.sent, 1);
	EXPECT_U64(n.address, 0xfee00000);
	EXPECT_U64(n.data, 0x77);
	EXPECT_U64(read_at(&n, DUE, 4), 2);
	CONTEXT("masked and unmasked again: nothing waits any more");
	write_at(&n, 0x3c, 4, 1);
	write_at(&n, 0x3c, 4, 0);
	EXPECT_U64(n.sent, 1);
	CONTEXT("message 3, which is not masked, is due, while message 1 waits");
	write_at(&n, DUE, 4, 3);
	EXPECT_U64(n.sent, 2);
	EXPECT_U64(read_at(&n, DUE, 4), 2);
}

TEST("4.11", accesses_that_are_none, 0)
{
	static const struct {
		unsigned off, size;
	} odd[] = { { DUE, 1 }, { DUE, 2 }, { 0x0c, 2 }, { 0x0d, 4 }, { 0x0c, 3 }, { 0x0a, 6 } };
	struct notes n;

	make(&n);
	write_at(&n, 0, 8, 0xffffffffffffffff);
	for (unsigned i = 0; i < ARRAY_SIZE(odd); i++) {
		CONTEXT("%u bytes at offset 0x%x", odd[i].size, odd[i].off);
		write_at(&n, odd[i].off, odd[i].size, 0);
		EXPECT_U64(read_at(&n, odd[i].off, odd[i].size), 0);
		EXPECT_U64(read_at(&n, 0x0c, 4), 1);
	}
	EXPECT_U64(n.sent, 0);
	EXPECT_U64(read_at(&n, DUE, 4), 0);
}

struct machine {
	struct vm vm;
	struct vcpu vcpu;
	struct chip_kernel k;
};

/* A VM with KVM's controllers and one vCPU, whose local APIC is enabled (SVR, SDM 11.9). */
static void make_machine(struct machine *m)
{
	struct kvm_lapic_state apic;

	EXPECT_ERR(vm_init(&m->vm, "/dev/kvm"), 0);
	EXPECT_ERR(chip_kernel_init(&m->k, &m->vm), 0);
	EXPECT_ERR(vcpu_init(&m->vcpu, &m->vm, 0), 0);
	EXPECT_TRUE(ioctl(m->vcpu.fd, KVM_GET_LAPIC, &apic) == 0);
	memcpy(apic.regs + 0xf0, &(u32){ 0x1ff }, 4);
	EXPECT_TRUE(ioctl(m->vcpu.fd, KVM_SET_LAPIC, &apic) == 0);
}

/* Does the local APIC have a request for this vector? IRR is eight registers from 0x200 on. */
static bool requested(const struct machine *m, u8 vector)
{
	struct kvm_lapic_state apic;
	u32 irr;

	EXPECT_TRUE(ioctl(m->vcpu.fd, KVM_GET_LAPIC, &apic) == 0);
	memcpy(&irr, apic.regs + 0x200 + vector / 32 * 16, 4);
	return irr >> vector % 32 & 1;
}

TEST_KVM("4.11", message_reaches_the_apic, 0)
{
	static const u64 no_message[] = {
		0,	    0x1000,	0xfed00000,  0xfedff000,
		0xfef00000, 0xfffff000, 0x1fee00000, 0xfee00000ULL << 32
	};
	struct machine m;

	make_machine(&m);
	if (ioctl(m.vm.kvm_fd, KVM_CHECK_EXTENSION, KVM_CAP_SIGNAL_MSI) <= 0)
		SKIP("this KVM takes no messages (KVM_CAP_SIGNAL_MSI)");
	CONTEXT("data 0x51 to address 0xfee00000: vector 0x51 for APIC 0");
	EXPECT_U64(chip_kernel_message(&m.k.chip, 0xfee00000, 0x51), 1);
	EXPECT_TRUE(requested(&m, 0x51), "the APIC has no request for it");
	CONTEXT("to address 0xfeeff000: for all APICs");
	EXPECT_U64(chip_kernel_message(&m.k.chip, 0xfeeff000, 0xa3), 1);
	EXPECT_TRUE(requested(&m, 0xa3), "the APIC has no request for it");
	CONTEXT("to APIC 5, which is not there");
	EXPECT_U64(chip_kernel_message(&m.k.chip, 0xfee05000, 0x52), 0);
	EXPECT_TRUE(!requested(&m, 0x52), "it was for another APIC");
	for (unsigned i = 0; i < ARRAY_SIZE(no_message); i++) {
		CONTEXT("a device writes 0x53 to address 0x%llx: this is no message",
			(unsigned long long)no_message[i]);
		EXPECT_U64(chip_kernel_message(&m.k.chip, no_message[i], 0x53), 0);
		EXPECT_TRUE(!requested(&m, 0x53), "it became an interrupt");
	}
}

TEST_KVM("4.8", only_lines_of_the_8259s_have_an_elcr, 0)
{
	struct kvm_irqchip slave = { .chip_id = KVM_IRQCHIP_PIC_SLAVE };
	struct irqchip *chip;
	struct machine m;

	make_machine(&m);
	chip = &m.k.chip;
	EXPECT_TRUE(ioctl(m.vm.fd, KVM_GET_IRQCHIP, &slave) == 0);
	slave.chip.pic.elcr = 1 << 2;
	EXPECT_TRUE(ioctl(m.vm.fd, KVM_SET_IRQCHIP, &slave) == 0);
	CONTEXT("the guest has made line 10 a level, in ELCR");
	EXPECT_TRUE(chip->ops->is_level(chip, 10));
	EXPECT_TRUE(!chip->ops->is_level(chip, 11));
	CONTEXT("line 18 is the I/O APIC's alone, and 24 nobody's");
	EXPECT_TRUE(!chip->ops->is_level(chip, 18));
	EXPECT_TRUE(!chip->ops->is_level(chip, KVM_IOAPIC_NUM_PINS));
}

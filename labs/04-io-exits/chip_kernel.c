// SPDX-License-Identifier: MIT
#include "chip_kernel.h"

#include <errno.h>
#include <linux/kvm.h>
#include <sys/ioctl.h>

#include "todo.h"

#define PIC_LINES 16 /* of the two 8259; the I/O APIC has KVM_IOAPIC_NUM_PINS */

/*
 * The guest has said so in ELCR, or in the I/O APIC's entry for this line, and was in KVM when it
 * did: api.rst 4.26. An entry that is masked just now counts, too: a pulse would be forgotten by
 * the time that it is not, and a level is still there.
 */
static bool is_level(struct irqchip *chip, unsigned n)
{
	struct chip_kernel *k = container_of(chip, struct chip_kernel, chip);
	struct kvm_irqchip pic = { .chip_id = n < 8 ? KVM_IRQCHIP_PIC_MASTER
						    : KVM_IRQCHIP_PIC_SLAVE };
	struct kvm_irqchip ioapic = { .chip_id = KVM_IRQCHIP_IOAPIC };

	if (n < PIC_LINES && ioctl(k->vm_fd, KVM_GET_IRQCHIP, &pic) == 0 &&
	    (pic.chip.pic.elcr >> n % 8 & 1))
		return true;
	if (n >= KVM_IOAPIC_NUM_PINS || ioctl(k->vm_fd, KVM_GET_IRQCHIP, &ioapic) < 0)
		return false;
	return ioapic.chip.ioapic.redirtbl[n].fields.trig_mode;
}

static const struct irqchip_ops chip_kernel_ops = {
	.set = chip_kernel_set,
	.message = chip_kernel_message,
	.is_level = is_level,
	.irqfd = chip_kernel_irqfd,
};

/* [book:4.8] */
int chip_kernel_init(struct chip_kernel *k, struct vm *vm)
{
	*k = (struct chip_kernel){ .chip.ops = &chip_kernel_ops, .vm_fd = vm->fd };
	/* TASK 4.8 */
#if SOL >= 408
	struct kvm_pit_config pit = { .flags = KVM_PIT_SPEAKER_DUMMY };

	if (ioctl(vm->fd, KVM_CREATE_IRQCHIP, 0) < 0 || ioctl(vm->fd, KVM_CREATE_PIT2, &pit) < 0)
		return -errno;
	return 0;
#else
	return TODO("4.8");
#endif
}

void chip_kernel_set(struct irqchip *chip, unsigned n, bool level)
{
	/* TASK 4.8 */
#if SOL >= 408
	struct chip_kernel *k = container_of(chip, struct chip_kernel, chip);
	struct kvm_irq_level line = { .irq = n, .level = level };

	/* It fails for a line that does not exist, or without a controller: neither can be here. */
	ioctl(k->vm_fd, KVM_IRQ_LINE, &line);
#else
	TODO("4.8");
#endif
}

int chip_kernel_irqfd(struct irqchip *chip, unsigned n, int eventfd)
{
	/* TASK 4.8 */
#if SOL >= 408
	struct chip_kernel *k = container_of(chip, struct chip_kernel, chip);
	struct kvm_irqfd irqfd = { .fd = (u32)eventfd, .gsi = n };

	return ioctl(k->vm_fd, KVM_IRQFD, &irqfd) < 0 ? -errno : 0;
#else
	return TODO("4.8");
#endif
}
/* [book:end] */

/* [book:4.11] */
int chip_kernel_message(struct irqchip *chip, u64 address, u32 data)
{
	/* TASK 4.11 */
#if SOL >= 411
	struct chip_kernel *k = container_of(chip, struct chip_kernel, chip);
	struct kvm_msi msi = { .address_lo = (u32)address, .data = data };

	if (address >> 20 != 0xfee)
		return 0;
	return ioctl(k->vm_fd, KVM_SIGNAL_MSI, &msi) > 0;
#else
	return TODO("4.11");
#endif
}
/* [book:end] */

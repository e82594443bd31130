/* SPDX-License-Identifier: MIT */
/*
 * Tasks 4.8 and 4.11, --irqchip=kernel: KVM has an 8259 pair, an I/O APIC, a local APIC for each
 * vCPU and an 8254 of its own. Interrupts reach the guest without us, and HLT is no exit any more.
 */
#ifndef CHIP_KERNEL_H
#define CHIP_KERNEL_H

#include "irq.h"
#include "vm.h"

struct chip_kernel {
	struct irqchip chip;
	int vm_fd;
};

/*
 * [task 4.8] Before the first vCPU is made, have KVM make its controllers (api.rst 4.24,
 * KVM_CREATE_IRQCHIP) and its timer (4.71, KVM_CREATE_PIT2; with KVM_PIT_SPEAKER_DUMMY, which gives
 * the guest port 0x61). Returns 0 or a negative errno; controllers without a timer stay, since KVM
 * takes neither away again.
 */
int chip_kernel_init(struct chip_kernel *k, struct vm *vm);

/*
 * [task 4.8] Line n has this level, and keeps it until it is set anew: KVM_IRQ_LINE (api.rst 4.25).
 * This is ops->set of the chip: the devices' irq_set() ends here.
 */
void chip_kernel_set(struct irqchip *chip, unsigned n, bool level);

/*
 * [task 4.8] From now on each count that is added to the eventfd is a rising edge of line n:
 * KVM_IRQFD (api.rst 4.75). No ioctl is needed any more, and any thread or process can do it. The
 * line falls again at once: an edge is remembered, a level is not. This is ops->irqfd of the chip:
 * irq_use_irqfd() calls it. Returns 0 or a negative errno.
 */
int chip_kernel_irqfd(struct irqchip *chip, unsigned n, int eventfd);

/*
 * [task 4.11] A device has written data to this address. If it lies from 0xfee00000 to 0xfeefffff,
 * this is an interrupt, and KVM's local APICs get it: KVM_SIGNAL_MSI (the first 4.71 of api.rst).
 * KVM would take any address; a write to another one is none, and nothing happens.
 *
 * This is ops->message of the chip: returns 1 if a CPU took it, 0 if none did, whatever KVM says
 * of the reason: what a guest has put into its device's registers is no failure of ours.
 */
int chip_kernel_message(struct irqchip *chip, u64 address, u32 data);

#endif

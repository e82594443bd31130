/* SPDX-License-Identifier: MIT */
/*
 * Task 4.11 (stretch): a device without a wire. Its interrupts are messages (MSI): it writes a
 * number to an address, and who is there takes it for an interrupt. So the guest tells it what to
 * write where, in a table that is laid out as PCI's MSI-X has it (PCI Local Bus 3.0, 6.8.2).
 *
 *	memory 0xfea00100 + 16 n	message n (0 to 3), four registers:
 *		address, its high half, data, control (bit 0: masked; 1 at first)
 *	memory 0xfea00140		write n: message n is due
 *		read, bit n: message n was due and masked, and waits
 *
 * A register has 32 bits. It is accessed as a whole, or two at a time; all other accesses do
 * nothing, and read as 0. What a message means to the CPU: SDM 11.11.1 (address), 11.11.2 (data).
 */
#ifndef MSI_H
#define MSI_H

#include "bus.h"
#include "irq.h"

#define MSI_GPA	     0xfea00100
#define MSI_MESSAGES 4
#define MSI_MASKED   1 /* in MSI_CONTROL */

enum { MSI_ADDRESS, MSI_ADDRESS_HIGH, MSI_DATA, MSI_CONTROL, MSI_REGISTERS };

struct msi_state {
	u32 message[MSI_MESSAGES][MSI_REGISTERS];
	u32 waiting; /* bit n: message n was due while it was masked */
};

struct msi {
	struct msi_state state;
	struct device dev;
	struct irqchip *chip;
	bool told; /* that nobody hears us */
};

/* Given: put it on the bus, with all messages masked. 0, or what bus_add() says. */
int msi_init(struct msi *msi, struct bus *mmio, struct irqchip *chip);

/*
 * [task 4.11] Message n is due. There may be no such message: nothing happens then. If it is
 * masked, it waits (of several that are due meanwhile, one is left), also if it is masked once
 * more; else it is sent.
 */
void msi_due(struct msi *msi, u32 n);

/*
 * [task 4.11] The guest writes register reg (MSI_ADDRESS...) of message n; both exist. Of
 * MSI_CONTROL only bit 0 can be written; bits 1:0 of MSI_ADDRESS are free (PCI wants them written
 * as 0). When a message that waits is not masked any more, it is sent, as it stands now, and does
 * not wait any more.
 */
void msi_write(struct msi *msi, unsigned n, unsigned reg, u32 value);

/* Given: send message n as it stands. Says so, once, if the machine has no local APIC. */
void msi_send(struct msi *msi, unsigned n);

#endif

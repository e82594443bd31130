/* SPDX-License-Identifier: MIT */
/*
 * A device that lets things happen to the CPU that asks for it (given): what guests need
 * to try out interrupts, NMIs and exceptions. No PC has it.
 *
 *	port 0xe0	write n: n non-maskable interrupts, at once
 *	port 0xe1	write v: exception v, before the next instruction
 *	port 0xe2	write e: the error code of the exceptions that have one
 *	port 0xe3	write 0x80 + n: interrupt line n (0 to 15) goes high; n: it goes low
 *			0x40: noise on the wire to the CPU: if it can take an interrupt now, it
 *			acknowledges one that nobody has asked for (our controller only)
 *
 * Reads give 0. A wider access reaches one port after the other.
 */
#ifndef TRIGGER_H
#define TRIGGER_H

#include "pic.h"
#include "vcpu.h"

#define TRIGGER_PORT 0xe0
#define TRIGGER_LEN  4

struct trigger {
	struct device dev;
	struct run *run;   /* who is at the port is one of its vCPUs */
	struct pics *pics; /* NULL with --irqchip=kernel */
	struct irq_line line[16];
	u8 error_code;
};

/* Put it on the port bus; its lines lead to chip. 0, or what bus_add() says. */
int trigger_init(struct trigger *trigger, struct vm *vm, struct irqchip *chip, struct pics *pics);

#endif

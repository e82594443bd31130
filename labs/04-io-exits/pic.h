/* SPDX-License-Identifier: MIT */
/*
 * Task 4.4: a pair of 8259A interrupt controllers, as every PC has them. Pure: no KVM, no threads.
 *
 * 15 lines come in, one comes out: INT, to the CPU. The slave's INT is the master's line 2. What a
 * guest sees is in the data sheet (Intel 8259A, 231468), "Operation command words" and before.
 *
 * Left out, as on all PCs since ELCR says it line by line: LTIM in ICW1 (all lines by level). Also
 * the modes of other machines: MCS-80 (ICW4.uPM = 0), buffered mode, and other places for the slave
 * (ICW3).
 */
#ifndef PIC_H
#define PIC_H

#include "bus.h"
#include "irq.h"

#define PIC_MASTER_PORT 0x20 /* two ports: command, data */
#define PIC_SLAVE_PORT	0xa0
#define PIC_ELCR_PORT	0x4d0 /* two ports: which lines are level-triggered, master and slave */
#define PIC_CASCADE	2     /* the master's line to which the slave is wired */

/* Lines that can be level-triggered. Timer, keyboard, cascade; clock and coprocessor cannot. */
#define PIC_MASTER_ELCR 0xf8
#define PIC_SLAVE_ELCR	0xde

/* What one 8259A remembers: its registers by their names in the data sheet, one bit a line. */
struct pic {
	u8 irr, isr, imr;    /* requested, in service, masked */
	u8 lines;	     /* the level of each line now */
	u8 elcr;	     /* 1: level-triggered */
	u8 base;	     /* ICW2: vector of line 0 */
	u8 lowest;	     /* the line of lowest priority: 7, until a rotation */
	u8 expect;	     /* the initialisation word that comes next: 2 to 4; 0: none */
	bool need_icw4;	     /* ICW1.IC4 */
	bool single;	     /* ICW1.SNGL: ICW3 is left out */
	bool auto_eoi;	     /* ICW4.AEOI */
	bool sfnm;	     /* ICW4.SFNM: special fully nested, in the master only */
	bool rotate_on_aeoi; /* OCW2: rotate in automatic EOI mode */
	bool read_isr;	     /* OCW3: the command port reads as ISR, not IRR */
	bool poll;	     /* OCW3: the next read is a poll */
	bool special_mask;   /* OCW3.SMM */
};

/* What a device may want to know of the edges that it sent (the timer does). */
enum irq_event {
	IRQ_TAKEN,    /* IRR has forgotten the edge, mostly since the CPU took it */
	IRQ_UNMASKED, /* the guest listens from now on */
};

struct pics {
	struct pic pic[2]; /* the state: master, slave */
	struct device dev[2], elcr_dev;
	struct irqchip chip;
	/* A line has risen and INT is high now; on the thread that raised it. May be NULL. */
	void (*changed)(void *ctx);
	void *ctx;
	/* Line n: on the thread of the vCPU. May be NULL; may call pics_set(). */
	void (*event)(void *ctx, unsigned n, enum irq_event event);
	void *event_ctx;
	u64 traced[2]; /* the registers that pics_trace() has told last */
};

/* Given: no thread but this one touches them. One lock for the pair and its ELCR, whose bus gave
 * it. */
static inline void pics_lock(struct pics *pics)
{
	device_lock(&pics->elcr_dev);
}

static inline void pics_unlock(struct pics *pics)
{
	device_unlock(&pics->elcr_dev);
}

/* Given: for --trace, the registers, if they have changed since the last time. */
void pics_trace(struct pics *pics);

/* Given: the state after power-up, and the windows on the bus. 0, or what bus_add() says. */
int pics_init(struct pics *pics, struct bus *pio);

/*
 * [task 4.4] Line n (0 to 15; 2 is the slave's and is left alone) has this level now.
 *
 * Data sheet, "Edge and level triggered modes". Edge: IRR gets the bit when the line rises, and
 * keeps it when it falls. Level (ELCR has the bit): IRR follows the line. Each change of the
 * slave's INT goes to the master's line 2 in the same way. Calls changed() if the line is
 * high and INT is then, too. (If INT was high before, that is free: who was told then has not
 * looked yet, or waits for the guest to take what is there.)
 */
void pics_set(struct pics *pics, unsigned n, bool level);

/*
 * [task 4.4] Is the master's INT high: is there a request in IRR that is not masked, and of higher
 * priority than all that is in service ("Fully nested mode")?
 *
 * Line 0 has the highest priority, or the one after `lowest` if that was rotated. What is in
 * service and masked does not count in special mask mode; in special fully nested mode, neither
 * does the slave's line in the master (the slave may have something more urgent, and keeps out
 * itself what is not). Whether it keeps out lines 3 to 7 then is free: on the chip it does, in QEMU
 * and KVM not.
 */
bool pics_pending(const struct pics *pics);

/*
 * [task 4.4] The CPU acknowledges (INTA): returns the vector, base + line, and puts the line in
 * service. An edge leaves IRR then; a level stays as long as the line is high. For line 2 the slave
 * does the same with its own request, and gives the vector. In a chip with automatic EOI nothing
 * gets into service.
 *
 * "Edge and level triggered modes": if the request has gone by now, the vector is that of line 7 of
 * the chip that was asked, and nothing gets into service in that chip.
 */
u8 pics_ack(struct pics *pics);

/*
 * [task 4.4] A write to chip 0 or 1, at its command (a = 0) or data port (a = 1): ICW1 to ICW4,
 * OCW1 to OCW3, as the data sheet has them.
 *
 * ICW1 starts anew: IMR, ISR, the edges in IRR, and all modes are cleared, line 7 is lowest.
 * event() hears of it: all lines of the chip are IRQ_UNMASKED, before; those whose edge is lost are
 * IRQ_TAKEN, afterwards. OCW1: IRQ_UNMASKED for the lines that were masked and are not any more.
 *
 * An EOI without a number ends the line of highest priority in service; if there is none, it does
 * nothing. (In special mask mode the data sheet leaves out lines that are masked, QEMU and KVM do
 * not: that is free.) A rotation with a number ("Specific rotation") makes that line the lowest,
 * whether it is in service or not. The rotation of automatic EOI rests in a chip without it. (Does
 * an OCW3 that polls also say which of IRR and ISR is read afterwards? Free.)
 */
void pic_write(struct pics *pics, unsigned chip, unsigned a, u8 value);

/*
 * [task 4.4] A read: a = 1 is IMR, a = 0 is IRR or ISR (OCW3). After a poll command the next read
 * is a poll instead: 0x80 + the line that INT would have been for, which is in service from now on;
 * or 0. It is an acknowledgement of this chip alone: after a poll of the slave, whose INT falls,
 * the master still has the edge of its line 2; after one of the master that gave line 2, the slave
 * still has its request.
 */
u8 pic_read(struct pics *pics, unsigned chip, unsigned a);

#endif

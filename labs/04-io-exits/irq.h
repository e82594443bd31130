/* SPDX-License-Identifier: MIT */
/*
 * A device's way to the interrupt controller. It raises and lowers a line and knows nothing of who
 * is at the other end: our own 8259 pair (--irqchip=user) or KVM's (--irqchip=kernel).
 */
#ifndef IRQ_H
#define IRQ_H

#include "types.h"

struct irqchip;

struct irqchip_ops {
	/* Line n (0 to 15) now has this level. Called with the device's lock held, from any thread.
	 */
	void (*set)(struct irqchip *chip, unsigned n, bool level);
	/* A device has written data to this address; see irq_message(). NULL: nobody takes it. */
	int (*message)(struct irqchip *chip, u64 address, u32 data);
	/* Has the guest made line n level-triggered? NULL: it makes no difference here. */
	bool (*is_level)(struct irqchip *chip, unsigned n);
	/* Each count that is added to the eventfd is an edge of line n; see irq_use_irqfd(). NULL:
	 * there is no such way. Returns 0 or a negative errno. */
	int (*irqfd)(struct irqchip *chip, unsigned n, int eventfd);
};

/* Embedded in each controller; container_of() leads back. */
struct irqchip {
	const struct irqchip_ops *ops;
};

struct irq_line {
	struct irqchip *chip; /* NULL: the line leads nowhere */
	unsigned n;
	bool level; /* as it was set last. All else is wiring; this is saved with the device */
	bool has_irqfd;
	int irqfd; /* if it has one: an eventfd by which the controller gets edges */
};

/*
 * Given: set the level of the line; the controller hears of it only when it changes. The device's
 * lock is held.
 *
 * A line with an irqfd that the guest has left edge-triggered has no level: it is pulsed each time
 * that it is set high. Who acknowledges an edge looks for more afterwards, so none is lost.
 */
void irq_set(struct irq_line *line, bool level);

/* Given: an edge, to a controller that latches edges: by the irqfd, or low, then high. */
void irq_pulse(struct irq_line *line);

/*
 * Given: from now on by an irqfd, if the controller knows that (KVM's does); else nothing changes.
 * Once it is wired to a chip. 0 or a negative errno; irq_close() ends it in any case, also for a
 * line without one.
 */
int irq_use_irqfd(struct irq_line *line);
void irq_close(struct irq_line *line);

/*
 * Given: an interrupt that is a message (task 4.11). Returns 1 if a CPU took it, 0 if none did, or
 * a negative errno; -EOPNOTSUPP: this controller knows no messages. The device's lock is held.
 */
int irq_message(struct irqchip *chip, u64 address, u32 data);

#endif

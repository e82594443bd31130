/* SPDX-License-Identifier: MIT */
/*
 * A doorbell: the guest rings to say that there is something to do, as a virtio driver will in lab
 * 05. What matters is what a ring costs.
 *
 *	port 0xe4 (4 ports), or memory 0xfea00000 (4 bytes)
 *			write anything: one ring; read: how many there were so far
 *	memory 0xfea00004 (4 bytes)
 *			bit 0: answer by interrupt 10; else without
 *
 * Rings may be answered together: by one interrupt for several. The count is always exact.
 * An answer is an edge: there is no register by which a guest could acknowledge a level.
 */
#ifndef DOORBELL_H
#define DOORBELL_H

#include "irq.h"
#include "loop.h"
#include "options.h"
#include "vm.h"

#define DOORBELL_PORT 0xe4
#define DOORBELL_GPA  0xfea00000
#define DOORBELL_IRQ  10

struct doorbell_state {
	bool wants_irq;
	u32 rings; /* so far, without those that wait in ring_fd */
};

struct doorbell {
	struct doorbell_state state;
	struct device dev; /* in both windows */
	struct source source;
	struct irq_line irq;
	int ring_fd; /* KVM adds the rings here; -1: each ring is an exit */
};

/*
 * Put it on both buses; --doorbell says how it rings. Who makes it wires irq afterwards. Returns 0
 * or a negative errno. (Given, but for the task below.)
 */
int doorbell_init(struct doorbell *bell, struct vm *vm, struct loop *loop, enum doorbell_kind kind);

/*
 * [task 4.10] Make ring_fd, an eventfd (non-blocking, closed on exec), and have KVM itself answer
 * a write of four bytes to the port or to the memory by adding 1 to it: KVM_IOEVENTFD
 * (api.rst 4.59), one for each, the one with KVM_IOEVENTFD_FLAG_PIO. Other widths still exit. The
 * guest goes on at once, and whoever waits for the eventfd hears of it.
 *
 * Returns 0 or a negative errno. Then ring_fd is -1, or it is open and doorbell_destroy() closes
 * it. (What KVM was told before it refused may stay: it ends with the VM.)
 */
int doorbell_connect(struct doorbell *bell, int vm_fd);

/*
 * [task 4.10] Take the rings out of ring_fd, add them to rings, and return how many there were; 0
 * if there is no ring_fd, or if there were none.
 */
u32 doorbell_collect(struct doorbell *bell);

/* After loop_stop(). */
void doorbell_destroy(struct doorbell *bell);

#endif

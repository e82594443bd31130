/* SPDX-License-Identifier: MIT */
/*
 * Queues that the I/O thread serves, while the guest goes on. What a budget was too small for (see
 * struct budget) it takes up again as if the driver had notified, and all others have their turn in
 * between (given).
 *
 * Task 5.8: notifications that pass the vCPU by. KVM turns a notification into a count in an
 * eventfd, the I/O thread does the work, and its interrupt reaches the guest by an irqfd of the
 * device's line. (As lab 04's doorbell, 4.10 and 4.8.)
 */
#ifndef ASYNC_H
#define ASYNC_H

#include "loop.h"
#include "virtio.h"

struct async {
	struct source source;
	struct loop *loop;
	struct virtio *virtio;
	u32 again;			  /* a bit for each queue that is to be served again */
	int notify_fd[VIRTIO_QUEUES_MAX]; /* -1: each notification is an exit */
};

/* Given: v->again leads here; no eventfd yet. 0, or what loop_add() says. */
int async_init(struct async *a, struct loop *loop, struct virtio *v);

/*
 * [task 5.8] From now on a notification of queue n, a write of 4 bytes with the value n to
 * notify_gpa, adds 1 to notify_fd[n] and is no exit: KVM_IOEVENTFD with
 * KVM_IOEVENTFD_FLAG_DATAMATCH (api.rst 4.59), one for each queue of the device. The eventfds do
 * not block, and are closed on exec. 0 or a negative errno; what was made by then is closed by
 * async_destroy().
 */
int async_connect(struct async *a, int vm_fd, u64 notify_gpa);

/*
 * [task 5.8] Queue n may have been notified: take the count, and then, if there was one,
 * virtio_serve(). A notification that comes meanwhile is counted anew, and not lost.
 */
void async_take(struct async *a, unsigned n);

/* After loop_stop(). */
void async_destroy(struct async *a);

#endif

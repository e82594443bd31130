// SPDX-License-Identifier: MIT
#include "async.h"

#include <errno.h>
#include <linux/kvm.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "todo.h"

static void fds(struct source *s, struct pollset *p)
{
	struct async *a = container_of(s, struct async, source);

	for (unsigned n = 0; n < a->virtio->ops->nqueues; n++)
		if (a->notify_fd[n] >= 0)
			pollset_add(p, a->notify_fd[n], POLLIN);
}

static void ready(struct source *s, struct pollset *p)
{
	struct async *a = container_of(s, struct async, source);
	u32 again = a->again;

	a->again = 0;
	for (unsigned n = 0; n < a->virtio->ops->nqueues; n++) {
		if (a->notify_fd[n] >= 0 && pollset_revents(p, a->notify_fd[n]))
			async_take(a, n);
		else if ((again & 1U << n) && virtio_live(a->virtio)) /* no reset in between */
			virtio_serve(a->virtio, n);
	}
}

static void serve_again(void *ctx, unsigned queue)
{
	struct async *a = ctx;

	/* Who waits for vm->lock has it first: see vm_lock_init(). */
	a->again |= 1U << queue;
	loop_wake(a->loop);
}

int async_init(struct async *a, struct loop *loop, struct virtio *v)
{
	*a = (struct async){
		.source = { .fds = fds, .ready = ready },
		.loop = loop,
		.virtio = v,
	};
	for (unsigned n = 0; n < VIRTIO_QUEUES_MAX; n++)
		a->notify_fd[n] = -1;
	v->again = serve_again;
	v->again_ctx = a;
	return loop_add(loop, &a->source);
}

/* [book:5.8] */
int async_connect(struct async *a, int vm_fd, u64 notify_gpa)
{
	/* TASK 5.8 */
#if SOL >= 508
	for (unsigned n = 0; n < a->virtio->ops->nqueues; n++) {
		struct kvm_ioeventfd io = {
			.datamatch = n,
			.addr = notify_gpa,
			.len = 4,
			.flags = KVM_IOEVENTFD_FLAG_DATAMATCH,
		};

		a->notify_fd[n] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (a->notify_fd[n] < 0)
			return -errno;
		io.fd = a->notify_fd[n];
		if (ioctl(vm_fd, KVM_IOEVENTFD, &io) < 0)
			return -errno;
	}
	return 0;
#else
	return TODO("5.8");
#endif
}

void async_take(struct async *a, unsigned n)
{
	/* TASK 5.8 */
#if SOL >= 508
	eventfd_t count;

	/* First the count, then the queue: a notification from now on is a new one. */
	if (eventfd_read(a->notify_fd[n], &count) == 0)
		virtio_serve(a->virtio, n);
#else
	TODO("5.8");
#endif
}
/* [book:end] */

void async_destroy(struct async *a)
{
	if (!a->virtio)
		return;
	for (unsigned n = 0; n < VIRTIO_QUEUES_MAX; n++)
		if (a->notify_fd[n] >= 0)
			close(a->notify_fd[n]);
}

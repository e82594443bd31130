// SPDX-License-Identifier: MIT
/* Task 5.8: what was counted is served, with eventfds and with a KVM that is made up. */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdarg.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "async.h"
#include "fake_device.h"

/* --- KVM, as far as KVM_IOEVENTFD goes --- */

#define VM     0x7fff0000 /* no descriptor of anybody's */
#define NOTIFY 0xfeb00e50ULL

static struct {
	struct kvm_ioeventfd io[8]; /* what it was told */
	unsigned n, refuses;	    /* and the one that it does not take, counted from 1 */
} fake_kvm;

/* api.rst 4.59: at one address there is one eventfd for each value, or one for all of them. */
static int take_ioeventfd(const struct kvm_ioeventfd *io)
{
	for (unsigned i = 0; i < fake_kvm.n; i++)
		if (io->addr == fake_kvm.io[i].addr &&
		    (!(io->flags & fake_kvm.io[i].flags & KVM_IOEVENTFD_FLAG_DATAMATCH) ||
		     io->datamatch == fake_kvm.io[i].datamatch))
			return EEXIST;
	if (fake_kvm.n + 1 == fake_kvm.refuses || fake_kvm.n == ARRAY_SIZE(fake_kvm.io))
		return ENOSPC;
	fake_kvm.io[fake_kvm.n++] = *io;
	return 0;
}

/* Instead of the one in libc. */
int ioctl(int fd, unsigned long request, ...)
{
	va_list ap;
	void *arg;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	if (fd != VM)
		return (int)syscall(SYS_ioctl, fd, request, arg);
	errno = request == KVM_IOEVENTFD ? take_ioeventfd(arg) : ENOTTY;
	return errno ? -1 : 0;
}

/* The guest writes 4 bytes to the address. Returns whether that was no exit. */
static bool guest_notifies(u64 value)
{
	for (unsigned i = 0; i < fake_kvm.n; i++) {
		const struct kvm_ioeventfd *io = &fake_kvm.io[i];

		if (io->addr == NOTIFY && io->len == 4 && !(io->flags & KVM_IOEVENTFD_FLAG_PIO) &&
		    (io->datamatch == value || !(io->flags & KVM_IOEVENTFD_FLAG_DATAMATCH)))
			return eventfd_write(io->fd, 1) == 0;
	}
	return false;
}

/* The I/O thread comes by: how many descriptors does it look at? */
static unsigned come_by(struct async *a)
{
	struct pollset p = { .timeout_ms = -1 };

	a->source.fds(&a->source, &p);
	poll(p.fd, p.n, 0);
	a->source.ready(&a->source, &p);
	return p.n;
}

/* A device with two queues, both ready. */
static void two_queues(struct fake *f, struct async *a)
{
	static struct loop loop;

	fake_init(f);
	fake_start(f, 0);
	f->v.state.queue[1] = f->v.state.queue[0];
	loop = (struct loop){ 0 };
	EXPECT_ERR(async_init(a, &loop, &f->v), 0);
	fake_kvm.n = 0;
}

TEST("5.8", each_queue_has_an_eventfd, 1)
{
	static struct async a;
	static struct fake f;

	two_queues(&f, &a);
	CONTEXT("a device of two queues: two eventfds, and both on one address");
	EXPECT_ERR(async_connect(&a, VM, NOTIFY), 0);
	EXPECT_U64(fake_kvm.n, 2);
	for (u32 n = 0; n < VIRTIO_QUEUES_MAX; n++) {
		CONTEXT("notify_fd[%u] of a device of two queues", n);
		EXPECT_TRUE((a.notify_fd[n] >= 0) == (n < 2), "%d", a.notify_fd[n]);
		if (n >= 2)
			continue;
		EXPECT_TRUE(fcntl(a.notify_fd[n], F_GETFL) & O_NONBLOCK, "it blocks");
		EXPECT_TRUE(fcntl(a.notify_fd[n], F_GETFD) & FD_CLOEXEC, "it outlives exec");
	}
	for (u32 n = 2; n-- > 0;) {
		CONTEXT("queue %u is notified three times, and served once", n);
		f.notified = 0;
		for (unsigned i = 0; i < 3; i++)
			EXPECT_TRUE(guest_notifies(n), "the notification is an exit");
		EXPECT_U64(come_by(&a), 2);
		EXPECT_U64(f.notified, 1);
		EXPECT_U64(f.last_queue, n);
		EXPECT_TRUE(f.within_budget, "not by virtio_serve()");
		come_by(&a);
		EXPECT_U64(f.notified, 1);
	}
	CONTEXT("a notification of queue 2, which the device does not have, is an exit");
	EXPECT_TRUE(!guest_notifies(2));
	async_destroy(&a);
}

/* The number that the next descriptor gets. */
static int next_fd(void)
{
	int fd = dup(STDERR_FILENO);

	close(fd);
	return fd;
}

TEST("5.8", an_eventfd_that_cannot_be, 0)
{
	int before = next_fd();
	static struct async a;
	static struct fake f;

	two_queues(&f, &a);
	fake_kvm.refuses = 2;
	CONTEXT("KVM does not take the second eventfd of two (ENOSPC)");
	EXPECT_ERR(async_connect(&a, VM, NOTIFY), -ENOSPC);
	for (unsigned n = 0; n < VIRTIO_QUEUES_MAX; n++)
		EXPECT_TRUE(a.notify_fd[n] < 0 || fcntl(a.notify_fd[n], F_GETFD) >= 0,
			    "notify_fd[%u] is closed, and async_destroy() will close it again", n);
	async_destroy(&a);
	CONTEXT("all that was made is closed by async_destroy()");
	EXPECT_U64(next_fd(), before);
	two_queues(&f, &a);
	fake_kvm.refuses = 0;
	setrlimit(RLIMIT_NOFILE, &(struct rlimit){ (rlim_t)before + 1, (rlim_t)before + 1 });
	CONTEXT("there is room for one more descriptor, and the device has two queues");
	EXPECT_ERR(async_connect(&a, VM, NOTIFY), -EMFILE);
	async_destroy(&a);
	EXPECT_U64(next_fd(), before);
}

/* --- what is done about them --- */

/* A device, and a guest on another CPU that notifies once more while it is being served. */
struct bell {
	struct fake f;
	struct async async;
	bool again;
};

static void notify(struct virtio *v, unsigned queue)
{
	struct bell *b = container_of(v, struct bell, f.v);

	b->f.notified++;
	if (b->again)
		eventfd_write(b->async.notify_fd[queue], 1);
	b->again = false;
}

TEST("5.8", a_notification_in_between_is_kept, 1)
{
	static const struct virtio_ops ops = { .name = "bell", .nqueues = 1, .notify = notify };
	static struct loop loop;
	static struct bell b;
	eventfd_t count = 0;

	fake_init(&b.f);
	fake_start(&b.f, 0);
	b.f.v.ops = &ops;
	EXPECT_ERR(async_init(&b.async, &loop, &b.f.v), 0);
	b.async.notify_fd[0] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	CONTEXT("nobody has notified");
	async_take(&b.async, 0);
	EXPECT_U64(b.f.notified, 0);
	CONTEXT("three notifications are one look at the queue");
	eventfd_write(b.async.notify_fd[0], 3);
	async_take(&b.async, 0);
	EXPECT_U64(b.f.notified, 1);
	async_take(&b.async, 0);
	EXPECT_U64(b.f.notified, 1);
	CONTEXT("a notification that comes while the device is at work must still be there "
		"afterwards");
	b.again = true;
	eventfd_write(b.async.notify_fd[0], 1);
	async_take(&b.async, 0);
	EXPECT_U64(b.f.notified, 2);
	EXPECT_TRUE(eventfd_read(b.async.notify_fd[0], &count) == 0, "it is gone, and not served");
	EXPECT_U64(count, 1);
	async_destroy(&b.async);
}

/* A controller whose line is as the guest has made it, and that knows irqfds. */
struct line {
	struct irqchip chip;
	bool by_level, high;
	int irqfd;
};

static void set_line(struct irqchip *chip, unsigned n, bool level)
{
	container_of(chip, struct line, chip)->high = level;
}

static bool line_by_level(struct irqchip *chip, unsigned n)
{
	return container_of(chip, struct line, chip)->by_level;
}

static int line_irqfd(struct irqchip *chip, unsigned n, int eventfd)
{
	container_of(chip, struct line, chip)->irqfd = eventfd;
	return 0;
}

/* How many edges have come by the irqfd since this was asked last? */
static u64 edges(const struct line *line)
{
	eventfd_t count;

	return eventfd_read(line->irqfd, &count) ? 0 : count;
}

TEST("-", a_level_is_held_by_the_line, 0)
{
	static const struct irqchip_ops ops = {
		.set = set_line,
		.is_level = line_by_level,
		.irqfd = line_irqfd,
	};
	struct line line = { .chip.ops = &ops };
	static struct fake f;

	fake_init(&f);
	virtio_set_status(&f.v, VIRTIO_ACKNOWLEDGE);
	if (!f.v.state.status)
		SKIP("task 5.1 comes first");
	fake_start(&f, 0);
	f.v.irq = (struct irq_line){ .chip = &line.chip, .n = 5 };
	EXPECT_ERR(irq_use_irqfd(&f.v.irq), 0);
	CONTEXT("the line is edge-triggered: each interrupt is an edge by the irqfd, and the line "
		"stays as it is");
	virtio_config_changed(&f.v);
	virtio_config_changed(&f.v);
	EXPECT_U64(edges(&line), 2);
	EXPECT_TRUE(!line.high);
	CONTEXT("all is acknowledged: that is no edge");
	f.v.state.interrupt = 0;
	virtio_update_irq(&f.v);
	EXPECT_U64(edges(&line), 0);
	CONTEXT("now it is level-triggered: it is up until the driver acknowledges");
	line.by_level = true;
	virtio_config_changed(&f.v);
	EXPECT_U64(edges(&line), 0);
	EXPECT_TRUE(line.high);
	f.v.state.interrupt = 0;
	virtio_update_irq(&f.v);
	EXPECT_TRUE(!line.high);
	CONTEXT("who only pulses has nothing to acknowledge: an edge, whatever the line is");
	irq_pulse(&f.v.irq);
	EXPECT_U64(edges(&line), 1);
	EXPECT_TRUE(!line.high);
	irq_close(&f.v.irq);
}

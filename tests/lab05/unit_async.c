// SPDX-License-Identifier: MIT
/* Task 5.8: what was counted is served, with an eventfd and without KVM. */
#include <sys/eventfd.h>
#include <unistd.h>

#include "async.h"
#include "fake_device.h"

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

TEST("5.8", a_notification_in_between_is_kept, 0)
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

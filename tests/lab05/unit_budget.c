// SPDX-License-Identifier: MIT
/*
 * How long a device may work at a stretch, whatever the driver has put into its queue. With the
 * smallest device; a loop that does not run, whose part the test plays.
 */
#include <sys/eventfd.h>

#include "../common/capture.h"
#include "async.h"
#include "fake_driver.h"
#include "rng.h"
#include "virtio_mmio.h"
#include "verdicts.h"

#define BUFFER KiB(512)
#define HEAVY  16 /* such buffers in a chain: 8 MiB */

struct machine {
	struct driver d;
	struct rng rng;
	struct virtio_mmio window;
	struct bus mmio;
	pthread_mutex_t lock;
	struct loop loop;
	struct async async;
	struct run run;
};

static struct machine *begin(void)
{
	struct machine *m = calloc(1, sizeof(*m));

	if (!m)
		test_error("no memory");
	driver_memory(&m->d);
	rng_init(&m->rng, &m->d.mem);
	m->rng.virtio.run = &m->run;
	pthread_mutex_init(&m->lock, NULL);
	EXPECT_ERR(virtio_mmio_init(&m->window, &m->mmio, 0, &m->rng.virtio), 0);
	EXPECT_ERR(loop_init(&m->loop, &m->lock), 0);
	EXPECT_ERR(async_init(&m->async, &m->loop, &m->rng.virtio), 0);
	driver_start(&m->d, &m->rng.virtio, 0);
	return m;
}

/* Make one chain of n buffers, and that chain available as often as the queue has entries. */
static void fill(struct machine *m, unsigned n)
{
	struct piece piece[HEAVY];
	u16 *index = (u16 *)(m->d.ram + DRIVER_AREA(RNG_QUEUE) + 0x1002);

	for (unsigned i = 0; i < n; i++)
		piece[i] = W(DRIVER_RAM - BUFFER, BUFFER);
	driver_add(&m->d, RNG_QUEUE, piece, n);
	*index = DRIVER_QUEUE; /* and all entries of the ring are 0 */
}

static void notify(struct machine *m)
{
	u32 queue = RNG_QUEUE;

	EXPECT_V(bus_io(&m->mmio, VIRTIO_MMIO_GPA + VIRTIO_MMIO_QUEUE_NOTIFY, true, &queue, 4),
		 V_RESUME);
}

/* The I/O thread comes by. Returns whether it was woken for that, and else would still sleep. */
static bool come_by(struct machine *m)
{
	struct pollset p = { .timeout_ms = -1 };
	eventfd_t woken = 0;

	eventfd_read(m->loop.wake, &woken);
	for (unsigned i = 0; i < m->loop.nsources; i++)
		m->loop.source[i]->fds(m->loop.source[i], &p);
	for (unsigned i = 0; i < m->loop.nsources; i++)
		m->loop.source[i]->ready(m->loop.source[i], &p);
	return woken;
}

TEST("5.4", a_budget_is_bounded_in_bytes, 0)
{
	const u16 budget = VIRTIO_BUDGET_BYTES / (HEAVY * BUFFER);
	struct machine *m = begin();
	u16 used = budget;

	fill(m, HEAVY);
	notify(m);
	CONTEXT("32 requests of 8 MiB by one notification, and a budget is 64 MiB");
	EXPECT_U64(driver_used(&m->d, RNG_QUEUE), budget);
	while (used < DRIVER_QUEUE) {
		used += budget;
		CONTEXT("what is left over is the I/O thread's, at once and without another "
			"notification");
		EXPECT_TRUE(come_by(m), "it sleeps");
		EXPECT_U64(driver_used(&m->d, RNG_QUEUE), used);
	}
	come_by(m);
	CONTEXT("when nothing is left, it waits for others");
	EXPECT_TRUE(!come_by(m));
	EXPECT_U64(driver_used(&m->d, RNG_QUEUE), DRIVER_QUEUE);
}

TEST("-", a_reset_takes_back_what_is_left_over, 0)
{
	struct machine *m = begin();
	struct capture c;

	fill(m, HEAVY);
	notify(m);
	m->rng.virtio.verbose = true;
	virtio_reset(&m->rng.virtio);
	c = capture_begin(2);
	come_by(m);
	CONTEXT("the driver resets the device before the I/O thread comes to what a budget has "
		"left: "
		"nobody has notified the new one, and nobody is blamed for it");
	EXPECT_STR(capture_end(&c), "");
}

/* Whoever hears of a notification calls the same function: a second transport could, too. */
TEST("-", one_way_to_serve_a_queue, 0)
{
	const u16 budget = VIRTIO_BUDGET_BYTES / (HEAVY * BUFFER);
	struct machine *m = begin();

	fill(m, HEAVY);
	virtio_serve(&m->rng.virtio, RNG_QUEUE);
	if (!driver_used(&m->d, RNG_QUEUE))
		SKIP("tasks 5.1 to 5.4 come first");
	CONTEXT("32 requests of 8 MiB: a budget of 64 MiB, whoever has heard of the notification");
	EXPECT_U64(driver_used(&m->d, RNG_QUEUE), budget);
	m->async.notify_fd[RNG_QUEUE] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	async_take(&m->async, RNG_QUEUE);
	CONTEXT("no notification was counted: that is no reason to serve");
	EXPECT_U64(driver_used(&m->d, RNG_QUEUE), budget);
	come_by(m);
	CONTEXT("the I/O thread serves what was left over, a budget each time it comes by");
	EXPECT_U64(driver_used(&m->d, RNG_QUEUE), 2 * budget);
	CONTEXT("without anybody to come again, the rest waits for the driver");
	m->rng.virtio.again = NULL;
	virtio_serve(&m->rng.virtio, RNG_QUEUE);
	EXPECT_U64(driver_used(&m->d, RNG_QUEUE), 3 * budget);
	virtio_serve(&m->rng.virtio, 77);
	EXPECT_U64(driver_used(&m->d, RNG_QUEUE), 3 * budget);
	async_destroy(&m->async);
}

TEST("5.4", what_fits_a_budget_is_not_cut, 0)
{
	struct machine *m = begin();

	fill(m, 1);
	notify(m);
	CONTEXT("32 requests of 512 KiB by one notification");
	EXPECT_U64(driver_used(&m->d, RNG_QUEUE), DRIVER_QUEUE);
	EXPECT_TRUE(!come_by(m));
}

TEST("5.4", a_budget_ends_with_the_run, 0)
{
	struct machine *m = begin();

	fill(m, 1);
	run_end(&m->run, V_TIMEOUT, 0, NULL);
	notify(m);
	CONTEXT("32 requests by one notification, and the run is over");
	EXPECT_U64(driver_used(&m->d, RNG_QUEUE), 0);
	CONTEXT("and nobody comes back to it");
	EXPECT_TRUE(!come_by(m));
}

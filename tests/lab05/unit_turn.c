// SPDX-License-Identifier: MIT
/*
 * How long a device may work at a stretch, whatever the driver has put into its queue. With the
 * smallest device; a loop that does not run, whose part the test plays.
 */
#include "fake_driver.h"
#include "later.h"
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
	struct later later;
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
	EXPECT_ERR(later_init(&m->later, &m->loop, &m->rng.virtio), 0);
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

static void kick(struct machine *m)
{
	u32 queue = RNG_QUEUE;

	EXPECT_V(bus_io(&m->mmio, VIRTIO_MMIO_GPA + VIRTIO_MMIO_QUEUE_NOTIFY, true, &queue, 4),
		 V_RESUME);
}

/* The I/O thread comes by. Returns how long it would have waited before that, in ms; -1: for ever.
 */
static int come_by(struct machine *m)
{
	struct pollset p = { .timeout_ms = -1 };

	for (unsigned i = 0; i < m->loop.nsources; i++)
		m->loop.source[i]->fds(m->loop.source[i], &p);
	for (unsigned i = 0; i < m->loop.nsources; i++)
		m->loop.source[i]->ready(m->loop.source[i], &p);
	return p.timeout_ms;
}

TEST("5.4", a_turn_is_bounded_in_bytes, 0)
{
	const u16 turn = VIRTIO_TURN_BYTES / (HEAVY * BUFFER);
	struct machine *m = begin();
	u16 used = turn;

	fill(m, HEAVY);
	kick(m);
	CONTEXT("32 requests of 8 MiB by one kick, and a turn is 64 MiB");
	EXPECT_U64(driver_used(&m->d, RNG_QUEUE), turn);
	while (used < DRIVER_QUEUE) {
		used += turn;
		CONTEXT("what is left over is the I/O thread's, without another kick");
		EXPECT_TRUE(come_by(m) >= 0, "it waits for ever");
		EXPECT_U64(driver_used(&m->d, RNG_QUEUE), used);
	}
	come_by(m);
	CONTEXT("when nothing is left, it waits for others");
	EXPECT_U64((u64)come_by(m), (u64)-1);
	EXPECT_U64(driver_used(&m->d, RNG_QUEUE), DRIVER_QUEUE);
}

TEST("5.4", a_small_turn_is_not_cut, 0)
{
	struct machine *m = begin();

	fill(m, 1);
	kick(m);
	CONTEXT("32 requests of 512 KiB by one kick");
	EXPECT_U64(driver_used(&m->d, RNG_QUEUE), DRIVER_QUEUE);
	EXPECT_U64((u64)come_by(m), (u64)-1);
}

TEST("5.4", a_turn_ends_with_the_run, 0)
{
	struct machine *m = begin();

	fill(m, 1);
	run_end(&m->run, V_TIMEOUT, 0, NULL);
	kick(m);
	CONTEXT("32 requests by one kick, and the run is over");
	EXPECT_U64(driver_used(&m->d, RNG_QUEUE), 0);
	CONTEXT("and nobody comes back to it");
	EXPECT_U64((u64)come_by(m), (u64)-1);
}

/* SPDX-License-Identifier: MIT */
/*
 * A disk with a pool, and a host whose calls can be held up: so a test knows what is under way, and
 * needs no time. The calls come from the pool's threads, hence a lock of its own for what they say.
 */
#ifndef LAB05_POOL_H
#define LAB05_POOL_H

#include <pthread.h>
#include <sched.h>
#include <stdio.h>

#include "blk.h"
#include "fake_driver.h"
#include "host_io.h"
#include "todo.h"
#include "vm.h"

#define LONG	KiB(128)
#define SECTORS (4 * LONG / BLK_SECTOR)
#define HEADER	DRIVER_DATA			  /* of request n: 16 bytes at HEADER + 16 * n */
#define STATUS	(DRIVER_DATA + 0x1000)		  /* and a byte at STATUS + n */
#define DATA(n) (0x20000 + LONG * (u64)((n) % 6)) /* and so long a buffer */

struct pool_test {
	struct blk blk;
	struct driver d;
	struct irqchip chip;
	const char *path;
	u8 bytes[SECTORS * BLK_SECTOR]; /* of the file, at first */
	pthread_mutex_t lock;		/* the device's */
	pthread_cond_t interrupted;	/* with it */

	pthread_mutex_t mutex; /* of what follows */
	pthread_cond_t changed;
	unsigned entered[4]; /* calls of the host so far, by enum host_call */
	bool closed[4];	     /* such calls do not come back */
	int err;	     /* what they say */
	/* A call waits until the driver's memory is to be its own again, and then goes on. */
	bool until_stopping;
	bool until_ending; /* a call waits until the pool is to end, and then goes on */
	bool mine;	   /* atomic: it is the driver's own */
	bool misused;	   /* a call came back after that */
};

/* Its owner ends the pool. (A wrong solution forgets its jobs then, and waits for them with the
 * lock held.) */
static inline bool pool_is_ending(struct pool_test *t)
{
	bool ending;

	if (pthread_mutex_trylock(&t->lock))
		return __atomic_load_n(&t->blk.virtio.stopping, __ATOMIC_SEQ_CST);
	ending = t->blk.pool->ending;
	pthread_mutex_unlock(&t->lock);
	return ending;
}

static inline int pool_before(void *ctx, enum host_call call, off_t off)
{
	struct pool_test *t = ctx;
	int err;

	pthread_mutex_lock(&t->mutex);
	t->entered[call]++;
	pthread_cond_broadcast(&t->changed);
	while (t->closed[call])
		pthread_cond_wait(&t->changed, &t->mutex);
	err = t->err;
	pthread_mutex_unlock(&t->mutex);
	while (t->until_stopping && !__atomic_load_n(&t->blk.virtio.stopping, __ATOMIC_SEQ_CST) &&
	       !__atomic_load_n(&t->mine, __ATOMIC_SEQ_CST))
		sched_yield();
	while (t->until_ending && !pool_is_ending(t))
		sched_yield();
	return err;
}

static inline void pool_after(void *ctx, enum host_call call)
{
	struct pool_test *t = ctx;

	pthread_mutex_lock(&t->mutex);
	if (call != HOST_SYNC && __atomic_load_n(&t->mine, __ATOMIC_SEQ_CST))
		t->misused = true;
	pthread_mutex_unlock(&t->mutex);
}

static inline void pool_irq(struct irqchip *chip, unsigned n, bool level)
{
	pthread_cond_broadcast(&container_of(chip, struct pool_test, chip)->interrupted);
}

/* Calls of this kind are held up, or not any more. */
static inline void pool_close(struct pool_test *t, enum host_call call, bool closed)
{
	pthread_mutex_lock(&t->mutex);
	t->closed[call] = closed;
	pthread_cond_broadcast(&t->changed);
	pthread_mutex_unlock(&t->mutex);
}

/* Wait until there have been so many. */
static inline void pool_entered(struct pool_test *t, enum host_call call, unsigned n)
{
	pthread_mutex_lock(&t->mutex);
	while (t->entered[call] < n)
		pthread_cond_wait(&t->changed, &t->mutex);
	pthread_mutex_unlock(&t->mutex);
}

/* Request n, of len bytes of data; the driver has not notified yet. */
static inline void pool_add(struct pool_test *t, unsigned n, u32 type, u64 sector, u32 len)
{
	struct blk_header header = { .type = type, .sector = sector };

	memcpy(t->d.ram + HEADER + 16 * n, &header, sizeof(header));
	t->d.ram[STATUS + n] = 0xaa;
	if (len)
		ADD(&t->d, BLK_QUEUE, R(HEADER + 16 * n, 16),
		    (struct piece){ DATA(n), len, type == BLK_IN }, W(STATUS + n, 1));
	else
		ADD(&t->d, BLK_QUEUE, R(HEADER + 16 * n, 16), W(STATUS + n, 1));
}

/* The driver notifies. Returns what has come back when it goes on. */
static inline u16 pool_notify(struct pool_test *t)
{
	u16 used;

	pthread_mutex_lock(&t->lock);
	virtio_serve(&t->blk.virtio, BLK_QUEUE);
	used = driver_used(&t->d, BLK_QUEUE);
	pthread_mutex_unlock(&t->lock);
	return used;
}

/* Wait until so many have come back, in all. */
static inline void pool_used(struct pool_test *t, u16 n)
{
	pthread_mutex_lock(&t->lock);
	while (driver_used(&t->d, BLK_QUEUE) < n) {
		t->blk.virtio.state.interrupt = 0; /* acknowledged */
		virtio_update_irq(&t->blk.virtio);
		pthread_cond_wait(&t->interrupted, &t->lock);
	}
	EXPECT_U64(driver_used(&t->d, BLK_QUEUE), n);
	pthread_mutex_unlock(&t->lock);
}

/* Wait until no thread has a job. */
static inline void pool_idle(struct pool_test *t)
{
	bool busy = true;

	while (busy) {
		busy = false;
		sched_yield();
		pthread_mutex_lock(&t->lock);
		for (unsigned i = 0; i < BLK_POOL_JOBS; i++)
			busy |= t->blk.pool->job[i].state != JOB_FREE;
		pthread_mutex_unlock(&t->lock);
	}
}

/* The stub is silent, since a disk works without a pool: it hands on nothing at all, no read
 * either. */
static inline void pool_say_todo(struct pool_test *t)
{
	pool_add(t, 1, BLK_IN, 0, LONG);
	if (pool_notify(t) == 2)
		TODO("5.12");
}

static inline struct pool_test *pool_begin(u64 features)
{
	static const struct irqchip_ops chip = { .set = pool_irq };
	struct pool_test *t = calloc(1, sizeof(*t));
	struct why why;
	u16 at_once;
	FILE *f;

	if (!t)
		test_error("no memory");
	t->path = test_tmpfile("disk");
	for (unsigned i = 0; i < sizeof(t->bytes); i++)
		t->bytes[i] = (u8)(i / BLK_SECTOR + 37 * i);
	f = fopen(t->path, "w");
	if (!f || fwrite(t->bytes, sizeof(t->bytes), 1, f) != 1 || fclose(f))
		test_error("%s cannot be written", t->path);
	vm_lock_init(&t->lock);
	pthread_cond_init(&t->interrupted, NULL);
	pthread_mutex_init(&t->mutex, NULL);
	pthread_cond_init(&t->changed, NULL);
	driver_memory(&t->d);
	EXPECT_ERR(blk_init(&t->blk, &t->d.mem, t->path, false, &why), 0);
	t->chip.ops = &chip;
	t->blk.virtio.irq = (struct irq_line){ .chip = &t->chip, .n = 5 };
	EXPECT_ERR(blk_pool_start(&t->blk, &t->lock), 0);
	driver_start(&t->d, &t->blk.virtio, BLK_F_FLUSH);
	pool_add(t, 0, BLK_FLUSH, 0, 0);
	CONTEXT("task 5.12: a flush is not done by who serves the queue");
	at_once = pool_notify(t);
	if (at_once)
		pool_say_todo(t);
	EXPECT_U64(at_once, 0);
	pool_used(t, 1);
	pool_idle(t);
	t->blk.virtio.state.interrupt = 0;
	virtio_update_irq(&t->blk.virtio);
	driver_start(&t->d, &t->blk.virtio, features);
	host_io = (struct host_io){ .before = pool_before, .after = pool_after, .ctx = t };
	return t;
}

/* Nobody holds the device's lock for long: who has it now lets go of it without the host. */
static inline void expect_unlocked(struct pool_test *t)
{
	pthread_mutex_lock(&t->lock);
	pthread_mutex_unlock(&t->lock);
}

/* The head of the n-th chain that has come back. */
static inline u32 pool_head(const struct pool_test *t, u16 n)
{
	u32 head;

	memcpy(&head, t->d.ram + DRIVER_AREA(BLK_QUEUE) + 0x2004 + 8 * (n % DRIVER_QUEUE), 4);
	return head;
}

static inline void pool_end(struct pool_test *t)
{
	blk_destroy(&t->blk);
	host_io.before = NULL;
	free(t->d.ram);
	free(t);
}

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Task 5.12 (stretch): two threads that do a disk's long requests, while the guest and all other
 * devices go on. A request takes the way that it takes without them: virtio_pop(), blk_request(),
 * blk_finish(). What is between the first two, and on which thread the others run, is here.
 *
 * All of this is under the device's lock, but for the work itself. The driver may reset the device
 * meanwhile, and then its memory is its own again: hence blk_pool_forget(). A job that is under way
 * is not part of the device's state in virtio.state: who copied that (a snapshot) would first have
 * to wait until each job is JOB_FREE.
 */
#ifndef BLK_POOL_H
#define BLK_POOL_H

#include <pthread.h>

#include "virtq.h"

#define BLK_POOL_THREADS 2
#define BLK_POOL_JOBS	 32 /* requests that wait or are being done; others stay in the queue */
#define BLK_POOL_SHORT	 KiB(64) /* a request of so many bytes is done sooner than handed on */

struct blk;
struct virtio;

/* [book:blk_job] */
struct blk_job {
	enum { JOB_FREE, JOB_WAITS, JOB_TAKEN } state;
	bool flush;
	bool forgotten;	 /* nobody waits for it any more: blk_pool_forget() */
	unsigned thread; /* by which it was taken */
	u64 number;	 /* the one with the least has waited longest */
	struct chain chain;
};

struct blk_thread {
	struct blk_pool *pool;
	pthread_t thread;
	/*
	 * Locked while the thread may touch the guest's memory: from when it takes a job, with the
	 * device's lock held, until the work is done, still without that. A flush needs no memory.
	 */
	pthread_mutex_t memory;
};
/* [book:end] */

struct blk_pool {
	struct blk *blk;
	pthread_mutex_t *lock; /* the device's */
	pthread_cond_t work;   /* with lock: a job waits, or it is all over */
	bool ending;
	bool more;   /* no job was free: there may be requests left in the queue */
	u64 at_once; /* bytes of a request that is done at once: BLK_POOL_SHORT */
	u64 numbers; /* of jobs so far */
	struct blk_thread thread[BLK_POOL_THREADS];
	unsigned nthreads;
	struct blk_job job[BLK_POOL_JOBS];
};

/*
 * Given: from now on this disk has a pool, blk->pool, whose threads run. lock is the one under
 * which the device is called. 0 or a negative errno, and there is none.
 */
int blk_pool_start(struct blk *blk, pthread_mutex_t *lock);

/*
 * Given: end the threads, and wait for them; the disk has no pool any more. What the pool has taken
 * is done to the end, as without a pool it would have been before the guest went on; but forgotten
 * once the run has been cut off (virtio_is_cut_off()). pool may be NULL, and the device's lock is
 * not held.
 */
void blk_pool_stop(struct blk_pool *pool);

/*
 * Given: is a job free? If not, the queue is served again when one is; or it is all over, and what
 * is still in the queue stays there. Without a pool: yes.
 */
bool blk_pool_has_room(struct blk_pool *pool);

/*
 * [task 5.12] A chain has been popped, and blk_pool_has_room() was true. Returns true if it is the
 * pool's now: a copy of it waits for a thread, and one is told (pool->work). False if it is to be
 * done at once: there is no pool; it has no whole header, or no room for a status; or it is short:
 * no BLK_FLUSH, BLK_DISCARD or BLK_WRITE_ZEROES, at most pool->at_once bytes in all, and no write
 * that syncs by itself (see blk_request()). blk_request() reads the header again: a driver that
 * makes a flush of a short read in between holds up its own devices, and nobody else.
 */
bool blk_pool_take(struct blk_pool *pool, const struct chain *c);

/*
 * [task 5.12] As blk_notify(), for a disk with a pool: before each request, ask
 * blk_pool_has_room(); what blk_pool_take() takes is done by others, and the rest at once.
 */
void blk_pool_notify(struct virtio *v, unsigned queue);

/*
 * [task 5.12] Take the job that has waited longest, do it, and give it back. If it is a flush, one
 * blk_flush() is for all flushes that wait at that moment. False: no job waits.
 *
 * Called by the thread t, with the device's lock held, which it lets go of for blk_request() or
 * blk_flush() and for nothing else. The rest is done with it: blk_finish(), unless the job has been
 * forgotten; virtio_interrupt(); and virtio_serve(), if pool->more.
 */
bool blk_pool_work(struct blk_thread *t);

/*
 * [task 5.12] The driver has reset the device, or stopped its queue; or it is all over: jobs that
 * wait are none any more, and those under way will not be given back. Returns when no thread
 * touches the guest's memory for them. What takes long is cut short meanwhile (virtio.stopping, see
 * virtio_is_cut_off()), and a flush is not waited for: so a reset waits for one piece of a request
 * in each thread, and for the sync of a write that syncs by itself. (QEMU waits for all that is in
 * flight, flushes too.) The device's lock is held all the time; pool may be NULL.
 */
void blk_pool_forget(struct blk_pool *pool);

#endif

// SPDX-License-Identifier: MIT
#include "blk_pool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "blk.h"
#include "thread.h"
#include "todo.h"
#include "trace.h"

/* [book:5.12] */
/* TASK 5.12 */
#if SOL >= 512
/* Is it better handed on than done at once? */
static bool is_long(const struct blk_pool *pool, const struct chain *c, u32 type)
{
	switch (type) {
	case BLK_FLUSH:
	case BLK_DISCARD:
	case BLK_WRITE_ZEROES:
		return true;
	case BLK_OUT:
		if (!(pool->blk->virtio.state.accepted & BLK_F_FLUSH))
			return true;
	}
	return c->read_len + c->write_len > pool->at_once;
}

static struct blk_job *free_job(struct blk_pool *pool)
{
	for (unsigned i = 0; i < BLK_POOL_JOBS; i++)
		if (pool->job[i].state == JOB_FREE)
			return &pool->job[i];
	return NULL;
}
#endif

bool blk_pool_take(struct blk_pool *pool, const struct chain *c)
{
	/* TASK 5.12 */
#if SOL >= 512
	struct blk_header header;
	struct blk_job *job;

	if (!pool || !c->write_len || chain_read(c, 0, &header, sizeof(header)) < sizeof(header) ||
	    !is_long(pool, c, header.type))
		return false;
	job = free_job(pool);
	job->state = JOB_WAITS;
	job->flush = header.type == BLK_FLUSH;
	job->forgotten = false;
	job->number = pool->numbers++;
	memcpy(&job->chain, c,
	       offsetof(struct chain, iov) + (c->nread + c->nwrite) * sizeof(struct iovec));
	pthread_cond_signal(&pool->work);
	return true;
#else
	return false;	      /* until then a disk works without a pool */
#endif
}

void blk_pool_notify(struct virtio *v, unsigned queue)
{
	/* TASK 5.12 */
#if SOL >= 512
	struct blk *blk = container_of(v, struct blk, virtio);
	struct chain c;

	while (blk_pool_has_room(blk->pool) && virtio_pop(v, queue, &c))
		if (!blk_pool_take(blk->pool, &c))
			blk_do(blk, &c);
	virtio_interrupt(v, queue);
#else
	blk_notify(v, queue); /* until then a disk works without a pool */
#endif
}

/* TASK 5.12 */
#if SOL >= 512
/* The one that has waited longest is t's now, and with a flush all flushes. NULL: none waits. */
static struct blk_job *next_job(struct blk_thread *t)
{
	struct blk_job *job = t->pool->job, *first = NULL;

	for (unsigned i = 0; i < BLK_POOL_JOBS; i++)
		if (job[i].state == JOB_WAITS && (!first || job[i].number < first->number))
			first = &job[i];
	for (unsigned i = 0; first && i < BLK_POOL_JOBS; i++)
		if (&job[i] == first ||
		    (first->flush && job[i].flush && job[i].state == JOB_WAITS)) {
			job[i].state = JOB_TAKEN;
			job[i].thread = (unsigned)(t - t->pool->thread);
		}
	return first;
}

/* What the header says now is no matter: a flush touches no memory, and all else has it locked. */
static enum blk_status work(struct blk_thread *t, const struct blk_job *job, u64 *done)
{
	struct blk *blk = t->pool->blk;
	enum blk_status status;

	*done = 0;
	if (job->flush) {
		pthread_mutex_unlock(t->pool->lock);
		status = blk_flush(blk);
	} else {
		pthread_mutex_lock(&t->memory);
		pthread_mutex_unlock(t->pool->lock);
		status = blk_request(blk, &job->chain, done);
		pthread_mutex_unlock(&t->memory);
	}
	pthread_mutex_lock(t->pool->lock);
	return status;
}

static void give_back(struct blk_thread *t, enum blk_status status, u64 done)
{
	struct blk_pool *pool = t->pool;

	for (unsigned i = 0; i < BLK_POOL_JOBS; i++) {
		struct blk_job *job = &pool->job[i];

		if (job->state != JOB_TAKEN || &pool->thread[job->thread] != t)
			continue;
		if (!job->forgotten)
			blk_finish(pool->blk, &job->chain, status, done);
		job->state = JOB_FREE;
	}
	virtio_interrupt(&pool->blk->virtio, BLK_QUEUE);
}
#endif

bool blk_pool_work(struct blk_thread *t)
{
	/* TASK 5.12 */
#if SOL >= 512
	struct blk_job *job = next_job(t);
	enum blk_status status;
	u64 done;

	if (!job)
		return false;
	status = work(t, job, &done);
	give_back(t, status, done);
	if (t->pool->more && virtio_live(&t->pool->blk->virtio)) {
		t->pool->more = false;
		virtio_serve(&t->pool->blk->virtio, BLK_QUEUE);
	}
	return true;
#else
	return false;
#endif
}

void blk_pool_forget(struct blk_pool *pool)
{
	/* TASK 5.12 */
#if SOL >= 512
	bool *stopping;

	if (!pool)
		return;
	for (unsigned i = 0; i < BLK_POOL_JOBS; i++) {
		pool->job[i].forgotten = true;
		if (pool->job[i].state == JOB_WAITS)
			pool->job[i].state = JOB_FREE;
	}
	pool->more = false;
	stopping = &pool->blk->virtio.stopping;
	__atomic_store_n(stopping, true, __ATOMIC_RELAXED);
	for (unsigned i = 0; i < pool->nthreads; i++) {
		pthread_mutex_lock(&pool->thread[i].memory); /* the end of what it is at */
		pthread_mutex_unlock(&pool->thread[i].memory);
	}
	__atomic_store_n(stopping, false, __ATOMIC_RELAXED);
#endif
}
/* [book:end] */

bool blk_pool_has_room(struct blk_pool *pool)
{
	if (!pool)
		return true;
	for (unsigned i = 0; i < BLK_POOL_JOBS && !pool->ending; i++)
		if (pool->job[i].state == JOB_FREE)
			return true;
	pool->more = !pool->ending;
	return false;
}

static void *run(void *arg)
{
	struct blk_thread *t = arg;
	struct blk_pool *pool = t->pool;

	pthread_mutex_lock(pool->lock);
	while (true) {
		for (u64 from = trace_tick(); blk_pool_work(t); from = trace_tick())
			trace_note_at(from, TRACE_WORK, .v = { trace_tick() - from });
		if (pool->ending)
			break;
		pthread_cond_wait(&pool->work, pool->lock);
	}
	pthread_mutex_unlock(pool->lock);
	return NULL;
}

int blk_pool_start(struct blk *blk, pthread_mutex_t *lock)
{
	struct blk_pool *pool = calloc(1, sizeof(*pool));
	int err = 0;

	if (!pool)
		return -ENOMEM;
	pool->blk = blk;
	pool->lock = lock;
	pool->at_once = BLK_POOL_SHORT;
	pthread_cond_init(&pool->work, NULL);
	for (unsigned i = 0; i < BLK_POOL_THREADS && !err; i++) {
		struct blk_thread *t = &pool->thread[i];

		t->pool = pool;
		pthread_mutex_init(&t->memory, NULL);
		err = thread_start(&t->thread, i ? "disk 1" : "disk 0", run, t);
		if (!err) {
			pthread_mutex_lock(lock); /* blk_pool_forget() may look at it */
			pool->nthreads++;
			pthread_mutex_unlock(lock);
		}
	}
	if (err)
		blk_pool_stop(pool);
	else
		blk->pool = pool;
	return err;
}

void blk_pool_stop(struct blk_pool *pool)
{
	if (!pool)
		return;
	pthread_mutex_lock(pool->lock);
	pool->ending = true;
	if (virtio_is_cut_off(&pool->blk->virtio))
		blk_pool_forget(pool);
	pthread_cond_broadcast(&pool->work);
	pthread_mutex_unlock(pool->lock);
	for (unsigned i = 0; i < pool->nthreads; i++)
		pthread_join(pool->thread[i].thread, NULL);
	pthread_mutex_lock(pool->lock); /* the I/O thread may look at it */
	if (pool->blk->pool == pool)
		pool->blk->pool = NULL;
	pthread_mutex_unlock(pool->lock);
	free(pool);
}

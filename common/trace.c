// SPDX-License-Identifier: MIT
#include "trace.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

_Static_assert(sizeof(struct trace_record) == 64, "a record is one line of the cache");
_Static_assert(sizeof(struct trace_code) == 64, "and so is a piece of code");

_Thread_local struct trace_log *trace_mine;

/*
 * What nobody has written to costs nothing. The first write to a page costs more than some hundred
 * records do, so the pages shall be large.
 */
static void *take_memory(size_t size)
{
	char *p;
	size_t before;

	size = (size + PAGE_SIZE_4K - 1) & ~(PAGE_SIZE_4K - 1);
	p = mmap(NULL, size + MiB(2), PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	before = -(uintptr_t)p % MiB(2);
	if (before)
		munmap(p, before);
	munmap(p + before + size, MiB(2) - before);
	madvise(p + before, size, MADV_HUGEPAGE); /* where there are none, small ones do, too */
	return p + before;
}

void trace_join(struct trace *trace, const char *name)
{
	struct trace_log *log;
	unsigned n;

	if (!trace || !name)
		return;
	n = __atomic_fetch_add(&trace->nlogs, 1, __ATOMIC_SEQ_CST);
	if (n >= TRACE_LOGS || !(log = take_memory(sizeof(*log))))
		return; /* this thread is not in the film */
	log->trace = trace;
	snprintf(log->name, sizeof(log->name), "%s", name);
	trace_mine = log;
	__atomic_store_n(&trace->log[n], log, __ATOMIC_RELEASE);
}

struct trace *trace_begin(int vcpu_fd, const struct memslot *slot, const unsigned *nslots)
{
	struct trace *trace = take_memory(sizeof(*trace));
	struct timespec ts;

	if (!trace)
		return NULL;
	trace->vcpu_fd = vcpu_fd;
	trace->slot = slot;
	trace->nslots = nslots;
	trace->first_tick = trace_tick();
	clock_gettime(CLOCK_MONOTONIC, &ts);
	trace->first_ns = (u64)ts.tv_sec * 1000000000u + (u64)ts.tv_nsec;
	trace_join(trace, "vCPU 0");
	if (!trace->log[0]) {
		munmap(trace, sizeof(*trace));
		return NULL;
	}
	return trace;
}

void trace_end(struct trace *trace)
{
	if (!trace)
		return;
	for (unsigned i = 0; i < TRACE_LOGS; i++)
		if (trace->log[i])
			munmap(trace->log[i], sizeof(*trace->log[i]));
	munmap(trace, sizeof(*trace));
	trace_mine = NULL;
}

/* --live reads while this writes: so by words that are whole, and the number last. */
void trace_add(const struct trace_record *record)
{
	struct trace_log *log = trace_mine;
	u64 *to = (u64 *)&log->record[log->total % TRACE_RECORDS];
	u64 from[sizeof(*record) / sizeof(u64)];

	memcpy(from, record, sizeof(from));
	for (unsigned i = 0; i < ARRAY_SIZE(from); i++)
		__atomic_store_n(&to[i], from[i], __ATOMIC_RELAXED);
	__atomic_store_n(&log->total, log->total + 1, __ATOMIC_RELEASE);
}

u64 trace_total(const struct trace_log *log)
{
	return __atomic_load_n(&log->total, __ATOMIC_ACQUIRE);
}

u64 trace_first(const struct trace_log *log)
{
	u64 total = trace_total(log);

	/* One place is for the next record: see trace_read(). */
	return total >= TRACE_RECORDS ? total - TRACE_RECORDS + 1 : 0;
}

bool trace_read(const struct trace_log *log, u64 n, struct trace_record *record)
{
	const u64 *from = (const u64 *)&log->record[n % TRACE_RECORDS];
	u64 to[sizeof(*record) / sizeof(u64)];

	if (n >= trace_total(log))
		return false;
	for (unsigned i = 0; i < ARRAY_SIZE(to); i++)
		to[i] = __atomic_load_n(&from[i], __ATOMIC_RELAXED);
	memcpy(record, to, sizeof(to));
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	/* The next one to be written takes the place of the first: that is under way, perhaps. */
	return n + TRACE_RECORDS > __atomic_load_n(&log->total, __ATOMIC_RELAXED);
}

void trace_exit(const struct exit_record *exit)
{
	if (!trace_mine)
		return;
	trace_note_at(exit->left, TRACE_EXIT, .a = exit->kind, .b = exit->count,
		      .v = { exit->guest, exit->handler, exit->rip, exit->addr, exit->data,
			     exit->reason | (u64)exit->size << 32 | (u64)exit->has_rip << 40 });
}

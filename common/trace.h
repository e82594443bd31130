/* SPDX-License-Identifier: MIT */
/*
 * --trace: what happens in a run, noted down while it happens (given). The recorder keeps the last
 * exits; this keeps all of them, and what devices and interrupts do in between, each with its time.
 * At the end trace_write() makes a file of it: see trace_out.h.
 *
 * Each thread has a log of its own, a ring of records of one size, so none waits for another. Who
 * has something to note calls trace_note(), wherever it is: where no trace is wanted, that is one
 * look at a pointer.
 */
#ifndef TRACE_H
#define TRACE_H

#include <x86intrin.h>

#include "memslot.h"
#include "recorder.h"

#define TRACE_LOGS 16
#define TRACE_RECORDS                                                                    \
	(1u << 18)	 /* of each thread; when there are more, the first are forgotten \
			  */
#define TRACE_CODES 4096 /* places of the guest's code that are kept, a power of two */
#define TRACE_CODE  46	 /* bytes of each */

/* What a record tells; a, b and v by type. A page of the book and trace.js read these numbers. */
enum trace_type {
	TRACE_EXIT = 1, /* a kind, b count, v: ticks in KVM_RUN, then in the VMM, rip, addr, data,
			   reason | size << 32 | has_rip << 40 */
	TRACE_LINE,	/* an interrupt line: a its number, b 0 low, 1 high, 2 an edge */
	TRACE_MESSAGE,	/* an interrupt as a message: v address, data */
	TRACE_PIC,	/* our 8259 pair, after a change: v[0], v[1] master and slave, a byte each:
			   irr, isr, imr, lines, elcr, base */
	TRACE_INJECT,	/* given to the CPU: a vector, b 0 interrupt, 1 NMI, 2 exception */
	TRACE_KICK,	/* the driver notifies: a window, b queue, v ticks to serve it, -, -, -,
			   TRACE_RING */
	TRACE_POP,	/* a request is taken: a window, b queue, v head, bytes to read, to write,
			   the first 8 and the next 8 to read, TRACE_RING */
	TRACE_PIECE,	/* of the request taken last: a window, b queue | write << 16, v gpa, bytes,
			   number, head */
	TRACE_PUSH,	/* and given back: a window, b queue, v head, bytes written, -, -, -,
			   TRACE_RING */
	TRACE_CALL,	/* the device interrupts: a window, b InterruptStatus */
	TRACE_STATUS,	/* a device's status: a window, b status, v device id */
	TRACE_QUEUE,	/* a queue: a window, b queue, v desc, avail, used, ready */
	TRACE_WORK,	/* a thread other than the vCPU's has worked: v ticks; `at` is the start */
	TRACE_TYPES
};

/* How far a queue is: the driver's index, ours of both rings, the size. */
#define TRACE_RING(avail, taken, used, size) \
	((u64)(u16)(avail) | (u64)(u16)(taken) << 16 | (u64)(u16)(used) << 32 | (u64)(size) << 48)

struct trace_record {
	u64 at; /* ticks of the time-stamp counter */
	u16 type, a;
	u32 b;
	u64 v[6];
};

/* Code as it lay in the guest's memory when an exit came from there for the first time. */
struct trace_code {
	u64 rip;    /* as in the exit's record */
	u64 linear; /* where the bytes begin */
	u8 bits;    /* of the code segment: 16, 32, 64; 0: this place is empty */
	u8 len;
	u8 code[TRACE_CODE];
};

struct trace;
struct live;

/* What one thread has noted. Others may read it at any time: trace_read(). */
struct trace_log {
	struct trace *trace;
	char name[24];
	u64 last_rip; /* of the exits: its code is kept, or cannot be */
	u64 total;    /* records so far; number n is in record[n % TRACE_RECORDS] */
	_Alignas(64) struct trace_record record[TRACE_RECORDS];
};

struct trace {
	u64 first_tick, first_ns;   /* one moment by both clocks */
	int vcpu_fd;		    /* whose code is kept */
	const struct memslot *slot; /* guest RAM */
	const unsigned *nslots;
	struct live *live; /* of --live: live.h */
	unsigned nlogs;
	struct trace_log *log[TRACE_LOGS];
	struct trace_code code[TRACE_CODES]; /* by the hash of rip; of the first vCPU */
};

/* This thread's log; NULL: no trace is wanted. */
extern _Thread_local struct trace_log *trace_mine;

/*
 * From now on this thread, a vCPU's, notes; vcpu_fd is asked where an exit's code lies. What the
 * arguments point to lives as long as the trace. Returns NULL with errno set: there is no memory.
 */
struct trace *trace_begin(int vcpu_fd, const struct memslot *slot, const unsigned *nslots);

/* This thread notes in the trace, too, if there is one (NULL: none), by this name. (NULL: no.) */
void trace_join(struct trace *trace, const char *name);

/* All other threads that have joined have ended. NULL is fine. */
void trace_end(struct trace *trace);

/* The trace that this thread notes in; NULL: none. */
static inline struct trace *trace_now(void)
{
	return trace_mine ? trace_mine->trace : NULL;
}

static inline u64 trace_tick(void)
{
	return __rdtsc();
}

/* Behind trace_note(). */
void trace_add(const struct trace_record *record);

/* Note this, if a trace is wanted: trace_note(TRACE_LINE, .a = 4, .b = 1). */
#define trace_note(type_, ...) trace_note_at(trace_tick(), type_, __VA_ARGS__)
#define trace_note_at(at_, type_, ...)                                      \
	do {                                                                \
		if (trace_mine)                                             \
			trace_add(&(struct trace_record){                   \
				.at = (at_), .type = type_, __VA_ARGS__ }); \
	} while (0)

/* For the recorder: this exit has been handled; and, before, the code at its rip shall be kept. */
void trace_exit(const struct exit_record *exit);
void trace_exit_code(const struct exit_record *exit);

/*
 * Copy out record number n of a log. False: it is not there yet, or has been forgotten, even while
 * it was read. From any thread.
 */
bool trace_read(const struct trace_log *log, u64 n, struct trace_record *record);

/* How many there were so far, and the number of the first one that is not forgotten. */
u64 trace_total(const struct trace_log *log);
u64 trace_first(const struct trace_log *log);

/* What was kept of the code at this rip; NULL: nothing. */
const struct trace_code *trace_code_at(const struct trace *trace, u64 rip);

#endif

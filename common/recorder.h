/* SPDX-License-Identifier: MIT */
#ifndef RECORDER_H
#define RECORDER_H

#include <linux/kvm.h>

#include "types.h"

/*
 * The flight recorder: each time the guest comes out of KVM_RUN, what brought it out is noted in
 * a ring of fixed size. It costs two readings of the time-stamp counter and some stores (about 1%
 * of the cheapest exit), so it is always on. --stats, the report and the last lines of an obituary
 * are views of this one log; --trace keeps a copy of each exit (trace.h).
 */
#define RECORDER_RING 64 /* a power of two */

/* Where an x86 CPU begins after a reset, in a code segment based at 0xffff0000. */
#define RESET_RIP     0xfff0
#define RESET_CS_BASE 0xffff0000

enum exit_kind {
	EXIT_IO_IN,
	EXIT_IO_OUT,
	EXIT_MMIO_READ,
	EXIT_MMIO_WRITE,
	EXIT_HLT,
	EXIT_IRQ_WINDOW,
	EXIT_SHUTDOWN,
	EXIT_FAIL_ENTRY,
	EXIT_INTERNAL_ERROR,
	EXIT_INTR,	/* a signal: KVM_RUN answered EINTR */
	EXIT_RUN_ERROR, /* KVM_RUN answered another errno */
	EXIT_OTHER,	/* a reason that no lab handles: see exit_reason_name() */
	EXIT_KINDS
};

/* Each in a cache line of its own, and 4 KiB of them in all: a trip through the kernel leaves
 * little in the caches. */
struct exit_record {
	/* Ticks of the time-stamp counter in KVM_RUN; recorder_ns() converts them. */
	_Alignas(64) u64 guest;
	u64 handler; /* ticks from this exit to the next entry */
	u64 rip;     /* as KVM shows it; before or after the instruction, by machine */
	u64 addr;    /* port, or guest-physical address */
	u64 data;    /* the first element read or written, at most 8 bytes */
	u32 count;   /* elements (string I/O has more than one) */
	u32 reason;  /* KVM_EXIT_*, or the errno of EXIT_RUN_ERROR */
	u8 kind;     /* enum exit_kind */
	u8 size;     /* bytes of one element */
	bool has_rip;
	u64 left; /* when it came out of KVM_RUN: ticks */
};

struct recorder {
	const struct kvm_run *run;
	bool has_regs;	   /* KVM copies the registers into run (KVM_CAP_SYNC_REGS) */
	u64 total;	   /* exits so far; the last one is ring[(total - 1) % RECORDER_RING] */
	u64 entered, left; /* when: ticks */
	u64 first_tick, first_ns; /* one moment by both clocks */
	u64 count[EXIT_KINDS], guest[EXIT_KINDS], handler[EXIT_KINDS];
	struct exit_record ring[RECORDER_RING];
};

/*
 * Start recording the exits of the vCPU whose shared page is run. vm_fd: any descriptor that
 * answers KVM_CHECK_EXTENSION; with KVM_CAP_SYNC_REGS (api.rst 5, "kvm_valid_regs") each exit
 * brings the registers along, which costs far less than KVM_GET_REGS.
 */
void recorder_init(struct recorder *rec, struct kvm_run *run, int vm_fd);

/* Right before KVM_RUN: completes the record of the last exit. */
void recorder_enter(struct recorder *rec);

/* The run is over: the last exit has no entry behind it. For --trace. */
void recorder_end(struct recorder *rec);

/* Right after KVM_RUN: err is 0, or its negative errno. */
void recorder_leave(struct recorder *rec, int err);

/* Ticks in nanoseconds, by how far both clocks have come since recorder_init(). */
double recorder_ns(const struct recorder *rec, u64 ticks);

/* The i-th last exit (0: the last), or NULL if there were not so many or the ring forgot it. */
const struct exit_record *recorder_last(const struct recorder *rec, u64 i);

/* "IO_OUT": the name used in reports. */
const char *exit_kind_name(enum exit_kind kind);

/* One exit in words: "IO_OUT port=0xe9 size=1 count=1 data=48". Returns buf. */
char *exit_describe(const struct exit_record *record, char *buf, size_t len);

#endif

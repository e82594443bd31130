/* SPDX-License-Identifier: MIT */
#ifndef OBITUARY_H
#define OBITUARY_H

#include <stdio.h>

#include "describe.h"
#include "memslot.h"
#include "recorder.h"
#include "types.h"

/*
 * How a run ended, for people and for tools. A guest that dies never ends as a number: the cause
 * in words, the registers, the instruction, the last exits, and where the book explains it.
 */

/*
 * What the explainer looks at. It reads guest memory by itself (memslot_peek()), so that a mistake
 * in the code under study cannot blind it.
 */
struct witness {
	const struct recorder *rec;
	const struct memslot *slots; /* guest RAM */
	const unsigned *nslots;
	int vcpu_fd; /* -1: no vCPU, so no registers */
	/* Lab 03: turn the vCPU's registers into those that the guest believes in. Or NULL. */
	void (*guest_view)(void *ctx, struct kvm_regs *regs, struct kvm_sregs *sregs);
	/* Lab 03: the i-th last exit (0: the last) as the guest has seen it, into text. False: it
	 * is as KVM has it. Or NULL. */
	bool (*exit_view)(void *ctx, u64 i, char *text, size_t size);
	void *guest_view_ctx;		  /* of both */
	const struct describers *devices; /* who has more to say; or NULL */
};

struct options;

/* How it ended, for the process and in words: summary.c of lab 02 has decided it. */
struct ending {
	const char *verdict; /* halted, exit, dead, timeout, error; limit: told to stop */
	int status;	     /* of the process */
	char cause[160];     /* in words; empty for a good ending */
	const char *chapter; /* where the book explains it, or NULL */
};

/* Where the book explains it. */
#define CHAPTER_ENDINGS "chapter 2c, \"How a run ends\""

/* Put into ending->cause and ->chapter why the last recorded exit was the guest's last one. */
void explain_last_exit(struct ending *ending, const struct witness *witness);

/*
 * Print the obituary on stderr: `vmm: the guest died: cause`, what led there, and what the devices
 * say of themselves.
 */
void obituary_print(const struct ending *ending, const struct witness *witness);

/*
 * Write the machine-readable report: one fact a line, see common/obituary.c. What was in the file
 * before is gone.
 */
void report_write(FILE *f, const struct ending *ending, const struct witness *witness);

/* --stats: exits by reason, with the time spent in the guest and in the VMM. On stderr. */
void stats_print(const struct recorder *rec);

/*
 * From now on SIGQUIT (Ctrl-\) prints where the guest is, writes --report and --trace, and ends the
 * process with status 131; one more SIGQUIT ends it at once. What the arguments point to must live
 * that long (opt may be NULL). Each vCPU's thread calls this for its own: the one that gets the
 * signal speaks, since a running vCPU cannot be asked from another thread.
 */
void witness_on_sigquit(const struct witness *witness, const struct options *opt);

/*
 * After witness_on_sigquit(): in so many seconds the process should have ended. If some seconds
 * later it still has not, it is stuck in its own code. Then it says where the guest is, with
 * verdict error, and ends with status 1, whatever it is at. 0: not any more.
 */
void witness_overdue(unsigned seconds);

/*
 * Who is overdue calls fn before he says a word: a signal's handler may, and it puts the terminal
 * in order. (Not every SIGALRM is the end: who did that at each of them would do it too early.)
 */
void witness_first(void (*fn)(void));

#endif

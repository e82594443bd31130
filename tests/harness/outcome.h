/* SPDX-License-Identifier: MIT */
/*
 * Black box: start the student's program on a guest, and see what comes out.
 *
 * The program is the one given with --vmm or VMMLAB_VMM, else build/labs/NN-name/vmm. A guest that
 * has the symbol `nonce` gets a fresh random number there, in a copy of its image.
 */
#ifndef HARNESS_OUTCOME_H
#define HARNESS_OUTCOME_H

#include <sys/types.h>

#include "report.h"
#include "types.h"

#define VMM_ARGS_MAX 24

struct vmm_run {
	const char *guest;		/* "02/hello16": build/guests/02/hello16.bin or .elf */
	u64 nonce;			/* for the guest; 0: a fresh one */
	const char *image;		/* or any path, handed over as it is */
	const char *args[VMM_ARGS_MAX]; /* options, ended by NULL */
	const char *env[8];		/* "NAME=value", or "NAME" to unset it */
	const char *preload;		/* plan for the bad host of shim_host.c: "open=EBUSY" */
	const char *stdin_path;		/* NULL: /dev/null */
	uid_t uid;			/* run as this user; 0: unchanged */
	double limit;		    /* seconds; 0: the test's own limit, which ends the test too */
	bool no_report;		    /* do not add --report=FILE */
	const char *program;	    /* another one than the lab's */
	bool ours;		    /* which is none of a student's, and runs as we do */
	bool refused;		    /* the sandbox may stop it: else that fails the test */
	bool only_set_up;	    /* what the guest does then is not asked: no exit is counted */
	void (*prepare)(void *arg); /* in the child, right before exec: limits, closed files */
	void *arg;
};

struct outcome {
	char *out, *err; /* with a NUL behind */
	size_t out_len, err_len;
	int status;	/* exit status, or 128 + signal */
	bool signalled; /* a signal ended it */
	bool timed_out; /* only with .limit; at the limit it got SIGQUIT, then SIGKILL */
	u64 nonce;	/* 0: the guest has none */
	long rss_kib;	/* the most memory that the VMM had at once; at least what the test has */
	struct run_report report;
};

/* run_guest("02/hello16", "--mode=real", "--timeout=1") */
#define run_guest(guest_, ...) \
	run_vmm(&(struct vmm_run){ .guest = (guest_), .args = { __VA_ARGS__ } })

/* The line in which a sanitizer tells what it has found; NULL: none does. */
const char *outcome_finding(const char *text);

/* In the suite's process: what it shows of a VMM that crashed names the place instead of addresses.
 */
struct test_result;
void outcome_add_place(struct test_result *r);

/* The end of a text, as much of it as there is room for; or a sanitizer's report from its
 * beginning. */
const char *outcome_last_words(const char *text, size_t room);

struct outcome run_vmm(const struct vmm_run *run);

/* What the guest echo-nonce prints, and its exit status. The text is overwritten by the next call.
 */
const char *nonce_text(const struct outcome *o);
int nonce_status(const struct outcome *o);

/* The length of a text; a captured stream's own length, so that a NUL in it does not hide the rest.
 */
size_t captured_length(const char *text);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef RUN_H
#define RUN_H

#include "types.h"
#include "verdict.h"

#define RUN_VCPUS_MAX 8

struct vcpu;

/*
 * The end of a run has one owner (given). Whoever has a reason ends it, from any thread: the exit
 * device, the time limit, the user, a stdout that takes no more; main(), when the guest has come to
 * its own end. The first one counts.
 */
struct run {
	struct vcpu *vcpu[RUN_VCPUS_MAX]; /* by their numbers; NULL: there is none */
	void (*kick)(struct vcpu *vcpu);  /* vcpu_kick(); here, as that stands on this file */
	enum verdict verdict, cut_off;	  /* see run_verdict(), run_cut_off() */
	int status;			  /* V_EXIT: of the process */
	char cause[160];		  /* why, where the last exit does not tell; or empty */
};

/*
 * End it, and kick all vCPUs but the one of this thread, which finds out when it is through with
 * its exit. cause may be NULL. Returns run_verdict(). A signal handler may call it, too.
 */
enum verdict run_end(struct run *run, enum verdict verdict, int status, const char *cause);

/* The vCPU whose thread this is; NULL: none. */
struct vcpu *run_vcpu(const struct run *run);

/* V_RESUME: it goes on; else how it ended. */
enum verdict run_verdict(const struct run *run);

bool run_is_over(const struct run *run);

/*
 * V_RESUME: the guest may have come to its own end, but what it has asked of a device is done to
 * the end, however long its output waits for a reader. V_TIMEOUT, V_LEFT: not any more.
 */
enum verdict run_cut_off(const struct run *run);

#endif

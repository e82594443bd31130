/* SPDX-License-Identifier: MIT */
/* What the machine offers to the tests. */
#ifndef HARNESS_ENV_H
#define HARNESS_ENV_H

#include <sys/types.h>

#include "types.h"

/* Room for a reason, with a path of ordinary length. */
#define ENV_WHY_MAX 1000

/*
 * Is there a usable /dev/kvm (VMMLAB_KVM: another path)? "The CPU has VT-x" says nothing about
 * that, so this opens it, asks for its version and for one capability, and makes an empty VM.
 * Returns 0, or a negative errno with one line in why: what is wrong and what to do.
 */
int env_kvm(char *why, size_t size);

/* The same; what there is to say about the machine is read below root (doctor's made-up ones). */
int env_kvm_below(const char *root, char *why, size_t size);

/*
 * Does it run a guest, too? Two instructions in real mode, with a time limit: where virtualization
 * is nested and broken, all before KVM_RUN succeeds. For choosing an engine; env_kvm() comes first.
 */
int env_kvm_runs(char *why, size_t size);

/* Where /dev/kvm comes from: VMMLAB_ENGINE, or "native". */
const char *env_engine(void);

/* Factor for every time limit: VMMLAB_TIME_SCALE, or 1. Slow engines set it. */
double env_time_scale(void);

/* Is name one of the words of a list, with commas or blanks between them? */
bool is_listed(const char *list, const char *name);

/*
 * Is a test left out, for which the reference needs so many seconds? VMMLAB_LONGEST sets the limit
 * (default: none); what VMMLAB_ALSO names, tests or whole tasks with commas between, is run all the
 * same, and what VMMLAB_WITHOUT names is not.
 */
bool env_leaves_out(const char *name, const char *task, double seconds);

/*
 * VMMLAB_PART, or NULL: "kvm" are the tests that need /dev/kvm, "plain" those that do not. One part
 * runs in an emulated machine, where all is slow, the other beside it. Notes of tests left out have
 * PART_IS.
 */
const char *env_part(void);
#define PART_IS "VMMLAB_PART="

/*
 * VMMLAB_STUDENT: the code under test runs as this user, and what tests it as root, which that user
 * can neither read nor stop. 0, the default: both run as whoever we are.
 */
uid_t env_student(void);
gid_t env_student_group(void);	  /* which may use /dev/kvm; 0: none is needed */
#define STUDENT_PROCESSES 64	  /* and threads, that user's; a VMM has about ten */
#define STUDENT_FILE	  MiB(64) /* bytes of each file */

/* The directory with the built files: VMMLAB_BUILD, or found from the running program's path. */
const char *env_build_dir(void);

#endif

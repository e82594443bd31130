/* SPDX-License-Identifier: MIT */
/*
 * The wall behind the wall (given). A guest may find a fault in a device and take over the VMM.
 * What it gets then is what this process may do; so, before the guest runs, the process gives up
 * all that a run does not need. Its network's process does the same before the first frame. Two
 * steps, since the kernel has it so:
 *
 * 1. confine_process(): capabilities, namespaces, files. Linux keeps these for each thread, and
 *    hands them on to those that this one starts. So there may be no other yet.
 * 2. confine_calls(): which system calls there are (confine_list.c), for all threads at once. After
 *    the last step of setting up, which needs more of them.
 */
#ifndef CONFINE_H
#define CONFINE_H

#include "options.h"
#include "why.h"

/* What a process is made of: with each part there are calls that it may make. */
enum confine_part {
	CONFINE_ANY = 1 << 0,	   /* bytes, memory, time, threads, signals, the end */
	CONFINE_MACHINE = 1 << 1,  /* KVM's requests of a running guest, and the terminal's */
	CONFINE_DISK = 1 << 2,	   /* of a file that is a disk */
	CONFINE_NETWORK = 1 << 3,  /* a network in a process of its own: its keeper's messages */
	CONFINE_LIBSLIRP = 1 << 4, /* it would read files; it gets none */
	CONFINE_SOCKETS = 1 << 5,  /* the host's network */
	CONFINE_RESOLVER = 1 << 6, /* /etc/resolv.conf, and without Landlock any file: to read */
};

#define CONFINE_VMM (CONFINE_ANY | CONFINE_MACHINE) /* and what its devices need */

/* The status with which a call ends that is not on the list: as if SIGSYS had killed us. */
#define CONFINE_STATUS 159

/*
 * Both: 0, or a negative errno and why. They do nothing with --no-sandbox, but that the first, if
 * it is the VMM's, says what that gives up; nor under a sanitizer, which calls what it likes.
 */
int confine_process(const struct options *opt, unsigned parts, struct why *why);
int confine_calls(const struct options *opt, unsigned parts, struct why *why);

/* Whose sandbox a message is about, by its parts. */
const char *confine_whose(unsigned parts);

#endif

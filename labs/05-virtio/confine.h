/* SPDX-License-Identifier: MIT */
/*
 * The wall behind the wall (given). A guest may find a fault in a device and take over the VMM.
 * What it gets then is what this process may do; so, before the guest runs, the process gives up
 * all that a run does not need. Two steps, since the kernel has it so:
 *
 *	confine_process()	capabilities, namespaces, files: what Linux keeps for each thread,
 *and hands on to those that this one starts. So there may be no other yet. confine_calls()
 *which system calls there are (confine_list.c), for all threads at once. After the last step of
 *setting up, which needs more of them.
 */
#ifndef CONFINE_H
#define CONFINE_H

#include "options.h"

/* What a process is made of: with each part there are calls that it may make. */
enum confine_part {
	CONFINE_ANY = 1 << 0,	   /* bytes, memory, time, threads, signals, the end */
	CONFINE_MACHINE = 1 << 1,  /* KVM's requests of a running guest, and the terminal's */
	CONFINE_DISK = 1 << 2,	   /* of a file that is a disk */
	CONFINE_LIBSLIRP = 1 << 3, /* it would read files; it gets none */
	CONFINE_SOCKETS = 1 << 4,  /* the host's network */
	CONFINE_RESOLVER = 1 << 5, /* /etc/resolv.conf, and without Landlock any file: to read */
};

#define CONFINE_VMM (CONFINE_ANY | CONFINE_MACHINE) /* and what its devices need */

/* The status with which a call ends that is not on the list: as if SIGSYS had killed us. */
#define CONFINE_STATUS 159

/*
 * Both: 0; or with a line on stderr 1, the exit status. They do nothing with --no-sandbox, but that
 * the first says what that gives up; nor under a sanitizer, which calls what it likes.
 */
int confine_process(const struct options *opt, unsigned parts);
int confine_calls(const struct options *opt, unsigned parts);

#endif

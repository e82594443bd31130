/* SPDX-License-Identifier: MIT */
/*
 * The keeper (given): a small process between the VMM and the network's. The VMM cannot start
 * another one itself: when the guest runs it has KVM open, guest memory mapped, and may not fork.
 * So it forks the keeper before it has any of that. The keeper sees no packet and no byte of the
 * guest's; it waits for its child to die, and starts the next one.
 */
#ifndef NET_KEEPER_H
#define NET_KEEPER_H

#include <sys/types.h>

#include "net_plan.h"
#include "why.h"

/*
 * The keeper to the VMM, a message of a SOCK_SEQPACKET each. With err 0 come three descriptors: the
 * channel's memory, and the VMM's ends of its bells. err is only there before the first child, and
 * the keeper ends with it.
 */
struct keeper_says {
	int err;
	struct why why; /* if err; empty, with -ENOSYS: a TODO() of the keeper's has said it */
	pid_t pid;	/* the network's process */
	int died_of;	/* the one before it: as waitpid(2) has it */
};
#define KEEPER_FDS   3
#define NET_TOLD_MAX 16 /* deaths that are told of: a guest must not be able to fill our disk */

/* The VMM to the keeper: the pid of a child that it has hung up on. If that still lives, it is to
 * be killed. */

/*
 * The keeper itself, after fork() by process vmm; control is its end of the socket. It ends when
 * the VMM closes its end, or ends by whatever, since then the kernel closes it. (die_with() is for
 * the moments in which it does not look there; but from Linux 6.12 on Landlock keeps that signal of
 * a confined VMM's back.) So does the child, by die_with().
 */
_Noreturn void net_keeper_run(int control, pid_t vmm, const struct net_plan *plan);

#endif

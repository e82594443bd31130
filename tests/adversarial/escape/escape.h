/* SPDX-License-Identifier: MIT */
/*
 * A VMM that a guest has taken over. Nobody needs to break in: planted.c is an extra device, linked
 * into a build of its own (build/tests/escape) with lab NN's very main.c, by which the guest names
 * a system call and the VMM makes it. The ordinary programs know nothing of it.
 *
 * The guest writes a number to port ESCAPE_PORT, and reads there until it is not 0.
 */
#ifndef ESCAPE_H
#define ESCAPE_H

#define ESCAPE_PORT	 0x5e0
#define ESCAPE_IO_THREAD 0x100 /* added to the number: the I/O thread makes the call */
#define ESCAPE_NETWORK	 0x200 /* the process makes it that is the network of the VMM's card */

enum escape {
	ESCAPE_NOTHING,
	ESCAPE_OPEN, /* a file of the host, to read */
	ESCAPE_OPEN_TO_WRITE,
	ESCAPE_OPEN_KVM,
	ESCAPE_EXEC,
	ESCAPE_FORK,
	ESCAPE_SOCKET, /* to the network */
	ESCAPE_SOCKET_UNIX,
	ESCAPE_PTRACE,
	ESCAPE_READ_PROCESS, /* process_vm_readv() */
	ESCAPE_KILL,
	ESCAPE_TGKILL, /* another process's thread */
	ESCAPE_MAP_CODE,
	ESCAPE_MAKE_CODE, /* mprotect() */
	ESCAPE_NEW_VM,
	ESCAPE_MORE_MEMORY, /* KVM_SET_USER_MEMORY_REGION */
	ESCAPE_IO_URING,    /* which would make calls that no filter sees */
	ESCAPE_MOUNT,
	ESCAPE_SIGIO,	/* fcntl(): the kernel sends signals for us */
	ESCAPE_ASYNC,	/* the same, by a terminal */
	ESCAPE_THREADS, /* no call: what each thread of the VMM may, by /proc, on stderr */
	ESCAPE_CALLS,
};

#endif

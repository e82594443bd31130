/* SPDX-License-Identifier: MIT */
/* A signal to the VMM when its guest has printed its first line: then the guest is known to run. */
#ifndef SIGNAL_RUN_H
#define SIGNAL_RUN_H

#include "bad_host.h"

/*
 * Runs beside the VMM: pass its output on, and send it the signal after the first whole line.
 * It ends with its input, that is, with the VMM.
 */
static inline void watch(int in, int out, pid_t vmm, int sig)
{
	char buf[256];
	ssize_t n;

	while ((n = read(in, buf, sizeof(buf))) > 0) {
		if (write(out, buf, (size_t)n) != n)
			break;
		if (memchr(buf, '\n', (size_t)n) && sig) {
			send_signal(vmm, sig);
			sig = 0;
		}
	}
	_exit(0);
}

/* .prepare: what becomes the VMM writes into a pipe, a child of it reads that. */
static inline void signal_after_a_line(void *arg)
{
	pid_t vmm = getpid();
	int ends[2], out;

	if (pipe(ends))
		_exit(99);
	switch (fork()) {
	case -1:
		_exit(99);
	case 0:
		out = dup(STDOUT_FILENO);
		close(ends[1]);
		watch(ends[0], out, vmm, *(int *)arg);
	}
	dup2(ends[1], STDOUT_FILENO);
	close(ends[0]);
	close(ends[1]);
}

#endif

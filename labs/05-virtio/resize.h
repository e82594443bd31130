/* SPDX-License-Identifier: MIT */
/*
 * The size of the terminal at standard output, for all virtio consoles (given).
 *
 * When it changes, the kernel sends SIGWINCH to the process. There is no handler for it: the signal
 * is blocked in all threads, and waits in a signalfd until the I/O thread takes it. So it comes
 * amid nothing, interrupts no KVM_RUN, and several changes may be one signal: what counts is the
 * size that the terminal has then. There is one signalfd and not one for each console: a signal is
 * read only once.
 */
#ifndef RESIZE_H
#define RESIZE_H

#include "loop.h"
#include "vconsole.h"

#define RESIZE_CONSOLES 8 /* as many as there are windows */

struct resize {
	struct source source;
	int fd; /* the signalfd, if there are consoles */
	struct vconsole *console[RESIZE_CONSOLES];
	unsigned nconsoles;
};

/*
 * This console has the size of the terminal, now and after each change; 0 columns and rows, if the
 * terminal does not know. Where standard output is no terminal it has none, and does not offer
 * VCONSOLE_F_SIZE. 0 or a negative errno. Called before other threads than those of thread_start()
 * are there: the one that calls it blocks SIGWINCH.
 */
int resize_watch(struct resize *r, struct loop *loop, struct vconsole *vc);

/* After loop_stop(). */
void resize_destroy(struct resize *r);

#endif

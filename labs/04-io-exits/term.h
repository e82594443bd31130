/* SPDX-License-Identifier: MIT */
/*
 * The terminal (given): raw while the guest has it, as it was afterwards, on every way out. Signals
 * that end a process, bugs of our own included, restore it first; only SIGKILL cannot.
 */
#ifndef TERM_H
#define TERM_H

#include "types.h"

/*
 * If fd is a terminal and this process has it (not a job in the background), each key goes to the
 * guest from now on: no echo, no lines, no Ctrl-C; only output is treated as before. Remembers how
 * it was, and sees to it that the signals that end the process restore it; a handler that is there
 * already is called afterwards, so vcpu_watch() comes first. After a stop it is raw again
 * (SIGCONT).
 *
 * Returns 1 if the terminal is raw now, 0 if fd is none (or not ours), or a negative errno.
 */
int term_raw(int fd);

/* Has this process the terminal now? Not if it is a job in the background. */
bool term_is_ours(int fd);

/* As it was before term_raw(). May be called at any time and more than once, also by a signal
 * handler. */
void term_restore(void);

#endif

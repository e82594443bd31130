/* SPDX-License-Identifier: MIT */
#ifndef CRASH_H
#define CRASH_H

/*
 * Where a program of ours was when it crashed, or when it was asked. What is written is one line:
 *
 *	vmm: crashed with SIGSEGV at 0x1a2b3 0x2b3c4
 *
 * The addresses lie in the program's own file, counted from its beginning, as addr2line(1) takes
 * them: first where it was, then who had called that, and so on. Code of libraries is left out.
 */

#define CRASH_PLACES 24		/* at most so many addresses in a line */
#define CRASH_AT     " at"	/* what they stand behind, each after a blank */
#define CRASH_STACK  (64 << 10) /* bytes: see crash_stack() */

/*
 * From now on SIGSEGV, SIGBUS, SIGILL, SIGFPE and SIGABRT write such a line to fd: name, which
 * must stay, ": crashed with ", the signal. Then the process ends by the signal, as ever. (Under a
 * sanitizer this does nothing: it knows more.)
 */
void crash_init(const char *name, int fd);

/*
 * Each thread's own stack may be used up, and then such a line needs another one: room, of
 * CRASH_STACK bytes, that stays as long as this thread. (crash_init() has seen to that of its own.)
 */
void crash_stack(void *room);

/* For a handler of a signal (SA_SIGINFO): text and where it has interrupted us, as a line to fd. */
void crash_write_place(int fd, const char *text, const void *context);

#endif

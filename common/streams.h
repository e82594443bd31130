/* SPDX-License-Identifier: MIT */
#ifndef STREAMS_H
#define STREAMS_H

#include "types.h"

/*
 * Make standard input, output and error safe to use, before anything else is opened. One that is
 * closed is held by /dev/null, so that no device or disk can come to lie at its number and receive
 * the guest's output; writing there is an error, as it would have been. A pipe without a reader
 * becomes an error to report (EPIPE) instead of a signal to die of, and so does a file that grows
 * beyond what the user allows (EFBIG).
 */
void streams_init(void);

/*
 * If standard stream fd is a pipe or a terminal: open that anew in its place, with O_NONBLOCK. (Set
 * on what we were given, the flag would hold for the shell, too, and for all that share it.) False
 * if fd is something else, or that is not allowed: then fd is as it was.
 */
bool streams_nonblocking(int fd);

/* If nobody reads what is written to fd, so that writing would wait: from now on it is dropped. */
void streams_drop_unread(int fd);

#endif

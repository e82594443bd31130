/* SPDX-License-Identifier: MIT */
#ifndef STREAMS_H
#define STREAMS_H

/*
 * Make standard input, output and error safe to use, before anything else is opened. One that is
 * closed is held by /dev/null, so that no device or disk can come to lie at its number and receive
 * the guest's output; writing there is an error, as it would have been. A pipe without a reader
 * becomes an error to report (EPIPE) instead of a signal to die of, and so does a file that grows
 * beyond what the user allows (EFBIG).
 */
void streams_init(void);

#endif

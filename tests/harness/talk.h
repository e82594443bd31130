/* SPDX-License-Identifier: MIT */
#ifndef TALK_H
#define TALK_H

#include <stddef.h>

/*
 * For .prepare of struct vmm_run: somebody at the other end of standard input and output who sends
 * text, a string, byte by byte: the first when the VMM has printed a whole line, the others when
 * the byte before has come back. All that the VMM prints goes on to where it was to go.
 */
void talk_byte_by_byte(void *text);

/*
 * For .stdin_path: a file of n bytes that nobody can know before, none of them Ctrl-D, and then a
 * Ctrl-D. bytes has room for all n + 1, and holds them afterwards.
 */
const char *talk_random_input(char *bytes, size_t n);

#endif

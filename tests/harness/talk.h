/* SPDX-License-Identifier: MIT */
#ifndef TALK_H
#define TALK_H

/*
 * For .prepare of struct vmm_run: somebody at the other end of standard input and output who sends
 * text, a string, byte by byte: the first when the VMM has printed a whole line, the others when
 * the byte before has come back. All that the VMM prints goes on to where it was to go.
 */
void talk_byte_by_byte(void *text);

#endif

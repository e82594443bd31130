/* SPDX-License-Identifier: MIT */
#ifndef INSN_H
#define INSN_H

#include "types.h"

#define INSN_MAX 15 /* bytes; Intel SDM volume 2, 2.3.11 */

/*
 * Disassemble the first instruction of code (len bytes, at the linear address rip) for a code
 * segment of 16, 32 or 64 bits, in AT&T syntax. Returns its length in bytes with the text in buf,
 * or 0 if there is no valid instruction.
 */
unsigned insn_text(const u8 *code, size_t len, unsigned bits, u64 rip, char *buf, size_t n);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef INSN_H
#define INSN_H

#include "types.h"

#define INSN_MAX 15 /* bytes; Intel SDM volume 2, 2.3.11 */
#define INSN_RIP 16 /* as a base: the address of the next instruction */

/*
 * Disassemble the first instruction of code (len bytes, at the linear address rip) for a code
 * segment of 16, 32 or 64 bits, in AT&T syntax. Returns its length in bytes with the text in buf,
 * or 0 if there is no valid instruction: then the text says whether the bytes are none, or too few.
 */
unsigned insn_text(const u8 *code, size_t len, unsigned bits, u64 rip, char *buf, size_t n);

/* The instructions that only the most privileged level may execute, and port I/O. 64-bit code. */
enum insn_kind {
	INSN_OTHER, /* everything else */
	INSN_READ_CR,
	INSN_WRITE_CR,
	INSN_INVLPG,
	INSN_LIDT,
	INSN_LGDT,
	INSN_HLT,
	INSN_IN, /* INS too: then .string */
	INSN_OUT,
	INSN_RDMSR,
	INSN_WRMSR,
	INSN_NO_EFFECT, /* CLI, STI, CLTS, LTR, LLDT, WBINVD, INVD: a small VMM may pass over them
			 */
	/* For all levels, unless CR4.UMIP reserves them, too; .size bytes are stored. */
	INSN_SGDT,
	INSN_SIDT,
	INSN_SLDT,
	INSN_STR,
	INSN_SMSW,
};

struct insn {
	enum insn_kind kind;
	unsigned len;	  /* bytes */
	unsigned cr;	  /* READ_CR, WRITE_CR: which control register */
	unsigned reg;	  /* the general register, 0 to 15, whatever part is named: AH is of 0 */
	unsigned size;	  /* IN, OUT: bytes of one element; SGDT to SMSW: bytes stored */
	bool string, rep; /* INS, OUTS; with a REP prefix */
	bool address32;	  /* addresses, and the counts of INS and OUTS, have 32 bits */
	bool port_in_dx;  /* else: */
	u8 port;
	bool has_memory; /* INVLPG, LIDT, LGDT, SGDT to SMSW: the operand; its parts: */
	int base, index; /* general registers, or -1 if it is none; the base may be INSN_RIP */
	unsigned scale;
	s64 displacement;
};

/* Decode the first instruction of code. Returns false if there is no valid one in len bytes. */
bool insn_decode(struct insn *insn, const u8 *code, size_t len);

/*
 * The address of its memory operand; reg[] are the 16 general registers, rip that of the insn. With
 * address32 it has 32 bits, by RIP too (SDM 2, 2.2.1.6). The base of FS or GS is not added.
 */
u64 insn_address(const struct insn *insn, const u64 reg[16], u64 rip);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef REGDUMP_H
#define REGDUMP_H

#include <linux/kvm.h>

#include "insn.h"
#include "obituary.h"

/* Bytes that are no instruction are shown all the same: so many of them. */
#define NO_INSN_SHOWN 8

/* Where a stopped guest is: its registers and the instruction that it stands on. */
struct regdump {
	bool has_regs;
	struct kvm_regs regs;
	struct kvm_sregs sregs;
	bool was_reset;	   /* the CPU has been reset by a triple fault: no registers of the guest */
	u64 linear;	   /* the address of code: cs.base + rip */
	unsigned code_len; /* bytes of code to be shown, 0 if none could be read */
	bool zeros;	   /* all that could be read is zeros: no program stands here */
	u8 code[INSN_MAX];
	char insn[96]; /* the instruction, or that these bytes are none: insn_text() */
};

/* Ask KVM for them; what cannot be had stays zero. */
void regdump_take(struct regdump *dump, const struct witness *witness);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef SNAPSHOT_H
#define SNAPSHOT_H

#include <linux/kvm.h>

#include "insn.h"
#include "obituary.h"

/* Where a stopped guest is: its registers and the instruction that it stands on. */
struct snapshot {
	bool has_regs;
	struct kvm_regs regs;
	struct kvm_sregs sregs;
	bool was_reset;	   /* the CPU has been reset by a triple fault: the registers are new */
	u64 linear;	   /* the address of code: cs.base + rip */
	unsigned code_len; /* bytes of the instruction, 0 if it could not be read or decoded */
	u8 code[INSN_MAX];
	char insn[96];
};

/* Ask KVM for them; what cannot be had stays zero. */
void snapshot_take(struct snapshot *snap, const struct witness *witness);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * An Intel CPU as far as VMX goes: the functions of vmx_insn.h, vmx_enter(), and what an entry
 * checks. No field of a VMCS has a value before it was written, and what would be an exception on a
 * CPU ends the test. The rest of the CPU (MSRs, control registers) is fake.h.
 */
#ifndef FAKE_VMX_H
#define FAKE_VMX_H

#include "fake.h"
#include "vmx.h"

#define FAKE_REVISION 0x2b
#define FAKE_FIELDS   128
#define FAKE_VMCS     4

/* A VMCS: its page, and what has been written. */
struct fake_vmcs {
	u64 page;
	bool launched;
	unsigned n;
	struct {
		u64 number, value;
	} field[FAKE_FIELDS];
};

struct fake_invalidation {
	bool ept; /* INVEPT; else INVVPID */
	u64 type, what, address;
};

struct fake_vmx {
	u64 region; /* of VMXON; 0: off */
	struct fake_vmcs vmcs[FAKE_VMCS], *current;
	unsigned clears, loads, launches, resumes;
	u64 fail_field;	  /* VMWRITE of this field fails with error 12; 0: none */
	bool fail_vmxon;  /* whatever its region says */
	u32 refuse;	  /* an entry fails with this error; 0: none */
	u32 refuse_state; /* an entry fails with this exit reason (bit 31); 0: none */
	char why[200];	  /* why the last entry was refused, in words; "" if it was not */
	struct fake_invalidation invalidation[8];
	unsigned invalidations;
	/* What the guest does, until it exits: fake_exit() says how. NULL: HLT. */
	void (*guest)(struct regs *regs);
};

extern struct fake_vmx fake_vmx;

#define FAKE_TSS 0x123456789abcULL /* the base in the descriptor SEL_TSS */

/* A new CPU, as Bochs's Haswell: all MSRs of VMX, VMX off, IA32_FEATURE_CONTROL open. */
void fake_intel(void);
void fake_intel_on(void);  /* and with VMX on, by vmx_on() */
void fake_no_msr(u32 msr); /* it has no such MSR: RDMSR is #GP */

/* A field of the current VMCS; a field that nobody has written ends the test. */
u64 fake_field(u64 number);
bool fake_written(u64 number);

/* The last entry was taken; else the test fails, and says why it was not. */
void fake_expect_entry(void);

/* What an exit leaves in the VMCS. */
void fake_set(u64 number, u64 value);
void fake_exit(u32 reason, u64 qualification, u32 length);

#endif

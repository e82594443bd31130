/* SPDX-License-Identifier: MIT */
/*
 * Instructions that C does not have. bare/cpu_insn.c has them for the machine; a test has a fake
 * CPU instead, which notes what it is asked.
 */
#ifndef CPU_INSN_H
#define CPU_INSN_H

#include "types.h"

struct cpuid {
	u32 eax, ebx, ecx, edx;
};

struct table_register { /* what SGDT and SIDT store */
	u16 limit;
	u64 base;
} __attribute__((packed));

struct cpuid cpuid(u32 leaf, u32 subleaf);
u64 rdmsr(u32 msr);
void wrmsr(u32 msr, u64 value);

u64 read_cr0(void);
u64 read_cr2(void);
u64 read_cr3(void);
u64 read_cr4(void);
void write_cr0(u64 value);
void write_cr2(u64 value);
void write_cr4(u64 value);
struct table_register read_gdtr(void);
struct table_register read_idtr(void);

/* Interrupts of the host's: off, on (after the instruction that follows STI). */
void interrupts_off(void);
void interrupts_on(void);

u8 in8(u16 port);
void out8(u16 port, u8 value);

#endif

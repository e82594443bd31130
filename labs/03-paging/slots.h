/* SPDX-License-Identifier: MIT */
/* Task 3.10: the memory map of a PC, with its holes. */
#ifndef SLOTS_H
#define SLOTS_H

#include "vcpu.h"

/* A PC's memory (guest-physical addresses): the hole below 1 MiB has been there since 1981. */
#define LOW_END_GPA 0xa0000	  /* RAM up to here */
#define HIGH_GPA    0x100000	  /* RAM again, from 1 MiB on */
#define ROM_GPA	    0xfffe0000ULL /* the firmware's read-only memory, up to 4 GiB */
#define ROM_SIZE    KiB(128)

/*
 * [task 3.10] Like mem_add() (lab 02, mem.h), but the guest can only read and execute what is there
 * (api.rst 4.35, KVM_MEM_READONLY); the VMM may write it, by mem_write(). A write of the guest
 * leaves as KVM_EXIT_MMIO. The slot's .readonly is set. The same errors as mem_add().
 */
int mem_add_readonly(struct mem *mem, int vm_fd, u64 gpa, u64 size);

/*
 * [task 3.10] Lay out the memory of a machine that has size bytes (a multiple of 4096, 64 KiB to
 * 3 GiB): RAM in [0, LOW_END_GPA), as far as it goes; RAM in [HIGH_GPA, size), if size is above
 * HIGH_GPA; read-only memory in ROM_SIZE bytes from ROM_GPA, which begins with the text rom_text
 * and is zero behind it. Slots in the order of their addresses. 0, or what the calls say; what was
 * added before an error stays, since nothing takes memory away again before the VM ends.
 */
int memory_map_init(struct mem *mem, int vm_fd, u64 size);
extern const char rom_text[];

/* [task 3.10] Just the read-only memory of that: shadow paging lays out the RAM otherwise. */
int rom_init(struct mem *mem, int vm_fd);

/*
 * [task 3.10] The exit of an access to what is no memory, or a write to what is read-only:
 * KVM_EXIT_MMIO (api.rst 5). Nobody is there: a read gives all ones, a write is lost, and the guest
 * goes on.
 */
exit_fn exit_mmio;

/* Sign up for KVM_EXIT_MMIO. */
void slots_init(struct vcpu *vcpu);

#endif

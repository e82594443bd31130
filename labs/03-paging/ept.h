/* SPDX-License-Identifier: MIT */
/* Task 3.12: extended page tables, in the format that VT-x reads. SDM 3C, 29.3. */
#ifndef EPT_H
#define EPT_H

#include "walk.h"

/* An entry: SDM 3C, tables 29-1 to 29-7. There is no bit "present": R, W and X are that. */
#define EPT_R	    (1ULL << 0)
#define EPT_W	    (1ULL << 1)
#define EPT_X	    (1ULL << 2)
#define EPT_RWX	    (EPT_R | EPT_W | EPT_X)
#define EPT_TYPE(t) ((u64)(t) << 3) /* bits 5:3 of a leaf: 0 uncached, 1, 4, 5, 6 write-back */
#define EPT_TYPE_WB EPT_TYPE(6)
#define EPT_IPAT    (1ULL << 6) /* leaf: the guest's PAT does not count */
#define EPT_LARGE   (1ULL << 7) /* in levels 2 and 3: a leaf */
#define EPT_A	    (1ULL << 8)
#define EPT_D	    (1ULL << 9) /* leaf */

/* Extended page tables under construction, as page_tables of task 3.1. */
struct ept {
	struct physmem *pm; /* machine memory */
	u64 root;	    /* the EPT PML4 */
	u64 next, end;	    /* pages that are still free */
	bool ad;	    /* accessed and dirty flags are in use: bit 6 of the EPT pointer */
	unsigned max_phys;  /* physical addresses have so many bits */
};

/* [task 3.12] Begin, as page_tables_init(). */
int ept_init(struct ept *e, struct physmem *pm, u64 from, u64 to);

/* [task 3.12] What the VMCS field "EPT pointer" would get: SDM 3C, 25.6.11. WB, 4 levels. */
u64 ept_pointer(const struct ept *e);

/*
 * [task 3.12] Map the guest-physical page of LEVEL_SIZE(level) bytes at gpa to the machine. flags:
 * EPT_R, EPT_W, EPT_X, EPT_TYPE(), EPT_IPAT. Tables on the way give R, W and X.
 *
 * 0; -EINVAL for a level but 1, 2, 3; other flags; flags that would be a misconfiguration (no R,
 * W or X at all; W without R; a memory type that is not 0, 1, 4, 5 or 6); addresses that are no
 * multiple of the size, gpa at or above 2^48, machine at or above 2^max_phys.
 * -EEXIST, -ENOSPC, -EFAULT as page_tables_map().
 */
int ept_map(struct ept *e, u64 gpa, u64 machine, unsigned level, u64 flags);

struct ept_walk {
	u64 gpa;		  /* what was asked */
	u64 machine, size;	  /* the answer, and the page's size */
	unsigned reads;		  /* entries that were read */
	u64 entry[4], address[4]; /* before A and D were set */
	u32 qualification;	  /* of -EPERM: bits 5:0 of the exit qualification */
};

/*
 * [task 3.12] Translate one guest-physical address. access: EPT_R, EPT_W or EPT_X, or EPT_R |
 * EPT_W.
 *
 * 0, and with e->ad the A and D flags are set as task 3.2 does (29.3.5).
 * -EPERM: an EPT violation (29.3.3.2): gpa is at or above 2^48, an entry has none of R, W and X, or
 * the entries together do not give what access wants. qualification (table 28-7): bits 2:0 say what
 * was tried, bits 5:3 what all entries that were read give together.
 * -EINVAL: an EPT misconfiguration (29.3.3.1): an entry with W but not R, X alone (this CPU has no
 * execute-only pages), a reserved bit, or, in a leaf, a reserved memory type. An entry that has
 * none of R, W and X cannot be misconfigured. Reserved: address bits at or above max_phys; in an
 * entry that leads to a table bits 6:3, and bit 7 in the PML4; the address bits of a large page
 * below its size. -EFAULT: a table does not lie in memory.
 */
int ept_walk(const struct ept *e, u64 gpa, u64 access, struct ept_walk *w);

/* The walk that the hardware makes when a guest with its own tables runs on an EPT. */
struct walk_2d {
	struct walk guest;   /* the guest's dimension */
	struct ept_walk ept; /* the last walk of the other */
	u64 machine;	     /* where it ends */
	unsigned references; /* entries of both kinds that were read */
};

/*
 * [task 3.12] Walk the guest's tables, each of whose entries lies at a guest-physical address that
 * the EPT translates first; then translate what comes out, for EPT_W, EPT_X or EPT_R as access
 * says. access as in walk(), without WALK_SET_AD. Reading an entry of the guest's is a read by the
 * EPT, and with e->ad a write, too (29.3.5). 0; what walk() says for the guest's part; -EPERM or
 * -EINVAL of an EPT walk, which is then in .ept.
 */
int walk_2d(const struct paging *p, const struct ept *e, u64 gva, u32 access, struct walk_2d *w);

#endif

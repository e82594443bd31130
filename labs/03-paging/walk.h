/* SPDX-License-Identifier: MIT */
/* Task 3.2: from a guest-virtual to a guest-physical address, as a CPU does it. SDM 3A, 4.5 ff. */
#ifndef WALK_H
#define WALK_H

#include "physmem.h"
#include "pte.h"

/* The state of a CPU that decides how it walks. */
struct paging {
	u64 cr3;
	bool wp;	 /* CR0.WP: the supervisor, too, may not write to read-only pages */
	bool nxe;	 /* EFER.NXE: bit 63 is NX; without it bit 63 is reserved */
	bool smep, smap; /* CR4: the supervisor may not execute, or touch, pages of the user */
	bool ac;	 /* RFLAGS.AC: SMAP looks the other way */
	bool page_1g; /* CPUID: there are pages of 1 GiB; without, PS in a PDPT entry is reserved */
	unsigned max_phys; /* CPUID: physical addresses have so many bits; those above are reserved
			    */
};

/* What is done at the address. A read by the supervisor is 0. */
enum { ACCESS_WRITE = 1, ACCESS_FETCH = 2, ACCESS_USER = 4 };

/* The error code that a page fault pushes: SDM 3A, 4.7. */
enum { PF_P = 1, PF_W = 2, PF_U = 4, PF_RSVD = 8, PF_I = 16 };

struct walk {
	u64 gva;		  /* what was asked: the address, and what was done there */
	u32 access;		  /* ACCESS_* */
	u64 gpa;		  /* the answer: the page's address and the offset in it */
	u64 size;		  /* of the page: 4 KiB, 2 MiB or 1 GiB */
	unsigned reads;		  /* entries that were read: the first is the PML4's */
	u64 entry[4], address[4]; /* what was read, before A and D were set, and where it lies */
	u32 error;		  /* of -EACCES: the page fault's error code, PF_* */
	bool writable, user, executable; /* by all entries together */
};

enum { WALK_SET_AD = 8 }; /* with the access: note it in the entries, as a CPU does */

/*
 * [task 3.2] Walk the tables for one access at gva; *w says what was asked (given), and is filled
 * as far as the walk came.
 *
 * 0: it is allowed, and gpa, size and the three permissions are set. With WALK_SET_AD, A is now set
 * in all entries used, and D in the leaf of a write (4.8). An entry that has its bits is not
 * written. Without WALK_SET_AD, and on any error, nothing is written.
 *
 * -EACCES: a page fault with w->error (4.7). An entry that is not present ends the walk: P is
 * clear, and nothing else in it counts. A reserved bit (4.5.4: an address bit at or above max_phys;
 * NX without nxe; PS in a PML4 entry; PS in a PDPT entry without page_1g; address bits of a large
 * page below its size, bit 12 excepted, which is PAT) is RSVD and P, whatever the access. What the
 * entries together forbid (4.6) is P. W, U and I say what was tried; I only where NX or SMEP exist.
 * -ERANGE: gva is not canonical: a CPU raises #GP or #SS instead, and does not walk.
 * -EFAULT, or whatever else pm->read says: a table does not lie in memory. What pm->write says when
 * A or D is to be set comes back, too.
 *
 * What 4.6 says, for the entries together (a permission holds if every entry gives it):
 *   user mode: needs US; a write needs RW; a fetch needs no NX.
 *   supervisor: a write needs RW if wp; a fetch needs no NX, and no US page if smep; a read or
 *   write of a US page is refused if smap and not ac.
 */
int walk(const struct paging *p, struct physmem *pm, u64 gva, u32 access, struct walk *w);

#endif

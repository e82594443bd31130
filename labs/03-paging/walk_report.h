/* SPDX-License-Identifier: MIT */
#ifndef WALK_REPORT_H
#define WALK_REPORT_H

#include <stdio.h>

#include "ept.h"
#include "mmu.h"
#include "options.h"

/* All that --walk finds out about one guest-virtual address. Each part has its own errno. */
struct walk_report {
	struct paging paging;
	struct walk walk;
	int walk_err; /* of walk() */
	u64 machine;
	int machine_err; /* of gmem_machine() */
	const u8 *hva;	 /* NULL: no RAM is there */
	unsigned slot;	 /* of the VM's memory, if hva */
	u64 host_frame;	 /* physical page number of the host; 0: it does not tell us */
	struct walk_2d nested;
	int nested_err;
};

/* Walk wanted->gva as a read by the supervisor, with the guest as it is now. 0 or a negative errno.
 */
int walk_report_make(struct walk_report *r, struct mmu *mmu, struct vcpu *vcpu,
		     const struct walk_option *wanted);

/* For people, as text; and as a picture (SVG 1.1) that stands alone. */
void walk_report_text(const struct walk_report *r, FILE *out);
void walk_report_svg(const struct walk_report *r, FILE *out);

/* "P RW A D": the bits of an entry of that level by name. Returns buf. */
char *entry_flags(u64 entry, unsigned level, char *buf, size_t size);

/* "4 KiB"... */
const char *page_size_name(u64 size);

/* The table that holds entries of a level: "PT", "PD", "PDPT", "PML4". */
extern const char *const table_name[5];

#endif

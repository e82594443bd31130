/* SPDX-License-Identifier: MIT */
#ifndef TELL_H
#define TELL_H

#include "lazy.h"
#include "mmu.h"
#include "pagetable.h"

/* --verbose: what a step of setting up has made. */
void tell_memory_map(const struct mem *mem, const struct options *opt);
void tell_tables(const struct page_tables *t, const struct options *opt);

/* One line why --lazy does not work here. Returns 1. */
int fail_lazy(int err);

/*
 * After the run: --walk and --walk-svg, --dirty-log, --lazy, on stderr. Returns status, or 1 when
 * status was 0 and something that was asked for could not be shown.
 */
int tell_end(int status, struct mmu *mmu, struct vcpu *vcpu, const struct lazy *lazy,
	     const struct options *opt);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef SUMMARY_MEMORY_H
#define SUMMARY_MEMORY_H

#include "lazy.h"
#include "mmu.h"
#include "pagetable.h"

/* --verbose: what a step of setting up has made. */
void verbose_memory_map(const struct mem *mem, const struct options *opt);
void verbose_tables(const struct page_tables *t, const struct options *opt);

/* One line why --lazy does not work here. Returns 1. */
int fail_lazy(int err);

/*
 * After the run: --walk and --walk-svg, --dirty-log, --lazy, on stderr. Returns status, or 1 when
 * status was 0 and something that was asked for could not be shown.
 */
int sum_up_memory(int status, struct mmu *mmu, struct vcpu *vcpu, const struct lazy *lazy,
		  const struct options *opt);

#endif

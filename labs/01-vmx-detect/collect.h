/* SPDX-License-Identifier: MIT */
#ifndef COLLECT_H
#define COLLECT_H

#include "facts.h"

/*
 * Given: collect the live machine: the CPUID leaves that it has, by cpuid_read(); the flags of
 * /proc/cpuinfo; /dev/kvm (at path) by kvm_ask(), and its owner and mode; MSRs by msr_collect().
 * What a task has not done yet stays empty.
 */
void facts_collect(struct facts *f, const char *kvm_path);

#endif

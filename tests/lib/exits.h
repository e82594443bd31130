/* SPDX-License-Identifier: MIT */
/*
 * How often a guest leaves for its VMM, as the kernel counts it: what a program says of itself, and
 * what it prints, can be made up. Only root may ask (perf_event_open(2), the tracepoint
 * kvm:kvm_userspace_exit).
 */
#ifndef EXITS_H
#define EXITS_H

/* Begin to count for all processes that this thread will start. -1: nobody counts here. */
int exits_count(void);

/* What has been counted (0 with -1: nothing), and the end of it. */
long long exits_counted(int counting);

#endif

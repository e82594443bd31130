// SPDX-License-Identifier: MIT
#include <stdio.h>

#include "obituary.h"

static void print_row(const char *name, u64 count, double guest_ns, double handler_ns)
{
	fprintf(stderr, "  %-16s %10llu %14.3f ms %14.3f ms\n", name, (unsigned long long)count,
		guest_ns / 1e6, handler_ns / 1e6);
}

void stats_print(const struct recorder *rec)
{
	u64 guest = 0, handler = 0;

	fprintf(stderr, "exits by reason       count     in the guest       in the VMM\n");
	for (unsigned kind = 0; kind < EXIT_KINDS; kind++) {
		if (!rec->count[kind])
			continue;
		print_row(exit_kind_name(kind), rec->count[kind],
			  recorder_ns(rec, rec->guest[kind]), recorder_ns(rec, rec->handler[kind]));
		guest += rec->guest[kind];
		handler += rec->handler[kind];
	}
	print_row("in all", rec->total, recorder_ns(rec, guest), recorder_ns(rec, handler));
}

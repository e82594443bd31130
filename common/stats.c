// SPDX-License-Identifier: MIT
#include <stdio.h>

#include "obituary.h"

static void print_row(const char *name, u64 count, u64 guest_ns, u64 handler_ns)
{
	fprintf(stderr, "  %-16s %10llu %14.3f ms %14.3f ms\n", name, (unsigned long long)count,
		(double)guest_ns / 1e6, (double)handler_ns / 1e6);
}

void stats_print(const struct recorder *rec)
{
	u64 guest_ns = 0, handler_ns = 0;

	fprintf(stderr, "exits by reason       count     in the guest       in the VMM\n");
	for (unsigned kind = 0; kind < EXIT_KINDS; kind++) {
		if (!rec->count[kind])
			continue;
		print_row(exit_kind_name(kind), rec->count[kind], rec->guest_ns[kind],
			  rec->handler_ns[kind]);
		guest_ns += rec->guest_ns[kind];
		handler_ns += rec->handler_ns[kind];
	}
	print_row("in all", rec->total, guest_ns, handler_ns);
}

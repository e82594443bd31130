// SPDX-License-Identifier: MIT
/*
 * What our VMM costs. Machines drift: what is compared runs in turn, in one sitting, and what
 * counts are ratios, and numbers of exits. The measurements are in tools/benchmarks/.
 *
 *	bench [--lab=02]		the VMM beside bare ioctls and QEMU
 *	bench --lab=03 [--plot=FILE]	who translates the guest's addresses, and what that costs
 *	bench --lab=04 [--plot=FILE]	accesses, doorbells and interrupts, by the way they go
 *	bench --lab=05 [--plot=FILE]	a disk and a network, beside the host's own and QEMU's
 */
#include <getopt.h>
#include <stdio.h>

#include "benchmarks/benchmarks.h"
#include "said.h"
#include "tasks.h"

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "lab", required_argument, NULL, 'l' },
		{ "plot", required_argument, NULL, 'p' },
		{ NULL, 0, NULL, 0 },
	};
	const char *plot = NULL;
	unsigned lab = 2;
	int c;

	said_or_fail("bench");
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == '?')
			return 2;
		if (c == 'l')
			lab = lab_number(optarg);
		else
			plot = optarg;
	}
	if (lab == 2)
		return bench_vcpu_run() ? 0 : 1;
	if (lab == 3)
		return bench_paging(plot) ? 0 : 1;
	if (lab == 4)
		return bench_io(plot) ? 0 : 1;
	if (lab == 5)
		return bench_virtio(plot) ? 0 : 1;
	fprintf(stderr, "bench: only labs 02 to 05 have measurements\n");
	return 2;
}

// SPDX-License-Identifier: MIT
/*
 * What our VMM costs. Machines drift: what is compared runs in turn, in one sitting, and what
 * counts are ratios, and numbers of exits. The measurements are in tools/benchmarks/.
 *
 *	bench NAME [--plot=FILE]
 *
 * The NAME of a lab's measurement is in labs/NN-x/about; FILE gets a picture (SVG).
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "benchmarks/benchmarks.h"
#include "said.h"

static const struct {
	const char *name;
	bool (*measure)(const char *plot);
} benchmarks[] = {
	{ "vcpu_run", bench_vcpu_run }, { "paging", bench_paging }, { "io", bench_io },
	{ "virtio", bench_virtio },	{ "linux", bench_linux },
};

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "plot", required_argument, NULL, 'p' },
		{ NULL, 0, NULL, 0 },
	};
	const char *plot = NULL, *name;
	int c;

	said_or_fail("bench");
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == '?')
			return 2;
		plot = optarg;
	}
	name = argv[optind] ? argv[optind] : "";
	for (unsigned i = 0; i < ARRAY_SIZE(benchmarks); i++)
		if (!strcmp(name, benchmarks[i].name))
			return benchmarks[i].measure(plot) ? 0 : 1;
	fprintf(stderr, "bench: \"%s\": no such measurement\n", name);
	return 2;
}

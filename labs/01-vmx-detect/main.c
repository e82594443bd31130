// SPDX-License-Identifier: MIT
/*
 * Lab 01: what does this machine offer? Read main() from top to bottom: facts are collected (or
 * read from a dump), decoded, and shown. The five tasks are the decoders, and asking /dev/kvm, the
 * CPU and its MSRs.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "collect.h"
#include "crash.h"
#include "detect.h"
#include "dump.h"
#include "streams.h"
#include "version.h"

static const char usage[] = "Usage: vmx-detect [--json | --dump] [--from=FILE] [--kvm=PATH]\n"
			    "What this machine offers to a hypervisor, as a table.\n\n"
			    "  --json       the same for programs\n"
			    "  --dump       the raw facts, to be decoded elsewhere\n"
			    "  --from=FILE  decode such a dump instead of this machine\n"
			    "  --kvm=PATH   the KVM device (default /dev/kvm)\n"
			    "  --help, --version\n";

static const struct option options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "dump", no_argument, NULL, 'd' },
	{ "from", required_argument, NULL, 'f' },
	{ "kvm", required_argument, NULL, 'k' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'v' },
	{ NULL, 0, NULL, 0 },
};

static int finish(void)
{
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "vmx-detect: standard output: %s\n", strerror(errno));
		return 1;
	}
	return 0;
}

static int refuse(const char *what)
{
	fprintf(stderr, "vmx-detect: %s; see vmx-detect --help\n", what);
	return 2;
}

/* getopt_long() has refused it. */
static int refuse_option(const char *option)
{
	bool known = !strcmp(option, "--from") || !strcmp(option, "--kvm");

	fprintf(stderr, "vmx-detect: %.80s: %s; see vmx-detect --help\n", option,
		known ? "it needs a value" : "no such option");
	return 2;
}

int main(int argc, char **argv)
{
	const char *from = NULL, *kvm = "/dev/kvm";
	static struct facts facts;
	struct detect d;
	char why[160];
	int c, form = 't';

	streams_init();
	crash_init("vmx-detect", STDERR_FILENO);
	opterr = 0;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'h' || c == 'v') {
			fputs(c == 'h' ? usage : VMMLAB_VERSION "\n", stdout);
			return finish();
		}
		if (c == '?')
			return refuse_option(argv[optind - 1]);
		if ((c == 'j' || c == 'd') && form != 't' && form != c)
			return refuse("--json or --dump?");
		if (c == 'f')
			from = optarg;
		else if (c == 'k')
			kvm = optarg;
		else
			form = c;
	}
	if (optind < argc)
		return refuse("it takes options only");
	if (!from) {
		facts_collect(&facts, kvm);
	} else if (dump_read(&facts, from, why, sizeof(why))) {
		fprintf(stderr, "vmx-detect: %s: %s\n", *from ? from : "--from=", why);
		return 1;
	}
	if (form == 'd') {
		dump_write(&facts, stdout);
		return finish();
	}
	detect(&facts, &d);
	if (form == 't') {
		detect_table(&d, stdout);
	} else if (detect_json(&d, stdout)) {
		fputs("vmx-detect: no memory for the JSON\n", stderr);
		return 1;
	}
	return finish();
}

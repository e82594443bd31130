// SPDX-License-Identifier: MIT
/*
 *	doctor [--root=DIR] [--machine=ARCH]
 *
 * Status 0 when guests can run here, by whatever engine; 3 when none can.
 */
#include "doctor.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "said.h"

static int report(struct doctor *d)
{
	const char *engine;

	puts("This machine");
	look_at_system(d);
	look_at_cpu(d);
	look_at_kvm(d);
	puts("Programs");
	look_at_programs(d);
	puts("Engines: where a guest can run (ENGINE=...)");
	engine = look_at_engines(d);
	if (!engine) {
		puts("No engine works here yet: follow one of the arrows above.");
		return 3;
	}
	printf("ENGINE=auto takes %s: %s\n", engine, d->kvm_why);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "root", required_argument, NULL, 'r' },
		{ "machine", required_argument, NULL, 'm' },
		{ NULL, 0, NULL, 0 },
	};
	struct doctor d = { .root = "" };
	struct utsname name;
	int c;

	said_or_fail("doctor");
	uname(&name);
	snprintf(d.arch, sizeof(d.arch), "%s", name.machine);
	d.linux_os = !strcmp(name.sysname, "Linux");
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'r') {
			d.root = optarg;
		} else if (c == 'm') {
			snprintf(d.arch, sizeof(d.arch), "%s", optarg);
		} else {
			fputs("usage: doctor [--root=DIR] [--machine=ARCH]\n", stderr);
			return 2;
		}
	}
	return report(&d);
}

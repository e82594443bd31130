// SPDX-License-Identifier: MIT
/*
 *	doctor [--root=DIR] [--machine=ARCH]
 *
 * Status 0 when guests can run here, by whatever engine; 3 when none can.
 */
#include "doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "said.h"

void row(const char *name, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("  %-12s", name);
	vprintf(format, args);
	putchar('\n');
	va_end(args);
}

void todo(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("  %-12s-> ", "");
	vprintf(format, args);
	putchar('\n');
	va_end(args);
}

void todo_install(const struct doctor *d, const char *apt, const char *dnf, const char *pacman)
{
	const char *sudo = geteuid() ? "sudo " : "";

	if (!d->manager)
		todo("install what your system calls these Debian packages: %s", apt);
	else if (!strcmp(d->manager, "apt-get"))
		todo("%sapt-get install %s", sudo, apt);
	else if (!strcmp(d->manager, "dnf"))
		todo("%sdnf install %s", sudo, dnf);
	else
		todo("%spacman -S %s", sudo, pacman);
}

bool look(const struct doctor *d, const char *path, char *text, size_t size)
{
	char whole[PATH_MAX];
	size_t have = 0;
	ssize_t n = -1;
	int fd;

	snprintf(whole, sizeof(whole), "%s%s", d->root, path);
	fd = open(whole, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && (n = read(fd, text + have, size - 1 - have)) > 0)
		have += n;
	text[have] = 0;
	if (fd >= 0)
		close(fd);
	return n >= 0;
}

bool is_there(const struct doctor *d, const char *path)
{
	char whole[PATH_MAX];

	snprintf(whole, sizeof(whole), "%s%s", d->root, path);
	return access(whole, F_OK) == 0;
}

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

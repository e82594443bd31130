// SPDX-License-Identifier: MIT
/* What each part of doctor's report is made of: rows, arrows, and files below root. */
#include "doctor.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

// SPDX-License-Identifier: MIT
/* The programs and libraries that the verbs use. */
#include "doctor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool have_program(const char *name)
{
	const char *dirs = getenv("PATH");
	char path[PATH_MAX];

	for (const char *p = dirs ? dirs : ""; *p;) {
		size_t len = strcspn(p, ":");

		snprintf(path, sizeof(path), "%.*s/%s", (int)len, p, name);
		if (access(path, X_OK) == 0)
			return true;
		p += len + (p[len] == ':');
	}
	return false;
}

/* The first number with a dot in the first line of `name option`: "12.2.0". */
static const char *version(const char *name, const char *option, char text[256])
{
	char command[200], *p;
	FILE *f;

	snprintf(command, sizeof(command), "%s %s 2>&1 </dev/null", name, option);
	f = popen(command, "r");
	*text = 0;
	while (f && fgets(text, 256, f)) {
		for (p = strpbrk(text, "0123456789"); p; p = strpbrk(p, "0123456789")) {
			size_t len = strspn(p, "0123456789.");

			if (memchr(p, '.', len)) {
				memmove(text, p, len);
				text[len] = 0;
				pclose(f);
				return text;
			}
			p += len;
		}
	}
	if (f)
		pclose(f);
	return "";
}

static bool program(const char *title, const char *name, const char *option, const char *use)
{
	char text[256];

	if (!have_program(name)) {
		row(title, "missing: %s", use);
		return false;
	}
	row(title, "%s %s: %s", name, version(name, option, text), use);
	return true;
}

static bool header(const struct doctor *d, const char *name)
{
	static const char *const dirs[] = { "/usr/include", "/usr/local/include",
					    "/usr/include/x86_64-linux-gnu" };
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dirs[i], name);
		if (is_there(d, path))
			return true;
	}
	return false;
}

static void libraries(struct doctor *d)
{
	static const char *const list[][2] = {
		{ "stdio.h", "C library" },   { "linux/kvm.h", "kernel headers" },
		{ "Zydis/Zydis.h", "Zydis" }, { "CUnit/CUnit.h", "CUnit" },
		{ "jansson.h", "Jansson" },
	};
	char missing[200] = "";

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		if (!header(d, list[i][0])) {
			size_t len = strlen(missing);

			snprintf(missing + len, sizeof(missing) - len, "%s%s", len ? ", " : "",
				 list[i][1]);
		}
	}
	d->libraries = !*missing;
	row("libraries", "%s%s", *missing ? "missing: " : "all there", missing);
	if (*missing)
		todo_install(d,
			     "libc6-dev linux-libc-dev libzydis-dev libcunit1-dev libjansson-dev",
			     "glibc-devel kernel-headers zydis-devel CUnit-devel jansson-devel",
			     "linux-api-headers zydis cunit jansson");
}

void look_at_programs(struct doctor *d)
{
	const char *cc = d->x86 ? "gcc" : "x86_64-linux-gnu-gcc";
	const char *as = d->x86 ? "as" : "x86_64-linux-gnu-as";
	bool clang = have_program("clang");

	d->apt = have_program("apt-get");
	d->manager = d->apt		      ? "apt-get"
		     : have_program("dnf")    ? "dnf"
		     : have_program("pacman") ? "pacman"
					      : NULL;
	d->cc = program("compiler", cc, "--version", "builds the labs");
	if (!d->cc && clang && d->x86)
		d->cc = program("compiler", "clang", "--version", "builds the labs, with CC=clang");
	d->make = program("make", "make", "--version", "builds");
	d->binutils = program("assembler", as, "--version", "builds the guests");
	if (!d->x86)
		todo("build with CROSS_COMPILE=x86_64-linux-gnu-: ./lab does so by itself here");
	if (!d->cc || !d->make || !d->binutils) {
		if (d->x86)
			todo_install(d, "gcc make binutils", "gcc make binutils",
				     "gcc make binutils");
		else
			todo_install(d, "make gcc-x86-64-linux-gnu libc6-dev-amd64-cross",
				     "make gcc-x86_64-linux-gnu",
				     "make (and an x86_64-linux-gnu cross compiler)");
	}
	libraries(d);
	d->qemu = program("QEMU", "qemu-system-x86_64", "--version",
			  "the engines svm and svm-shadow; expect, compare");
	if (!d->qemu)
		todo_install(d, "qemu-system-x86", "qemu-system-x86", "qemu-system-x86");
	d->bochs = program("Bochs", "bochs", "--help", "the engine vmx") &&
		   have_program("grub-mkrescue") && have_program("xorriso") &&
		   have_program("mformat");
	if (!d->bochs)
		todo_install(d, "bochs bochs-term grub-pc-bin grub-common xorriso mtools",
			     "bochs grub2-pc-modules grub2-tools-extra xorriso mtools",
			     "bochs grub libisoburn mtools");
}

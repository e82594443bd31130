// SPDX-License-Identifier: MIT
/* The programs and libraries that the verbs use. */
#include "doctor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "show.h"

static bool have_program(const char *name)
{
	char path[PATH_MAX];

	return program_find(name, path);
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

/*
 * QEMU from 9.1 on looks at the intercept of reads of CR0 for a read of CR3, CR4 or CR8, too. Below
 * shadow paging KVM intercepts reads of CR3, and not of CR0.
 */
static bool misses_intercepts(void)
{
	unsigned major = 0, minor = 0;
	char text[256];

	sscanf(version("qemu-system-x86_64", "--version", text), "%u.%u", &major, &minor);
	return major > 9 || (major == 9 && minor > 0);
}

/* What a group of tools/packages.sh lacks, as the package manager that is here calls it. */
struct missing {
	char debian[600], here[600];
};

/* Another word, unless it is there already. */
static void add_word(char *words, size_t size, const char *word)
{
	if (!is_listed(words, word))
		show_append(words, size, "%s%s", *words ? " " : "", word);
}

/* Asks the list that ./lab installs from. False with a word said when that list is not here. */
static bool ask_list(const struct doctor *d, const char *groups, struct missing *m)
{
	char command[200], line[400], name[3][100];
	unsigned manager = !d->manager || d->apt ? 0 : !strcmp(d->manager, "dnf") ? 1 : 2;
	FILE *f;

	*m = (struct missing){ "", "" };
	snprintf(command, sizeof(command), "set -e; . ./tools/packages.sh; missing %s 2>/dev/null",
		 groups);
	setenv("VMMLAB_ROOT", d->root, 1);
	f = popen(command, "r");
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%99s %99s %99s", name[0], name[1], name[2]) != 3)
			continue;
		add_word(m->debian, sizeof(m->debian), name[0]);
		if (strcmp(name[manager], "-") != 0)
			add_word(m->here, sizeof(m->here), name[manager]);
	}
	if (f && pclose(f) == 0)
		return true;
	row(groups, "not known: start me by ./lab doctor, since tools/packages.sh is not here");
	return false;
}

/* A row for a group: is all there? And the command for what is not. */
static bool group(const struct doctor *d, const char *title, const char *groups, const char *use)
{
	struct missing m;

	if (!ask_list(d, groups, &m))
		return false;
	if (title)
		row(title, "%s%s: %s", *m.debian ? "missing: " : "all there", m.debian, use);
	if (*m.debian)
		todo_install(d, m.debian, m.here, m.here);
	return !*m.debian;
}

void look_at_programs(struct doctor *d)
{
	const char *cc = d->x86 ? "gcc" : "x86_64-linux-gnu-gcc";
	const char *as = d->x86 ? "as" : "x86_64-linux-gnu-as";

	d->apt = have_program("apt-get");
	d->manager = d->apt		      ? "apt-get"
		     : have_program("dnf")    ? "dnf"
		     : have_program("pacman") ? "pacman"
					      : NULL;
	if (!program("compiler", cc, "--version", "builds the labs") && have_program("clang") &&
	    d->x86)
		program("compiler", "clang", "--version", "builds the labs, with CC=clang");
	program("make", "make", "--version", "builds");
	program("assembler", as, "--version", "builds the guests");
	if (!d->x86)
		todo("build with CROSS_COMPILE=x86_64-linux-gnu-: ./lab does so by itself here");
	group(d, "packages", d->x86 ? "run test" : "run test cross", "to build, run and grade");
	d->qemu = program("QEMU", "qemu-system-x86_64", "--version",
			  "the engines svm and svm-shadow; expect, compare; bare machines");
	d->odd_shadow = d->qemu && misses_intercepts();
	group(d, NULL, "svm", "");
	program("Bochs", "bochs", "--help", "the engine vmx; bare machines with Intel's CPU");
	d->bochs = group(d, NULL, "vmx", "");
	if (access("reference.mk", F_OK))
		return; /* a student's tree makes neither book nor starter */
	group(d, "starter", "export", "to write starters");
	group(d, "book", "book export", "to make the book");
	group(d, "prove, lint", "prove lint", "to prove and to lint");
}

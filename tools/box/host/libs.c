// SPDX-License-Identifier: MIT
/*
 * Which shared libraries an x86-64 program needs. ldd would ask the program's own loader, which a
 * host of another architecture cannot run; so readelf reads the dynamic section, and this looks
 * where x86-64 libraries lie. readelf takes 7 ms a file, and most that travel are guests and
 * tables: what has no such section is seen by its first bytes.
 */
#include <elf.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "box.h"

static const char *const places[] = {
	"/lib/x86_64-linux-gnu",
	"/usr/lib/x86_64-linux-gnu",
	"/usr/x86_64-linux-gnu/lib",
	"/lib64",
	"/usr/lib64",
	"/lib",
	"/usr/lib",
};

/* What every box holds, so that it need not travel each time: about 70 ms a MiB. */
static const char *const usual[] = {
	"libc.so.[0-9]*",  "libm.so.[0-9]*", "libZydis.so.*",	 "libZycore.so.*",  "libcunit.so.*",
	"libjansson.so.*", "libslirp.so.*",  "libglib-2.0.so.*", "libpcre2-8.so.*",
};

#define TEXT_MAX     65536
#define SEGMENTS_MAX 32

/* Is it an x86-64 program or library; and, if asked for, one that has a dynamic section? */
static bool is_x86(const char *path, bool dynamic)
{
	struct {
		Elf64_Ehdr header;
		Elf64_Phdr segment[SEGMENTS_MAX]; /* right behind it, as all linkers have it */
	} elf;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, &elf, sizeof(elf));

	if (fd >= 0)
		close(fd);
	if (n < (ssize_t)sizeof(elf.header) || memcmp(elf.header.e_ident, ELFMAG, SELFMAG) != 0 ||
	    elf.header.e_machine != EM_X86_64)
		return false;
	for (size_t i = 0; dynamic && i < elf.header.e_phnum && i < SEGMENTS_MAX &&
			   sizeof(elf.header) + (i + 1) * sizeof(Elf64_Phdr) <= (size_t)n;
	     i++)
		if (elf.segment[i].p_type == PT_DYNAMIC)
			return true;
	return !dynamic;
}

/* What readelf says of an x86-64 program or library that needs others, or NULL. For free(). */
static char *read_elf(const char *path)
{
	char *const argv[] = { "readelf", "-W", "-l", "-d", (char *)path, NULL };
	char *text = is_x86(path, true) ? malloc(TEXT_MAX) : NULL;

	if (text && spawn_text(argv, text, TEXT_MAX))
		return text;
	free(text);
	return NULL;
}

#define INTERPRETER "program interpreter: "
#define NEEDED	    "Shared library: ["
#define SONAME	    "Library soname: ["

/* The name behind the next such mark, and *at goes on behind it; NULL when there are no more. */
static const char *next_name(char **at, const char *mark)
{
	char *name = strstr(*at, mark);

	if (!name)
		return NULL;
	name += strlen(mark);
	*at = name + strcspn(name, "]\n");
	if (**at)
		*(*at)++ = 0;
	return name;
}

/* Where the library of that name lies, or NULL. */
static const char *locate(const char *name, char path[PATH_MAX])
{
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(path, PATH_MAX, "%s/%s", places[i], name);
		if (access(path, R_OK) == 0 && is_x86(path, false))
			return path;
	}
	return NULL;
}

static int add(const char *name, const char *of, struct strings *paths)
{
	const char *base = strrchr(name, '/');
	char path[PATH_MAX];

	if (!locate(base ? base + 1 : name, path))
		return complain("%s needs %s, which is nowhere here", of, name);
	if (strings_have(paths, path))
		return 0;
	strings_add(paths, path);
	return libs_of(path, paths);
}

/* Those of a program of which readelf has said this. */
static int needed(const char *program, char *text, struct strings *paths)
{
	char *at = text;
	const char *name;
	int err = 0;

	if ((name = next_name(&at, INTERPRETER)))
		err = add(name, program, paths);
	while (!err && (name = next_name(&at, NEEDED)))
		err = add(name, program, paths);
	return err;
}

int libs_of(const char *program, struct strings *paths)
{
	char *text = read_elf(program);
	int err = text ? needed(program, text, paths) : 0; /* else it stands alone, or is none */

	free(text);
	return err;
}

/* libjansson.so.4 and libjansson.so.4.14.0 are one file: take the name by which it is asked for. */
static void add_usual(const char *path, struct strings *paths)
{
	char *text = read_elf(path), *at = text;
	const char *name = text ? next_name(&at, SONAME) : NULL;

	if (name && !strcmp(name, strrchr(path, '/') + 1) && !strings_have(paths, path)) {
		strings_add(paths, path);
		needed(path, text, paths); /* linkers put what is needed before the own name */
	}
	free(text);
}

void libs_usual(struct strings *paths)
{
	char pattern[PATH_MAX], path[PATH_MAX];
	glob_t match;

	if (locate("ld-linux-x86-64.so.2", path))
		strings_add(paths, path);
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
		for (size_t j = 0; j < 3; j++) { /* the first three are for x86-64 alone */
			snprintf(pattern, sizeof(pattern), "%s/%s", places[j], usual[i]);
			if (glob(pattern, 0, NULL, &match))
				continue;
			for (size_t k = 0; k < match.gl_pathc; k++)
				add_usual(match.gl_pathv[k], paths);
			globfree(&match);
			break;
		}
	}
}

/* The loader has its own place; the others go where that of Debian looks, and by LD_LIBRARY_PATH.
 */
const char *lib_destination(const char *path)
{
	static char to[PATH_MAX];
	const char *name = strrchr(path, '/') + 1;

	snprintf(to, sizeof(to), "%s/%s",
		 strncmp(name, "ld-linux", 8) ? "/lib/x86_64-linux-gnu" : "/lib64", name);
	return to;
}

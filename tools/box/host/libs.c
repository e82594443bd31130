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
	"libc.so.[0-9]*",  "libm.so.[0-9]*",  "libZydis.so.*", "libZycore.so.*",
	"libcunit.so.*",   "libjansson.so.*", "libslirp.so.*", "libglib-2.0.so.*",
	"libpcre2-8.so.*", "libseccomp.so.*",
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

/* Each file of the usual names, whatever it is. */
static void find_usual(struct strings *files)
{
	char pattern[PATH_MAX];
	glob_t match;

	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
		for (size_t j = 0; j < 3; j++) { /* the first three are for x86-64 alone */
			snprintf(pattern, sizeof(pattern), "%s/%s", places[j], usual[i]);
			if (glob(pattern, 0, NULL, &match))
				continue;
			for (size_t k = 0; k < match.gl_pathc; k++)
				if (is_x86(match.gl_pathv[k], true))
					strings_add(files, match.gl_pathv[k]);
			globfree(&match);
			break;
		}
	}
}

#define FILE_MARK "\nFile: "

/* readelf once for all of them: TEXT_MAX bytes for each, or NULL. For free(). */
static char *read_elves(const struct strings *files)
{
	size_t size = (files->count + 1) * TEXT_MAX;
	char **argv = calloc(files->count + 6, sizeof(*argv)), *text = malloc(size), *said = NULL;
	size_t n = 0;

	if (argv && text) {
		for (const char *const *word =
			     (const char *[]){ "readelf", "-W", "-l", "-d", NULL };
		     *word; word++)
			argv[n++] = (char *)*word;
		for (size_t i = 0; i < files->count; i++)
			argv[n++] = files->item[i];
		argv[n] = (char *)"/dev/null"; /* of one file alone it does not say the name */
		said = spawn_text(argv, text, size);
	}
	free(argv);
	if (!said)
		free(text);
	return said;
}

/* libjansson.so.4 and libjansson.so.4.14.0 are one file: take the name by which it is asked for. */
static bool is_asked_for(const char *path, char *text)
{
	const char *name = next_name(&text, SONAME);

	return name && !strcmp(name, strrchr(path, '/') + 1);
}

/* All are there before one asks for another: so each is read but once. */
static void add_usual(char *text, struct strings *paths)
{
	struct {
		char *path, *text;
	} lib[64];
	size_t n = 0;

	for (char *next = strstr(text, FILE_MARK); next && n < 64; n++) {
		lib[n].path = next + strlen(FILE_MARK);
		lib[n].text = lib[n].path + strcspn(lib[n].path, "\n");
		next = strstr(lib[n].text, FILE_MARK);
		if (next)
			*next = 0;
		if (*lib[n].text)
			*lib[n].text++ = 0;
		if (is_asked_for(lib[n].path, lib[n].text) && !strings_have(paths, lib[n].path))
			strings_add(paths, lib[n].path);
	}
	for (size_t i = 0; i < n; i++)
		if (strings_have(paths, lib[i].path))
			needed(lib[i].path, lib[i].text, paths);
}

void libs_usual(struct strings *paths)
{
	struct strings files = { 0 };
	char path[PATH_MAX], *text;

	if (locate("ld-linux-x86-64.so.2", path))
		strings_add(paths, path);
	find_usual(&files);
	text = read_elves(&files);
	if (text)
		add_usual(text, paths);
	free(text);
	for (size_t i = 0; i < files.count; i++)
		free(files.item[i]);
	free(files.item);
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

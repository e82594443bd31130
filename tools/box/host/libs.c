// SPDX-License-Identifier: MIT
/*
 * Which shared libraries an x86-64 program needs. ldd would ask the program's own loader, which a
 * host of another architecture cannot run; so this reads the dynamic section itself, and looks
 * where x86-64 libraries lie.
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

struct elf {
	char *data;
	size_t size;
	const Elf64_Dyn *dyn;
	size_t dyns;
	const char *interp, *strings; /* strings are as long as the file says, and end in zero */
};

/* A part of the file, or NULL when it is not all there. */
static const void *part(const struct elf *e, uint64_t at, uint64_t len)
{
	return at <= e->size && len <= e->size - at ? e->data + at : NULL;
}

/* File offset of an address, by the program headers. */
static uint64_t offset_of(const struct elf *e, const Elf64_Phdr *ph, int n, uint64_t addr)
{
	for (int i = 0; i < n; i++) {
		if (ph[i].p_type == PT_LOAD && addr >= ph[i].p_vaddr &&
		    addr - ph[i].p_vaddr < ph[i].p_filesz)
			return addr - ph[i].p_vaddr + ph[i].p_offset;
	}
	return e->size;
}

/* Is it an x86-64 program or library? Then its dynamic section is found, if it has one. */
static bool elf_open(struct elf *e, const char *path)
{
	const Elf64_Ehdr *eh;
	const Elf64_Phdr *ph;

	*e = (struct elf){ 0 };
	e->data = read_file(path, &e->size);
	eh = e->data ? part(e, 0, sizeof(*eh)) : NULL;
	if (!eh || memcmp(eh->e_ident, ELFMAG, SELFMAG) != 0 ||
	    eh->e_ident[EI_CLASS] != ELFCLASS64 || eh->e_machine != EM_X86_64)
		return false;
	ph = part(e, eh->e_phoff, (uint64_t)eh->e_phnum * sizeof(*ph));
	if (!ph)
		return false;
	for (int i = 0; i < eh->e_phnum; i++) {
		const void *body = part(e, ph[i].p_offset, ph[i].p_filesz);

		if (body && ph[i].p_type == PT_INTERP)
			e->interp = body;
		if (body && ph[i].p_type == PT_DYNAMIC) {
			e->dyn = body;
			e->dyns = ph[i].p_filesz / sizeof(*e->dyn);
		}
	}
	for (size_t i = 0; i < e->dyns; i++) {
		if (e->dyn[i].d_tag == DT_STRTAB)
			e->strings =
				part(e, offset_of(e, ph, eh->e_phnum, e->dyn[i].d_un.d_ptr), 1);
	}
	return true;
}

/* The names with this tag, one after the other; NULL when there are no more. */
static const char *elf_name(const struct elf *e, int64_t tag, size_t *at)
{
	for (; e->strings && *at < e->dyns; (*at)++) {
		uint64_t name = e->dyn[*at].d_un.d_val;

		if (e->dyn[*at].d_tag == tag && part(e, e->strings - e->data + name, 1)) {
			(*at)++;
			return e->strings + name; /* read_file() put a zero after the last byte */
		}
	}
	return NULL;
}

static bool is_x86(const char *path)
{
	struct elf e;
	bool is = elf_open(&e, path);

	free(e.data);
	return is;
}

/* Where the library of that name lies, or NULL. */
static const char *locate(const char *name, char path[PATH_MAX])
{
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(path, PATH_MAX, "%s/%s", places[i], name);
		if (access(path, R_OK) == 0 && is_x86(path))
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

int libs_of(const char *program, struct strings *paths)
{
	const char *name;
	struct elf e;
	size_t at = 0;
	int err = 0;

	if (elf_open(&e, program)) {
		if (e.interp)
			err = add(e.interp, program, paths);
		while (!err && (name = elf_name(&e, DT_NEEDED, &at)))
			err = add(name, program, paths);
	}
	free(e.data);
	return err;
}

/* libjansson.so.4 and libjansson.so.4.14.0 are one file: take the name by which it is asked for. */
static void add_usual(const char *path, struct strings *paths)
{
	const char *name;
	struct elf e;
	size_t at = 0;

	if (elf_open(&e, path) && (name = elf_name(&e, DT_SONAME, &at)) &&
	    !strcmp(name, strrchr(path, '/') + 1) && !strings_have(paths, path)) {
		strings_add(paths, path);
		libs_of(path, paths);
	}
	free(e.data);
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

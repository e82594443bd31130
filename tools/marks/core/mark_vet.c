// SPDX-License-Identifier: MIT
/*
 * What a student's objects may not hold. Nothing here proves that code is harmless: it keeps away
 * what no answer to a task needs, and what would speak in the tests' name.
 */
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "assembly.h"
#include "env.h"
#include "linked.h"
#include "mark.h"
#include "object.h"
#include "show.h"
#include "tasks.h"

/*
 * By these one process changes another, or the code of its own, or starts one; no lab's solution
 * calls one. Without the underscores in front: the C library has some by other names, too.
 */
static const char *const tampering[] = {
	"ptrace",
	"process_vm_readv",
	"process_vm_writev",
	"mprotect",
	"pkey_mprotect",
	"dlopen",
	"dlmopen",
	"dlsym",
	"dlvsym",
	"libc_dlsym",
	"dl_iterate_phdr",
	"dlinfo",
	"r_debug",
	"rtld_global",
	"syscall",
	"fork",
	"libc_fork",
	"vfork",
	"Fork",
	"clone",
	"clone3",
	"execve",
	"execv",
	"execvp",
	"execvpe",
	"execl",
	"execlp",
	"execle",
	"fexecve",
	"execveat",
	"posix_spawn",
	"posix_spawnp",
	"system",
	"libc_system",
	"popen",
	"IO_popen",
	"IO_proc_open",
	"wordexp",
	"daemon",
	"forkpty",
	"killpg",
	"setrlimit",
	"setrlimit64",
	"prlimit",
	"prlimit64",
	"setpgid",
	"setsid",
	"personality",
	"libc_start_main",
	"unshare",
	"setns",
	"mount",
	"pidfd_open",
	"pidfd_getfd",
	"pidfd_send_signal",
	"environ",
};

/* They compute. Who needs one that the reference does not is no stranger. */
static const char *const plain[] = {
	"memcpy",
	"memmove",
	"memset",
	"memcmp",
	"memchr",
	"memrchr",
	"memmem",
	"strlen",
	"strnlen",
	"strcmp",
	"strncmp",
	"strchr",
	"strrchr",
	"strstr",
	"strcpy",
	"strncpy",
	"strcat",
	"strncat",
	"strspn",
	"strcspn",
	"strtol",
	"strtoul",
	"strtoll",
	"strtoull",
	"strdup",
	"strndup",
	"snprintf",
	"vsnprintf",
	"sprintf",
	"malloc",
	"calloc",
	"realloc",
	"free",
	"abort",
	"printf",
	"fprintf",
	"puts",
	"putchar",
	"fputs",
	"fputc",
	"fwrite",
	"fflush",
	"perror",
	"strerror",
	"__errno_location",
	"__stack_chk_fail",
	"exit",
	"_exit",
	"stdout",
	"stderr",
	"qsort",
	"bsearch",
	"abs",
	"__assert_fail",
	"asprintf",
	"__ctype_b_loc",
	"_GLOBAL_OFFSET_TABLE_",
	"strerror_r",
	"strtok_r",
	"strcasecmp",
};

struct vetting {
	struct mark *m;
	const char *file;
	struct words imports; /* what is all right: the reference's, and what the course defines */
	struct words own;     /* what the student's objects define */
	struct words known;   /* assembly of the reference */
};

static bool is_in(const char *const *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(list[i], name))
			return true;
	return false;
}

/* __snprintf_chk, __isoc99_sscanf: what the headers make of a name; fork@GLIBC_2.2.5 is fork. */
static const char *plain_name(const char *name, char *buf, size_t size)
{
	size_t len = strcspn(name, "@");

	if (!strncmp(name, "__isoc99_", 9) || !strncmp(name, "__isoc23_", 9))
		show_format(buf, size, "%.*s", (int)len - 9, name + 9);
	else if (!strncmp(name, "__", 2) && len > 6 && !strncmp(name + len - 4, "_chk", 4))
		show_format(buf, size, "%.*s", (int)len - 6, name + 2);
	else
		show_format(buf, size, "%.*s", (int)len, name);
	return buf;
}

static void note_own(const struct symbol *s, void *arg)
{
	struct vetting *v = arg;

	if (!s->missing && s->is_global)
		words_add(&v->own, s->name);
}

static void refuse(struct vetting *v, const char *what, const char *name)
{
	mark_settle(v->m, MARK_REFUSED, "%s %s%s", v->file, what, name);
}

static void look_at(const struct symbol *s, void *arg)
{
	struct vetting *v = arg;
	char buf[200];
	const char *name = plain_name(s->name, buf, sizeof(buf));

	if (s->missing && (!strcmp(name, "todo_report") || !strcmp(name, "todo_note")))
		v->m->has_todo = true;
	if (s->data_in_code)
		refuse(v, "has data among the code: ", s->name);
	if (!s->missing || !s->is_global || words_have(&v->imports, s->name) ||
	    words_have(&v->own, s->name))
		return;
	if (is_in(tampering, ARRAY_SIZE(tampering), name + strspn(name, "_")))
		refuse(v, "calls what no lab needs, and what could change the tests: ", s->name);
	else if (!is_in(plain, ARRAY_SIZE(plain), name))
		mark_flag(v->m, "imports %s (%s)", s->name, v->file);
}

/* compile/build/labs/02-vcpu-run/vm.o, or another ending: "s", "i", "bare.i" */
static const char *made_of(const struct mark *m, unsigned i, const char *ending)
{
	char name[300];

	show_format(name, sizeof(name), "compile/build/%s", m->wanted.path[i]);
	name[strlen(name) - 1] = 0;
	show_append(name, sizeof(name), "%s", ending);
	return mark_path(m, name);
}

static bool is_source(const struct mark *m, unsigned i)
{
	return !strcmp(m->wanted.path[i] + strlen(m->wanted.path[i]) - 2, ".c");
}

/* Assembly is what is asked for there. */
static bool is_metal(const struct mark *m, const char *path)
{
	char metal[200];

	lab_says(m->tasks.dir, "metal", "", metal, sizeof(metal));
	return is_listed(metal, strrchr(path, '/') + 1);
}

/* What the preprocessor and the compiler made of it. */
static void vet_texts(struct vetting *v, const char *preprocessed, const char *assembled,
		      bool metal)
{
	struct assembly a = { 0 };
	char name[200];
	int ret = included_elsewhere(preprocessed, name, sizeof(name));

	if (!ret)
		ret = assembly_read(assembled, &v->known, v->m->is_reference, &a);
	if (ret) {
		mark_settle(v->m, MARK_ENVIRONMENT, "%s: what the compiler made of it: %s", v->file,
			    strerror(-ret));
		return;
	}
	if (name[0])
		refuse(v, "includes what is no header of the course or the system: ", name);
	if (a.refused[0])
		refuse(v, a.refused, "");
	if (a.has_own && !v->m->is_reference && !metal)
		mark_flag(v->m, "inline assembly (%s)", v->file);
}

static void vet_file(struct vetting *v, unsigned i)
{
	char odd[200];
	bool metal = is_metal(v->m, v->m->wanted.path[i]);
	int ret;

	vet_texts(v, made_of(v->m, i, "i"), made_of(v->m, i, "s"), metal);
	if (lab_is_bare(v->m->lab)) /* once more, for no system below: it need not be the same */
		vet_texts(v, made_of(v->m, i, "bare.i"), made_of(v->m, i, "bare.s"), metal);
	ret = object_oddity(made_of(v->m, i, "o"), metal, odd, sizeof(odd));
	if (!ret)
		ret = object_symbols(made_of(v->m, i, "o"), look_at, v);
	if (odd[0])
		refuse(v, odd, "");
	if (ret < 0)
		refuse(v, "does not become an object as it should", "");
	else if (ret)
		refuse(v, "wants a stack that holds code (a nested function?)", "");
}

static void note_import(const struct symbol *s, void *arg)
{
	struct vetting *v = arg;

	if (s->is_global && s->missing)
		words_add(&v->imports, s->name);
}

static void note_given(const struct symbol *s, void *arg)
{
	struct vetting *v = arg;

	if (s->is_global && !s->missing)
		words_add(&v->imports, s->name);
}

/* Of the reference, and of the course's own objects: what the others are compared with. */
static int write_known(struct vetting *v)
{
	char path[PATH_MAX], pattern[PATH_MAX];
	static const char *const where[] = { "tree/build/labs/*/*.o", "tree/build/common/*.o" };
	glob_t found;
	int ret;

	for (unsigned i = 0; i < v->m->wanted.count; i++)
		if (is_source(v->m, i))
			object_symbols(made_of(v->m, i, "o"), note_import, v);
	for (size_t i = 0; i < ARRAY_SIZE(where); i++) {
		show_format(pattern, sizeof(pattern), "%s/%s", v->m->course, where[i]);
		if (glob(pattern, 0, NULL, &found))
			continue;
		for (size_t k = 0; k < found.gl_pathc; k++)
			object_symbols(found.gl_pathv[k], note_given, v);
		globfree(&found);
	}
	show_format(path, sizeof(path), "%s/imports", v->m->course);
	ret = words_write(&v->imports, path);
	show_format(path, sizeof(path), "%s/asm", v->m->course);
	return ret ? ret : words_write(&v->known, path);
}

static int read_known(struct vetting *v)
{
	char path[PATH_MAX];
	int ret;

	show_format(path, sizeof(path), "%s/imports", v->m->course);
	ret = words_read(&v->imports, path);
	show_format(path, sizeof(path), "%s/asm", v->m->course);
	return ret ? ret : words_read(&v->known, path);
}

void mark_vet(struct mark *m)
{
	struct vetting v = { .m = m, .file = "" };
	int ret = m->is_reference ? 0 : read_known(&v);

	for (unsigned i = 0; i < m->wanted.count; i++)
		if (is_source(m, i))
			object_symbols(made_of(m, i, "o"), note_own, &v);
	if (m->is_reference) /* it is what it is */
		for (unsigned i = 0; i < m->wanted.count; i++)
			if (is_source(m, i))
				object_symbols(made_of(m, i, "o"), note_import, &v);
	for (unsigned i = 0; i < m->wanted.count && !ret; i++) {
		v.file = m->wanted.path[i];
		if (is_source(m, i))
			vet_file(&v, i);
	}
	if (!ret && m->is_reference)
		ret = write_known(&v);
	if (ret)
		mark_settle(m, MARK_ENVIRONMENT, "what the reference imports: %s", strerror(-ret));
	words_free(&v.imports);
	words_free(&v.own);
	words_free(&v.known);
}

void mark_vet_linked(struct mark *m)
{
	char name[100], fault[200] = "", path[PATH_MAX];
	FILE *f;

	show_format(name, sizeof(name), "tree/build/tests/lab%02u/unit-faults", m->lab);
	show_format(path, sizeof(path), "%s", mark_path(m, name));
	f = fopen(path, "re");
	if (!f) {
		mark_settle(m, MARK_ENVIRONMENT, "nobody has looked at what was linked");
		return;
	}
	if (!fgets(fault, sizeof(fault), f))
		fault[0] = 0;
	fclose(f);
	if (fault[0])
		mark_settle(m, MARK_REFUSED, "%s", fault);
}

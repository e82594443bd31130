// SPDX-License-Identifier: MIT
/*
 * Compiling happens twice in a sandbox. First the student's files become objects, in a tree with
 * the headers that they need and nothing else: no test, no solution, whatever they include. Then
 * objects, vetted by now, are linked with what was built before, by the course's own Makefile.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "blame.h"
#include "mark.h"
#include "show.h"

/* Ten times what it takes; a slow machine's is more. */
#define COMPILE_SECONDS 60 /* at least */
#define FILE_SECONDS	5  /* for each file */
#define LOG_MAX		KiB(64)
#define TARGETS_MAX	(2 * WANTED_MAX + 3)

/* One of the system's programs on files of ours; what it complains of goes to standard error. */
static int copy(char *const argv[])
{
	struct proc_result p;
	int ret = proc_run(argv, NULL, &p);

	if (!ret && proc_exit_code(&p)) {
		fputs(p.err, stderr);
		ret = -EIO;
	}
	proc_free(&p);
	return ret;
}

/* To a directory that is not there yet. */
static int copy_tree(const char *from, const char *to)
{
	char source[PATH_MAX];
	char *argv[] = { "cp", "-a", "--reflink=auto", source, (char *)to, NULL };

	show_format(source, sizeof(source), "%s/.", from);
	return mkdir(to, 0755) ? -errno : copy(argv);
}

static int write_all(const char *path, const void *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644), ret = 0;

	if (fd < 0 || write(fd, data, len) != (ssize_t)len)
		ret = fd < 0 ? -errno : -EIO;
	if (fd >= 0)
		close(fd);
	return ret;
}

/* The student's files are new, whatever their date was. */
static int put_sources(const struct mark *m, const char *tree)
{
	char path[PATH_MAX];
	int ret = 0;

	for (unsigned i = 0; i < m->wanted.count && !ret; i++) {
		show_format(path, sizeof(path), "%s/%s", tree, m->wanted.path[i]);
		ret = write_all(path, m->submission.file[i].data, m->submission.file[i].bytes);
	}
	return ret;
}

static unsigned given_to; /* nftw(3) hands nothing on to give_entry() */

static int give_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return lchown(path, given_to, given_to);
}

/* The tree is the compiler's, which is another user than we, if we are root. */
static int give_away(const struct mark *m, const char *tree)
{
	if (geteuid() || m->sandbox == SANDBOX_NONE)
		return 0;
	given_to = jail_uid(tree);
	return nftw(tree, give_entry, 16, FTW_PHYS | FTW_MOUNT) ? -EPERM : 0;
}

static double compile_limit(const struct mark *m)
{
	const char *scale = getenv("VMMLAB_COMPILE_SCALE");
	unsigned all = FILE_SECONDS * m->wanted.count;

	return (all > COMPILE_SECONDS ? all : COMPILE_SECONDS) * (scale ? strtod(scale, NULL) : 1);
}

/* "/where/it/was/made/labs/02-vcpu-run/vm.c" is "labs/02-vcpu-run/vm.c" for a student. */
static void relative_paths(char *log)
{
	static const char *const tops[] = { "/labs/", "/common/", "/tests/" };
	char *to = log;

	for (char *p = log; *p;) {
		bool begins = *p == '/' && (p == log || strchr(" :\n`'\"(", p[-1]));
		size_t len = begins ? strcspn(p + 1, " :\n`'\"()") + 1 : 0;
		char *top = NULL;

		for (char *at = p; at < p + len; at++)
			for (size_t i = 0; i < ARRAY_SIZE(tops); i++)
				if (!strncmp(at, tops[i], strlen(tops[i])))
					top = at;
		if (top)
			p = top + 1;
		*to++ = *p++;
	}
	*to = 0;
}

/* make, in the sandbox. Keeps its log; returns its status, or -1 at the time limit. */
static int make_once(struct mark *m, const char *tree, char *const targets[])
{
	char *argv[TARGETS_MAX + 5] = { "make", "-s", "-k", "-Otarget", "BUILD=build", NULL };
	struct jail jail = {
		.kind = m->sandbox, .dir = tree, .limit = compile_limit(m), .max_output = LOG_MAX
	};
	unsigned n = 5;
	struct proc_result p;
	int ret;

	while (*targets)
		argv[n++] = *targets++;
	argv[n] = NULL;
	ret = jail_run(&jail, argv, &p);
	if (ret) {
		mark_settle(m, MARK_ENVIRONMENT, "the compiler cannot be started: %s",
			    strerror(-ret));
		proc_free(&p);
		return 127;
	}
	free(m->compile_log);
	m->compile_log = p.err_len ? strdup(p.err) : NULL;
	if (m->compile_log)
		relative_paths(m->compile_log);
	m->compile_seconds += p.seconds;
	ret = p.timed_out ? -1 : proc_exit_code(&p);
	proc_free(&p);
	return ret;
}

/* Where memory or processes are short, a compiler is killed or gives up, whoever used them up. */
static bool was_short(const struct mark *m)
{
	static const char *const words[] = { "Killed", "Cannot fork", "Cannot allocate memory",
					     "Resource temporarily unavailable" };

	for (size_t i = 0; i < ARRAY_SIZE(words) && m->compile_log; i++)
		if (strstr(m->compile_log, words[i]))
			return true;
	return false;
}

static int make(struct mark *m, const char *tree, char *const targets[])
{
	int ret = make_once(m, tree, targets);

	return ret > 0 && was_short(m) ? make_once(m, tree, targets) : ret;
}

/* The line that says most: the compiler's, the linker's or the assembler's first error; or "". */
static const char *first_error(const char *log, char *line, size_t size)
{
	const char *at = log ? blame_first_error(log) : NULL;

	if (log && (!at || !strncmp(at, "make", 4)))
		at = strstr(log, "Error: ");
	while (at && at > log && at[-1] != '\n')
		at--;
	show_format(line, size, "%.*s", at ? (int)strcspn(at, "\n") : 0, at ? at : "");
	return line;
}

static void failed(struct mark *m, int status, const char *what)
{
	char line[200];

	/* An error in the student's own lines is theirs; of anything else the machine may be the
	 * cause. */
	if ((status < 0 || !first_error(m->compile_log, line, sizeof(line))[0] || was_short(m) ||
	     blame(m->compile_log, false) == R_ENVIRONMENT) &&
	    !mark_reference_is_well(m, true))
		mark_settle(m, MARK_ENVIRONMENT, "nothing can be %s here, the reference neither",
			    what);
	else if (status < 0)
		mark_settle(m, MARK_DOES_NOT_COMPILE, "it was not %s within %.0f s", what,
			    compile_limit(m));
	else
		mark_settle(m, MARK_DOES_NOT_COMPILE, "it cannot be %s: %s", what,
			    first_error(m->compile_log, line, sizeof(line))[0]
				    ? line
				    : "the compiler gave up");
}

static void lost(struct mark *m, const char *what, int err)
{
	mark_settle(m, MARK_ENVIRONMENT, "%s: %s", what, strerror(-err));
}

/* Of a lab for the bare machine there are two of each: for the tests, and for the machine. */
static const char *const kinds[] = { "o", "bare.o" };

static unsigned count_kinds(const struct mark *m)
{
	return lab_is_bare(m->lab) ? 2 : 1;
}

/* "labs/02-vcpu-run/vm.c" -> "build/labs/02-vcpu-run/vm.o" */
static void object_name(char *buf, size_t size, const char *source, unsigned kind)
{
	show_format(buf, size, "build/%.*s.%s", (int)strlen(source) - 2, source, kinds[kind]);
}

static bool is_source(const char *path)
{
	return !strcmp(path + strlen(path) - 2, ".c");
}

/* Their names, behind the n words that are there. */
static unsigned add_objects(const struct mark *m, char **targets, unsigned n)
{
	static char target[2 * WANTED_MAX][220];

	for (unsigned i = 0, t = 0; i < m->wanted.count; i++)
		for (unsigned kind = 0; kind < count_kinds(m) && is_source(m->wanted.path[i]);
		     kind++) {
			object_name(target[t], sizeof(target[0]), m->wanted.path[i], kind);
			targets[n++] = target[t++];
		}
	return n;
}

void mark_compile(struct mark *m)
{
	char *targets[TARGETS_MAX], from[PATH_MAX];
	/* The assembly and what the preprocessor made are for mark_vet.c. */
	char flags[] = "CFLAGS=-O2 -g", both[] = "REFERENCE=-save-temps=obj";
	const char *tree = mark_path(m, "compile");
	unsigned n = 0;
	int ret;

	show_format(from, sizeof(from), "%s/compile", m->course);
	ret = copy_tree(from, tree);
	if (!ret)
		ret = put_sources(m, tree);
	if (!ret)
		ret = give_away(m, tree);
	if (ret) {
		lost(m, "the tree to compile in", ret);
		return;
	}
	targets[n++] = flags;
	targets[n++] = both;
	n = add_objects(m, targets, n);
	targets[n] = NULL;
	ret = make(m, tree, targets);
	if (ret)
		failed(m, ret, "compiled");
}

/* The objects go where make would have put them, and are newer than all that they are made of. */
static int put_objects(const struct mark *m, const char *tree)
{
	char *targets[TARGETS_MAX], from[PATH_MAX], to[PATH_MAX];
	char *argv[] = { "cp", "--no-dereference", "--remove-destination", from, to, NULL };
	unsigned n = add_objects(m, targets, 0);
	int ret = 0;

	for (unsigned i = 0; i < n && !ret; i++) {
		show_format(to, sizeof(to), "%s/%s", tree, targets[i]);
		show_format(from, sizeof(from), "%s/compile/%s", m->work, targets[i]);
		ret = copy(argv);
	}
	return ret;
}

void mark_link(struct mark *m)
{
	const char *tree = mark_path(m, "tree");
	char lab[16], from[PATH_MAX], program[PATH_MAX], *targets[] = { lab, NULL };
	char *said = m->compile_log;
	int ret;

	show_format(lab, sizeof(lab), "lab%02u", m->lab);
	show_format(from, sizeof(from), "%s/tree", m->course);
	ret = copy_tree(from, tree);
	if (!ret)
		ret = put_sources(m, tree);
	if (!ret)
		ret = put_objects(m, tree);
	if (!ret)
		ret = give_away(m, tree);
	if (ret) {
		lost(m, "the tree to link in", ret);
		return;
	}
	m->compile_log = NULL;
	ret = make(m, tree, targets);
	if (ret)
		failed(m, ret, "linked");
	if (!m->compile_log) { /* the warnings stand */
		m->compile_log = said;
		said = NULL;
	}
	free(said);
	show_format(program, sizeof(program), "%s/build/tests/lab%02u/unit", tree, m->lab);
	if (!ret && access(program, F_OK))
		failed(m, 1, "linked");
}

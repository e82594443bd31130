// SPDX-License-Identifier: MIT
/* Where files lie, which kernels there are, and what the box says when its machine does not come
 * up. */
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "env.h"
#include "proc.h"
#include "show.h"
#include "test.h"

#define BOX_SECONDS 3

/* box OPTION... -- COMMAND..., or --prepare; env as of proc_opts. */
static struct proc_result box(char *const words[], char *const env[])
{
	struct proc_opts opts = { .extra_env = env, .limit = 60 * env_time_scale() };
	char program[PATH_MAX], *argv[16] = { program, "--engine=svm" };
	struct proc_result r;

	show_format(program, sizeof(program), "%s/tools/box/box", env_build_dir());
	for (size_t i = 0; words[i]; i++)
		argv[2 + i] = words[i];
	EXPECT_ERR(proc_run(argv, &opts, &r), 0);
	return r;
}

static const char *in(const char *dir, const char *name)
{
	static char path[4][PATH_MAX];
	static unsigned next;

	next = (next + 1) % 4;
	show_format(path[next], PATH_MAX, "%s/%s", dir, name);
	return path[next];
}

static void make_dir(const char *path, mode_t mode)
{
	if (mkdir(path, mode))
		test_error("%s: %s", path, strerror(errno));
}

static void write_file(const char *path, const char *text, mode_t mode)
{
	FILE *f = fopen(path, "w");

	if (!f || fputs(text, f) < 0 || fclose(f) || chmod(path, mode))
		test_error("%s: %s", path, strerror(errno));
}

static const char *content(const char *path)
{
	static char text[200];
	FILE *f = fopen(path, "r");
	size_t n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;

	text[n] = 0;
	if (f)
		fclose(f);
	return text;
}

/* A program in dir/tree runs there, and may write beside itself. */
static void run_below(const char *dir)
{
	char copy[PATH_MAX * 3], program[PATH_MAX], made[PATH_MAX], get[PATH_MAX + 8];
	struct proc_result r;

	make_dir(in(dir, "tree"), 0755);
	show_format(program, sizeof(program), "%s/tree/probe", dir);
	show_format(made, sizeof(made), "%s/tree/made", dir);
	show_format(get, sizeof(get), "--get=%s", made);
	show_format(copy, sizeof(copy), "cp '%s/tests/box/probe' '%s'", env_build_dir(), program);
	if (system(copy))
		test_error("%s", copy);
	r = box((char *[]){ "--limit=60", get, "--", program, "write", made, NULL }, NULL);
	show_format(copy, sizeof(copy), "%s", content(made));
	unlink(program);
	unlink(made);
	rmdir(in(dir, "tree"));
	rmdir(dir);
	EXPECT_STR(r.err, "");
	EXPECT_U64(proc_exit_code(&r), 0);
	EXPECT_STR(copy, "here");
}

TEST("-", a_tree_below_a_closed_directory, 0, .seconds = 2 * BOX_SECONDS)
{
	char below[] = "/root/vmmlab-XXXXXX";

	if (system("command -v qemu-system-x86_64 >/dev/null"))
		SKIP("no QEMU here");
	make_dir(test_tmpfile("closed"), 0700);
	CONTEXT("below a directory with mode 0700");
	run_below(test_tmpfile("closed"));
	if (!mkdtemp(below))
		SKIP("only root can put a tree below /root");
	CONTEXT("below /root, which the kernel of the emulated machine closes");
	run_below(below);
}

TEST("-", a_file_comes_back_to_any_directory, 0, .seconds = 2 * BOX_SECONDS)
{
	char probe[PATH_MAX], get[PATH_MAX + 8], *file;
	struct proc_result r;

	if (system("command -v qemu-system-x86_64 >/dev/null"))
		SKIP("no QEMU here");
	show_format(probe, sizeof(probe), "%s/tests/box/probe", env_build_dir());
	make_dir(test_tmpfile("elsewhere"), 0755);
	file = strdup(test_tmpfile("elsewhere/asked"));
	show_format(get, sizeof(get), "--get=%s", file);
	r = box((char *[]){ "--limit=60", get, "--", probe, "write", file, NULL }, NULL);
	CONTEXT("nothing was put there");
	EXPECT_U64(proc_exit_code(&r), 0);
	EXPECT_STR(content(file), "here");
	file = strdup(test_tmpfile("nowhere/asked"));
	show_format(get, sizeof(get), "--get=%s", file);
	r = box((char *[]){ "--limit=60", get, "--", probe, "write", file, NULL }, NULL);
	CONTEXT("no such directory is here: then neither is it there");
	EXPECT_U64(proc_exit_code(&r), 1);
}

/* A QEMU that is none, in a bin of its own, a kernel, and a directory for its modules. */
static char **strange_machine(const char *qemu, const char *more_path)
{
	static char path[PATH_MAX], cache[PATH_MAX], kernel[PATH_MAX], modules[PATH_MAX];
	static char *env[] = { path, cache, kernel, modules, NULL };

	mkdir(test_tmpfile("bin"), 0755);
	mkdir(test_tmpfile("modules"), 0755);
	mkdir(test_tmpfile("cache"), 0755);
	write_file(test_tmpfile("bin/qemu-system-x86_64"), qemu, 0755);
	write_file(test_tmpfile("vmlinuz"), "no kernel\n", 0644);
	show_format(path, sizeof(path), "PATH=%s%s", test_tmpfile("bin"), more_path);
	show_format(cache, sizeof(cache), "XDG_CACHE_HOME=%s", test_tmpfile("cache"));
	show_format(kernel, sizeof(kernel), "KERNEL=%s", test_tmpfile("vmlinuz"));
	show_format(modules, sizeof(modules), "MODULES=%s", test_tmpfile("modules"));
	return env;
}

TEST("-", last_words_are_there_when_they_are_promised, 0, .seconds = BOX_SECONDS)
{
	char **env, *prepare[] = { "--prepare", NULL };
	struct proc_result r;

	env = strange_machine("#!/bin/sh\necho 'unsupported machine type' >&2; exit 1\n",
			      ":/usr/bin:/bin");
	write_file(test_tmpfile("modules/virtio.ko"), "a module", 0644);
	r = box(prepare, env);
	EXPECT_U64(proc_exit_code(&r), 3);
	EXPECT_CONTAINS(r.err, "unsupported machine type\n"
			       "box: the machine did not come up; its last words are above\n");
	env = strange_machine("#!/bin/sh\nexit 1\n", ":/usr/bin:/bin");
	r = box(prepare, env);
	EXPECT_U64(proc_exit_code(&r), 3);
	EXPECT_CONTAINS(r.err, "box: the machine did not come up, and left no word why\n");
}

TEST("-", packed_modules_are_unpacked, 0, .seconds = BOX_SECONDS)
{
	static const struct {
		const char *tool, *end, *package;
	} row[] = {
		{ "xz", "xz", "xz-utils" },
		{ "zstd", "zst", "zstd" },
		{ "gzip", "gz", "gzip" },
	};
	char line[PATH_MAX * 2], pattern[PATH_MAX], want[200], *prepare[] = { "--prepare", NULL };
	struct proc_result r;
	unsigned tried = 0;
	glob_t found;

	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		char **env = strange_machine("#!/bin/sh\nexit 1\n", "");

		CONTEXT("virtio.ko.%s", row[i].end);
		show_format(line, sizeof(line),
			    "cd '%s' && rm -rf cache/vmmlab modules/* && "
			    "echo 'module %zu' | %s -c >modules/virtio.ko.%s 2>/dev/null",
			    test_tmpdir(), i, row[i].tool, row[i].end);
		if (system(line))
			continue; /* it is not installed */
		r = box(prepare, env);
		EXPECT_U64(proc_exit_code(&r), 3);
		show_format(want, sizeof(want),
			    "box: %s is missing, which unpacks virtio.ko.%s: apt-get install %s\n",
			    row[i].tool, row[i].end, row[i].package);
		EXPECT_STR(r.err, want);
		r = box(prepare, strange_machine("#!/bin/sh\nexit 1\n", ":/usr/bin:/bin"));
		show_format(pattern, sizeof(pattern), "%s/cache/vmmlab/modules-*/virtio.ko",
			    test_tmpdir());
		EXPECT_U64(glob(pattern, 0, NULL, &found), 0);
		show_format(want, sizeof(want), "module %zu\n", i);
		EXPECT_STR(content(found.gl_pathv[0]), want);
		globfree(&found);
		tried++;
	}
	if (!tried)
		SKIP("neither xz nor zstd nor gzip is here");
}

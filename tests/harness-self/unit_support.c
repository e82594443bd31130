// SPDX-License-Identifier: MIT
#include "self.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "env.h"
#include "show.h"
#include "suites.h"

#define FILE_MAX (1u << 20)

static const char tasks[] = "# id points files functions after title\n"
			    "2.1 10 vm.c      vm_init      -   make a machine\n"
			    "2.2 20 mem.c     mem_read     2.1 give it memory\n"
			    "2.3 30 io.c,bus.c exit_io     2.2 let it speak\n"
			    "2.4 40 modes.c   mode_long    2.1 make it long\n";

/* A suite as the grader sees one, and its plan: --list, --filter=TASK, and lines of JSON on
 * descriptor 3. */
static const char suite[] =
	"#!/bin/sh\n"
	"for a; do case $a in --list) list=1 ;; --filter=*) wanted=${a#*=} ;; esac; done\n"
	"while read -r task name points outcome; do\n"
	"	[ -z \"$wanted\" ] || [ \"$wanted\" = \"$task\" ] || continue\n"
	"	[ -z \"$list\" ] || outcome=error\n"
	"	[ \"$outcome\" != die ] || kill -9 $$\n"
	"	todos= stub=\n"
	"	[ \"$outcome\" != not_implemented ] || todos=\\\"$task\\\" stub='stub() in "
	"labs/02-small/a.c'\n"
	"	printf '%s{\"id\":\"%s/%s\",\"task\":\"%s\",\"name\":\"%s\",\"suite\":\"%s\",' \\\n"
	"		\"$VMMLAB_SEAL\" \"$task\" \"$name\" \"$task\" \"$name\" \"${0##*/}\" >&3\n"
	"	printf "
	"'\"max_score\":%s,\"score\":77,\"outcome\":\"%s\",\"todos\":[%s],\"stub\":\"%s\"}\\n' \\\n"
	"		\"$points\" \"$outcome\" \"$todos\" \"$stub\" >&3\n"
	"done <\"${0%-plan}.tests\"\n";

void self_mkdir(const char *path)
{
	if (mkdir(path, 0777))
		test_error("%s: %s", path, strerror(errno));
}

void self_write(const char *path, mode_t mode, const char *text)
{
	FILE *f = fopen(path, "w");

	if (!f || fputs(text, f) < 0 || fclose(f) || chmod(path, mode))
		test_error("%s: %s", path, strerror(errno));
}

char *self_read(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = calloc(1, FILE_MAX);
	size_t len;

	EXPECT_TRUE(f != NULL, "%s: %s", path, strerror(errno));
	if (!text)
		test_error("no memory");
	len = fread(text, 1, FILE_MAX - 1, f);
	text[len] = 0;
	fclose(f);
	return text;
}

void self_tree(void)
{
	char dir[PATH_MAX];

	setenv("VMMLAB_BUILD", env_build_dir(), 1); /* absolute: it comes from /proc/self/exe */
	unsetenv("V");
	show_format(dir, sizeof(dir), "%s/tree-XXXXXX", test_tmpdir());
	if (!mkdtemp(dir) || chdir(dir))
		test_error("no tree %s: %s", dir, strerror(errno));
	self_mkdir("labs");
	self_mkdir("labs/02-small");
	self_write("labs/02-small/tasks", 0644, tasks);
}

void self_front_tree(void)
{
	static const char *const own[] = {
		"lab",		 "tools/engine.sh", "tools/build.sh",	"tools/grading.sh",
		"tools/labs.sh", "tools/course.sh", "tools/student.sh", "tools/debug.sh"
	};
	char *text[ARRAY_SIZE(own)];

	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		text[i] = self_read(own[i]);
	self_tree();
	self_mkdir("tools");
	for (size_t i = 0; i < ARRAY_SIZE(own); i++) {
		self_write(own[i], 0755, text[i]);
		free(text[i]);
	}
}

const char *self_program(const char *name)
{
	static char path[PATH_MAX];

	show_format(path, sizeof(path), "%s/%s", env_build_dir(), name);
	if (access(path, R_OK))
		test_error("%s is missing: run make", path);
	return path;
}

struct proc_result self_run(char *const argv[], char *const env[])
{
	struct proc_result p;
	/* A test that shortens the limits of what it runs does not mean this one. */
	double scale = env_time_scale() > 1 ? env_time_scale() : 1;
	int ret = proc_run(argv, &(struct proc_opts){ .limit = 60 * scale, .extra_env = env }, &p);

	if (ret)
		test_error("%s: %s", argv[0], strerror(-ret));
	fprintf(stderr, "%s%s", p.out, p.err);
	return p;
}

char *const *self_fake_kvm(void)
{
	static char preload[PATH_MAX + 16];
	static char *env[] = { preload, "VMMLAB_SHIM=fake=1",
			       "ASAN_OPTIONS=verify_asan_link_order=0", NULL };
	const char *link = test_tmpfile("fake.so");

	if (getenv("VMMLAB_KVM"))
		return NULL; /* the test has said what it wants */
	if (access(link, F_OK) && symlink(self_program("tests/shim.so"), link))
		test_error("%s: %s", link, strerror(errno));
	show_format(preload, sizeof(preload), "LD_PRELOAD=%s", link);
	return env;
}

static void keep(const struct test_result *r, void *arg)
{
	*(struct test_result *)arg = *r;
}

struct test_result self_fixture(const char *name)
{
	struct test_result r = { .outcome = T_ERROR };
	struct suite_call call = {
		.path = "/proc/self/exe",
		.filter = name,
		.on_result = keep,
		.arg = &r,
	};
	char why[300];

	setenv("VMMLAB_TIME_SCALE", "0.1", 1);
	setenv("FIXTURE_DIR", test_tmpdir(), 1);
	EXPECT_TRUE(suite_call(&call, why, sizeof(why)) == 0, "%s", why);
	EXPECT_TRUE(r.name[0] != 0, "no fixture %s", name);
	return r;
}

const char *self_member(const json_t *json, const char *name)
{
	const char *text = json_string_value(json_object_get(json, name));

	return text ? text : "";
}

void self_suites(const char *unit, const char *blackbox)
{
	self_write("unit", 0755, suite);
	self_write("unit-plan", 0755, suite);
	self_write("unit-faults", 0644, "");
	self_write("unit.tests", 0644, unit);
	self_write("blackbox", 0755, suite);
	self_write("blackbox.tests", 0644, blackbox);
}

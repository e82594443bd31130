// SPDX-License-Identifier: MIT
/* Which program ./lab run starts, and on which guest: in a small tree, where both only say so. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "self.h"

static const char says[] = "#!/bin/sh\necho \"$0 $*\"\n";

/* Two labs; the guest `both` is in either. The tests run at the top of the source tree. */
static void two_labs(void)
{
	static const char *const dirs[] = {
		"labs/03-later",
		"guests",
		"guests/02",
		"guests/03",
		"build",
		"build/tools",
		"build/tools/box",
		"elsewhere",
		"build/labs",
		"build/guests",
		"build/guests/02",
		"build/guests/03",
		"build/labs/02-small",
		"build/labs/03-later",
	};
	static const char *const files[] = {
		"guests/03/both.s",
		"guests/03/map.s",
		"build/guests/02/hello64.elf",
		"build/guests/02/both.bin",
		"build/guests/03/both.elf",
	};

	self_front_tree();
	self_write("Makefile", 0644, ".DEFAULT:\n\t@:\n");
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		self_mkdir(dirs[i]);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		self_write(files[i], 0644, "");
	self_write("labs/03-later/tasks", 0644, "3.1 100 a.c - - all\n");
	self_write("tools/packages.sh", 0644, "need() { :; }\n");
	self_write("build/tools/engine", 0755, "#!/bin/sh\necho native\n");
	self_write("build/labs/02-small/vmm", 0755, says);
	self_write("build/labs/03-later/vmm", 0755, says);
}

static struct proc_result lab_run(const char *lab, const char *guest, const char *option)
{
	char *argv[] = { "./lab", "run", (char *)lab, (char *)guest, "--", (char *)option, NULL };
	char *env[] = { "BUILD=build", "LAB=", "GUEST=", "ENGINE=auto", "MAKEFLAGS=", NULL };

	return self_run(argv, env);
}

TEST("-", a_guest_is_found_by_its_name, 0, .seconds = 0.5)
{
	static const struct {
		const char *lab, *guest, *says;
	} row[] = {
		{ "LAB=02", "GUEST=hello64", "02-small/vmm --stats build/guests/02/hello64.elf" },
		{ "LAB=2", "GUEST=both", "02-small/vmm --stats build/guests/02/both.bin" },
		{ "LAB=03", "GUEST=both", "03-later/vmm --stats build/guests/03/both.elf" },
		{ "LAB=03", "GUEST=hello64", "03-later/vmm --stats build/guests/02/hello64.elf" },
		/* without LAB it is the last one, also for a guest of an earlier one */
		{ "LAB=", "GUEST=hello64", "03-later/vmm --stats build/guests/02/hello64.elf" },
		{ "LAB=", "GUEST=both", "03-later/vmm --stats build/guests/03/both.elf" },
	};

	two_labs();
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		struct proc_result p = lab_run(row[i].lab, row[i].guest, "--stats");
		char want[200];

		CONTEXT("./lab run %s %s", row[i].lab, row[i].guest);
		snprintf(want, sizeof(want), "build/labs/%s\n", row[i].says);
		EXPECT_STR(p.out, want);
		EXPECT_U64(proc_exit_code(&p), 0);
	}
}

TEST("-", a_guest_that_is_not_there, 0)
{
	struct proc_result p;

	two_labs();
	p = lab_run("LAB=", "GUEST=hello65", "--stats");
	EXPECT_STR(p.err, "lab: GUEST=hello65: no such guest; LAB=03 has both map\n");
	EXPECT_U64(proc_exit_code(&p), 2);
	p = lab_run("LAB=04", "GUEST=hello64", "--stats");
	EXPECT_CONTAINS(p.err, "lab: LAB=04: no such lab here: ");
	EXPECT_U64(proc_exit_code(&p), 2);
}

/* The user's own files are meant from where the user stands; an emulated machine gets a copy. */
TEST("-", files_that_options_name, 0, .seconds = 1.5)
{
	static const struct {
		const char *option, *box, *vmm;
	} row[] = {
		{ "--stats", "", "--stats" },
		{ "--screen=s", " --get=%1$s/s", "--screen=%1$s/s" },
		{ "--report=/r", " --get=/r", "--report=/r" },
		{ "--device=blk,file=my.img", " --put=%1$s/my.img --get=%1$s/my.img",
		  "--device=blk,file=%1$s/my.img" },
		{ "--device=blk,file=my.img,readonly", " --put=%1$s/my.img",
		  "--device=blk,file=%1$s/my.img,readonly" },
		{ "--device=blk,readonly,file=a b.img", " --put=%1$s/a b.img",
		  "--device=blk,readonly,file=%1$s/a b.img" },
		{ "--device=blk,file=link", " --put=%1$s/my.img --get=%1$s/my.img",
		  "--device=blk,file=%1$s/my.img" },
		{ "--device=blk,file=none", "", "--device=blk,file=%1$s/none" },
		{ "--device=blk,file=", "", "--device=blk,file=" },
		{ "--device=rng", "", "--device=rng" },
	};
	/* The box would be told of these. */
	static const char *const passed_on[] = { "ASAN_OPTIONS",   "TSAN_OPTIONS",
						 "VMMLAB_WITHOUT", "VMMLAB_SECOND_TRY",
						 "VMMLAB_LONGEST", "VMMLAB_ALSO",
						 "VMMLAB_PACKETS", "VMMLAB_TIME_SCALE",
						 "VMMLAB_PART",	   NULL };
	char at[500], want[2500], format[1000];

	for (const char *const *p = passed_on; *p; p++)
		unsetenv(*p);
	two_labs();
	self_write("build/tools/box/box", 0755, "#!/bin/sh\necho \"$*\"\n");
	self_write("elsewhere/my.img", 0644, "");
	self_write("elsewhere/a b.img", 0644, "");
	if (symlink("my.img", "elsewhere/link") || chdir("elsewhere") || !getcwd(at, sizeof(at)))
		test_error("elsewhere: %s", strerror(errno));
	for (size_t i = 0; i < 2 * ARRAY_SIZE(row); i++) {
		bool svm = i % 2;
		char *argv[] = { "../lab", "run", "GUEST=hello64", "--", (char *)row[i / 2].option,
				 NULL };
		char *env[] = { "BUILD=build", "LAB=", svm ? "ENGINE=svm" : "ENGINE=native",
				"MAKEFLAGS=", NULL };
		struct proc_result p;

		self_write("../build/tools/engine", 0755,
			   svm ? "#!/bin/sh\necho svm\n" : "#!/bin/sh\necho native\n");
		p = self_run(argv, env);
		CONTEXT("%s: ../lab run -- '%s'", env[2], row[i / 2].option);
		snprintf(format, sizeof(format),
			 "%s%s%sbuild/labs/03-later/vmm %s build/guests/02/hello64.elf\n",
			 svm ? "--engine=svm --put=build/guests/02/hello64.elf" : "",
			 svm ? row[i / 2].box : "", svm ? " -- " : "", row[i / 2].vmm);
		snprintf(want, sizeof(want), format, at);
		EXPECT_STR(p.out, want);
		EXPECT_U64(proc_exit_code(&p), 0);
	}
}

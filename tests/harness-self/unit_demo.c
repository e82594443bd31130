// SPDX-License-Identifier: MIT
/* ./lab demo, and what is said of an engine, in a small tree where the VMM says what it was called
 * with. */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "self.h"
#include "show.h"

/* A tree with one lab and one guest. */
static void demo_tree(void)
{
	static const char *const dirs[] = { "guests",
					    "bin",
					    "build",
					    "build/tools",
					    "build/tools/box",
					    "build/labs",
					    "build/labs/02-small",
					    "build/guests",
					    "build/guests/02" };

	self_front_tree();
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		self_mkdir(dirs[i]);
	self_write("build/guests/02/hello.elf", 0644, "");
	self_write("build/tools/engine", 0755, "#!/bin/sh\necho native\n");
	self_write("build/labs/02-small/vmm", 0755, "#!/bin/sh\nprintf '<%s>' \"$@\"\n");
	self_write("bin/make", 0755, "#!/bin/sh\n");
	self_write("tools/packages.sh", 0644, "need() { :; }\n");
}

/* A line of shell in the tree, with its own bin first in PATH. */
static struct proc_result shell(const char *line)
{
	char *argv[] = { "sh", "-c", (char *)line, NULL };
	char path[PATH_MAX + 100], at[PATH_MAX];
	char *env[] = { path, "BUILD=build", "LAB=", "GUEST=", "ENGINE=auto", "MAKEFLAGS=", NULL };

	if (!getcwd(at, sizeof(at)))
		test_error("no directory: %s", strerror(errno));
	show_format(path, sizeof(path), "PATH=%s/bin:/usr/sbin:/usr/bin:/sbin:/bin", at);
	return self_run(argv, env);
}

/* In a student's tree the highest lab with full marks is shown, and to find it takes its time. */
TEST("-", demo_says_why_it_waits, 0, .seconds = 2)
{
	struct proc_result p;

	demo_tree();
	remove("reference.mk");
	self_write("labs/02-small/about", 0644, "demo: hello a greeting\n");
	self_write("build/tools/compare", 0755, "#!/bin/sh\necho \"$@\"\n");
	p = shell("./lab demo");
	EXPECT_CONTAINS(p.err,
			"lab: labs/02-small: are all points there? its tests run (LAB= names a "
			"lab without them)\n"
			"lab: no VMM here has full marks yet");
	EXPECT_CONTAINS(p.out, "--expect hello");
}

/* What is after -- comes last, behind the demo's own; files are from where the user stands. */
TEST("-", demo_passes_options_on, 0, .seconds = 4)
{
	char *linux_sh = self_read("tools/linux.sh");
	char at[PATH_MAX], want[6000];
	struct proc_result p;
	const char *disk;

	demo_tree();
	if (!getcwd(at, sizeof(at)))
		test_error("no directory: %s", strerror(errno));
	self_write("labs/02-small/about", 0644,
		   "demo: hello a disk\ndemo-options: --vga=ram --device=blk,file=%disk\n");
	p = shell("cd guests && ../lab demo LAB=02 -- --trace=a.json '--append=two words'");
	EXPECT_U64(proc_exit_code(&p), 0);
	show_format(want, sizeof(want), "<--vga=ram><--device=blk,file=%s/build/run.", at);
	EXPECT_CONTAINS(p.out, want);
	disk = strstr(p.out, "/disk.img");
	show_format(want, sizeof(want),
		    "/disk.img><--stats><--trace=%s/guests/a.json><--append=two words>"
		    "<build/guests/02/hello.elf>",
		    at);
	EXPECT_STR(disk, want);

	CONTEXT("of a kernel: its words come behind those that it is told anyway");
	self_write("tools/linux.sh", 0644, linux_sh);
	self_write("labs/02-small/about", 0644, "demo: linux\ndemo-options: --memory=256M\n");
	self_write("build/tools/box/box", 0755, "#!/bin/sh\necho /kernel\n");
	self_write("build/tools/initrd", 0755, "#!/bin/sh\n: >\"$1\"\n");
	self_write("bin/busybox", 0755, "#!/bin/sh\n");
	p = shell("ENGINE=native ./lab demo LAB=02 -- --memory=1G '--append=two words' "
		  "--append=more </dev/null");
	EXPECT_U64(proc_exit_code(&p), 0);
	show_format(want, sizeof(want), "<--memory=256M><--stats><--initrd=%s/build/run.", at);
	EXPECT_CONTAINS(p.out, want);
	EXPECT_CONTAINS(p.out, "/initrd><--append=console=ttyS0 quiet pci=off vmmlab=off two words "
			       "more><--memory=1G></kernel>");
	CONTEXT("nobody has asked for the engine that it takes where the CPU is not whole");
	EXPECT_TRUE(!strstr(p.err, "a kernel boots"), "%s", p.err);
	self_write("build/tools/engine", 0755, "#!/bin/sh\necho \"engine $1\" >&2; echo native\n");
	self_write("tools/linux.sh", 0644, test_text("%s\nwhole_cpu() { false; }\n", linux_sh));
	p = shell("./lab demo LAB=02 </dev/null");
	EXPECT_CONTAINS(p.err, access("/dev/kvm", F_OK)
				       ? "engine auto\n"
				       : "lab: a kernel boots in an emulated CPU here: ");
}

TEST("-", shadow_paging_below_an_odd_qemu_is_named, 0, .seconds = 2)
{
	static const struct {
		const char *engine, *qemu;
		bool odd;
	} row[] = {
		{ "svm-shadow", "7.2.22 (Debian 1:7.2)", false },
		{ "svm-shadow", "9.0.2", false },
		{ "svm-shadow", "9.1.0", true },
		{ "svm-shadow", "10.0.13 (Debian)", true },
		{ "svm", "10.0.13 (Debian)", false },
	};

	demo_tree();
	self_write("build/tools/box/box", 0755, "#!/bin/sh\n");
	self_write("build/tools/engine", 0755, "#!/bin/sh\necho $1\n");
	self_write("bin/qemu-system-x86_64", 0755,
		   "#!/bin/sh\necho \"QEMU emulator version $Q\"\n");
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		struct proc_result p =
			shell(test_text("Q='%s' ./lab run LAB=02 GUEST=hello ENGINE=%s",
					row[i].qemu, row[i].engine));

		CONTEXT("%s, QEMU %s", row[i].engine, row[i].qemu);
		EXPECT_U64(proc_exit_code(&p), 0);
		EXPECT_U64(!!strstr(p.err, "a guest may read KVM's CR3"), row[i].odd);
	}
}

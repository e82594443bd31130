// SPDX-License-Identifier: MIT
/* The front door itself, in a small tree where make, the VMM and apt-get are scripts. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "self.h"
#include "show.h"

#define ODD "a, \"odd\" 'name'|with*all\nof it,"

/* A tree with one lab and one guest, which asks for a disk. `packages` is its tools/packages.sh. */
static void front_tree(const char *packages)
{
	static const char *const dirs[] = {
		"guests",	"guests/02",   "book",		 "bin",
		"build",	"build/tools", "build/labs",	 "build/labs/02-small",
		"build/guests", "home",	       "build/guests/02"
	};

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		self_mkdir(dirs[i]);
	self_write("guests/02/hello.s", 0644, "# devices: rng, blk\n");
	self_write("build/guests/02/hello.elf", 0644, "");
	self_write("build/tools/engine", 0755, "#!/bin/sh\necho native\n");
	self_write("build/labs/02-small/vmm", 0755, "#!/bin/sh\nprintf '<%s>' \"$@\"\n");
	self_write("bin/make", 0755, "#!/bin/sh\n");
	self_write("tools/packages.sh", 0644, packages);
}

static void front(const char *packages)
{
	self_front_tree();
	front_tree(packages);
}

#define NOTHING_MISSING "need() { :; }\n"

/* A line of shell in the tree, with its own bin first in PATH. */
static struct proc_result shell(const char *line)
{
	char *argv[] = { "sh", "-c", (char *)line, NULL };
	char path[1200];
	char *env[] = { path,
			"BUILD=build",
			"LAB=",
			"GUEST=",
			"ENGINE=auto",
			"MAKEFLAGS=",
			"XDG_CACHE_HOME",
			"HOME=/nowhere",
			"CC",
			"TMPDIR",
			"ASAN_OPTIONS",
			"TSAN_OPTIONS",
			"SAN",
			"VMMLAB_SECOND_TRY",
			"VMMLAB_LONGEST",
			"VMMLAB_ALSO",
			"VMMLAB_WITHOUT",
			"VMMLAB_PART",
			"VMMLAB_PACKETS",
			"VMMLAB_TIME_SCALE",
			NULL };
	char at[PATH_MAX];

	if (!getcwd(at, sizeof(at)))
		test_error("no directory: %s", strerror(errno));
	show_format(path, sizeof(path), "PATH=%s/bin:/usr/sbin:/usr/bin:/sbin:/bin", at);
	return self_run(argv, env);
}

/* Two at once would find `busy`. The first waits amid its work for the second's word. */
static const char handshake[] = "#!/bin/sh\n"
				"mkdir busy || exit 1\n"
				"[ -e begun ] || { : >begun; echo >first; read line <second; }\n"
				"rmdir busy\n";

/* ./lab a, and amid that ./lab b: what b says first, the status of both, and what they print. */
static struct proc_result two_at_once(const char *a, const char *b)
{
	char line[1000];

	show_format(line, sizeof(line),
		    "mkfifo first second said\n"
		    "./lab %s >out & a=$!\n"
		    "read line <first\n"
		    "./lab %s >out2 2>said & b=$!\n"
		    "{ read line; echo \"$line\"; echo >second; cat >/dev/null; } <said\n"
		    "wait $a; echo $?; wait $b; echo $?; cat out; echo; cat out2",
		    a, b);
	return shell(line);
}

TEST("-", two_at_once_build_one_after_the_other, 0, .seconds = 4)
{
	const char *run = "run LAB=02 GUEST=hello -- --device=rng";
	struct proc_result p;

	front(NOTHING_MISSING);
	self_write("bin/make", 0755, handshake);
	p = two_at_once(run, run);
	EXPECT_STR(p.out, "lab: another ./lab builds in build; waiting for it\n0\n0\n"
			  "<--device=rng><build/guests/02/hello.elf>\n"
			  "<--device=rng><build/guests/02/hello.elf>");
}

TEST("-", two_at_once_when_one_grades, 0, .seconds = 4)
{
	const char *run = "run LAB=02 GUEST=hello -- --device=rng";
	char *grading = self_read("tools/grading.sh");
	int top = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct proc_result p;

	for (int i = 0; i < 2; i++) {
		if (fchdir(top))
			test_error("no way back: %s", strerror(errno));
		front(NOTHING_MISSING);
		self_write("tools/grading.sh", 0644, grading);
		self_mkdir("build/tests");
		self_write("build/tests/grade", 0755, "#!/bin/sh\nprintf graded\n");
		self_write("build/tools/compile", 0755, handshake);
		p = two_at_once("grade LAB=02", i ? "grade LAB=02" : run);
		CONTEXT("./lab grade and ./lab %s", i ? "grade" : "run");
		EXPECT_STR(p.out, i ? "lab: another ./lab grade runs in build; waiting for it\n"
				      "0\n0\ngraded\ngraded"
				    : "lab: another ./lab builds in build; waiting for it\n"
				      "0\n0\ngraded\n<--device=rng><build/guests/02/hello.elf>");
	}
}

/* A grader that knows three labs: the first is full, the others are not. */
static const char three_labs[] =
	"#!/bin/sh\n"
	"echo \"$@\" >>args\n"
	"case $1 in\n"
	"--lab=02) echo 'Lab 2: 100/100. All tasks are done.' ;;\n"
	"--lab=03) printf 'FAIL one\\n  because\\nLab 3: 30/100. Next: task 3.4.\\n'; exit 1 ;;\n"
	"*) printf 'TODO all\\nLab 4: 0/100. Next: task 4.1.\\n'; exit 1 ;;\n"
	"esac\n";

TEST("-", grade_without_a_lab_is_of_all_labs, 0, .seconds = 3)
{
	static const char *const no_seeds[] = {
		"12", "0x", "x12", "0x1zz", "0x12 3", "0x-12", "0x123456789abcdef01"
	};
	char *grading = self_read("tools/grading.sh");
	struct proc_result p;

	front(NOTHING_MISSING);
	self_write("tools/grading.sh", 0644, grading);
	self_mkdir("build/tests");
	self_write("build/tests/grade", 0755, three_labs);
	self_write("build/tools/compile", 0755, "#!/bin/sh\n");
	for (int lab = 3; lab < 5; lab++) {
		self_mkdir(lab == 3 ? "labs/03-a" : "labs/04-b");
		self_write(lab == 3 ? "labs/03-a/tasks" : "labs/04-b/tasks", 0644,
			   "3.1 a.c f() 100 title\n");
	}
	self_write("build/tools/engine", 0755,
		   "#!/bin/sh\necho engine native: it answers >&2\necho native\n");
	p = shell("./lab grade");
	EXPECT_STR(strstr(p.err, "engine "), "engine native: it answers\n");
	EXPECT_STR(p.out, "Lab 2: 100/100. All tasks are done.\nLab 3: 30/100. Next: task 3.4.\n"
			  "Lab 4: 0/100. Next: task 4.1.\n\nFAIL one\n  because\n");
	EXPECT_U64(proc_exit_code(&p), 1);
	EXPECT_CONTAINS(self_read("args"), "--lab=02 --version=unknown --next-lab=labs/03-a ");
	CONTEXT("a seed is for all of them; what is none is a wrong command line");
	self_write("args", 0644, "");
	p = shell("./lab grade LAB=04 SEED=0x12");
	EXPECT_CONTAINS(self_read("args"), "--lab=04 --seed=0x12 --version=unknown --trace=");
	for (unsigned i = 0; i < ARRAY_SIZE(no_seeds); i++) {
		p = shell(test_text("./lab grade 'SEED=%s'", no_seeds[i]));
		CONTEXT("SEED=%s", no_seeds[i]);
		EXPECT_U64(proc_exit_code(&p), 64);
		EXPECT_CONTAINS(p.err, test_text("SEED=%s: a number such as 0x1f2e3d4c is wanted",
						 no_seeds[i]));
	}
	CONTEXT("a file for the results is of one lab: the highest");
	p = shell("./lab grade RESULTS=r.json");
	EXPECT_STR(p.out, "TODO all\nLab 4: 0/100. Next: task 4.1.\n");
}

TEST("-", each_run_has_a_disk_of_its_own, 0, .seconds = 4)
{
	struct proc_result p;

	front(NOTHING_MISSING);
	/* The first run shows its disk, and how it looks when the second has been and gone. */
	self_write(
		"build/labs/02-small/vmm", 0755,
		"#!/bin/sh\n"
		"disk=${2#--device=blk,file=}\n"
		"[ -n \"$INNER\" ] && { echo x >$disk; exit 0; }\n"
		"INNER=1 ./lab run LAB=02 GUEST=hello\n"
		"echo $1; wc -c <$disk; od -An -tx1 -N1 -j32767 $disk; echo build/run.* | wc -w\n");
	p = shell("mkdir build/run.killed build/run.in_use\n"
		  "exec 5<build/run.in_use; flock 5; INNER= ./lab run LAB=02 GUEST=hello; echo $?\n"
		  "ls -d build/run.*");
	EXPECT_STR(p.out, "--device=rng\n32768\n 3f\n2\n0\nbuild/run.in_use\n");
}

TEST("-", any_name_for_a_tree, 0, .seconds = 4)
{
	char at[PATH_MAX], want[2 * PATH_MAX], doubled[2 * PATH_MAX], *q = doubled;
	struct proc_result p;

	front(NOTHING_MISSING);
	self_mkdir("../" ODD);
	if (system("mv -- * \"$(ls -d ../a,*)\"") || chdir("../" ODD) || !getcwd(at, sizeof(at)))
		test_error("%s: %s", ODD, strerror(errno));
	self_write("my,disk.img", 0644, "");
	for (const char *c = at; *c; *q++ = *c++)
		if (*c == ',')
			*q++ = ',';
	*q = 0;
	p = shell("mkdir links && ln -s ../lab links/vmm-lab && cd links && "
		  "./vmm-lab run LAB=02 GUEST=hello -- --device=blk,file=../my,,disk.img,readonly "
		  "--report=r");
	CONTEXT("called by a link, from elsewhere; the VMM gets each comma of a path twice");
	show_format(want, sizeof(want),
		    "<--device=blk,file=%s/my,,disk.img,readonly><--report=%s/links/r>"
		    "<build/guests/02/hello.elf>",
		    doubled, at);
	EXPECT_STR(p.out, want);
	EXPECT_U64(proc_exit_code(&p), 0);
	self_write("build/tools/engine", 0755, "#!/bin/sh\necho svm\n");
	self_mkdir("build/tools/box");
	self_write("build/tools/box/box", 0755, "#!/bin/sh\nprintf '<%s>' \"$@\"\n");
	p = shell("./lab run LAB=02 GUEST=hello ENGINE=svm -- --device=blk,file=my,,disk.img");
	show_format(want, sizeof(want),
		    "<--engine=svm><--put=build/guests/02/hello.elf><--put=%s/my,disk.img>"
		    "<--get=%s/my,disk.img><--><build/labs/02-small/vmm>"
		    "<--device=blk,file=%s/my,,disk.img><build/guests/02/hello.elf>",
		    at, at, doubled);
	EXPECT_STR(p.out, want);
}

TEST("-", a_build_directory_that_cannot_be, 0, .seconds = 4)
{
	static const char *const names[] = { "a b", "a:b", "a'b", "-b", "a]b", "a%b", "a\nb" };
	struct proc_result p;
	char line[200];

	front(NOTHING_MISSING);
	/* What a read-only tree answers, also to root: a file that cannot be opened for writing. */
	p = shell("mkdir build/make.log; ./lab run LAB=02 GUEST=hello");
	EXPECT_U64(proc_exit_code(&p), 3);
	EXPECT_STR(p.err, "lab: environment: build cannot be written; set BUILD=dir in the "
			  "environment\n");
	p = shell("BUILD=/dev/null/b ./lab run LAB=02 GUEST=hello");
	EXPECT_U64(proc_exit_code(&p), 3);
	EXPECT_STR(p.err, "lab: environment: /dev/null/b cannot be written; set BUILD=dir in the "
			  "environment\n");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		show_format(line, sizeof(line), "BUILD=\"%s\" ./lab run LAB=02 GUEST=hello",
			    names[i]);
		p = shell(line);
		CONTEXT("%s", line);
		EXPECT_U64(proc_exit_code(&p), 2);
		EXPECT_CONTAINS(p.err, ": make cannot build there; ");
		show_format(line, sizeof(line),
			    "export BUILD=\"%s\"; ./lab grade LAB=02; s=$?; ls -d -- \"$BUILD\"; "
			    "exit $s",
			    names[i]);
		p = shell(line);
		CONTEXT("%s", line);
		EXPECT_U64(proc_exit_code(&p), 64);
		EXPECT_STR(p.out, ""); /* nothing was made */
	}
}

TEST("-", a_book_that_cannot_be_made, 0)
{
	struct proc_result p;

	front(NOTHING_MISSING);
	self_write("reference.mk", 0644, "");
	self_write("book/build.sh", 0755, "#!/bin/sh\n[ \"$2\" = \"$FINE\" ]\n");
	p = shell("./lab book");
	EXPECT_U64(proc_exit_code(&p), 1);
	EXPECT_STR(p.err, "lab: book: the reference edition could not be made\n");
	p = shell("FINE=reference ./lab book");
	EXPECT_U64(proc_exit_code(&p), 1);
	EXPECT_STR(p.err, "lab: book: the student edition could not be made\n");
}

TEST("-", saved_machines_are_shown_and_removed, 0)
{
	struct proc_result p;

	front(NOTHING_MISSING);
	p = shell("mkdir -p c/vmmlab; cd c/vmmlab; mkdir box-svm-1 kernel-6.1 run-a run-b mine\n"
		  "dd if=/dev/zero of=box-svm-1/mem bs=1M count=3 status=none; : >lock\n"
		  "exec 5<run-b; flock 5; XDG_CACHE_HOME=${PWD%/*} ../../lab clean; echo $?; ls");
	EXPECT_CONTAINS(p.out, "M  removed  box-svm-1\n");
	EXPECT_CONTAINS(p.out, "  removed  run-a\n");
	EXPECT_CONTAINS(p.out, "  in use   run-b\n");
	EXPECT_CONTAINS(p.out, "  kept     kernel-6.1\n0\nkernel-6.1\nlock\nmine\nrun-b\n");
	EXPECT_CONTAINS(p.err, "c/vmmlab\n");
	p = shell("unset HOME; ./lab clean");
	EXPECT_STR(p.err, "lab: clean: where are the saved machines? set HOME or XDG_CACHE_HOME\n");
	EXPECT_U64(proc_exit_code(&p), 3);
}

/* --- packages --- */

/* An apt-get that finds each of its locks taken once, and then installs. */
static const char busy_apt[] = "#!/bin/sh\n"
			       "printf '%s\\n' \"$*\" >>calls\n"
			       "case $(wc -l <calls) in\n"
			       "1) echo 'E: Could not get lock /var/lib/apt/lists/lock. It is held "
			       "by process 1 (x)' >&2 ;;\n"
			       "3) echo 'E: Could not get lock /var/lib/dpkg/lock-frontend - open "
			       "(11: Resource temporarily "
			       "unavailable)' >&2 ;;\n"
			       "4) echo 'dpkg: error: dpkg frontend lock was locked by another "
			       "process with pid 1' >&2 ;;\n"
			       "2) exit 0 ;;\n"
			       "*) : >bin/made; exit 0 ;;\n"
			       "esac\n"
			       "exit 100\n";

static void with_packages(void)
{
	char *packages = self_read("tools/packages.sh");

	front(packages);
	self_write("reference.mk", 0644, "");
	self_write("book/build.sh", 0755, "#!/bin/sh\n");
	/* of all that the book needs only unifdef is missing, until bin/made is there */
	self_write("bin/git", 0755, "#!/bin/sh\n");
	self_write("bin/dot", 0755, "#!/bin/sh\n");
	self_write("bin/sudo", 0755, "#!/bin/sh\nexec \"$@\"\n");
	self_write("bin/sleep", 0755, "#!/bin/sh\n");
}

#define ONLY_UNIFDEF \
	"python_has() { :; }; command() { case $2 in unifdef) test -e bin/made ;; esac; }\n"

TEST("-", apt_is_waited_for, 0, .seconds = 4)
{
	char *packages = self_read("tools/packages.sh"), both[20000];
	struct proc_result p;

	with_packages();
	show_format(both, sizeof(both), "%s" ONLY_UNIFDEF, packages);
	self_write("tools/packages.sh", 0644, both);
	self_write("bin/apt-get", 0755, busy_apt);
	p = shell("./lab -y book >/dev/null; echo $?; cat calls");
	EXPECT_STR(p.out, "0\n-qq update\n-qq update\n"
			  "-qq install -y --no-install-recommends unifdef\n"
			  "-qq install -y --no-install-recommends unifdef\n"
			  "-qq install -y --no-install-recommends unifdef\n");
	EXPECT_CONTAINS(p.err, "lab: installing: unifdef\n"
			       "lab: apt is busy with something else; waiting for it\n"
			       "lab: apt is busy with something else; waiting for it\n"
			       "lab: student edition: ");
	CONTEXT("another failure is one");
	self_write("bin/apt-get", 0755,
		   "#!/bin/sh\necho 'E: Unable to locate package unifdef' >&2; exit 100\n");
	p = shell("rm bin/made; ./lab -y book");
	EXPECT_U64(proc_exit_code(&p), 3);
	EXPECT_STR(p.err, "lab: installing: unifdef\nE: Unable to locate package unifdef\n"
			  "lab: environment: apt-get could not install: unifdef\n");
}

TEST("-", what_needs_no_compiler_wants_none, 0)
{
	char *packages = self_read("tools/packages.sh"), both[20000];
	struct proc_result p;

	with_packages();
	show_format(both, sizeof(both), "%s" ONLY_UNIFDEF, packages);
	self_write("tools/packages.sh", 0644, both);
	self_write("bin/apt-get", 0755, "#!/bin/sh\nexit 100\n");
	p = shell(": >bin/made; CC=none ./lab book");
	EXPECT_U64(proc_exit_code(&p), 0);
	EXPECT_TRUE(strncmp(p.err, "lab: student edition: ", 22) == 0, "%s", p.err);
	CONTEXT("a header is found without one, too");
	self_write("tools/packages.sh", 0644, packages);
	p = shell("mkdir -p usr/include; : >usr/include/archive.h\n"
		  "CC=none VMMLAB_ROOT=$PWD; . tools/packages.sh; missing_debian all; echo\n"
		  "rm usr/include/archive.h; missing_debian all");
	EXPECT_STR(p.out, "\n libarchive-dev");
}

TEST("-", all_of_the_repository_needs_libarchive, 0, .seconds = 2)
{
	static const char *const verbs[] = { "check", "stress", "lint", "check-engines",
					     "prepare" };

	front("need() { echo \"need $*\"; exit; }\n");
	self_write("reference.mk", 0644, "");
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		struct proc_result p = shell(test_text("./lab %s", verbs[i]));

		CONTEXT("./lab %s", verbs[i]);
		EXPECT_CONTAINS(p.out, " all");
	}
}

TEST("-", packages_of_this_debians_compilers, 0)
{
	struct proc_result p;

	with_packages();
	self_write("bin/clang", 0755, "#!/bin/sh\n[ \"$1\" = -dumpversion ] && echo 14.0.6\n");
	self_write("bin/gcc", 0755, "#!/bin/sh\n[ \"$1\" = -dumpversion ] && echo 12\n");
	p = shell(". tools/packages.sh; missing_debian prove");
	EXPECT_CONTAINS(p.out, " libclang-rt-14-dev libgcc-12-dev");
	CONTEXT("clang is not there: what apt would install says it");
	self_write("bin/clang", 0755, "#!/bin/sh\nexit 127\n");
	self_write("bin/apt-cache", 0755, "#!/bin/sh\necho $2; echo \"  Depends: $2-19\"\n");
	p = shell(". tools/packages.sh; missing_debian prove");
	EXPECT_CONTAINS(p.out, " libclang-rt-19-dev libgcc-12-dev");
	CONTEXT("nor has apt a list: it is asked again once clang is installed");
	self_write("bin/apt-cache", 0755, "#!/bin/sh\nexit 100\n");
	p = shell(". tools/packages.sh; missing_debian prove");
	EXPECT_TRUE(!strstr(p.out, "libclang-rt"), "%s", p.out);
	EXPECT_CONTAINS(p.out, " libgcc-12-dev");
	CONTEXT("two words");
	p = shell("CC='env gcc'; . tools/packages.sh; compiler");
	EXPECT_U64(proc_exit_code(&p), 0);
}

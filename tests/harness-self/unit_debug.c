// SPDX-License-Identifier: MIT
/* ./lab debug, in a small tree where make, the suites, the box and gdb are scripts. */
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "self.h"
#include "show.h"

/* It shows how it was called, and the files that it was given. */
static const char gdb[] = "#!/bin/sh\n"
			  "printf '<%s>' \"$@\" | sed 's,run\\.[^/> ]*/,run/,g'; echo\n"
			  "for word; do\n"
			  "	case $word in *.gdb) [ ! -f \"$word\" ] || cat \"$word\" ;; esac\n"
			  "done\n"
			  "sed 's,run\\.[^/ ]*,run,g' build/run.*/call 2>/dev/null\n"
			  "exit 7\n";

/* A suite whose tests end as the file beside it says; with --keep=DIR it leaves a command there. */
static const char suite[] = "#!/bin/sh\n"
			    "for a; do case $a in\n"
			    "--keep=*) echo 'set args x' >\"${a#*=}/run.gdb\" ;;\n"
			    "--filter=2.2) cat \"$0.$VMMLAB_PART\" 2>/dev/null ;;\n"
			    "esac; done\n";

static void tree(const char *engine)
{
	static const char *const dirs[] = {
		"bin", "build", "build/tools", "build/tests", "build/tests/lab02", "build/tools/box"
	};

	self_front_tree();
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		self_mkdir(dirs[i]);
	self_write("tools/packages.sh", 0644, "need() { echo \"need $*\"; }\n");
	self_write("build/tools/engine", 0755, test_text("#!/bin/sh\necho %s\n", engine));
	self_write("build/tools/box/box", 0755,
		   "#!/bin/sh\nwhile [ \"$1\" != -- ]; do shift; done; shift\n"
		   "VMMLAB_PART=kvm \"$@\"\n");
	self_write("build/tests/lab02/unit", 0755, suite);
	self_write("build/tests/lab02/blackbox", 0755, suite);
	self_write("bin/make", 0755, "#!/bin/sh\n");
	self_write("bin/gdb", 0755, gdb);
	self_write("bin/gdbserver", 0755, "#!/bin/sh\n");
}

static struct proc_result lab(const char *words)
{
	char at[PATH_MAX], path[PATH_MAX + 60], line[200];
	char *argv[] = { "sh", "-c", line, NULL };
	char *env[] = { path,  "BUILD=build", "LAB=",	    "ENGINE=auto",
			"SAN", "VMMLAB_PART", "MAKEFLAGS=", "VMMLAB_PATIENCE",
			NULL };

	if (!getcwd(at, sizeof(at)))
		test_error("no directory");
	show_format(path, sizeof(path), "PATH=%s/bin:/usr/bin:/bin", at);
	show_format(line, sizeof(line), "./lab %s </dev/null", words);
	return self_run(argv, env);
}

#define GDB(program, more)                                                       \
	"<-nx><-batch><-q><-iex><set debuginfod enabled off><-iex><set sysroot " \
	"/><-ex><file " program ">" more                                         \
	"<-x><build/run/run.gdb><-x><build/run/stops.gdb><-ex><run><-ex><backtrace 16>\n"
#define STOPS "handle SIGUSR1 SIGUSR2 nostop noprint pass\nset breakpoint pending on\n"
#define SUITE "build/tests/lab02/unit"
#define UNIT                                            \
	"set remote exec-file build/tests/lab02/unit\n" \
	"set args --no-fork --filter=reads-beyond\n"

TEST("-", debug_runs_a_unit_test_in_gdb, 0, .seconds = 2)
{
	struct proc_result p;

	tree("native");
	self_write("build/tests/lab02/unit.", 0644,
		   "PASS 2.2 reads\nCRASH 2.2 reads-beyond       0/4\nFAIL 2.2 third\n");
	p = lab("debug T=2.2 -- -tui");
	EXPECT_STR(p.out,
		   "need run test debug\n" GDB(SUITE, "<-tui>") UNIT STOPS "break test_fail\n");
	EXPECT_U64(proc_exit_code(&p), 7);
	EXPECT_CONTAINS(p.err, "lab: CRASH reads-beyond, of build/tests/lab02/unit\n"
			       "lab: where gdb says <optimized out>, build once more: "
			       "CFLAGS='-Og -g' BUILD=build/debug ./lab debug T=2.2\n");
	setenv("CFLAGS", "-Og -g", 1);
	p = lab("debug T=2.2");
	EXPECT_TRUE(!strstr(p.err, "optimized out"));
}

TEST("-", debug_stops_at_what_a_sanitizer_tells, 0, .seconds = 2)
{
	struct proc_result p;

	tree("native");
	if (symlink(".", "build/san"))
		test_error("no link");
	self_write("build/tests/lab02/unit.", 0644, "CRASH 2.2 reads-beyond       0/4\n");
	p = lab("version >/dev/null; SAN=1 ./lab debug T=2.2");
	EXPECT_CONTAINS(p.out, STOPS "break test_fail\nbreak __sanitizer_report_error_summary\n");
}

TEST("-", debug_runs_the_vmm_of_a_black_box_test, 0, .seconds = 2)
{
	struct proc_result p;

	tree("native");
	self_write("build/tests/lab02/blackbox.", 0644, "FAIL 2.2 prints    0/4\n");
	p = lab("debug T=2.2");
	CONTEXT("it prints something else: there is a way to it by the task's functions");
	EXPECT_STR(p.out, "need run test debug\n" GDB("build/labs/02-small/vmm",
						      "") "set args x\n" STOPS "tbreak mem_read\n");
	self_write("build/tests/lab02/blackbox.", 0644,
		   "FAIL 2.2 prints    0/4\n  said  vmm: crashed with SIGSEGV in mem_read()\n");
	p = lab("debug T=2.2");
	CONTEXT("where it crashes gdb stops by itself");
	EXPECT_STR(p.out,
		   "need run test debug\n" GDB("build/labs/02-small/vmm", "") "set args x\n" STOPS);
}

TEST("-", debug_goes_into_the_emulated_machine, 0, .seconds = 2)
{
	struct proc_result p;

	tree("svm");
	self_write("build/tests/lab02/unit.plain", 0644, "FAIL 2.2 reads-beyond  0/4\n");
	p = lab("debug T=2.2");
	CONTEXT("what needs no KVM runs here");
	EXPECT_STR(p.out,
		   "need run test debug\nneed svm\n" GDB(SUITE, "") UNIT STOPS "break test_fail\n");
	unlink("build/tests/lab02/unit.plain");
	self_write("build/tests/lab02/blackbox.kvm", 0644, "TIMEOUT 2.2 ends  0/4\n");
	p = lab("debug T=2.2");
	EXPECT_CONTAINS(
		p.out,
		"need run test debug\nneed svm\n<-nx><-batch><-q><-iex><set debuginfod enabled "
		"off><-iex><set sysroot /><-ex><file build/labs/02-small/vmm><-ex><target "
		"extended-remote | sh "
		"build/run/call><-ex><remote get build/run/run.gdb "
		"build/run/run.gdb>");
	EXPECT_CONTAINS(p.out, "exec build/tools/box/box '--engine=svm'");
	EXPECT_CONTAINS(p.out,
			"build/tests/lab02/blackbox --no-retry --filter=ends --keep=build/run");
	EXPECT_CONTAINS(p.out, "/bin/gdbserver --multi -'");
	EXPECT_CONTAINS(p.err, "lab: TIMEOUT ends, of build/tests/lab02/blackbox (in the emulated "
			       "machine svm)\n");
}

TEST("-", a_vmm_that_crashes_in_a_run, 0, .seconds = 1)
{
	struct proc_result p;

	tree("native");
	self_mkdir("build/guests");
	self_mkdir("build/labs");
	self_mkdir("build/labs/02-small");
	self_write("build/labs/02-small/vmm", 0755,
		   "#!/bin/sh\necho 'vmm: crashed with SIGSEGV at 0x10' >&2\nkill -SEGV $$\n");
	p = lab("run LAB=02 GUEST=lab");
	EXPECT_U64(proc_exit_code(&p), 139);
	EXPECT_CONTAINS(p.err, "lab: the VMM crashed; addr2line -fie build/labs/02-small/vmm, ");
}

TEST("-", debug_needs_a_task_that_fails, 0, .seconds = 2)
{
	struct proc_result p;

	tree("native");
	p = lab("debug ");
	EXPECT_U64(proc_exit_code(&p), 2);
	EXPECT_CONTAINS(p.err, "debug: which task? ./lab debug T=5.2");
	p = lab("debug T=2.7");
	EXPECT_U64(proc_exit_code(&p), 2);
	p = lab("debug T=2.2");
	EXPECT_U64(proc_exit_code(&p), 0);
	EXPECT_CONTAINS(
		p.err,
		"lab: debug: no test of 2.2 fails that gdb can follow; ./lab grade says more\n");
}

// SPDX-License-Identifier: MIT
/* Which steps of the proof run, and which tests/proven holds: in a small tree whose steps only
 * note. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../harness-self/self.h"
#include "show.h"

#define STEPS                                                                                  \
	"svm sanitized-self fuzzed mutants-02 ladder-02 recorded-02 mutants-03 svm-shadow-03 " \
	"clang"

/* A step notes its name in `ran`, and is green unless there is a file `bad`. */
static const char steps[] = "steps() { echo " STEPS "; }\n"
			    "run() {\n"
			    "\techo \"$1${VMMLAB_RENEW:+ in full}\" >>ran\n"
			    "\t[ ! -e bad ]\n"
			    "}\n";

static const char date[] = "#!/bin/sh\n"
			   "case $* in\n"
			   "-u\\ +%F) exec /bin/date -u -d @$(($(cat day) * 86400)) +%F ;;\n"
			   "+%s) echo $(($(cat day) * 86400)) ;;\n"
			   "*) exec /bin/date \"$@\" ;;\n"
			   "esac\n";

/* One of each kind that a step reads. (labs/02-small/tasks comes with the tree.) */
static const char *const files[] = {
	"Makefile",
	"README.md",
	"book/chapter.md",
	"book/recorded/run.txt",
	"common/c.c",
	"guests/02/two.s",
	"guests/03/three.s",
	"guests/lib/start.inc",
	"lab",
	"labs/02-small/a.c",
	"labs/02-small/README.md",
	"labs/02-small/hints/2.1.md",
	"labs/03-later/b.c",
	"labs/03-later/tasks",
	"tests/adversarial/fuzz_a.c",
	"tests/adversarial/corpus/a",
	"tests/adversarial/escape/a.c",
	"tests/harness/test.h",
	"tests/harness-self/unit_s.c",
	"tests/lab02/unit_a.c",
	"tests/lab03/unit_b.c",
	"tests/marks/unit_m.c",
	"tests/mutants/02/2.1-off-by-one.patch",
	"tests/mutants/03/3.1-off-by-one.patch",
	"tools/box/host/main.c",
	"tools/proof/ladder.c",
	"tools/recorded/run.c",
	"tools/engine.sh",
	"tools/doctor/main.c",
	"tools/marks/out/record.c",
};

static void make_parents(const char *file)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s", file);
	for (char *p = path; (p = strchr(p, '/')); *p++ = '/') {
		*p = 0;
		if (access(path, F_OK))
			self_mkdir(path);
	}
}

static struct proc_result shell(const char *line)
{
	char *argv[] = { "sh", "-c", (char *)line, NULL };
	char path[PATH_MAX + 100], at[PATH_MAX];
	char *env[] = { path,
			"VMMLAB_PLACE=svm",
			"VMMLAB_VERSIONS",
			"VMMLAB_RENEW",
			"VMMLAB_TODAY",
			"ALL",
			"CC",
			"ENGINE=auto",
			"HOME=/nowhere",
			"MAKEFLAGS=",
			NULL };

	if (!getcwd(at, sizeof(at)))
		test_error("no directory");
	show_format(path, sizeof(path), "PATH=%s/bin:/usr/sbin:/usr/bin:/sbin:/bin", at);
	return self_run(argv, env);
}

/* The day, since the beginning, stands in the file `day`, the emulated machine's kernel in
 * `kernel`. */
static void ledger_tree(void)
{
	static const char *const tools[] = { "bin/gcc", "bin/clang", "bin/ld",
					     "bin/qemu-system-x86_64" };
	static const char *const own[] = { "tools/prove.sh", "tools/ledger.sh", "tools/labs.sh" };
	char *text[ARRAY_SIZE(own)];

	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		text[i] = self_read(own[i]);
	self_tree();
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		make_parents(files[i]);
		self_write(files[i], 0644, strcmp(files[i], "Makefile") ? "as it was\n" : "all:\n");
	}
	for (size_t i = 0; i < ARRAY_SIZE(own); i++) {
		self_write(own[i], 0755, text[i]);
		free(text[i]);
	}
	self_write("tools/steps.sh", 0644, steps);
	make_parents("build/tools/box/box");
	make_parents("bin/date");
	make_parents("build/tests/grade");
	self_write("build/tests/grade", 0755, "");
	for (size_t i = 0; i < ARRAY_SIZE(tools); i++)
		self_write(tools[i], 0755, "#!/bin/sh\necho version 1.2.3\n");
	self_write("build/tools/box/box", 0755, "#!/bin/sh\ncat kernel\n");
	self_write("bin/date", 0755, date);
	self_write("kernel", 0644, "6.1.0\n");
	self_write("day", 0644, "20005\n"); /* of the nine steps the fifth has its turn: 5 + 5 */
	self_write(".gitignore", 0644, "build/\nbin/\nran\nsorted\nbad\nday\nkernel\n");
	shell("git init -q .");
}

/* What ran, sorted, "a,b,c". */
static const char *proven_again(const char *arguments, int want_status)
{
	char line[300], *ran;
	struct proc_result p;

	show_format(line, sizeof(line), ": >ran; %s tools/prove.sh build", arguments);
	p = shell(line);
	EXPECT_U64(proc_exit_code(&p), want_status);
	shell("sort ran | paste -sd, - >sorted");
	ran = self_read("sorted");
	ran[strcspn(ran, "\n")] = 0;
	return ran;
}

#define GRADED_02 "ladder-02,mutants-02"
#define KEPT	  "clang,fuzzed," GRADED_02 ",mutants-03,recorded-02,sanitized-self,svm-shadow-03"
#define EVERYTHING                   \
	"clang,fuzzed,ladder-02 in " \
	"full,mutants-02,mutants-03,recorded-02,sanitized-self,svm,svm-shadow-03"
/* What runs when nothing has changed: one step always, one has its turn. */
#define NOTHING "ladder-02 in full,svm"

TEST("-", what_is_proven_is_held, 0, .seconds = 10)
{
	struct proc_result p;

	ledger_tree();
	EXPECT_STR(proven_again("", 0), EVERYTHING);
	EXPECT_STR(proven_again("", 0), NOTHING);
	EXPECT_STR(proven_again("ALL=1", 0), EVERYTHING);
	EXPECT_STR(proven_again("", 0), NOTHING);
	p = shell("tools/prove.sh build | sort");
	EXPECT_CONTAINS(p.out, "7 held: tests/proven has them");
	EXPECT_CONTAINS(p.out, "2 passed, 0 failed\n");
	EXPECT_CONTAINS(p.out, "0 min 0 s for steps of 0 s; the longest: svm 0, ladder-02 0\n");
	EXPECT_CONTAINS(p.out,
			"held  clang                     since 2024-10-09: nothing that it reads");
	p = shell("wc -l <build/prove/times; sort build/prove/times | head -n 1");
	EXPECT_STR(p.out, "9\n0 clang\n");
	p = shell("tools/prove.sh build --list");
	EXPECT_CONTAINS(p.out, "runs  svm\n");
	EXPECT_CONTAINS(p.out, "runs  ladder-02, in full: it is its turn\n");
	EXPECT_CONTAINS(p.out, "held  clang since 2024-10-09\n");
	p = shell("rm ran; tools/prove.sh build clang mutants-03 >/dev/null; sort ran");
	EXPECT_STR(p.out, "clang\nmutants-03\n");
	p = shell("tools/prove.sh build clang no-such-step");
	EXPECT_U64(proc_exit_code(&p), 2);
	EXPECT_CONTAINS(p.err, "prove: no-such-step: no such step; there are " STEPS);
}

/* The steps that read a file, as tools/ledger.sh has them. */
static const char *readers(const char *file)
{
	char line[300];

	show_format(
		line, sizeof(line),
		"grep -l '\t%s$' build/prove/*.inputs | sed 's,.*/,,; s/.inputs$//' | paste -sd, -",
		file);
	return shell(line).out;
}

TEST("-", a_step_runs_when_what_it_reads_has_changed, 0, .seconds = 10)
{
	static const struct {
		const char *file, *steps;
	} row[] = {
		{ "README.md", "" },
		{ "Makefile", KEPT },
		{ "common/c.c", KEPT },
		{ "book/chapter.md", "" },
		{ "book/recorded/run.txt", "recorded-02" },
		{ "guests/lib/start.inc",
		  GRADED_02 ",mutants-03,recorded-02,sanitized-self,svm-shadow-03" },
		{ "guests/02/two.s",
		  GRADED_02 ",mutants-03,recorded-02,sanitized-self,svm-shadow-03" },
		{ "guests/03/three.s", "mutants-03,svm-shadow-03" },
		{ "labs/02-small/a.c", KEPT },
		{ "labs/02-small/tasks", KEPT },
		{ "labs/02-small/README.md", "" },
		{ "labs/02-small/hints/2.1.md", "sanitized-self" },
		{ "labs/03-later/b.c", "clang,fuzzed,mutants-03,svm-shadow-03" },
		{ "tests/adversarial/fuzz_a.c", "fuzzed" },
		{ "tests/adversarial/corpus/a", "fuzzed" },
		{ "tests/adversarial/escape/a.c",
		  "clang," GRADED_02 ",mutants-03,recorded-02,svm-shadow-03" },
		{ "tests/harness/test.h",
		  "clang," GRADED_02 ",mutants-03,recorded-02,sanitized-self,svm-shadow-03" },
		{ "tests/harness-self/unit_s.c", "clang,sanitized-self" },
		{ "tests/lab02/unit_a.c", "clang," GRADED_02 },
		{ "tests/lab03/unit_b.c", "clang,mutants-03,svm-shadow-03" },
		{ "tests/mutants/02/2.1-off-by-one.patch", "mutants-02,recorded-02" },
		{ "tests/mutants/03/3.1-off-by-one.patch", "mutants-03" },
		{ "tools/box/host/main.c",
		  "clang," GRADED_02 ",mutants-03,recorded-02,sanitized-self,svm-shadow-03" },
		{ "tools/proof/ladder.c",
		  "clang," GRADED_02 ",mutants-03,recorded-02,sanitized-self,svm-shadow-03" },
		{ "tools/recorded/run.c", "clang,recorded-02,sanitized-self" },
		{ "tools/engine.sh",
		  "fuzzed," GRADED_02 ",mutants-03,recorded-02,sanitized-self,svm-shadow-03" },
		{ "tools/steps.sh",
		  "fuzzed," GRADED_02 ",mutants-03,recorded-02,sanitized-self,svm-shadow-03" },
		{ "lab", "recorded-02,sanitized-self,svm-shadow-03" },
		{ "tools/doctor/main.c", "clang,recorded-02,sanitized-self" },
		{ "tools/marks/out/record.c", "clang,recorded-02,sanitized-self" },
		{ "tests/marks/unit_m.c", "clang,sanitized-self" },
	};

	ledger_tree();
	EXPECT_STR(proven_again("", 0), EVERYTHING);
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		char want[300];

		CONTEXT("what reads %s", row[i].file);
		show_format(want, sizeof(want), "%s\n", row[i].steps);
		EXPECT_STR(readers(row[i].file), *row[i].steps ? want : "\n");
	}
	CONTEXT("after a byte more in a mutant");
	shell("printf x >>tests/mutants/03/3.1-off-by-one.patch");
	EXPECT_STR(proven_again("", 0), "ladder-02 in full,mutants-03,svm");
	EXPECT_STR(proven_again("", 0), NOTHING);
	CONTEXT("after another byte in lab 03");
	shell("sed -i s/as/is/ labs/03-later/b.c");
	EXPECT_STR(proven_again("", 0),
		   "clang,fuzzed,ladder-02 in full,mutants-03,svm,svm-shadow-03");
}

#define RESTORED "cp kept tests/proven"

TEST("-", what_else_ends_a_proof, 0, .seconds = 10)
{
	static const struct {
		const char *what, *change, *undo;
	} row[] = {
		{ "another kernel in the emulated machine", "echo 6.12.1 >kernel",
		  "echo 6.1.0 >kernel" },
		{ "another compiler", "sed -i s/1.2.3/9.9/ bin/gcc",
		  "sed -i s/9.9/1.2.3/ bin/gcc" },
		{ "other options", "echo CFLAGS=-O0 >with", "rm with" },
		{ "a new file that all read", "echo >common/new.c", "rm common/new.c" },
		{ "one of a name that git would quote", "echo >common/\303\251.c",
		  "rm common/\303\251.c" },
		{ "one that a user has git ignore",
		  "echo new.c >.git/info/exclude; echo >common/new.c",
		  "rm common/new.c .git/info/exclude" },
		{ "a file that is gone", "rm common/c.c", "echo as it was >common/c.c" },
		{ "a file that may be executed now", "chmod +x common/c.c", "chmod -x common/c.c" },
		{ "other ends of lines",
		  "git config core.autocrlf input; printf 'as it was\r\n' >common/c.c",
		  "echo as it was >common/c.c; git config core.autocrlf false" },
		{ "a wrong hash", "sed -i 's/svm [0-9a-f]/svm x/' tests/proven", RESTORED },
		{ "a line of another engine", "sed -i 's/ svm / native /' tests/proven", RESTORED },
		{ "a day to come", "sed -i s/2024/2099/ tests/proven", RESTORED },
		{ "a word for a day", "sed -i s/2024-10-09/now/ tests/proven", RESTORED },
		{ "a merge's marks", "sed -i 's/^/<<<<<<< /' tests/proven", RESTORED },
		{ "no ledger", "rm tests/proven", RESTORED },
		{ "no repository", "mv .git git", "mv git .git" },
	};

	ledger_tree();
	proven_again("", 0);
	shell("cp tests/proven kept; printf 'kept\nwith\n' >>.gitignore; : >with; rm with");
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		CONTEXT("%s", row[i].what);
		shell(row[i].change);
		EXPECT_STR(shell("env $(cat with 2>/dev/null) tools/prove.sh build --list | "
				 "grep -c '^held'")
				   .out,
			   "0\n");
		shell(row[i].undo);
	}
	EXPECT_STR(shell("tools/prove.sh build --list | grep -c '^held'").out, "7\n");
	CONTEXT("the lines that a run with other options leaves");
	proven_again("CFLAGS=-O0", 0);
	EXPECT_STR(shell("awk 'NF != 5' tests/proven; grep -c flags- tests/proven").out, "8\n");
}

/* Only the fifth step has its turn on day 20005; a line that tells a lie about the sixth is
 * believed.
 */
TEST("-", a_wrong_line_is_found_on_its_turn, 0, .seconds = 5)
{
	ledger_tree();
	proven_again("", 0);
	shell("touch bad"); /* of which the ledger knows nothing, as if it had been written by hand
			     */
	proven_again("", 1);
	EXPECT_TRUE(!strstr(self_read("tests/proven"), "ladder-02"), "what failed is still held");
	EXPECT_CONTAINS(self_read("tests/proven"), "recorded-02");
	shell("echo 20006 >day");
	proven_again("", 1);
	EXPECT_TRUE(!strstr(self_read("tests/proven"), "mutants-02"), "what failed is still held");
	shell("rm bad; echo 20005 >day");
	EXPECT_STR(proven_again("", 0), "ladder-02 in full,mutants-02,svm");
	EXPECT_STR(proven_again("", 0), NOTHING);
}

TEST("-", a_proof_holds_for_ten_days, 0, .seconds = 5)
{
	ledger_tree();
	proven_again("", 0);
	shell("echo 20015 >day");
	EXPECT_STR(proven_again("", 0), NOTHING);
	shell("echo 20025 >day"); /* the fifth is new, since it had its turn */
	EXPECT_STR(proven_again("", 0), EVERYTHING);
	EXPECT_STR(proven_again("", 0), NOTHING);
	shell("echo 20026 >day; sed -i 's/2024-10-29/the-other-day/' tests/proven");
	EXPECT_STR(proven_again("", 0),
		   "clang,fuzzed,ladder-02,mutants-02 in full,mutants-03,recorded-02,"
		   "sanitized-self,svm,svm-shadow-03");
}

/* The step ran with one text, and the line would vouch for the other: of itself, or of one before.
 */
TEST("-", what_changes_meanwhile_is_not_proven, 0, .seconds = 5)
{
	static const char *const changes[] = { "clang) echo more >>common/c.c ;;",
					       "svm) echo more >>common/c.c ;;" };

	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		char text[200];

		ledger_tree();
		show_format(text, sizeof(text),
			    "steps() { echo svm clang; }\nrun() { case $1 in %s esac; }\njobs=1\n",
			    changes[i]);
		self_write("tools/steps.sh", 0644, text);
		EXPECT_CONTAINS(shell("tools/prove.sh build").out, "clang is not noted");
		EXPECT_TRUE(access("tests/proven", F_OK) ||
				    !strstr(self_read("tests/proven"), "clang"),
			    "a hash is noted that did not run");
	}
}

/* A filter that fits no test, a folder that is empty: nothing failed, and nothing is proven. */
TEST("-", a_proof_of_nothing_is_none, 0, .seconds = 5)
{
	ledger_tree();
	self_write("tools/steps.sh", 0644,
		   "steps() { echo clang; }\nrun() { echo 0 passed, 0 failed, 3 skipped; }\n");
	proven_again("", 1);
}

/* Who reads a log of thousands of lines, or of which the middle is lost, looks at its end. */
TEST("-", a_proof_ends_with_what_was_bad, 0, .seconds = 5)
{
	struct proc_result p;

	ledger_tree();
	self_write("tools/steps.sh", 0644,
		   "steps() { echo ties clang book-student; }\n"
		   "run() {\n"
		   "	echo FAIL of \"$1\"; seq -f 'ok %g' 100\n"
		   "	[ \"$1\" = clang ]\n"
		   "}\n");
	p = shell("tools/prove.sh build | tail -n 5");
	EXPECT_STR(p.out, "book-student, the last of what is not ok in it:\n"
			  "    FAIL of book-student\n"
			  "ties, the last of what is not ok in it:\n"
			  "    FAIL of ties\n"
			  "1 passed, 2 failed: book-student ties\n");
}

// SPDX-License-Identifier: MIT
/* The verbs around a student's own files, in a small starter whose path has blanks and a quote. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "self.h"
#include "show.h"

#define LINES(a, b) a "\ntwo\nthree\nfour\nfive\nsix\nseven\n" b "\n"

/* A line of shell in the tree; its own bin is first in PATH. */
static struct proc_result shell(const char *line)
{
	char *argv[] = { "sh", "-c", (char *)line, NULL };
	char path[PATH_MAX], at[PATH_MAX - 100];
	char *env[] = { path,	    "BUILD=build", "LAB=",     "T=",	     "FILE=",
			"FORCE=",   "OUT=",	   "FROM=",    "RESULTS=",   "JUNIT=",
			"V=",	    "ENGINE=auto", "LC_ALL=C", "MAKEFLAGS=", "VMMLAB_BUILD",
			"SCORE=30", NULL };

	if (!getcwd(at, sizeof(at)))
		test_error("no directory: %s", strerror(errno));
	show_format(path, sizeof(path), "PATH=%s/bin:/usr/sbin:/usr/bin:/sbin:/bin", at);
	return self_run(argv, env);
}

static const char grader[] =
	"#!/bin/sh\n"
	"for a; do case $a in --results=*) to=${a#*=} ;; esac; done\n"
	"printf '{\\n  \"lab\": \"x\",\\n  \"score\": %s,\\n  \"max_score\": 100,\\n"
	"  \"engine\": \"native\",\\n  \"tests\": [\\n    { \"score\": 7 }\\n  ]\\n}\\n' $SCORE "
	">\"$to\"\n"
	"exit 1\n";

/* Labs 02 and 03, which stand on each other, and 01, which stands alone; all as handed out. */
static void starter(void)
{
	static const char *const dirs[] = { "labs/01-alone",   "labs/03-later", "bin",
					    "build",	       "build/tools",	"build/tests",
					    "build/tools/box", "guests",	"tests" };
	static const char *const code[] = { "labs/01-alone/cpu.c", "labs/02-small/vm.c",
					    "labs/02-small/vm.h",  "labs/02-small/mem.c",
					    "labs/02-small/io.c",  "labs/02-small/main.c",
					    "labs/03-later/map.c" };
	struct proc_result p;

	self_front_tree();
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		self_mkdir(dirs[i]);
	for (size_t i = 0; i < ARRAY_SIZE(code); i++)
		self_write(code[i], 0644, LINES("one", "eight"));
	self_write("labs/01-alone/tasks", 0644, "1.1 100 cpu.c f - ask\n");
	self_write("labs/01-alone/about", 0644, "alone: it stands on nothing\n");
	self_write("labs/02-small/tasks", 0644,
		   "# id points files functions after title\n"
		   "2.1 40 vm.c f - make\n2.2 30 mem.c,vm.c g 2.1 give\n2.3 30 io.c h 2.1 speak\n");
	self_write("labs/03-later/tasks", 0644, "3.1 100 map.c f - map\n3.2 0 - f - read\n");
	self_write("VERSION", 0644, "1.1.0\n");
	self_write("tools/packages.sh", 0644, "need() { :; }\n");
	self_write("bin/make", 0755, "#!/bin/sh\n");
	self_write("build/tools/engine", 0755, "#!/bin/sh\necho native\n");
	self_write("build/tools/compile", 0755, "#!/bin/sh\n");
	self_write("build/tests/grade", 0755, grader);
	p = shell("tar -czf .vmmlab-originals.tar.gz labs/*/*.[ch]\n"
		  "mkdir \"it's a tree\" && mv .vmmlab* VERSION b* g* l* te* to* \"it's a tree\"");
	if (proc_exit_code(&p) || chdir("it's a tree"))
		test_error("no tree: %s", p.err);
}

/* --- reset --- */

TEST("-", a_file_as_it_was_handed_out, 0, .seconds = 2)
{
	struct proc_result p;

	starter();
	p = shell("echo mine >labs/02-small/vm.c; ./lab reset FILE=labs/02-small/vm.c; echo $?\n"
		  "cat labs/02-small/vm.c labs/02-small/vm.c.~1~");
	EXPECT_STR(p.err, "lab: labs/02-small/vm.c is as it was handed out; yours is now "
			  "labs/02-small/vm.c.~1~\n");
	EXPECT_STR(p.out, "0\n" LINES("one", "eight") "mine\n");
	CONTEXT("from its folder, by a link; a second one");
	p = shell(
		"echo more >labs/02-small/vm.c; ln -s \"$PWD\" ../link; cd ../link/labs/02-small\n"
		"../../lab reset FILE=vm.c; cat vm.c.~*~");
	EXPECT_STR(p.err, "lab: labs/02-small/vm.c is as it was handed out; yours is now "
			  "labs/02-small/vm.c.~2~\n");
	EXPECT_STR(p.out, "mine\nmore\n");
	CONTEXT("nothing has changed");
	p = shell("cd labs; ../lab reset FILE=labs/02-small/vm.c; echo $?; ls 02-small");
	EXPECT_STR(p.err, "lab: labs/02-small/vm.c is as it was handed out; nothing to do\n");
	EXPECT_STR(p.out, "0\nio.c\nmain.c\nmem.c\ntasks\nvm.c\nvm.c.~1~\nvm.c.~2~\nvm.h\n");
	CONTEXT("it is gone");
	p = shell("rm labs/02-small/io.c; ./lab reset FILE=labs/02-small/io.c; cat "
		  "labs/02-small/io.c");
	EXPECT_STR(p.err, "lab: labs/02-small/io.c is as it was handed out; there was none\n");
	EXPECT_STR(p.out, LINES("one", "eight"));
}

TEST("-", what_cannot_be_reset, 0, .seconds = 2)
{
	static const char *const wrong[] = {
		"lab", "labs/02-small/tasks", "labs/02-small/mine.c", "/etc/passwd", "../x.c",
		"labs"
	};
	struct proc_result p;
	char line[200];

	starter();
	self_write("labs/02-small/mine.c", 0644, "mine\n");
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		show_format(line, sizeof(line), "./lab reset FILE=%s", wrong[i]);
		p = shell(line);
		CONTEXT("%s", line);
		EXPECT_U64(proc_exit_code(&p), 2);
		show_format(line, sizeof(line), "lab: reset: %s: not among the files", wrong[i]);
		EXPECT_CONTAINS(p.err, line);
	}
	p = shell("./lab reset; echo $?; find . -name '*~'");
	EXPECT_STR(p.out, "2\n");
	CONTEXT("a tree that is no starter");
	p = shell("rm .vmm*; ./lab reset FILE=labs/02-small/vm.c; echo $?; : >reference.mk\n"
		  "./lab reset FILE=labs/02-small/vm.c; echo $?");
	EXPECT_STR(p.err,
		   "lab: reset: only in a starter; this tree does not know what was handed out "
		   "(.vmmlab-originals.tar.gz is missing)\n"
		   "lab: reset: only in a starter; here git knows what has changed\n");
	EXPECT_STR(p.out, "2\n2\n");
}

/* --- submit --- */

TEST("-", what_is_handed_in, 0, .seconds = 3)
{
	struct proc_result p;

	starter();
	p = shell("cd labs/02-small; echo mine >vm.c; echo mine >vm.h; echo new >help.c; rm io.c\n"
		  "mkfifo pipe.c; touch notes.txt vm.c.~1~ .vm.c.swp; echo x >../01-alone/cpu.c\n"
		  "../../lab submit LAB=03 OUT='my lab.tar.gz'; echo $?; tar -tzf 'my lab.tar.gz'\n"
		  "tar -xzOf 'my lab.tar.gz' submission/about submission/results.json "
		  "labs/02-small/vm.c");
	EXPECT_STR(p.out,
		   "course: vmmlab 1.1.0\n"
		   "lab: 03-later\n"
		   "score: 30/100, as graded by the student (native)\n"
		   "added: labs/02-small/help.c\n"
		   "changed: labs/02-small/vm.c\n"
		   "changed: labs/02-small/vm.h (no task names it)\n"
		   "missing: labs/02-small/io.c\n"
		   "as handed out: 2 files\n"
		   "0\n"
		   "labs/02-small/help.c\nlabs/02-small/mem.c\nlabs/02-small/vm.c\n"
		   "labs/02-small/vm.h\nlabs/03-later/map.c\n"
		   "submission/about\nsubmission/results.json\n"
		   "mine\n"
		   "course: vmmlab 1.1.0\n"
		   "lab: 03-later\n"
		   "score: 30/100, as graded by the student (native)\n"
		   "added: labs/02-small/help.c\n"
		   "changed: labs/02-small/vm.c\n"
		   "changed: labs/02-small/vm.h (no task names it)\n"
		   "missing: labs/02-small/io.c\n"
		   "as handed out: 2 files\n"
		   "{\n  \"lab\": \"x\",\n  \"score\": 30,\n  \"max_score\": 100,\n"
		   "  \"engine\": \"native\",\n  \"tests\": [\n    { \"score\": 7 }\n  ]\n}\n");
	EXPECT_CONTAINS(p.err,
			"labs/02-small/my lab.tar.gz holds labs/*/*.[ch] and submission/:\n");
	CONTEXT("the same files, later, by somebody with another umask: the same archive");
	p = shell("cd labs/02-small; sleep 1; touch -d 2020-01-01 *.c; umask 077\n"
		  "../../lab submit LAB=3 OUT=\"$PWD/b.tar.gz\" && cmp 'my lab.tar.gz' b.tar.gz; "
		  "echo $?");
	EXPECT_CONTAINS(p.out, "files\n0\n");
	CONTEXT("a lab that stands alone, and one below others");
	p = shell("./lab submit LAB=01 OUT=o >/dev/null; tar -tzf o | grep labs; ./lab submit "
		  "LAB=02 OUT=o "
		  ">/dev/null; tar -tzf o | grep labs");
	EXPECT_STR(p.out, "labs/01-alone/cpu.c\nlabs/02-small/help.c\nlabs/02-small/mem.c\n"
			  "labs/02-small/vm.c\nlabs/02-small/vm.h\n");
}

TEST("-", what_is_not_handed_in, 0, .seconds = 3)
{
	struct proc_result p;

	starter();
	self_write("build/tools/compile", 0755, "#!/bin/sh\necho no; exit 2\n");
	p = shell("echo old >o; ./lab submit LAB=02 OUT=o; echo $?; cat o");
	CONTEXT("it does not compile");
	EXPECT_STR(p.out, "no\n2\nold\n");
	EXPECT_STR(p.err,
		   "lab: submit: nothing was packed: no mark here, as is said above. FORCE=1 packs "
		   "it all the same\n");
	p = shell("./lab submit LAB=02 OUT=o FORCE=1; echo $?; tar -tzf o | grep labs | wc -l");
	EXPECT_CONTAINS(p.out, "\nscore: none: it could not be graded\n");
	EXPECT_CONTAINS(p.out, "\n0\n3\n");
	CONTEXT("guests cannot run here");
	self_write("build/tools/compile", 0755, "#!/bin/sh\n");
	self_write("build/tools/engine", 0755, "#!/bin/sh\nexit 3\n");
	p = shell("./lab submit LAB=02 OUT=p; echo $?; ls p");
	EXPECT_STR(p.out, "3\n");
	CONTEXT("where to?");
	p = shell("./lab submit LAB=02; echo $?; ./lab submit OUT=labs LAB=02; echo $?\n"
		  "./lab submit LAB=07 OUT=p; echo $?");
	EXPECT_STR(p.out, "2\n2\n2\n");
	self_write("build/tools/engine", 0755, "#!/bin/sh\necho native\n");
	p = shell("./lab submit LAB=02 OUT=no/such/p; echo $?");
	EXPECT_CONTAINS(p.out, "3\n");
	EXPECT_CONTAINS(p.err, "no/such/p cannot be written\n");
}

/* --- upgrade --- */

/* ../old is the student's tree; here the course has gone on, to version 1.2.0. */
static void two_versions(void)
{
	struct proc_result p;

	starter();
	p = shell("cp -R . ../old; echo 1.2.0 >VERSION; echo new >tools/new.c; mkdir .git; : "
		  ">.git/x\n"
		  "cd labs/02-small\n"
		  "sed -i s/one/ONE/ vm.c vm.h mem.c; rm io.c main.c; echo same >both.c; echo new "
		  ">other.c\n"
		  "cd ../..; tar -czf .vmmlab-originals.tar.gz labs/*/*.[ch]; cd "
		  "../old/labs/02-small\n"
		  "sed -i s/eight/EIGHT/ vm.c; sed -i s/one/Eins/ vm.h; echo mine >io.c; echo mine "
		  ">added.c\n"
		  "echo same >both.c; echo own >other.c; sed -i s/eight/3/ ../03-later/map.c; : "
		  ">notes\n"
		  "touch vm.c.~1~; mkdir ../../.git");
	if (proc_exit_code(&p))
		test_error("no trees: %s", p.err);
}

TEST("-", a_newer_starter_with_the_students_work, 0, .seconds = 3)
{
	struct proc_result p;

	two_versions();
	p = shell("sums() { (cd ../old; find . -printf '%p %T@\\n'; find . -type f | xargs -d "
		  "'\\n' sha256sum) "
		  "| sort | sha256sum; }\n"
		  "before=$(sums); ./lab upgrade FROM=../old OUT='../the new'; echo $?\n"
		  "[ \"$before\" = \"$(sums)\" ] || echo touched\n"
		  "cd '../the new'; ls -A . labs/02-small; cat VERSION tools/new.c");
	EXPECT_STR(
		p.out,
		"yours     labs/02-small/added.c\n"
		"the same  labs/02-small/both.c\n"
		"CONFLICT  the course has no such file any more; yours is now "
		"labs/02-small/io.c.yours: labs/02-small/io.c\n"
		"CONFLICT  between <<<<<<< and >>>>>>> is yours, then the new one: "
		"labs/02-small/other.c\n"
		"merged    labs/02-small/vm.c\n"
		"CONFLICT  between <<<<<<< and >>>>>>> is yours, then the new one: "
		"labs/02-small/vm.h\n"
		"yours     labs/03-later/map.c\n"
		"1\n"
		".:\n.vmmlab-originals.tar.gz\nVERSION\nbin\nguests\nlab\nlabs\ntests\ntools\n"
		"\nlabs/02-small:\nadded.c\nboth.c\nio.c.yours\nmem.c\nother.c\ntasks\nvm.c\nvm.h\n"
		"1.2.0\nnew\n");
	EXPECT_CONTAINS(p.err, " is version 1.2.0, with your work of version 1.1.0\n");
	EXPECT_CONTAINS(p.err, "please see to the conflicts");
	EXPECT_CONTAINS(p.err, "its history stays where it is");
	EXPECT_STR(self_read("../the new/labs/02-small/vm.c"), LINES("ONE", "EIGHT"));
	EXPECT_STR(self_read("../the new/labs/02-small/mem.c"), LINES("ONE", "eight"));
	EXPECT_STR(self_read("../the new/labs/03-later/map.c"), LINES("one", "3"));
	EXPECT_STR(self_read("../the new/labs/02-small/vm.h"),
		   "<<<<<<< your work\nEins\n=======\nONE\n>>>>>>> version 1.2.0\n"
		   "two\nthree\nfour\nfive\nsix\nseven\neight\n");
	EXPECT_STR(self_read("../the new/labs/02-small/other.c"),
		   "<<<<<<< your work\nown\n=======\nnew\n>>>>>>> version 1.2.0\n");
	EXPECT_STR(self_read("../the new/labs/02-small/io.c.yours"), "mine\n");
	CONTEXT("the next time it begins from there: what was handed out is the new version");
	p = shell("cd '../the new'; ./lab reset FILE=labs/02-small/vm.c; cat labs/02-small/vm.c");
	EXPECT_STR(p.out, LINES("ONE", "eight"));
}

TEST("-", no_conflict_is_status_0, 0, .seconds = 2)
{
	struct proc_result p;

	two_versions();
	p = shell("(cd ../old/labs/02-small; rmdir ../../.git; rm io.c vm.h other.c)\n"
		  "./lab upgrade FROM=../old OUT=../new; echo $?; ls ../new/labs/02-small");
	EXPECT_STR(p.out, "yours     labs/02-small/added.c\nthe same  labs/02-small/both.c\n"
			  "merged    labs/02-small/vm.c\nyours     labs/03-later/map.c\n0\n"
			  "added.c\nboth.c\nmem.c\nother.c\ntasks\nvm.c\nvm.h\n");
	EXPECT_TRUE(!strstr(p.err, "conflict") && !strstr(p.err, "history"), "%s", p.err);
	CONTEXT("one is 1");
	p = shell("sed -i s/one/uno/ ../old/labs/02-small/mem.c\n"
		  "./lab upgrade FROM=../old OUT=../next; echo $?");
	EXPECT_CONTAINS(p.out, "new one: labs/02-small/mem.c\n");
	EXPECT_CONTAINS(p.out, "later/map.c\n1\n");
}

TEST("-", what_cannot_be_upgraded, 0, .seconds = 3)
{
	static const struct {
		const char *line, *says;
	} row[] = {
		{ "./lab upgrade FROM=../old", "call it in the newer starter" },
		{ "./lab upgrade OUT=../new", "call it in the newer starter" },
		{ "./lab upgrade FROM=labs OUT=../new", "FROM=labs: there is no labs/" },
		{ "./lab upgrade FROM=../old OUT=../old", "there is something in it" },
		{ "./lab upgrade FROM=../old OUT=../old/new", "it must lie outside of both trees" },
		{ "./lab upgrade FROM=../old OUT=x/../new", "it must lie outside of both trees" },
		{ "echo >labs/02-small/vm.c; ./lab upgrade FROM=../old OUT=../new",
		  "nobody has worked yet; in this one: changed labs/02-small/vm.c" },
		{ "echo 'TODO(\"2.1\")' >>labs/02-small/vm.c; echo 'TODO(\"9.1\")' "
		  ">>labs/02-small/vm.h\n"
		  "tar -czf .vmmlab-originals.tar.gz labs/*/*.[ch]; ./lab upgrade FROM=../old "
		  "OUT=../new",
		  "upgrade: task 2.1 is handed out solved in one of the two trees" },
		{ "rm .vmm*; ./lab upgrade FROM=../old OUT=../new", "upgrade: only in a starter" },
		{ "rm ../old/.vmm*; ./lab upgrade FROM=../old OUT=../new",
		  "FROM=../old: that tree does not know what was handed out" },
	};

	two_versions();
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		struct proc_result p = shell(row[i].line);

		CONTEXT("%s", row[i].line);
		EXPECT_U64(proc_exit_code(&p), 2);
		EXPECT_CONTAINS(p.err, row[i].says);
		EXPECT_TRUE(access("../new", F_OK) && access("../old/new", F_OK), "it was begun");
	}
}

/* --- format --- */

TEST("-", only_the_students_files_are_laid_out, 0, .seconds = 2)
{
	char *packages = self_read("tools/packages.sh"), both[20000];
	struct proc_result p;

	starter();
	show_format(both, sizeof(both), "%s\nneed() { :; }\n", packages);
	self_write("tools/packages.sh", 0644, both);
	self_write("bin/clang-format", 0755,
		   "#!/bin/sh\n[ $1 != --version ] || exec echo \"clang-format version $V.0.6\"\n"
		   "sed -i 's/  */ /g' \"$2\"\n");
	self_write("labs/02-small/vm.c", 0644, "a   b\n");
	self_write("labs/02-small/vm.h", 0644, "a b\n");
	p = shell("V=14 ./lab format; cat labs/02-small/vm.c");
	EXPECT_STR(p.out, "laid out: labs/02-small/vm.c\na b\n");
	EXPECT_STR(p.err, "lab: 2 files of yours are laid out as the course's are\n");
	CONTEXT("another clang-format is refused, as lint refuses it");
	self_write("labs/02-small/vm.c", 0644, "a   b\n");
	p = shell("V=19 ./lab format; echo $?; cat labs/02-small/vm.c");
	EXPECT_STR(p.out, "3\na   b\n");
	EXPECT_CONTAINS(p.err, "lab: format: clang-format 14 is wanted (Debian 12's)");
	CONTEXT("one that would be refused is not installed");
	show_format(both, sizeof(both),
		    "%s\nneed() { echo need $*; }; command() { [ $2 != clang-format ]; }\n",
		    packages);
	self_write("tools/packages.sh", 0644, both);
	self_write("bin/apt-cache", 0755,
		   "#!/bin/sh\necho $2; echo \"  Depends: clang-format-$V\"\n");
	p = shell("for V in 19 14; do export V; ./lab format; echo $?; done");
	EXPECT_STR(p.out, "3\nneed format\nlaid out: labs/02-small/vm.c\n0\n");
}

/* --- prepare, watch, version: what they call --- */

TEST("-", a_class_room_is_prepared, 0, .seconds = 2)
{
	struct proc_result p;

	starter();
	self_write("tools/packages.sh", 0644, "need() { echo \"need $*\"; }\n");
	self_write("bin/make", 0755, "#!/bin/sh\nfor a; do :; done; echo \"$a\" >>made\n");
	self_write("build/tools/box/box", 0755, "#!/bin/sh\necho \"box $*\"; exit ${BOX:-0}\n");
	p = shell("mkdir -p cache/vmmlab; XDG_CACHE_HOME=$PWD/cache ./lab prepare; echo $?; cat "
		  "made");
	EXPECT_STR(p.out, "need run test qemu format upgrade debug svm\nbox --engine=svm "
			  "--prepare\n0\nall\n");
	EXPECT_CONTAINS(p.err, "lab: packages: all are installed\nlab: build: ");
	EXPECT_CONTAINS(p.err, "/cache/vmmlab: ");
	EXPECT_CONTAINS(p.err, ": the emulated machine svm is saved\nlab: from now on ");
	p = shell("./lab prepare ENGINE=native; echo $?; ./lab prepare ENGINE=x; echo $?\n"
		  "BOX=3 ./lab prepare ENGINE=vmx; echo $?");
	EXPECT_STR(p.out,
		   "need run test qemu format upgrade debug\n0\n2\n"
		   "need run test qemu format upgrade debug vmx\nbox --engine=vmx --prepare\n3\n");
	EXPECT_CONTAINS(p.err, "lab: prepare: the emulated machine cannot be made\n");
}

TEST("-", what_watch_calls, 0, .seconds = 1)
{
	char want[2 * PATH_MAX], at[PATH_MAX];
	struct proc_result p;

	starter();
	self_write("build/tools/watch", 0755, "#!/bin/sh\nprintf '<%s>' \"$@\"; echo\n");
	p = shell("./lab watch; ./lab -y watch LAB=2 ENGINE=svm V=1; ./lab watch T=2.9; echo $?\n"
		  "./lab watch LAB=9; echo $?; ./lab watch T=2.3; ./lab version");
	if (!getcwd(at, sizeof(at)))
		test_error("no directory: %s", strerror(errno));
	show_format(want, sizeof(want),
		    "<--><%1$s/lab><grade><ENGINE=auto>\n"
		    "<--lab=2><--><%1$s/lab><-y><grade><ENGINE=svm><V=1>\n2\n2\n"
		    "<--task=2.3><--><%1$s/lab><grade><ENGINE=auto>\nvmmlab 1.1.0\n",
		    at);
	EXPECT_STR(p.out, want);
}

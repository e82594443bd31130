// SPDX-License-Identifier: MIT
/* tools/watch: which tasks a save stands for, and how it ends. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "self.h"
#include "show.h"

#include "../common/terminal.h"

/*
 * In a small tree: labs 02 (its tasks are in self.h) and 03. ./grade notes what it was asked for in
 * `ran`, and ends with 1 for the task in `bad`. `begin OPTION...` starts ./watch; `saw TEXT N`
 * waits until N lines of `out` have it; `ends` lets it end and shows its status, and what was run.
 */
static void tree(void)
{
	self_tree();
	self_mkdir("labs/03-later");
	self_write("labs/03-later/tasks", 0644, "3.1 100 map.c f - map\n");
	self_write("bad", 0644, "");
	self_write("ran", 0644, "");
	self_write("grade", 0755,
		   "#!/bin/sh\necho $* >>ran\necho \"graded $*\"\n[ \"$1\" != \"$(cat bad)\" ]\n");
	if (symlink(self_program("tools/watch"), "watch"))
		test_error("watch: %s", strerror(errno));
}

static struct proc_result play_watch(const char *line)
{
	static const char before[] =
		"begin() { : >out; ./watch \"$@\" >out 2>&1 & pid=$!; saw Watching 1; }\n"
		"saw() { until [ \"$(grep -c \"$1\" out)\" -ge $2 ]; do sleep 0.02; done; }\n"
		"ends() { kill -INT $pid; wait $pid; echo $?; cat ran; }\n"
		"cd labs/02-small || exit 1; touch ../../out; cd ../..\n";
	char all[3000];
	char *argv[] = { "sh", "-c", all, NULL };

	show_format(all, sizeof(all), "%s%s", before, line);
	return self_run(argv, NULL);
}

TEST("-", a_save_is_graded, 0, .seconds = 2)
{
	struct proc_result p;

	tree();
	p = play_watch("begin -- ./grade\n"
		       "echo >labs/02-small/mem.c; saw graded 1\n"
		       "echo >new; mv new labs/03-later/map.c\n"
		       "saw graded 2; echo >labs/02-small/bus.c; saw graded 3; ends; cat out");
	EXPECT_CONTAINS(p.out, "0\nT=2.2\nT=3.1\nT=2.3\n");
	EXPECT_CONTAINS(p.out,
			"Watching labs/02-small labs/03-later. Save a file there; Ctrl-C leaves.\n"
			"\n--- labs/02-small/mem.c was saved\ngraded T=2.2\n"
			"\n--- labs/03-later/map.c was saved\n");
}

TEST("-", several_saves_are_one_run, 0, .seconds = 2)
{
	struct proc_result p;

	tree();
	CONTEXT("in the order of the tables; up to the first that has not all points");
	p = play_watch("begin -- ./grade\n"
		       "for f in 3-later/map 2-small/modes 2-small/vm 2-small/vm; do echo "
		       ">labs/0$f.c; done\n"
		       "saw graded 3; echo T=2.1 >bad\n"
		       "touch labs/02-small/vm.c labs/02-small/modes.c; saw graded 4; sleep 0.3; "
		       "ends; cat out");
	EXPECT_CONTAINS(p.out, "0\nT=2.1\nT=2.4\nT=3.1\nT=2.1\nWatching");
	EXPECT_CONTAINS(p.out, " was saved, and others\n");
	CONTEXT("saved while another one is graded: one run more");
	self_write("bad", 0644, "");
	self_write("ran", 0644, "");
	self_write("slow", 0755, "#!/bin/sh\n./grade \"$@\"; read line <go\n");
	p = play_watch("mkfifo go; begin -- ./slow; echo >labs/02-small/mem.c; saw graded 1\n"
		       "echo >labs/02-small/vm.c; echo >labs/02-small/mem.c; echo >go; saw graded "
		       "2; echo >go\n"
		       "saw graded 3; echo >go; ends");
	EXPECT_STR(p.out, "0\nT=2.2\nT=2.1\nT=2.2\n");
}

TEST("-", what_is_no_save_of_a_task, 0, .seconds = 2)
{
	struct proc_result p;

	tree();
	CONTEXT("editors' own files; a file that is only read; then a header, before and after a "
		"task");
	p = play_watch(
		"begin -- ./grade\n"
		"cd labs/02-small; touch .vm.c.swp '#vm.c#' vm.c~ 4913 vm.c.~1~ .#vm.c notes.md\n"
		"echo >vm.h; cd ../..; saw 'No task names it' 1\n"
		"echo >labs/02-small/mem.c; saw graded 1; cat labs/02-small/mem.c >/dev/null\n"
		"echo >labs/02-small/vm.h; saw graded 2; ends; grep -e --- out");
	EXPECT_STR(p.out, "0\nT=2.2\nT=2.2\n--- labs/02-small/vm.h was saved\n"
			  "--- labs/02-small/mem.c was saved\n--- labs/02-small/vm.h was saved\n");
}

TEST("-", one_task_or_one_lab, 0, .seconds = 2)
{
	struct proc_result p;

	tree();
	CONTEXT("T=2.3: at once, and whatever is saved below");
	p = play_watch(
		"begin --task=2.3 -- ./grade; echo >labs/03-later/map.c; echo >labs/02-small/vm.c\n"
		"saw graded 2; ends");
	EXPECT_STR(p.out, "0\nT=2.3\nT=2.3\n");
	CONTEXT("LAB=03: nothing else");
	self_write("ran", 0644, "");
	p = play_watch(
		"begin --lab=03 -- ./grade x; echo >labs/02-small/vm.c; echo >labs/03-later/map.c\n"
		"saw graded 1; ends");
	EXPECT_STR(p.out, "0\nx T=3.1\n");
	p = play_watch(
		"./watch --lab=7 -- ./grade; echo $?; ./watch; echo $?; ./watch --x -- y; echo $?");
	EXPECT_STR(p.out, "3\n64\n64\n");
}

/* The key that leaves came to what it runs alone: the terminal was raw, for an emulated machine. */
TEST("-", what_it_runs_is_stopped_by_the_key, 0, .seconds = 1.5)
{
	struct proc_result p;

	tree();
	self_write("stopped", 0755, "#!/bin/sh\necho $* >>ran\nexit 130\n");
	p = self_run((char *[]){ "./watch", "--task=2.2", "--", "./stopped", NULL }, NULL);
	EXPECT_U64(proc_exit_code(&p), 0);
	EXPECT_STR(p.out, "");
	CONTEXT("after a save that touches two tasks");
	p = play_watch("begin -- ./stopped; touch labs/02-small/vm.c labs/02-small/modes.c\n"
		       "wait $pid; echo $?; cat ran");
	EXPECT_STR(p.out, "0\nT=2.2\nT=2.1\n");
	CONTEXT("by the signal itself");
	self_write("stopped", 0755, "#!/bin/sh\nkill -INT $$\n");
	p = self_run((char *[]){ "./watch", "--task=2.2", "--", "./stopped", NULL }, NULL);
	EXPECT_U64(proc_exit_code(&p), 0);
}

TEST("-", waiting_takes_no_time, 0, .seconds = 2)
{
	struct proc_result p;

	tree();
	CONTEXT("how often it slept and was woken, in half a second");
	p = play_watch("begin -- ./grade; slept() { grep ctxt /proc/$pid/status; }\n"
		       "echo >labs/02-small/mem.c; saw graded 1; sleep 0.3\n"
		       "a=$(slept); sleep 0.5; [ \"$a\" = \"$(slept)\" ] && echo idle; ends");
	EXPECT_STR(p.out, "idle\n0\nT=2.2\n");
}

/* What it runs may die amid a change of the terminal. */
TEST("-", the_terminal_is_as_it_was, 0, .seconds = 2)
{
	static const struct step steps[] = {
		{ "graded T=2.2", "", 0 },
		{ "Watching", "", SIGINT },
		{ NULL, NULL, 0 },
	};
	char *argv[] = { "./watch", "--task=2.2", "--", "./spoils", NULL };
	struct stage *s = set_stage(steps);
	struct proc_opts opts = { .limit = 60, .prepare = sit_down, .arg = s };
	struct termios before, after;
	struct proc_result p;

	tree();
	self_write("spoils", 0755, "#!/bin/sh\nstty raw -echo; echo \"graded $*\"; kill -9 $$\n");
	tcgetattr(s->terminal, &before);
	EXPECT_ERR(proc_run(argv, &opts, &p), 0);
	EXPECT_U64(proc_exit_code(&p), 0);
	EXPECT_U64(s->during.c_lflag & (ICANON | ECHO), 0);
	tcgetattr(s->terminal, &after);
	expect_same_terminal(&before, &after);
}

// SPDX-License-Identifier: MIT
/* What the VMM writes about an ending: the report for tools, the obituary for people, TODO(). */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include "capture.h"
#include "fake_exits.h"
#include "options.h"
#include "place.h"
#include "proc.h"
#include "test.h"
#include "todo.h"
#include "why.h"

TEST("-", report_of_a_good_ending, 0)
{
	struct ending ending = { .verdict = "exit", .status = 16 };

	recorder_init(&rec, &page.run, -1);
	out_exit('H', 0);
	rec.has_regs = true;
	out_exit('i', 0x1005);
	hlt_exit();
	EXPECT_STR(report(&ending), "vmmlab-report 1\n"
				    "verdict exit\n"
				    "status 16\n"
				    "exits IO_OUT 2\n"
				    "exits HLT 1\n"
				    "last IO_OUT port=0xe9 size=1 count=1 data=48\n"
				    "last IO_OUT port=0xe9 size=1 count=1 data=69 rip=0x1005\n"
				    "last HLT rip=0x1005\n");
}

TEST("-", report_of_an_error_before_the_first_exit, 0)
{
	struct ending ending = { .verdict = "error", .status = 1, .cause = "stdout: it is full" };

	recorder_init(&rec, &page.run, -1);
	EXPECT_STR(report(&ending), "vmmlab-report 1\n"
				    "verdict error\n"
				    "status 1\n"
				    "cause stdout: it is full\n");
}

TEST("-", report_shows_the_last_eight, 0)
{
	struct ending ending = { .verdict = "halted" };
	unsigned lines = 0;
	char *text;

	recorder_init(&rec, &page.run, -1);
	for (unsigned i = 0; i < 300; i++)
		out_exit((u8)i, 0);
	text = report(&ending);
	EXPECT_CONTAINS(text, "exits IO_OUT 300\nlast IO_OUT port=0xe9 size=1 count=1 data=24\n");
	for (char *p = text; (p = strstr(p, "\nlast ")); p++)
		lines++;
	EXPECT_U64(lines, 8);
	EXPECT_CONTAINS(text, "data=2b\n"); /* 299 is 0x12b: the newest comes last */
	EXPECT_STR(strstr(text, "data=2b\n"), "data=2b\n");
}

TEST("-", report_names_the_tasks_that_are_missing, 0)
{
	struct ending ending = { .verdict = "error", .status = 1, .cause = "x" };
	struct capture c = capture_begin(2);

	recorder_init(&rec, &page.run, -1);
	todo_report("2.5", "exit_io", "labs/02-x/io.c");
	todo_report("2.10", "read_all", "labs/02-x/io.c");
	todo_report("2.5", "bus_io", "labs/02-x/bus.c");
	capture_end(&c);
	EXPECT_STR(report(&ending), "vmmlab-report 1\nverdict error\nstatus 1\ncause x\n"
				    "todo 2.5\ntodo 2.10\n");
}

TEST("-", outputs_that_cannot_be_opened_or_written, 0)
{
	const char *none = test_tmpfile("no-directory/s"), *report_path = test_tmpfile("r");
	struct options opt = { .report.path = report_path, .screen.path = none };
	struct ending ending = { .verdict = "halted" };
	struct capture c = capture_begin(2);
	int status = outputs_open(&opt);

	CONTEXT("one can be opened, the other cannot");
	EXPECT_STR(capture_end(&c), test_text("vmm: %s: No such file or directory\n", none));
	EXPECT_U64(status, 1);
	EXPECT_TRUE(opt.report.file && !opt.walk_svg.file && !opt.screen.file);
	CONTEXT("what cannot be written is said when it is done");
	recorder_init(&rec, &page.run, -1);
	opt = (struct options){ .report.path = "/dev/full" };
	EXPECT_U64(outputs_open(&opt), 0);
	report_write(opt.report.file, &ending, &witness);
	c = capture_begin(2);
	status = output_done(&opt.report);
	EXPECT_STR(capture_end(&c), "vmm: /dev/full: No space left on device\n");
	EXPECT_U64(status, 1);
}

/* What a file holds, as a text. */
static const char *content(const char *path)
{
	static char text[100];
	FILE *f = fopen(path, "re");

	text[f ? fread(text, 1, sizeof(text) - 1, f) : 0] = 0;
	if (f)
		fclose(f);
	return text;
}

TEST("-", what_an_output_held_is_replaced_and_not_lost, 0)
{
	const char *path = test_tmpfile("out"), *fifo = test_tmpfile("fifo");
	struct options opt = { .screen.path = path };
	struct capture c;
	FILE *f = fopen(path, "we");

	if (!f || fputs("of an earlier run", f) < 0 || fclose(f) || mkfifo(fifo, 0600))
		test_error("no files");
	EXPECT_U64(outputs_open(&opt), 0);
	CONTEXT("the run has not begun, and may never");
	EXPECT_STR(content(path), "of an earlier run");
	fputs("new", opt.screen.file);
	EXPECT_U64(output_done(&opt.screen), 0);
	CONTEXT("something shorter is written");
	EXPECT_STR(content(path), "new");
	CONTEXT("a pipe that nobody reads is not waited for");
	opt = (struct options){ .screen.path = fifo };
	c = capture_begin(2);
	EXPECT_U64(outputs_open(&opt), 1);
	EXPECT_CONTAINS(capture_end(&c), "fifo: No such device or address");
}

TEST("-", obituary_words, 0)
{
	static const char *const words[][2] = {
		{ "timeout", "vmm: time limit: x\n" },
		{ "error", "vmm: cannot go on: x\n" },
		{ "limit", "vmm: stopped: x\n" },
	};

	CONTEXT("without a vCPU there is the cause and nothing else");
	recorder_init(&rec, &page.run, -1);
	for (unsigned i = 0; i < ARRAY_SIZE(words); i++) {
		struct ending ending = { words[i][0], 1, "x", NULL };
		struct capture c = capture_begin(2);

		obituary_print(&ending, &witness);
		EXPECT_STR(capture_end(&c), words[i][1]);
	}
}

/* A process that gets the signal at arg. */
static int get_signal(void *arg, int line_fd)
{
	recorder_init(&rec, &page.run, -1);
	witness_on_sigquit(&witness, NULL);
	witness_overdue(1000);
	raise(*(int *)arg);
	return 0;
}

/* The alarm comes, and then the one that this has set. */
static int be_overdue(void *arg, int line_fd)
{
	recorder_init(&rec, &page.run, -1);
	witness_on_sigquit(&witness, NULL);
	witness_overdue(1);
	pause();
	if (alarm(1000) <= 10)
		raise(SIGALRM);
	return 0;
}

/* Somebody else's SIGALRM comes before its time. */
static int not_overdue(void *arg, int line_fd)
{
	witness_overdue(1000);
	raise(SIGALRM);
	return alarm(0) > 900 ? 17 : 18;
}

/* Asked by SIGQUIT: while our code runs, while the guest runs, while it has halted. */
static int asked_in_own_code(void *arg, int line_fd)
{
	recorder_init(&rec, &page.run, -1);
	witness_on_sigquit(&witness, NULL);
	out_exit('x', 0x1000);
	return raise(SIGQUIT);
}

static int asked_in_the_guest(void *arg, int line_fd)
{
	recorder_init(&rec, &page.run, -1);
	witness_on_sigquit(&witness, NULL);
	out_exit('x', 0x1000);
	recorder_enter(&rec);
	return raise(SIGQUIT);
}

static int asked_in_hlt(void *arg, int line_fd)
{
	recorder_init(&rec, &page.run, -1);
	witness_on_sigquit(&witness, NULL);
	hlt_exit();
	return raise(SIGQUIT);
}

static struct proc_result signalled(int (*child)(void *arg, int line_fd), int sig)
{
	struct proc_opts opts = { .child = child, .arg = &sig, .limit = 10 };
	struct proc_result r;

	if (proc_run(NULL, &opts, &r))
		test_error("no process");
	EXPECT_STR(r.out, "");
	return r;
}

TEST("-", last_words_of_a_process_that_does_not_end, 0)
{
	struct proc_result r = signalled(get_signal, SIGQUIT);

	EXPECT_STR(r.err, "vmm: stopped: asked to say where the guest is (SIGQUIT)\n");
	EXPECT_U64(proc_exit_code(&r), 131);
	r = signalled(be_overdue, 0);
	CONTEXT("the alarm that witness_overdue() has set; and the one that this has set");
	EXPECT_TRUE(place_in(r.err, "vmm: still") != NULL);
	EXPECT_STR(strchrnul(r.err, '\n'),
		   "\nvmm: cannot go on: the time limit is over, and the VMM does not end: "
		   "its own code runs on, or waits for ever\n");
	EXPECT_U64(proc_exit_code(&r), 1);
}

TEST("-", who_is_asked_in_its_own_code_names_the_place, 0)
{
	struct proc_result r = signalled(asked_in_own_code, 0);
	char place[200];

	EXPECT_TRUE(place_in(r.err, "vmm: still") != NULL);
	EXPECT_TRUE(
		place_find("/proc/self/exe", place_in(r.err, "vmm: still"), place, sizeof(place)));
	EXPECT_CONTAINS(place, "asked_in_own_code(), tests/common/unit_report.c:");
	EXPECT_U64(proc_exit_code(&r), 131);
	CONTEXT("the guest runs, or has halted: it is where it has to be");
	r = signalled(asked_in_the_guest, 0);
	EXPECT_TRUE(!strstr(r.err, "vmm: still"));
	EXPECT_U64(proc_exit_code(&r), 131);
	r = signalled(asked_in_hlt, 0);
	EXPECT_TRUE(!strstr(r.err, "vmm: still"));
	EXPECT_U64(proc_exit_code(&r), 131);
}

TEST("-", somebody_elses_alarm_is_not_ours, 0)
{
	struct proc_result r = signalled(not_overdue, 0);

	EXPECT_STR(r.err, "");
	EXPECT_U64(proc_exit_code(&r), 17);
}

TEST("-", overdue_is_an_alarm_that_can_be_taken_back, 0)
{
	witness_overdue(1000);
	EXPECT_U64(alarm(1000), 1000);
	witness_overdue(0);
	EXPECT_U64(alarm(0), 0);
}

TEST("-", todo_prints_once_a_task, 0)
{
	struct capture c = capture_begin(2);
	int first = todo_report("2.7", "protected", "labs/02-vcpu-run/cpu_mode.c");
	int again = todo_report("2.7", "again", "labs/02-vcpu-run/io.c");
	int other = TODO("2.8");
	char *text = capture_end(&c);

	EXPECT_ERR(first, -ENOSYS);
	EXPECT_ERR(again, -ENOSYS);
	EXPECT_ERR(other, -ENOSYS);
	EXPECT_STR(text,
		   "task 2.7 is not done yet: protected() in labs/02-vcpu-run/cpu_mode.c\n"
		   "task 2.8 is not done yet: test_todo_prints_once_a_task() in " __FILE__ "\n");
	EXPECT_U64(todo_count(), 2);
	EXPECT_STR(todo_name(0), "2.7");
	EXPECT_STR(todo_name(1), "2.8");
}

TEST("-", fail_says_what_and_why, 0)
{
	struct capture c = capture_begin(2);
	int status[] = { fail("a", "b"),	   fail_errno("c", -EBUSY),
			 fail_errno("d", -ENOSYS), todo_report("2.1", "f", "f.c"),
			 fail_errno("d", -ENOSYS), fail_usage("e") };

	EXPECT_STR(capture_end(&c), "vmm: a: b\nvmm: c: Device or resource busy\n"
				    "vmm: d: Function not implemented\n" /* the kernel's own */
				    "task 2.1 is not done yet: f() in f.c\n"
				    "vmm: e\n");
	EXPECT_U64(status[0], 1);
	EXPECT_U64(status[1], 1);
	EXPECT_U64(status[2], 1);
	EXPECT_U64(status[4], 1); /* TODO() has said it */
	EXPECT_U64(status[5], 2);
}

TEST("-", fail_kvm_says_what_to_do, 0)
{
	static const struct {
		int err;
		const char *text;
	} rows[] = {
		{ -ENOENT, "missing; " },
		{ -ENXIO, "no driver; " },
		{ -ENODEV, "no driver; " },
		{ -EACCES, "no permission; " },
		{ -EPERM, "no permission; " },
		{ -EBUSY, "busy; end the other hypervisor" },
		{ -ENOTTY, "not KVM; " },
		{ -EPROTO, "another API version; the labs need version 12" },
		{ -EOPNOTSUPP, "lacks a capability; every lab needs KVM_CAP_USER_MEMORY" },
		{ -ENOMEM, "fails: Cannot allocate memory; " },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		struct capture c = capture_begin(2);
		int status = fail_kvm(test_tmpfile("k"), rows[i].err);
		char *text = capture_end(&c);

		EXPECT_U64(status, 1);
		EXPECT_CONTAINS(text, rows[i].text);
		EXPECT_TRUE(strchr(text, '\n') == text + strlen(text) - 1, "more than a line");
	}
}

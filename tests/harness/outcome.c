// SPDX-License-Identifier: MIT
#include "outcome.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crash.h"
#include "env.h"
#include "exits.h"
#include "grade_trace.h"
#include "nonce.h"
#include "place.h"
#include "proc.h"
#include "show.h"
#include "suite.h"
#include "tasks.h"

/* What the VMM says of its own code that does not end: common/obituary.c. */
#define STILL "vmm: still"

#define CAPTURED_MAX 64

/* Streams captured so far, for captured_length(). */
static struct {
	const char *text;
	size_t len;
} captured[CAPTURED_MAX];
static unsigned ncaptured;

size_t captured_length(const char *text)
{
	for (unsigned i = 0; i < ncaptured && i < CAPTURED_MAX; i++)
		if (captured[i].text == text)
			return captured[i].len;
	return strlen(text);
}

static void remember(const char *text, size_t len)
{
	captured[ncaptured % CAPTURED_MAX].text = text;
	captured[ncaptured++ % CAPTURED_MAX].len = len;
}

const char *nonce_text(const struct outcome *o)
{
	static char text[24];

	show_format(text, sizeof(text), "%016llx\n", (unsigned long long)o->nonce);
	return text;
}

int nonce_status(const struct outcome *o)
{
	return 16 + (o->nonce & 63);
}

/* The program under test: as told, the one of the lab that the test belongs to, or the last VMM. */
static int find_vmm(const struct test_result *r, char *path, size_t size)
{
	const char *lab = strstr(r->suite, "lab");
	const char *told = suite_opts.vmm ?: getenv("VMMLAB_VMM");

	if (!told)
		return lab_program(lab ? lab_number(lab + 3) : 0, env_build_dir(), path, size);
	show_format(path, size, "%s", told);
	return 0;
}

static const char *vmm_path(void)
{
	static char path[PATH_MAX];

	if (find_vmm(test_record(), path, sizeof(path)))
		test_error("%s is missing: run make", path);
	return path;
}

/* The guest's image, or the copy of it with a nonce: the one in *nonce, or if that is 0 a fresh
 * one. */
static const char *guest_image(const char *guest, u64 *nonce, char *path, size_t size)
{
	char original[PATH_MAX];
	int ret;

	show_format(original, sizeof(original), "%s/guests/%s.bin", env_build_dir(), guest);
	if (access(original, R_OK))
		show_format(original, sizeof(original), "%s/guests/%s.elf", env_build_dir(), guest);
	if (access(original, R_OK))
		test_error("the guest %s is not built: no %s", guest, original);
	if (!*nonce)
		*nonce = nonce_random();
	ret = nonce_patch(original, *nonce, path, size);
	if (!ret) {
		chmod(path, 0644); /* for .uid */
		return path;
	}
	if (ret != -ENODATA)
		test_error("%s: no nonce can be put in: %s", original, strerror(-ret));
	*nonce = 0;
	show_format(path, size, "%s", original);
	return path;
}

/* Environment of the program: the caller's wishes, and the bad host. */
static void fill_env(const struct vmm_run *run, char **env, size_t max)
{
	static char preload[PATH_MAX + 16], plan[256], asan[512];
	const char *options = getenv("ASAN_OPTIONS");
	char shim[PATH_MAX], real[PATH_MAX];
	const char *link = test_tmpfile("in-shim.so");
	size_t n = 0;

	for (; n < ARRAY_SIZE(run->env) && run->env[n]; n++)
		env[n] = (char *)run->env[n];
	if (run->preload) {
		show_format(shim, sizeof(shim), "%s/tests/shim.so", env_build_dir());
		if (!realpath(shim, real))
			test_error("%s is missing: run make", shim);
		/* Blanks and colons part the names in LD_PRELOAD, and the tree may lie below some.
		 */
		if (symlink(real, link) && errno != EEXIST)
			test_error("%s: %s", link, strerror(errno));
		show_format(preload, sizeof(preload), "LD_PRELOAD=%s", link);
		show_format(plan, sizeof(plan), "VMMLAB_SHIM=%s", run->preload);
		show_format(asan, sizeof(asan), "ASAN_OPTIONS=verify_asan_link_order=0%s%s",
			    options ? ":" : "", options ? options : "");
		env[n++] = preload;
		env[n++] = plan;
		env[n++] = asan;
	}
	env[n] = NULL;
}

/* The command line; also the default sentence for a failure. */
static void fill_argv(const struct vmm_run *run, const char *image, const char *report, char **argv)
{
	static char report_arg[PATH_MAX], trace_arg[PATH_MAX];
	const char *trace = getenv(TRACE_INTO);
	char text[240];
	size_t n = 0;

	argv[n++] = (char *)(run->program ? run->program : vmm_path());
	if (!run->no_report) {
		show_format(report_arg, sizeof(report_arg), "--report=%s", report);
		argv[n++] = report_arg;
	}
	for (size_t i = 0; i < VMM_ARGS_MAX && run->args[i]; i++)
		argv[n++] = (char *)run->args[i];
	if (trace && image && !run->uid && !run->program) {
		show_format(trace_arg, sizeof(trace_arg), "--trace=%s", trace);
		argv[n++] = trace_arg;
	}
	if (image)
		argv[n++] = (char *)image;
	argv[n] = NULL;

	show_format(text, sizeof(text), "the command was   %s", basename(argv[0]));
	for (size_t i = run->no_report ? 1 : 2; argv[i] && argv[i] != image; i++)
		show_append(text, sizeof(text), " %s", argv[i]);
	if (image)
		show_append(text, sizeof(text), " %s", run->guest ? run->guest : run->image);
	if (run->preload)
		show_append(text, sizeof(text), "   on a host with %s", run->preload);
	test_default_context(text);
}

void outcome_add_place(struct test_result *r)
{
	const char *addresses = place_in(r->output, ": crashed with SIG")
					?: place_in(r->output, STILL);
	char path[PATH_MAX], *line = addresses ? strstr(r->output, addresses) : NULL;

	if (!line || find_vmm(r, path, sizeof(path)) ||
	    !place_find(path, addresses, r->place, sizeof(r->place)))
		return;
	line -= strlen(CRASH_AT);
	show_format(line, r->output + sizeof(r->output) - line, " in %s\n", r->place);
	if (r->outcome == T_TIMEOUT)
		show_format(r->actual, sizeof(r->actual), "still in %s", r->place);
}

static bool is_good_end(const struct outcome *o)
{
	return !o->timed_out &&
	       (!strcmp(o->report.verdict, "halted") || !strcmp(o->report.verdict, "exit") ||
		!strcmp(o->report.verdict, "off") || !strcmp(o->report.verdict, "reset"));
}

#define CLAIMED_MAX (1ull << 41) /* no sum of these is a small number again */

/* What a signal or an error has ended is no exit of the guest; a bad host makes up others. */
static u64 claimed_exits(const struct vmm_run *run, const struct outcome *o)
{
	u64 n = 0;

	for (unsigned i = 0; i < o->report.nkinds && !run->preload && !run->only_set_up; i++)
		if (strcmp(o->report.kinds[i].kind, "INTR") != 0 &&
		    strcmp(o->report.kinds[i].kind, "RUN_ERROR") != 0)
			n = min_u64(n + min_u64(o->report.kinds[i].count, CLAIMED_MAX),
				    CLAIMED_MAX);
	return n;
}

/* What a failure shows of the last run. */
static void note_run(const struct outcome *o)
{
	struct test_result *r = test_record();
	const size_t room = sizeof(r->output) - 40; /* and our own line */

	r->exits[0] = r->last[0] = 0;
	for (unsigned i = 0; i < o->report.nkinds; i++)
		show_append(r->exits, sizeof(r->exits), "%s%s %llu", i ? " " : "",
			    o->report.kinds[i].kind, (unsigned long long)o->report.kinds[i].count);
	for (unsigned i = 0; i < o->report.nlast; i++)
		show_append(r->last, sizeof(r->last), "%s%s", i ? "\n" : "", o->report.last[i]);
	/* After a good end it is where the guest had to be: at its hlt, or the exit device's out.
	 */
	show_format(r->code, sizeof(r->code), "%s", is_good_end(o) ? "" : o->report.code);
	show_format(r->output, room, "%s", outcome_last_words(o->err, room));
	if (o->signalled && !o->timed_out)
		show_append(r->output, sizeof(r->output), "%svmm: killed by SIG%s\n",
			    o->err_len && o->err[o->err_len - 1] != '\n' ? "\n" : "",
			    sigabbrev_np(o->status - 128));
	for (unsigned i = 0; i < o->report.ntodos; i++)
		result_add_todo(r, o->report.todo[i]);
	result_scan_todos(r, o->err);
	test_send(false);
}

/* As one word for a shell. */
static void put_quoted(FILE *f, const char *word)
{
	fputs(" '", f);
	for (; *word; word++)
		fputs(*word == '\'' ? "'\\''" : (char[]){ *word, 0 }, f);
	fputc('\'', f);
}

/* The run, for gdb: the file run.gdb, among those that are kept. */
static void keep_command(const struct vmm_run *run, char *const argv[])
{
	FILE *f = fopen(test_tmpfile("run.gdb"), "w");
	char *env[16];

	if (!f)
		test_error("%s cannot be written", test_tmpfile("run.gdb"));
	fill_env(run, env, ARRAY_SIZE(env));
	for (size_t i = 0; env[i]; i++) {
		const char *value = strchr(env[i], '=');

		if (value)
			fprintf(f, "set environment %.*s = %s\n", (int)(value - env[i]), env[i],
				value + 1);
		else
			fprintf(f, "unset environment %s\n", env[i]);
	}
	fprintf(f, "set remote exec-file %s\nset args", argv[0]);
	for (size_t i = 1; argv[i]; i++)
		put_quoted(f, argv[i]);
	if (!strcmp(env_engine(), "native")) /* a gdbserver starts programs without a shell */
		fprintf(f, " <%s", run->stdin_path ? run->stdin_path : "/dev/null");
	fputc('\n', f);
	fclose(f);
}

static void start_and_wait(const struct vmm_run *run, char *const argv[], struct proc_result *p)
{
	char *env[16];
	struct proc_opts opts = {
		.limit = run->limit > 0 ? run->limit * env_time_scale()
					: test_deadline() - proc_now(),
		.stop_signal = SIGQUIT,
		.stop_grace = env_time_scale(),
		.stdin_path = run->stdin_path,
		.extra_env = env,
		.uid = run->uid || run->ours ? run->uid : env_student(),
		.group = run->uid || run->ours ? 0 : env_student_group(),
		.max_file = env_student() ? STUDENT_FILE : PROC_MAX_FILE,
		.max_processes = env_student() ? STUDENT_PROCESSES : 0,
		.prepare = run->prepare,
		.arg = run->arg,
	};
	int ret, counting;

	if (opts.limit <= 0)
		test_timed_out();
	fill_env(run, env, ARRAY_SIZE(env));
	if (run->uid)
		chmod(test_tmpdir(), 01777); /* for the report */
	counting = env_student() && !run->only_set_up ? exits_count() : -1;
	test_set_running(true);
	ret = proc_run(argv, &opts, p);
	test_set_running(false);
	test_record()->counted += exits_counted(counting);
	if (ret)
		test_error("%s: %s", argv[0], strerror(-ret));
}

const char *outcome_finding(const char *text)
{
	static const char *const marks[] = {
		"SUMMARY: AddressSanitizer: ", "SUMMARY: ThreadSanitizer: ",
		"SUMMARY: UndefinedBehaviorSanitizer: ", "Sanitizer: "
	};
	const char *found = NULL;

	for (unsigned i = 0; i < ARRAY_SIZE(marks) && !found; i++)
		found = strstr(text, marks[i]);
	/* gcc's UBSan names itself nowhere: FILE:LINE:COLUMN: runtime error: ... */
	for (const char *at = text; !found && (at = strstr(at, ": runtime error: ")); at++)
		if (at > text && at[-1] >= '0' && at[-1] <= '9')
			found = at;
	while (found && found > text && found[-1] != '\n')
		found--;
	return found;
}

const char *outcome_last_words(const char *text, size_t room)
{
	const char *begin = strstr(text, "Sanitizer: ");
	size_t len = strlen(text);

	if (!begin)
		begin = outcome_finding(text);
	if (!begin && place_in(text, STILL))
		begin = strstr(text, STILL);
	while (begin && begin > text && begin[-1] != '\n')
		begin--;
	return begin ?: len > room ? text + len - room : text;
}

/* Whatever else a test may ask of the run. */
static void expect_no_finding(const struct outcome *o)
{
	const char *found = outcome_finding(o->err);

	if (found)
		expect_true(HERE("a program in which the sanitizer finds nothing"), false, " %.*s",
			    (int)strcspn(found, "\n"), found);
}

/* What the VMM says when it calls what its sandbox refuses (labs/05-virtio/confine.h), and ends. */
#define REFUSES	       "vmm: the sandbox refuses "
#define REFUSED_STATUS 159

static void expect_not_refused(const struct outcome *o)
{
	const char *found = o->status == REFUSED_STATUS ? strstr(o->err, REFUSES) : NULL;

	if (found)
		expect_true(HERE("a VMM that calls nothing but what a running one needs"), false,
			    " it called %.*s", (int)strcspn(found + strlen(REFUSES), ":\n"),
			    found + strlen(REFUSES));
}

struct outcome run_vmm(const struct vmm_run *run)
{
	struct outcome o = { 0 };
	struct proc_result p;
	const char *image = run->image, *report = test_tmpfile("report");
	char *argv[VMM_ARGS_MAX + 5], path[PATH_MAX];

	o.nonce = run->nonce;
	if (run->guest)
		image = guest_image(run->guest, &o.nonce, path, sizeof(path));
	fill_argv(run, image, report, argv);
	if (suite_opts.keep)
		keep_command(run, argv);
	start_and_wait(run, argv, &p);
	if (o.nonce && !suite_opts.keep)
		unlink(path);
	o.out = p.out;
	o.out_len = p.out_len;
	o.err = p.err;
	o.err_len = p.err_len;
	o.status = proc_exit_code(&p);
	o.signalled = WIFSIGNALED(p.status);
	o.timed_out = p.timed_out;
	o.rss_kib = p.rss_kib;
	if (!run->no_report)
		run_report_read(&o.report, report);
	test_record()->claimed += claimed_exits(run, &o);
	unlink(report);
	remember(o.out, o.out_len);
	remember(o.err, o.err_len);
	note_run(&o);
	expect_no_finding(&o);
	if (!run->refused)
		expect_not_refused(&o);
	if (o.timed_out && run->limit <= 0)
		test_timed_out();
	return o;
}

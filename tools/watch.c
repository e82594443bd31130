// SPDX-License-Identifier: MIT
/*
 * watch: grade what a save touches.
 *
 *   watch [--lab=02] [--task=2.5] -- COMMAND [ARGUMENT]...
 *
 * Sleeps until files of the labs are saved (with --lab, of that one). Then it runs COMMAND ...
 * T=2.5 for each task whose file that is, in the order of the tables, until one does not end with
 * 0. A file that no task names, such as a header, stands for the tasks of the time before. With
 * --task it is that task alone, whatever is saved, and once at the beginning.
 *
 * SIGINT, SIGTERM and SIGHUP end it, after the command that is running, and so does a command that
 * SIGINT has ended: status 0, and the terminal is as it was. 3: this machine cannot do it; 64: a
 * wrong command line.
 */
#include <errno.h>
#include <getopt.h>
#include <glob.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "said.h"
#include "show.h"
#include "tasks.h"

#define LABS_MAX 32
/* An editor may touch a file more than once for one save, and there may be more files. */
#define QUIET_MS   100
#define QUIET_MAX  20
#define FOR_EVER   (-1)
#define SAVES	   (IN_CLOSE_WRITE | IN_MOVED_TO) /* in place, or by another file's rename */
#define EVENT_ROOM 4096

_Static_assert(TASKS_MAX <= 32, "a lab's tasks are bits of a u32");

enum { WATCH_ENDED, WATCH_ENVIRONMENT = 3, WATCH_USAGE = 64 };

static const char usage[] = "usage: watch [--lab=02] [--task=2.5] -- COMMAND [ARGUMENT]...\n";

struct lab {
	struct tasks tasks;
	int number;    /* inotify's for its folder */
	u32 due, last; /* bit n: the n-th task is to be graded; it was, the last time */
};

struct watch {
	const char *lab_option, *task;
	char **command; /* [words] is for T=2.5 */
	int words;
	struct lab lab[LABS_MAX];
	unsigned labs;
	int saves, signals; /* inotify(7) and signalfd(2) */
	sigset_t before;
	bool ended;
	char saved[300]; /* a file that was, since the last grade; "": none */
	bool more, again;
};

/* --- what was saved --- */

static u32 tasks_of(const struct tasks *t, const char *name)
{
	char file[120];
	u32 found = 0;

	for (unsigned i = 0; i < t->count; i++)
		for (unsigned k = 0; list_item(t->task[i].files, k, file, sizeof(file)); k++)
			if (!strcmp(file, name))
				found |= 1u << i;
	return found;
}

/* Not what editors put beside it: .blk.c.swp, #blk.c#, blk.c~, 4913. */
static bool is_source(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && name[0] != '.' && (!strcmp(dot, ".c") || !strcmp(dot, ".h"));
}

static void note_saved(struct watch *w, struct lab *lab, const char *name)
{
	u32 due = tasks_of(&lab->tasks, name);
	char path[sizeof(w->saved)];

	show_format(path, sizeof(path), "%s/%s", lab->tasks.dir, name);
	w->more |= w->saved[0] && strcmp(w->saved, path) != 0;
	memcpy(w->saved, path, sizeof(path));
	lab->due |= due;
	w->again |= !due;
}

static void take_saves(struct watch *w)
{
	char buf[EVENT_ROOM] __attribute__((aligned(__alignof__(struct inotify_event))));
	const struct inotify_event *e;
	ssize_t n;

	while ((n = read(w->saves, buf, sizeof(buf))) > 0) {
		for (char *p = buf; p < buf + n; p += sizeof(*e) + e->len) {
			e = (const struct inotify_event *)p;
			for (unsigned i = 0; i < w->labs && e->len && is_source(e->name); i++)
				if (w->lab[i].number == e->wd)
					note_saved(w, &w->lab[i], e->name);
		}
	}
}

/* --- waiting --- */

/* SIGCHLD only wakes us. */
static void take_signals(struct watch *w)
{
	struct signalfd_siginfo s;

	while (read(w->signals, &s, sizeof(s)) == sizeof(s))
		w->ended |= s.ssi_signo != SIGCHLD;
}

/* Until there is something new, or that long. Returns false if there is not. */
static bool wait_for_news(struct watch *w, int ms)
{
	struct pollfd fds[] = {
		{ .fd = w->signals, .events = POLLIN },
		{ .fd = w->saves, .events = POLLIN },
	};
	bool news = poll(fds, ARRAY_SIZE(fds), ms) > 0;

	take_signals(w);
	take_saves(w);
	return news;
}

static int run(struct watch *w, const char *task)
{
	struct pollfd signals = { .fd = w->signals, .events = POLLIN };
	char setting[16];
	int status = 0;
	pid_t pid;

	show_format(setting, sizeof(setting), "T=%s", task);
	w->command[w->words] = setting;
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		sigprocmask(SIG_SETMASK, &w->before, NULL);
		execvp(w->command[0], w->command);
		fprintf(stderr, "watch: %s: %s\n", w->command[0], strerror(errno));
		_exit(127);
	}
	if (pid < 0) {
		fprintf(stderr, "watch: no process: %s\n", strerror(errno));
		return 1;
	}
	while (waitpid(pid, &status, WNOHANG) == 0) {
		poll(&signals, 1, FOR_EVER);
		take_signals(w);
	}
	status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	/* Its terminal was raw, and so the key that leaves came to it alone. */
	w->ended |= status == 128 + SIGINT;
	return status;
}

static void grade_tasks(struct watch *w)
{
	int status = 0;
	u32 any = 0;

	for (unsigned i = 0; i < w->labs; i++) {
		struct lab *lab = &w->lab[i];

		if (w->again)
			lab->due |= lab->last;
		any |= lab->due;
	}
	if (!any)
		puts("No task names it. Save the file that you work on, too, or name a task: "
		     "T=2.5");
	for (unsigned i = 0; any && i < w->labs; i++) {
		struct lab *lab = &w->lab[i];

		for (unsigned k = 0; k < lab->tasks.count && !status && !w->ended; k++)
			if (lab->due & 1u << k)
				status = run(w, lab->tasks.task[k].id);
		lab->last = lab->due;
		lab->due = 0;
	}
}

static void grade_saved(struct watch *w)
{
	printf("\n--- %s was saved%s\n", w->saved, w->more ? ", and others" : "");
	if (w->task)
		run(w, w->task);
	else
		grade_tasks(w);
	fflush(stdout);
	w->saved[0] = 0;
	w->more = w->again = false;
}

static void watch(struct watch *w)
{
	if (w->task)
		run(w, w->task);
	if (w->ended)
		return;
	printf("Watching");
	for (unsigned i = 0; i < w->labs; i++)
		printf(" %s", w->lab[i].tasks.dir);
	puts(". Save a file there; Ctrl-C leaves.");
	fflush(stdout);
	while (!w->ended) {
		wait_for_news(w, w->saved[0] ? 0 : FOR_EVER);
		for (int i = 0; w->saved[0] && i < QUIET_MAX && wait_for_news(w, QUIET_MS); i++)
			;
		if (w->saved[0] && !w->ended)
			grade_saved(w);
	}
}

/* --- setting up --- */

static int fail_watch(const char *what, const char *why)
{
	fprintf(stderr, "watch: %s: %s\n", what, why);
	return WATCH_ENVIRONMENT;
}

static int add_lab(struct watch *w, unsigned number)
{
	struct lab *lab = &w->lab[w->labs];
	char why[300];

	if (tasks_load(&lab->tasks, number, why, sizeof(why)))
		return fail_watch("labs", why);
	lab->number = inotify_add_watch(w->saves, lab->tasks.dir, SAVES);
	if (lab->number < 0)
		return fail_watch(lab->tasks.dir, strerror(errno));
	w->labs++;
	return 0;
}

/* The lab that was asked for; with a task its lab and those below, on which it may stand; else all.
 */
static int find_labs(struct watch *w)
{
	unsigned only = w->lab_option ? lab_number(w->lab_option) : 0;
	unsigned up_to = w->task ? lab_number(w->task) : ~0u;
	glob_t found;
	int ret = 0;

	if (glob("labs/[0-9][0-9]-*/tasks", 0, NULL, &found))
		return fail_watch("labs", "none here: not the project's root?");
	for (size_t i = 0; i < found.gl_pathc && !ret && w->labs < LABS_MAX; i++) {
		unsigned number = lab_number(found.gl_pathv[i]);

		if (number <= up_to && (!w->lab_option || number == only))
			ret = add_lab(w, number);
	}
	globfree(&found);
	return ret || w->labs ? ret : fail_watch("labs", "no such lab here");
}

static int set_up(struct watch *w)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	signal(SIGCHLD, SIG_DFL); /* whoever started us may have it ignored */
	sigprocmask(SIG_BLOCK, &set, &w->before);
	w->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (w->signals < 0)
		return fail_watch("signalfd", strerror(errno));
	w->saves = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (w->saves < 0)
		return fail_watch("inotify", errno == EMFILE
						     ? "too many watchers for one user; see "
						       "fs.inotify.max_user_instances"
						     : strerror(errno));
	return find_labs(w);
}

static int parse(struct watch *w, int argc, char **argv)
{
	static const struct option options[] = {
		{ "lab", required_argument, NULL, 'l' },
		{ "task", required_argument, NULL, 't' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		if (c == 'l')
			w->lab_option = optarg;
		else if (c == 't')
			w->task = optarg;
		else
			return -EINVAL;
	}
	w->words = argc - optind;
	if (!w->words)
		return -EINVAL;
	w->command = calloc((size_t)w->words + 2, sizeof(*w->command));
	if (!w->command)
		return -ENOMEM;
	memcpy(w->command, argv + optind, (size_t)w->words * sizeof(*w->command));
	return 0;
}

/* Not if another job has the terminal: we would be stopped. */
static void give_back(const struct termios *terminal)
{
	pid_t front = tcgetpgrp(STDIN_FILENO);

	if (front < 0 || front == getpgrp())
		tcsetattr(STDIN_FILENO, TCSADRAIN, terminal);
	puts("");
}

int main(int argc, char **argv)
{
	static struct watch w;
	struct termios terminal;
	bool at_terminal = tcgetattr(STDIN_FILENO, &terminal) == 0;
	int ret;

	said_or_fail("watch");
	if (parse(&w, argc, argv)) {
		fputs(usage, stderr);
		return WATCH_USAGE;
	}
	ret = set_up(&w);
	if (ret)
		return ret;
	watch(&w);
	if (at_terminal)
		give_back(&terminal);
	return WATCH_ENDED;
}

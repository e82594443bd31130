// SPDX-License-Identifier: MIT
#include "proc.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "strays.h"

/* How long to wait for the end of the output of a child that is dead already; what lies in a pipe
 * by then is taken all the same, up to so many pieces: more than the largest pipe holds. */
#define DRAIN_SECONDS 0.5
#define DRAIN_PIECES  (STREAMS * 64)
/* A descriptor out of the way of what the child opens itself. */
#define HIGH_FD	       100
#define LINE_MAX_BYTES (1u << 20)

enum { OUT, ERR, LINE, FAILED, STREAMS };

struct stream {
	int fd;
	char *buf;
	size_t len, size;
};

/* What proc_run() knows about the child under way. */
struct job {
	const struct proc_opts *opts;
	struct proc_result *r;
	struct stream streams[STREAMS];
	pid_t pid;
	int pidfd; /* becomes readable at its end; -1: look every 10 ms */
	int exited, stopped, killed;
	struct strays strays;
};

double proc_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

int proc_exit_code(const struct proc_result *r)
{
	return WIFSIGNALED(r->status) ? 128 + WTERMSIG(r->status) : WEXITSTATUS(r->status);
}

void proc_free(struct proc_result *r)
{
	free(r->out);
	free(r->err);
	memset(r, 0, sizeof(*r));
}

/* --- the child's side, between fork and exec --- */

static int change_user(uid_t uid, gid_t group)
{
	if (uid == 0)
		return 0;
	return setgroups(group != 0, &group) || setgid(uid) || setuid(uid) ? -1 : 0;
}

static void change_env(char *const *env)
{
	for (; env && *env; env++) {
		if (strchr(*env, '='))
			putenv(*env);
		else
			unsetenv(*env);
	}
}

/* A shell may have left signals ignored (it does for `command &`): start from the defaults. */
static void default_signals(void)
{
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* The lower of what we may and what it shall, for good. Bad luck is no reason not to start. */
static void limit(int resource, rlim_t max)
{
	struct rlimit now;

	if (!max || getrlimit(resource, &now))
		return;
	if (now.rlim_max != RLIM_INFINITY && now.rlim_max < max)
		max = now.rlim_max;
	setrlimit(resource, &(struct rlimit){ max, max });
}

static void set_limits(const struct proc_opts *opts)
{
	limit(RLIMIT_AS, opts->max_memory);
	limit(RLIMIT_FSIZE, opts->max_file);
	limit(RLIMIT_CPU, (rlim_t)opts->max_cpu);
	limit(RLIMIT_NPROC, opts->max_processes);
	if (opts->first_to_die) {
		int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

		if (fd >= 0) {
			dprintf(fd, "1000");
			close(fd);
		}
	}
}

static int put_streams(const struct proc_opts *opts, const int fds[STREAMS], int *line_fd)
{
	int in = open(opts->stdin_path ? opts->stdin_path : "/dev/null", O_RDONLY | O_CLOEXEC);

	if (in < 0 || dup2(in, STDIN_FILENO) < 0)
		return -1;
	if (dup2(fds[OUT], STDOUT_FILENO) < 0 || dup2(fds[ERR], STDERR_FILENO) < 0)
		return -1;
	*line_fd = opts->line_fd ? opts->line_fd : 3;
	if (!opts->on_line)
		return 0;
	if (opts->child)
		*line_fd = fds[LINE]; /* high and close-on-exec already */
	else if (dup2(fds[LINE], *line_fd) < 0)
		return -1;
	return 0;
}

static void run_child(char *const argv[], const struct proc_opts *opts, const int fds[STREAMS],
		      pid_t parent)
{
	int line_fd, err;

	setpgid(0, 0);
	default_signals();
	set_limits(opts);
	if (put_streams(opts, fds, &line_fd) || change_user(opts->uid, opts->group))
		goto failed;
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* after change_user(), which would clear it */
	if (getppid() != parent)
		_exit(127);
	change_env(opts->extra_env);
	if (opts->prepare)
		opts->prepare(opts->arg);
	if (!argv) {
		int status;

		close(fds[FAILED]);
		status = opts->child(opts->arg, line_fd);

		fflush(NULL);
		_exit(status);
	}
	execvp(argv[0], argv);
failed:
	err = errno;
	if (write(fds[FAILED], &err, sizeof(err)) < 0)
		_exit(126);
	_exit(127);
}

/* --- the parent's side --- */

/* A pipe whose write end is out of the child's way; both ends close on exec. */
static int make_pipe(int *rd, int *wr)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	*rd = fds[0];
	*wr = fcntl(fds[1], F_DUPFD_CLOEXEC, HIGH_FD);
	if (*wr < 0)
		*wr = fds[1]; /* few descriptors allowed: make do */
	else
		close(fds[1]);
	return 0;
}

static int start(struct job *j, char *const argv[])
{
	int wr[STREAMS] = { -1, -1, -1, -1 }, ret = 0;
	pid_t parent = getpid();

	for (int i = 0; i < STREAMS && !ret; i++)
		ret = make_pipe(&j->streams[i].fd, &wr[i]);
	strays_expect(&j->strays);
	fflush(NULL); /* or the child would print our buffers again */
	if (!ret) {
		j->pid = fork();
		if (j->pid == 0) {
			for (int i = 0; i < STREAMS; i++)
				close(j->streams[i].fd); /* what it says is not for itself */
			run_child(argv, j->opts, wr, parent);
		}
		if (j->pid < 0)
			ret = -errno;
		else
			setpgid(j->pid, j->pid); /* whoever comes first: both do it */
	}
	for (int i = 0; i < STREAMS; i++)
		if (wr[i] >= 0)
			close(wr[i]);
	if (!ret)
		j->pidfd = syscall(SYS_pidfd_open, j->pid, 0);
	return ret;
}

static void give_lines(struct job *j, struct stream *s)
{
	char *line = s->buf, *end;

	while ((end = memchr(line, '\n', s->buf + s->len - line))) {
		*end = 0;
		if (j->opts->on_line)
			j->opts->on_line(line, j->opts->arg);
		line = end + 1;
	}
	s->len -= line - s->buf;
	memmove(s->buf, line, s->len);
}

/* Keep what fits, count the rest as dropped. */
static void append(struct job *j, struct stream *s, const char *data, size_t n, size_t max)
{
	if (s->len + n > max) {
		n = max - s->len;
		j->r->truncated = 1;
	}
	if (s->len + n + 1 > s->size) {
		size_t size = (s->len + n + 1) * 2;
		char *buf = realloc(s->buf, size);

		if (!buf)
			return;
		s->buf = buf;
		s->size = size;
	}
	memcpy(s->buf + s->len, data, n);
	s->len += n;
	s->buf[s->len] = 0;
}

static void take(struct job *j, int which)
{
	struct stream *s = &j->streams[which];
	size_t max = j->opts->max_output ? j->opts->max_output : PROC_MAX_OUTPUT;
	char data[16384];
	ssize_t n = read(s->fd, data, sizeof(data));

	if (n < 0 && errno == EINTR)
		return;
	if (n <= 0) {
		close(s->fd);
		s->fd = -1;
		return;
	}
	append(j, s, data, n, which == LINE ? LINE_MAX_BYTES : max);
	if (which == LINE)
		give_lines(j, s);
}

/* The child has ended, but is not reaped: its process group cannot be anybody else's yet. */
static int has_exited(struct job *j)
{
	siginfo_t info = { 0 };

	if (waitid(P_PID, j->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0)
		return 1;
	return info.si_pid != 0;
}

/* Do what is due at this time; returns the seconds until something else is. */
static double enforce_limit(struct job *j, double now, double limit_at)
{
	double grace = j->opts->stop_grace > 0 ? j->opts->stop_grace : 1.0;

	if (j->opts->limit <= 0 || j->killed)
		return 60;
	if (now < limit_at)
		return limit_at - now;
	j->r->timed_out = 1;
	if (j->opts->stop_signal && !j->stopped) {
		kill(j->pid, j->opts->stop_signal);
		j->stopped = 1;
	}
	if (j->opts->stop_signal && now < limit_at + grace)
		return limit_at + grace - now;
	kill(-j->pid, SIGKILL);
	kill(j->pid, SIGKILL); /* should it have left its own group */
	j->killed = 1;
	return 60;
}

static int any_open(const struct job *j)
{
	for (int i = 0; i < STREAMS; i++)
		if (j->streams[i].fd >= 0)
			return 1;
	return 0;
}

/* Returns whether there was something to take. */
static bool poll_once(struct job *j, double seconds)
{
	struct pollfd p[STREAMS + 1];
	bool taken = false;

	for (int i = 0; i < STREAMS; i++)
		p[i] = (struct pollfd){ .fd = j->streams[i].fd, .events = POLLIN };
	p[STREAMS] = (struct pollfd){ .fd = j->exited ? -1 : j->pidfd, .events = POLLIN };
	if (j->pidfd < 0 && !j->exited && seconds > 0.01)
		seconds = 0.01;
	if (poll(p, STREAMS + 1, seconds > 0 ? (int)(seconds * 1000) + 1 : 0) <= 0)
		return false;
	for (int i = 0; i < STREAMS; i++)
		if (p[i].fd >= 0 && p[i].revents) {
			take(j, i);
			taken = true;
		}
	return taken;
}

/* The child has ended: so does whatever it has started, and what that has. */
static void clear_up(struct job *j)
{
	struct rusage used = { 0 };

	kill(-j->pid, SIGKILL); /* all at once, before it is reaped and its number is free */
	while (wait4(j->pid, &j->r->status, 0, &used) < 0 && errno == EINTR)
		;
	j->r->rss_kib = used.ru_maxrss;
	strays_kill(&j->strays);
}

static void watch(struct job *j)
{
	double begin = proc_now(), drained_by = 0;

	while (!j->exited || (any_open(j) && proc_now() < drained_by)) {
		double now = proc_now(), wait;

		wait = j->exited ? drained_by - now : enforce_limit(j, now, begin + j->opts->limit);
		poll_once(j, wait);
		if (!j->exited && has_exited(j)) {
			j->exited = 1;
			j->r->seconds = proc_now() - begin;
			clear_up(j);
			drained_by = proc_now() + DRAIN_SECONDS;
		}
	}
	for (int piece = 0; piece < DRAIN_PIECES && any_open(j) && poll_once(j, 0); piece++)
		;
}

int proc_run(char *const argv[], const struct proc_opts *opts, struct proc_result *r)
{
	static const struct proc_opts defaults;
	struct job j = { .opts = opts ? opts : &defaults, .r = r, .pidfd = -1 };
	int ret;

	memset(r, 0, sizeof(*r));
	for (int i = 0; i < STREAMS; i++)
		j.streams[i].fd = -1;
	ret = start(&j, argv);
	if (!ret) {
		watch(&j);
		if (j.streams[FAILED].len >=
		    sizeof(int)) /* errno of what did not work before exec */
			memcpy(&ret, j.streams[FAILED].buf, sizeof(int)), ret = -ret;
	}
	if (j.pidfd >= 0)
		close(j.pidfd);
	for (int i = 0; i < STREAMS; i++)
		if (j.streams[i].fd >= 0)
			close(j.streams[i].fd);
	free(j.streams[LINE].buf);
	free(j.streams[FAILED].buf);
	r->out = j.streams[OUT].buf ? j.streams[OUT].buf : calloc(1, 1);
	r->err = j.streams[ERR].buf ? j.streams[ERR].buf : calloc(1, 1);
	r->out_len = j.streams[OUT].len;
	r->err_len = j.streams[ERR].len;
	return ret;
}

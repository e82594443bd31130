// SPDX-License-Identifier: MIT
/* The program in the box: starting it, and passing on what goes in and out. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../proto.h"
#include "init.h"

static int make_pipes(struct program *p, int theirs[3])
{
	int in[2], out[2], err[2];

	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC))
		return -errno;
	p->in = in[1];
	p->out = out[0];
	p->err = err[0];
	fcntl(p->in, F_SETFL, O_NONBLOCK);
	theirs[0] = in[0];
	theirs[1] = out[1];
	theirs[2] = err[1];
	return 0;
}

/* One terminal for stdin, stdout and stderr, as the user has. */
static int make_terminal(struct program *p, int theirs[3])
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), slave;

	if (master < 0 || grantpt(master) || unlockpt(master))
		return -errno;
	slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0)
		return -errno;
	fcntl(master, F_SETFL, O_NONBLOCK);
	*p = (struct program){ .in = master, .out = master, .err = -1 };
	theirs[0] = theirs[1] = theirs[2] = slave;
	return 0;
}

static void become(const struct settings *s, const int theirs[3])
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	for (int i = 0; i < 3; i++)
		dup2(theirs[i], i);
	if (s->tty)
		ioctl(0, TIOCSCTTY, 0);
	signal(SIGPIPE, SIG_DFL);
	if (!s->root && (setgroups(0, NULL) || setgid(STUDENT) || setuid(STUDENT)))
		_exit(126);
	execve(s->arg[0], s->arg, s->env);
	fprintf(stderr, "box: %s: %s\n", s->arg[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

int program_start(struct program *p, const struct settings *s)
{
	int theirs[3] = { -1, -1, -1 }, err;
	sigset_t child;

	sigemptyset(&child); /* before the fork: a program can end at once */
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	err = s->tty ? make_terminal(p, theirs) : make_pipes(p, theirs);
	if (err)
		return err;
	p->pid = fork();
	if (p->pid < 0)
		return -errno;
	if (p->pid == 0)
		become(s, theirs);
	close(theirs[0]);
	if (!s->tty) {
		close(theirs[1]);
		close(theirs[2]);
	}
	return 0;
}

/* What came out of *fd goes to the host. At the end of file *fd becomes -1. */
static void forward(int *fd, int link, uint8_t type)
{
	char data[FRAME_MAX];
	ssize_t n = read(*fd, data, sizeof(data));

	if (n > 0) {
		frame_write(link, type, data, n);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		close(*fd); /* a terminal says EIO when nobody has it open any more */
		*fd = -1;
	}
}

/* stdin that the program has not taken yet; while there is some, no more frames are read. */
struct input {
	uint8_t data[FRAME_MAX];
	size_t at, len;
};

static void feed(struct program *p, struct input *input)
{
	ssize_t n = write(p->in, input->data + input->at, input->len - input->at);

	if (n > 0)
		input->at += n;
	if (input->at == input->len || (n < 0 && errno != EAGAIN && errno != EINTR))
		input->at = input->len = 0;
}

static void end_of_input(struct program *p)
{
	if (p->in >= 0 && p->in != p->out) {
		close(p->in);
		p->in = -1;
	}
}

static void pass_signal(struct program *p, int sig)
{
	if (kill(-p->pid, sig)) /* it has not called setsid() yet */
		kill(p->pid, sig);
}

static int obey(struct program *p, int link, struct input *input)
{
	struct frame frame;
	int err = frame_read(link, &frame, input->data);

	if (err)
		return err;
	if (frame.type == TO_INPUT && !frame.len)
		end_of_input(p);
	else if (frame.type == TO_INPUT && p->in >= 0)
		input->at = 0, input->len = frame.len;
	else if (frame.type == TO_SIGNAL && frame.len)
		pass_signal(p, input->data[0]);
	else if (frame.type == TO_WINDOW && frame.len == sizeof(struct winsize))
		ioctl(p->out, TIOCSWINSZ, input->data);
	return 0;
}

/* Process 1 inherits what others leave behind; only one of them is the program. */
static bool reap(pid_t program, int *status)
{
	bool ended = false;
	int how;

	for (pid_t pid; (pid = waitpid(-1, &how, WNOHANG)) > 0;) {
		if (pid == program) {
			*status = WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how);
			ended = true;
		}
	}
	return ended;
}

/* What it left running must not keep its pipes open; then all that is in them is passed on. */
static void drain(struct program *p, int link)
{
	kill(-1, SIGKILL);
	while (p->out >= 0 || p->err >= 0) {
		struct pollfd fds[] = { { p->out, POLLIN, 0 }, { p->err, POLLIN, 0 } };

		if (poll(fds, 2, 1000) <= 0)
			break;
		if (fds[0].revents)
			forward(&p->out, link, FROM_STDOUT);
		if (fds[1].revents)
			forward(&p->err, link, FROM_STDERR);
	}
}

int program_attend(struct program *p, int link)
{
	static struct input input;
	int status = 255, tty_in = p->in == p->out, children;
	struct signalfd_siginfo info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	children = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	for (;;) {
		struct pollfd fds[] = {
			{ children, POLLIN, 0 },
			{ p->out, POLLIN, 0 },
			{ p->err, POLLIN, 0 },
			{ input.len ? p->in : -1, POLLOUT, 0 },
			{ input.len ? -1 : link, POLLIN, 0 },
		};

		if (poll(fds, 5, -1) < 0)
			continue;
		if (fds[1].revents)
			forward(&p->out, link, FROM_STDOUT);
		if (fds[2].revents)
			forward(&p->err, link, FROM_STDERR);
		if (tty_in && p->out < 0)
			p->in = -1, input.len = 0;
		if (fds[3].revents && p->in >= 0)
			feed(p, &input);
		if (fds[4].revents && obey(p, link, &input))
			break; /* the host is gone */
		if (fds[0].revents && read(children, &info, sizeof(info)) > 0 &&
		    reap(p->pid, &status))
			break;
	}
	drain(p, link);
	return status;
}

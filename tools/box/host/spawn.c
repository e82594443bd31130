// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "box.h"

static void become(const struct spawn *s, pid_t parent)
{
	int null = open("/dev/null", O_RDWR), fd[3] = { s->in, s->out, s->err };
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent) /* it died before that */
		_exit(127);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (s->new_session)
		setsid();
	else
		setpgid(0, 0); /* Ctrl-C at the terminal is for us: we end it in order */
	for (int i = 0; i < 3; i++)
		dup2(fd[i] > 0 ? fd[i] : null, i);
	if (s->new_session)
		ioctl(0, TIOCSCTTY, 0);
	for (const int *keep = s->keep; keep && *keep >= 0; keep++)
		fcntl(*keep, F_SETFD, 0);
	if (s->dir && chdir(s->dir))
		_exit(127);
	execvp(s->argv[0], s->argv);
	_exit(127);
}

pid_t spawn(const struct spawn *s)
{
	pid_t parent = getpid(), pid = fork();

	if (pid == 0)
		become(s, parent);
	return pid < 0 ? -errno : pid;
}

int spawn_wait(const struct spawn *s)
{
	pid_t pid = spawn(s);
	int how = 0;

	if (pid < 0)
		return 127;
	while (waitpid(pid, &how, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how);
}

char *spawn_text(char *const argv[], char *text, size_t size)
{
	struct spawn s = { .argv = argv };
	int out[2], how;
	size_t have = 0;
	ssize_t n;
	pid_t pid;

	if (pipe2(out, O_CLOEXEC))
		return NULL;
	s.out = out[1];
	pid = spawn(&s);
	close(out[1]);
	while (pid > 0 && (n = read(out[0], text + have, size - 1 - have)) > 0)
		have += n;
	close(out[0]);
	if (pid > 0)
		waitpid(pid, &how, 0);
	text[have] = 0;
	return pid > 0 && have ? text : NULL;
}

void machine_kill(struct machine *m)
{
	if (m->pid > 0) {
		kill(m->pid, SIGKILL);
		waitpid(m->pid, NULL, 0);
	}
	m->pid = 0;
	for (int **p = (int *[]){ &m->link, &m->console, &m->monitor, &m->log, &m->ended, NULL };
	     *p; p++) {
		if (**p >= 0)
			close(**p);
		**p = -1;
	}
}

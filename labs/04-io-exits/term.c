// SPDX-License-Identifier: MIT
#include "term.h"

#include <errno.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include "kick.h"
#include "obituary.h"

/*
 * All signals that end a process, of its own mistakes or from outside; but for those that do not,
 * or that are ours (kick.h).
 */
static bool ends_process(int sig)
{
	static const int others[] = {
		SIGKILL, SIGSTOP, SIGCONT,  SIGTSTP, SIGTTIN,  SIGTTOU,
		SIGCHLD, SIGURG,  SIGWINCH, SIGPIPE, SIG_KICK, SIG_TIME_LIMIT
	};

	for (unsigned i = 0; i < ARRAY_SIZE(others); i++)
		if (sig == others[i])
			return false;
	return true;
}

/* What the signal handler needs. */
static struct {
	struct termios before, raw;
	struct sigaction old[NSIG];
	int fd;
	volatile sig_atomic_t is_raw;
} saved;

/* Not if this is a job in the background: then the terminal is the shell's. */
bool term_is_ours(int fd)
{
	pid_t owner = tcgetpgrp(fd); /* -1: it is a terminal that knows no jobs */

	return owner < 0 || owner == getpgrp();
}

void term_restore(void)
{
	/* TCSANOW: to wait until all output is through could be for ever. */
	if (saved.is_raw && term_is_ours(saved.fd))
		tcsetattr(saved.fd, TCSANOW, &saved.before);
	saved.is_raw = 0;
}

/* Then on as if we had not been here: the signal comes once more when this returns. */
static void on_fatal(int sig)
{
	int err = errno;

	term_restore();
	sigaction(sig, &saved.old[sig], NULL);
	raise(sig);
	errno = err;
}

/* We were stopped, and the shell has had the terminal. */
static void on_continue(int sig)
{
	int err = errno;

	if (saved.is_raw && term_is_ours(saved.fd))
		tcsetattr(saved.fd, TCSANOW, &saved.raw);
	kill(getpid(), SIGWINCH); /* what changed its size meanwhile told the shell, and not us */
	errno = err;
}

/* Who waits for the time limit's end has a handler of his own, which mostly says: not yet. */
static bool is_waited_for(int sig)
{
	return sig == SIGALRM && saved.old[sig].sa_handler != SIG_DFL;
}

static int catch_signals(void)
{
	struct sigaction cont = { .sa_handler = on_continue, .sa_flags = SA_RESTART };
	/* Not all that was there before is the end; and the stack may be used up (crash.h). */
	struct sigaction sa = { .sa_handler = on_fatal, .sa_flags = SA_RESTART | SA_ONSTACK };

	witness_first(term_restore);
	for (int sig = 1; sig < NSIG; sig++) {
		/* EINVAL: libc keeps two for itself. Under nohup SIGHUP stays ignored. */
		if (!ends_process(sig) || sigaction(sig, NULL, &saved.old[sig]) < 0 ||
		    saved.old[sig].sa_handler == SIG_IGN || is_waited_for(sig))
			continue;
		if (sigaction(sig, &sa, NULL) < 0)
			return -errno;
	}
	return sigaction(SIGCONT, &cont, NULL) < 0 ? -errno : 0;
}

int term_raw(int fd)
{
	struct termios *raw = &saved.raw;
	int err;

	if (!isatty(fd) || !term_is_ours(fd))
		return 0;
	if (tcgetattr(fd, &saved.before) < 0)
		return -errno;
	saved.fd = fd;
	*raw = saved.before;
	raw->c_iflag &= ~(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
	raw->c_lflag &= ~(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	raw->c_cc[VMIN] = 1;
	raw->c_cc[VTIME] = 0;
	err = catch_signals();
	if (err)
		return err;
	/* First the note, then the deed: a signal in between finds all that it needs. */
	saved.is_raw = 1;
	if (tcsetattr(fd, TCSANOW, raw) < 0) {
		err = -errno;
		term_restore();
		return err;
	}
	return 1;
}

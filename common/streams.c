// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "streams.h"

/* What the handler of a signal needs, which can open no file then. */
static int nowhere = -1;

void streams_init(void)
{
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a file beyond RLIMIT_FSIZE: EFBIG will do */
	/* open() answers the lowest free number, which is the one that was found closed. */
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) != fd)
			return;
	nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
}

/* Open path in the place of what fd is now. If that fails, fd stays as it was. */
static bool replace(int fd, const char *path, int flags)
{
	int own = open(path, flags | O_CLOEXEC);

	if (own < 0)
		return false;
	dup2(own, fd);
	close(own);
	return true;
}

bool streams_nonblocking(int fd)
{
	int mode = fcntl(fd, F_GETFL) & O_ACCMODE;
	struct stat st;
	char path[32];

	if (fstat(fd, &st) || !(S_ISFIFO(st.st_mode) || isatty(fd)))
		return false;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return replace(fd, path, mode | O_NONBLOCK | O_NOCTTY);
}

void streams_drop_unread(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	if (poll(&p, 1, 0) == 0)
		dup2(nowhere, fd);
}

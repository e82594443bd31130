// SPDX-License-Identifier: MIT
#include "alone.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* The first process of the namespace ends with this when there is no such thing here. */
#define IMPOSSIBLE 255
/* Processes at once, where they are counted for the namespace alone: in one of an ordinary user. */
#define PROCESSES_MAX 4096

static bool put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));

	if (fd >= 0)
		close(fd);
	return n == (ssize_t)strlen(text);
}

/* Inside the user namespace everybody stays who they are. */
static bool map_user(unsigned uid, unsigned gid)
{
	char uids[40], gids[40];

	snprintf(uids, sizeof(uids), "%u %u 1", uid, uid);
	snprintf(gids, sizeof(gids), "%u %u 1", gid, gid);
	return put("/proc/self/uid_map", uids) && put("/proc/self/setgroups", "deny") &&
	       put("/proc/self/gid_map", gids) &&
	       !setrlimit(RLIMIT_NPROC, &(struct rlimit){ PROCESSES_MAX, PROCESSES_MAX });
}

/* Process ids have another meaning in here: /proc must know of it (sanitizers read it). */
static bool own_proc(void)
{
	return !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
	       !mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}

static bool is_closed(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) > 0;
}

/* Process 1 of the namespace: at its end the kernel kills all others. It takes no signal. */
static void first(int (*work)(void *), void *arg, unsigned uid, unsigned gid, int alive)
{
	int status = 0, how;
	pid_t pid, ended;

	if ((uid && !map_user(uid, gid)) || !own_proc())
		_exit(IMPOSSIBLE);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (is_closed(alive))
		_exit(0);
	pid = fork();
	if (pid < 0)
		_exit(IMPOSSIBLE);
	if (pid == 0) {
		close(alive);
		exit(work ? work(arg) : 0);
	}
	while ((ended = waitpid(-1, &how, 0)) != pid)
		if (ended < 0 && errno != EINTR)
			break;
	if (ended == pid)
		status = WIFSIGNALED(how) ? 128 + WTERMSIG(how) : WEXITSTATUS(how);
	_exit(status);
}

/* Returns the status of the work, or IMPOSSIBLE. */
static int in_namespace(int (*work)(void *), void *arg)
{
	unsigned long flags = CLONE_NEWPID | CLONE_NEWNS | SIGCHLD;
	unsigned uid = geteuid(), gid = getegid();
	int alive[2], how = 0;
	pid_t pid;

	if (uid)
		flags |= CLONE_NEWUSER;
	if (pipe2(alive, O_CLOEXEC))
		return IMPOSSIBLE;
	fflush(NULL);
	pid = syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
	if (pid == 0) {
		close(alive[1]);
		first(work, arg, uid, gid, alive[0]);
	}
	close(alive[0]);
	while (pid > 0 && waitpid(pid, &how, 0) < 0 && errno == EINTR)
		;
	close(alive[1]);
	if (pid < 0)
		return IMPOSSIBLE;
	return WIFSIGNALED(how) ? 128 + WTERMSIG(how) : WEXITSTATUS(how);
}

int alone_run(int (*work)(void *arg), void *arg)
{
	int status;

	close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
	status = in_namespace(work, arg);
	return status == IMPOSSIBLE ? work(arg) : status;
}

bool alone_possible(void)
{
	return in_namespace(NULL, NULL) != IMPOSSIBLE;
}

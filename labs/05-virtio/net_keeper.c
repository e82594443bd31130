// SPDX-License-Identifier: MIT
#include "net_keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "net_child.h"
#include "todo.h"

#define CONTROL 3 /* the socket's number here; there is nothing behind it */
/*
 * Between two children. One may die at once, again and again; and a guest that can make it die may
 * guess each time what it does not know: all of them, and the VMM, have the same addresses, since
 * they are copies. So who dies of a fault lets wait twice as long the next time; but for who is
 * killed by somebody else (SIGKILL), whom no guest can ask for that.
 */
#define PAUSE_MS     10
#define PAUSE_MAX_MS 10000

struct keeper {
	struct net_child child; /* each new process has a copy, as it was before the first frame */
	pid_t pid;
	int life; /* a pipe that only the child can write to: what it says first, and its end */
	int died_of;
	bool again;	   /* there was one before it */
	unsigned children; /* so far */
	unsigned pause_ms;
	time_t began; /* the child */
};

/* --- to the VMM --- */

static bool tell(const struct keeper_says *says, const int *fds)
{
	struct iovec iov = { (void *)says, sizeof(*says) };
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(KEEPER_FDS * sizeof(int))];
	} control = { .room = { 0 } };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (fds) {
		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control);
		control.header = (struct cmsghdr){ .cmsg_len = CMSG_LEN(KEEPER_FDS * sizeof(int)),
						   .cmsg_level = SOL_SOCKET,
						   .cmsg_type = SCM_RIGHTS };
		memcpy(CMSG_DATA(&control.header), fds, KEEPER_FDS * sizeof(int));
	}
	return sendmsg(CONTROL, &msg, MSG_NOSIGNAL) == sizeof(*says);
}

/* --- the child --- */

static _Noreturn void run_child(struct keeper *k, const struct channel_fds *fds, int life)
{
	struct keeper_says says = { .err = 0 };
	const enum channel_side side = CHANNEL_NET;

	close(CONTROL);
	close(fds->hear[CHANNEL_VMM]);
	close(fds->ring[CHANNEL_VMM]);
	if (k->children > NET_TOLD_MAX) /* its last words could fill a disk */
		dup2(STDOUT_FILENO, STDERR_FILENO);
	says.err = channel_open(&k->child.channel, side, fds->memory, fds->hear[side],
				fds->ring[side]);
	if (says.err)
		why_set(&says.why, says.err, "net: %s", strerror(-says.err));
	else
		says.err = net_child_begin(&k->child, k->again, &says.why);
	if (write(life, &says, sizeof(says)) != sizeof(says) || says.err)
		_exit(1);
	net_child_run(&k->child);
}

static void close_channel(const struct channel_fds *fds)
{
	close(fds->memory);
	for (unsigned side = 0; side < CHANNEL_SIDES; side++) {
		close(fds->hear[side]);
		close(fds->ring[side]);
	}
}

static void reap(struct keeper *k)
{
	kill(k->pid, SIGKILL);
	while (waitpid(k->pid, &k->died_of, 0) < 0 && errno == EINTR)
		;
	close(k->life);
}

static _Noreturn void end(struct keeper *k)
{
	reap(k);
	_exit(0);
}

/* A child, and what it says when it is ready. 0 or a negative errno, and in says what else. */
static int start_child(struct keeper *k, struct channel_fds *fds, struct keeper_says *says)
{
	int life[2], err;

	if (pipe2(life, O_CLOEXEC) < 0)
		return -errno;
	k->children++;
	k->began = time(NULL);
	k->pid = fork();
	if (!k->pid) {
		close(life[0]);
		run_child(k, fds, life[1]);
	}
	err = k->pid < 0 ? -errno : 0;
	close(life[1]);
	k->life = life[0];
	if (err) {
		close(life[0]);
		return err;
	}
	if (read(k->life, says, sizeof(*says)) != sizeof(*says))
		says->err = -ECHILD;
	if (says->err)
		reap(k);
	return says->err;
}

/* Start one, and tell the VMM: if that has gone, this is the end. 0; or a negative errno, and for
 * the VMM in says why. */
static int bring_one(struct keeper *k, struct keeper_says *says)
{
	int died_of = k->died_of;
	struct channel_fds fds;
	int err = channel_make(&fds);

	if (!err) {
		err = start_child(k, &fds, says);
		says->pid = k->pid;
		says->died_of = died_of;
		if (!err && !tell(says, (int[]){ fds.memory, fds.hear[CHANNEL_VMM],
						 fds.ring[CHANNEL_VMM] }))
			end(k);
		close_channel(&fds);
	}
	if (err && !says->why.text[0])
		why_set(&says->why, err, "net: %s", strerror(-err));
	k->died_of = died_of;
	return says->err = err;
}

/* Wait until the child dies, or the VMM wants it dead. */
static void watch(struct keeper *k)
{
	struct pollfd p[] = { { .fd = k->life, .events = POLLIN },
			      { .fd = CONTROL, .events = POLLIN } };
	pid_t bad = 0;

	while (!p[0].revents && bad != k->pid) {
		if (poll(p, 2, -1) < 0 || !p[1].revents)
			continue;
		if (recv(CONTROL, &bad, sizeof(bad), MSG_DONTWAIT) == 0)
			end(k); /* the VMM has gone */
	}
	reap(k);
}

static void pause_after_death(struct keeper *k)
{
	struct pollfd control = { .fd = CONTROL }; /* only POLLHUP: the VMM has gone */
	bool by_others = WIFSIGNALED(k->died_of) && WTERMSIG(k->died_of) == SIGKILL;

	k->pause_ms = by_others || time(NULL) - k->began > 60
			      ? PAUSE_MS
			      : (unsigned)min_u64(2 * k->pause_ms, PAUSE_MAX_MS);
	if (poll(&control, 1, (int)k->pause_ms) > 0)
		_exit(0);
}

/* --- the keeper --- */

/* Nothing of the VMM's but where to say what is wrong. */
static void leave_the_vmm(int control)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	/* Of a terminal one can read what is typed, also by the descriptor of stderr. */
	int said = isatty(STDERR_FILENO) ? open("/proc/self/fd/2", O_WRONLY | O_NOCTTY | O_CLOEXEC)
					 : STDERR_FILENO;

	if (null < 0)
		_exit(1);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(said < 0 ? null : said, STDERR_FILENO);
	for (char **e = environ; *e; e++) /* who takes it over needs none of it */
		memset(*e, 0, strlen(*e));
	if (control != CONTROL)
		dup2(control, CONTROL);
	closefrom(CONTROL + 1);
	fcntl(CONTROL, F_SETFD, FD_CLOEXEC);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL); /* ignored, it would take the children's last words */
	signal(SIGINT, SIG_IGN);  /* the terminal sends it to us all; the VMM decides */
	signal(SIGQUIT, SIG_IGN);
	prctl(PR_SET_NAME, "vmm-net-keeper");
}

void net_keeper_run(int control, pid_t vmm, const struct net_plan *plan)
{
	struct keeper_says says = { .err = 0 };
	struct keeper k = { .pause_ms = PAUSE_MS };

	leave_the_vmm(control);
	die_with(vmm);
	says.err = net_child_prepare(&k.child, plan, &says.why);
	k.child.keeper = getpid();
	if (says.err || bring_one(&k, &says)) {
		if (says.err == -ENOSYS && todo_count())
			says.why.text[0] = '\0';
		tell(&says, NULL);
		_exit(1);
	}
	for (k.again = true;;) {
		watch(&k);
		do
			pause_after_death(&k);
		while (bring_one(&k, &says));
	}
}

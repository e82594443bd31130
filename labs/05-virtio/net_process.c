// SPDX-License-Identifier: MIT
#include "net_process.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net_keeper.h"

#define BURST 64 /* frames taken in one turn of the loop: others want theirs, too */

/* --- what the keeper says --- */

/* 1: it has said something; 0: nothing yet; -1: it has gone. */
static int hear(const struct net_process *p, struct keeper_says *says, int fd[KEEPER_FDS],
		int flags)
{
	struct iovec iov = { says, sizeof(*says) };
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(KEEPER_FDS * sizeof(int))];
	} control = { .room = { 0 } };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	ssize_t len = recvmsg(p->control, &msg, flags | MSG_CMSG_CLOEXEC);

	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (len != sizeof(*says) ||
	    (!says->err && control.header.cmsg_len != CMSG_LEN(KEEPER_FDS * sizeof(int))))
		return -1;
	if (!says->err)
		memcpy(fd, CMSG_DATA(&control.header), KEEPER_FDS * sizeof(int));
	return 1;
}

/* The new process's channel. */
static int open_channel(struct net_process *p, const struct keeper_says *says,
			const int fd[KEEPER_FDS])
{
	p->pid = says->pid;
	return channel_open(&p->channel, CHANNEL_VMM, fd[0], fd[1], fd[2]);
}

/* --- the link --- */

/* The process is dead, or we do not want it any more: the keeper shall bring another one. */
static void link_down(struct net_process *p)
{
	if (!p->channel.shared)
		return;
	for (unsigned i = 0; i < NET_COUNTS; i++)
		p->count[i] = net_process_count(p, i);
	channel_close(&p->channel);
	net_plug(p->net, NULL);
	if (write(p->control, &p->pid, sizeof(p->pid)) < 0)
		return; /* the keeper has gone, too: we will hear of that */
}

/* It has written what nobody writes who plays by the rules. */
static void give_up(struct net_process *p)
{
	if (p->deaths < NET_TOLD_MAX)
		fprintf(stderr, "vmm: net: the network's process breaks the rules of its ring: it "
				"is given up\n");
	p->given_up = true;
	link_down(p);
}

static void tell_death(const struct net_process *p, int status)
{
	const char *of = WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "it has left";

	if (!p->given_up && p->deaths < NET_TOLD_MAX)
		fprintf(stderr,
			"vmm: net: the network's process has died (%s): the link was down until "
			"now\n",
			of);
}

static void link_up(struct net_process *p, const struct keeper_says *says, const int fd[KEEPER_FDS])
{
	link_down(p); /* we may not have heard yet that the last one is dead */
	tell_death(p, says->died_of);
	p->given_up = false;
	p->deaths++;
	if (open_channel(p, says, fd) == 0)
		net_plug(p->net, &p->backend);
	else if (write(p->control, &p->pid, sizeof(p->pid)) < 0) /* then another one */
		return; /* the keeper has gone: we will hear of that */
}

static void lose_keeper(struct net_process *p)
{
	fprintf(stderr, "vmm: net: the keeper of the network's process has died: the link stays "
			"down\n");
	link_down(p);
	close(p->control);
	p->control = -1;
}

/* --- frames --- */

static void send_frame(struct net_backend *b, const void *frame, size_t len)
{
	struct net_process *p = container_of(b, struct net_process, backend);

	if (!channel_send_patiently(&p->channel, frame, len))
		p->lost++;
}

static void receive_frames(struct net_process *p)
{
	u8 frame[NET_FRAME_MAX];
	int len = 0;

	for (unsigned i = 0; i < BURST && (len = channel_take(&p->channel, frame)) > 0; i++)
		net_receive(p->net, frame, (size_t)len);
	if (len < 0)
		give_up(p);
}

static void fds(struct source *s, struct pollset *ps)
{
	struct net_process *p = container_of(s, struct net_process, source);

	if (p->control >= 0)
		pollset_add(ps, p->control, POLLIN);
	if (!p->channel.shared)
		return;
	pollset_add(ps, p->channel.hear, POLLIN);
	if (!channel_sleep(&p->channel))
		ps->timeout_ms = 0;
}

static void ready(struct source *s, struct pollset *ps)
{
	struct net_process *p = container_of(s, struct net_process, source);
	struct keeper_says says = { .err = 0 };
	int fd[KEEPER_FDS], heard = 0;

	if (p->channel.shared && pollset_revents(ps, p->channel.hear) &&
	    !channel_hush(&p->channel)) {
		receive_frames(p); /* its last ones */
		link_down(p);
	}
	if (p->channel.shared)
		receive_frames(p);
	if (p->control >= 0 && pollset_revents(ps, p->control))
		heard = hear(p, &says, fd, MSG_DONTWAIT);
	if (heard > 0 && !says.err)
		link_up(p, &says, fd);
	else if (heard < 0)
		lose_keeper(p);
}

/* --- begin and end --- */

/* The first process is there, or cannot be. */
static int wait_for_first(struct net_process *p, struct why *why)
{
	struct keeper_says says = { .err = 0 };
	int fd[KEEPER_FDS], heard;

	while ((heard = hear(p, &says, fd, 0)) == 0)
		;
	if (heard < 0)
		return why_set(why, -ECHILD, "net: its process has died at once");
	if (says.err) {
		*why = says.why;
		return says.err;
	}
	says.err = open_channel(p, &says, fd);
	return says.err ? why_set(why, says.err, "net: %s", strerror(-says.err)) : 0;
}

int net_process_start(struct net_process *p, const struct net_plan *plan, struct why *why)
{
	pid_t self = getpid();
	int pair[2], err;

	*p = (struct net_process){
		.backend.send = send_frame,
		.source = { .fds = fds, .ready = ready },
		.control = -1,
	};
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return why_set(why, -errno, "net: %s", strerror(errno));
	p->keeper = fork();
	if (!p->keeper) {
		close(pair[0]);
		net_keeper_run(pair[1], self, plan);
	}
	err = p->keeper < 0 ? why_set(why, -errno, "net: %s", strerror(errno)) : 0;
	close(pair[1]);
	p->control = pair[0];
	if (!err)
		err = wait_for_first(p, why);
	if (err)
		net_process_stop(p);
	return err;
}

int net_process_connect(struct net_process *p, struct net *net, struct loop *loop)
{
	p->net = net;
	net_plug(net, &p->backend);
	return loop_add(loop, &p->source);
}

u64 net_process_count(const struct net_process *p, unsigned which)
{
	const u64 *now = p->channel.shared ? p->channel.shared->count : NULL;

	return p->count[which] + (now ? __atomic_load_n(&now[which], __ATOMIC_RELAXED) : 0);
}

void net_process_stop(struct net_process *p)
{
	if (!p->keeper)
		return;
	if (p->channel.shared)
		channel_finish(&p->channel);
	channel_close(&p->channel);
	if (p->control >= 0)
		close(p->control); /* by which the keeper ends, and its child before it */
	if (p->keeper > 0)
		while (waitpid(p->keeper, NULL, 0) < 0 && errno == EINTR)
			;
	*p = (struct net_process){ .control = -1 };
}

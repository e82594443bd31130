// SPDX-License-Identifier: MIT
#include "net_child.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "confine.h"

#define BURST 64 /* frames taken in one turn of the loop: libslirp's sockets want theirs, too */

_Static_assert(NET_COUNTS <= CHANNEL_COUNTS, "there is a place for each counter");

/* --- frames --- */

static void show_counts(struct net_child *child)
{
	u64 *shown = child->channel.shared->count;

	for (unsigned kind = 0; kind < FRAME_KINDS; kind++)
		__atomic_store_n(&shown[kind], child->slirp.filtered[kind], __ATOMIC_RELAXED);
	__atomic_store_n(&shown[NET_COUNT_STARTED_OVER], child->slirp.started_over,
			 __ATOMIC_RELAXED);
	__atomic_store_n(&shown[NET_COUNT_LOST], child->lost, __ATOMIC_RELAXED);
}

/* net_receive(), here: the card itself is in the VMM. */
static void hand_on(struct net *net, const void *frame, size_t len)
{
	struct net_child *child = container_of(net, struct net_child, net);

	show_counts(child); /* with what this frame brings, the run may end */
	if (len < NET_FRAME_MIN || len > NET_FRAME_MAX || !channel_put(&child->channel, frame, len))
		child->lost++;
}

static void fds(struct source *s, struct pollset *p)
{
	struct net_child *child = container_of(s, struct net_child, source);

	channel_ring(&child->channel); /* for all that this turn has brought */
	pollset_add(p, child->channel.hear, POLLIN);
	if (!channel_sleep(&child->channel))
		p->timeout_ms = 0;
}

static void ready(struct source *s, struct pollset *p)
{
	struct net_child *child = container_of(s, struct net_child, source);
	struct net_backend *backend = child->net.backend;
	bool over = pollset_revents(p, child->channel.hear) && !channel_hush(&child->channel);
	u8 frame[NET_FRAME_MAX];
	int len = 0;

	/* When the VMM has gone, what it has sent before is still to be sent: a guest's last word.
	 */
	for (unsigned i = 0;
	     (i < BURST || over) && (len = channel_take(&child->channel, frame)) > 0; i++)
		backend->send(backend, frame, (size_t)len);
	if (over || len < 0)
		_exit(len < 0);
	show_counts(child);
}

/* --- the process --- */

int net_child_prepare(struct net_child *child, const struct net_plan *plan, struct why *why)
{
	int err;

	*child = (struct net_child){
		.plan = plan,
		.net.hand_on = hand_on,
		.source = { .fds = fds, .ready = ready },
		.lock = PTHREAD_MUTEX_INITIALIZER,
	};
	if (!plan->tap)
		return 0;
	err = net_tap_init(&child->tap, &child->net, NULL, plan->tap);
	return err ? why_set(why, err, "net: %.40s: %s", plan->tap, strerror(-err)) : 0;
}

/* libslirp, and the ports of the host that lead to it. */
static int begin_slirp(struct net_child *child, bool again, struct why *why)
{
	const struct net_plan *plan = child->plan;
	/* No loop: that is for a thread that sleeps while another one sends. */
	int err = net_slirp_init(&child->slirp, &child->net, NULL, plan->isolated);

	if (err)
		return why_set(why, err, "net: user: %s", strerror(-err));
	for (unsigned i = 0; i < plan->nforwards; i++) {
		const struct net_forward *f = &plan->forward[i];

		err = net_slirp_forward(&child->slirp, f);
		if (err && !again)
			return net_forward_refused(f, err, why);
		if (err)
			fprintf(stderr, "vmm: net: hostfwd: port %u is lost: %s\n", f->host_port,
				strerror(-err));
	}
	return 0;
}

/* What the process is made of. The ports of hostfwd= are the host's, and need the host's network.
 */
static unsigned parts_of(const struct net_plan *plan)
{
	if (plan->tap)
		return CONFINE_ANY; /* it is open */
	if (!plan->isolated)
		return CONFINE_ANY | CONFINE_SOCKETS | CONFINE_RESOLVER;
	return CONFINE_ANY | CONFINE_LIBSLIRP | (plan->nforwards ? CONFINE_SOCKETS : 0);
}

void die_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
}

int net_child_confine(const struct net_child *child, struct why *why)
{
	const struct options *opt = child->plan->opt;
	unsigned parts = parts_of(child->plan);
	int err = confine_process(opt, parts, why);

	die_with(child->keeper);
	prctl(PR_SET_NAME, "vmm-net");
	return err ? err : confine_calls(opt, parts, why);
}

int net_child_begin(struct net_child *child, bool again, struct why *why)
{
	struct source *backend = child->plan->tap ? &child->tap.source : &child->slirp.source;
	int err = loop_init(&child->loop, &child->lock);

	if (!err)
		err = loop_add(&child->loop, &child->source);
	if (err)
		return why_set(why, err, "net: %s", strerror(-err));
	err = child->plan->tap ? 0 : begin_slirp(child, again, why);
	if (err)
		return err;
	if ((err = loop_add(&child->loop, backend)))
		return why_set(why, err, "net: %s", strerror(-err));
	return net_child_confine(child, why);
}

void net_child_run(struct net_child *child)
{
	for (;;)
		loop_run(&child->loop);
}

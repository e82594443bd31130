// SPDX-License-Identifier: MIT
/* Task 5.9, from outside: a network card with a network behind it. */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "echo.h"

static struct outcome run_net(const char *guest, const char *irqchip, const char *notify)
{
	return run_vmm(&(struct vmm_run){
		.guest = guest, .args = { "--device=net,user", "--timeout=10", irqchip, notify } });
}

static void ping(const char *irqchip, const char *notify)
{
	struct outcome o = run_net("05/net-ping", irqchip, notify);
	char text[160];

	snprintf(text, sizeof(text),
		 "card 525400123456\ndhcp offers 0a00020f\nrouter 52550a000202\nping %s",
		 nonce_text(&o));
	CONTEXT("%s %s: a request by DHCP, one by ARP, one by ICMP with a number in it", irqchip,
		notify);
	EXPECT_STR(o.out, text);
	EXPECT_U64(o.status, 0);
}

TEST("5.9", there_and_back, 2)
{
	ping("--irqchip=user", "--notify=exit");
	ping("--irqchip=kernel", "--notify=exit");
}

static void expect_hostile_net(const struct outcome *o)
{
	CONTEXT("frames that are none come back unsent, a buffer that is too small comes back "
		"empty, and the card works on");
	EXPECT_STR(o->out, "row 42: 5 bytes of header, length 00000000\n"
			   "row 42: header without a frame, length 00000000\n"
			   "row 42: 13 bytes of frame, length 00000000\n"
			   "row 42: 1519 bytes of frame, length 00000000\n"
			   "row 42: a frame of 1 MiB, length 00000000\n"
			   "row 42: segmentation wanted, length 00000000\n"
			   "row 42: a checksum wanted, length 00000000\n"
			   "row 42: not readable, length 00000000\n"
			   "row 43: room for 20 bytes: back 1, length 00000000\n"
			   "afterwards the router is 52550a000202\n");
	EXPECT_U64(o->status, 0);
}

TEST("5.9", rows_42_and_43_frames_that_are_none, 2)
{
	struct outcome o = run_net("05/hostile-net", NULL, NULL);

	expect_hostile_net(&o);
}

TEST("-", net_with_notify_by_eventfd, 0)
{
	struct outcome o = run_net("05/net-ping", NULL, "--notify=eventfd");

	if (strstr(o.err, "is not done yet"))
		SKIP("tasks 5.8 and 5.9 come first");
	ping("--irqchip=user", "--notify=eventfd");
	ping("--irqchip=kernel", "--notify=eventfd");
	o = run_net("05/hostile-net", "--irqchip=kernel", "--notify=eventfd");
	CONTEXT("a device of its own pace: only what it ends with counts");
	EXPECT_CONTAINS(o.out, "afterwards the router is 52550a000202\n");
	EXPECT_U64(o.status, 0);
}

TEST("-", net_isolated, 0)
{
	struct outcome o = run_vmm(&(struct vmm_run){
		.guest = "05/net-ping", .args = { "--device=net,user,isolated", "--timeout=10" } });

	if (strstr(o.err, "is not done yet"))
		SKIP("task 5.9 comes first");
	CONTEXT("isolated from the host, not from the router");
	EXPECT_CONTAINS(o.out, "router 52550a000202\n");
}

TEST("-", each_card_has_an_address_of_its_own, 0)
{
	struct outcome o = run_guest("05/net-cards", "--device=net", "--device=net,user",
				     "--device=net,mac=02:00:00:00:00:01", "--device=net");

	if (strstr(o.err, "is not done yet"))
		SKIP("task 5.1 comes first");
	CONTEXT("four cards, of which one was given an address");
	EXPECT_STR(o.out, "card 525400123456\ncard 525400123457\ncard 020000000001\n"
			  "card 525400123458\n");
	EXPECT_U64(o.status, 0);
}

/* --- hostfwd= --- */

struct caller {
	int fd;
	pthread_t thread;
	bool over;
	char text[32], back[32];
};

/* Who does not get an answer calls again: the guest may not be there yet. */
static void *call_on(void *arg)
{
	struct caller *c = arg;

	while (!__atomic_load_n(&c->over, __ATOMIC_RELAXED) &&
	       recv(c->fd, c->back, sizeof(c->back) - 1, 0) <= 0)
		send(c->fd, c->text, strlen(c->text), 0);
	return NULL;
}

/* A socket that calls this port of the host, which is free so far. */
static u16 find_port(struct caller *c)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	socklen_t len = sizeof(to);
	u16 port;

	close(echo_socket(LOOPBACK, &port));
	c->fd = echo_socket(LOOPBACK, &(u16){ 0 });
	to.sin_addr.s_addr = htonl(LOOPBACK);
	to.sin_port = htons(port);
	if (connect(c->fd, (struct sockaddr *)&to, len))
		test_error("no socket");
	return port;
}

static void call_the_guest(const char *irqchip, const char *notify)
{
	struct caller c = { .over = false };
	u16 port = find_port(&c);
	struct outcome o;

	snprintf(c.text, sizeof(c.text), "%016llx", (unsigned long long)nonce_random());
	if (pthread_create(&c.thread, NULL, call_on, &c))
		test_error("no thread");
	o = run_guest("05/net-called",
		      test_text("--device=net,user,hostfwd=udp:127.0.0.1:%u-:9", port),
		      "--timeout=10", irqchip, notify);
	__atomic_store_n(&c.over, true, __ATOMIC_RELAXED);
	pthread_join(c.thread, NULL);
	close(c.fd);
	CONTEXT("%s %s: a datagram to port %u of the host reaches the guest, and it answers",
		irqchip, notify, port);
	EXPECT_STR(o.out, test_text("waiting\n%s\n", c.text));
	EXPECT_STR(c.back, c.text);
	EXPECT_U64(o.status, 0);
}

TEST("-", somebody_calls_the_guest, 0, .seconds = 0.5)
{
	const char *why = network_loopback();
	struct outcome o = run_net("05/net-ping", NULL, "--notify=eventfd");

	if (strstr(o.err, "is not done yet"))
		SKIP("tasks 5.8 and 5.9 come first");
	if (why)
		SKIP("%s", why);
	call_the_guest("--irqchip=user", "--notify=exit");
	call_the_guest("--irqchip=kernel", "--notify=eventfd");
}

/* --- the network's process dies --- */

/* Of a process: its name, its parent, how many threads it has (proc(5)). False: it has gone. */
struct process {
	char name[32];
	int parent, threads;
};

static bool look_at(int pid, struct process *p)
{
	FILE *f = fopen(test_text("/proc/%d/stat", pid), "re");
	bool found = f && fscanf(f,
				 "%*d (%31[^)]) %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u "
				 "%*u %*d %*d %*d %*d %d",
				 p->name, &p->parent, &p->threads) == 3;

	if (f)
		fclose(f);
	return found;
}

/*
 * The network of a VMM that we have started; 0: none is there, or that VMM does not yet run. A VMM
 * makes its threads when it has heard that the network is ready; neither the network nor who keeps
 * it has a second one.
 */
static int find_network(void)
{
	DIR *proc = opendir("/proc");
	struct process p;
	int found = 0;

	if (!proc)
		return 0;
	for (struct dirent *d; !found && (d = readdir(proc));) {
		int pid = atoi(d->d_name), up;
		bool runs = false;

		if (!pid || !look_at(pid, &p) || strcmp(p.name, "vmm-net") != 0)
			continue;
		for (up = p.parent; up > 1 && up != getpid() && look_at(up, &p); up = p.parent)
			runs |= p.threads > 1;
		found = up == getpid() && runs ? pid : 0;
	}
	closedir(proc);
	return found;
}

/* Nobody calls before the network has died. */
static void *kill_and_call(void *arg)
{
	struct caller *c = arg;
	int pid = 0;

	while (!__atomic_load_n(&c->over, __ATOMIC_RELAXED) && !(pid = find_network()))
		usleep(1000);
	if (pid)
		kill(pid, SIGKILL);
	return call_on(arg);
}

TEST("-", the_network_dies_and_comes_again, 0, .seconds = 0.5)
{
	const char *why = network_loopback();
	struct outcome o = run_net("05/net-ping", NULL, NULL);
	struct caller c = { .over = false };
	u16 port;

	if (strstr(o.err, "is not done yet"))
		SKIP("task 5.9 comes first");
	if (why)
		SKIP("%s", why);
	port = find_port(&c);
	snprintf(c.text, sizeof(c.text), "%016llx", (unsigned long long)nonce_random());
	if (pthread_create(&c.thread, NULL, kill_and_call, &c))
		test_error("no thread");
	o = run_guest("05/net-called",
		      test_text("--device=net,user,hostfwd=udp:127.0.0.1:%u-:9", port), "--stats",
		      "--timeout=10");
	__atomic_store_n(&c.over, true, __ATOMIC_RELAXED);
	pthread_join(c.thread, NULL);
	close(c.fd);
	CONTEXT("its process is killed; then somebody calls port %u", port);
	EXPECT_STR(o.out, test_text("waiting\n%s\n", c.text));
	EXPECT_STR(c.back, c.text);
	EXPECT_U64(o.status, 0);
	CONTEXT("one line, and the count");
	EXPECT_CONTAINS(o.err, "vmm: net: the network's process has died (Killed): the link was "
			       "down until now\n");
	EXPECT_CONTAINS(o.err, "  net: the network's process has died 1 times\n");
}

/* Packets that libslirp must not see: the VMM lives, says how many there were, and the card works
 * on. */
TEST("-", packets_for_libslirp_s_holes, 0, .seconds = 0.4)
{
	static const char *const device[] = { "--device=net,user", "--device=net,user,isolated" };
	static const char *const notify[] = { "--notify=exit", "--notify=eventfd" };

	for (unsigned i = 0; i < ARRAY_SIZE(device) * ARRAY_SIZE(notify); i++) {
		struct outcome o = run_guest("05/hostile-packets", device[i / 2], notify[i % 2],
					     "--stats", "--timeout=10");

		if (strstr(o.err, "is not done yet"))
			SKIP("tasks 5.8 and 5.9 come first");
		CONTEXT("%s %s", device[i / 2], notify[i % 2]);
		EXPECT_STR(o.out, "the last fragment comes first\na first fragment\nurgent data\n"
				  "a datagram shorter than its packet\noptions beyond the segment\n"
				  "a fragment with a VLAN tag\na fragment of IPv6\n"
				  "afterwards the router is 52550a000202\n");
		EXPECT_U64(o.status, 0);
		EXPECT_CONTAINS(o.err,
				"  net: kept from libslirp: fragments 2, urgent 1, malformed 2, "
				"foreign 2\n");
	}
	CONTEXT("nothing is said where nothing was kept back");
	EXPECT_TRUE(
		!strstr(run_guest("05/net-ping", "--device=net,user", "--stats").err, "kept from"));
}

// SPDX-License-Identifier: MIT
/* The network's own process (given): when the VMM ends, so does it; and what it has and has not. */
#include <errno.h>
#include <poll.h>
#include <seccomp.h>
#include <sys/wait.h>

#include "../common/capture.h"
#include "devices.h"
#include "net_rig.h"
#include "network.h"
#include "proc.h"
#include "todo.h"

/* --- the end --- */

/* A VMM whose standard error is `to`: its keeper and its network have that open, too, until they
 * end. It says who they are. */
static pid_t start_vmm(int to, pid_t pids[2])
{
	int said[2];
	pid_t vmm;

	if (pipe(said))
		test_error("no pipe");
	vmm = fork();
	if (!vmm) {
		struct rig *r;

		dup2(to, 2);
		close(to);
		r = begin(NET_F_MAC);
		pids[0] = r->process.keeper;
		pids[1] = r->process.pid;
		if (write(said[1], pids, 2 * sizeof(*pids)) < 0)
			_exit(1);
		pause();
		_exit(0);
	}
	close(said[1]);
	if (read(said[0], pids, 2 * sizeof(*pids)) != 2 * sizeof(*pids))
		test_error("no process");
	close(said[0]);
	return vmm;
}

static void expect_all_gone(int signal, bool still, unsigned whom)
{
	static const char *const name[] = { "the VMM", "its keeper" };
	struct pollfd p;
	pid_t pids[2], vmm;
	int ends[2];

	if (pipe(ends))
		test_error("no pipe");
	vmm = start_vmm(ends[1], pids);
	close(ends[1]);
	if (still)
		kill(pids[1], SIGSTOP);
	if (whom == 1) /* then the VMM does not see it */
		kill(vmm, SIGSTOP);
	kill(whom ? pids[0] : vmm, signal);
	if (whom == 1)
		kill(vmm, SIGKILL);
	CONTEXT("%s has ended by signal %d%s: who still holds its standard error?", name[whom],
		signal, still ? ", while the network stood still" : "");
	p = (struct pollfd){ .fd = ends[0] };
	EXPECT_TRUE(poll(&p, 1, 5000) == 1 && (p.revents & POLLHUP));
	waitpid(vmm, NULL, 0);
	close(ends[0]);
}

TEST("-", all_end_with_the_vmm, 0, .seconds = 0.3)
{
	expect_all_gone(SIGTERM, false, 0);
	expect_all_gone(SIGKILL, false, 0);
	expect_all_gone(SIGKILL, true, 0);
	expect_all_gone(SIGKILL, false, 1);
	expect_all_gone(SIGKILL, true, 1);
}

TEST("-", a_keeper_that_dies_is_told, 0, .seconds = 0.2)
{
	struct rig *r = begin(NET_F_MAC | NET_F_STATUS);
	struct capture said;

	if (undone(r))
		SKIP("task 5.9 comes first");
	said = capture_begin(2);
	kill(r->process.keeper, SIGKILL);
	wait_for_link(r, 0, 0);
	for (unsigned i = 0; i < 1000 && r->process.control >= 0; i++)
		usleep(1000);
	for (unsigned i = 0; i < 100; i++)
		ask(r);
	expect_whole(r);
	end(r);
	EXPECT_STR(capture_end(&said), "vmm: net: the keeper of the network's process has died: "
				       "the link stays down\n");
}

/* Its process dies of a fault again and again, and each time the keeper waits twice as long. */
TEST("-", the_end_waits_for_no_pause, 0, .seconds = 2)
{
	struct rig *r = begin(NET_F_MAC | NET_F_STATUS);
	double from;

	for (unsigned deaths = 1; deaths <= 6; deaths++) {
		kill(r->process.pid, SIGTERM);
		wait_for_link(r, deaths, NET_S_LINK_UP);
	}
	kill(r->process.pid, SIGTERM);
	wait_for_link(r, 6, 0);
	from = proc_now();
	end(r);
	CONTEXT("the VMM ends while the keeper waits 1280 ms before it starts the next one");
	EXPECT_TRUE(proc_now() - from < 0.9, "that took %.3f s", proc_now() - from);
}

/* --- what it has, and what not --- */

TEST("-", a_plan_that_does_not_work, 0)
{
	struct net_plan plan = { .tap = "a-name-that-is-too-long", .opt = &opt };
	struct net_process p;
	struct why why = { "" };

	signal(SIGPIPE, SIG_IGN);
	EXPECT_TRUE(net_process_start(&p, &plan, &why) < 0);
	CONTEXT("said by the keeper: %s", why.text);
	EXPECT_CONTAINS(why.text, "net: a-name-that-is-too-long: ");
	net_process_stop(&p);
}

/* ENOSYS is also what TODO() answers; but that has spoken for itself. */
TEST("-", a_call_that_the_host_does_not_know, 0)
{
	const struct options net = { .devices = { .text = { "net,user,isolated" }, .count = 1 } };
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	struct devices d = { .ncards = 0 };
	struct capture said;
	int status;

	if (!filter ||
	    seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(memfd_create), 0) ||
	    seccomp_load(filter))
		SKIP("seccomp is not to be had here");
	seccomp_release(filter);
	said = capture_begin(2);
	status = devices_prepare(&d, &net);
	devices_destroy(&d);
	CONTEXT("memfd_create() fails with ENOSYS");
	EXPECT_STR(capture_end(&said), "vmm: --device: net: Function not implemented\n");
	EXPECT_U64(status, 1);
	CONTEXT("it fails so because a task is not done, which has been said");
	todo_note("5.11");
	said = capture_begin(2);
	status = devices_prepare(&d, &net);
	devices_destroy(&d);
	EXPECT_STR(capture_end(&said), "");
	EXPECT_U64(status, 1);
}

/* The host itself is at the other end: 10.0.2.2 is the interface, as long as there is one. */
TEST("-", a_tap_outlives_its_process, 0, .seconds = 0.5)
{
	const struct net_plan plan = { .tap = "vmmlab0", .opt = &opt };
	const char *none = network_own();
	struct why why = { "" };
	struct rig *r = none ? NULL : begin_plan(&plan, NET_F_MAC | NET_F_STATUS, &why);

	if (!r)
		SKIP("%s", none ? none : why.text);
	network_up("vmmlab0", 0x0a000202);
	for (unsigned life = 0; life < 3; life++) {
		u32 before = answers(r);

		/* For a moment after it has been brought up, an interface drops what is sent. */
		for (unsigned i = 0; i < 200 && answers(r) == before; i++) {
			ask(r);
			usleep(5000);
		}
		CONTEXT("the kernel says who has 10.0.2.2, to process number %u", life + 1);
		EXPECT_TRUE(answers(r) > before, "no answer");
		lock(r);
		kill(r->process.pid, SIGKILL);
		unlock(r);
		wait_for_link(r, life + 1, NET_S_LINK_UP);
	}
	expect_whole(r);
	end(r);
}

/* Each descriptor of a process, as /proc has it; 0: it cannot be read. */
static unsigned descriptors(pid_t pid, const char *without)
{
	unsigned n = 0;

	for (int fd = 3; fd < 256; fd++) {
		char path[64], to[256];
		ssize_t len;

		snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid, fd);
		len = readlink(path, to, sizeof(to) - 1);
		if (len < 0)
			continue;
		to[len] = 0;
		n++;
		EXPECT_TRUE(!strstr(to, without), "descriptor %d is %s", fd, to);
	}
	return n;
}

TEST("-", it_inherits_nothing, 0, .seconds = 0.1)
{
	const char *path = test_tmpfile("kvm");
	int left_open[3];
	struct rig *r;

	for (unsigned i = 0; i < ARRAY_SIZE(left_open); i++)
		left_open[i] = open(path, O_RDWR | O_CREAT, 0600);
	r = begin(NET_F_MAC);
	CONTEXT("a file that the VMM has open, for its keeper and for the network");
	EXPECT_TRUE(descriptors(r->process.keeper, path) > 0, "nothing to be seen");
	EXPECT_TRUE(descriptors(r->process.pid, path) > 0 || geteuid() != 0, "nothing to be seen");
	end(r);
	for (unsigned i = 0; i < ARRAY_SIZE(left_open); i++)
		close(left_open[i]);
}

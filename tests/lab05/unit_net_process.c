// SPDX-License-Identifier: MIT
/* The network's own process (given): it dies, it breaks rules, and the VMM lives on. */
#include <dirent.h>
#include <errno.h>
#include <time.h>

#include "../common/capture.h"
#include "net_rig.h"

TEST("-", a_process_answers, 0, .seconds = 0.1)
{
	struct rig *r = begin(NET_F_MAC | NET_F_STATUS);

	if (undone(r))
		SKIP("task 5.9 comes first");
	for (unsigned i = 0; i < 300; i++) {
		CONTEXT("the %u. time somebody asks who has 10.0.2.2", i + 1);
		expect_answer(r);
	}
	EXPECT_BYTES_AS("its sender, at byte 28 of the frame received,", r->d.ram + ROOM + 12 + 28,
			"\x0a\x00\x02\x02", 4);
	EXPECT_U64(r->process.lost, 0);
	EXPECT_U64(net_process_count(&r->process, FRAME_PASSES), 301);
	EXPECT_U64(link_status(r), NET_S_LINK_UP);
	end(r);
}

/* --- what it has --- */

/* A line of /proc/PID/status begins with this. */
static bool has_status(pid_t pid, const char *line)
{
	FILE *f = fopen(test_text("/proc/%d/status", pid), "re");
	char text[200];
	bool found = false;

	while (f && !found && fgets(text, sizeof(text), f))
		found = !strncmp(text, line, strlen(line));
	if (f)
		fclose(f);
	return found;
}

/* All that is open in it, but for stderr, is pipes and what it waits by. */
static void expect_no_files(pid_t pid)
{
	static const char *const may[] = { "pipe:", "anon_inode:", "/dev/null" };
	DIR *dir = opendir(test_text("/proc/%d/fd", pid));

	if (!dir)
		test_error("/proc: %s", strerror(errno));
	for (struct dirent *d; (d = readdir(dir));) {
		char to[300] = "";
		bool known = d->d_name[0] == '.' || !strcmp(d->d_name, "2");

		if (readlinkat(dirfd(dir), d->d_name, to, sizeof(to) - 1) < 0)
			continue;
		for (unsigned i = 0; i < ARRAY_SIZE(may); i++)
			known |= !strncmp(to, may[i], strlen(may[i]));
		EXPECT_TRUE(known, "descriptor %s is %s", d->d_name, to);
	}
	closedir(dir);
}

/* Has this process a namespace that is not ours? */
static bool has_own(pid_t pid, const char *what)
{
	char ours[60] = "", theirs[60] = "";

	if (readlink(test_text("/proc/self/ns/%s", what), ours, sizeof(ours) - 1) < 0 ||
	    readlink(test_text("/proc/%d/ns/%s", pid, what), theirs, sizeof(theirs) - 1) < 0)
		test_error("/proc: %s", strerror(errno));
	return strcmp(ours, theirs) != 0;
}

/* How many rings are mapped in it. */
static unsigned rings(pid_t pid)
{
	FILE *f = fopen(test_text("/proc/%d/maps", pid), "re");
	char line[300];
	unsigned n = 0;

	while (f && fgets(line, sizeof(line), f))
		n += strstr(line, "memfd:frames") != NULL;
	if (f)
		fclose(f);
	return n;
}

TEST("-", two_networks_have_a_ring_each, 0)
{
	struct rig *one = begin(NET_F_MAC), *two = begin(NET_F_MAC);

	EXPECT_U64(rings(one->process.pid), 1);
	CONTEXT("the second card's process, forked when the VMM had the first one's ring");
	EXPECT_U64(rings(two->process.pid), 1);
	end(two);
	end(one);
}

TEST("-", it_has_packets_and_nothing_else, 0)
{
	struct rig *r = begin(NET_F_MAC);

#ifdef SANITIZED
	SKIP("no sandbox in a build with a sanitizer");
#endif
	CONTEXT("the network's process, isolated");
	EXPECT_TRUE(has_status(r->process.pid, "NoNewPrivs:\t1"));
	EXPECT_TRUE(has_status(r->process.pid, "CapEff:\t0000000000000000"));
	EXPECT_TRUE(has_status(r->process.pid, "CapPrm:\t0000000000000000"));
	EXPECT_TRUE(has_status(r->process.pid, "Seccomp:\t2"));
	expect_no_files(r->process.pid);
	if (!has_own(r->process.pid, "ipc"))
		SKIP("no namespaces can be had here");
	EXPECT_TRUE(has_own(r->process.pid, "net"), "it sees the host's network");
	end(r);
}

/* --- it dies --- */

static u64 now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (u64)t.tv_sec * 1000000 + (u64)t.tv_nsec / 1000;
}

TEST("-", killed_at_a_hundred_moments, 0, .seconds = 4.0)
{
	struct rig *r = begin(NET_F_MAC | NET_F_STATUS);
	struct capture said;
	unsigned lines = 0;

	if (undone(r))
		SKIP("task 5.9 comes first");
	said = capture_begin(2);
	for (unsigned deaths = 1; deaths <= 100; deaths++) {
		u64 moment = now_us() + nonce_random() % 3000;

		CONTEXT("its %u. death, while frames go there and back", deaths);
		while (now_us() < moment)
			ask(r);
		lock(r);
		EXPECT_ERR(kill(r->process.pid, SIGKILL), 0);
		unlock(r);
		for (unsigned i = 0; i < 50; i++)
			ask(r);
		wait_for_link(r, deaths, NET_S_LINK_UP);
		expect_answer(r);
	}
	expect_whole(r);
	end(r);
	for (const char *text = capture_end(&said); (text = strstr(text, "has died (Killed)"));
	     text++)
		lines++;
	CONTEXT("of a hundred deaths, the first ones are told of");
	EXPECT_U64(lines, NET_TOLD_MAX);
}

/* While the keeper stands still, nobody brings a new one. */
static void expect_link_down(u64 features, u8 interrupt)
{
	struct rig *r = begin(features);
	u32 generation = r->net.virtio.state.generation;

	if (undone(r))
		SKIP("task 5.9 comes first");
	expect_answer(r);
	kill(r->process.keeper, SIGSTOP);
	lock(r);
	r->net.virtio.state.interrupt = 0;
	kill(r->process.pid, SIGKILL);
	unlock(r);
	CONTEXT("the process is dead%s", interrupt ? "" : ", and the driver knows no STATUS");
	wait_for_link(r, 0, 0);
	EXPECT_U64(r->net.virtio.state.interrupt & VIRTIO_INT_CONFIG, interrupt);
	EXPECT_U64(r->net.virtio.state.generation, generation + 1);
	r->net.tx_dropped = 0;
	ask(r);
	EXPECT_U64(r->net.tx_dropped, 1);
	expect_whole(r);
	CONTEXT("there is another one%s", interrupt ? "" : ", and the driver knows no STATUS");
	lock(r);
	r->net.virtio.state.interrupt = 0;
	unlock(r);
	kill(r->process.keeper, SIGCONT);
	wait_for_link(r, 1, NET_S_LINK_UP);
	EXPECT_U64(r->net.virtio.state.interrupt & VIRTIO_INT_CONFIG, interrupt);
	EXPECT_U64(r->net.virtio.state.generation, generation + 2);
	expect_answer(r);
	end(r);
}

TEST("-", the_link_is_down_and_up_again, 0, .seconds = 0.2)
{
	expect_link_down(NET_F_MAC | NET_F_STATUS, VIRTIO_INT_CONFIG);
	expect_link_down(NET_F_MAC, 0);
}

TEST("-", counters_outlive_a_process, 0, .seconds = 0.2)
{
	struct rig *r = begin(NET_F_MAC | NET_F_STATUS);

	if (undone(r))
		SKIP("task 5.9 comes first");
	for (unsigned i = 0; i < 9; i++)
		expect_answer(r);
	EXPECT_U64(net_process_count(&r->process, FRAME_PASSES), 10);
	lock(r);
	kill(r->process.pid, SIGKILL);
	unlock(r);
	wait_for_link(r, 1, NET_S_LINK_UP);
	expect_answer(r);
	EXPECT_U64(net_process_count(&r->process, FRAME_PASSES), 11);
	end(r);
}

/* --- it breaks the rules: what it can write to, we can --- */

static void put_too_far(struct channel_memory *shared)
{
	__atomic_store_n(&shared->to[CHANNEL_VMM].put, 0x12345678, __ATOMIC_RELAXED);
}

static void too_long(struct channel_memory *shared)
{
	struct ring *ring = &shared->to[CHANNEL_VMM];
	u32 put = __atomic_load_n(&ring->put, __ATOMIC_RELAXED);

	__atomic_store_n(&ring->slot[put % CHANNEL_SLOTS].len, 0x10000, __ATOMIC_RELAXED);
	__atomic_store_n(&ring->put, put + 1, __ATOMIC_RELAXED);
}

TEST("-", who_breaks_the_rules_is_given_up, 0, .seconds = 0.2)
{
	void (*const broken[])(struct channel_memory * shared) = { put_too_far, too_long };
	struct rig *r = begin(NET_F_MAC | NET_F_STATUS);

	if (undone(r))
		SKIP("task 5.9 comes first");
	for (unsigned i = 0; i < ARRAY_SIZE(broken); i++) {
		struct capture said = capture_begin(2);
		pid_t pid = r->process.pid;
		const char *text;

		expect_answer(r);
		kill(pid, SIGSTOP); /* it does not even leave when the VMM has hung up */
		lock(r);
		broken[i](r->process.channel.shared);
		unlock(r);
		loop_wake(&r->loop);
		wait_for_link(r, i + 1, NET_S_LINK_UP);
		text = capture_end(&said);
		CONTEXT("row %u: one line, and another process", i);
		EXPECT_STR(text, "vmm: net: the network's process breaks the rules of its ring: it "
				 "is given up\n");
		EXPECT_TRUE(r->process.pid != pid);
		expect_answer(r);
	}
	expect_whole(r);
	end(r);
}

/* It has closed its end of the bell, and lives on. */
TEST("-", who_hangs_up_is_given_up, 0, .seconds = 0.2)
{
	struct rig *r = begin(NET_F_MAC | NET_F_STATUS);
	pid_t pid = r->process.pid;
	int closed[2];

	if (undone(r))
		SKIP("task 5.9 comes first");
	expect_answer(r);
	kill(pid, SIGSTOP);
	if (pipe(closed))
		test_error("no pipe");
	close(closed[1]);
	lock(r);
	dup2(closed[0], r->process.channel.hear);
	unlock(r);
	loop_wake(&r->loop);
	wait_for_link(r, 1, NET_S_LINK_UP);
	EXPECT_TRUE(r->process.pid != pid);
	expect_answer(r);
	expect_whole(r);
	end(r);
}

/* It stands still: the VMM goes on, and its end, too. */
TEST("-", who_stands_still_stops_nobody, 0, .seconds = 0.3)
{
	struct rig *r = begin(NET_F_MAC | NET_F_STATUS);

	if (undone(r))
		SKIP("task 5.9 comes first");
	kill(r->process.pid, SIGSTOP);
	for (unsigned i = 0; i < 4 * CHANNEL_SLOTS; i++)
		ask(r);
	CONTEXT("it has taken nothing: what did not fit into the ring is lost");
	EXPECT_TRUE(r->process.lost >= 2 * CHANNEL_SLOTS, "%u", (unsigned)r->process.lost);
	expect_whole(r);
	end(r);
}

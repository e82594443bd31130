// SPDX-License-Identifier: MIT
/*
 * The channel of frames between the VMM and the network's process (given): that none is lost, and
 * that whoever is at the other end can do nothing with it but send frames.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "channel.h"
#include "nonce.h"
#include "test.h"

/* Both ends, in one process; each has mapped the memory for itself. */
struct ends {
	struct channel vmm, net;
	u8 canary_before[64], frame[NET_FRAME_MAX], canary[64];
};

static struct channel_fds made(void)
{
	struct channel_fds fds;

	signal(SIGPIPE, SIG_IGN); /* as in a VMM: streams_init() */
	EXPECT_ERR(channel_make(&fds), 0);
	return fds;
}

static struct ends *begin(void)
{
	struct channel_fds fds = made();
	struct ends *e = calloc(1, sizeof(*e));

	if (!e)
		test_error("no memory");
	EXPECT_ERR(channel_open(&e->net, CHANNEL_NET, dup(fds.memory), fds.hear[CHANNEL_NET],
				fds.ring[CHANNEL_NET]),
		   0);
	EXPECT_ERR(channel_open(&e->vmm, CHANNEL_VMM, fds.memory, fds.hear[CHANNEL_VMM],
				fds.ring[CHANNEL_VMM]),
		   0);
	return e;
}

/* What the network's process can write to: the frames for the VMM, and what it says of its own. */
static struct ring *to_vmm(struct ends *e)
{
	return &e->net.shared->to[CHANNEL_VMM];
}

static struct ring *to_net(struct ends *e)
{
	return &e->net.shared->to[CHANNEL_NET];
}

/* The VMM takes a frame; nothing outside of its buffer may change. */
static int take(struct ends *e)
{
	static const u8 clean[64];
	int len = channel_take(&e->vmm, e->frame);

	EXPECT_BYTES(e->canary_before, clean, sizeof(clean));
	EXPECT_BYTES(e->canary, clean, sizeof(clean));
	return len;
}

TEST("-", frames_arrive_as_they_were_sent, 0)
{
	struct ends *e = begin();
	u8 sent[NET_FRAME_MAX];

	for (u32 i = 0; i < 3 * CHANNEL_SLOTS; i++) {
		size_t len = NET_FRAME_MIN + i * 7 % (NET_FRAME_MAX - NET_FRAME_MIN + 1);

		memset(sent, (int)i, len);
		memcpy(sent + len - 8, &(u64){ nonce_random() }, 8);
		CONTEXT("frame %u, of %zu bytes", i, len);
		EXPECT_TRUE(channel_send(&e->net, sent, len));
		EXPECT_U64(take(e), len);
		EXPECT_BYTES(e->frame, sent, len);
		EXPECT_U64(take(e), 0);
		EXPECT_TRUE(channel_send(&e->vmm, sent, len));
		EXPECT_U64(channel_take(&e->net, e->frame), len);
		EXPECT_BYTES(e->frame, sent, len);
	}
	channel_close(&e->net);
	channel_close(&e->vmm);
}

TEST("-", a_full_ring_takes_no_more, 0)
{
	struct ends *e = begin();
	u8 sent[60] = { 0 };

	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < CHANNEL_SLOTS; i++) {
			sent[0] = (u8)i;
			EXPECT_TRUE(channel_send(&e->net, sent, sizeof(sent)), "frame %u", i);
		}
		CONTEXT("round %u: %d frames are there, and one more comes", round, CHANNEL_SLOTS);
		EXPECT_TRUE(!channel_send(&e->net, sent, sizeof(sent)));
		for (unsigned i = 0; i < CHANNEL_SLOTS; i++) {
			EXPECT_U64(take(e), 60);
			EXPECT_U64(e->frame[0], (u8)i);
		}
		EXPECT_U64(take(e), 0);
	}
}

/* --- the bell --- */

static bool rings(int hear)
{
	struct pollfd p = { .fd = hear, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

TEST("-", one_bell_for_a_batch, 0)
{
	struct ends *e = begin();
	const u8 frame[60] = { 0 };

	for (unsigned round = 0; round < 3; round++) {
		u8 dings[64];

		CONTEXT("round %u: who is awake needs no bell", round);
		channel_send(&e->net, frame, sizeof(frame));
		EXPECT_TRUE(!rings(e->vmm.hear));
		CONTEXT("round %u: nobody goes to sleep when there is something", round);
		EXPECT_TRUE(!channel_sleep(&e->vmm));
		EXPECT_U64(take(e), 60);
		EXPECT_TRUE(channel_sleep(&e->vmm));
		CONTEXT("round %u: ten frames for one who sleeps", round);
		for (unsigned i = 0; i < 10; i++)
			channel_send(&e->net, frame, sizeof(frame));
		EXPECT_U64(read(e->vmm.hear, dings, sizeof(dings)), 1);
		for (unsigned i = 0; i < 10; i++)
			EXPECT_U64(take(e), 60);
	}
}

#define MANY 50000

static void *send_many(void *arg)
{
	struct channel *c = arg;
	u8 frame[60] = { 0 };

	for (u32 i = 0; i < MANY; i++) {
		memcpy(frame, &i, sizeof(i));
		while (!channel_send_patiently(c, frame, sizeof(frame)))
			;
		if (i % 1000 == 0)
			usleep(200); /* the other side falls asleep */
	}
	return NULL;
}

TEST("-", no_bell_is_missed, 0, .seconds = 0.5)
{
	struct ends *e = begin();
	pthread_t thread;
	u32 n, came = 0;

	if (pthread_create(&thread, NULL, send_many, &e->net))
		test_error("no thread");
	while (came < MANY) {
		struct pollfd p = { .fd = e->vmm.hear, .events = POLLIN };

		if (channel_sleep(&e->vmm)) {
			CONTEXT("frame %u of %d does not come, or its bell", came, MANY);
			EXPECT_TRUE(poll(&p, 1, 5000) == 1);
			channel_hush(&e->vmm);
		}
		while (take(e) > 0) {
			memcpy(&n, e->frame, sizeof(n));
			if (n != came++)
				EXPECT_U64(n, came - 1);
		}
	}
	pthread_join(thread, NULL);
	EXPECT_U64(came, MANY);
}

TEST("-", who_takes_nothing_is_waited_for_once, 0, .seconds = 0.2)
{
	struct ends *e = begin();
	const u8 frame[60] = { 0 };

	for (unsigned i = 0; i < CHANNEL_SLOTS; i++)
		EXPECT_TRUE(channel_send_patiently(&e->vmm, frame, sizeof(frame)));
	EXPECT_TRUE(!channel_send_patiently(&e->vmm, frame, sizeof(frame)));
	CONTEXT("a thousand frames more, and nobody waits a second for each");
	EXPECT_U64(e->vmm.patience, 0);
	for (unsigned i = 0; i < 1000; i++)
		EXPECT_TRUE(!channel_send_patiently(&e->vmm, frame, sizeof(frame)));
	CONTEXT("who takes one in a while is not waited for with each: all devices would stand");
	for (unsigned i = 0; i < CHANNEL_SLOTS / 2; i++) {
		EXPECT_U64(e->vmm.patience, 0);
		EXPECT_U64(channel_take(&e->net, e->frame), 60);
		EXPECT_TRUE(channel_send_patiently(&e->vmm, frame, sizeof(frame)));
	}
	CONTEXT("who has taken half a ring may be waited for again");
	EXPECT_U64(channel_take(&e->net, e->frame), 60);
	EXPECT_TRUE(channel_send_patiently(&e->vmm, frame, sizeof(frame)));
	EXPECT_TRUE(e->vmm.patience > 0);
}

TEST("-", what_was_sent_before_the_end_arrives, 0)
{
	struct ends *e = begin();
	const u8 frame[60] = { 0 };
	struct pollfd p = { .fd = e->net.hear };

	for (unsigned i = 0; i < 10; i++)
		channel_send(&e->vmm, frame, sizeof(frame));
	channel_finish(&e->vmm);
	CONTEXT("the other side hears that this is all, and takes it");
	EXPECT_U64(poll(&p, 1, 0), 1);
	while (channel_hush(&e->net))
		;
	for (unsigned i = 0; i < 10; i++)
		EXPECT_U64(channel_take(&e->net, e->frame), 60);
	EXPECT_U64(channel_take(&e->net, e->frame), 0);
	channel_close(&e->vmm);
	channel_close(&e->net);
}

/* --- the other side is hostile --- */

TEST("-", hostile_index_of_frames_for_us, 0)
{
	static const u32 ahead[] = { CHANNEL_SLOTS + 1, 1000, 0x7fffffff, 0x80000000, -1U };
	const u8 frame[60] = { 0 };

	for (unsigned i = 0; i < ARRAY_SIZE(ahead); i++) {
		struct ends *e = begin();

		EXPECT_TRUE(channel_send(&e->net, frame, sizeof(frame)));
		EXPECT_U64(take(e), 60);
		CONTEXT("it says that there are 0x%x frames", ahead[i]);
		to_vmm(e)->put = 1 + ahead[i];
		to_vmm(e)->slot[1].len = 60;
		EXPECT_ERR(take(e), -EPROTO);
		EXPECT_U64(e->vmm.taken, 1);
	}
}

TEST("-", hostile_length, 0)
{
	static const u32 len[] = { 0, NET_FRAME_MIN - 1, NET_FRAME_MAX + 1, 0x10000, 0xffffffff };
	const u8 frame[60] = { 0 };

	for (unsigned i = 0; i < ARRAY_SIZE(len); i++) {
		struct ends *e = begin();

		EXPECT_TRUE(channel_send(&e->net, frame, sizeof(frame)));
		CONTEXT("a frame of 0x%x bytes", len[i]);
		to_vmm(e)->slot[0].len = len[i];
		EXPECT_ERR(take(e), -EPROTO);
	}
}

struct liar {
	struct slot *slot;
	bool over;
};

static void *lie(void *arg)
{
	struct liar *l = arg;

	while (!__atomic_load_n(&l->over, __ATOMIC_RELAXED)) {
		__atomic_store_n(&l->slot->len, 60, __ATOMIC_RELAXED);
		__atomic_store_n(&l->slot->len, 0xffffffff, __ATOMIC_RELAXED);
	}
	return NULL;
}

/* Between the look at the length and the copy. */
TEST("-", hostile_length_that_changes, 0, .seconds = 0.1)
{
	struct ends *e = begin();
	struct liar l = { .slot = &to_vmm(e)->slot[0] };
	pthread_t thread;

	if (pthread_create(&thread, NULL, lie, &l))
		test_error("no thread");
	for (unsigned i = 0; i < 20000; i++) {
		int len;

		e->vmm.taken = 0;
		to_vmm(e)->put = 1;
		len = take(e);
		EXPECT_TRUE(len == 60 || len == -EPROTO, "%d", len);
	}
	__atomic_store_n(&l.over, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
}

TEST("-", hostile_index_of_frames_from_us, 0)
{
	static const u32 taken[] = { 1, 1000, 0x80000000, -CHANNEL_SLOTS, -CHANNEL_SLOTS - 1 };
	u8 frame[60] = { 0 };

	for (unsigned i = 0; i < ARRAY_SIZE(taken); i++) {
		struct ends *e = begin();

		CONTEXT("it says that it has taken 0x%x frames, and we have sent none", taken[i]);
		to_net(e)->taken = taken[i];
		EXPECT_TRUE(!channel_send(&e->vmm, frame, sizeof(frame)));
		EXPECT_U64(e->vmm.put, 0);
	}
}

/* What we have written into the memory ourselves may not be ours any more. */
TEST("-", hostile_writes_to_our_own_indices, 0)
{
	struct ends *e = begin();
	u8 frame[60] = { 0 };

	for (u32 i = 0; i < 10; i++) {
		CONTEXT("frame %u", i);
		to_net(e)->put = (u32)nonce_random();
		frame[0] = (u8)(0x40 + i);
		EXPECT_TRUE(channel_send(&e->vmm, frame, sizeof(frame)));
		EXPECT_U64(to_net(e)->put, i + 1);
		EXPECT_BYTES_AS("the frame in the slot", to_net(e)->slot[i].frame, frame,
				sizeof(frame));
		EXPECT_TRUE(channel_send(&e->net, frame, sizeof(frame)));
		to_vmm(e)->taken = (u32)nonce_random();
		EXPECT_U64(take(e), 60);
		EXPECT_U64(e->frame[0], frame[0]);
		EXPECT_U64(to_vmm(e)->taken, i + 1);
		EXPECT_U64(channel_take(&e->net, e->frame), 60);
	}
}

/* It says that it sleeps, takes what we send, and never listens. */
TEST("-", hostile_sleep, 0, .seconds = 0.3)
{
	struct ends *e = begin();
	const u8 frame[60] = { 0 };

	for (u32 i = 0; i < 100000; i++) {
		to_net(e)->sleeping = i % 2 ? 1 : (u32)nonce_random();
		EXPECT_TRUE(channel_send(&e->vmm, frame, sizeof(frame)), "frame %u", i);
		to_net(e)->taken = e->vmm.put;
	}
	CONTEXT("100,000 bells that nobody has heard, and we have not waited for it");
	EXPECT_TRUE(rings(e->net.hear));
}

TEST("-", hostile_bell, 0)
{
	struct ends *e = begin();
	const u8 frame[60] = { 0 };
	u8 noise[4096] = { 0 };

	CONTEXT("it has made its ends of the bells wait: ours do not");
	fcntl(e->net.hear, F_SETFL, 0);
	fcntl(e->net.ring, F_SETFL, 0);
	EXPECT_U64(fcntl(e->vmm.hear, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
	EXPECT_U64(fcntl(e->vmm.ring, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
	EXPECT_TRUE(channel_hush(&e->vmm));
	CONTEXT("it rings without end: each time some of it is read");
	EXPECT_U64(write(e->net.ring, noise, sizeof(noise)), sizeof(noise));
	EXPECT_TRUE(channel_hush(&e->vmm));
	EXPECT_TRUE(rings(e->vmm.hear));
	CONTEXT("it has closed its ends");
	channel_close(&e->net);
	e->vmm.out->sleeping = 1;
	EXPECT_TRUE(channel_send(&e->vmm, frame, sizeof(frame)));
	for (unsigned i = 0; i < sizeof(noise); i++)
		if (!channel_hush(&e->vmm))
			break;
	EXPECT_TRUE(!channel_hush(&e->vmm));
}

static int open_memory(int memory)
{
	struct channel_fds fds = made();
	struct channel c;

	return channel_open(&c, CHANNEL_VMM, memory, fds.hear[CHANNEL_VMM], fds.ring[CHANNEL_VMM]);
}

static int memory_of(off_t size, int seals)
{
	int fd = memfd_create("frames", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || ftruncate(fd, size) || fcntl(fd, F_ADD_SEALS, seals))
		test_error("no memory");
	return fd;
}

TEST("-", hostile_memory, 0)
{
	const off_t size = sizeof(struct channel_memory);
	const int seals = F_SEAL_SHRINK | F_SEAL_GROW;
	struct channel_fds fds = made();

	CONTEXT("what channel_make() makes keeps its size");
	EXPECT_TRUE(ftruncate(fds.memory, 0) < 0 && errno == EPERM);
	EXPECT_TRUE(ftruncate(fds.memory, 2 * size) < 0 && errno == EPERM);
	EXPECT_ERR(open_memory(fds.memory), 0);
	CONTEXT("memory that somebody could cut off, by which we would end with SIGBUS");
	EXPECT_ERR(open_memory(memory_of(size, 0)), -EPROTO);
	EXPECT_ERR(open_memory(memory_of(size, F_SEAL_GROW)), -EPROTO);
	CONTEXT("memory that is too small, or too large");
	EXPECT_ERR(open_memory(memory_of(size - 1, seals)), -EPROTO);
	EXPECT_ERR(open_memory(memory_of(size + 1, seals)), -EPROTO);
	EXPECT_ERR(open_memory(memory_of(0, seals)), -EPROTO);
	EXPECT_ERR(open_memory(memory_of(size, seals)), 0);
	CONTEXT("what is no such memory at all");
	EXPECT_TRUE(open_memory(open("/dev/null", O_RDWR | O_CLOEXEC)) < 0);
}

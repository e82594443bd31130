// SPDX-License-Identifier: MIT
#include "channel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW)

/* --- making it, and getting hold of it --- */

static int make_memory(void)
{
	int fd = memfd_create("frames", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd >= 0 && (ftruncate(fd, sizeof(struct channel_memory)) < 0 ||
			fcntl(fd, F_ADD_SEALS, SEALS | F_SEAL_SEAL) < 0)) {
		int err = errno;

		close(fd);
		errno = err;
		return -1;
	}
	return fd;
}

int channel_make(struct channel_fds *fds)
{
	int to_vmm[2], to_net[2], err;

	if (pipe2(to_vmm, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	if (pipe2(to_net, O_CLOEXEC | O_NONBLOCK) < 0) {
		err = errno;
		goto no_second_pipe;
	}
	*fds = (struct channel_fds){ .memory = make_memory(),
				     .hear = { to_vmm[0], to_net[0] },
				     .ring = { to_net[1], to_vmm[1] } };
	if (fds->memory >= 0)
		return 0;
	err = errno;
	close(to_net[0]);
	close(to_net[1]);
no_second_pipe:
	close(to_vmm[0]);
	close(to_vmm[1]);
	return -err;
}

/* 0, or why this memory is not to be touched. */
static int check_memory(int fd)
{
	int seals = fcntl(fd, F_GET_SEALS);
	struct stat st;

	if (seals < 0 || fstat(fd, &st) < 0)
		return -errno;
	if ((seals & SEALS) != SEALS || st.st_size != sizeof(struct channel_memory))
		return -EPROTO;
	return 0;
}

int channel_open(struct channel *c, enum channel_side side, int memory, int hear, int ring)
{
	int err = check_memory(memory);
	void *at = MAP_FAILED;

	*c = (struct channel){ .hear = hear, .ring = ring, .patience = CHANNEL_WAIT_MS * 10 };
	if (!err) {
		at = mmap(NULL, sizeof(*c->shared), PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
		err = at == MAP_FAILED ? -errno : 0;
	}
	/* The next card's processes are forked later: they have their own. */
	if (!err && madvise(at, sizeof(*c->shared), MADV_DONTFORK) < 0)
		err = -errno;
	close(memory);
	if (err) {
		close(hear);
		close(ring);
		return err;
	}
	c->shared = at;
	c->in = &c->shared->to[side];
	c->out = &c->shared->to[!side];
	return 0;
}

void channel_close(struct channel *c)
{
	if (!c->shared)
		return;
	munmap(c->shared, sizeof(*c->shared));
	close(c->hear);
	if (c->ring >= 0)
		close(c->ring);
	c->shared = NULL;
}

void channel_finish(struct channel *c)
{
	struct pollfd p = { .fd = c->hear }; /* only POLLHUP */

	close(c->ring);
	c->ring = -1;
	poll(&p, 1, CHANNEL_WAIT_MS);
}

/* --- sending --- */

/* A pipe that is full has rung enough. */
static void ring_the_bell(struct channel *c)
{
	static const u8 ding = 0;

	if (write(c->ring, &ding, 1) < 0)
		return;
}

bool channel_put(struct channel *c, const void *frame, size_t len)
{
	struct slot *slot = &c->out->slot[c->put % CHANNEL_SLOTS];
	u32 under_way = c->put - __atomic_load_n(&c->out->taken, __ATOMIC_ACQUIRE);

	if (under_way >= CHANNEL_SLOTS) /* or it says that it has taken what we have not sent */
		return false;
	memcpy(slot->frame, frame, len);
	__atomic_store_n(&slot->len, (u32)len, __ATOMIC_RELAXED);
	__atomic_store_n(&c->out->put, ++c->put, __ATOMIC_SEQ_CST);
	return true;
}

/* First the frames, then the question; and channel_sleep() the other way round. */
void channel_ring(struct channel *c)
{
	if (__atomic_load_n(&c->out->sleeping, __ATOMIC_SEQ_CST) &&
	    __atomic_exchange_n(&c->out->sleeping, 0, __ATOMIC_SEQ_CST))
		ring_the_bell(c);
}

bool channel_send(struct channel *c, const void *frame, size_t len)
{
	bool sent = channel_put(c, frame, len);

	if (sent)
		channel_ring(c);
	return sent;
}

bool channel_send_patiently(struct channel *c, const void *frame, size_t len)
{
	const struct timespec moment = { .tv_nsec = 100000 };

	if (c->put - c->patient_at >= CHANNEL_SLOTS / 2) {
		c->patience = CHANNEL_WAIT_MS * 10;
		c->patient_at = c->put;
	}
	while (!channel_send(c, frame, len)) {
		if (!c->patience)
			return false;
		c->patience--;
		nanosleep(&moment, NULL);
	}
	return true;
}

/* --- receiving --- */

int channel_take(struct channel *c, u8 frame[NET_FRAME_MAX])
{
	const struct slot *slot = &c->in->slot[c->taken % CHANNEL_SLOTS];
	u32 there = __atomic_load_n(&c->in->put, __ATOMIC_ACQUIRE) - c->taken, len;

	if (!there)
		return 0;
	len = __atomic_load_n(&slot->len, __ATOMIC_RELAXED);
	if (there > CHANNEL_SLOTS || len < NET_FRAME_MIN || len > NET_FRAME_MAX)
		return -EPROTO;
	memcpy(frame, slot->frame, len);
	__atomic_store_n(&c->in->taken, ++c->taken, __ATOMIC_RELEASE);
	return (int)len;
}

bool channel_sleep(struct channel *c)
{
	__atomic_store_n(&c->in->sleeping, 1, __ATOMIC_SEQ_CST);
	return __atomic_load_n(&c->in->put, __ATOMIC_SEQ_CST) == c->taken;
}

bool channel_hush(struct channel *c)
{
	u8 dings[64];

	return read(c->hear, dings, sizeof(dings)) != 0;
}

// SPDX-License-Identifier: MIT
/* Task 5.4: the entropy device. */
#include <errno.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../common/capture.h"
#include "edges.h"
#include "ring.h"
#include "rng.h"

/* A signal comes before the first byte, that many times: Linux before 5.18 lets it end the call. */
static unsigned signals;
/* And once after so many bytes: for more than 256 of them, the call may end there. 0: it does not.
 */
static size_t only;

/* Instead of the one in libc. */
ssize_t getrandom(void *bytes, size_t len, unsigned flags)
{
	if (signals) {
		signals--;
		errno = EINTR;
		return -1;
	}
	if (only && only < len) {
		memset(bytes, 0, len); /* what the call has not come to is nothing of value */
		len = only;
	}
	only = 0;
	return syscall(SYS_getrandom, bytes, len, flags);
}

struct machine {
	struct ring r;
	struct rng rng;
};

/* The device with its queue, as after DRIVER_OK. */
static void machine(struct machine *m)
{
	ring_init(&m->r, 8);
	rng_init(&m->rng, &m->r.mem);
	m->rng.virtio.state.queue[RNG_QUEUE] = m->r.q;
	m->rng.virtio.state.status = 0xf;
}

static unsigned zeros(const u8 *bytes, unsigned n)
{
	unsigned count = 0;

	for (unsigned i = 0; i < n; i++)
		count += bytes[i] == 0;
	return count;
}

TEST("5.4", random_bytes_arrive, 1)
{
	struct machine m;
	u8 first[1024];

	machine(&m);
	ring_desc(&m.r, 0, AT_BUFFER, 1000, NEXT | WRITE, 1);
	ring_desc(&m.r, 1, AT_BUFFER + 0x800, 24, WRITE, 0);
	ring_offer(&m.r, 0);
	virtio_notify(&m.rng.virtio, RNG_QUEUE);
	CONTEXT("a request of 1024 bytes in two pieces");
	EXPECT_U64(ring_used_idx(&m.r), 1);
	EXPECT_U64(ring_used_id(&m.r, 0), 0);
	EXPECT_U64(ring_used_len(&m.r, 0), 1024);
	EXPECT_U64(m.rng.virtio.state.interrupt, VIRTIO_INT_QUEUE);
	CONTEXT("of 1024 random bytes about 4 are 0");
	memcpy(first, ring_at(&m.r, AT_BUFFER), 1000);
	memcpy(first + 1000, ring_at(&m.r, AT_BUFFER + 0x800), 24);
	EXPECT_TRUE(zeros(first, 1024) < 32, "%u zeros", zeros(first, 1024));
	EXPECT_TRUE(zeros(first + 1000, 24) < 12, "%u zeros of 24", zeros(first + 1000, 24));
	CONTEXT("what lies behind the buffers is not touched");
	EXPECT_U64_AS("the byte behind what was asked for", *(u8 *)ring_at(&m.r, AT_BUFFER + 1000),
		      0);
	EXPECT_U64_AS("the byte behind what was asked for", *(u8 *)ring_at(&m.r, AT_BUFFER + 0x818),
		      0);
	ring_offer(&m.r, 0);
	virtio_notify(&m.rng.virtio, RNG_QUEUE);
	CONTEXT("the same again: other bytes");
	EXPECT_U64(ring_used_idx(&m.r), 2);
	EXPECT_TRUE(memcmp(first, ring_at(&m.r, AT_BUFFER), 1000) != 0, "it is the same again");
}

TEST("5.4", row_44_all_requests_each_with_a_limit, 1)
{
	struct machine m;

	machine(&m);
	m.rng.virtio.irq = edges_line();
	for (u16 i = 0; i < 4; i++) {
		ring_desc(&m.r, i, AT_BUFFER, i == 2 ? 0xc000 : 16 + i, WRITE, 0);
		ring_offer(&m.r, i);
	}
	virtio_notify(&m.rng.virtio, RNG_QUEUE);
	CONTEXT("four requests with one notification, the third of 48 KiB");
	EXPECT_U64(ring_used_idx(&m.r), 4);
	EXPECT_TRUE(edges(&m.rng.virtio.irq) == 1, "not one interrupt for all");
	for (u16 i = 0; i < 4; i++) {
		EXPECT_U64(ring_used_id(&m.r, i), i);
		EXPECT_U64(ring_used_len(&m.r, i), i == 2 ? RNG_MAX : 16 + i);
	}
	CONTEXT("no more than %u bytes each time", RNG_MAX);
	EXPECT_U64_AS("the byte behind what was asked for",
		      *(u8 *)ring_at(&m.r, AT_BUFFER + RNG_MAX), 0);
	EXPECT_U64(m.rng.requests, 4);
	EXPECT_U64(m.rng.bytes, RNG_MAX + 16 + 17 + 19);
	CONTEXT("a request without a writable part does not come back: it breaks the device");
	ring_desc(&m.r, 4, AT_BUFFER, 16, 0, 0);
	ring_offer(&m.r, 4);
	virtio_notify(&m.rng.virtio, RNG_QUEUE);
	EXPECT_U64(ring_used_idx(&m.r), 4);
}

/* 5.4.6.2: at least one byte. */
TEST("5.4", a_signal_comes_first, 0)
{
	struct machine m;

	machine(&m);
	ring_desc(&m.r, 0, AT_BUFFER, 1024, WRITE, 0);
	ring_offer(&m.r, 0);
	signals = 2;
	virtio_notify(&m.rng.virtio, RNG_QUEUE);
	CONTEXT("getrandom() is interrupted twice before it has a byte (EINTR)");
	EXPECT_U64(ring_used_idx(&m.r), 1);
	EXPECT_U64(ring_used_len(&m.r, 0), 1024);
	EXPECT_TRUE(zeros(ring_at(&m.r, AT_BUFFER), 1024) < 32);
}

/* What is behind them is none of the host's bytes: it would be what lay on our stack. */
TEST("5.4", a_signal_comes_in_between, 0)
{
	struct machine m;
	u32 len;

	machine(&m);
	ring_desc(&m.r, 0, AT_BUFFER, 1024, WRITE, 0);
	ring_offer(&m.r, 0);
	only = 300;
	virtio_notify(&m.rng.virtio, RNG_QUEUE);
	CONTEXT("getrandom() gives 300 bytes of 1024: that many are random, and the driver gets no "
		"others");
	EXPECT_U64(ring_used_idx(&m.r), 1);
	len = ring_used_len(&m.r, 0);
	EXPECT_TRUE(len == 300 || len == 1024, "%u bytes", len);
	EXPECT_TRUE(zeros(ring_at(&m.r, AT_BUFFER), len) < 32, "%u zeros",
		    zeros(ring_at(&m.r, AT_BUFFER), len));
	for (u32 i = len; i < 1024; i++)
		EXPECT_TRUE(*(u8 *)ring_at(&m.r, AT_BUFFER + i) == 0, "byte %u", i);
}

TEST("-", nothing_to_write_to, 0)
{
	struct machine m;
	struct capture cap;

	machine(&m);
	ring_desc(&m.r, 0, AT_BUFFER, 16, 0, 0);
	ring_offer(&m.r, 0);
	cap = capture_begin(2);
	virtio_notify(&m.rng.virtio, RNG_QUEUE);
	EXPECT_CONTAINS(capture_end(&cap), "rng");
	EXPECT_U64(m.rng.virtio.state.status, 0x4f);
	EXPECT_U64(ring_used_idx(&m.r), 0);
}

/* A device is plain state beside its wires: another one goes on where the first is. */
TEST("-", to_save_a_device_is_to_copy_it, 0)
{
	struct machine m;
	struct rng other;

	machine(&m);
	for (u16 i = 0; i < 4; i++)
		ring_desc(&m.r, i, AT_BUFFER, 16, WRITE, 0);
	ring_offer(&m.r, 3);
	virtio_notify(&m.rng.virtio, RNG_QUEUE);
	if (!ring_used_idx(&m.r))
		SKIP("tasks 5.1 to 5.4 come first");
	m.rng.virtio.state.generation = 7;
	rng_init(&other, &m.r.mem);
	other.virtio.state = m.rng.virtio.state;
	ring_offer(&m.r, 2);
	virtio_notify(&other.virtio, RNG_QUEUE);
	CONTEXT("one device has served a request; its state is copied to another, which gets the "
		"next one");
	EXPECT_U64(ring_used_idx(&m.r), 2);
	EXPECT_U64(ring_used_id(&m.r, 1), 2);
	virtio_reset(&other.virtio);
	CONTEXT("a reset is an assignment: all is 0 but the generation of the configuration");
	EXPECT_U64(other.virtio.state.status | other.virtio.state.interrupt, 0);
	EXPECT_U64(other.virtio.state.queue[RNG_QUEUE].size, 0);
	EXPECT_U64(other.virtio.state.generation, 7);
}

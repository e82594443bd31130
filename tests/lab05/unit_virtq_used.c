// SPDX-License-Identifier: MIT
/* Task 5.3: chains are given back. And what a driver does meanwhile, on another CPU. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "ring.h"

/* --- row 20: a driver that changes a descriptor while we look at it --- */

/*
 * Two threads would meet only now and then. So the descriptor lies on a page that cannot be read:
 * each instruction that does is stopped, goes one step with the page open, and then the driver has
 * changed the descriptor, as another CPU could at just that moment.
 */
static struct {
	u8 *page;
	unsigned looks;
} trap;

#define TRAP_FLAG 0x100 /* of RFLAGS: one instruction, then SIGTRAP */

/* Readable or writable, which are legal; of length zero, and of 4 GiB, which are not. */
static void change(void)
{
	static const u64 second[] = { 16, 16 | (u64)WRITE << 32, 0, 0xffffffff };

	memcpy(trap.page + 8, &second[trap.looks++ % 4], 8);
}

static void open_page(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	if ((u8 *)info->si_addr < trap.page || (u8 *)info->si_addr >= trap.page + 0x1000) {
		signal(sig, SIG_DFL); /* somebody else's mistake: once more, and for good */
		return;
	}
	mprotect(trap.page, 0x1000, PROT_READ | PROT_WRITE);
	uc->uc_mcontext.gregs[REG_EFL] |= TRAP_FLAG;
}

static void close_page(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	change();
	mprotect(trap.page, 0x1000, PROT_NONE);
	uc->uc_mcontext.gregs[REG_EFL] &= ~TRAP_FLAG;
}

/* The ring's RAM anew, at the beginning of a page, which is the descriptors' alone. */
static void set_trap(struct ring *r)
{
	struct sigaction segv = { .sa_sigaction = open_page, .sa_flags = SA_SIGINFO };
	struct sigaction step = { .sa_sigaction = close_page, .sa_flags = SA_SIGINFO };

	trap.page =
		mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (trap.page == MAP_FAILED)
		test_error("no memory");
	r->bytes = r->mem.slot[0].hva = trap.page;
	ring_desc(r, 0, AT_BUFFER, 16, 0, 0);
	if (sigaction(SIGSEGV, &segv, NULL) || sigaction(SIGTRAP, &step, NULL) ||
	    mprotect(trap.page, 0x1000, PROT_NONE))
		test_error("no trap");
}

/* What is wrong with a chain of that one descriptor; NULL: nothing. */
static const char *misfit(const struct ring *r, const struct chain *c)
{
	u64 read = 0, write = 0;

	if (c->nread + c->nwrite != 1)
		return "not one buffer";
	for (unsigned i = 0; i < c->nread + c->nwrite; i++) {
		*(i < c->nread ? &read : &write) += c->iov[i].iov_len;
		if (c->iov[i].iov_base != ring_at(r, AT_BUFFER) || c->iov[i].iov_len != 16)
			return "not the buffer";
	}
	return read == c->read_len && write == c->write_len ? NULL : "lengths that do not fit";
}

TEST("5.2", row_20_descriptor_changes_meanwhile, 0)
{
	const char *wrong = NULL;
	struct ring r;
	struct chain c;

	ring_init(&r, 8);
	set_trap(&r);
	for (unsigned i = 0; i < 64 && !wrong; i++) {
		trap.looks += i % 3; /* begin with another one each time */
		ring_offer(&r, 0);
		if (virtq_pop(&r.q, &r.mem, &c) == VQ_OK)
			wrong = misfit(&r, &c);
		else
			ring_begin_at(&r, r.idx);
	}
	CONTEXT("length and flags of a descriptor change after each look at it");
	EXPECT_TRUE(!wrong, "%s", wrong);
	EXPECT_TRUE(trap.looks > 64, "the descriptor was not looked at");
}

/* Row 25: the areas lie on top of each other and of the buffer. Nothing is promised but an end. */
TEST("-", row_25_areas_that_overlap, 0)
{
	struct ring r;
	struct chain c;

	ring_init(&r, 8);
	r.q.avail = r.q.used = r.q.desc = AT_DESC;
	for (unsigned i = 0; i < 64; i++)
		*ring_u16(&r, AT_DESC + 2 * i) = (u16)(i * 0x1111 % 9);
	for (unsigned i = 0; i < 1000; i++) {
		enum vq_result result = virtq_pop(&r.q, &r.mem, &c);

		if (result == VQ_OK) {
			chain_write(&c, 0, "overwritten", 11);
			EXPECT_ERR(virtq_push(&r.q, &r.mem, c.head, 11), 0);
		}
		r.q.next_avail = (u16)i;
	}
	EXPECT_TRUE(virtq_check(&r.q, &r.mem) == 0);
}

/* --- 5.3 --- */

TEST("5.3", push_fills_the_used_ring, 1)
{
	struct ring r;

	ring_init(&r, 4);
	ring_begin_at(&r, 0xfffd);
	for (u16 i = 0; i < 6; i++) {
		u16 n = (u16)(0xfffd + i);

		CONTEXT("used element 0x%x of a queue of 4", n);
		EXPECT_ERR(virtq_push(&r.q, &r.mem, i % 4, 0x1000000 + i), 0);
		EXPECT_U64(ring_used_id(&r, n), i % 4);
		EXPECT_U64(ring_used_len(&r, n), 0x1000000 + i);
		EXPECT_U64(ring_used_idx(&r), (u16)(n + 1));
	}
	CONTEXT("flags of the used ring, and what is behind it");
	EXPECT_U64(*ring_u16(&r, AT_USED), 0);
	EXPECT_U64(*ring_u16(&r, AT_USED + 4 + 8 * 4), 0);
}

/* The ring's entries lie behind the end of RAM, its index before it: which is written first? */
TEST("5.3", index_comes_last, 1)
{
	struct ring r;

	ring_init(&r, 4);
	r.q.used = RAM_END - 4;
	CONTEXT("the used element cannot be written: the index must not say that it was");
	EXPECT_ERR(virtq_push(&r.q, &r.mem, 1, 16), -EFAULT);
	EXPECT_U64(*ring_u16(&r, RAM_END - 2), 0);
	CONTEXT("a used ring that is not in RAM at all");
	r.q.used = RAM_END;
	EXPECT_ERR(virtq_push(&r.q, &r.mem, 1, 16), -EFAULT);
}

TEST("5.3", should_notify_by_flags, 1)
{
	struct ring r;

	ring_init(&r, 4);
	*ring_u16(&r, AT_AVAIL + 4 + 2 * 4) = 77; /* used_event: not negotiated, not looked at */
	CONTEXT("nothing was used yet");
	EXPECT_TRUE(!virtq_should_interrupt(&r.q, &r.mem));
	for (unsigned i = 0; i < 5; i++)
		EXPECT_ERR(virtq_push(&r.q, &r.mem, 0, 0), 0);
	CONTEXT("5 chains were used");
	EXPECT_TRUE(virtq_should_interrupt(&r.q, &r.mem));
	CONTEXT("and none since the driver was told");
	EXPECT_TRUE(!virtq_should_interrupt(&r.q, &r.mem));
	EXPECT_ERR(virtq_push(&r.q, &r.mem, 0, 0), 0);
	*ring_u16(&r, AT_AVAIL) = VQ_AVAIL_NO_INTERRUPT;
	CONTEXT("one more, but the driver wants no interrupts");
	EXPECT_TRUE(!virtq_should_interrupt(&r.q, &r.mem));
	*ring_u16(&r, AT_AVAIL) = 0;
	EXPECT_ERR(virtq_push(&r.q, &r.mem, 0, 0), 0);
	CONTEXT("one more, and it wants them again");
	EXPECT_TRUE(virtq_should_interrupt(&r.q, &r.mem));
}

/* A driver on another CPU: when it sees the index, it must see the element. */
struct watcher {
	const struct ring *r;
	unsigned wrong;
	u32 seen;
	bool over; /* there will be no more */
};

#define PUSHES 50000

static void *watch(void *arg)
{
	struct watcher *w = arg;

	for (u32 n = 0; n < PUSHES; n++) {
		while (ring_used_idx(w->r) == (u16)n) {
			if (__atomic_load_n(&w->over, __ATOMIC_RELAXED))
				return NULL;
			sched_yield();
		}
		if (ring_used_len(w->r, (u16)n) != n)
			w->wrong++;
		__atomic_store_n(&w->seen, n + 1, __ATOMIC_RELEASE);
	}
	return NULL;
}

TEST("-", element_is_seen_before_index, 0, .seconds = 0.5)
{
	struct ring r;
	struct watcher w = { .r = &r };
	pthread_t thread;

	ring_init(&r, 4);
	if (pthread_create(&thread, NULL, watch, &w))
		test_error("no thread");
	for (u32 n = 0; n < PUSHES; n++) {
		while (n - __atomic_load_n(&w.seen, __ATOMIC_ACQUIRE) == 4)
			sched_yield();
		if (virtq_push(&r.q, &r.mem, 0, n))
			break;
	}
	__atomic_store_n(&w.over, ring_used_idx(&r) != (u16)PUSHES, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	CONTEXT("a thread takes the used elements as soon as the index says that they are there");
	EXPECT_U64(w.wrong, 0);
}

TEST("-", chains_are_copied_in_pieces, 0)
{
	struct ring r;
	struct chain c;
	char text[12] = "";

	ring_init(&r, 8);
	memcpy(ring_at(&r, AT_BUFFER), "abc", 3);
	memcpy(ring_at(&r, AT_BUFFER + 0x100), "defgh", 5);
	ring_desc(&r, 0, AT_BUFFER, 3, NEXT, 1);
	ring_desc(&r, 1, AT_BUFFER + 0x100, 5, NEXT, 2);
	ring_desc(&r, 2, AT_BUFFER + 0x200, 2, NEXT | WRITE, 3);
	ring_desc(&r, 3, AT_BUFFER + 0x300, 2, WRITE, 0);
	ring_offer(&r, 0);
	EXPECT_POP(&r, &c, VQ_OK);
	EXPECT_U64(chain_read(&c, 0, text, sizeof(text)), 8);
	EXPECT_STR(text, "abcdefgh");
	EXPECT_U64(chain_read(&c, 2, text, 2), 2);
	EXPECT_BYTES(text, "cd", 2);
	EXPECT_U64(chain_read(&c, 8, text, 1), 0);
	EXPECT_U64(chain_read(&c, UINT64_MAX, text, 1), 0);
	EXPECT_U64(chain_write(&c, 1, "WXYZ", 4), 3);
	EXPECT_BYTES(ring_at(&r, AT_BUFFER + 0x200), "\0W", 2);
	EXPECT_BYTES(ring_at(&r, AT_BUFFER + 0x300), "XY\0", 3);
}

// SPDX-License-Identifier: MIT
/* Who has more to say in an obituary, and how guest memory is read for it. */
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "capture.h"
#include "fake_exits.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct describers devices = { .lock = &lock };

static void say(const void *ctx, FILE *to)
{
	bool free = !pthread_mutex_trylock(&lock);

	if (free)
		pthread_mutex_unlock(&lock);
	fprintf(to, "  %-*s  %s\n", DESCRIBE_NAME, (const char *)ctx, free ? "free" : "locked");
}

TEST("-", devices_speak_after_the_exits, 0)
{
	struct ending ending = { "limit", 131, "x", "chapter 9" };
	struct witness with = witness;
	struct capture c;

	recorder_init(&rec, &page.run, -1);
	hlt_exit();
	with.devices = &devices;
	EXPECT_ERR(describe_add(&devices, say, "one"), 0);
	EXPECT_ERR(describe_add(&devices, say, "another"), 0);
	c = capture_begin(2);
	obituary_print(&ending, &with);
	CONTEXT("in the order in which they have signed up, with the lock held");
	EXPECT_STR(capture_end(&c), "vmm: stopped: x\n"
				    "  last exits  HLT\n"
				    "  one         locked\n"
				    "  another     locked\n"
				    "  read        the book, chapter 9\n");
	EXPECT_U64(pthread_mutex_trylock(&lock), 0);
	c = capture_begin(2);
	describe_all(&devices, stderr);
	CONTEXT("who asks holds the lock already: it is not waited for for ever, and stays locked");
	EXPECT_STR(capture_end(&c), "  one         locked\n  another     locked\n");
	EXPECT_U64(pthread_mutex_trylock(&lock), EBUSY);
	while (devices.count < DESCRIBERS_MAX)
		EXPECT_ERR(describe_add(&devices, say, "more"), 0);
	EXPECT_ERR(describe_add(&devices, say, "too many"), -ENOSPC);
}

static bool see(void *ctx, u64 i, char *text, size_t size)
{
	snprintf(text, size, "the guest's %llu", (unsigned long long)i);
	return i == *(u64 *)ctx;
}

TEST("-", an_exit_as_the_guest_has_seen_it, 0)
{
	struct ending ending = { "limit", 131, "x", NULL };
	u64 one = 1;
	struct capture c;

	recorder_init(&rec, &page.run, -1);
	rec.has_regs = true;
	out_exit('H', 0x1000);
	out_exit('i', 0x1005);
	witness.exit_view = see;
	witness.guest_view_ctx = &one;
	c = capture_begin(2);
	obituary_print(&ending, &witness);
	EXPECT_STR(capture_end(&c), "vmm: stopped: x\n"
				    "  last exits  the guest's 1\n"
				    "              IO_OUT port=0xe9 size=1 count=1 data=69\n");
	EXPECT_CONTAINS(report(&ending),
			"last the guest's 1\n"
			"last IO_OUT port=0xe9 size=1 count=1 data=69 rip=0x1005\n");
}

TEST("-", guest_memory_is_read_within_its_bounds, 0)
{
	static u8 low[16] = "0123456789abcdef", high[4] = "wxyz";
	const struct memslot slots[] = {
		{ .gpa = UINT64_MAX - 3, .size = 4, .hva = high },
		{ .gpa = 0x1000, .size = 8, .hva = low },
		{ .gpa = 0x1008, .size = 8, .hva = low + 8 },
	};
	char buf[17] = "";

	EXPECT_U64(memslot_peek(slots, 3, 0x1006, buf, 16), 2);
	EXPECT_TRUE(memslot_read(slots, 3, 0x1000, buf, 16), "two slots that touch");
	EXPECT_STR(buf, "0123456789abcdef");
	EXPECT_TRUE(!memslot_read(slots, 3, 0x1001, buf, 16), "a byte too many");
	EXPECT_TRUE(!memslot_read(slots, 3, 0xfff, buf, 1), "one before the first");
	EXPECT_TRUE(!memslot_read(slots, 0, 0x1000, buf, 1), "no slots");
	EXPECT_TRUE(memslot_read(slots, 3, UINT64_MAX - 3, buf, 4), "up to the last address");
	EXPECT_TRUE(!memslot_read(slots, 3, UINT64_MAX - 1, buf, 4), "beyond the last address");
}

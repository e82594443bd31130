// SPDX-License-Identifier: MIT
/* What a virtio device says in an obituary: of states that the test has made, and of any others. */
#include <stdio.h>

#include "../common/capture.h"
#include "devices.h"
#include "fake_device.h"
#include "nonce.h"
#include "todo.h"
#include "virtio_describe.h"

static char *said(const struct virtio *v)
{
	static char text[8000];
	FILE *f = fmemopen(text, sizeof(text), "w");

	if (!f)
		test_error("no memory");
	virtio_describe(v, f);
	fclose(f);
	for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1)
		EXPECT_TRUE(end - line <= 80, "wider than 80 columns: %s", line);
	return text;
}

/* A device whose driver has got to DRIVER_OK with queue 0 as ring_init() has it; by hand, since no
 * task needs to be done for this. */
static void running(struct fake *f)
{
	fake_init(f);
	f->v.window = 7;
	f->v.state.status = 0x0f;
	f->v.state.queue[0] = f->r.q;
}

#define HEAD(status, irq, words)                                               \
	"  fake        window 7, status " status ", InterruptStatus " irq "\n" \
	"              " words "\n"                                            \
	"              queue size  avail.idx next_avail  used.idx next_used told_used\n"
#define RUNS	   "ACKNOWLEDGE DRIVER FEATURES_OK DRIVER_OK"
#define NO_QUEUE_1 "                  1    0 not ready\n"
#define COLUMNS	   "               desc            address     length  flags\n"

TEST("-", a_device_without_a_driver, 0)
{
	struct fake f;

	fake_init(&f);
	f.v.window = 7;
	EXPECT_STR(said(&f.v), "  fake        window 7, status 0x00, InterruptStatus 0x00\n");
	EXPECT_TRUE(!virtio_is_stuck(&f.v));
	f.v.state.status = 0xcf;
	CONTEXT("all bits there are");
	EXPECT_STR(said(&f.v),
		   HEAD("0xcf", "0x00",
			RUNS
			" NEEDS_RESET FAILED") "                  0    0 not ready\n" NO_QUEUE_1);
}

TEST("-", a_queue_in_which_all_has_come_back, 0)
{
	struct fake f;

	running(&f);
	ring_begin_at(&f.r, 65535);
	f.v.state.queue[0] = f.r.q;
	f.v.state.interrupt = 1;
	EXPECT_STR(said(&f.v),
		   HEAD("0x0f", "0x01", RUNS) "                  0    8      65535      65535     "
					      "65535     65535     65535\n" NO_QUEUE_1);
	EXPECT_TRUE(!virtio_is_stuck(&f.v));
	CONTEXT("both sides want to be left alone");
	*ring_u16(&f.r, AT_AVAIL) = VQ_AVAIL_NO_INTERRUPT;
	*ring_u16(&f.r, AT_USED) = VQ_USED_NO_NOTIFY;
	EXPECT_CONTAINS(said(&f.v),
			NO_QUEUE_1 "              queue 0: the driver wants no interrupts\n"
				   "              queue 0: we want no notifications\n");
	CONTEXT("with EVENT_IDX the flags do not count");
	f.v.state.queue[0].event_idx = true;
	*ring_u16(&f.r, AT_AVAIL + 4 + 2 * 8) = 0xfffe;
	*ring_u16(&f.r, AT_USED + 4 + 8 * 8) = 0xffff;
	EXPECT_CONTAINS(said(&f.v), NO_QUEUE_1 "              queue 0: EVENT_IDX, used_event "
					       "65534, avail_event 65535\n");
}

TEST("-", a_chain_that_waits_and_one_that_was_taken, 0)
{
	struct fake f;

	running(&f);
	ring_desc(&f.r, 5, AT_BUFFER, 16, NEXT, 6);
	ring_desc(&f.r, 6, AT_BUFFER + 0x1000, 512, NEXT | WRITE, 2);
	ring_desc(&f.r, 2, AT_BUFFER + 0x2000, 1, WRITE, 0);
	ring_offer(&f.r, 5);
	EXPECT_STR(
		said(&f.v),
		HEAD("0x0f", "0x00",
		     RUNS) "                  0    8          1          0         0         0  "
			   "       0\n" NO_QUEUE_1
			   "              queue 0: chain avail.ring[0] waits to be taken\n" COLUMNS
			   "                  5             104000         16  NEXT\n"
			   "                  6             105000        512  NEXT WRITE\n"
			   "                  2             106000          1  WRITE\n");
	EXPECT_TRUE(virtio_is_stuck(&f.v));
	f.v.state.queue[0].next_avail = 1;
	EXPECT_CONTAINS(said(&f.v), "chain avail.ring[0] was taken and has not come back\n" COLUMNS
				    "                  5 ");
	EXPECT_TRUE(virtio_is_stuck(&f.v));
}

TEST("-", a_chain_that_has_broken_a_rule, 0)
{
	struct fake f;

	running(&f);
	ring_begin_at(&f.r, 3);
	f.v.state.queue[0] = f.r.q;
	ring_desc(&f.r, 1, 0xffffffffffffff00, 0xffffffff, NEXT, 65535);
	ring_offer(&f.r, 1);
	f.v.state.queue[0].next_avail = 4;
	f.v.state.queue[0].why = "a buffer that does not lie in memory";
	f.v.state.status |= VIRTIO_NEEDS_RESET;
	EXPECT_STR(said(&f.v),
		   HEAD("0x4f", "0x00",
			RUNS
			" NEEDS_RESET") "                  0    8          4          4         3  "
					"       3         3\n" NO_QUEUE_1
					"              queue 0 is broken: the driver has given us\n"
					"              a buffer that does not lie in memory\n"
					"              queue 0: chain avail.ring[3] has "
					"broken a rule\n" COLUMNS
					"                  1   ffffffffffffff00 4294967295  NEXT\n"
					"              65535   there is none of this number\n");
	EXPECT_TRUE(virtio_is_stuck(&f.v));
	CONTEXT("an index that has jumped: no chain was taken");
	*ring_u16(&f.r, AT_AVAIL + 2) = 4 + 9;
	EXPECT_TRUE(!strstr(said(&f.v), "avail.ring"), "%s", said(&f.v));
}

TEST("-", tables_and_loops_have_an_end, 0)
{
	struct fake f;

	running(&f);
	ring_desc(&f.r, 0, AT_TABLE, 2 * 16 + 15, INDIRECT, 0);
	ring_entry(&f.r, AT_TABLE, 0, AT_BUFFER, 4, NEXT, 2);
	ring_offer(&f.r, 0);
	CONTEXT("an indirect table");
	EXPECT_CONTAINS(said(&f.v),
			COLUMNS "                  0             103000         47  INDIRECT\n"
				"                      its table has 2:\n"
				"                  0             104000          4  NEXT\n"
				"                  2   there is none of this number\n");
	ring_desc(&f.r, 0, RAM_END - 16, 32, INDIRECT, 0);
	ring_entry(&f.r, RAM_END - 16, 0, AT_BUFFER, 4, NEXT, 1);
	CONTEXT("one that goes on where there is no memory");
	EXPECT_CONTAINS(said(&f.v), "                  0             104000          4  NEXT\n"
				    "                  1   it does not lie in memory\n");
	ring_desc(&f.r, 0, AT_BUFFER, 4, NEXT, 0);
	CONTEXT("a descriptor that leads to itself");
	EXPECT_CONTAINS(said(&f.v), "4  NEXT\n                and more\n");
}

/* Knuth's generator: a system call for each would take its time. */
static u64 any(u64 *x)
{
	*x = *x * 6364136223846793005 + 1442695040888963407;
	return *x >> 16 ^ *x << 48;
}

/* What a student's half-done code, or a hostile guest, may leave: anything, without a fault. */
TEST("-", any_state_can_be_described, 0)
{
	struct fake f;
	u64 x = nonce_random();

	running(&f);
	for (unsigned i = 0; i < 300; i++) {
		struct virtq *q = &f.v.state.queue[i % 2];
		u64 *words = (u64 *)f.r.bytes;

		for (unsigned j = 0; j < RAM_SIZE / 8; j += 1 + (i + j) % 64)
			words[j] = any(&x);
		*q = (struct virtq){
			.size = (u16)(i % 3 ? any(&x) : i % 10),
			.ready = true,
			.desc = i % 5 ? RAM + any(&x) % RAM_SIZE : any(&x),
			.avail = i % 7 ? RAM + any(&x) % RAM_SIZE : -(any(&x) % 8),
			.used = RAM_END - any(&x) % 16,
			.event_idx = i % 2,
			.next_avail = (u16)any(&x),
			.next_used = (u16)any(&x),
			.why = i % 4 ? NULL : "something",
		};
		if (i % 2) /* an index that is believed */
			memcpy(&q->next_avail, f.r.bytes + (q->avail + 2 - RAM) % (RAM_SIZE - 2),
			       2);
		f.v.state.status = (u8)any(&x);
		EXPECT_TRUE(strlen(said(&f.v)) < 4000);
		virtio_is_stuck(&f.v);
	}
}

static const char *explained(struct fake *f, enum verdict verdict, int status)
{
	struct devices d = { .card[0] = { .virtio = &f->v, .made = true }, .ncards = 1 };
	struct run run = { .status = 0 };
	struct capture c;

	run_end(&run, verdict, status, NULL);
	c = capture_begin(2);
	devices_explain_exit(&d, &run);
	return capture_end(&c);
}

TEST("-", a_guest_that_gets_no_answer_shows_why, 0)
{
	struct fake f;

	running(&f);
	CONTEXT("nothing is under way");
	EXPECT_STR(explained(&f, V_EXIT, 16), "");
	ring_desc(&f.r, 0, AT_BUFFER, 16, WRITE, 0);
	ring_offer(&f.r, 0);
	EXPECT_CONTAINS(explained(&f, V_EXIT, 16),
			"vmm: the guest left: with status 16, and a device has not given back all "
			"it got\n"
			"  fake        window 7, status 0x0f, InterruptStatus 0x00\n");
	CONTEXT("a good end, and one whose obituary shows the devices anyhow");
	EXPECT_STR(explained(&f, V_EXIT, 0), "");
	EXPECT_STR(explained(&f, V_TIMEOUT, 0), "");
	f.r.q.next_avail = 1;
	f.v.state.queue[0].next_avail = f.v.state.queue[0].next_used = 1;
	f.v.state.status |= VIRTIO_NEEDS_RESET;
	CONTEXT("a device that has stopped at a broken rule, and its driver never knew");
	EXPECT_CONTAINS(explained(&f, V_EXIT, 16), "status 0x4f");
	CONTEXT("a task that is not done says so itself");
	todo_report("5.4", "rng_notify", "labs/05-virtio/rng.c");
	EXPECT_TRUE(!strstr(explained(&f, V_EXIT, 16), "window"));
}

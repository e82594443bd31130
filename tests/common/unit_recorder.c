// SPDX-License-Identifier: MIT
/* The flight recorder, on a kvm_run page that the tests fill themselves. */
#include <errno.h>
#include <string.h>

#include "recorder.h"
#include "test.h"

#define DATA_OFFSET 4096

/* The shared page, with room behind it for the data of port I/O, as KVM has it. */
static union {
	struct kvm_run run;
	u8 bytes[2 * 4096];
} page;

static struct recorder rec;

static void begin(void)
{
	memset(&page, 0, sizeof(page));
	recorder_init(&rec, &page.run, -1); /* answers no question: no registers */
}

/* One trip through KVM_RUN that ends as the page says, or with an error. */
static void trip(int err)
{
	recorder_enter(&rec);
	recorder_leave(&rec, err);
}

static void set_io(u8 direction, u16 port, u8 size, u32 count)
{
	page.run.exit_reason = KVM_EXIT_IO;
	page.run.io.direction = direction;
	page.run.io.port = port;
	page.run.io.size = size;
	page.run.io.count = count;
	page.run.io.data_offset = DATA_OFFSET;
}

static void put_data(u64 data)
{
	memcpy(page.bytes + DATA_OFFSET, &data, sizeof(data));
}

static const struct exit_record *newest(void)
{
	const struct exit_record *last = recorder_last(&rec, 0);

	if (!last)
		test_error("an exit has been recorded, and there is no last one");
	return last;
}

static void exit_with(u32 reason)
{
	page.run.exit_reason = reason;
	trip(0);
}

TEST("-", recorder_begins_empty, 0)
{
	begin();
	EXPECT_U64(rec.total, 0);
	EXPECT_TRUE(!rec.has_regs);
	EXPECT_TRUE(!recorder_last(&rec, 0));
	recorder_enter(&rec);
	EXPECT_TRUE(!recorder_last(&rec, 0));
	for (unsigned kind = 0; kind < EXIT_KINDS; kind++)
		EXPECT_U64(rec.count[kind] | rec.guest[kind] | rec.handler[kind], 0);
}

TEST("-", recorder_out, 0)
{
	static const u64 want[] = { 0, 0x88, 0x7788, 0, 0x55667788 };

	for (u8 size = 1; size <= 4; size *= 2) {
		const struct exit_record *last;

		CONTEXT("an OUT of %u bytes, three times", size);
		begin();
		set_io(KVM_EXIT_IO_OUT, 0xe9, size, 3);
		put_data(0x1122334455667788);
		trip(0);
		last = newest();
		EXPECT_U64(last->kind, EXIT_IO_OUT);
		EXPECT_U64(last->reason, KVM_EXIT_IO);
		EXPECT_U64(last->addr, 0xe9);
		EXPECT_U64(last->size, size);
		EXPECT_U64(last->count, 3);
		EXPECT_U64(last->data, want[size]); /* the first element, no byte of the next */
		EXPECT_TRUE(!last->has_rip);
	}
}

TEST("-", recorder_in_gets_its_data_at_the_next_entry, 0)
{
	const struct exit_record *in;

	begin();
	put_data(0xdead); /* of an exit before: not this one's */
	set_io(KVM_EXIT_IO_IN, 0x3f8, 2, 1);
	trip(0);
	in = newest();
	EXPECT_U64(in->kind, EXIT_IO_IN);
	EXPECT_U64(in->data, 0);
	put_data(0x99991234); /* the device answers */
	recorder_enter(&rec);
	EXPECT_U64(in->data, 0x1234);
}

TEST("-", recorder_mmio, 0)
{
	const struct exit_record *last;

	begin();
	page.run.exit_reason = KVM_EXIT_MMIO;
	page.run.mmio.phys_addr = 0xfeb00070;
	page.run.mmio.len = 4;
	page.run.mmio.is_write = 1;
	memcpy(page.run.mmio.data, "\x01\x02\x03\x04\x05\x06\x07\x08", 8);
	trip(0);
	last = newest();
	EXPECT_U64(last->kind, EXIT_MMIO_WRITE);
	EXPECT_U64(last->addr, 0xfeb00070);
	EXPECT_U64(last->size, 4);
	EXPECT_U64(last->count, 1);
	EXPECT_U64(last->data, 0x04030201);
	page.run.mmio.is_write = 0;
	page.run.mmio.len = 8;
	trip(0);
	last = newest();
	EXPECT_U64(last->kind, EXIT_MMIO_READ);
	EXPECT_U64(last->data, 0);
	memcpy(page.run.mmio.data, "\x11\x12\x13\x14\x15\x16\x17\x18", 8);
	recorder_enter(&rec);
	EXPECT_U64(last->data, 0x1817161514131211);
}

TEST("-", recorder_signal, 0)
{
	const struct exit_record *last;

	CONTEXT("KVM_RUN answers EINTR after an IN: what the page says is the exit before");
	begin();
	set_io(KVM_EXIT_IO_IN, 0x3f8, 1, 1);
	trip(0);
	put_data(0x41);
	trip(-EINTR);
	last = newest();
	EXPECT_U64(last->kind, EXIT_INTR);
	EXPECT_U64(last->reason, EINTR);
	EXPECT_U64(last->addr | last->size | last->count | last->data, 0);
	put_data(0x42); /* nobody's answer */
	recorder_enter(&rec);
	EXPECT_U64(newest()->data, 0);
	EXPECT_U64(recorder_last(&rec, 1)->data, 0x41);
	EXPECT_U64(rec.count[EXIT_IO_IN], 1);
	EXPECT_U64(rec.count[EXIT_INTR], 1);
}

TEST("-", recorder_error, 0)
{
	const struct exit_record *last;

	begin();
	set_io(KVM_EXIT_IO_OUT, 0xe9, 1, 1);
	trip(-EFAULT);
	last = newest();
	EXPECT_U64(last->kind, EXIT_RUN_ERROR);
	EXPECT_U64(last->reason, EFAULT);
	EXPECT_U64(last->addr, 0);
	EXPECT_U64(rec.count[EXIT_RUN_ERROR], 1);
	EXPECT_U64(rec.count[EXIT_IO_OUT], 0);
}

TEST("-", recorder_each_reason, 0)
{
	static const struct {
		u32 reason;
		enum exit_kind kind;
	} rows[] = {
		{ KVM_EXIT_HLT, EXIT_HLT },
		{ KVM_EXIT_IRQ_WINDOW_OPEN, EXIT_IRQ_WINDOW },
		{ KVM_EXIT_SHUTDOWN, EXIT_SHUTDOWN },
		{ KVM_EXIT_FAIL_ENTRY, EXIT_FAIL_ENTRY },
		{ KVM_EXIT_INTERNAL_ERROR, EXIT_INTERNAL_ERROR },
		{ KVM_EXIT_INTR, EXIT_INTR },
		{ KVM_EXIT_UNKNOWN, EXIT_OTHER },
		{ KVM_EXIT_SYSTEM_EVENT, EXIT_OTHER },
		{ 77, EXIT_OTHER },
		{ UINT32_MAX, EXIT_OTHER },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		CONTEXT("exit reason %u", rows[i].reason);
		begin();
		exit_with(rows[i].reason);
		EXPECT_U64(newest()->kind, rows[i].kind);
		EXPECT_U64(newest()->reason, rows[i].reason);
		EXPECT_U64(rec.count[rows[i].kind], 1);
		EXPECT_U64(rec.total, 1);
	}
}

TEST("-", recorder_after_a_triple_fault, 0)
{
	begin();
	rec.has_regs = true;
	page.run.s.regs.regs.rip = 0x1234;
	exit_with(KVM_EXIT_SHUTDOWN);
	EXPECT_TRUE(newest()->has_rip);
	EXPECT_U64(newest()->rip, 0x1234);
	CONTEXT("where a CPU begins after a reset: KVM has reset it, that is not the guest's RIP");
	page.run.s.regs.regs.rip = 0xfff0;
	exit_with(KVM_EXIT_SHUTDOWN);
	EXPECT_TRUE(!newest()->has_rip);
	CONTEXT("a guest that is really there");
	exit_with(KVM_EXIT_HLT);
	EXPECT_TRUE(newest()->has_rip);
}

TEST("-", recorder_ring_wraps, 0)
{
	const u32 exits = 2 * RECORDER_RING + 10;

	begin();
	for (u32 i = 0; i < exits; i++) {
		set_io(KVM_EXIT_IO_OUT, (u16)i, 1, 1);
		trip(0);
	}
	EXPECT_U64(rec.total, exits);
	EXPECT_U64(rec.count[EXIT_IO_OUT], exits); /* what the ring forgot still counts */
	for (u32 i = 0; i < RECORDER_RING; i++) {
		const struct exit_record *record = recorder_last(&rec, i);

		EXPECT_TRUE(record != NULL, "the ring has lost its exit %u", i);
		EXPECT_U64(record->addr, exits - 1 - i);
	}
	EXPECT_TRUE(!recorder_last(&rec, RECORDER_RING));
	EXPECT_TRUE(!recorder_last(&rec, exits - 1));
	EXPECT_TRUE(!recorder_last(&rec, UINT64_MAX));
}

TEST("-", recorder_ring_before_it_is_full, 0)
{
	begin();
	exit_with(KVM_EXIT_HLT);
	exit_with(KVM_EXIT_SHUTDOWN);
	EXPECT_U64(newest()->kind, EXIT_SHUTDOWN);
	EXPECT_U64(recorder_last(&rec, 1)->kind, EXIT_HLT);
	EXPECT_TRUE(!recorder_last(&rec, 2));
	EXPECT_TRUE(!recorder_last(&rec, RECORDER_RING - 1));
}

TEST("-", recorder_rip, 0)
{
	begin();
	rec.has_regs = true;
	page.run.s.regs.regs.rip = 0x1234;
	exit_with(KVM_EXIT_HLT);
	EXPECT_TRUE(newest()->has_rip);
	EXPECT_U64(newest()->rip, 0x1234);
}

TEST("-", recorder_times_add_up, 0)
{
	u64 guest = 0, handler = 0;

	CONTEXT("the times by kind are the sums of the times of the exits");
	begin();
	for (unsigned i = 0; i < 20; i++)
		exit_with(KVM_EXIT_HLT);
	recorder_enter(&rec); /* completes the last one */
	for (unsigned i = 0; i < 20; i++) {
		guest += recorder_last(&rec, i)->guest;
		handler += recorder_last(&rec, i)->handler;
	}
	EXPECT_U64(rec.guest[EXIT_HLT], guest);
	EXPECT_U64(rec.handler[EXIT_HLT], handler);
	EXPECT_U64(rec.guest[EXIT_INTR], 0);
}

TEST("-", recorder_kind_names, 0)
{
	static const char *const names[EXIT_KINDS] = {
		"IO_IN",    "IO_OUT",	  "MMIO_READ",	    "MMIO_WRITE", "HLT",       "IRQ_WINDOW",
		"SHUTDOWN", "FAIL_ENTRY", "INTERNAL_ERROR", "INTR",	  "RUN_ERROR", "OTHER",
	};

	CONTEXT("graders read these names in reports");
	for (unsigned kind = 0; kind < EXIT_KINDS; kind++)
		EXPECT_STR(exit_kind_name(kind), names[kind]);
}

TEST("-", exit_described, 0)
{
	static const struct {
		struct exit_record record;
		const char *text;
	} rows[] = {
		{ { .kind = EXIT_IO_OUT, .addr = 0xe9, .size = 1, .count = 1, .data = 0x48 },
		  "IO_OUT port=0xe9 size=1 count=1 data=48" },
		{ { .kind = EXIT_IO_OUT, .addr = 0xe9, .size = 1, .count = 17, .data = 0 },
		  "IO_OUT port=0xe9 size=1 count=17 data=00" },
		{ { .kind = EXIT_IO_IN, .addr = 0xcfc, .size = 4, .count = 1, .data = 0xffff },
		  "IO_IN port=0xcfc size=4 count=1 data=0000ffff" },
		{ { .kind = EXIT_MMIO_READ, .addr = 0xfeb00000, .size = 4, .data = 0x74726976 },
		  "MMIO_READ gpa=0xfeb00000 size=4 data=74726976" },
		{ { .kind = EXIT_MMIO_WRITE, .addr = UINT64_MAX, .size = 8, .data = UINT64_MAX },
		  "MMIO_WRITE gpa=0xffffffffffffffff size=8 data=ffffffffffffffff" },
		{ { .kind = EXIT_HLT }, "HLT" },
		{ { .kind = EXIT_INTR, .reason = EINTR }, "INTR" },
		{ { .kind = EXIT_RUN_ERROR, .reason = EFAULT }, "RUN_ERROR Bad address" },
		{ { .kind = EXIT_OTHER, .reason = KVM_EXIT_HYPERCALL },
		  "OTHER reason=3 KVM_EXIT_HYPERCALL" },
		{ { .kind = EXIT_OTHER, .reason = 77 },
		  "OTHER reason=77 (linux/kvm.h has no such)" },
	};
	char buf[96];

	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
		EXPECT_STR(exit_describe(&rows[i].record, buf, sizeof(buf)), rows[i].text);
	CONTEXT("a buffer that is too small: cut off, not overrun");
	memset(buf, '#', sizeof(buf));
	EXPECT_STR(exit_describe(&rows[0].record, buf, 8), "IO_OUT ");
	EXPECT_TRUE(buf[8] == '#');
}

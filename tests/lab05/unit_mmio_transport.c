// SPDX-License-Identifier: MIT
/* Task 5.1: the registers, as a driver sees them through the bus. */
#include <errno.h>

#include "../common/capture.h"
#include "fake_device.h"
#include "virtio_mmio.h"
#include "verdicts.h"

#define WINDOW 3
#define BASE   (VIRTIO_MMIO_GPA + WINDOW * VIRTIO_MMIO_SIZE)

/* The fake device in window 3, and nothing in window 4. */
struct machine {
	struct fake f;
	struct virtio_mmio t, empty;
	struct bus mmio;
};

static struct machine *machine(void)
{
	struct machine *m = calloc(1, sizeof(*m));

	if (!m)
		test_error("no memory");
	fake_init(&m->f);
	EXPECT_ERR(virtio_mmio_init(&m->t, &m->mmio, WINDOW, &m->f.v), 0);
	EXPECT_ERR(virtio_mmio_init(&m->empty, &m->mmio, WINDOW + 1, NULL), 0);
	return m;
}

/* What is read is preset to something else: a device has to give all bytes. */
static u64 get(struct machine *m, u64 gpa, unsigned size)
{
	u64 value = 0;

	memset(&value, 0xa5, size);
	EXPECT_V(bus_io(&m->mmio, gpa, false, &value, size), V_RESUME);
	return value;
}

static u32 reg(struct machine *m, u32 off)
{
	return (u32)get(m, BASE + off, 4);
}

static void put(struct machine *m, u64 gpa, u64 value, unsigned size)
{
	EXPECT_V(bus_io(&m->mmio, gpa, true, &value, size), V_RESUME);
}

static void set(struct machine *m, u32 off, u32 value)
{
	put(m, BASE + off, value, 4);
}

static void set_features(struct machine *m, u64 features)
{
	for (u32 i = 0; i < 2; i++) {
		set(m, VIRTIO_MMIO_DRIVER_FEATURES_SEL, i);
		set(m, VIRTIO_MMIO_DRIVER_FEATURES, (u32)(features >> (32 * i)));
	}
}

static void set_addresses(struct machine *m, u64 desc, u64 avail, u64 used)
{
	set(m, VIRTIO_MMIO_QUEUE_DESC, (u32)desc);
	set(m, VIRTIO_MMIO_QUEUE_DESC + 4, (u32)(desc >> 32));
	set(m, VIRTIO_MMIO_QUEUE_DRIVER, (u32)avail);
	set(m, VIRTIO_MMIO_QUEUE_DRIVER + 4, (u32)(avail >> 32));
	set(m, VIRTIO_MMIO_QUEUE_DEVICE, (u32)used);
	set(m, VIRTIO_MMIO_QUEUE_DEVICE + 4, (u32)(used >> 32));
}

/* From reset to FEATURES_OK. */
static void negotiate(struct machine *m, u64 features)
{
	set(m, VIRTIO_MMIO_STATUS, 0);
	set(m, VIRTIO_MMIO_STATUS, 1);
	set(m, VIRTIO_MMIO_STATUS, 3);
	set_features(m, features);
	set(m, VIRTIO_MMIO_STATUS, 0xb);
}

static void set_up_queue(struct machine *m, u32 queue, u32 size)
{
	set(m, VIRTIO_MMIO_QUEUE_SEL, queue);
	set(m, VIRTIO_MMIO_QUEUE_NUM, size);
	set_addresses(m, AT_DESC, AT_AVAIL, AT_USED);
	set(m, VIRTIO_MMIO_QUEUE_READY, 1);
}

static struct machine *running(void)
{
	struct machine *m = machine();

	negotiate(m, VIRTIO_F_VERSION_1);
	set_up_queue(m, 0, 8);
	set(m, VIRTIO_MMIO_STATUS, 0xf);
	CONTEXT("a driver sets the device up and says DRIVER_OK");
	EXPECT_U64(reg(m, VIRTIO_MMIO_STATUS), 0xf);
	return m;
}

TEST("5.1", what_a_driver_finds, 0)
{
	struct machine *m = machine();
	u64 offered;

	EXPECT_U64(reg(m, VIRTIO_MMIO_MAGIC_VALUE), 0x74726976);
	EXPECT_U64(reg(m, VIRTIO_MMIO_VERSION), 2);
	EXPECT_U64(reg(m, VIRTIO_MMIO_DEVICE_ID), FAKE_ID);
	EXPECT_U64(reg(m, VIRTIO_MMIO_VENDOR_ID), VIRTIO_MMIO_VENDOR);
	EXPECT_U64(reg(m, VIRTIO_MMIO_QUEUE_NUM_MAX), VIRTQ_MAX);
	EXPECT_U64(reg(m, VIRTIO_MMIO_QUEUE_READY), 0);
	EXPECT_U64(reg(m, VIRTIO_MMIO_STATUS), 0);
	EXPECT_U64(reg(m, VIRTIO_MMIO_INTERRUPT_STATUS), 0);
	offered = reg(m, VIRTIO_MMIO_DEVICE_FEATURES);
	set(m, VIRTIO_MMIO_DEVICE_FEATURES_SEL, 1);
	offered |= (u64)reg(m, VIRTIO_MMIO_DEVICE_FEATURES) << 32;
	CONTEXT("the features of the device, VERSION_1, and what the queues can do");
	EXPECT_U64(offered & ~(VIRTIO_F_INDIRECT_DESC | VIRTIO_F_EVENT_IDX),
		   FAKE_FEATURES | VIRTIO_F_VERSION_1);
	for (u32 sel = 2; sel; sel *= 4) {
		CONTEXT("features from bit %llu on: there are none (row 33)", 32ULL * sel);
		set(m, VIRTIO_MMIO_DEVICE_FEATURES_SEL, sel);
		EXPECT_U64(reg(m, VIRTIO_MMIO_DEVICE_FEATURES), 0);
	}
	CONTEXT("no shared memory: length and address are all ones (4.2.2)");
	for (u32 off = 0xb0; off < 0xc0; off += 4)
		EXPECT_U64(reg(m, off), 0xffffffff);
	CONTEXT("an empty window: magic and version, device id 0, and writes change nothing");
	for (u64 off = 0; off < VIRTIO_MMIO_SIZE; off += 4) {
		put(m, BASE + VIRTIO_MMIO_SIZE + off, 1, 4);
		EXPECT_U64(get(m, BASE + VIRTIO_MMIO_SIZE + off, 4), off == 0	? 0x74726976
								     : off == 4 ? 2
										: 0);
	}
}

TEST("5.1", row_31_status_step_by_step, 1)
{
	/* From a status, the driver writes another: what is the status then? */
	static const u32 step[][3] = {
		{ 0, 1, 1 },	     { 0, 2, 0 },	  { 0, 3, 3 },		{ 0, 4, 0 },
		{ 0, 8, 0 },	     { 0, 0xff, 0 },	  { 0, 0x81, 0x81 },	{ 1, 3, 3 },
		{ 1, 2, 1 },	     { 1, 0xb, 1 },	  { 1, 0x40, 1 },	{ 3, 1, 3 },
		{ 3, 7, 3 },	     { 3, 0xb, 0xb },	  { 3, 0xf, 3 },	{ 3, 0x83, 0x83 },
		{ 3, 0x33, 3 },	     { 0xb, 3, 0xb },	  { 0xb, 0xf, 0xf },	{ 0xb, 0x4f, 0xf },
		{ 0xb, 0xff, 0x8f }, { 0xf, 0xb, 0xf },	  { 0xf, 0xf, 0xf },	{ 0xf, 0x1f, 0xf },
		{ 0xf, 0x100, 0xf }, { 0xf, 0, 0 },	  { 0x8b, 0x8f, 0x8b }, { 0x8f, 0, 0 },
		{ 0x43, 0xb, 0x4b }, { 0x4b, 0xf, 0x4f }, { 0x4f, 0xff, 0xcf }, { 0x4f, 0, 0 },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(step); i++) {
		struct machine *m = machine();

		m->f.v.state.accepted = VIRTIO_F_VERSION_1;
		m->f.v.state.status = step[i][0];
		CONTEXT("from status 0x%x the driver writes 0x%x", step[i][0], step[i][1]);
		set(m, VIRTIO_MMIO_STATUS, step[i][1]);
		EXPECT_U64(reg(m, VIRTIO_MMIO_STATUS), step[i][2]);
	}
}

TEST("5.1", rows_32_33_features, 1)
{
	static const u64 bad[] = { 0, FAKE_FEATURES, VIRTIO_F_VERSION_1 | 1,
				   VIRTIO_F_VERSION_1 | 1ULL << 38, UINT64_MAX };
	struct machine *m = machine();

	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		CONTEXT("the driver accepts 0x%llx of 0x%llx: no FEATURES_OK",
			(unsigned long long)bad[i], (unsigned long long)m->f.v.offered);
		negotiate(m, bad[i]);
		EXPECT_U64(reg(m, VIRTIO_MMIO_STATUS), 3);
	}
	CONTEXT("all that is offered, part of it, and only VERSION_1");
	negotiate(m, m->f.v.offered);
	EXPECT_U64(reg(m, VIRTIO_MMIO_STATUS), 0xb);
	negotiate(m, VIRTIO_F_VERSION_1 | 8);
	EXPECT_U64(reg(m, VIRTIO_MMIO_STATUS), 0xb);
	negotiate(m, VIRTIO_F_VERSION_1);
	EXPECT_U64(reg(m, VIRTIO_MMIO_STATUS), 0xb);
	EXPECT_U64(m->f.v.state.accepted, VIRTIO_F_VERSION_1);
	CONTEXT("no FEATURES_OK; the driver writes fewer, without a reset, and these count");
	negotiate(m, UINT64_MAX);
	set_features(m, VIRTIO_F_VERSION_1);
	EXPECT_U64(m->f.v.state.accepted, VIRTIO_F_VERSION_1);
	set(m, VIRTIO_MMIO_STATUS, 0xb);
	EXPECT_U64(reg(m, VIRTIO_MMIO_STATUS), 0xb);
	CONTEXT("after FEATURES_OK they cannot be changed, nor through a SEL that there is not");
	set_features(m, UINT64_MAX);
	EXPECT_U64(m->f.v.state.accepted, VIRTIO_F_VERSION_1);
	set(m, VIRTIO_MMIO_STATUS, 0);
	for (u32 sel = 2; sel; sel *= 4) {
		set(m, VIRTIO_MMIO_DRIVER_FEATURES_SEL, sel);
		set(m, VIRTIO_MMIO_DRIVER_FEATURES, 0xffffffff);
	}
	EXPECT_U64(m->f.v.state.accepted, 0);
	CONTEXT("what the device offers and what the driver accepts have a SEL each");
	set(m, VIRTIO_MMIO_DEVICE_FEATURES_SEL, 0);
	set(m, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 1);
	EXPECT_U64(reg(m, VIRTIO_MMIO_DEVICE_FEATURES), (u32)m->f.v.offered);
	set(m, VIRTIO_MMIO_DEVICE_FEATURES_SEL, 0);
	set(m, VIRTIO_MMIO_DRIVER_FEATURES, 1);
	EXPECT_U64(m->f.v.state.accepted, VIRTIO_F_VERSION_1);
}

static void expect_queue(struct machine *m, unsigned queue, u16 size, u64 desc, u64 avail, u64 used)
{
	const struct virtq *q = &m->f.v.state.queue[queue];

	EXPECT_U64(q->size, size);
	EXPECT_U64(q->desc, desc);
	EXPECT_U64(q->avail, avail);
	EXPECT_U64(q->used, used);
}

TEST("5.1", rows_22_26_setting_up_queues, 1)
{
	struct machine *m = machine();

	negotiate(m, VIRTIO_F_VERSION_1);
	set(m, VIRTIO_MMIO_QUEUE_SEL, 1);
	set(m, VIRTIO_MMIO_QUEUE_NUM, 16);
	set_addresses(m, 0x123456789a0, 0xfedcba9876, 0x1122334455667788);
	expect_queue(m, 1, 16, 0x123456789a0, 0xfedcba9876, 0x1122334455667788);
	expect_queue(m, 0, 0, 0, 0, 0);
	CONTEXT("other addresses are written over these: the last ones count");
	set_addresses(m, 0x2000000030, 0x1000000002, 0x3000000004);
	expect_queue(m, 1, 16, 0x2000000030, 0x1000000002, 0x3000000004);
	for (u32 sel = 2; sel; sel *= 2) {
		CONTEXT("queue %u, which the device does not have (row 26)", sel);
		set_up_queue(m, sel, 8);
		EXPECT_U64(reg(m, VIRTIO_MMIO_QUEUE_NUM_MAX), 0);
		EXPECT_U64(reg(m, VIRTIO_MMIO_QUEUE_READY), 0);
		expect_queue(m, 0, 0, 0, 0, 0);
	}
	CONTEXT("QueueReady is 0 or 1: nothing else makes a queue ready, and nothing but 0 stops "
		"it");
	set_up_queue(m, 0, 8);
	set(m, VIRTIO_MMIO_QUEUE_READY, 0);
	for (u32 value = 2; value; value *= 2) {
		set(m, VIRTIO_MMIO_QUEUE_READY, value);
		EXPECT_U64(reg(m, VIRTIO_MMIO_QUEUE_READY), 0);
	}
	set(m, VIRTIO_MMIO_QUEUE_READY, 1);
	set(m, VIRTIO_MMIO_QUEUE_READY, 2);
	CONTEXT("queue 0 is ready; then its size and addresses are written again (row 22)");
	EXPECT_U64(reg(m, VIRTIO_MMIO_QUEUE_READY), 1);
	EXPECT_U64(reg(m, VIRTIO_MMIO_QUEUE_NUM_MAX), VIRTQ_MAX);
	set(m, VIRTIO_MMIO_QUEUE_NUM, 128);
	set_addresses(m, RAM_END - 16, RAM_END - 2, RAM_END - 4);
	expect_queue(m, 0, 8, AT_DESC, AT_AVAIL, AT_USED);
	CONTEXT("it is stopped, changed and made ready again: legal before DRIVER_OK");
	set(m, VIRTIO_MMIO_QUEUE_READY, 0);
	EXPECT_U64(reg(m, VIRTIO_MMIO_QUEUE_READY), 0);
	set_up_queue(m, 0, 16);
	EXPECT_U64(reg(m, VIRTIO_MMIO_QUEUE_READY), 1);
	EXPECT_U64(m->f.v.state.queue[0].size, 16);
	CONTEXT("after DRIVER_OK nothing can be changed, not even in a stopped queue (row 22)");
	set(m, VIRTIO_MMIO_STATUS, 0xf);
	set(m, VIRTIO_MMIO_QUEUE_READY, 0);
	set(m, VIRTIO_MMIO_QUEUE_NUM, 128);
	set_addresses(m, RAM_END - 16, RAM_END - 2, RAM_END - 4);
	expect_queue(m, 0, 16, AT_DESC, AT_AVAIL, AT_USED);
	set(m, VIRTIO_MMIO_QUEUE_READY, 1);
	EXPECT_U64(reg(m, VIRTIO_MMIO_QUEUE_READY), 0);
}

TEST("5.1", rows_21_23_24_queue_refused, 0)
{
	static const u32 bad[] = { 0, 3, 512, 0x10000, 0x10008, 0x80000000 };
	struct machine *m = machine();
	struct capture cap = capture_begin(2);

	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		negotiate(m, VIRTIO_F_VERSION_1);
		CONTEXT("a queue of size 0x%x is not made ready (row 21)", bad[i]);
		set_up_queue(m, 0, bad[i]);
		EXPECT_U64(reg(m, VIRTIO_MMIO_QUEUE_READY), 0);
	}
	negotiate(m, VIRTIO_F_VERSION_1);
	set(m, VIRTIO_MMIO_QUEUE_SEL, 0);
	set(m, VIRTIO_MMIO_QUEUE_NUM, 8);
	set_addresses(m, 0xfeb00000, AT_AVAIL, AT_USED);
	set(m, VIRTIO_MMIO_QUEUE_READY, 1);
	capture_end(&cap);
	CONTEXT("a queue in a device's registers is not made ready (rows 24, 47)");
	EXPECT_U64(reg(m, VIRTIO_MMIO_QUEUE_READY), 0);
	CONTEXT("after a reset, a good one is");
	negotiate(m, VIRTIO_F_VERSION_1);
	set_up_queue(m, 0, 8);
	EXPECT_U64(reg(m, VIRTIO_MMIO_QUEUE_READY), 1);
}

/* Row 34 */
static void expect_reset(void)
{
	struct machine *m = running();

	m->f.v.state.queue[0].next_avail = 3;
	m->f.resets = 0;
	virtio_config_changed(&m->f.v);
	for (unsigned i = 0; i < 1000; i++)
		set(m, VIRTIO_MMIO_STATUS, 0);
	CONTEXT("status 0, a thousand times (row 34): all is as it was in the beginning");
	EXPECT_U64(m->f.resets, 1000);
	EXPECT_U64(reg(m, VIRTIO_MMIO_STATUS), 0);
	EXPECT_U64(reg(m, VIRTIO_MMIO_INTERRUPT_STATUS), 0);
	EXPECT_U64(m->f.level, 0);
	EXPECT_U64(m->f.v.state.accepted, 0);
	EXPECT_U64(reg(m, VIRTIO_MMIO_QUEUE_READY), 0);
	expect_queue(m, 0, 0, 0, 0, 0);
	EXPECT_U64(m->f.v.state.queue[0].next_avail, 0);
	CONTEXT("and it can be set up again");
	negotiate(m, VIRTIO_F_VERSION_1);
	set_up_queue(m, 0, 8);
	set(m, VIRTIO_MMIO_STATUS, 0xf);
	set(m, VIRTIO_MMIO_QUEUE_NOTIFY, 0);
	EXPECT_U64(m->f.notified, 1);
}

TEST("5.1", rows_27_28_34_35_notifications_and_resets, 1)
{
	struct machine *m = machine();

	negotiate(m, VIRTIO_F_VERSION_1);
	set_up_queue(m, 0, 8);
	set(m, VIRTIO_MMIO_QUEUE_NOTIFY, 0);
	CONTEXT("a notification before DRIVER_OK (row 27)");
	EXPECT_U64(m->f.notified, 0);
	set(m, VIRTIO_MMIO_STATUS, 0xf);
	m->f.v.state.queue[2].ready = true; /* the device has 0 and 1 */
	for (u32 queue = 1; queue; queue *= 2)
		set(m, VIRTIO_MMIO_QUEUE_NOTIFY, queue);
	CONTEXT("row 27: notifications of a queue that is not ready, and of such as there are not");
	EXPECT_U64(m->f.notified, 0);
	CONTEXT("each notification is handed on, once (row 28)");
	for (unsigned i = 0; i < 1000; i++)
		set(m, VIRTIO_MMIO_QUEUE_NOTIFY, 0);
	EXPECT_U64(m->f.notified, 1000);
	EXPECT_U64(m->f.last_queue, 0);
	EXPECT_TRUE(m->f.within_budget, "not by virtio_serve()");
	CONTEXT("the driver gives up (row 35): a notification is nothing any more");
	set(m, VIRTIO_MMIO_STATUS, 0x8f);
	set(m, VIRTIO_MMIO_QUEUE_NOTIFY, 0);
	EXPECT_U64(m->f.notified, 1000);
	expect_reset();
}

TEST("5.1", row_29_other_widths, 0)
{
	struct machine *m = running();

	for (u32 off = 0; off < 0x100; off++) {
		for (unsigned size = 1; size <= 8; size *= 2) {
			if (size == 4 && off % 4 == 0)
				continue;
			CONTEXT("%u bytes at offset 0x%x read as 0, and writes are ignored", size,
				off);
			EXPECT_U64(get(m, BASE + off, size), 0);
			put(m, BASE + off, 0, size);
			EXPECT_U64(reg(m, VIRTIO_MMIO_STATUS), 0xf);
		}
	}
	CONTEXT("registers that are read-only, write-only or not there");
	for (u32 off = 0; off < 0x100; off += 4) {
		bool writable = off == VIRTIO_MMIO_STATUS || off == VIRTIO_MMIO_QUEUE_READY;

		if (!writable)
			set(m, off, 0xffffffff);
	}
	EXPECT_U64(reg(m, VIRTIO_MMIO_MAGIC_VALUE), VIRTIO_MMIO_MAGIC);
	EXPECT_U64(reg(m, VIRTIO_MMIO_DEVICE_ID), FAKE_ID);
	EXPECT_U64(reg(m, VIRTIO_MMIO_QUEUE_NUM), 0);
	EXPECT_U64(reg(m, VIRTIO_MMIO_QUEUE_NOTIFY), 0);
	EXPECT_U64(reg(m, VIRTIO_MMIO_QUEUE_DESC), 0);
	EXPECT_U64(reg(m, VIRTIO_MMIO_STATUS), 0xf);
	CONTEXT("8 bytes across the end of the window: the bus splits them");
	EXPECT_U64(get(m, BASE + VIRTIO_MMIO_SIZE - 4, 8), 0);
}

/* Most devices have nothing that can be written. */
static void write_what_is_read_only(void)
{
	struct machine *m = machine();
	struct virtio_ops ops = *m->f.v.ops;

	ops.config_write = NULL;
	m->f.v.ops = &ops;
	CONTEXT("8 bytes written to a configuration space that can only be read (row 30)");
	put(m, BASE + 0x100, UINT64_MAX, 8);
	EXPECT_BYTES(m->f.config, "config", 6);
}

/* Six bytes of configuration, and nothing behind them. */
TEST("5.1", row_30_configuration_space, 1)
{
	static const char want[16] = "config";
	struct machine *m = machine();
	u64 value;

	for (unsigned size = 1; size <= 8; size *= 2) {
		for (u32 off = 0; off <= 8; off++) {
			u64 expected = 0;

			memcpy(&expected, want + off, size);
			CONTEXT("%u bytes at offset %u of a configuration of 6", size, off);
			EXPECT_U64(get(m, BASE + 0x100 + off, size), expected);
		}
		CONTEXT("%u bytes at the end of the window", size);
		EXPECT_U64(get(m, BASE + 0x200 - size, size), 0);
	}
	memcpy(&value, "CONFIGUR", 8);
	put(m, BASE + 0x102, value, 8);
	CONTEXT("8 bytes written at offset 2: four of them are there");
	EXPECT_BYTES(m->f.config, "coCONF", 6);
	put(m, BASE + 0x106, value, 8);
	put(m, BASE + 0x1f8, value, 8);
	EXPECT_BYTES(m->f.config, "coCONF", 6);
	write_what_is_read_only();
	CONTEXT("a new generation when it has changed, and an interrupt");
	m = running();
	value = reg(m, VIRTIO_MMIO_CONFIG_GENERATION);
	virtio_config_changed(&m->f.v);
	EXPECT_TRUE(reg(m, VIRTIO_MMIO_CONFIG_GENERATION) != value);
	EXPECT_U64(reg(m, VIRTIO_MMIO_INTERRUPT_STATUS), VIRTIO_INT_CONFIG);
}

TEST("5.1", interrupt_is_acknowledged, 0)
{
	struct machine *m = running();

	m->f.v.state.interrupt = VIRTIO_INT_QUEUE;
	virtio_config_changed(&m->f.v);
	CONTEXT("a used buffer and a change of the configuration are pending");
	EXPECT_U64(reg(m, VIRTIO_MMIO_INTERRUPT_STATUS), 3);
	EXPECT_U64(m->f.level, 1);
	set(m, VIRTIO_MMIO_INTERRUPT_ACK, VIRTIO_INT_CONFIG);
	CONTEXT("one is acknowledged: the line is high for the other, by a new edge");
	EXPECT_U64(reg(m, VIRTIO_MMIO_INTERRUPT_STATUS), VIRTIO_INT_QUEUE);
	EXPECT_U64(m->f.level, 1);
	EXPECT_U64(m->f.edges, 2);
	CONTEXT("the other is acknowledged, too: the line is low");
	set(m, VIRTIO_MMIO_INTERRUPT_ACK, 0xffffffff);
	EXPECT_U64(reg(m, VIRTIO_MMIO_INTERRUPT_STATUS), 0);
	EXPECT_U64(m->f.level, 0);
}

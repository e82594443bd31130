// SPDX-License-Identifier: MIT
/* --verbose: each refusal of the transport has its line, once; and what is right has none. */
#include "../common/capture.h"
#include "fake_device.h"
#include "refusal.h"
#include "virtio_mmio.h"
#include "verdicts.h"

#define WINDOW 3
#define BASE   (VIRTIO_MMIO_GPA + WINDOW * VIRTIO_MMIO_SIZE)
#define SAYS   "vmm: fake in window 3: "

struct machine {
	struct fake f;
	struct virtio_mmio t;
	struct bus mmio;
	struct capture capture;
};

static void put(struct machine *m, u32 off, u64 value, unsigned size)
{
	EXPECT_V(bus_io(&m->mmio, BASE + off, true, &value, size), V_RESUME);
}

static void set(struct machine *m, u32 off, u32 value)
{
	put(m, off, value, 4);
}

/* From a reset to FEATURES_OK, or not so far. */
static void negotiate(struct machine *m, u64 features)
{
	set(m, VIRTIO_MMIO_STATUS, 0);
	set(m, VIRTIO_MMIO_STATUS, 1);
	set(m, VIRTIO_MMIO_STATUS, 3);
	for (u32 i = 0; i < 2; i++) {
		set(m, VIRTIO_MMIO_DRIVER_FEATURES_SEL, i);
		set(m, VIRTIO_MMIO_DRIVER_FEATURES, (u32)(features >> (32 * i)));
	}
	set(m, VIRTIO_MMIO_STATUS, 0xb);
}

static void set_up_queue(struct machine *m, u32 queue, u32 size, u64 desc)
{
	set(m, VIRTIO_MMIO_QUEUE_SEL, queue);
	set(m, VIRTIO_MMIO_QUEUE_NUM, size);
	set(m, VIRTIO_MMIO_QUEUE_DESC, (u32)desc);
	set(m, VIRTIO_MMIO_QUEUE_DRIVER, (u32)AT_AVAIL);
	set(m, VIRTIO_MMIO_QUEUE_DEVICE, (u32)AT_USED);
	set(m, VIRTIO_MMIO_QUEUE_READY, 1);
}

static struct machine *machine(void)
{
	struct machine *m = calloc(1, sizeof(*m));

	if (!m)
		test_error("no memory");
	fake_init(&m->f);
	m->f.v.verbose = true;
	m->f.v.window = WINDOW;
	EXPECT_ERR(virtio_mmio_init(&m->t, &m->mmio, WINDOW, &m->f.v), 0);
	m->capture = capture_begin(2);
	return m;
}

/* As far as DRIVER_OK, and nothing is said about it. */
static struct machine *running(void)
{
	struct machine *m = machine();

	negotiate(m, VIRTIO_F_VERSION_1);
	set_up_queue(m, 0, 8, AT_DESC);
	set(m, VIRTIO_MMIO_STATUS, 0xf);
	return m;
}

/* What was said since machine(). */
static void expect_said(struct machine *m, const char *want)
{
	EXPECT_STR(capture_end(&m->capture), want);
}

static bool is_undone(void)
{
	struct machine *m = running();
	bool undone = m->f.v.state.status != 0xf;

	capture_end(&m->capture);
	return undone;
}

TEST("-", why_features_ok_is_refused, 0)
{
	struct machine *m;

	if (is_undone())
		SKIP("task 5.1 comes first");
	m = machine();
	for (unsigned i = 0; i < 3; i++)
		negotiate(m, 1ULL << 29 | 1ULL << 3);
	CONTEXT("a driver without VERSION_1");
	expect_said(m, SAYS "FEATURES_OK is refused: the driver does not accept bit 32 "
			    "(VERSION_1), and there is no legacy device here; it accepts 3, 29 "
			    "(EVENT_IDX)\n");
	m = machine();
	for (unsigned i = 0; i < 3; i++)
		negotiate(m, VIRTIO_F_VERSION_1 | 1ULL << 34 | 1ULL << 3 | 1ULL << 5);
	CONTEXT("a driver that accepts more than is offered");
	expect_said(m, SAYS "FEATURES_OK is refused: the driver accepts features that are not "
			    "offered: 5, 34 (RING_PACKED)\n");
	m = machine();
	negotiate(m, UINT64_MAX);
	CONTEXT("all 64 bits: as many as there is room for");
	EXPECT_CONTAINS(capture_end(&m->capture), "not offered: 0, 1, 2, 4, 5, 6, ");
}

TEST("-", why_a_status_is_ignored, 0)
{
	static const struct {
		u32 before, status;
		const char *why;
	} row[] = {
		{ 0, 0x100, "status 0x100 is ignored: it has eight bits\n" },
		{ 0, 2,
		  "status 0x02 is ignored: it was 0x00, and the order is ACKNOWLEDGE 1, DRIVER 2, "
		  "FEATURES_OK 8, DRIVER_OK 4\n" },
		{ 1, 5,
		  "status 0x05 is ignored: it was 0x01, and the order is ACKNOWLEDGE 1, DRIVER 2, "
		  "FEATURES_OK 8, DRIVER_OK 4\n" },
		{ 3, 1,
		  "status 0x01 is ignored: it was 0x03, and no bit may be cleared but by a "
		  "reset\n" },
		{ 0x80, 0x81,
		  "status 0x81 is ignored: after FAILED (0x80) only a reset is heard\n" },
	};

	if (is_undone())
		SKIP("task 5.1 comes first");
	for (unsigned i = 0; i < ARRAY_SIZE(row); i++) {
		struct machine *m = machine();
		char want[200];

		if (row[i].before > 1)
			set(m, VIRTIO_MMIO_STATUS, row[i].before & ~2U);
		set(m, VIRTIO_MMIO_STATUS, row[i].before);
		for (unsigned n = 0; n < 3; n++)
			set(m, VIRTIO_MMIO_STATUS, row[i].status);
		CONTEXT("status 0x%x, then 0x%x three times", row[i].before, row[i].status);
		snprintf(want, sizeof(want), SAYS "%s", row[i].why);
		expect_said(m, want);
	}
}

TEST("-", why_a_queue_is_refused, 0)
{
	struct machine *m;
	char *text;

	if (is_undone())
		SKIP("task 5.1 comes first");
	m = machine();
	negotiate(m, VIRTIO_F_VERSION_1);
	set_up_queue(m, 1, 12, AT_DESC + 8);
	text = capture_end(&m->capture);
	CONTEXT("neither size nor address are right");
	EXPECT_CONTAINS(text, SAYS "queue 1 is refused: size 12 (at most 256, a power of two), "
				   "descriptors at 0x100008 (by 16), avail at 0x101000 (by 2), "
				   "used at 0x102000 (by 4), all in RAM\n");
	m = machine();
	negotiate(m, VIRTIO_F_VERSION_1);
	set_up_queue(m, 2, 8, AT_DESC);
	CONTEXT("a queue that there is not");
	expect_said(m, SAYS "there is no queue 2 to be set up: the device has 2, counted from 0\n");
	m = machine();
	negotiate(m, VIRTIO_F_VERSION_1);
	set(m, VIRTIO_MMIO_QUEUE_READY, 2);
	set_up_queue(m, 0, 8, AT_DESC);
	set_up_queue(m, 0, 4, AT_DESC);
	set(m, VIRTIO_MMIO_QUEUE_READY, 0);
	CONTEXT("QueueReady 2; a change of a queue that is ready; and then it is stopped");
	expect_said(m, SAYS "QueueReady of queue 0: 0x2 is neither 0 nor 1\n" SAYS
			    "queue 0 cannot be changed while it is ready\n");
	m = running();
	set_up_queue(m, 1, 8, AT_DESC);
	CONTEXT("a queue that comes after DRIVER_OK");
	expect_said(m, SAYS "queue 1 cannot be changed after DRIVER_OK\n");
}

TEST("-", why_a_notification_is_ignored, 0)
{
	struct machine *m;

	if (is_undone())
		SKIP("task 5.1 comes first");
	m = running();
	set(m, VIRTIO_MMIO_QUEUE_NOTIFY, 0);
	for (u32 queue = 1; queue < 5; queue++)
		set(m, VIRTIO_MMIO_QUEUE_NOTIFY, queue);
	CONTEXT("of five notifications the first is right; of each kind of the others one is said");
	EXPECT_U64(m->f.notified, 1);
	expect_said(m, SAYS
		    "a notification of queue 1 is ignored: it is not ready\n" SAYS
		    "a notification of queue 2 is ignored: the device has 2, counted from 0\n");
	m = machine();
	negotiate(m, VIRTIO_F_VERSION_1);
	set_up_queue(m, 0, 8, AT_DESC);
	set(m, VIRTIO_MMIO_QUEUE_NOTIFY, 0);
	CONTEXT("a notification before DRIVER_OK");
	expect_said(m, SAYS
		    "a notification of queue 0 is ignored: with the status 0x0b the device does "
		    "not run\n");
}

TEST("-", why_other_writes_are_ignored, 0)
{
	struct machine *m;

	if (is_undone())
		SKIP("task 5.1 comes first");
	m = running();
	put(m, VIRTIO_MMIO_STATUS, 0, 1);
	put(m, VIRTIO_MMIO_STATUS, 0, 8);
	set(m, VIRTIO_MMIO_STATUS + 2, 0);
	set(m, VIRTIO_MMIO_MAGIC_VALUE, 1);
	set(m, VIRTIO_MMIO_DRIVER_FEATURES, 1);
	put(m, VIRTIO_MMIO_CONFIG, 1, 1);
	put(m, VIRTIO_MMIO_CONFIG + FAKE_CONFIG, 1, 1);
	set(m, VIRTIO_MMIO_INTERRUPT_ACK, 3);
	set(m, VIRTIO_MMIO_STATUS, 0xf);
	CONTEXT("other widths, a register to read, features too late, behind the configuration");
	expect_said(m,
		    SAYS "a write of 1 bytes at 0x070 is ignored: registers take 4, aligned to "
			 "4\n" SAYS "a write to register 0x000 is ignored: it is none to be "
			 "written\n" SAYS "features that come after FEATURES_OK are ignored\n" SAYS
			 "a write to byte 6 of the configuration is ignored: it lies behind the "
			 "end\n");
	m = machine();
	set(m, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 2);
	set(m, VIRTIO_MMIO_DRIVER_FEATURES, 0);
	set(m, VIRTIO_MMIO_DRIVER_FEATURES, 1);
	CONTEXT("features from 64 on");
	expect_said(m, SAYS "features from 64 on are ignored: there are none\n");
}

/* The device breaks while it serves the notification. */
static void breaks(struct virtio *v, unsigned queue)
{
	container_of(v, struct fake, v)->notified++;
	v->state.status |= VIRTIO_NEEDS_RESET;
}

TEST("-", a_notification_that_was_served_is_none_of_these, 0)
{
	struct virtio_ops ops;
	struct machine *m;

	if (is_undone())
		SKIP("task 5.1 comes first");
	m = running();
	ops = *m->f.v.ops;
	ops.notify = breaks;
	m->f.v.ops = &ops;
	set(m, VIRTIO_MMIO_QUEUE_NOTIFY, 0);
	CONTEXT("the notification was heard, though the device does not run any more afterwards");
	EXPECT_U64(m->f.notified, 1);
	expect_said(m, "");
}

TEST("-", silent_without_verbose, 0)
{
	struct machine *m = machine();

	m->f.v.verbose = false;
	negotiate(m, 0);
	set(m, VIRTIO_MMIO_QUEUE_NOTIFY, 7);
	put(m, VIRTIO_MMIO_STATUS, 0, 1);
	EXPECT_TRUE(strstr(capture_end(&m->capture), "ignored") == NULL);
}

// SPDX-License-Identifier: MIT
/*
 * A device is plain state beside its wires. So another machine with the same devices goes on where
 * the first one is, once their states are copied: whatever the guest does then, it sees no
 * difference.
 */
#include <stdlib.h>

#include "doorbell.h"
#include "msi.h"
#include "nonce.h"
#include "pit.h"
#include "test.h"
#include "uart.h"

#define ACCESSES 4000

struct machine {
	struct vm vm;
	struct loop loop;
	struct pics pics;
	struct pit pit;
	struct uart uart;
	struct msi msi;
	struct doorbell bell;
};

static u64 now_ns;

static u64 now(void *ctx)
{
	return now_ns;
}

static void no_alarm(void *ctx, u64 ns)
{
}

static struct machine *make(void)
{
	struct machine *m = calloc(1, sizeof(*m));

	if (!m)
		test_error("no memory");
	EXPECT_ERR(pics_init(&m->pics, &m->vm.pio), 0);
	EXPECT_ERR(pit_init(&m->pit, &m->vm.pio, &m->pics.chip), 0);
	m->pit.now = now;
	m->pit.alarm = no_alarm;
	m->pics.event = pit_irq_event;
	m->pics.event_ctx = &m->pit;
	EXPECT_ERR(uart_init(&m->uart, &m->vm.pio), 0);
	m->uart.irq = (struct irq_line){ .chip = &m->pics.chip, .n = UART_IRQ };
	EXPECT_ERR(msi_init(&m->msi, &m->vm.mmio, &m->pics.chip), 0);
	m->msi.told = true;
	EXPECT_ERR(doorbell_init(&m->bell, &m->vm, &m->loop, DOORBELL_EXIT), 0);
	m->bell.irq = (struct irq_line){ .chip = &m->pics.chip, .n = DOORBELL_IRQ };
	return m;
}

/* All that there is to save; the level of a line is state, too. */
static void copy(struct machine *to, const struct machine *from)
{
	to->pics.pic[0] = from->pics.pic[0];
	to->pics.pic[1] = from->pics.pic[1];
	to->pit.state = from->pit.state;
	to->pit.irq.level = from->pit.irq.level;
	to->uart.state = from->uart.state;
	to->uart.irq.level = from->uart.irq.level;
	to->msi.state = from->msi.state;
	to->bell.state = from->bell.state;
	to->bell.irq.level = from->bell.irq.level;
}

/* One access of a guest that is out of its mind; random says which. Returns what was read. */
static u32 access_at_random(struct machine *m, u64 random)
{
	static const u16 port[] = { 0x20,  0x21,  0xa0,	 0xa1,	0x4d0, 0x4d1, 0x40,
				    0x41,  0x42,  0x43,	 0x61,	0xe4,  0x3f8, 0x3f9,
				    0x3fa, 0x3fb, 0x3fc, 0x3fd, 0x3fe, 0x3ff };
	u64 which = random % (ARRAY_SIZE(port) + 4);
	u32 data = (u32)(random >> 40);
	bool write = random >> 39 & 1;

	if (which == ARRAY_SIZE(port))
		return pics_ack(&m->pics);
	if (which == ARRAY_SIZE(port) + 1)
		uart_receive(&m->uart, (u8)data);
	else if (which == ARRAY_SIZE(port) + 2)
		bus_io(&m->vm.mmio, MSI_GPA + 4 * (random >> 32 & 31), write, &data, 4);
	else if (which == ARRAY_SIZE(port) + 3)
		bus_io(&m->vm.mmio, DOORBELL_GPA + 4, write, &data, 4);
	else
		bus_io(&m->vm.pio, port[which], write, &data, 1);
	return data;
}

TEST("-", to_save_a_device_is_to_copy_it, 0)
{
	struct machine *one = make(), *other = make();

	for (unsigned i = 0; i < ACCESSES; i++) {
		now_ns += 100000;
		access_at_random(one, nonce_random());
	}
	copy(other, one);
	for (unsigned i = 0; i < ACCESSES; i++) {
		u64 random = nonce_random();
		u32 a = access_at_random(one, random), b = access_at_random(other, random);

		now_ns += 100000;
		CONTEXT("access %u after the states were copied (%#llx)", i,
			(unsigned long long)random);
		EXPECT_U64(b, a);
		EXPECT_TRUE(pics_pending(&other->pics) == pics_pending(&one->pics));
	}
}

// SPDX-License-Identifier: MIT
/*
 * A fuzzer for the devices of lab 04 on their two buses: accesses of any width anywhere, bytes that
 * arrive, time that passes, lines that move, a CPU that acknowledges. Whatever comes: nothing but
 * the bytes of the access is written, a read gives no byte that was there before, and a device that
 * has nothing to do asks for nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "input.h"
#include "doorbell.h"
#include "pic.h"
#include "pit.h"
#include "uart.h"
#include "vga.h"

#define GUARDS 8 /* bytes on each side of an access */
#define DATA   8 /* the widest access */

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

struct machine {
	struct vm vm;
	struct pics pics;
	struct pit pit;
	struct uart uart;
	struct vga vga;
	struct doorbell bell;
	struct loop loop;
	u64 ns, alarm;
	u64 sent;
};

static int out(void *ctx, const void *bytes, size_t n)
{
	struct machine *m = ctx;

	m->sent += n;
	return 0;
}

static u64 now(void *ctx)
{
	struct machine *m = ctx;

	return m->ns;
}

static void set_alarm(void *ctx, u64 ns)
{
	struct machine *m = ctx;

	m->alarm = ns;
}

static void build(struct machine *m)
{
	memset(m, 0, sizeof(*m));
	must(pics_init(&m->pics, &m->vm.pio) == 0);
	must(pit_init(&m->pit, &m->vm.pio, &m->pics.chip) == 0);
	m->pit.now = now;
	m->pit.alarm = set_alarm;
	m->pit.ctx = m;
	m->pics.event = pit_irq_event;
	m->pics.event_ctx = &m->pit;
	m->alarm = PIT_NEVER;
	must(uart_init(&m->uart, &m->vm.pio) == 0);
	m->uart.line.out = out;
	m->uart.line.out_ctx = m;
	m->uart.irq = (struct irq_line){ .chip = &m->pics.chip, .n = UART_IRQ };
	must(vga_init_mmio(&m->vga, &m->vm.mmio) == 0);
	must(doorbell_init(&m->bell, &m->vm, &m->loop, DOORBELL_EXIT) == 0);
	m->bell.irq = (struct irq_line){ .chip = &m->pics.chip, .n = DOORBELL_IRQ };
}

/* --- the input, taken from its front; zeros when it is used up --- */

static void access_bus(struct machine *m, struct input *in, bool memory)
{
	static const u64 ports[] = { 0x20, 0x3c, 0x60, 0xa0, 0xe4, 0x3f4, 0x4cc, 0xfffc };
	static const u64 gpas[] = { VGA_GPA - 4, VGA_GPA + VGA_SIZE - 8, DOORBELL_GPA - 8,
				    UINT64_MAX - 15 };
	u64 from = take(in, 1), addr = memory ? gpas[from % 4] : ports[from % 8];
	u8 how = (u8)take(in, 1), first[2 * GUARDS + DATA], second[sizeof(first)];
	unsigned size = memory ? how % 8 + 1 : 1u << how % 3;
	bool write = how >> 7;
	struct bus *bus = memory ? &m->vm.mmio : &m->vm.pio;

	addr += from >> 4;
	memset(first, 0xa5, sizeof(first));
	if (write) {
		u64 value = take(in, size);

		memcpy(first + GUARDS, &value, size);
	}
	memcpy(second, first, sizeof(first));
	must(bus_io(bus, addr, write, first + GUARDS, size) == V_RESUME);
	must(!memcmp(first, second, GUARDS));
	must(!memcmp(first + GUARDS + size, second + GUARDS + size, sizeof(first) - GUARDS - size));
	must(!write || !memcmp(first, second, sizeof(first)));
}

/* A machine and its copy differ in nothing but what a read finds in its buffer. */
static void leaks_nothing(const struct machine *m, struct input *in)
{
	static struct machine copy[2];
	u16 port = (u16)take(in, 2);
	u8 data[2][4];

	for (unsigned i = 0; i < 2; i++) {
		memcpy(&copy[i], m, sizeof(*m));
		memset(data[i], i ? 0xc3 : 0x5a, sizeof(data[i]));
	}
	/* Each device is found through its own machine's windows, so read through those. */
	for (unsigned i = 0; i < 2; i++) {
		struct machine *c = &copy[i];

		for (unsigned w = 0; w < c->vm.pio.nwindows; w++) {
			char *dev = (char *)c->vm.pio.window[w].dev;

			c->vm.pio.window[w].dev =
				(struct device *)((char *)c + (dev - (const char *)m));
		}
		c->pics.event_ctx = &c->pit;
		c->pit.ctx = c->uart.line.out_ctx = c;
		c->pit.irq.chip = c->uart.irq.chip = c->bell.irq.chip = &c->pics.chip;
		must(bus_io(&c->vm.pio, port, false, data[i], 4) == V_RESUME);
	}
	must(!memcmp(data[0], data[1], 4));
}

static void pass_time(struct machine *m, struct input *in)
{
	u64 step = take(in, 4);

	m->ns += step << take(in, 1) % 20;
	if (m->ns >= m->alarm)
		pit_update(&m->pit);
}

static void one_step(struct machine *m, struct input *in)
{
	u64 before;

	switch (take(in, 1) % 8) {
	case 0:
	case 1:
		access_bus(m, in, false);
		break;
	case 2:
		access_bus(m, in, true);
		break;
	case 3:
		uart_receive(&m->uart, (u8)take(in, 1));
		must(m->uart.state.count <= UART_FIFO && uart_room(&m->uart) <= UART_FIFO);
		break;
	case 4:
		pass_time(m, in);
		break;
	case 5:
		before = take(in, 1);
		pics_set(&m->pics, before & 15, before >> 7);
		break;
	case 6:
		pics_ack(&m->pics);
		break;
	default:
		leaks_nothing(m, in);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct machine m;
	struct input in = { data, size };

	build(&m);
	while (in.left)
		one_step(&m, &in);
	return 0;
}

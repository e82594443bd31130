// SPDX-License-Identifier: MIT
/* Every port, and each byte around the windows in memory, by every width: nothing leaks or breaks.
 */
#include <stdlib.h>
#include <string.h>

#include "doorbell.h"
#include "exitdev.h"
#include "msi.h"
#include "pit.h"
#include "kick.h"
#include "test.h"
#include "trigger.h"
#include "uart.h"
#include "vga.h"

#define GUARDS 8

/* All devices of the machine but the console, which would print; KVM is not there. */
struct machine {
	struct vm vm;
	struct vcpu vcpu;
	struct kvm_run run;
	struct loop loop;
	struct pics pics;
	struct pit pit;
	struct uart uart;
	struct vga vga;
	struct trigger trigger;
	struct msi msi;
	struct doorbell bell;
	struct exitdev exitdev;
};

static u64 now(void *ctx)
{
	u64 *ns = ctx;

	return *ns += 1000;
}

static void no_alarm(void *ctx, u64 ns)
{
}

static struct machine *make(void)
{
	static u64 ns;
	struct machine *m = calloc(1, sizeof(*m));
	struct bus *pio = m ? &m->vm.pio : NULL;

	if (!m)
		test_error("no memory");
	m->vcpu = (struct vcpu){ .vm = &m->vm, .fd = -1, .run = &m->run, .thread = pthread_self() };
	m->vm.run.vcpu[0] = &m->vcpu;
	m->vm.run.kick = vcpu_kick;
	EXPECT_ERR(pics_init(&m->pics, pio), 0);
	EXPECT_ERR(pit_init(&m->pit, pio, &m->pics.chip), 0);
	m->pit.now = now;
	m->pit.alarm = no_alarm;
	m->pit.ctx = &ns;
	EXPECT_ERR(uart_init(&m->uart, pio), 0);
	EXPECT_ERR(vga_init_mmio(&m->vga, &m->vm.mmio), 0);
	EXPECT_ERR(trigger_init(&m->trigger, &m->vm, &m->pics.chip, NULL), 0);
	EXPECT_ERR(msi_init(&m->msi, &m->vm.mmio, &m->pics.chip), 0);
	EXPECT_ERR(doorbell_init(&m->bell, &m->vm, &m->loop, DOORBELL_EXIT), 0);
	EXPECT_ERR(exitdev_init(&m->exitdev, pio, &m->vm.run), 0);
	return m;
}

/* Two reads into different bytes: one that is still there in both was not read at all. */
static bool leaks(struct bus *bus, u64 addr, unsigned size)
{
	u8 data[2][2 * GUARDS + 8];
	bool leak = false;

	for (unsigned i = 0; i < 2; i++) {
		memset(data[i], i ? 0xc3 : 0x5a, sizeof(data[i]));
		leak |= bus_io(bus, addr, false, data[i] + GUARDS, size) != V_RESUME;
	}
	for (unsigned i = 0; i < sizeof(data[0]); i++) {
		bool inside = i >= GUARDS && i < GUARDS + size;
		bool same = data[0][i] == 0x5a && data[1][i] == 0xc3;

		leak |= inside == same;
	}
	return leak;
}

/* What is written stays as it is; the verdict may be any (port 0xf4, a trigger without KVM). */
static bool spoils(struct bus *bus, u64 addr, unsigned size, u8 value)
{
	u8 data[2 * GUARDS + 8], before[sizeof(data)];

	memset(data, value, sizeof(data));
	memcpy(before, data, sizeof(data));
	bus_io(bus, addr, true, data + GUARDS, size);
	return memcmp(data, before, sizeof(data)) != 0;
}

/* CONTEXT() for each of a million accesses would take longer than they do. */
static void all_widths(struct bus *bus, u64 port)
{
	for (unsigned turn = 0; turn < 3; turn++)
		for (unsigned size = 1; size <= 4; size *= 2) {
			bool leaked = leaks(bus, port, size);
			bool spoiled = spoils(bus, port, size, (u8)(0x55 + 0xaa * turn));

			if (!leaked && !spoiled)
				continue;
			CONTEXT("port 0x%x, %u bytes", (unsigned)port, size);
			EXPECT_TRUE(!leaked, "a byte of the VMM's own was read");
			EXPECT_TRUE(!spoiled, "what the guest wrote was changed");
		}
}

TEST("-", every_port_by_every_width, 0, .seconds = 0.3)
{
	struct machine *m = make();

	for (u32 port = 0; port <= 0xffff; port++)
		all_widths(&m->vm.pio, port);
}

TEST("-", every_byte_around_each_window, 0)
{
	struct machine *m = make();

	for (unsigned w = 0; w < m->vm.mmio.nwindows; w++) {
		const u64 edge[] = { m->vm.mmio.window[w].base,
				     m->vm.mmio.window[w].base + m->vm.mmio.window[w].len };

		for (u64 i = 0; i < 2 * 32; i++)
			for (unsigned size = 1; size <= 8; size++) {
				u64 gpa = edge[i / 32] - 16 + i % 32;

				CONTEXT("address 0x%llx, %u bytes", (unsigned long long)gpa, size);
				EXPECT_TRUE(!spoils(&m->vm.mmio, gpa, size, 0xa5));
				EXPECT_TRUE(!leaks(&m->vm.mmio, gpa, size));
			}
	}
}

/* Lab 05's third device has line 10, too: VIRTIO_MMIO_IRQ. */
TEST("-", a_line_that_the_doorbell_has_used, 0)
{
	struct machine *m = make();
	struct irq_line other = { .chip = &m->pics.chip, .n = DOORBELL_IRQ };
	const u8 bit = 1 << (DOORBELL_IRQ - 8);
	u32 value = 1;

	m->bell.irq = other;
	bus_io(&m->vm.mmio, DOORBELL_GPA + 4, true, &value, 4);
	bus_io(&m->vm.mmio, DOORBELL_GPA, true, &value, 4);
	if (!(m->pics.pic[1].irr & bit))
		SKIP("task 4.4 comes first");
	m->pics.pic[1].irr = 0;
	irq_set(&other, true);
	CONTEXT("the doorbell's answer is taken; now somebody else raises its line");
	EXPECT_U64(m->pics.pic[1].irr, bit);
}

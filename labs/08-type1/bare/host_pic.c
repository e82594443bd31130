// SPDX-License-Identifier: MIT
#include "host_pic.h"

#include "cpu_insn.h"
#include "say.h"

enum { PIC1 = 0x20, PIC2 = 0xa0, PIT_COUNTER = 0x40, PIT_CONTROL = 0x43 };
enum { PIC_EOI = 0x20, PIC_READ_ISR = 0x0b, LINE_TIMER = 0, LINES = 16, SPURIOUS = 7 };

#define LAPIC	   0xfee00000u
#define LAPIC_SVR  0xf0
#define LAPIC_LVT0 0x350
#define EXTINT	   0x700

/* The one thing that is shared with an interrupt's handler. */
static volatile u64 ticks;

/* Where there is a local APIC, the 8259s reach the CPU through its pin LINT0. */
static void let_through(void)
{
	volatile u32 *svr = (volatile u32 *)(uintptr_t)(LAPIC + LAPIC_SVR);
	volatile u32 *lvt0 = (volatile u32 *)(uintptr_t)(LAPIC + LAPIC_LVT0);

	if (!(cpuid(1, 0).edx & 1u << 9))
		return;
	*svr = 0x1ff;
	*lvt0 = EXTINT;
}

void pic_init(void)
{
	out8(PIC1, 0x11); /* ICW1: edges, a pair, ICW4 follows */
	out8(PIC2, 0x11);
	out8(PIC1 + 1, HOST_VECTORS); /* ICW2 */
	out8(PIC2 + 1, HOST_VECTORS + 8);
	out8(PIC1 + 1, 4); /* ICW3: the second one is at line 2 */
	out8(PIC2 + 1, 2);
	out8(PIC1 + 1, 1); /* ICW4: 8086 */
	out8(PIC2 + 1, 1);
	out8(PIC1 + 1, 0xff);
	out8(PIC2 + 1, 0xff);
	let_through();
}

void timer_start(unsigned hz)
{
	unsigned divisor = PIT_HZ / hz;

	out8(PIT_CONTROL, 0x34); /* counter 0, both bytes, mode 2 */
	out8(PIT_COUNTER, (u8)divisor);
	out8(PIT_COUNTER, (u8)(divisor >> 8));
	out8(PIC1 + 1, (u8) ~(1u << LINE_TIMER));
}

void timer_stop(void)
{
	out8(PIC1 + 1, 0xff);
}

u64 timer_ticks(void)
{
	return ticks;
}

void interrupt_serve(u8 vector)
{
	unsigned line = vector - HOST_VECTORS;

	if (line >= LINES) {
		print("hv: an interrupt of nobody's: vector 0x%x\n", vector);
		return;
	}
	if (line == SPURIOUS) {
		out8(PIC1, PIC_READ_ISR);
		if (!(in8(PIC1) & 1u << SPURIOUS))
			return;
	}
	if (line == LINE_TIMER)
		ticks++;
	if (line >= 8)
		out8(PIC2, PIC_EOI);
	out8(PIC1, PIC_EOI);
}

// SPDX-License-Identifier: MIT
#include "trap.h"

#include "boot.h"
#include "layout.h"
#include "pic.h"
#include "say.h"

#define STUBS	  48
#define STUB_SIZE 16
#define GATE	  0x8e00 /* present, an interrupt gate */

extern const u8 trap_stubs[];

struct gate {
	u16 low, selector, flags, middle;
	u32 high, reserved;
};

void trap_init(void)
{
	static struct gate idt[STUBS];
	struct {
		u16 limit;
		u64 base;
	} __attribute__((packed)) idtr = { sizeof(idt) - 1, (u64)idt };

	for (unsigned i = 0; i < STUBS; i++) {
		u64 stub = (u64)trap_stubs + (u64)STUB_SIZE * i;

		idt[i] = (struct gate){ .low = (u16)stub,
					.selector = SEL_CODE,
					.flags = GATE,
					.middle = (u16)(stub >> 16),
					.high = (u32)(stub >> 32) };
	}
	__asm__ volatile("lidt %0" : : "m"(idtr));
}

static const char *name(u64 vector)
{
	static const char *const names[] = { "#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM",
					     "#DF", "",	   "#TS", "#NP", "#SS", "#GP", "#PF", "",
					     "#MF", "#AC", "#MC", "#XM", "#VE", "#CP" };

	return vector < ARRAY_SIZE(names) ? names[vector] : "";
}

void trap(const struct trap *t)
{
	u64 cr2;

	if (t->vector >= HOST_VECTORS) {
		interrupt_serve((u8)t->vector);
		return;
	}
	print("hv: the hypervisor itself: %s (exception %lu), error code 0x%lx, at RIP 0x%lx\n",
	      name(t->vector), t->vector, t->code, t->rip);
	if (t->vector == 14) {
		__asm__ volatile("mov %%cr2, %0" : "=r"(cr2));
		print("hv:   it touched the address 0x%lx\n", cr2);
	}
	print("hv:   RAX 0x%lx RCX 0x%lx RDX 0x%lx RSP 0x%lx RFLAGS 0x%lx\n", t->rax, t->rcx,
	      t->rdx, t->rsp, t->rflags);
	finish(1);
}

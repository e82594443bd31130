// SPDX-License-Identifier: MIT
#include "trap.h"

#include "start.h"
#include "machine_map.h"
#include "pages.h"
#include "host_pic.h"
#include "say.h"

#define STUBS	    48
#define STUB_SIZE   16
#define CALLERS_MAX 4
#define CALL	    0xe8 /* and four bytes */
#define CALL_SIZE   5
#define GATE	    0x8e00 /* present, an interrupt gate */

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

/* Does a CALL end here, so that somebody could return to it? */
static bool is_return(u64 address)
{
	return address > HV_BASE && address < PAGES_BASE &&
	       *((u8 *)at(address) - CALL_SIZE) == CALL;
}

/*
 * Each frame begins with the caller's RBP, and above it lies where it goes on there. A function
 * that needs no frame has none: then that lies at RSP.
 */
static void print_callers(const struct trap *t)
{
	u64 rbp = t->rbp, top = 0;

	if (t->rsp >= HV_BASE && t->rsp < PAGES_BASE)
		top = *(u64 *)at(t->rsp);
	print("hv:   called from");
	if (is_return(top))
		print(" 0x%lx", top - 1);
	for (unsigned i = 0; i < CALLERS_MAX && rbp >= HV_BASE && rbp < PAGES_BASE && !(rbp % 8);
	     i++) {
		const u64 *frame = at(rbp);

		print(" 0x%lx", frame[1] - 1);
		rbp = frame[0];
	}
	print("\n");
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
	print_callers(t);
	if (t->vector == 14) {
		__asm__ volatile("mov %%cr2, %0" : "=r"(cr2));
		print("hv:   it touched the address 0x%lx\n", cr2);
	}
	print("hv:   RAX 0x%lx RCX 0x%lx RDX 0x%lx RSP 0x%lx RFLAGS 0x%lx\n", t->rax, t->rcx,
	      t->rdx, t->rsp, t->rflags);
	finish(1);
}

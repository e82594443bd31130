// SPDX-License-Identifier: MIT
#include "guests.h"

#include <errno.h>

#include "handle.h"
#include "machine_map.h"
#include "guest_load.h"
#include "host_pic.h"
#include "say.h"

#define TIMER_HZ 1000

/* The guest of that number, ready to run. */
static int begin(struct running *r, struct host *host, const struct hv *hv, u32 number,
		 const struct boot *boot)
{
	struct guest *guest = &r->guest;
	enum guest_mode mode;
	u64 entry, port;
	int err = load_kind(boot->image, boot->image_size, &mode, &entry);

	*r = (struct running){
		.hv = hv,
		.guest = { .host = host, .size = GUEST_SIZE, .tag = number + 1 },
	};
	boot_word(boot, "ticks", &r->tick_limit);
	if (!err)
		err = hv->init(guest, mode, entry);
	if (!err && boot_word(boot, "open", &port))
		err = hv->open(guest, (u16)port);
	if (err)
		return err;
	if (guest->nested.map) {
		guest->memory = NESTED_BASE + (u64)number * GUEST_SIZE;
	} else if (number > 0) {
		print("hv: without nested paging there is room for one guest\n");
		return -ENOSPC;
	}
	return load_image(guest, mode, boot->image, boot->image_size);
}

/* Until its turn is over: the next tick, or its end. */
static enum verdict turn(struct running *r)
{
	u64 ticks = r->ticks;
	enum verdict verdict = V_RESUME;

	while (verdict == V_RESUME && r->ticks == ticks)
		verdict = handle(r);
	return verdict;
}

/* Where a guest has halted, and with what in its registers. */
static void show(const struct regs *r)
{
	print("hv: the guest halted: RIP %lx RFLAGS %lx\n", r->rip, r->rflags);
	print("hv:   RAX %016lx RBX %016lx RCX %016lx RDX %016lx\n", r->rax, r->rbx, r->rcx,
	      r->rdx);
	print("hv:   RSI %016lx RDI %016lx RBP %016lx RSP %016lx\n", r->rsi, r->rdi, r->rbp,
	      r->rsp);
	print("hv:   R8  %016lx R9  %016lx R10 %016lx R11 %016lx\n", r->r8, r->r9, r->r10, r->r11);
	print("hv:   R12 %016lx R13 %016lx R14 %016lx R15 %016lx\n", r->r12, r->r13, r->r14,
	      r->r15);
}

static int status_of(const struct running *r, enum verdict verdict)
{
	switch (verdict) {
	case V_EXIT:
		return r->status;
	case V_DEAD:
		return GUESTS_DIED;
	case V_TIMEOUT:
		print("hv: the guest had its %lu ticks of the timer\n", r->ticks);
		return GUESTS_TIMEOUT;
	default:
		show(&r->guest.regs);
		return 0;
	}
}

static int run_in_turn(struct running *r, unsigned n)
{
	bool over[GUESTS_MAX] = { false };
	int status = 0;

	for (unsigned left = n, i = 0; left > 0; i = (i + 1) % n) {
		enum verdict verdict = over[i] ? V_RESUME : turn(&r[i]);
		int s;

		if (verdict == V_RESUME)
			continue;
		over[i] = true;
		left--;
		s = status_of(&r[i], verdict);
		if (s > status)
			status = s;
	}
	return status;
}

int guests_run(struct host *host, const struct hv *hv, const struct boot *boot, unsigned n)
{
	struct running r[GUESTS_MAX];
	int status;

	for (unsigned i = 0; i < n; i++) {
		int err = begin(&r[i], host, hv, i, boot);

		if (err && err != -ENOSYS)
			print("hv: the guest cannot be made: error %d\n", -err);
		if (err)
			return GUESTS_FAILED;
	}
	if (host->timer)
		timer_start(TIMER_HZ);
	status = run_in_turn(r, n);
	timer_stop();
	return status;
}

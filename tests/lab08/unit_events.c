// SPDX-License-Identifier: MIT
/* Task 8.5 on a fake CPU: the formats, and whose turn it is. */
#include <errno.h>

#include "events.h"
#include "handle.h"
#include "fake.h"
#include "svm.h"
#include "x86.h"

static struct vmcb *begin(void)
{
	fake_amd_on();
	fake.host.nested = false;
	EXPECT_ERR(svm_init(&fake.g, GUEST_LONG, 0x100000), 0);
	return svm_vmcb(&fake.g);
}

static void expect_injected(const struct event *e, u64 eventinj)
{
	struct vmcb *v = svm_vmcb(&fake.g);
	struct event back = svm_event(eventinj);

	v->eventinj = 0;
	CONTEXT("svm_inject() of vector %u", e->vector);
	EXPECT_ERR(svm_inject(&fake.g, e), 0);
	EXPECT_U64_AS("EVENTINJ", v->eventinj, eventinj);
	CONTEXT("svm_event(0x%llx)", (unsigned long long)eventinj);
	EXPECT_U64(back.type, e->type);
	EXPECT_U64(back.vector, e->vector);
	EXPECT_U64(back.has_code, e->has_code);
	EXPECT_U64(back.code, e->code);
}

TEST("8.5", events_in_amds_format, 1)
{
	begin();
	expect_injected(&(struct event){ EVENT_INTERRUPT, 0x41, false, 0 }, 0x80000041);
	expect_injected(&(struct event){ EVENT_NMI, 2, false, 0 }, 0x80000202);
	expect_injected(&(struct event){ EVENT_EXCEPTION, 6, false, 0 }, 0x80000306);
	expect_injected(&(struct event){ EVENT_EXCEPTION, 13, true, 0x1238 }, 0x123880000b0d);
	expect_injected(&(struct event){ EVENT_EXCEPTION, 14, true, 0 }, 0x80000b0e);
	expect_injected(&(struct event){ EVENT_SOFTWARE, 0x80, false, 0 }, 0x80000480);
	CONTEXT("another event waits");
	EXPECT_ERR(svm_inject(&fake.g, &(struct event){ EVENT_NMI, 2, false, 0 }), -EBUSY);
	EXPECT_U64_AS("EVENTINJ", svm_vmcb(&fake.g)->eventinj, 0x80000480);
	EXPECT_U64(svm_event(0x123).type, EVENT_NONE);
	CONTEXT("all but V is there: no event");
	EXPECT_U64(svm_event(0x123800000b0d).type, EVENT_NONE);
	svm_vmcb(&fake.g)->eventinj = 0;
	CONTEXT("svm_inject() of EVENT_NONE");
	EXPECT_ERR(svm_inject(&fake.g, &(struct event){ .type = EVENT_NONE }), 0);
	EXPECT_U64_AS("EVENTINJ", svm_vmcb(&fake.g)->eventinj, 0);
}

TEST("8.5", a_window_is_a_virtual_interrupt, 1)
{
	struct vmcb *v = begin();
	u64 before = v->vintr |= VINTR_MASKING; /* as of task 8.9 */
	u32 intercepts = v->intercepts[3] |= INTERCEPT_INTR;

	svm_window(&fake.g, true);
	EXPECT_TRUE(v->vintr & VINTR_MASKING, "V_INTR_MASKING is lost");
	EXPECT_TRUE(v->intercepts[3] & INTERCEPT_VINTR, "VINTR does not exit");
	EXPECT_TRUE(v->vintr & VINTR_IRQ, "V_IRQ is clear: none is there that could exit");
	EXPECT_TRUE((v->vintr & VINTR_IGN_TPR) || (v->vintr >> 16 & 15),
		    "a virtual interrupt of priority 0, and no V_IGN_TPR: it waits for ever");
	EXPECT_TRUE(v->intercepts[3] & INTERCEPT_HLT, "HLT does not exit any longer");
	svm_window(&fake.g, false);
	EXPECT_TRUE(!(v->intercepts[3] & INTERCEPT_VINTR), "VINTR exits for ever");
	EXPECT_U64_AS("V_IRQ afterwards", v->vintr & VINTR_IRQ, before & VINTR_IRQ);
	EXPECT_TRUE(v->vintr & VINTR_MASKING, "V_INTR_MASKING is lost");
	EXPECT_U64_AS("the other intercepts afterwards", v->intercepts[3], intercepts);
}

/* --- whose turn it is, on a CPU that is two variables --- */

static struct event injected;
static bool wanted;
static int answer;

static int inject(struct guest *guest, const struct event *event)
{
	injected = *event;
	return answer;
}

static void window(struct guest *guest, bool is_wanted)
{
	wanted = is_wanted;
}

static const struct hv notes = { .inject = inject, .window = window };

static void expect_next(struct pending *p, enum event_type type, unsigned vector, bool open)
{
	injected = (struct event){ .type = EVENT_NONE };
	EXPECT_ERR(pending_deliver(p, &notes, &fake.g), answer);
	EXPECT_U64_AS("the event's type", injected.type, type);
	EXPECT_U64_AS("the event's vector", injected.vector, vector);
	EXPECT_U64_AS("the window is wanted", wanted, open);
}

TEST("8.5", one_after_another, 2)
{
	struct pending p = { .again = { EVENT_INTERRUPT, 0x99, false, 0 }, .nmi = true };

	fake_init();
	fake.g.regs.rflags = RFLAGS_FIXED | RFLAGS_IF;
	pending_exception(&p, 13, true, 8);
	pending_interrupt(&p, 0x21);
	pending_interrupt(&p, 0xfe);
	CONTEXT("all kinds wait, and IF is set");
	expect_next(&p, EVENT_INTERRUPT, 0x99, true);
	expect_next(&p, EVENT_EXCEPTION, 13, true);
	EXPECT_U64(injected.code, 8);
	expect_next(&p, EVENT_NMI, 2, true);
	expect_next(&p, EVENT_INTERRUPT, 0xfe, true);
	fake.g.view.shadow = true;
	CONTEXT("interrupt 0x21 is left, and the guest is behind STI");
	expect_next(&p, EVENT_NONE, 0, true);
	fake.g.view.shadow = false;
	fake.g.regs.rflags &= ~RFLAGS_IF;
	CONTEXT("interrupt 0x21 is left, and IF is clear");
	expect_next(&p, EVENT_NONE, 0, true);
	fake.g.regs.rflags |= RFLAGS_IF;
	answer = -EBUSY;
	CONTEXT("interrupt 0x21 is left, and inject() says -EBUSY");
	expect_next(&p, EVENT_INTERRUPT, 0x21, true);
	answer = 0;
	CONTEXT("interrupt 0x21 is still left");
	expect_next(&p, EVENT_INTERRUPT, 0x21, false);
	CONTEXT("nothing is left");
	expect_next(&p, EVENT_NONE, 0, false);
}

TEST("8.5", what_does_not_ask_for_if, 0)
{
	struct pending p = { .nmi = true };

	fake_init();
	fake.g.regs.rflags = RFLAGS_FIXED;
	pending_exception(&p, 6, false, 0);
	pending_interrupt(&p, 0x30);
	CONTEXT("an exception, an NMI and an interrupt wait, and IF is clear");
	expect_next(&p, EVENT_EXCEPTION, 6, true);
	expect_next(&p, EVENT_NMI, 2, true);
	expect_next(&p, EVENT_NONE, 0, true);
}

static void expect_call(u64 vector, enum event_type type, u64 rax)
{
	struct running r = { .guest.regs = { .rax = CALL_EXCEPTION, .rdi = vector, .rsi = ~0ULL } };
	const struct exit exit = { .length = 3 };

	CONTEXT("CALL_EXCEPTION with RDI 0x%llx", (unsigned long long)vector);
	EXPECT_U64(handle_call(&r, &exit), V_RESUME);
	EXPECT_U64(r.pending.exception.type, type);
	EXPECT_U64(r.guest.regs.rax, rax);
	EXPECT_U64(r.guest.regs.rip, 3);
}

TEST("8.5", what_is_no_exception_is_not_raised, 0)
{
	static const u64 none[] = { 2, 3, 4, 32, 0x106 };

	expect_call(6, EVENT_EXCEPTION, 0);
	for (unsigned i = 0; i < ARRAY_SIZE(none); i++)
		expect_call(none[i], EVENT_NONE, ~0ULL);
}

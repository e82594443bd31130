// SPDX-License-Identifier: MIT
#include "events.h"

#include <errno.h>

#include "todo.h"
#include "x86.h"

void pending_interrupt(struct pending *p, u8 vector)
{
	p->vectors[vector / 64] |= 1ULL << vector % 64;
}

void pending_exception(struct pending *p, u8 vector, bool has_code, u32 code)
{
	p->exception = (struct event){
		.type = EVENT_EXCEPTION, .vector = vector, .has_code = has_code, .code = code
	};
}

static bool has_interrupt(const struct pending *p)
{
	return p->vectors[0] | p->vectors[1] | p->vectors[2] | p->vectors[3];
}

bool pending_is_idle(const struct pending *p, bool interrupts)
{
	return !p->again.type && !p->exception.type && !p->nmi && !(interrupts && has_interrupt(p));
}

/* [book:8.5] */
/* TASK 8.5 */
#if SOL >= 805
static u8 highest(const struct pending *p)
{
	unsigned i = 3;

	while (!p->vectors[i])
		i--;
	return (u8)(64 * i + 63 - (unsigned)__builtin_clzll(p->vectors[i]));
}

static bool can_take(const struct guest *guest)
{
	return (guest->regs.rflags & RFLAGS_IF) && !guest->view.shadow;
}

/* Whose turn is it? And what is left behind when it has been taken. */
static struct event next(struct pending *p, const struct guest *guest, struct pending *left)
{
	struct event e = { .type = EVENT_NONE };

	*left = *p;
	if (p->again.type) {
		e = p->again;
		left->again.type = EVENT_NONE;
	} else if (p->exception.type) {
		e = p->exception;
		left->exception.type = EVENT_NONE;
	} else if (p->nmi) {
		e = (struct event){ .type = EVENT_NMI, .vector = 2 };
		left->nmi = false;
	} else if (has_interrupt(p) && can_take(guest)) {
		e = (struct event){ .type = EVENT_INTERRUPT, .vector = highest(p) };
		left->vectors[e.vector / 64] &= ~(1ULL << e.vector % 64);
	}
	return e;
}
#endif

int pending_deliver(struct pending *p, const struct hv *hv, struct guest *guest)
{
	/* TASK 8.5 */
#if SOL >= 805
	struct pending left;
	struct event e = next(p, guest, &left);
	int err = e.type ? hv->inject(guest, &e) : 0;

	if (!err)
		*p = left;
	hv->window(guest, has_interrupt(p));
	return err;
#else
	return pending_is_idle(p, true) ? 0 : TODO("8.5");
#endif
}
/* [book:end] */

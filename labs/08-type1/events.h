/* SPDX-License-Identifier: MIT */
/* Events that wait for a guest, and the order in which they come in; the same on either CPU. */
#ifndef EVENTS_H
#define EVENTS_H

#include "hv.h"

struct pending {
	struct event again;	/* was under way when the guest exited */
	struct event exception; /* of the guest's last instruction */
	bool nmi;
	u64 vectors[4]; /* interrupts, a bit each */
};

void pending_interrupt(struct pending *p, u8 vector);
void pending_exception(struct pending *p, u8 vector, bool has_code, u32 code);

/* Does nothing wait that could wake a guest in HLT, whose RFLAGS.IF is that? */
bool pending_is_idle(const struct pending *p, bool interrupts);

/*
 * [task 8.5] Before a run(): give the guest what may come in now, one event at most, and forget it
 * here. What was under way comes first; then the exception, the NMI, and the interrupt with the
 * highest vector. An interrupt comes in only with RFLAGS.IF, and not behind STI or MOV SS
 * (view.shadow). If one has to wait, for that or for another event, ask for the window; else say
 * that none is wanted. 0, or what inject() says: then the event still waits.
 */
int pending_deliver(struct pending *p, const struct hv *hv, struct guest *guest);

#endif

// SPDX-License-Identifier: MIT
#include <errno.h>

#include "svm.h"
#include "todo.h"

int svm_inject(struct guest *guest, const struct event *event)
{
	/* TASK 8.5 */
#if SOL >= 805
	static const u8 types[] = { [EVENT_INTERRUPT] = EVENTINJ_INTR,
				    [EVENT_NMI] = EVENTINJ_NMI,
				    [EVENT_EXCEPTION] = EVENTINJ_EXCEPTION,
				    [EVENT_SOFTWARE] = EVENTINJ_SOFT };
	struct vmcb *vmcb = svm_vmcb(guest);

	if (!event->type)
		return 0;
	if (vmcb->eventinj & EVENTINJ_V)
		return -EBUSY;
	vmcb->eventinj = event->vector | EVENTINJ_TYPE(types[event->type]) | EVENTINJ_V;
	if (event->has_code)
		vmcb->eventinj |= EVENTINJ_EV | (u64)event->code << 32;
	return 0;
#else
	return TODO("8.5");
#endif
}

void svm_window(struct guest *guest, bool wanted)
{
	/* TASK 8.5 */
#if SOL >= 805
	struct vmcb *vmcb = svm_vmcb(guest);

	if (wanted) {
		vmcb->intercepts[3] |= INTERCEPT_VINTR;
		vmcb->vintr |= VINTR_IRQ | VINTR_IGN_TPR;
	} else {
		vmcb->intercepts[3] &= ~INTERCEPT_VINTR;
		vmcb->vintr &= ~(VINTR_IRQ | VINTR_IGN_TPR);
	}
#else
	TODO("8.5");
#endif
}

struct event svm_event(u64 eventinj)
{
	struct event e = { .type = EVENT_NONE };
	/* TASK 8.5 */
#if SOL >= 805
	static const enum event_type types[] = { [EVENTINJ_INTR] = EVENT_INTERRUPT,
						 [EVENTINJ_NMI] = EVENT_NMI,
						 [EVENTINJ_EXCEPTION] = EVENT_EXCEPTION,
						 [EVENTINJ_SOFT] = EVENT_SOFTWARE,
						 [7] = EVENT_NONE };

	if (!(eventinj & EVENTINJ_V))
		return e;
	e.type = types[eventinj >> 8 & 7];
	e.vector = (u8)eventinj;
	e.has_code = eventinj & EVENTINJ_EV;
	e.code = e.has_code ? (u32)(eventinj >> 32) : 0;
#else
	TODO("8.5");
#endif
	return e;
}
